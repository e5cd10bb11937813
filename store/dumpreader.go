package store

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash"
	"io"

	"github.com/markwatch/markwatch"
)

// maxDumpLine bounds one row, in bytes.
const maxDumpLine = 256 << 20

// dumpReader reads the lines of a dump and adds up their checksum.
type dumpReader struct {
	in     *bufio.Reader
	sum    hash.Hash
	number int
	buf    []byte
}

func (d *dumpReader) header() (dumpHeader, error) {
	var h dumpHeader
	line, err := d.line()
	if err != nil {
		return h, err
	}
	if err := json.Unmarshal(line, &h); err != nil || h.Format != dumpFormat {
		return h, markwatch.Errorf(markwatch.CodeInvalid, "this is no dump of a record")
	}
	if h.Version != dumpVersion {
		return h, markwatch.Errorf(markwatch.CodeInvalid, "the dump is of format %d, and this program reads format %d", h.Version, dumpVersion)
	}
	return h, nil
}

// line returns the next line, which is good until the next call. All but the
// last, which says the checksum of the others, go into it.
func (d *dumpReader) line() ([]byte, error) {
	d.number++
	d.buf = d.buf[:0]
	for {
		part, err := d.in.ReadSlice('\n')
		if len(d.buf)+len(part) > maxDumpLine {
			return nil, notWhole("line %d is longer than %d bytes", d.number, maxDumpLine)
		}
		d.buf = append(d.buf, part...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF):
			return nil, notWhole("it ends at line %d, before its last line", d.number)
		case err != nil:
			return nil, markwatch.WrapError(markwatch.CodeUnavailable, err, "reading the dump")
		}
		line := bytes.TrimSpace(d.buf)
		if len(line) == 0 || line[0] != '[' && line[0] != '{' {
			return nil, notWhole("line %d is no JSON", d.number)
		}
		if !bytes.HasPrefix(line, []byte(`{"end":`)) {
			d.sum.Write(d.buf)
		}
		return line, nil
	}
}

// end compares the last line with what was read.
func (d *dumpReader) end(line []byte, counts map[string]int64) error {
	var end dumpEnd
	if err := json.Unmarshal(line, &end); err != nil {
		return notWhole("its last line cannot be read: %v", err)
	}
	if sum := hex.EncodeToString(d.sum.Sum(nil)); end.SHA256 != sum {
		return notWhole("its SHA-256 is %s, and its last line says %s", sum, end.SHA256)
	}
	for name, n := range end.Tables {
		if counts[name] != n {
			return notWhole("table %s has %d rows, and the last line says %d", name, counts[name], n)
		}
	}
	if rest, err := io.ReadAll(io.LimitReader(d.in, 1024)); err != nil || len(bytes.TrimSpace(rest)) > 0 {
		return notWhole("something follows its last line")
	}
	return nil
}
