package schedule_test

import (
	"slices"
	"testing"
	"time"
	_ "time/tzdata" // the zones of the table must be known wherever the test runs

	"github.com/markwatch/markwatch/scan/schedule"
)

func zone(tb testing.TB, name string) *time.Location {
	tb.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		tb.Fatal(err)
	}
	return loc
}

// at is a Schedule with one source "s", whose clock stands still.
func at(tb testing.TB, line string, loc *time.Location, now time.Time) *schedule.Schedule {
	tb.Helper()
	s, err := schedule.New(schedule.Options{
		Location: loc, Sources: []schedule.Entry{{Source: "s", Schedule: line}}, Now: func() time.Time { return now },
	})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// TestNextAndPrev holds the days on which clocks change: each has its tick,
// and has it once.
func TestNextAndPrev(t *testing.T) {
	for _, c := range []struct {
		name, line, zone, now string
		prev                  string
		next                  []string
	}{
		{
			"two in the morning in Shanghai", "0 2 * * *", "Asia/Shanghai", "2026-11-21T17:59:59Z",
			"2026-11-20T18:00:00Z", []string{"2026-11-21T18:00:00Z", "2026-11-22T18:00:00Z"},
		},
		{
			"on the tick", "0 2 * * *", "Asia/Shanghai", "2026-11-21T18:00:00Z",
			"2026-11-21T18:00:00Z", []string{"2026-11-22T18:00:00Z"},
		},
		{
			"an hour that is left out", "30 2 * * *", "America/New_York", "2026-03-07T12:00:00Z",
			"2026-03-07T07:30:00Z", []string{"2026-03-08T07:30:00Z", "2026-03-09T06:30:00Z"},
		},
		{
			"just before an hour that is left out", "30 2 * * *", "America/New_York", "2026-03-08T07:10:00Z",
			"2026-03-07T07:30:00Z", []string{"2026-03-08T07:30:00Z", "2026-03-09T06:30:00Z"},
		},
		{
			"an hour that comes twice", "30 1 * * *", "America/New_York", "2026-10-31T12:00:00Z",
			"2026-10-31T05:30:00Z", []string{"2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"},
		},
		{
			"a midnight that is left out", "0 0 * * *", "America/Havana", "2026-03-07T12:00:00Z",
			"2026-03-07T05:00:00Z", []string{"2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"},
		},
		{
			"half an hour's shift", "15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z",
			"2026-10-02T15:45:00Z", []string{"2026-10-03T15:45:00Z", "2026-10-04T15:15:00Z"},
		},
		{
			"mondays", "0 3 * * 1", "Asia/Shanghai", "2026-11-22T02:00:00Z",
			"2026-11-15T19:00:00Z", []string{"2026-11-22T19:00:00Z", "2026-11-29T19:00:00Z"},
		},
		{
			"a leap day", "0 0 29 2 *", "UTC", "2026-11-22T00:00:00Z",
			"2024-02-29T00:00:00Z", []string{"2028-02-29T00:00:00Z"},
		},
		{
			"every six hours, whenever the process began", "@every 6h", "Asia/Shanghai", "2026-11-22T05:59:13Z",
			"2026-11-22T00:00:00Z", []string{"2026-11-22T06:00:00Z", "2026-11-22T12:00:00Z"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			now, err := time.Parse(time.RFC3339, c.now)
			if err != nil {
				t.Fatal(err)
			}
			loc := zone(t, c.zone)
			if got := at(t, c.line, loc, now).Prev("s").UTC().Format(time.RFC3339); got != c.prev {
				t.Errorf("prev is %s, want %s", got, c.prev)
			}
			var next []string
			for len(next) < len(c.next) {
				now = at(t, c.line, loc, now).Next("s")
				next = append(next, now.UTC().Format(time.RFC3339))
			}
			if !slices.Equal(next, c.next) {
				t.Errorf("next are %s, want %s", next, c.next)
			}
		})
	}
}

// TestEveryDayOnce walks more than a year of each zone, with both of its
// changes.
func TestEveryDayOnce(t *testing.T) {
	for _, name := range []string{"Asia/Shanghai", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/Havana"} {
		loc := zone(t, name)
		for _, line := range []string{"0 0 * * *", "30 1 * * *", "30 2 * * *", "15 3 * * *"} {
			now := time.Date(2020, 1, 1, 0, 0, 0, 0, loc)
			s, err := schedule.New(schedule.Options{
				Location: loc, Sources: []schedule.Entry{{Source: "s", Schedule: line}}, Now: func() time.Time { return now },
			})
			if err != nil {
				t.Fatal(err)
			}
			now = now.Add(-time.Second) // the walk begins with the first tick of the year
			for day := range 400 {
				want := time.Date(2020, 1, 1+day, 12, 0, 0, 0, loc).Format(time.DateOnly)
				if now = s.Next("s"); now.Format(time.DateOnly) != want {
					t.Fatalf("%s, %s: the tick after that of the day before %s is %s", name, line, want, now)
				}
				if prev := s.Prev("s"); !prev.Equal(now) {
					t.Fatalf("%s, %s: at the tick %s the newest is %s", name, line, now, prev)
				}
			}
		}
	}
}

func TestNoScheduleNoTick(t *testing.T) {
	s := at(t, "", time.UTC, time.Now())
	if !s.Next("s").IsZero() || !s.Prev("s").IsZero() || !s.Next("other").IsZero() {
		t.Error("a source without a schedule has ticks")
	}
}
