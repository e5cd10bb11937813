package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
)

// sourcesView is the sources page, trouble first.
type sourcesView struct {
	// Tally says how many sources are in which state, worst first.
	Tally   []healthCount
	Sources []sourceRow
	Zone    string
	// CanTry is set where extraction can be tried.
	CanTry bool
}

type healthCount struct {
	Health healthMark
	N      int64
}

// healthMark is the state of a source as word, colour and sign.
type healthMark struct {
	Class, Sign string
}

type sourceRow struct {
	ID, Name, Kind string
	Health         healthMark
	Running        bool
	// Words is the schedule in words, else Cron is shown as it stands.
	Words, Cron  string
	Next         time.Time
	LastAt       time.Time
	Incomplete   bool
	LastLink     string
	Cover        coverage
	Spark        *spark
	Names        *namesView
	LastError    string
	Warnings     int64
	RunLink      string
	Done, Queued int64
}

// healths are the states of a source from bad to good, with their signs.
var healths = [...]struct {
	health markwatch.SourceHealth
	sign   string
}{
	{markwatch.HealthBroken, "✕"}, {markwatch.HealthBlocked, "⊘"}, {markwatch.HealthDegraded, "▼"},
	{markwatch.HealthNew, "○"}, {markwatch.HealthGood, "✓"},
}

// health returns a state's rank, 0 for the worst, and how it is shown. A state
// that is not known is shown as the worst.
func health(h markwatch.SourceHealth) (rank int, mark healthMark) {
	for i, known := range healths {
		if known.health == h {
			return i, healthMark{string(h), known.sign}
		}
	}
	return 0, healthMark{string(healths[0].health), healths[0].sign}
}

func (d *desk) sources(w http.ResponseWriter, r *http.Request) {
	l := language(r)
	if d.cfg.Sources == nil {
		d.fail(w, r, markwatch.Errorf(markwatch.CodeNotFound, "%s", r.URL.Path))
		return
	}
	err := d.audit(r, actorOf(r), AuditPageView, "/sources", "")
	var list []markwatch.SourceStatus
	if err == nil {
		list, err = d.cfg.Sources.Sources(r.Context())
	}
	if err != nil {
		d.fail(w, r, err)
		return
	}
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b markwatch.SourceStatus) int {
		x, _ := health(a.Health)
		y, _ := health(b.Health)
		if x != y {
			return x - y
		}
		// Of two sources in one state, the one that has more to say.
		if (a.LastError != "") != (b.LastError != "") {
			if a.LastError != "" {
				return -1
			}
			return 1
		}
		return strings.Compare(a.ID, b.ID)
	})
	v := sourcesView{Zone: d.cfg.Now().In(d.cfg.Location).Format("UTC-07:00"), CanTry: d.cfg.Extractor != nil && personOf(r).may(accounts.Decide)}
	for _, s := range list {
		row, err := d.sourceRow(r, l, s)
		if err != nil {
			d.fail(w, r, err)
			return
		}
		v.Sources = append(v.Sources, row)
		if n := len(v.Tally); n == 0 || v.Tally[n-1].Health != row.Health {
			v.Tally = append(v.Tally, healthCount{Health: row.Health})
		}
		v.Tally[len(v.Tally)-1].N++
	}
	d.render(w, r, http.StatusOK, "sources", d.cat.text(l, "sources.title"), v)
}

func (d *desk) sourceRow(r *http.Request, l lang, s markwatch.SourceStatus) (sourceRow, error) {
	row := sourceRow{
		ID: s.ID, Name: s.Name, Kind: d.cat.word(l, "kind", string(s.Kind)), Next: s.Next,
		Names: newNames(s.Names), LastError: s.LastError,
	}
	_, row.Health = health(s.Health)
	if row.Name == "" {
		row.Name = d.sourceName(s.ID)
	}
	if s.Schedule != "" {
		words, ok := d.scheduleWords(l, s.Schedule)
		if row.Words = words; !ok {
			row.Cron = s.Schedule
		}
	}
	if s.Running != nil {
		row.Running, row.RunLink = true, d.scanLink(s.Running.Scan)
		row.Done, row.Queued = int64(s.Running.Pages.Total()), int64(s.Running.Queued)
	}
	if s.Last == nil {
		return row, nil
	}
	row.LastAt, row.LastLink = s.Last.StartedAt, d.scanLink(s.Last.Scan)
	row.Cover, row.Warnings, row.Incomplete = newCoverage(s.Last.Pages), int64(len(s.Last.Warnings)), !s.Last.Complete
	if d.cfg.Trend == nil {
		return row, nil
	}
	var err error
	row.Spark, err = d.trends.get(s.ID, s.Last.Scan, func() ([]markwatch.ScanSummary, error) {
		return d.cfg.Trend.SourceScans(r.Context(), s.ID, sparkScans)
	})
	return row, err
}
