package schedule

import (
	"context"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"time"
)

const (
	// onTime is how late a tick may be seen without having been missed: another
	// process may be about to fire it.
	onTime = time.Minute
	// tries and retryWait are for a tick whose job could not be inserted.
	tries     = 5
	retryWait = 10 * time.Second
	// lookEvery is how often Run looks whether the clock jumped.
	lookEvery = time.Minute
)

// Run makes up for what was missed and fires ticks until ctx ends, and returns
// when the ticks in flight are done. It is not an error that ctx ended.
//
// A machine that slept, or whose clock was set, has missed ticks while the
// process was there: they are treated as at start.
func (s *Schedule) Run(ctx context.Context) error {
	s.mu.Lock()
	s.ctx = ctx
	s.mu.Unlock()
	s.cron.Start()
	defer func() { <-s.cron.Stop().Done() }()
	s.missed(ctx)
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for last := s.now(); ; {
		select {
		case <-ctx.Done():
			return nil
		case <-look.C:
		}
		// Without their monotonic part times differ as clocks on a wall do.
		now := s.now()
		if jump := now.Round(0).Sub(last.Round(0)) - lookEvery; jump > onTime || jump < -onTime {
			s.log.Warn("schedule: the clock jumped", "by", jump)
			s.rearm()
			s.missed(ctx)
		}
		last = now
	}
}

// rearm has cron reckon every next tick anew, since it waits for spans and
// not for times of day.
func (s *Schedule) rearm() {
	<-s.cron.Stop().Done()
	s.cron.Start()
}

// due fires a tick whose time has come.
func (s *Schedule) due(source string, times interface{ Next(time.Time) time.Time }) {
	s.mu.Lock()
	ctx := s.ctx
	s.mu.Unlock()
	tick := newest(times, s.now())
	if tick.IsZero() || ctx.Err() != nil {
		return
	}
	s.fire(ctx, source, tick)
}

// fire inserts a tick's job, and tries again where that fails: the database
// may be away for a moment, and the next tick is a day off.
func (s *Schedule) fire(ctx context.Context, source string, tick time.Time) {
	for try := 1; ; try++ {
		err := s.opts.Insert(ctx, source, tick)
		if err == nil {
			s.log.Info("schedule: tick", "source", source, "tick", tick)
			return
		}
		s.log.Error("schedule: a tick could not be fired", "source", source, "tick", tick, "try", try, "err", err)
		if try == tries {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Duration(try) * retryWait):
		}
	}
}

// missed fires the newest tick of each source that nothing was done about, or
// notes it as skipped. Older ones are gone: one scan sees what they would have.
func (s *Schedule) missed(ctx context.Context) {
	s.mu.Lock()
	entries := maps.Clone(s.entries)
	s.mu.Unlock()
	for _, source := range slices.Sorted(maps.Keys(entries)) {
		if ctx.Err() != nil {
			return
		}
		if err := s.makeUp(ctx, entries[source]); err != nil {
			s.log.Error("schedule: missed ticks", "source", source, "err", err)
		}
	}
}

func (s *Schedule) makeUp(ctx context.Context, e entry) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	last, err := s.opts.LastTick(ctx, e.Source)
	if err != nil || last.IsZero() {
		return err
	}
	now := s.now()
	tick := newest(e.times, now)
	switch {
	case tick.IsZero() || !tick.After(last):
		return nil
	case e.CatchUp == "run" || now.Sub(tick) <= onTime:
		s.fire(ctx, e.Source, tick)
		return nil
	}
	s.log.Warn("schedule: a tick was missed and is skipped", "source", e.Source, "tick", tick)
	if s.opts.Skipped == nil {
		return nil
	}
	return s.opts.Skipped(ctx, e.Source, tick, SkipMissed)
}
