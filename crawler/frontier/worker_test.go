package frontier_test

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/frontier"
	"github.com/markwatch/markwatch/store"
	"github.com/markwatch/markwatch/store/storetest"
	"github.com/riverqueue/river"
)

// start runs a client whose host jobs do work, until the test or stop ends it.
func start(tb testing.TB, s *store.Store, t *frontier.Table, opts frontier.WorkerOptions, work frontier.Work) (stop func()) {
	tb.Helper()
	workers := river.NewWorkers()
	river.AddWorker(workers, frontier.NewWorker(t, opts, work))
	client, err := frontier.NewClient(s.RiverDriver(), workers, 8, "", slog.New(slog.DiscardHandler))
	if err != nil {
		tb.Fatal(err)
	}
	if err := client.Start(context.Background()); err != nil {
		tb.Fatal(err)
	}
	var once sync.Once
	stop = func() {
		once.Do(func() {
			if err := client.StopAndCancel(context.Background()); err != nil {
				tb.Error(err)
			}
		})
	}
	tb.Cleanup(stop)
	return stop
}

// await fails the test where a scan does not finish.
func await(tb testing.TB, t *frontier.Table) {
	tb.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		done, err := t.Finished(tb.Context(), scan)
		if err != nil {
			tb.Fatal(err)
		}
		if done {
			return
		}
		if time.Now().After(end) {
			st, _ := t.Stats(tb.Context(), scan)
			tb.Fatalf("the scan does not finish: %+v", st)
		}
	}
}

// visit is a Work that hands each entry to page within its transaction.
func visit(s *store.Store, t *frontier.Table, page func(ctx context.Context, tx *sql.Tx, e frontier.Entry) error) frontier.Work {
	return func(ctx context.Context, args frontier.HostArgs, lease frontier.Lease, claim func(int) ([]frontier.Entry, error)) (time.Time, error) {
		for {
			entries, err := claim(4)
			if err != nil || len(entries) == 0 {
				return time.Time{}, err
			}
			for _, e := range entries {
				err := s.Tx(ctx, func(tx *sql.Tx) error {
					if err := t.Finish(ctx, tx, lease, e, markwatch.PageFetched, ""); err != nil {
						return err
					}
					return page(ctx, tx, e)
				})
				if err != nil {
					return time.Time{}, err
				}
			}
		}
	}
}

func realBed(t testing.TB, dsn func(testing.TB) string) *bed {
	b := newBed(t, dsn, frontier.Budget{})
	b.t = table(t, b.s, time.Now)
	return b
}

func (b *bed) seeded() {
	b.Helper()
	b.tx(func(tx *sql.Tx) error { return b.t.Seeded(b.Context(), tx, scan) })
}

// Links lead from host to host; every page is worked on once and every job is
// completed by the table.
func TestCrawl(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, dsn func(testing.TB) string) {
		b := realBed(t, dsn)
		const hosts, pages = 5, 300
		host := func(n int) string { return fmt.Sprintf("h%d.example", n%hosts) }
		var mu sync.Mutex
		visits := map[string]int{}
		start(t, b.s, b.t, frontier.WorkerOptions{Slice: 300 * time.Millisecond}, visit(b.s, b.t, func(ctx context.Context, tx *sql.Tx, e frontier.Entry) error {
			mu.Lock()
			visits[e.URL]++
			mu.Unlock()
			var n int
			if _, err := fmt.Sscanf(e.URL, "https://h%d.example/%d", new(int), &n); err != nil {
				return err
			}
			var out []frontier.Link
			for _, m := range []int{2*n + 1, 2*n + 2, n / 2, 0} {
				if m < pages {
					out = append(out, link(host(m), m))
				}
			}
			_, err := b.t.Add(ctx, tx, scan, "shop", out)
			return err
		}))
		b.add(link(host(0), 0))
		b.seeded()
		await(t, b.t)
		mu.Lock()
		defer mu.Unlock()
		equal(t, "pages", len(visits), pages)
		for u, n := range visits {
			if n != 1 && b.s.Embedded() { // PostgreSQL may run a transaction again
				t.Errorf("%s was worked on %d times", u, n)
			}
		}
		equal(t, "stats", b.stats(), frontier.Stats{Done: pages})
		awaitJobs(b, 0)
	})
}

// awaitJobs waits for River to have so many jobs that are not ended.
func awaitJobs(b *bed, want int) {
	b.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		var n int
		if err := b.s.Reader().QueryRow(`SELECT count(*) FROM river_job WHERE state NOT IN ('completed', 'cancelled', 'discarded')`).Scan(&n); err != nil {
			b.Fatal(err)
		}
		if n == want {
			return
		}
		if time.Now().After(end) {
			b.Fatalf("%d jobs are not ended, want %d", n, want)
		}
	}
}

