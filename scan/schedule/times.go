package schedule

import (
	"sort"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/robfig/cron/v3"
)

// parse reads a cron line of five fields, or a descriptor such as @daily.
// Every process reads the same times out of it, whenever it was started.
func parse(line string, loc *time.Location) (cron.Schedule, error) {
	s, err := cron.ParseStandard(line)
	if err != nil {
		return nil, markwatch.WrapError(markwatch.CodeInvalid, err, "%q is no cron line", line)
	}
	switch s := s.(type) {
	case cron.ConstantDelaySchedule:
		return aligned(s.Delay), nil
	case *cron.SpecSchedule:
		s.Location = time.UTC
		return wallClock{s, loc}, nil
	}
	return s, nil
}

// aligned ticks at whole multiples of itself since year 1 UTC. cron counts
// @every from the start of the process, so that no two processes would agree.
type aligned time.Duration

// Next is the first tick after t.
func (a aligned) Next(t time.Time) time.Time {
	return t.Truncate(time.Duration(a)).Add(time.Duration(a))
}

// wallClock ticks where the clock on the wall shows what the line says. A day
// whose hour is left out when clocks go forward has its tick by as much later,
// one whose hour comes twice has it once: every night is scanned, and scanned
// once. cron by itself passes over the first.
type wallClock struct {
	line cron.Schedule // in UTC
	loc  *time.Location
}

// longestShift is more than any zone ever moved its clock at once but for
// days that were left out of the calendar.
const longestShift = 3 * time.Hour

// Next is the first tick after t, zero where there is none in five years.
func (s wallClock) Next(t time.Time) time.Time {
	for wall := s.line.Next(reads(t.In(s.loc), time.UTC).Add(-longestShift)); !wall.IsZero(); wall = s.line.Next(wall) {
		tick := reads(wall, s.loc)
		if left := wall.Sub(reads(tick, time.UTC)); left > 0 {
			tick = tick.Add(left)
		}
		if tick.After(t) {
			return tick
		}
	}
	return time.Time{}
}

// reads is the time at which a clock in loc reads what t's clock reads.
func reads(t time.Time, loc *time.Location) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, loc)
}

// farthest is how far back a newest tick is looked for: as far as cron looks
// ahead.
const farthest = 5 * 366 * 24 * time.Hour

// newest is the last tick that is not after now, zero where there is none in
// five years.
func newest(s cron.Schedule, now time.Time) time.Time {
	ticked := func(since time.Time) bool {
		next := s.Next(since)
		return !next.IsZero() && !next.After(now)
	}
	back := time.Minute
	for ; !ticked(now.Add(-back)); back *= 4 {
		if back > farthest {
			return time.Time{}
		}
	}
	from := now.Add(-back).Truncate(time.Second)
	seconds := sort.Search(int(back/time.Second)+1, func(i int) bool { return !ticked(from.Add(time.Duration(i) * time.Second)) })
	return s.Next(from.Add(time.Duration(seconds-1) * time.Second))
}
