package schedule_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/scan/schedule"
)

// book writes down what a Schedule does.
type book struct {
	mu    sync.Mutex
	lines []string
	last  map[string]time.Time
}

func (b *book) write(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lines = append(b.lines, fmt.Sprintf(format, args...))
}

func (b *book) insert(_ context.Context, source string, tick time.Time) error {
	b.write("%s %s", source, tick.UTC().Format("01-02 15:04"))
	return nil
}

func (b *book) skipped(_ context.Context, source string, tick time.Time, why schedule.Skip) error {
	b.write("%s %s %s", source, tick.UTC().Format("01-02 15:04"), why)
	return nil
}

func (b *book) lastTick(_ context.Context, source string) (time.Time, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.last[source], nil
}

func (b *book) expect(t *testing.T, want ...string) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	slices.Sort(b.lines)
	slices.Sort(want)
	if !slices.Equal(b.lines, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(b.lines, "\n"), strings.Join(want, "\n"))
	}
	b.lines = nil
}

func (b *book) options(sources ...schedule.Entry) schedule.Options {
	return schedule.Options{Sources: sources, Insert: b.insert, LastTick: b.lastTick, Skipped: b.skipped}
}

// run lets a Schedule run for a while of the bubble's time, which begins on
// 2000-01-01 at midnight UTC.
func run(t *testing.T, s *schedule.Schedule, during func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- s.Run(ctx) }()
	synctest.Wait()
	during()
	synctest.Wait()
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func build(t *testing.T, opts schedule.Options) *schedule.Schedule {
	t.Helper()
	s, err := schedule.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTicksFire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b book
		s := build(t, b.options(
			schedule.Entry{Source: "night", Schedule: "0 2 * * *"},
			schedule.Entry{Source: "often", Schedule: "@every 12h"},
			schedule.Entry{Source: "never"},
		))
		run(t, s, func() { time.Sleep(49 * time.Hour) })
		b.expect(t, "night 01-01 02:00", "night 01-02 02:00", "often 01-01 12:00", "often 01-02 00:00", "often 01-02 12:00", "often 01-03 00:00")
	})
}

func TestTicksOfTheConfiguredZone(t *testing.T) {
	shanghai := zone(t, "Asia/Shanghai")
	synctest.Test(t, func(t *testing.T) {
		var b book
		opts := b.options(schedule.Entry{Source: "night", Schedule: "0 2 * * *"})
		opts.Location = shanghai
		run(t, build(t, opts), func() { time.Sleep(24 * time.Hour) })
		b.expect(t, "night 01-01 18:00")
	})
}

// TestMissedTicks: of many missed ticks the newest alone is made up for.
func TestMissedTicks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(5*24*time.Hour + 3*time.Hour) // Thursday 01-06, 03:00
		now := time.Now()
		b := book{last: map[string]time.Time{
			"run": now.Add(-80 * time.Hour), "skip": now.Add(-80 * time.Hour), "done": now.Add(-time.Hour),
			"recent": now.Add(-25 * time.Hour),
		}}
		s := build(t, b.options(
			schedule.Entry{Source: "run", Schedule: "0 2 * * *", CatchUp: "run"},
			schedule.Entry{Source: "skip", Schedule: "0 2 * * *", CatchUp: "skip"},
			schedule.Entry{Source: "done", Schedule: "0 2 * * *", CatchUp: "run"},
			schedule.Entry{Source: "new", Schedule: "0 2 * * *", CatchUp: "run"},
			schedule.Entry{Source: "recent", Schedule: "0 3 * * *", CatchUp: "skip"},
		))
		run(t, s, func() { time.Sleep(time.Hour) })
		b.expect(t, "run 01-06 02:00", "skip 01-06 02:00 missed", "recent 01-06 03:00")
	})
}

// TestOneSourceDisturbsNoOther: panics, errors and slowness of one.
func TestOneSourceDisturbsNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b book
		opts := b.options(
			schedule.Entry{Source: "bad", Schedule: "0 * * * *"}, schedule.Entry{Source: "good", Schedule: "0 * * * *"},
			schedule.Entry{Source: "shaky", Schedule: "30 * * * *"},
		)
		panics, failures := 0, 0
		opts.Insert = func(ctx context.Context, source string, tick time.Time) error {
			switch {
			case source == "bad":
				panics++
				panic("out of order")
			case source == "shaky" && failures < 2:
				failures++
				return errors.New("the database is away")
			}
			return b.insert(ctx, source, tick)
		}
		opts.LastTick = func(_ context.Context, source string) (time.Time, error) {
			if source == "bad" {
				panic("out of order too")
			}
			return time.Time{}, errors.New("not now")
		}
		run(t, build(t, opts), func() { time.Sleep(3*time.Hour + time.Minute) })
		b.expect(t, "good 01-01 01:00", "good 01-01 02:00", "good 01-01 03:00", "shaky 01-01 00:30", "shaky 01-01 01:30", "shaky 01-01 02:30")
		if panics != 3 {
			t.Errorf("the bad source ticked %d times, want 3: a panic stopped it", panics)
		}
	})
}

// TestClockJumps: a machine that slept has missed its tick while it ran.
func TestClockJumps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := book{last: map[string]time.Time{"night": time.Now()}}
		var slept atomic.Int64
		opts := b.options(schedule.Entry{Source: "night", Schedule: "0 2 * * *", CatchUp: "run"})
		opts.Now = func() time.Time { return time.Now().Add(time.Duration(slept.Load())) }
		s := build(t, opts)
		run(t, s, func() {
			time.Sleep(90 * time.Second)
			slept.Store(int64(4 * time.Hour))
			time.Sleep(2 * time.Minute)
			b.expect(t, "night 01-01 02:00")
		})
	})
}

func TestReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b book
		s := build(t, b.options(schedule.Entry{Source: "a", Schedule: "0 1 * * *"}, schedule.Entry{Source: "b", Schedule: "0 1 * * *"}))
		run(t, s, func() {
			if err := s.Reload([]schedule.Entry{{Source: "a", Schedule: "not a line"}}); markwatch.ErrorCode(err) != markwatch.CodeInvalid {
				t.Errorf("a wrong line: %v", err)
			}
			if err := s.Reload([]schedule.Entry{{Source: "a", Schedule: "0 1 * * *"}, {Source: "a", Schedule: "0 2 * * *"}}); markwatch.ErrorCode(err) != markwatch.CodeInvalid {
				t.Errorf("a source twice: %v", err)
			}
			time.Sleep(90 * time.Minute)
			b.expect(t, "a 01-01 01:00", "b 01-01 01:00")
			if err := s.Reload([]schedule.Entry{{Source: "a", Schedule: "0 3 * * *"}, {Source: "c", Schedule: "0 4 * * *"}}); err != nil {
				t.Fatal(err)
			}
			if next := s.Next("a"); next.Hour() != 3 {
				t.Errorf("the next tick of a is %s", next)
			}
			time.Sleep(24 * time.Hour)
			b.expect(t, "a 01-01 03:00", "c 01-01 04:00")
		})
	})
}
