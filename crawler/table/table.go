// Package table reads the rows that a platform hands over in a file (NDJSON,
// CSV, XLSX) as offers. The form is told from the content. A broken row is
// reported with its number and what is wrong with it, and the others go in.
package table

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/net/html/charset"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/extract"
)

// Limits of a file. A cell of Excel holds 32,767 characters at most; those of
// other programs are as long as a page's description.
const (
	maxRows    = 10_000_000
	maxColumns = 1_000
	maxCell    = 256 << 10
	maxRow     = 4 << 20
	sampled    = 1 << 20 // bytes by which charset and delimiter are told
)

// Row is one row of data.
type Row struct {
	// Number is that of the row as people count in the file, from 1, with the
	// header and empty rows counted; that of the line in NDJSON.
	Number int
	// Listing is the offer, complete where Err is nil.
	Listing markwatch.Listing
	// Err says why the row is no offer, with the column where one is to blame.
	Err error
	// Problems are values of a good row that could not be read and were left
	// out, each with its column.
	Problems []string
}

// Reader reads the rows of a file one after the other.
type Reader struct {
	// At is the time of rows that have none of their own; Open sets it to when
	// the file was last written.
	At time.Time

	src    *markwatch.Source
	base   string
	rows   rowSource
	close  func() error
	passed int // rows up to this number are passed over
}

// rowSource yields the rows of a form. A row is given as a function, so that
// one that is passed over costs no reading of its values. io.EOF ends it.
type rowSource interface {
	next() (number int, read func(*Reader) Row, err error)
}

// china is the zone of times without one: the tables are Chinese platforms'.
var china = time.FixedZone("CST", 8*3600)

// Open opens a file. src maps the columns and gives its id and platform; it
// may be nil. The error has CodeNotFound where the file does not exist and
// CodeInvalid where it is no table: of a form that is not read, or without a
// header row that names the title.
func Open(path string, src *markwatch.Source) (*Reader, error) {
	if src == nil {
		src = &markwatch.Source{}
	}
	f, err := os.Open(path)
	if err != nil {
		code := markwatch.CodeUnavailable
		if errors.Is(err, fs.ErrNotExist) {
			code = markwatch.CodeNotFound
		}
		return nil, markwatch.WrapError(code, err, "opening the table")
	}
	r := &Reader{src: src, base: filepath.Base(path), close: f.Close}
	if err := r.open(f); err != nil {
		return nil, errors.Join(fmt.Errorf("table %s: %w", r.base, err), r.Close())
	}
	return r, nil
}

func (r *Reader) open(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return markwatch.WrapError(markwatch.CodeUnavailable, err, "looking at the file")
	}
	if info.IsDir() {
		return markwatch.Errorf(markwatch.CodeInvalid, "it is a folder")
	}
	r.At = info.ModTime().UTC()
	in := bufio.NewReaderSize(f, sampled)
	head, err := in.Peek(sampled)
	if err != nil && !errors.Is(err, io.EOF) {
		return markwatch.WrapError(markwatch.CodeUnavailable, err, "reading the file")
	}
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return r.openXLSX(in, info.Size())
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0")):
		return markwatch.Errorf(markwatch.CodeInvalid, "it is an old .xls or a file with a password; save it as .xlsx or .csv")
	case len(bytes.TrimSpace(head)) == 0:
		return markwatch.Errorf(markwatch.CodeInvalid, "it is empty")
	}
	name := extract.SniffCharset(head)
	enc, _ := charset.Lookup(name)
	if enc == nil {
		return markwatch.Errorf(markwatch.CodeInvalid, "its charset %q is not known", name)
	}
	sample, _ := enc.NewDecoder().Bytes(head) // as far as it goes: the sample may end amid a character
	text := strings.TrimPrefix(string(sample), "\ufeff")
	lines := bufio.NewReaderSize(enc.NewDecoder().Reader(in), 64<<10)
	switch first := strings.TrimSpace(text); {
	case binary(first):
		return markwatch.Errorf(markwatch.CodeInvalid, "it is binary data and no table")
	case strings.HasPrefix(first, "{"):
		r.openObjects(lines)
	case strings.HasPrefix(first, "["):
		return markwatch.Errorf(markwatch.CodeInvalid, "it is a JSON list; one object a line is read (NDJSON)")
	case strings.HasPrefix(first, "<"):
		return markwatch.Errorf(markwatch.CodeInvalid, "it is HTML or XML, as some programs write under the name of .xls; save it as .xlsx or .csv")
	default:
		return r.openCSV(lines, text)
	}
	return nil
}

// binary says that a text is none: more than a twentieth of what it begins with
// are control characters.
func binary(text string) bool {
	text = text[:min(len(text), 4096)]
	control := 0
	for _, c := range text {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' {
			control++
		}
	}
	return control*20 > len(text)
}

// Close closes the file.
func (r *Reader) Close() error { return r.close() }

// Skip passes over the rows up to number row, so that a reading that was
// broken off goes on behind it.
func (r *Reader) Skip(row int) { r.passed = max(r.passed, row) }

// Next returns the next row of data, io.EOF at the end. Any other error is
// the file's and ends the reading.
func (r *Reader) Next() (Row, error) {
	for {
		number, read, err := r.rows.next()
		switch {
		case errors.Is(err, io.EOF):
			return Row{}, io.EOF
		case err != nil:
			return Row{}, fmt.Errorf("table %s, behind row %d: %w", r.base, number, err)
		case number > maxRows:
			return Row{}, markwatch.Errorf(markwatch.CodeInvalid, "table %s has more than %d rows", r.base, maxRows)
		case number <= r.passed:
			continue
		}
		row := read(r)
		row.Number = number
		return row, nil
	}
}

// finish completes the row of a record.
func (r *Reader) finish(number int, rec *extract.Record, row *Row) {
	l, err := rec.Listing()
	if err != nil {
		row.Err = err
		return
	}
	r.complete(number, &l)
	row.Listing = l
}

// complete says where a listing comes from.
func (r *Reader) complete(number int, l *markwatch.Listing) {
	l.Source = r.src.ID
	if l.FetchedAt.IsZero() {
		l.FetchedAt = r.At
	}
	l.Snapshot = fmt.Sprintf("%s#row=%d", r.base, number)
}

func (r *Reader) record() *extract.Record {
	rec := extract.NewRecord(markwatch.OriginTable, r.src, nil)
	rec.Zone = china
	return rec
}
