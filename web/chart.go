package web

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/markwatch/markwatch"
)

// The chart is as wide as the page gives it and chartHeight pixels high, so
// that its text is never scaled. The line is drawn in chartWidth units that
// are stretched over 85% of the width, from 14% on.
const (
	chartWidth  = 1000
	chartHeight = 200
	chartTop    = 16
	chartBottom = 26
	// chartPoints bounds what is drawn of a long history.
	chartPoints = 400
)

// chartView is the geometry of a figure over time: the prices of an offer
// against the official price and the floor, the listings of a source's scans.
type chartView struct {
	// Key is the message that says what is drawn.
	Key          string
	W, H, Bottom int
	// First and Last are the first and the last day, Low and High the lowest
	// and the highest figure.
	First, Last, Low, High string
	Grid                   []chartTick
	Levels                 []chartLevel
	Path                   string
	Dots                   []chartDot
}

type chartTick struct {
	At, TextAt float64
	Text       string
}

type chartLevel struct {
	Class, Key, Text string
	At, TextAt       float64
}

// chartDot is one figure; X is in percent of the chart's width.
type chartDot struct {
	X, Y float64
	When time.Time
	Text string
	// Now marks the figure that the page is about.
	Now bool
}

// newChart draws a history of at least one price, and what is known beside it:
// the official price, the floor, the market's middle. Prices in another currency
// than the newest one's are left out: they cannot stand on one axis. Levels
// are in renminbi and are left out where the prices are not.
func newChart(history []PricePoint, known map[string]*decimal.Decimal, zone *time.Location) *chartView {
	var points []PricePoint
	for _, p := range history {
		if sized(p.Price.Amount) && !p.Price.Amount.IsNegative() && p.Price.Currency == history[len(history)-1].Price.Currency {
			points = append(points, p)
		}
	}
	if len(points) == 0 {
		return nil
	}
	slices.SortStableFunc(points, func(a, b PricePoint) int { return a.At.Compare(b.At) })
	points = points[max(0, len(points)-chartPoints):]
	low, high := points[0].Price, points[0].Price
	for _, p := range points {
		if p.Price.Amount.LessThan(low.Amount) {
			low = p.Price
		}
		if p.Price.Amount.GreaterThan(high.Amount) {
			high = p.Price
		}
	}
	top := high.Amount
	levels := map[string]*decimal.Decimal{}
	if points[0].Price.Currency == markwatch.CNY {
		for name, level := range known {
			if level != nil && level.IsPositive() && sized(*level) {
				levels[name] = level
				top = decimal.Max(top, *level)
			}
		}
	}
	axis := newAxis(top.InexactFloat64())

	c := &chartView{
		Key: "chart.label", W: chartWidth, H: chartHeight, Bottom: chartHeight - 5,
		First: when(points[0].At, zone, time.DateOnly), Last: when(points[len(points)-1].At, zone, time.DateOnly),
		Low: money(low), High: money(high),
	}
	span := points[len(points)-1].At.Sub(points[0].At).Seconds()
	x := func(t time.Time) float64 {
		if span <= 0 {
			return chartWidth / 2
		}
		return round1(t.Sub(points[0].At).Seconds() / span * chartWidth)
	}
	for _, v := range axis.values() {
		c.Grid = append(c.Grid, chartTick{At: axis.y(v), TextAt: axis.y(v) + 4, Text: amount(decimal.NewFromFloat(v))})
	}
	for _, name := range [...]string{"official", "floor", "market"} {
		if level, ok := levels[name]; ok {
			at := axis.y(level.InexactFloat64())
			c.Levels = append(c.Levels, chartLevel{Class: name, Key: "bar." + name, Text: "¥" + amount(*level), At: at, TextAt: at - 5})
		}
	}
	// An offer costs what it cost until it is seen to cost something else.
	var path strings.Builder
	for i, p := range points {
		px, py := x(p.At), axis.y(p.Price.Amount.InexactFloat64())
		if i == 0 {
			fmt.Fprintf(&path, "M%g %g", px, py)
		} else {
			fmt.Fprintf(&path, "H%gV%g", px, py)
		}
		if i == 0 || i == len(points)-1 || !p.Price.Amount.Equal(points[i-1].Price.Amount) {
			c.Dots = append(c.Dots, chartDot{X: round1(14 + px*85/chartWidth), Y: py, When: p.At, Text: money(p.Price)})
		}
	}
	c.Path = path.String()
	return c
}

// chartAxis is the vertical axis, from 0 on.
type chartAxis struct {
	step  float64
	lines int
}

// newAxis returns an axis that ends a little above top.
func newAxis(top float64) chartAxis {
	step, lines := gridStep(top)
	return chartAxis{step, lines}
}

// values are those of the grid's lines.
func (a chartAxis) values() []float64 {
	out := make([]float64, a.lines+1)
	for i := range out {
		out[i] = a.step * float64(i)
	}
	return out
}

// y is where a value stands, in pixels from the top.
func (a chartAxis) y(v float64) float64 {
	return round1(chartHeight - chartBottom - v/(a.step*float64(a.lines))*(chartHeight-chartBottom-chartTop))
}

// gridStep finds a round step so that two to five of them cover top.
func gridStep(top float64) (step float64, lines int) {
	if !(top > 0) {
		return 1, 2
	}
	scale := math.Pow(10, math.Floor(math.Log10(top)))
	for _, m := range [...]float64{0.2, 0.25, 0.5, 1, 2, 2.5, 5} {
		step = m * scale
		if lines = int(math.Ceil(top / step * 1.04)); lines <= 4 {
			return step, max(lines, 1)
		}
	}
	return scale * 5, 2
}

func round1(f float64) float64 { return math.Round(f*10) / 10 }
