package scan

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/canonical"
	"github.com/markwatch/markwatch/crawler/frontier"
	"github.com/markwatch/markwatch/crawler/table"
	"github.com/markwatch/markwatch/store"
)

const (
	// tableHost is how the frontier calls a table's file, which takes the
	// place of a host.
	tableHost = "table:"
	// tableRows is how many rows are one part of a table, committed together.
	tableRows = 200
	// brokenTold is how many broken rows of a part are told one by one.
	brokenTold = 5
)

// seedTables puts the parts of every table into the frontier. A file that
// cannot be opened is told and passed over.
func (s *Scanner) seedTables(ctx context.Context, w *watch, files []string, to seeding) error {
	for _, file := range files {
		parts, err := tableParts(ctx, file, w.source)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			if err := to.warn(fmt.Sprintf("表格不能读,已跳过 a table cannot be read, passed over: %s: %v", filepath.Base(file), err)); err != nil {
				return err
			}
		}
		for batch := range slices.Chunk(parts, seedBatch) {
			if err := to.add(batch); err != nil {
				return err
			}
		}
	}
	return nil
}

// tableParts walks a table once and returns its parts. Where the file breaks
// off, those before are returned with the error.
func tableParts(ctx context.Context, file string, src *markwatch.Source) (parts []frontier.Link, err error) {
	r, err := table.Open(file, src)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	first, last, rows := 0, 0, 0
	flush := func() {
		if rows > 0 {
			parts = append(parts, tablePart(file, first, last))
		}
		first, rows = 0, 0
	}
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		row, err := r.Next()
		if err != nil {
			flush()
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return parts, err
		}
		if rows == 0 {
			first = row.Number
		}
		last = row.Number
		if rows++; rows == tableRows {
			flush()
		}
	}
}

// partForm is how the rows of a part stand behind its file's name.
const partForm = "#rows=%d-%d"

// tablePart is the frontier's address of some rows of a file, numbered as
// people see them there.
func tablePart(file string, first, last int) frontier.Link {
	part := fmt.Sprintf(partForm, first, last)
	return frontier.Link{
		URL: tableHost + filepath.Base(file) + part, Key: canonical.Key(tableHost + file + part), Host: tableHost + file, Position: int64(first),
	}
}

// tableSession reads one table from front to back.
type tableSession struct {
	watch *watch

	mu   sync.Mutex
	file string
	r    *table.Reader
	read int // number of the last row that was taken
}

func newTableSession(w *watch, host string) *tableSession {
	return &tableSession{watch: w, file: strings.TrimPrefix(host, tableHost)}
}

// Take reads the rows of one part. A broken row is told with its number, and
// the others go in.
func (t *tableSession) Take(ctx context.Context, entry frontier.Entry, _ *store.Visit) (effect, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var first, last int
	at := strings.LastIndex(entry.URL, "#")
	if at < 0 {
		return effect{}, markwatch.Errorf(markwatch.CodeInternal, "%s names no rows", entry.URL)
	}
	if _, err := fmt.Sscanf(entry.URL[at:], partForm, &first, &last); err != nil {
		return effect{}, fmt.Errorf("%s names no rows: %w", entry.URL, err)
	}
	if err := t.seek(first - 1); err != nil {
		return effect{}, err
	}
	e := effect{outcome: markwatch.PageFetched}
	for t.read < last {
		if err := ctx.Err(); err != nil {
			return effect{}, err
		}
		row, err := t.r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return effect{}, fmt.Errorf("reading %s: %w", filepath.Base(t.file), err)
		}
		t.read = row.Number
		e.rows.Read++
		if row.Err != nil {
			if e.rows.Broken++; e.rows.Broken <= brokenTold {
				e.warnings = append(e.warnings, fmt.Sprintf("%s 第 %d 行有误 row %d is broken: %v", filepath.Base(t.file), row.Number, row.Number, row.Err))
			}
			continue
		}
		for _, problem := range row.Problems {
			if len(e.warnings) < brokenTold {
				e.warnings = append(e.warnings, fmt.Sprintf("%s 第 %d 行有值未读 a value of row %d was left out: %s", filepath.Base(t.file), row.Number, row.Number, problem))
			}
		}
		e.listings = append(e.listings, row.Listing)
	}
	if len(e.listings) == 0 {
		e.outcome = markwatch.PageEmpty
	}
	return e, nil
}

// seek makes the row behind a number the next to be read.
func (t *tableSession) seek(number int) error {
	if t.r == nil || t.read > number {
		t.close()
		r, err := table.Open(t.file, t.watch.source)
		if err != nil {
			return err
		}
		t.r = r
	}
	t.r.Skip(number)
	t.read = max(t.read, number)
	return nil
}

func (t *tableSession) close() {
	if t.r != nil {
		t.r.Close()
	}
	t.r, t.read = nil, 0
}

// Release is at once: a file has no host to spare.
func (t *tableSession) Release() time.Time { return time.Time{} }

// Close ends the session.
func (t *tableSession) Close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.close()
}
