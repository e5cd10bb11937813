package web

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/markwatch/markwatch/index"
)

// figures are the counts of the page of figures, for everybody with the same
// bounds and in any language.
type figures struct {
	at     time.Time
	total  int
	facets map[index.Field][]index.Count
	rules  map[string]precision
	days   []trendPoint
}

// figuresTTL is how old figures may be; maxFigures for how many bounds they are
// kept.
const (
	figuresTTL = time.Minute
	maxFigures = 200
)

// figuresKept keeps figures by the bounds that they are for, since they ask the
// index for every lead, every day and every rule.
type figuresKept struct {
	mu   sync.Mutex
	kept map[string]*figuresEntry
}

// figuresEntry is counted by one request at a time; others of the same bounds
// wait for it, and none of other bounds does.
type figuresEntry struct {
	mu sync.Mutex
	figures
}

func (k *figuresKept) entry(key string) *figuresEntry {
	k.mu.Lock()
	defer k.mu.Unlock()
	e, ok := k.kept[key]
	if !ok {
		if k.kept == nil || len(k.kept) >= maxFigures {
			k.kept = map[string]*figuresEntry{}
		}
		e = &figuresEntry{}
		k.kept[key] = e
	}
	return e
}

// counted returns the figures for a person's bounds.
func (d *desk) counted(r *http.Request) (figures, error) {
	b := personOf(r).Bounds
	e := d.kept.entry(strings.Join(b.Units, ",") + "|" + strings.Join(b.Regions, ","))
	e.mu.Lock()
	defer e.mu.Unlock()
	now := d.cfg.Now()
	if age := now.Sub(e.at); !e.at.IsZero() && age >= 0 && age <= figuresTTL {
		return e.figures, nil
	}
	f := figures{at: now}
	res, err := d.ask(r, index.Query{
		Limit: -1, Filters: map[index.Field][]string{index.FieldLead: {"true"}}, Location: d.cfg.Location, FacetLimit: 40,
		Facets: []index.Field{index.FieldViolation, index.FieldRegion, index.FieldStatus, index.FieldSubject},
	})
	if err != nil {
		return f, err
	}
	f.total, f.facets = res.Total, res.Facets
	if f.days, err = d.countDays(r); err != nil {
		return f, err
	}
	if f.rules, err = d.rulePrecision(r); err != nil {
		return f, err
	}
	e.figures = f
	return f, nil
}

// countDays counts the leads of each day.
func (d *desk) countDays(r *http.Request) ([]trendPoint, error) {
	today := d.cfg.Now().In(d.cfg.Location)
	midnight := time.Date(today.Year(), today.Month(), today.Day(), 0, 0, 0, 0, time.UTC)
	last := float64(midnight.Unix() / (24 * 60 * 60))
	points := make([]trendPoint, 0, dashboardDays)
	for i := range dashboardDays {
		n := last - float64(dashboardDays-1-i)
		res, err := d.ask(r, index.Query{
			Limit: -1, Filters: map[index.Field][]string{index.FieldLead: {"true"}}, Location: d.cfg.Location,
			Ranges: []index.Range{{Field: index.FieldFirst, Min: n, Max: n}},
		})
		if err != nil {
			return nil, err
		}
		day := time.Date(today.Year(), today.Month(), today.Day()-(dashboardDays-1-i), 12, 0, 0, 0, d.cfg.Location)
		points = append(points, trendPoint{at: day, n: float64(res.Total), text: number(int64(res.Total))})
	}
	return points, nil
}
