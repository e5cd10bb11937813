package web

import (
	"net/http"
	"time"

	"github.com/shopspring/decimal"

	"github.com/markwatch/markwatch"
)

// How many coverage records the pages look at.
const (
	scansShown    = 100
	scansForLine  = 20
	warningsShown = 20
)

// scanLine is the newest scan in one line of the search page.
type scanLine struct {
	At      time.Time
	Running bool
	// Trouble counts the sources of the last night that did not show all of
	// their pages.
	Trouble int64
}

// scanRow is one line of the scans page.
type scanRow struct {
	Started            time.Time
	Took               string
	Source             string
	Fetched, Unchanged int64
	// Unseen are the pages that were not read, by what became of them.
	Unseen    []pageCount
	Share     string
	SeenWidth int

	Listings, NewListings, Changed, Gone int64
	NewLeads, UpdatedLeads               int64
	Badges                               []badge
	Running, Complete                    bool
	Warnings                             []string
	WarningCount                         int64
}

// pageCount is a number of pages with the message that names them.
type pageCount struct {
	Key string
	N   int64
}

func (d *desk) lastScans(r *http.Request) ([]markwatch.ScanSummary, error) {
	if d.cfg.Scans == nil {
		return nil, nil
	}
	return d.cfg.Scans.LastScans(r.Context(), scansForLine)
}

// summarise looks at the newest scan of every source: when the last one
// ended, how many sources were blocked or failed, and how many pages that was.
func summarise(scans []markwatch.ScanSummary) (line *scanLine, unseen int64) {
	sources := map[string]bool{}
	for _, s := range scans {
		if sources[s.Source] {
			continue
		}
		sources[s.Source] = true
		if line == nil {
			line = &scanLine{}
		}
		if s.FinishedAt.IsZero() {
			line.Running = true
		}
		for _, at := range [...]time.Time{s.StartedAt, s.FinishedAt} {
			if at.After(line.At) {
				line.At = at
			}
		}
		lost := int64(s.Pages.Blocked + s.Pages.Failed + s.Pages.Undecodable)
		unseen += lost
		if lost > 0 {
			line.Trouble++
		}
	}
	return line, unseen
}

func (d *desk) scans(w http.ResponseWriter, r *http.Request) {
	l := language(r)
	v := struct{ Scans []scanRow }{}
	if d.cfg.Scans != nil {
		scans, err := d.cfg.Scans.LastScans(r.Context(), scansShown)
		if err != nil {
			d.fail(w, r, err)
			return
		}
		for _, s := range scans {
			v.Scans = append(v.Scans, d.scanRow(l, s))
		}
	}
	d.render(w, r, http.StatusOK, "scans", d.cat.text(l, "scans.title"), v)
}

func (d *desk) scanRow(l lang, s markwatch.ScanSummary) scanRow {
	row := scanRow{
		Started: s.StartedAt, Source: d.sourceName(s.Source),
		Fetched: int64(s.Pages.Fetched), Unchanged: int64(s.Pages.Unchanged),
		Listings: int64(s.Listings.Seen), NewListings: int64(s.Listings.New), Changed: int64(s.Listings.Changed), Gone: int64(s.Listings.Gone),
		NewLeads: int64(s.Leads.New), UpdatedLeads: int64(s.Leads.Updated),
		Running: s.FinishedAt.IsZero(), Complete: s.Complete, WarningCount: int64(len(s.Warnings)),
	}
	if !row.Running {
		row.Took = s.FinishedAt.Sub(s.StartedAt).Round(time.Second).String()
	}
	seen, total := s.Pages.Fetched+s.Pages.Unchanged, s.Pages.Total()
	if total > 0 {
		share := decimal.NewFromInt(int64(seen)).Div(decimal.NewFromInt(int64(total)))
		row.SeenWidth = int(share.Mul(decimal.NewFromInt(120)).IntPart())
		// Rounded down: 99.6% seen is not all.
		row.Share = share.Mul(decimal.NewFromInt(100)).RoundDown(0).String() + "%"
	}
	for _, c := range [...]pageCount{
		{"pages.blocked", int64(s.Pages.Blocked)}, {"pages.robots", int64(s.Pages.Robots)}, {"pages.failed", int64(s.Pages.Failed)},
		{"pages.undecodable", int64(s.Pages.Undecodable)}, {"pages.empty", int64(s.Pages.Empty)},
	} {
		if c.N > 0 {
			row.Unseen = append(row.Unseen, c)
		}
	}
	counted := markwatch.Verdict{Violations: map[markwatch.Violation]markwatch.ViolationVerdict{}}
	for name, n := range s.Violations {
		if n > 0 {
			counted.Violations[name] = markwatch.ViolationVerdict{Score: float64(n), Flagged: true}
		}
	}
	row.Badges = d.badges(l, counted)
	row.Warnings = s.Warnings[:min(len(s.Warnings), warningsShown)]
	return row
}

func (d *desk) help(w http.ResponseWriter, r *http.Request) {
	d.render(w, r, http.StatusOK, "help", d.cat.text(language(r), "nav.help"), nil)
}
