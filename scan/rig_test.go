package scan_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/configs"
	"github.com/markwatch/markwatch/crawler"
	"github.com/markwatch/markwatch/crawler/frontier"
	"github.com/markwatch/markwatch/evidence"
	"github.com/markwatch/markwatch/matchers"
	"github.com/markwatch/markwatch/scan"
	"github.com/markwatch/markwatch/store"
)

// rig is a deployment without command line, index and pages for people.
type rig struct {
	t       testing.TB
	dir     string
	store   *store.Store
	archive *evidence.Archive
	scanner *scan.Scanner
	stop    func()
}

// open wires the real stages over dir, as a process that starts does.
func open(t testing.TB, dir string, sources ...markwatch.Source) *rig {
	t.Helper()
	return deploy(t, dir, setup{}, sources...)
}

// openAt is open by another clock.
func openAt(t testing.TB, dir string, now func() time.Time, sources ...markwatch.Source) *rig {
	t.Helper()
	return deploy(t, dir, setup{now: now}, sources...)
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (r *rig) listings() map[string]store.Record {
	r.t.Helper()
	out := map[string]store.Record{}
	for rec, err := range r.store.Listings(r.t.Context(), store.ListingFilter{}) {
		check(r.t, err)
		out[rec.Listing.Title] = rec
	}
	return out
}

// setup is how a deployment differs from that of open.
type setup struct {
	now      func() time.Time
	lists    func(*markwatch.Lists)
	browser  scan.Browser
	askAll   bool
	finished func(markwatch.ScanSummary)
	counted  func(store.PageDelta)
}

// deploy is open with a setup.
func deploy(t testing.TB, dir string, set setup, sources ...markwatch.Source) *rig {
	t.Helper()
	ctx := t.Context()
	if set.now == nil {
		set.now = time.Now
	}
	cfg, err := configs.Shipped()
	check(t, err)
	cfg.Lists.Sources = sources
	if set.lists != nil {
		set.lists(&cfg.Lists)
	}
	s, err := store.Open(ctx, filepath.Join(dir, "markwatch.db"), store.Options{Now: set.now})
	check(t, err)
	versions, err := s.PutLists(ctx, cfg.Lists, "test", time.Now())
	check(t, err)
	compiled, err := matchers.Compile(matchers.Knowledge{Lists: cfg.Lists, Versions: versions, Rates: cfg.Rates})
	check(t, err)
	archive, err := evidence.OpenArchive(filepath.Join(dir, "captures"), evidence.ArchiveOptions{Now: set.now})
	check(t, err)
	log := slog.New(slog.DiscardHandler)
	table, err := frontier.New(s.RiverDriver(), s, frontier.Options{Now: set.now, Logger: log})
	check(t, err)
	web, err := crawler.New(crawler.Config{Recorder: archive, Now: set.now, RetryWait: time.Millisecond, Logger: log})
	check(t, err)
	scanner, err := scan.New(scan.Config{
		Store: s, Frontier: table, Crawler: web, Matchers: compiled, Lists: cfg.Lists, Dir: dir, RetryWait: time.Millisecond, Now: set.now, Logger: log,
		Browser: set.browser, Keeper: archive, AskAll: set.askAll,
		Counted: func(_ string, delta store.PageDelta) {
			if set.counted != nil {
				set.counted(delta)
			}
		},
		Finished: func(_ context.Context, _ *sql.Tx, sum markwatch.ScanSummary) error {
			if set.finished != nil {
				set.finished(sum)
			}
			return nil
		},
	})
	check(t, err)
	_, stopJobs, err := scanner.Start(ctx, 8, river.NewWorkers())
	check(t, err)
	r := &rig{t: t, dir: dir, store: s, archive: archive, scanner: scanner}
	r.stop = sync.OnceFunc(func() {
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		check(t, stopJobs(grace))
		check(t, archive.Close())
		check(t, s.Close())
	})
	t.Cleanup(r.stop)
	return r
}

// night runs a source to its end, however busy the machine is.
func (r *rig) night(source string) markwatch.ScanSummary {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 2*time.Minute)
	defer cancel()
	id, err := r.scanner.Begin(ctx, source)
	check(r.t, err)
	return r.wait(id)
}

func (r *rig) wait(id string) markwatch.ScanSummary {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 2*time.Minute)
	defer cancel()
	sums, err := r.scanner.Wait(ctx, []string{id}, nil)
	check(r.t, err)
	return sums[0]
}

// status is what the operator reads of a source.
func (r *rig) status(source string) markwatch.SourceStatus {
	r.t.Helper()
	all, err := r.scanner.Status(r.t.Context(), nil)
	check(r.t, err)
	for _, s := range all {
		if s.ID == source {
			return s
		}
	}
	r.t.Fatalf("no status of %s", source)
	return markwatch.SourceStatus{}
}

// readable says whether a snapshot still leads to its page.
func (r *rig) readable(snapshot string) bool {
	r.t.Helper()
	_, err := r.archive.Page(r.t.Context(), snapshot)
	if err != nil && markwatch.ErrorCode(err) != markwatch.CodeNotFound {
		r.t.Errorf("reading %s: %v", snapshot, err)
	}
	return err == nil
}

// shelf serves documents by their path, with the validator of their content.
type shelf struct {
	mu   sync.Mutex
	docs map[string]document
	// plain leaves the validators out.
	plain bool
}

type document struct {
	kind, body string
	status     int
}

func (s *shelf) put(path, kind, body string) { s.answer(path, http.StatusOK, kind, body) }

func (s *shelf) answer(path string, status int, kind, body string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.docs == nil {
		s.docs = map[string]document{}
	}
	s.docs[path] = document{kind: kind, body: body, status: status}
}

func (s *shelf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	d, ok := s.docs[r.URL.RequestURI()]
	s.mu.Unlock()
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", d.kind)
	tag := fmt.Sprintf(`"%x"`, sha256.Sum256([]byte(d.body)))
	if !s.plain && d.status == http.StatusOK {
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	w.WriteHeader(d.status)
	_, _ = w.Write([]byte(d.body))
}

const htmlUTF8 = "text/html; charset=utf-8"
