package evidence

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/klauspost/compress/gzip"
)

// Named fields beside those of the standard, which permits extensions.
const (
	fieldSource        = "Markwatch-Source"        // id of the source that was crawled
	fieldReconstructed = "Markwatch-Reconstructed" // "true" where the bytes are not those of the wire
	// fieldRefersToFile names the file in which the record of WARC-Refers-To or
	// WARC-Concurrent-To stands, so that it is found without an index.
	fieldRefersToFile = "Markwatch-Refers-To-File"
)

// dateLayout is the W3C profile of ISO 8601 with the fraction that WARC 1.1
// allows.
const dateLayout = "2006-01-02T15:04:05.000000Z"

// composer makes the bytes of records. It is safe for concurrent use.
type composer struct {
	buffers     sync.Pool // of *bytes.Buffer
	compressors sync.Pool // of *gzip.Writer
}

func (c *composer) buffer() *bytes.Buffer {
	if b, ok := c.buffers.Get().(*bytes.Buffer); ok {
		return b
	}
	return new(bytes.Buffer)
}

// release takes a buffer back, unless an uncommonly large page has grown it.
func (c *composer) release(b *bytes.Buffer) {
	const largestKept = 4 << 20
	if b.Cap() <= largestKept {
		b.Reset()
		c.buffers.Put(b)
	}
}

// compression is the level that costs least: on real shop pages it is a third
// faster than level 1 of this library and leaves a little less. It costs less
// than parsing the page does; pages shrink to about a fifth.
const compression = 2

// compressor takes a compressor that is free, or makes one.
func (c *composer) compressor() (*gzip.Writer, error) {
	if w, ok := c.compressors.Get().(*gzip.Writer); ok {
		return w, nil
	}
	return gzip.NewWriterLevel(nil, compression)
}

func newRecordID() string { return "urn:uuid:" + uuid.NewString() }

// field is one named field of a record's header.
type field struct{ name, value string }

// info composes the warcinfo record with which every file begins.
func (c *composer) info(buf *bytes.Buffer, name string, now time.Time, about []field) error {
	return c.record(buf, []field{
		{"WARC-Type", "warcinfo"},
		{"WARC-Record-ID", "<" + newRecordID() + ">"},
		{"WARC-Date", now.UTC().Format(dateLayout)},
		{"WARC-Filename", name},
		{"Content-Type", "application/warc-fields"},
	}, warcFields(about))
}

// warcFields is a block of type application/warc-fields.
func warcFields(fields []field) []byte {
	var b bytes.Buffer
	for _, f := range fields {
		b.WriteString(f.name + ": " + f.value + "\r\n")
	}
	return b.Bytes()
}

// oneLine makes JSON or any other text fit for a named field: JSON without
// its line ends, other text as a JSON string.
func oneLine(text []byte) string {
	text = bytes.TrimSpace(text)
	if len(text) == 0 {
		return ""
	}
	var compact bytes.Buffer
	if json.Compact(&compact, text) == nil {
		return compact.String()
	}
	quoted, err := json.Marshal(string(text))
	if err != nil {
		return ""
	}
	return string(quoted)
}

// record adds one record as one gzip member, so that tools can start
// reading at any record.
func (c *composer) record(buf *bytes.Buffer, fields []field, block []byte) error {
	zw, err := c.compressor()
	if err != nil {
		return err
	}
	defer c.compressors.Put(zw)
	zw.Reset(buf)
	head := c.buffer()
	defer c.release(head)
	head.WriteString("WARC/1.1\r\n")
	fields = append(fields,
		field{"WARC-Block-Digest", digest(block)},
		field{"Content-Length", strconv.Itoa(len(block))})
	for _, f := range fields {
		head.WriteString(f.name + ": " + f.value + "\r\n")
	}
	head.WriteString("\r\n")
	for _, part := range [][]byte{head.Bytes(), block, []byte("\r\n\r\n")} {
		if _, err := zw.Write(part); err != nil {
			return err
		}
	}
	return zw.Close()
}

// digest is a labelled digest. Base 16 keeps to the grammar of the standard,
// which forbids the padding that base 32 gives SHA-256.
func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// targetURI escapes what would end or forge a header line.
func targetURI(u string) string {
	safe := func(c byte) bool { return c > ' ' && c != 0x7f && c != '<' && c != '>' }
	var b strings.Builder
	for i := range len(u) {
		if c := u[i]; safe(c) {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// headerSafe replaces control characters in a header's value.
func headerSafe(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s))
}
