package frontier_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/frontier"
	"github.com/markwatch/markwatch/store"
	"github.com/markwatch/markwatch/store/storetest"
)

const killPages = 600

// crawlUntilKilled crawls a made-up site from where the last one was killed, stores a
// listing a page and tells of every page on standard output.
func crawlUntilKilled(file string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	s, err := store.Open(ctx, file, store.Options{})
	if err != nil {
		return err
	}
	defer s.Close()
	t, err := frontier.New(s.RiverDriver(), s, frontier.Options{})
	if err != nil {
		return err
	}
	if err := t.Rescue(ctx); err != nil {
		return err
	}
	var mu sync.Mutex
	work := visit(s, t, func(ctx context.Context, tx *sql.Tx, e frontier.Entry) error {
		mu.Lock()
		fmt.Println("page", e.URL)
		mu.Unlock()
		var n int
		if _, err := fmt.Sscanf(e.URL, "https://h%d.example/%d", new(int), &n); err != nil {
			return err
		}
		var out []frontier.Link
		for _, m := range []int{2*n + 1, 2*n + 2} {
			if m < killPages {
				out = append(out, link(fmt.Sprintf("h%d.example", m%3), m))
			}
		}
		p, err := s.PutListing(ctx, tx, "kill", markwatch.Listing{ID: fmt.Sprint("p-", n), Source: "shop", Title: "t"},
			markwatch.Verdict{Flagged: n%10 == 0}, store.PutOptions{})
		if err != nil {
			return err
		}
		d := store.PageDelta{Outcome: markwatch.PageFetched}
		d.Count(p)
		if err := s.CountPage(ctx, tx, "kill", d); err != nil {
			return err
		}
		_, err = t.Add(ctx, tx, scan, "shop", out)
		return err
	})
	tb := &processTB{}
	stop := start(tb, s, t, frontier.WorkerOptions{}, work)
	defer stop()
	for ctx.Err() == nil {
		if done, err := t.Finished(ctx, scan); err != nil || done {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
	return ctx.Err()
}

// processTB lets start be used outside a test.
type processTB struct{ testing.TB }

func (*processTB) Helper()           {}
func (*processTB) Cleanup(func())    {}
func (*processTB) Error(args ...any) { fmt.Fprintln(os.Stderr, args...) }
func (*processTB) Fatal(args ...any) { fmt.Fprintln(os.Stderr, args...); os.Exit(1) }

// A crawl that is killed at any instant goes on where it was: nothing lost,
// nothing counted twice, nothing but the pages in flight worked on again.
func TestKilledAtAnyInstant(t *testing.T) {
	file := storetest.SQLite(t)
	func() {
		s, err := store.Open(t.Context(), file, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		tab := table(t, s, time.Now)
		err = s.Tx(t.Context(), func(tx *sql.Tx) error {
			if err := tab.Begin(t.Context(), tx, scan, "shop", frontier.Budget{}); err != nil {
				return err
			}
			if _, err := tab.Add(t.Context(), tx, scan, "shop", []frontier.Link{link("h0.example", 0)}); err != nil {
				return err
			}
			return tab.Seeded(t.Context(), tx, scan)
		})
		if err != nil {
			t.Fatal(err)
		}
	}()
	kills, visits := 0, 0
	for finished := false; !finished; {
		cmd := child(t, "kill", file)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		last := 20 + rand.IntN(60)
		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan(); n++ {
			visits++
			if n == last {
				time.Sleep(time.Duration(rand.IntN(3000)) * time.Microsecond)
				cmd.Process.Kill() // Wait tells whether it was
			}
		}
		finished = cmd.Wait() == nil
		if !finished {
			kills++
		}
		if kills > 100 {
			t.Fatal("the crawl makes no progress")
		}
	}
	s := storetest.Open(t, file, store.Options{})
	tab := table(t, s, time.Now)
	st, err := tab.Stats(t.Context(), scan)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "stats", st, frontier.Stats{Done: killPages})
	var pages, listings, seen, leads int
	for query, to := range map[string]*int{
		`SELECT n FROM scan_counts WHERE name = 'page:fetched'`:  &pages,
		`SELECT n FROM scan_counts WHERE name = 'listings.seen'`: &seen,
		`SELECT count(*) FROM listings`:                          &listings,
		`SELECT last FROM lead_numbers`:                          &leads,
	} {
		if err := s.DB().QueryRow(query).Scan(to); err != nil {
			t.Fatal(query, err)
		}
	}
	equal(t, "pages, listings, seen, leads", []int{pages, listings, seen, leads}, []int{killPages, killPages, killPages, killPages / 10})
	// Three hosts with a page each are in flight, and a page that was told of
	// may not have been committed.
	if again := visits - killPages; again > 3*kills {
		t.Errorf("%d pages were worked on again after %d kills", again, kills)
	}
	t.Logf("%d kills, %d pages worked on again", kills, visits-killPages)
}
