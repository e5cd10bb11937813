package scan

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/canonical"
	"github.com/markwatch/markwatch/crawler/frontier"
	"github.com/markwatch/markwatch/evidence"
	"github.com/markwatch/markwatch/store"
)

// archiveHost is how the frontier calls a WARC file, which takes the place of
// a host: one job reads it, from front to back.
const archiveHost = "warc:"

// archiveLinks walks one WARC file and yields a frontier link a page record.
// What cannot be read is told, and the walk goes on behind it.
func archiveLinks(ctx context.Context, file string, batch int, tell func(string), add func([]frontier.Link) error) error {
	r, err := evidence.OpenFile(file)
	if err != nil {
		return fmt.Errorf("archive %s: %w", file, err)
	}
	defer r.Close()
	var links []frontier.Link
	var position int64
	orphans := 0
	flush := func() error {
		defer func() { links = links[:0] }()
		return add(links)
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		rec, err := r.Next()
		var fe *evidence.FormatError
		switch {
		case errors.Is(err, io.EOF):
			if orphans > 0 {
				tell(fmt.Sprintf("%s: %d 条重访记录找不到原件,未读 revisit records without their original, not read", filepath.Base(file), orphans))
			}
			return flush()
		case errors.As(err, &fe):
			tell(fmt.Sprintf("WARC 损坏,已跳过 damaged, passed over: %s: %v", filepath.Base(file), fe))
			continue
		case err != nil:
			return fmt.Errorf("archive %s: %w", file, err)
		}
		if !rec.IsPage() {
			if rec.IsRevisit() {
				orphans++
			}
			continue
		}
		// Records of a file that was compressed as a whole share one offset,
		// so it is their number that tells them apart.
		position++
		links = append(links, frontier.Link{
			URL:      rec.TargetURI,
			Key:      canonical.Key(archiveHost + filepath.Base(file) + "#" + rec.ID),
			Host:     archiveHost + file,
			Position: position,
		})
		if len(links) >= batch {
			if err := flush(); err != nil {
				return err
			}
		}
	}
}

// archiveSession fetches the pages of one WARC file. Entries come in the
// order of the file, so that reading forward finds each; an earlier one opens
// the file again.
type archiveSession struct {
	watch *watch

	mu       sync.Mutex
	file     string
	r        *evidence.Reader
	rec      *evidence.Record
	position int64 // of rec
}

func newArchiveSession(w *watch, host string) *archiveSession {
	return &archiveSession{watch: w, file: strings.TrimPrefix(host, archiveHost)}
}

// Take reads the record that stands at the entry's position. An archive has no
// memory: new rules are tried on old nights.
func (a *archiveSession) Take(ctx context.Context, entry frontier.Entry, _ *store.Visit) (effect, error) {
	page, err := a.page(ctx, entry)
	if err != nil {
		return effect{}, err
	}
	if page.Status >= http.StatusBadRequest {
		return effect{outcome: markwatch.PageFailed, reason: "http-" + strconv.Itoa(page.Status)}, nil
	}
	e := a.watch.read(entry, page)
	e.gone = false // what an old night did not find may be there today
	return e, nil
}

func (a *archiveSession) page(ctx context.Context, entry frontier.Entry) (*markwatch.Page, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.position > entry.Position {
		a.close()
	}
	for a.position < entry.Position {
		if err := a.next(ctx); err != nil {
			return nil, fmt.Errorf("page record %d: %w", entry.Position, err)
		}
	}
	if a.rec.TargetURI != entry.URL {
		return nil, markwatch.Errorf(markwatch.CodeUnavailable, "archive-changed: page record %d is %s", entry.Position, a.rec.TargetURI)
	}
	page, err := a.rec.Page(filepath.Base(a.file))
	if err != nil {
		return nil, err
	}
	page.Source = entry.Source
	return page, nil
}

// Release is at once: a file has no host to spare.
func (a *archiveSession) Release() time.Time { return time.Time{} }

// next reads on to the next page record.
func (a *archiveSession) next(ctx context.Context) error {
	if a.r == nil {
		r, err := evidence.OpenFile(a.file)
		if err != nil {
			return err
		}
		a.r = r
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		rec, err := a.r.Next()
		var fe *evidence.FormatError
		switch {
		case errors.As(err, &fe):
		case err != nil:
			return err
		case rec.IsPage():
			a.rec, a.position = rec, a.position+1
			return nil
		}
	}
}

func (a *archiveSession) close() {
	if a.r != nil {
		a.r.Close()
	}
	a.r, a.rec, a.position = nil, nil, 0
}

// Close ends the session.
func (a *archiveSession) Close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.close()
}

func seedArchive(ctx context.Context, files []string, to seeding) error {
	for _, file := range files {
		var told []string
		err := archiveLinks(ctx, file, seedBatch, func(text string) { told = append(told, text) }, to.add)
		for _, text := range told {
			if err := to.warn(text); err != nil {
				return err
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}
