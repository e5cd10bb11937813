package table

import (
	"bufio"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/markwatch/markwatch"
)

// csvRows reads CSV (RFC 4180) as programs and people write it. The standard
// reader is no help here: a quote that is not closed makes it take the rest of
// the file for one cell.
type csvRows struct {
	in      *bufio.Reader
	comma   byte
	eol     byte
	pending []string // lines that were read ahead
	number  int      // of the row that was read last
	head    header
	cells   []string // of the header row
	ended   error
}

// quotedLines bounds the lines of one quoted cell.
const quotedLines = 2_000

var (
	errOpenQuote = markwatch.Errorf(markwatch.CodeInvalid, "a quote is opened and not closed")
	errLongRow   = markwatch.Errorf(markwatch.CodeInvalid, "the row is longer than %d bytes", maxRow)
	errLongCell  = markwatch.Errorf(markwatch.CodeInvalid, "a cell is longer than %d bytes", maxCell)
	errWideRow   = markwatch.Errorf(markwatch.CodeInvalid, "the row has more than %d cells", maxColumns)
)

// openCSV tells the delimiter by which one gives the best header, and reads up
// to behind it.
func (r *Reader) openCSV(in *bufio.Reader, sample string) error {
	eol := byte('\n')
	if !strings.Contains(sample, "\n") && strings.Contains(sample, "\r") {
		eol = '\r'
	}
	var best *csvRows
	var nearest header
	nearestRow, bestRow := 0, 0
	for _, comma := range []byte{',', ';', '\t', '|'} {
		try := &csvRows{in: bufio.NewReader(strings.NewReader(sample)), comma: comma, eol: eol}
		for range headerRows {
			cells, err := try.record()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				continue
			}
			h := mapHeader(cells, r.src.Columns)
			if h.mapped > nearest.mapped {
				nearest, nearestRow = h, try.number
			}
			if h.usable() && (best == nil || h.mapped > best.head.mapped) {
				best, bestRow = &csvRows{in: in, comma: comma, eol: eol, head: h, cells: slices.Clone(cells)}, try.number
			}
		}
	}
	if best == nil {
		return noHeader(nearest, nearestRow, r.src.Columns)
	}
	for best.number < bestRow {
		if _, err := best.record(); errors.Is(err, io.EOF) {
			break
		}
	}
	r.rows = best
	return nil
}

func (c *csvRows) next() (int, func(*Reader) Row, error) {
	for {
		cells, err := c.record()
		if errors.Is(err, io.EOF) || c.ended != nil && !errors.Is(c.ended, io.EOF) {
			return c.number, nil, errors.Join(err, c.ended)
		}
		number := c.number
		if err != nil {
			return number, func(*Reader) Row { return Row{Err: c.column(cells, err)} }, nil //nolint:nilerr // the row says it
		}
		if blank(cells) || slices.Equal(cells, c.cells) { // sheets put together repeat the header
			continue
		}
		return number, func(r *Reader) Row { return c.head.read(r, number, cells) }, nil
	}
}

// column names the column at which a row broke.
func (c *csvRows) column(cells []string, err error) error {
	if at := len(cells) - 1; at >= 0 && at < len(c.head.columns) && !errors.Is(err, errLongRow) {
		return markwatch.WrapError(markwatch.CodeInvalid, err, "column %q", c.head.columns[at].header)
	}
	return err
}

func blank(cells []string) bool {
	for _, cell := range cells {
		if strings.TrimSpace(cell) != "" {
			return false
		}
	}
	return true
}

// record reads one row. Of a broken one it returns the cells up to where it
// broke; the lines behind its first are then rows of their own. An empty line
// is a row without cells.
func (c *csvRows) record() ([]string, error) {
	line, err := c.line()
	if err != nil && !errors.Is(err, errLongRow) {
		return nil, err
	}
	c.number++
	if c.number == 1 && len(line) == 5 && strings.HasPrefix(strings.ToLower(line), "sep=") {
		return nil, nil // Excel's own line, which names the delimiter
	}
	if err != nil {
		return nil, err
	}
	var cells []string
	var ahead []string
	rest, size := line, len(line)
	for {
		if len(cells) >= maxColumns {
			return cells, errWideRow
		}
		quoted := strings.TrimLeft(rest, " ")
		if !strings.HasPrefix(quoted, `"`) || c.comma == '\t' && !strings.Contains(quoted[1:], `"`) {
			cell, after, more := strings.Cut(rest, string(c.comma))
			cells = append(cells, strings.TrimSpace(cell))
			if len(cell) > maxCell {
				return cells, errLongCell
			}
			if !more {
				return cells, nil
			}
			rest = after
			continue
		}
		var cell strings.Builder
		rest = quoted[1:]
		for {
			closed, after := c.quotedPart(&cell, rest)
			if closed {
				rest = after
				break
			}
			var next string
			var err error
			if len(ahead) < quotedLines && size <= maxRow {
				next, err = c.line()
			} else {
				err = errOpenQuote
			}
			if err != nil {
				c.pending = append(ahead, c.pending...)
				return append(cells, ""), errOpenQuote
			}
			ahead = append(ahead, next)
			size += len(next)
			cell.WriteByte('\n')
			rest = next
		}
		cells = append(cells, cell.String())
		if cell.Len() > maxCell {
			return cells, errLongCell
		}
		if rest == "" {
			return cells, nil
		}
		rest = rest[1:] // the delimiter
	}
}

// quotedPart takes what belongs to a quoted cell off a line. A quote that is
// neither doubled nor at the cell's end is one that nobody escaped.
func (c *csvRows) quotedPart(cell *strings.Builder, s string) (closed bool, rest string) {
	for {
		i := strings.IndexByte(s, '"')
		if i < 0 {
			cell.WriteString(s)
			return false, ""
		}
		cell.WriteString(s[:i])
		s = s[i+1:]
		after := strings.TrimLeft(s, " ")
		switch {
		case strings.HasPrefix(s, `"`):
			cell.WriteByte('"')
			s = s[1:]
		case after == "" || after[0] == c.comma:
			return true, after
		default:
			cell.WriteByte('"')
		}
	}
}

// line returns the next line without its end.
func (c *csvRows) line() (string, error) {
	if len(c.pending) > 0 {
		line := c.pending[0]
		c.pending = c.pending[1:]
		return line, nil
	}
	if c.ended != nil {
		return "", c.ended
	}
	var b []byte
	long := false
	for {
		part, err := c.in.ReadSlice(c.eol)
		if long = long || len(b)+len(part) > maxRow; long {
			b = b[:0]
		} else {
			b = append(b, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil {
			c.ended = err
			if len(b) == 0 && !long || !errors.Is(err, io.EOF) {
				return "", err
			}
		}
		if long {
			return "", errLongRow
		}
		line := strings.ToValidUTF8(strings.TrimRight(string(b), "\r\n"), "\ufffd")
		if c.number == 0 {
			line = strings.TrimPrefix(line, "\ufeff")
		}
		return line, nil
	}
}
