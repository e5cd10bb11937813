package frontier_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/frontier"
	"github.com/markwatch/markwatch/store/storetest"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// claimer is what work claims with.
type claimer = func(int) ([]frontier.Entry, error)

// pausing asks for a pause and claims nothing before.
func pausing(d time.Duration) frontier.Work {
	return func(_ context.Context, _ frontier.HostArgs, _ frontier.Lease, claim claimer) (time.Time, error) {
		if _, err := claim(1); err != nil {
			return time.Time{}, err
		}
		return time.Time{}, &frontier.Pause{For: d}
	}
}

// ending ends every entry with what outcome is at the time.
func ending(b *bed, outcome *markwatch.PageOutcome) frontier.Work {
	return func(ctx context.Context, _ frontier.HostArgs, lease frontier.Lease, claim claimer) (time.Time, error) {
		entries, err := claim(10)
		if err != nil || len(entries) == 0 {
			return time.Time{}, err
		}
		return time.Time{}, b.s.Tx(ctx, func(tx *sql.Tx) error {
			return b.t.FinishMany(ctx, tx, lease, entries, *outcome, "")
		})
	}
}

// slice runs one slice of a lease as River would, and tells whether work was
// called and with which lease, or how long the job waits.
func (b *bed) slice(t *frontier.Table, l frontier.Lease, work func(claim claimer) (time.Time, error)) (got *frontier.Lease, wait time.Duration) {
	b.Helper()
	w := frontier.NewWorker(t, frontier.WorkerOptions{}, func(_ context.Context, _ frontier.HostArgs, lease frontier.Lease, claim claimer) (time.Time, error) {
		got = &lease
		return work(claim)
	})
	err := w.Work(b.Context(), &river.Job[frontier.HostArgs]{
		JobRow: &rivertype.JobRow{ID: l.JobID, Attempt: l.Attempt},
		Args:   frontier.HostArgs{Scan: l.Scan, Source: l.Source, Host: l.Host},
	})
	var snooze *rivertype.JobSnoozeError
	if !errors.As(err, &snooze) {
		b.Fatalf("the slice ended with %v", err)
	}
	return got, snooze.Duration
}

// Two scans over one host take turns, each learns when the host may be asked
// again, and neither comes twice while the other waits.
func TestTurnsOverScans(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, dsn func(testing.TB) string) {
		b := newBed(t, dsn, frontier.Budget{})
		const other = "archive-7"
		b.add(links("a.example", 0, 10)...)
		b.tx(func(tx *sql.Tx) error {
			if err := b.t.Begin(t.Context(), tx, other, "shop", frontier.Budget{}); err != nil {
				return err
			}
			_, err := b.t.Add(t.Context(), tx, other, "shop", links("a.example", 0, 10))
			return err
		})
		elsewhere := table(t, b.s, b.clock.Now) // another process
		nothing := func(claimer) (time.Time, error) { return time.Time{}, nil }
		free := b.clock.Now().Add(1500*time.Millisecond + 300*time.Microsecond)
		first, second := b.fetchJob("a.example"), b.fetchJobOf(other, "a.example")
		b.slice(b.t, first, func(claimer) (time.Time, error) {
			got, wait := b.slice(elsewhere, second, nothing)
			if got != nil || wait != time.Second {
				t.Errorf("a second worker on the host: %+v, waits %s", got, wait)
			}
			return free, nil
		})
		if got, _ := b.slice(b.t, first, nothing); got != nil {
			t.Error("the first scan comes again before the one that waits")
		}
		got, _ := b.slice(elsewhere, second, func(claim claimer) (time.Time, error) {
			if got, _ := b.slice(b.t, first, nothing); got != nil {
				t.Error("the first scan works beside the second")
			}
			entries, err := claim(3)
			equal(t, "claimed", len(entries), 3)
			return time.Time{}, err
		})
		if got == nil || got.FreeAt.Before(free) || got.FreeAt.Sub(free) > time.Millisecond || got.Orphaned {
			t.Fatalf("the second scan's lease: %+v, the host is free at %s", got, free)
		}
		equal(t, "entries of the slice go back", b.stats().Queued, 10)
		// A host that is to be left alone for long is no worker's.
		b.slice(b.t, first, func(claimer) (time.Time, error) { return b.clock.Now().Add(time.Minute), nil })
		got, wait := b.slice(elsewhere, second, nothing)
		if got != nil || wait < 59*time.Second {
			t.Errorf("while the host is left alone: %+v, waits %s", got, wait)
		}
		b.clock.move(time.Minute + time.Second)
		got, _ = b.slice(elsewhere, second, nothing)
		if got == nil || !got.FreeAt.IsZero() {
			t.Errorf("after the pause: %+v", got)
		}
	})
}

