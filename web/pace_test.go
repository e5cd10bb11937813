package web

import (
	"testing"
	"time"

	"github.com/markwatch/markwatch"
)

func TestPaceSaysNoMoreThanWasSeen(t *testing.T) {
	type seen struct {
		second       float64
		done, queued int
	}
	start := time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name string
		seen []seen
		want tempo
	}{
		{"one look says nothing", []seen{{0, 500, 100}}, tempo{Rate: -1}},
		{"two looks at once say nothing", []seen{{0, 500, 100}, {1, 510, 90}}, tempo{Rate: -1}},
		{"a rate, too early for a rest", []seen{{0, 500, 100}, {10, 520, 80}}, tempo{Rate: 2}},
		{"a queue that shrinks", []seen{{0, 500, 1000}, {40, 600, 900}}, tempo{Rate: 2.5, Rest: 6 * time.Minute}},
		{"a queue that grows", []seen{{0, 500, 1000}, {40, 600, 1200}}, tempo{Rate: 2.5, Growing: true}},
		{"a queue that stays", []seen{{0, 500, 1000}, {40, 600, 1000}}, tempo{Rate: 2.5, Growing: true}},
		{"too few pages to judge by", []seen{{0, 500, 1000}, {40, 510, 990}}, tempo{Rate: 0.25}},
		{"longer than anybody can say", []seen{{0, 500, 1_000_000}, {40, 600, 999_990}}, tempo{Rate: 2.5}},
		{"nothing queued", []seen{{0, 500, 40}, {40, 540, 0}}, tempo{Rate: 1}},
		{"what is older than a minute is forgotten", []seen{{0, 0, 0}, {10, 4000, 900}, {70, 4060, 840}, {71, 4061, 839}}, tempo{Rate: 1, Rest: 839 * time.Second}},
		{"looks within a second are one", []seen{{0, 0, 900}, {30, 30, 870}, {30.2, 30, 870}, {30.4, 30, 870}, {40, 40, 860}}, tempo{Rate: 1, Rest: 860 * time.Second}},
		{"counts that begin anew", []seen{{0, 500, 100}, {40, 10, 50}}, tempo{Rate: -1}},
		{"a clock that was set back", []seen{{40, 500, 100}, {0, 510, 50}}, tempo{Rate: -1}},
	} {
		var p pace
		var got tempo
		for _, s := range test.seen {
			got = p.observe(start.Add(time.Duration(s.second*float64(time.Second))), s.done, s.queued)
		}
		if got.Rest = got.Rest.Round(time.Second); got != test.want {
			t.Errorf("%s: %+v, want %+v", test.name, got, test.want)
		}
	}
	var p pace
	for i := range 10_000 {
		p.observe(start.Add(time.Duration(i)*100*time.Millisecond), i, 10)
	}
	if len(p.points) > 70 {
		t.Errorf("a scan that was watched for long is kept as %d points", len(p.points))
	}
}

// The parts of a stacked bar lie side by side, none beyond its end, and what
// is there is seen.
func TestStackedBar(t *testing.T) {
	for _, test := range []struct {
		pages  markwatch.PageCounts
		queued int
	}{
		{markwatch.PageCounts{}, 0},
		{markwatch.PageCounts{}, 100},
		{markwatch.PageCounts{Fetched: 1}, 0},
		{markwatch.PageCounts{Fetched: 1_000_000, Blocked: 1}, 0},
		{markwatch.PageCounts{Fetched: 1, Unchanged: 1, NotDue: 1, Empty: 1, Robots: 1, Undecodable: 1, Failed: 1, Blocked: 1_000_000}, 5},
		{markwatch.PageCounts{Fetched: 999_999, Unchanged: 1, NotDue: 1, Empty: 1, Robots: 1, Undecodable: 1, Failed: 1, Blocked: 1}, 0},
	} {
		counts := pageCounts(test.pages)
		x := 0
		for i, p := range stack(counts, int64(test.pages.Total()+test.queued)) {
			if p.X != x || p.W < 0 || p.X+p.W > stackWidth {
				t.Errorf("%+v: %s lies at %d+%d after %d", test.pages, p.Name, p.X, p.W, x)
			}
			if (counts[i].N > 0) != (p.W > 0) {
				t.Errorf("%+v: %d %s are %d wide", test.pages, counts[i].N, p.Name, p.W)
			}
			x = p.X + p.W
		}
		if test.queued == 0 && test.pages.Total() > 0 && x < stackWidth-len(counts) {
			t.Errorf("%+v: the bar of all pages ends at %d", test.pages, x)
		}
	}
}

func TestTrendAndSparkline(t *testing.T) {
	at := time.Date(2026, 11, 1, 2, 0, 0, 0, time.UTC)
	scan := func(day, seen int, price float64, p markwatch.PageCounts) markwatch.ScanSummary {
		s := markwatch.ScanSummary{Scan: string(rune('a' + day)), StartedAt: at.AddDate(0, 0, day), FinishedAt: at.AddDate(0, 0, day).Add(time.Hour), Pages: p}
		s.Listings.Seen = seen
		if price >= 0 {
			s.Fields = map[string]float64{"price": price}
		}
		return s
	}
	d := &desk{cfg: Config{Location: time.UTC}}
	newestFirst := []markwatch.ScanSummary{
		scan(3, 50, 2, markwatch.PageCounts{Fetched: 5, Blocked: 5}), scan(2, 0, -1, markwatch.PageCounts{NotDue: 9}),
		scan(1, 100, 0.9, markwatch.PageCounts{Unchanged: 10}), scan(0, 80, 0.8, markwatch.PageCounts{Fetched: 1000, Failed: 1}),
	}
	charts := d.scanTrends(newestFirst[0], newestFirst)
	if len(charts) != 2 || len(charts[0].Dots) != 4 || !charts[0].Dots[3].Now || charts[0].Dots[0].Now || charts[0].High != "100" || charts[0].First != "2026-11-01" {
		t.Errorf("listings: %+v", charts[0])
	}
	// A night without listings says nothing of prices, and is a gap.
	if c := charts[1]; len(c.Dots) != 3 || c.Path[0] != 'M' || c.High != "100%" || len(c.Grid) != 3 {
		t.Errorf("prices: %+v", c)
	}
	if got := d.scanTrends(newestFirst[0], newestFirst[:1]); got != nil {
		t.Errorf("one scan is compared with nothing: %v", got)
	}
	s := newSpark(newestFirst)
	if len(s.Columns) != 3 || s.First != "99%" || s.Last != "50%" || s.Columns[2].H != sparkHeight/2 || !s.Columns[2].Low || s.Columns[0].Low {
		t.Errorf("sparkline: %+v", s)
	}
	if newSpark(nil) != nil || newSpark(newestFirst[1:2]) != nil {
		t.Error("a sparkline of nothing")
	}
}

func TestSparklineIsReadAgainAfterAScan(t *testing.T) {
	var kept trends
	reads := 0
	read := func() ([]markwatch.ScanSummary, error) {
		reads++
		return []markwatch.ScanSummary{{Pages: markwatch.PageCounts{Fetched: 1}}}, nil
	}
	for _, step := range []struct {
		source, last string
		reads        int
	}{{"a", "a-1", 1}, {"a", "a-1", 1}, {"b", "b-1", 2}, {"a", "a-2", 3}, {"b", "b-1", 3}} {
		if s, err := kept.get(step.source, step.last, read); err != nil || len(s.Columns) != 1 || reads != step.reads {
			t.Errorf("%v: %d readings, %+v, %v", step, reads, s, err)
		}
	}
}
