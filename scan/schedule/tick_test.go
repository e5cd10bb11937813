package schedule_test

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/scan/schedule"
	"github.com/markwatch/markwatch/store"
	"github.com/markwatch/markwatch/store/storetest"
)

// client runs tick jobs over a store, as one process does.
func client(t *testing.T, s *store.Store, opts schedule.TickOptions) *river.Client[*sql.Tx] {
	t.Helper()
	workers := river.NewWorkers()
	river.AddWorker(workers, schedule.NewTickWorker(opts))
	c, err := river.NewClient(s.RiverDriver(), &river.Config{
		FetchCooldown: 10 * time.Millisecond, FetchPollInterval: 20 * time.Millisecond,
		Logger: slog.New(slog.DiscardHandler), Workers: workers,
		Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 4}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.StopAndCancel(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return c
}

// begun gathers what came of ticks.
type begun struct {
	mu    sync.Mutex
	lines []string
}

func (b *begun) add(line string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lines = append(b.lines, line)
}

func (b *begun) sorted() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Sorted(slices.Values(b.lines))
}

// settled waits until no tick job is waiting or running.
func settled(t *testing.T, s *store.Store) {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		var open int
		if err := s.DB().QueryRowContext(t.Context(), `SELECT count(*) FROM river_job WHERE finalized_at IS NULL`).Scan(&open); err != nil {
			t.Fatal(err)
		}
		if open == 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d jobs do not end", open)
		}
	}
}

// TestATickFiresOnce: two processes over one database tick at once, and again
// after the tick's job has ended.
func TestATickFiresOnce(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, dsn func(testing.TB) string) {
		at := dsn(t)
		s := storetest.Open(t, at, store.Options{})
		other := s
		if !s.Embedded() {
			other = storetest.Open(t, at, store.Options{})
		}
		var b begun
		opts := schedule.TickOptions{Begin: func(_ context.Context, source string, tick time.Time) error {
			b.add(source + " " + tick.UTC().Format(time.RFC3339))
			return nil
		}}
		inserts := []func(context.Context, string, time.Time) error{
			schedule.Inserter(client(t, s, opts)), schedule.Inserter(client(t, other, opts)),
		}
		tick := time.Date(2026, 11, 22, 2, 0, 0, 0, time.FixedZone("CST", 8*3600))
		for range 2 {
			var wg sync.WaitGroup
			for i := range 8 {
				wg.Go(func() {
					for _, source := range []string{"a", "b"} {
						// One process speaks of the tick in UTC and its clock is ahead.
						if err := inserts[i%2](t.Context(), source, tick.UTC().Add(time.Duration(i)*time.Millisecond)); err != nil {
							t.Error(err)
						}
					}
				})
			}
			wg.Wait()
			settled(t, s)
		}
		if err := inserts[0](t.Context(), "a", tick.Add(24*time.Hour)); err != nil {
			t.Fatal(err)
		}
		settled(t, s)
		if want := []string{"a 2026-11-21T18:00:00Z", "a 2026-11-22T18:00:00Z", "b 2026-11-21T18:00:00Z"}; !slices.Equal(b.sorted(), want) {
			t.Errorf("begun %q, want %q", b.sorted(), want)
		}
	})
}

// TestWhatBeginsNot: an open scan is a skipped tick, a source that is gone
// ends it, and a panic or a fault of the moment has it tried again.
func TestWhatBeginsNot(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite(t), store.Options{})
	var b begun
	var mu sync.Mutex
	tried := map[string]int{}
	c := client(t, s, schedule.TickOptions{
		Begin: func(_ context.Context, source string, _ time.Time) error {
			mu.Lock()
			tried[source]++
			n := tried[source]
			mu.Unlock()
			switch {
			case source == "open":
				return markwatch.Errorf(markwatch.CodeConflict, "a scan is open")
			case source == "gone":
				return markwatch.Errorf(markwatch.CodeNotFound, "no such source")
			case source == "shaky" && n == 1:
				return errors.New("the disk is full")
			case source == "panics" && n == 1:
				panic("out of order")
			}
			b.add(source + " begun")
			return nil
		},
		Skipped: func(_ context.Context, source string, _ time.Time, why schedule.Skip) error {
			b.add(source + " " + string(why))
			return nil
		},
	})
	insert := schedule.Inserter(c)
	for _, source := range []string{"panics", "open", "gone", "shaky", "good"} {
		if err := insert(t.Context(), source, time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC)); err != nil {
			t.Fatal(err)
		}
	}
	settled(t, s)
	if want := []string{"good begun", "open open", "panics begun", "shaky begun"}; !slices.Equal(b.sorted(), want) {
		t.Errorf("got %q, want %q", b.sorted(), want)
	}
	if tried["gone"] != 1 {
		t.Errorf("a source that is gone was tried %d times", tried["gone"])
	}
}
