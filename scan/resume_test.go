package scan_test

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/frontier"
	"github.com/markwatch/markwatch/scan"
)

// beside is a second scanner over the same record, as another process has it.
func (r *rig) beside(finished func(markwatch.ScanSummary), sources ...markwatch.Source) *scan.Scanner {
	r.t.Helper()
	log := slog.New(slog.DiscardHandler)
	table, err := frontier.New(r.store.RiverDriver(), r.store, frontier.Options{Now: time.Now, Logger: log})
	check(r.t, err)
	s, err := scan.New(scan.Config{
		Store: r.store, Frontier: table, Lists: markwatch.Lists{Sources: sources}, Now: time.Now, Logger: log,
		Finished: func(_ context.Context, _ *sql.Tx, sum markwatch.ScanSummary) error {
			finished(sum)
			return nil
		},
	})
	check(r.t, err)
	return s
}

// stalled is a shop whose item's answer waits until its visitor hangs up, once.
func stalled(docs http.Handler, path string) (h http.Handler, reached chan struct{}) {
	reached = make(chan struct{})
	var once sync.Once
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == path {
			wait := false
			once.Do(func() { wait = true })
			if wait {
				close(reached)
				<-r.Context().Done()
				return
			}
		}
		docs.ServeHTTP(w, r)
	}), reached
}

// interrupted begins a scan and stops the process while a page is in flight.
func interrupted(t *testing.T, r *rig, source string, reached chan struct{}) (id string) {
	t.Helper()
	id, err := r.scanner.Begin(t.Context(), source)
	check(t, err)
	select {
	case <-reached:
	case <-time.After(2 * time.Minute):
		t.Fatal("the page was never asked for")
	}
	r.stop()
	return id
}

func TestAStoppedScanGoesOnWhereItWas(t *testing.T) {
	const items = 25
	for name, again := range map[string]func(r *rig) error{
		"begun again": func(r *rig) error { _, err := r.scanner.Begin(t.Context(), "shop"); return err },
		"resumed":     func(r *rig) error { return r.scanner.Resume(t.Context()) },
	} {
		t.Run(name, func(t *testing.T) {
			h, reached := stalled(row(items, ""), "/item/11")
			v, site := visited(t, h)
			dir, src := t.TempDir(), source(site.URL)
			id := interrupted(t, open(t, dir, src), "shop", reached)
			r := open(t, dir, src)
			running, err := r.scanner.Progress(t.Context())
			if err != nil || len(running) != 1 || running[0].Scan != id || running[0].Queued == 0 {
				t.Errorf("progress %+v, %v", running, err)
			}
			check(t, again(r))
			sum := r.wait(id)
			if !sum.Resumed || sum.Pages.Fetched != items+1 || sum.Pages.Total() != items+1 || sum.Listings.New != items || sum.Listings.Seen != items || !sum.Complete {
				t.Errorf("summary %+v", sum)
			}
			twice := 0
			for path, n := range v.asked {
				if n > 1 {
					twice++
				}
				if n > 2 {
					t.Errorf("%s was asked for %d times", path, n)
				}
			}
			if len(v.asked) != items+1 || twice > src.Politeness.Parallel {
				t.Errorf("%d pages were asked for twice: %v", twice, v.asked)
			}
		})
	}
}

func TestWhatAKilledEndLeftBehindIsSweptUp(t *testing.T) {
	_, site := visited(t, row(3, ""))
	src := source(site.URL)
	r := open(t, t.TempDir(), src)
	first := r.night("shop")
	check(t, r.store.Tx(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(t.Context(), `INSERT INTO frontier_hosts (scan, host, source) VALUES ($1, 'shop.example', 'shop')`, first.Scan)
		if err == nil {
			_, err = tx.ExecContext(t.Context(), `INSERT INTO frontier (scan, source, url, url_key, host, depth, name, position, state)
				VALUES ($1, 'shop', 'https://shop.example/', 'k', 'shop.example', 0, '', 0, 'done')`, first.Scan)
		}
		return err
	}))
	r.night("shop")
	for _, table := range []string{"frontier", "frontier_hosts"} {
		var left int
		check(t, r.store.Reader().QueryRowContext(t.Context(), `SELECT count(*) FROM `+table).Scan(&left))
		if left != 0 {
			t.Errorf("%d rows are left in %s", left, table)
		}
	}
}

func TestAScanEndsOnceHoweverManyLookAfterIt(t *testing.T) {
	const items = 12
	var ends atomic.Int32
	ended := make(chan markwatch.ScanSummary, 8)
	tell := func(sum markwatch.ScanSummary) {
		ends.Add(1)
		ended <- sum
	}
	_, site := visited(t, row(items, ""))
	src := source(site.URL)
	r := deploy(t, t.TempDir(), setup{finished: tell}, src)
	other := r.beside(tell, src)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			if err := []*scan.Scanner{r.scanner, other}[i%2].Supervise(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	id, err := r.scanner.BeginNew(ctx, "shop")
	check(t, err)
	waiting, giveUp := context.WithTimeout(t.Context(), 2*time.Minute)
	defer giveUp()
	for i := range 4 {
		wg.Go(func() {
			if sums, err := []*scan.Scanner{r.scanner, other}[i%2].Wait(waiting, []string{id}, nil); err != nil || sums[0].Pages.Fetched != items+1 {
				t.Errorf("waited for %+v, %v", sums, err)
			}
		})
	}
	select {
	case sum := <-ended:
		if sum.Scan != id || sum.FinishedAt.IsZero() || !sum.Complete || sum.Pages.Fetched != items+1 {
			t.Errorf("summary %+v", sum)
		}
	case <-time.After(2 * time.Minute):
		t.Fatal("nobody ended the scan")
	}
	cancelled := r.wait(id)
	cancel()
	wg.Wait()
	if ends.Load() != 1 || cancelled.FinishedAt.IsZero() {
		t.Errorf("the scan ended %d times: %+v", ends.Load(), cancelled)
	}
}

func TestASecondTickOfAnOpenScanIsRefused(t *testing.T) {
	h, reached := stalled(row(3, ""), "/item/1")
	_, site := visited(t, h)
	src := source(site.URL)
	r := open(t, t.TempDir(), src)
	_, err := r.scanner.BeginNew(t.Context(), "shop")
	check(t, err)
	<-reached
	if _, err := r.scanner.BeginNew(t.Context(), "shop"); markwatch.ErrorCode(err) != markwatch.CodeConflict {
		t.Errorf("error %v", err)
	}
	if got := r.status("shop"); got.Running == nil || got.Health != markwatch.HealthNew {
		t.Errorf("status %s", fmt.Sprintf("%+v", got))
	}
}
