package web

import (
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/index"
)

// dashboardDays is how many days the trend shows.
const dashboardDays = 30

// dashboardView is the page of figures.
type dashboardView struct {
	Total                    int64
	Trend                    *chartView
	New                      int64 // within dashboardDays
	Violations, Regions      []bar
	Statuses, Brands         []bar
	Rules                    []ruleRow
	Blocked                  []sourceRow
	HasSources, SourcesFault bool
	// Reports is set where there are pages of what must be reported.
	Reports bool
}

// bar is one value with its count, as long as its share of the longest.
type bar struct {
	Name, URL, Short, Class string
	N                       int64
	Width                   int
}

// barLength is that of the longest bar.
const barLength = 240

func (d *desk) dashboard(w http.ResponseWriter, r *http.Request) {
	l := language(r)
	v := dashboardView{HasSources: d.cfg.Sources != nil, Reports: d.cfg.Reports != nil}
	err := d.audit(r, actorOf(r), AuditPageView, "/dashboard", "")
	if err == nil {
		err = d.figures(r, l, &v)
	}
	if err != nil {
		d.fail(w, r, err)
		return
	}
	d.render(w, r, http.StatusOK, "dashboard", d.cat.text(l, "dashboard.title"), v)
}

func (d *desk) figures(r *http.Request, l lang, v *dashboardView) error {
	f, err := d.counted(r)
	if err != nil {
		return err
	}
	v.Total = int64(f.total)
	v.Violations, v.Regions = d.bars(r, l, index.FieldViolation, f.facets, 20), d.bars(r, l, index.FieldRegion, f.facets, 40)
	v.Statuses, v.Brands = d.bars(r, l, index.FieldStatus, f.facets, 20), d.bars(r, l, index.FieldSubject, f.facets, 10)
	for _, p := range f.days {
		v.New += int64(p.n)
	}
	v.Trend = d.leadTrend(f.days)
	for name := range f.rules {
		matcher, rule, _ := strings.Cut(name, "/")
		row := d.ruleRow(l, name, "", -1, f.rules)
		row.ID, row.Title = name, d.ruleName(l, markwatch.Finding{Matcher: matcher, Rule: rule})
		v.Rules = append(v.Rules, row)
	}
	slices.SortFunc(v.Rules, func(a, b ruleRow) int {
		x, y := a.Precision.Confirmed+a.Precision.Dismissed, b.Precision.Confirmed+b.Precision.Dismissed
		if x != y {
			return int(y - x)
		}
		return strings.Compare(a.ID, b.ID)
	})
	v.Rules = v.Rules[:min(len(v.Rules), 15)]
	return d.blocked(r, l, v)
}

func (d *desk) bars(r *http.Request, l lang, field index.Field, facets map[index.Field][]index.Count, most int) []bar {
	var out []bar
	longest := 1
	for _, c := range facets[field][:min(len(facets[field]), most)] {
		longest = max(longest, c.N)
		b := bar{
			Name: d.facetValue(r.Context(), l, field, c.Value), N: int64(c.N), Width: max(1, c.N*barLength/longest),
			URL: address{Page: 1}.with(choice{Field: field, Value: c.Value}).url(),
		}
		if field == index.FieldViolation {
			badge := d.badge(l, markwatch.Violation(c.Value))
			b.Short, b.Class = badge.Short, badge.Class
		}
		out = append(out, b)
	}
	return out
}

// trendPoint is the figure of one day.
type trendPoint struct {
	at   time.Time
	n    float64
	text string
}

// leadTrend draws a figure over days, one dot a day.
func (d *desk) leadTrend(points []trendPoint) *chartView {
	low, high := points[0], points[0]
	for _, p := range points {
		if p.n < low.n {
			low = p
		}
		if p.n > high.n {
			high = p
		}
	}
	axis := countAxis(high.n)
	c := &chartView{
		Key: "dashboard.trend", W: chartWidth, H: chartHeight, Bottom: chartHeight - 5, Low: low.text, High: high.text,
		First: when(points[0].at, d.cfg.Location, time.DateOnly), Last: when(points[len(points)-1].at, d.cfg.Location, time.DateOnly),
	}
	for _, v := range axis.values() {
		c.Grid = append(c.Grid, chartTick{At: axis.y(v), TextAt: axis.y(v) + 4, Text: short(langEN, int64(v))})
	}
	var path strings.Builder
	for i, p := range points {
		x := round1(float64(i) / float64(len(points)-1) * chartWidth)
		letter := "L"
		if i == 0 {
			letter = "M"
		}
		path.WriteString(letter + coordinate(x) + " " + coordinate(axis.y(p.n)))
		c.Dots = append(c.Dots, chartDot{X: round1(14 + x*85/chartWidth), Y: axis.y(p.n), When: p.at, Text: p.text})
	}
	c.Path = path.String()
	return c
}

// countAxis is an axis of whole numbers.
func countAxis(top float64) chartAxis {
	for scale := 1.0; ; scale *= 10 {
		for _, m := range [...]float64{1, 2, 5} {
			if lines := int(math.Ceil(top / (m * scale) * 1.04)); lines <= 5 {
				return chartAxis{step: m * scale, lines: max(lines, 1)}
			}
		}
	}
}

// blocked are the sources that are not seen as they should be.
func (d *desk) blocked(r *http.Request, l lang, v *dashboardView) error {
	if d.cfg.Sources == nil {
		return nil
	}
	list, err := d.cfg.Sources.Sources(r.Context())
	if err != nil {
		return err
	}
	for _, s := range list {
		if s.Health == markwatch.HealthGood || s.Health == markwatch.HealthNew {
			continue
		}
		row, err := d.sourceRow(r, l, s)
		if err != nil {
			return err
		}
		v.Blocked = append(v.Blocked, row)
	}
	return nil
}