// Links come to a few hosts in trickles, so that workers complete their jobs
// all the time while others add; and no two workers are on one host.
func TestNoWakeUpIsLost(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, dsn func(testing.TB) string) {
		b := realBed(t, dsn)
		var mu sync.Mutex
		on := map[string]int{}
		work := visit(b.s, b.t, func(context.Context, *sql.Tx, frontier.Entry) error { return nil })
		alone := func(ctx context.Context, args frontier.HostArgs, lease frontier.Lease, claim func(int) ([]frontier.Entry, error)) (time.Time, error) {
			mu.Lock()
			if on[args.Host]++; on[args.Host] > 1 {
				t.Errorf("%d workers on %s", on[args.Host], args.Host)
			}
			mu.Unlock()
			defer func() {
				mu.Lock()
				on[args.Host]--
				mu.Unlock()
			}()
			return work(ctx, args, lease, claim)
		}
		start(t, b.s, b.t, frontier.WorkerOptions{}, alone)
		if !b.s.Embedded() {
			start(t, b.s, b.t, frontier.WorkerOptions{}, alone) // a second machine
		}
		const adders, each = 6, 150
		var wg sync.WaitGroup
		for a := range adders {
			wg.Go(func() {
				for n := range each {
					l := []frontier.Link{link(fmt.Sprintf("h%d.example", rand.IntN(3)), a*each+n), link(fmt.Sprintf("g%d.example", rand.IntN(3)), a*each+n)}
					rand.Shuffle(2, func(i, j int) { l[i], l[j] = l[j], l[i] })
					b.add(l...)
					time.Sleep(time.Duration(rand.IntN(25)) * time.Millisecond)
				}
			})
		}
		wg.Wait()
		b.seeded()
		await(t, b.t)
		equal(t, "stats", b.stats(), frontier.Stats{Done: 2 * adders * each})
		awaitJobs(b, 0)
	})
}

// A page whose parser panics costs itself and nothing else.
func TestPanicBecomesDeadLetter(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, dsn func(testing.TB) string) {
		b := realBed(t, dsn)
		b.add(links("a.example", 0, 10)...)
		b.seeded()
		start(t, b.s, b.t, frontier.WorkerOptions{RetryWait: time.Millisecond}, visit(b.s, b.t, func(_ context.Context, _ *sql.Tx, e frontier.Entry) error {
			if e.URL == link("a.example", 5).URL {
				panic("hostile page")
			}
			return nil
		}))
		await(t, b.t)
		equal(t, "stats", b.stats(), frontier.Stats{Done: 9, Dead: 1})
	})
}

// A host that asks for a pause is left alone, and nobody is to blame for what
// it had claimed; the same holds where the process stops.
func TestPauseAndStop(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, dsn func(testing.TB) string) {
		b := realBed(t, dsn)
		b.add(links("a.example", 0, 3)...)
		b.seeded()
		var mu sync.Mutex
		calls, paused := 0, time.Time{}
		inside := make(chan struct{})
		work := visit(b.s, b.t, func(context.Context, *sql.Tx, frontier.Entry) error { return nil })
		stop := start(t, b.s, b.t, frontier.WorkerOptions{}, func(ctx context.Context, _ frontier.HostArgs, _ frontier.Lease, claim func(int) ([]frontier.Entry, error)) (time.Time, error) {
			if _, err := claim(2); err != nil {
				return time.Time{}, err
			}
			mu.Lock()
			calls++
			first := calls == 1
			mu.Unlock()
			if first {
				paused = time.Now()
				return time.Time{}, &frontier.Pause{For: 300 * time.Millisecond}
			}
			if time.Since(paused) < 250*time.Millisecond {
				t.Error("the host was not left alone")
			}
			close(inside)
			<-ctx.Done()
			return time.Time{}, ctx.Err()
		})
		<-inside
		stop()
		equal(t, "stats after the stop", b.stats(), frontier.Stats{Queued: 3})
		var attempts int
		if err := b.s.Reader().QueryRow(`SELECT sum(attempts) FROM frontier`).Scan(&attempts); err != nil || attempts != 0 {
			t.Errorf("%d attempts are blamed on the pages, %v", attempts, err)
		}
		start(t, b.s, b.t, frontier.WorkerOptions{}, work)
		await(t, b.t)
	})
}

// An entry that waits for its time keeps the job, not a worker.
func TestWaitingEntry(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, dsn func(testing.TB) string) {
		b := realBed(t, dsn)
		l := link("a.example", 1)
		at := time.Now().Add(1500 * time.Millisecond)
		l.NotBefore = at
		b.add(l)
		b.seeded()
		start(t, b.s, b.t, frontier.WorkerOptions{}, visit(b.s, b.t, func(context.Context, *sql.Tx, frontier.Entry) error {
			if early := time.Until(at); early > time.Millisecond {
				t.Errorf("worked on %s too early", early)
			}
			return nil
		}))
		await(t, b.t)
	})
}

// Jobs wait the time they should wherever the machine is: SQLite compares
// times as text.
func TestZoneOfTheMachine(t *testing.T) {
	local := time.Local
	time.Local = time.FixedZone("CST", 8*3600)
	defer func() { time.Local = local }()
	TestWaitingEntry(t)
}
