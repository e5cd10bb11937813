package evidence

import (
	"bytes"
	"errors"
	"fmt"
	"net/textproto"
	"strconv"
	"strings"
	"time"
)

const (
	// headerLine is how much of a record is needed to know it as one.
	headerLine = 32
	// trialBytes is how much of a gzip member is enough to see its first
	// bytes.
	trialBytes = 4096
)

var (
	gzipMagic = []byte{0x1f, 0x8b, 0x08}
	version   = []byte("WARC/")
)

// parse reads the record at w's position and leaves w behind it, or returns
// what is wrong with it and leaves w where it was.
func (r *Reader) parse(w *window) (*Record, error) {
	size, err := headerSize(w, r.opts.MaxHeader)
	if err != nil {
		return nil, err
	}
	rec, length, err := parseHeader(w.peek(size))
	if err != nil {
		return nil, err
	}
	if length > r.opts.MaxRecord {
		return nil, fmt.Errorf("a record of %d bytes is larger than the limit of %d", length, r.opts.MaxRecord)
	}
	end := size + int(length)
	const tailBytes = 16
	b := w.peek(end + tailBytes)
	if len(b) < end {
		return nil, fmt.Errorf("the record ends after %d of its %d bytes", len(b)-size, length)
	}
	skip, ok := recordEnd(b[end:], w.ended(len(b)))
	if !ok {
		return nil, errors.New("the record is not as long as its Content-Length says")
	}
	rec.Block = bytes.Clone(b[size:end])
	w.advance(end + skip)
	return rec, nil
}

// headerSize returns the length of the header with its empty line.
func headerSize(w *window, limit int) (int, error) {
	if b := w.peek(len(version)); !bytes.Equal(b, version) {
		return 0, errors.New("no WARC record begins here")
	}
	for n := 1024; ; n *= 2 {
		b := w.peek(min(n, limit))
		if i := endOfHead(b); i >= 0 {
			return i, nil
		}
		if len(b) >= limit {
			return 0, fmt.Errorf("the header is larger than the limit of %d bytes", limit)
		}
		if w.ended(len(b)) {
			return 0, errors.New("the header is cut off")
		}
	}
}

// endOfHead returns where the content behind the first empty line starts, or
// -1. Lines may end with LF alone.
func endOfHead(b []byte) int {
	end := -1
	if i := bytes.Index(b, []byte("\r\n\r\n")); i >= 0 {
		end = i + 4
		b = b[:i]
	}
	if i := bytes.Index(b, []byte("\n\n")); i >= 0 {
		end = i + 2
	}
	return end
}

// recordEnd judges what follows a block: it returns how many bytes of line
// ends belong to the record. Two line ends are the standard's; fewer, as some
// tools write, need a record or the end behind them.
func recordEnd(b []byte, last bool) (int, bool) {
	if bytes.HasPrefix(b, []byte("\r\n\r\n")) {
		return 4, true
	}
	n := len(b) - len(bytes.TrimLeft(b, "\r\n"))
	rest := b[n:]
	if len(rest) > len(version) {
		rest = rest[:len(version)]
	}
	switch {
	case len(rest) == 0:
		return n, last
	case bytes.HasPrefix(version, rest), bytes.HasPrefix(rest, gzipMagic):
		return n, true
	}
	return 0, false
}

// parseHeader reads "WARC/1.1", the named fields and their continuation lines.
func parseHeader(b []byte) (*Record, int64, error) {
	lines := strings.Split(strings.ReplaceAll(string(b), "\r\n", "\n"), "\n")
	header := parseFields(lines[1:])
	rec := &Record{
		Version:   strings.TrimPrefix(strings.TrimSpace(lines[0]), string(version)),
		Header:    header,
		Type:      strings.ToLower(header.Get("WARC-Type")),
		ID:        bracketed(header.Get("WARC-Record-ID")),
		TargetURI: bracketed(header.Get("WARC-Target-URI")),
	}
	if rec.Type == "" {
		return nil, 0, errors.New("the record has no WARC-Type")
	}
	length, err := strconv.ParseInt(header.Get("Content-Length"), 10, 64)
	if err != nil || length < 0 {
		return nil, 0, fmt.Errorf("%.40q is not a Content-Length", header.Get("Content-Length"))
	}
	// A date that cannot be read costs the date, not the record.
	if t, err := time.Parse(time.RFC3339Nano, header.Get("WARC-Date")); err == nil {
		rec.Date = t.UTC()
	}
	return rec, length, nil
}

// parseFields reads "Name: value" lines; a line that is none is left out.
func parseFields(lines []string) textproto.MIMEHeader {
	header := make(textproto.MIMEHeader)
	last := ""
	for _, line := range lines {
		if line == "" {
			continue
		}
		if values := header[last]; (line[0] == ' ' || line[0] == '\t') && len(values) > 0 {
			values[len(values)-1] += " " + strings.TrimSpace(line)
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok || strings.TrimSpace(name) == "" {
			last = ""
			continue
		}
		last = textproto.CanonicalMIMEHeaderKey(strings.TrimSpace(name))
		header[last] = append(header[last], strings.TrimSpace(value))
	}
	return header
}

// bracketed takes the angle brackets off that record ids have and that some
// tools put around target URIs.
func bracketed(s string) string {
	if len(s) >= 2 && s[0] == '<' && s[len(s)-1] == '>' {
		return s[1 : len(s)-1]
	}
	return s
}

// findHeader returns where a plain record begins at the start of a line.
func findHeader(b []byte) int {
	for at := 0; ; {
		i := bytes.Index(b[at:], []byte("\nWARC/"))
		if i < 0 {
			return -1
		}
		at += i + 1
		if isHeader(b[at:]) {
			return at
		}
	}
}

// isHeader says whether b starts like "WARC/1.1" with a field beneath it.
func isHeader(b []byte) bool {
	line, rest, ok := bytes.Cut(b[:min(len(b), headerLine)], []byte("\n"))
	if !ok || len(rest) == 0 || !bytes.HasPrefix(line, version) {
		return false
	}
	number := bytes.TrimSuffix(line[len(version):], []byte("\r"))
	if len(number) < 3 || len(bytes.Trim(number, "0123456789.")) > 0 {
		return false
	}
	c := rest[0] | 0x20
	return c >= 'a' && c <= 'z'
}

// findRaw returns where the file's next gzip member with a record begins, or,
// in a file that had no such member so far, the next plain record.
func (r *Reader) findRaw(b []byte) int {
	plain := -1
	if !r.zipped {
		if plain = findHeader(b); plain >= 0 {
			b = b[:plain]
		}
	}
	for at := 0; ; {
		i := bytes.Index(b[at:], gzipMagic)
		if i < 0 {
			return plain
		}
		at += i
		if r.isMember(b[at:min(len(b), at+trialBytes)]) {
			return at
		}
		at++
	}
}

// isMember says whether b starts a gzip member that starts a record.
func (r *Reader) isMember(b []byte) bool {
	if r.trial.Reset(bytes.NewReader(b)) != nil {
		return false
	}
	var first [5]byte
	for n := 0; n < len(first); {
		k, err := r.trial.Read(first[n:])
		n += k
		if err != nil && n < len(first) {
			return false
		}
	}
	return bytes.Equal(first[:], version)
}