// A holder whose job was taken from it has no turn any more, and the next is
// told that nobody knows when the host was asked last.
func TestTurnOfDeadWorker(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, dsn func(testing.TB) string) {
		b := newBed(t, dsn, frontier.Budget{})
		const other = "archive-7"
		b.add(links("a.example", 0, 10)...)
		b.tx(func(tx *sql.Tx) error {
			if err := b.t.Begin(t.Context(), tx, other, "shop", frontier.Budget{}); err != nil {
				return err
			}
			_, err := b.t.Add(t.Context(), tx, other, "shop", links("a.example", 0, 10))
			return err
		})
		first, second := b.fetchJob("a.example"), b.fetchJobOf(other, "a.example")
		elsewhere := table(t, b.s, b.clock.Now)
		dead := errors.New("dead")
		w := frontier.NewWorker(b.t, frontier.WorkerOptions{}, func(_ context.Context, _ frontier.HostArgs, _ frontier.Lease, claim claimer) (time.Time, error) {
			entries, err := claim(2)
			if err != nil || len(entries) != 2 {
				t.Errorf("%d claimed, %v", len(entries), err)
			}
			b.fetchJob("a.example") // River gives the job to another worker
			got, _ := b.slice(elsewhere, second, func(claimer) (time.Time, error) { return time.Time{}, nil })
			if got == nil || !got.Orphaned {
				t.Errorf("the next lease: %+v", got)
			}
			return time.Time{}, dead
		})
		err := w.Work(t.Context(), &river.Job[frontier.HostArgs]{
			JobRow: &rivertype.JobRow{ID: first.JobID, Attempt: first.Attempt}, Args: frontier.HostArgs{Scan: scan, Source: "shop", Host: "a.example"},
		})
		if !errors.Is(err, dead) {
			t.Error(err)
		}
		equal(t, "stats", b.stats(), frontier.Stats{Queued: 8, Claimed: 2})
	})
}

// Only what a dead worker had claimed is blamed for its death, whatever else
// runs elsewhere; the page that kills its workers is alone when it does so the
// third time, in its own process.
func TestDeathsElsewhereDoNotCount(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, dsn func(testing.TB) string) {
		b := newBed(t, dsn, frontier.Budget{})
		b.add(links("a.example", 0, 3)...)
		b.add(links("b.example", 0, 3)...)
		elsewhere := table(t, b.s, b.clock.Now)
		a := b.fetchJob("a.example")
		// Two deaths make a suspect of a/0, which then runs alone here.
		for range frontier.SuspectDeaths {
			b.claim(a, 1)
			b.t = table(t, b.s, b.clock.Now)
			a = b.fetchJob("a.example")
			b.slice(b.t, a, func(claimer) (time.Time, error) { return time.Time{}, nil })
		}
		for _, e := range b.claim(a, 10) {
			b.finish(a, e)
		}
		suspect := b.claim(a, 10)
		equal(t, "the suspect", urls(suspect), []string{link("a.example", 0).URL})
		// Meanwhile another process dies again and again over a page of its own.
		l := b.fetchJob("b.example")
		deaths := 0
		for n := 0; n < 30 && deaths < frontier.DeadDeaths; n++ {
			got, err := elsewhere.Claim(t.Context(), l, 1)
			if err != nil {
				t.Fatal(err)
			}
			if len(got) == 1 && got[0].URL != link("b.example", 0).URL {
				b.tx(func(tx *sql.Tx) error { return elsewhere.Finish(t.Context(), tx, l, got[0], markwatch.PageFetched, "") })
				continue
			}
			if len(got) == 1 {
				deaths++
			}
			elsewhere = table(t, b.s, b.clock.Now)
			b.add(links("b.example", 10+deaths, 11+deaths)...) // so that the slice does not complete the job
			l = b.fetchJob("b.example")
			b.slice(elsewhere, l, func(claimer) (time.Time, error) { return time.Time{}, nil })
		}
		equal(t, "deaths elsewhere", deaths, frontier.DeadDeaths)
		letters, err := b.t.Dead(t.Context(), scan)
		if err != nil || len(letters) != 1 || letters[0].URL != link("b.example", 0).URL {
			t.Errorf("dead letters %+v, %v", letters, err)
		}
		b.finish(a, suspect[0]) // it was innocent
		var most int
		if err := b.s.Reader().QueryRow(`SELECT max(attempts - faults) FROM frontier WHERE host = 'a.example'`).Scan(&most); err != nil || most != frontier.SuspectDeaths+1 {
			t.Errorf("%d attempts over the suspect, %v", most, err)
		}
		equal(t, "dead", b.stats().Dead, 1)
	})
}
