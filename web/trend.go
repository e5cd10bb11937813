package web

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/shopspring/decimal"

	"github.com/markwatch/markwatch"
)

// How many scans of a source are compared, on its scan's page and in the
// sparkline of the sources page.
const (
	trendScans = 30
	sparkScans = 20
)

// scanTrends draws a scan among the others of its source, newest first in
// scans: listings, and how many of them had a price.
func (d *desk) scanTrends(this markwatch.ScanSummary, scans []markwatch.ScanSummary) []*chartView {
	if !slices.ContainsFunc(scans, func(s markwatch.ScanSummary) bool { return s.Scan == this.Scan }) {
		scans = append([]markwatch.ScanSummary{this}, scans...)
	}
	scans = slices.Clone(scans)
	slices.SortStableFunc(scans, func(a, b markwatch.ScanSummary) int { return a.StartedAt.Compare(b.StartedAt) })
	scans = slices.DeleteFunc(scans, func(s markwatch.ScanSummary) bool { return s.FinishedAt.IsZero() && s.Scan != this.Scan })
	if len(scans) < 2 {
		return nil
	}
	whole := func(f float64) string { return amount(decimal.NewFromFloat(f)) }
	share := func(f float64) string { return percent(decimal.NewFromFloat(f)) }
	return []*chartView{
		newTrend("trend.listings", scans, this.Scan, 0, whole, d.cfg.Location, func(s markwatch.ScanSummary) (float64, bool) {
			return float64(max(s.Listings.Seen, 0)), true
		}),
		newTrend("trend.price", scans, this.Scan, 1, share, d.cfg.Location, func(s markwatch.ScanSummary) (float64, bool) {
			f, ok := s.Fields["price"]
			return fraction(f), ok && s.Listings.Seen > 0
		}),
	}
}

// newTrend draws one figure of scans, oldest first and evenly spaced. top is
// the axis' end, 0 for the largest figure. A scan without the figure is a gap.
func newTrend(key string, scans []markwatch.ScanSummary, this string, top float64,
	text func(float64) string, zone *time.Location, figure func(markwatch.ScanSummary) (float64, bool)) *chartView {
	type point struct {
		x, v float64
		scan markwatch.ScanSummary
	}
	var points []point
	gaps := map[int]bool{}
	for i, s := range scans {
		if v, ok := figure(s); ok {
			points = append(points, point{round1(float64(i) / float64(len(scans)-1) * chartWidth), v, s})
		} else {
			gaps[len(points)] = true
		}
	}
	if len(points) == 0 {
		return nil
	}
	low, high := points[0].v, points[0].v
	for _, p := range points {
		low, high = min(low, p.v), max(high, p.v)
	}
	c := &chartView{
		Key: key, W: chartWidth, H: chartHeight, Bottom: chartHeight - 5,
		First: when(scans[0].StartedAt, zone, time.DateOnly), Last: when(scans[len(scans)-1].StartedAt, zone, time.DateOnly),
		Low: text(low), High: text(high),
	}
	axis := newAxis(max(high, top))
	if top > 0 {
		axis = chartAxis{step: top / 2, lines: 2}
	}
	for _, v := range axis.values() {
		c.Grid = append(c.Grid, chartTick{At: axis.y(v), TextAt: axis.y(v) + 4, Text: text(v)})
	}
	var path strings.Builder
	for i, p := range points {
		y := axis.y(p.v)
		if i == 0 || gaps[i] {
			path.WriteString("M")
		} else {
			path.WriteString("L")
		}
		path.WriteString(decimal.NewFromFloat(p.x).String() + " " + decimal.NewFromFloat(y).String())
		c.Dots = append(c.Dots, chartDot{X: round1(14 + p.x*85/chartWidth), Y: y, When: p.scan.StartedAt, Text: text(p.v), Now: p.scan.Scan == this})
	}
	c.Path = path.String()
	return c
}

// spark is the coverage of a source's last scans as columns, oldest first.
type spark struct {
	// Label is the first and the newest share.
	First, Last string
	Width       int
	Columns     []sparkColumn
}

type sparkColumn struct {
	X, Y, H int
	// Low is set where less than nine pages in ten were seen.
	Low  bool
	When time.Time
	Text string
}

// Geometry of a sparkline.
const (
	sparkStep   = 6
	sparkHeight = 20
)

// newSpark draws scans that come newest first; nil where none asked for pages.
func newSpark(scans []markwatch.ScanSummary) *spark {
	s := &spark{}
	for _, sum := range slices.Backward(scans[:min(len(scans), sparkScans)]) {
		share, ok := seenShare(sum.Pages)
		if !ok {
			continue
		}
		h := max(int(share.Mul(decimal.NewFromInt(sparkHeight)).IntPart()), 1)
		s.Columns = append(s.Columns, sparkColumn{
			X: len(s.Columns) * sparkStep, Y: sparkHeight - h, H: h, Low: share.LessThan(decimal.RequireFromString("0.9")),
			When: sum.StartedAt, Text: newCoverage(sum.Pages).Share,
		})
	}
	if len(s.Columns) == 0 {
		return nil
	}
	s.First, s.Last = s.Columns[0].Text, s.Columns[len(s.Columns)-1].Text
	s.Width = len(s.Columns) * sparkStep
	return s
}

// trends keeps the sparkline of every source until its next scan is finished,
// since a page of hundreds of sources would read thousands of scans.
type trends struct {
	mu   sync.Mutex
	seen map[string]trendOf
}

type trendOf struct {
	last string
	line *spark
}

// get returns the sparkline of a source whose newest finished scan is last.
func (t *trends) get(source, last string, read func() ([]markwatch.ScanSummary, error)) (*spark, error) {
	t.mu.Lock()
	known, ok := t.seen[source]
	t.mu.Unlock()
	if ok && known.last == last {
		return known.line, nil
	}
	scans, err := read()
	if err != nil {
		return nil, err
	}
	line := newSpark(scans)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.seen == nil {
		t.seen = map[string]trendOf{}
	}
	t.seen[source] = trendOf{last, line}
	return line, nil
}
