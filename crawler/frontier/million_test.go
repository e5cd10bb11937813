package frontier_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/frontier"
	"github.com/markwatch/markwatch/store"
	"github.com/markwatch/markwatch/store/storetest"
)

const (
	millionHosts = 300
	// A page has so many links, of which so many are new; its site's
	// navigation repeats others on every page, the rest leads to pages of the
	// site that were found earlier.
	pageLinks = 50
	pageNew   = 20
	pageMenu  = 20
)

// millionURLs is smaller where the variable says so, to look for what costs.
func millionURLs() int {
	if n, err := strconv.Atoi(os.Getenv("MARKWATCH_BENCH_URLS")); err == nil {
		return n
	}
	return 1_000_000
}

// figures are what the child measured.
type figures struct {
	Enqueue, Drain, Drop             time.Duration
	Stats, Progress, Finished, Names time.Duration
	// CPU is what the process used in each phase.
	CPUEnqueue, CPUDrain time.Duration
	// Peak is the highest resident memory in MiB until the end of each phase.
	PeakEnqueue, PeakDrain float64
	File                   float64 // MiB
}

// BenchmarkMillion puts a million addresses of 300 hosts into a frontier on
// SQLite in the transactions of the pages that link to them, and drains it
// through the host jobs. It runs in a process of its own, whose highest
// resident memory it reports.
func BenchmarkMillion(b *testing.B) {
	for b.Loop() {
		cmd := child(b, "million", storetest.SQLite(b))
		out, err := cmd.Output()
		if err != nil {
			b.Fatal(err)
		}
		var f figures
		if err := json.Unmarshal(out, &f); err != nil {
			b.Fatalf("%v: %s", err, out)
		}
		b.ReportMetric(float64(millionURLs())/f.Enqueue.Seconds(), "enqueue/s")
		b.ReportMetric(float64(millionURLs())/f.Drain.Seconds(), "drain/s")
		b.ReportMetric(float64(millionURLs())/f.Drop.Seconds(), "drop/s")
		b.ReportMetric(max(f.PeakEnqueue, f.PeakDrain), "peak-MiB")
		b.Logf("%+v", f)
	}
}

func millionHost(h int) string { return fmt.Sprintf("shop-%03d.example", h) }

func millionLink(h, n int) frontier.Link {
	host := millionHost(h)
	u := fmt.Sprintf("https://%s/item/%08d?category=shoes&page=detail", host, n)
	return frontier.Link{URL: u, Key: u, Host: host, Depth: 3, Name: "耐克"}
}

func million(file string) error {
	ctx := context.Background()
	s, err := store.Open(ctx, file, store.Options{})
	if err != nil {
		return err
	}
	defer s.Close()
	t, err := frontier.New(s.RiverDriver(), s, frontier.Options{})
	if err != nil {
		return err
	}
	if err := s.Tx(ctx, func(tx *sql.Tx) error { return t.Begin(ctx, tx, scan, "shop", frontier.Budget{}) }); err != nil {
		return err
	}
	var f figures
	begun := time.Now()
	if err := millionEnqueue(ctx, s, t); err != nil {
		return err
	}
	f.Enqueue, f.PeakEnqueue, f.CPUEnqueue = time.Since(begun), peak(), cpu()
	if err := s.Tx(ctx, func(tx *sql.Tx) error { return t.Seeded(ctx, tx, scan) }); err != nil {
		return err
	}
	f.Stats = took(func() error { _, err := t.Stats(ctx, scan); return err })
	f.Progress = took(func() error { _, err := t.Progress(ctx, scan); return err })
	f.Finished = took(func() error { _, err := t.Finished(ctx, scan); return err })
	f.Names = took(func() error { _, err := t.Names(ctx, scan); return err })
	begun = time.Now()
	stop := start(&processTB{}, s, t, frontier.WorkerOptions{}, millionDrain(s, t))
	for {
		done, err := t.Finished(ctx, scan)
		if err != nil {
			return err
		}
		if done {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	f.Drain, f.PeakDrain, f.CPUDrain = time.Since(begun), peak(), cpu()-f.CPUEnqueue
	stop()
	if st, err := t.Stats(ctx, scan); err != nil || st.Done < millionURLs() {
		return fmt.Errorf("%+v are done, %w", st, err)
	}
	if info, err := os.Stat(file); err == nil {
		f.File = float64(info.Size()) / (1 << 20)
	}
	f.Drop = took(func() error { return t.Drop(ctx, scan) })
	return json.NewEncoder(os.Stdout).Encode(f)
}

// millionEnqueue adds the links of pages that eight fetchers read.
func millionEnqueue(ctx context.Context, s *store.Store, t *frontier.Table) error {
	urls := millionURLs()
	var next atomic.Int64
	var wg sync.WaitGroup
	var failed atomic.Value
	for range 8 {
		wg.Go(func() {
			for {
				page := int(next.Add(1)) - 1
				if page*pageNew >= urls {
					return
				}
				h, first := page%millionHosts, page/millionHosts*pageNew
				links := make([]frontier.Link, 0, pageLinks)
				for i := range pageMenu {
					links = append(links, millionLink(h, i))
				}
				for i := range pageNew {
					links = append(links, millionLink(h, first+i))
				}
				for len(links) < pageLinks {
					links = append(links, millionLink(h, rand.IntN(first+pageNew)))
				}
				err := s.Tx(ctx, func(tx *sql.Tx) error {
					_, err := t.Add(ctx, tx, scan, "shop", links)
					return err
				})
				if err != nil {
					failed.Store(err)
					return
				}
				t.Learn(scan, links)
			}
		})
	}
	wg.Wait()
	err, _ := failed.Load().(error)
	return err
}

// millionDrain finishes each entry in a transaction of its own, four at a time
// for each host.
func millionDrain(s *store.Store, t *frontier.Table) frontier.Work {
	return func(ctx context.Context, _ frontier.HostArgs, lease frontier.Lease, claim func(int) ([]frontier.Entry, error)) (time.Time, error) {
		for {
			entries, err := claim(16)
			if err != nil || len(entries) == 0 {
				return time.Time{}, err
			}
			var wg sync.WaitGroup
			var failed atomic.Value
			for i := range 4 {
				wg.Go(func() {
					for n := i; n < len(entries); n += 4 {
						if err := s.Tx(ctx, func(tx *sql.Tx) error {
							return t.Finish(ctx, tx, lease, entries[n], markwatch.PageFetched, "")
						}); err != nil {
							failed.Store(err)
						}
					}
				})
			}
			wg.Wait()
			if err, _ := failed.Load().(error); err != nil {
				return time.Time{}, err
			}
		}
	}
}

func took(f func() error) time.Duration {
	begun := time.Now()
	if err := f(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return time.Since(begun)
}

// cpu is the processor time that this process has used.
func cpu() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// peak is the highest resident memory of this process so far, in MiB, where
// the system tells (Linux).
func peak() float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	var kib float64
	fmt.Sscan(rest, &kib)
	return kib / 1024
}
