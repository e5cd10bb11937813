package schedule

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/robfig/cron/v3"
)

// Entry is one source with a schedule.
type Entry struct {
	Source string
	// Schedule is a cron line; a source without one is left out.
	Schedule string
	// CatchUp is "run" where a missed tick is made up for at start; anything
	// else skips it.
	CatchUp string
}

// Options of a Schedule.
type Options struct {
	// Location is the zone of the cron lines; UTC where nil.
	Location *time.Location
	Sources  []Entry
	// Insert makes the tick known to all processes; see Inserter. A tick that
	// is known already is no error.
	Insert func(ctx context.Context, source string, tick time.Time) error
	// LastTick is the newest tick of the source that was begun or skipped, or
	// the time from which the source is watched where it never ticked; zero
	// where that is not known, so that nothing counts as missed.
	LastTick func(ctx context.Context, source string) (time.Time, error)
	// Skipped notes a tick that nothing will come of; it is only logged where nil.
	Skipped func(ctx context.Context, source string, tick time.Time, why Skip) error
	// Now is the clock by which Next, Prev and missed ticks go; time.Now where nil.
	Now func() time.Time
	// Logger gets what went wrong with single ticks; nothing is logged where nil.
	Logger *slog.Logger
}

// Skip is why nothing came of a tick.
type Skip string

// The reasons.
const (
	// SkipMissed ticked while no process ran, and the source does not catch up.
	SkipMissed Skip = "missed"
	// SkipOpen ticked while a scan of the source was open.
	SkipOpen Skip = "open"
)

// Schedule fires the ticks of sources. Its methods may be called from any
// goroutine; Run is called once.
type Schedule struct {
	opts Options
	loc  *time.Location
	now  func() time.Time
	log  *slog.Logger
	cron *cron.Cron

	mu      sync.Mutex
	entries map[string]entry
	ctx     context.Context // that of Run, under which ticks are inserted
}

type entry struct {
	Entry
	times cron.Schedule
	id    cron.EntryID
}

// New returns a Schedule. The error has markwatch.CodeInvalid where a cron
// line is wrong or a source stands there twice.
func New(opts Options) (*Schedule, error) {
	s := &Schedule{opts: opts, loc: opts.Location, now: opts.Now, log: opts.Logger, entries: map[string]entry{}, ctx: context.Background()}
	if s.loc == nil {
		s.loc = time.UTC
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	logger := cronLogger{s.log}
	// Skipping stands outside recovering: the other way round, a panic would
	// leave the entry marked as running for ever.
	s.cron = cron.New(cron.WithLocation(s.loc), cron.WithLogger(logger),
		cron.WithChain(cron.SkipIfStillRunning(logger), cron.Recover(logger)))
	return s, s.Reload(opts.Sources)
}

// Reload replaces the entries; one that stays the same goes on undisturbed.
// Where one is wrong the error has markwatch.CodeInvalid and nothing changes.
func (s *Schedule) Reload(entries []Entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	fresh := make(map[string]entry, len(entries))
	for _, e := range entries {
		if e.Schedule == "" {
			continue
		}
		if _, twice := fresh[e.Source]; twice {
			return markwatch.Errorf(markwatch.CodeInvalid, "the source %s has two schedules", e.Source)
		}
		times, err := parse(e.Schedule, s.loc)
		if err != nil {
			return markwatch.WrapError(markwatch.CodeInvalid, err, "the schedule of %s", e.Source)
		}
		fresh[e.Source] = entry{Entry: e, times: times}
	}
	for source, old := range s.entries {
		if e, ok := fresh[source]; ok && e.Schedule == old.Schedule {
			e.id = old.id
			fresh[source] = e
			continue
		}
		s.cron.Remove(old.id)
	}
	for source, e := range fresh {
		if e.id == 0 {
			e.id = s.cron.Schedule(e.times, cron.FuncJob(func() { s.due(source, e.times) }))
			fresh[source] = e
		}
	}
	s.entries = fresh
	return nil
}

// Next is the source's next tick; zero without a schedule.
func (s *Schedule) Next(source string) time.Time {
	if e, ok := s.entry(source); ok {
		return e.times.Next(s.now())
	}
	return time.Time{}
}

// Prev is the source's newest tick that is not in the future, whether
// anything came of it or not; zero without a schedule.
func (s *Schedule) Prev(source string) time.Time {
	if e, ok := s.entry(source); ok {
		return newest(e.times, s.now())
	}
	return time.Time{}
}

func (s *Schedule) entry(source string) (entry, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.entries[source]
	return e, ok
}

// cronLogger hands cron's words to slog. Each wake-up is nothing to read.
type cronLogger struct{ log *slog.Logger }

// Info is cron's word on what it does.
func (l cronLogger) Info(msg string, pairs ...any) { l.log.Debug("schedule: "+msg, pairs...) }

// Error is cron's word on a panic.
func (l cronLogger) Error(err error, msg string, pairs ...any) {
	l.log.Error("schedule: "+msg, append([]any{"err", err}, pairs...)...)
}
