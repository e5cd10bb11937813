// Package ndjson reads files of one JSON value a line, such as people and
// programs hand over: a broken line is reported and the others go in.
package ndjson

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
)

// MaxLine bounds one line, in bytes.
const MaxLine = 16 << 20

var errLongLine = fmt.Errorf("the line is longer than %d bytes", MaxLine)

// Row is one value with the number of its line, counted from 1.
type Row[T any] struct {
	Line  int
	Value T
}

// LineError says which line could not be read, and why.
type LineError struct {
	Line int
	Err  error
}

// Error names the line.
func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

// Unwrap returns the cause.
func (e *LineError) Unwrap() error { return e.Err }

// Read yields every row. A line that is no JSON of the wanted form is yielded
// as a *LineError, and reading goes on behind it; any other error is one of
// the reader and ends the sequence. Blank lines and a byte order mark are
// passed over.
func Read[T any](r io.Reader) iter.Seq2[Row[T], error] {
	return func(yield func(Row[T], error) bool) {
		br := bufio.NewReaderSize(r, 64<<10)
		for line := 1; ; line++ {
			raw, err := readLine(br)
			end := errors.Is(err, io.EOF)
			row := Row[T]{Line: line}
			switch {
			case errors.Is(err, errLongLine):
				if !yield(row, &LineError{line, err}) {
					return
				}
				continue
			case err != nil && !end:
				yield(row, fmt.Errorf("line %d: %w", line, err))
				return
			}
			if line == 1 {
				raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
			}
			if raw = bytes.TrimSpace(raw); len(raw) > 0 {
				var bad error
				if err := json.Unmarshal(raw, &row.Value); err != nil {
					bad = &LineError{line, err}
				}
				if !yield(row, bad) {
					return
				}
			}
			if end {
				return
			}
		}
	}
}

// readLine returns one line; one beyond MaxLine is read past and reported.
func readLine(br *bufio.Reader) ([]byte, error) {
	var line []byte
	long := false
	for {
		part, err := br.ReadSlice('\n')
		if !long && len(line)+len(part) > MaxLine {
			long, line = true, nil
		}
		if !long {
			line = append(line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case long && (err == nil || errors.Is(err, io.EOF)):
			return nil, errLongLine
		default:
			return line, err
		}
	}
}
