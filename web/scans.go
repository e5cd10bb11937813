package web

import (
	"bytes"
	"cmp"
	"maps"
	"net/http"
	"slices"
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

// scansView is the scans page.
type scansView struct {
	// Live says that running scans can be shown.
	Live    bool
	Running runningView
	// Blank is an open scan without anything in it, for the page's script.
	Blank runShown
	Scans []scanRow
}

// scanRow is one line of the scans page.
type scanRow struct {
	Link               string
	Started            time.Time
	Took               string
	Source             string
	Fetched, Unchanged int64
	// Unseen are the pages that were not read, by what became of them.
	Unseen []pageCount
	Cover  coverage

	Listings, NewListings, Changed, Gone int64
	NewLeads, UpdatedLeads               int64
	Badges                               []countedBadge
	Running, Complete                    bool
	Warnings                             []string
	WarningCount                         int64
}

// pageCount is a number of pages with the name of their outcome.
type pageCount struct {
	Key string
	N   int64
}

// coverage is the share of pages that were read, of those that were asked for.
type coverage struct {
	// Share is empty where no page was asked for.
	Share string
	Width int
}

// coverWidth is the width of a coverage bar in its own units.
const coverWidth = 120

// seenShare is the share of the pages asked for that were read. Pages that
// were not due, and addresses beyond a limit, were not asked for.
func seenShare(p markwatch.PageCounts) (share decimal.Decimal, ok bool) {
	asked := p.Total() - p.NotDue
	if asked <= 0 {
		return decimal.Decimal{}, false
	}
	return decimal.NewFromInt(int64(p.Fetched + p.Unchanged)).Div(decimal.NewFromInt(int64(asked))), true
}

func newCoverage(p markwatch.PageCounts) coverage {
	share, ok := seenShare(p)
	if !ok {
		return coverage{}
	}
	return coverage{
		// Rounded down: 99.6% seen is not all.
		Share: share.Mul(decimal.NewFromInt(100)).RoundDown(0).String() + "%",
		Width: int(share.Mul(decimal.NewFromInt(coverWidth)).IntPart()),
	}
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
	err := d.audit(r, actorOf(r), AuditPageView, "/scans", "")
	var runs []run
	if err == nil {
		runs, err = d.live.runs(r.Context())
	}
	if err != nil {
		d.fail(w, r, err)
		return
	}
	v := scansView{Live: d.cfg.Progress != nil, Running: d.runningView(l, runs), Blank: runShown{Bar: stack(pageCounts(markwatch.PageCounts{}), 0)}}
	if v.Scans, err = d.scanRows(r, v.Live); err != nil {
		d.fail(w, r, err)
		return
	}
	d.render(w, r, http.StatusOK, "scans", d.cat.text(l, "scans.title"), v)
}

// finishedScans is the table of the scans page alone, for its script. Like a
// stream, it is no sign of use.
func (d *desk) finishedScans(w http.ResponseWriter, r *http.Request) {
	if !d.watcher(w, r) {
		return
	}
	rows, err := d.scanRows(r, d.cfg.Progress != nil)
	var b bytes.Buffer
	if err == nil {
		err = d.pages[language(r)]["scans"].ExecuteTemplate(&b, "finished", rows)
	}
	if err != nil {
		d.cfg.Logger.ErrorContext(r.Context(), "answer with the finished scans", "error", err)
		http.Error(w, http.StatusText(status(err)), status(err))
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(b.Bytes())
}

// scanRows are the newest scans, without open ones where those are shown by
// themselves.
func (d *desk) scanRows(r *http.Request, finished bool) ([]scanRow, error) {
	if d.cfg.Scans == nil {
		return nil, nil
	}
	scans, err := d.cfg.Scans.LastScans(r.Context(), scansShown)
	if err != nil {
		return nil, err
	}
	var rows []scanRow
	for _, s := range scans {
		if !finished || !s.FinishedAt.IsZero() {
			rows = append(rows, d.scanRow(language(r), s))
		}
	}
	return rows, nil
}

func (d *desk) scanRow(l lang, s markwatch.ScanSummary) scanRow {
	row := scanRow{
		Link: d.scanLink(s.Scan), Started: s.StartedAt, Source: d.sourceName(s.Source),
		Fetched: int64(s.Pages.Fetched), Unchanged: int64(s.Pages.Unchanged), Cover: newCoverage(s.Pages),
		Listings: int64(s.Listings.Seen), NewListings: int64(s.Listings.New), Changed: int64(s.Listings.Changed), Gone: int64(s.Listings.Gone),
		NewLeads: int64(s.Leads.New), UpdatedLeads: int64(s.Leads.Updated),
		Badges:  d.countedBadges(l, s.Violations),
		Running: s.FinishedAt.IsZero(), Complete: s.Complete, WarningCount: int64(len(s.Warnings)),
	}
	if !row.Running {
		row.Took = d.about(l, s.FinishedAt.Sub(s.StartedAt))
	}
	for _, c := range [...]pageCount{
		{"blocked", int64(s.Pages.Blocked)}, {"robots", int64(s.Pages.Robots)}, {"failed", int64(s.Pages.Failed)},
		{"undecodable", int64(s.Pages.Undecodable)}, {"empty", int64(s.Pages.Empty)}, {"left", int64(s.Pages.Left)},
	} {
		if c.N > 0 {
			row.Unseen = append(row.Unseen, c)
		}
	}
	row.Warnings = s.Warnings[:min(len(s.Warnings), warningsShown)]
	return row
}

// countedBadge is a violation with how often it was found.
type countedBadge struct {
	badge
	N int64
}

// countedBadges are the violations that were found, the most frequent first.
func (d *desk) countedBadges(l lang, found map[markwatch.Violation]int) []countedBadge {
	var out []countedBadge
	for _, name := range slices.SortedFunc(maps.Keys(found), func(a, b markwatch.Violation) int {
		return cmp.Or(cmp.Compare(found[b], found[a]), cmp.Compare(a, b))
	}) {
		if n := found[name]; n > 0 {
			out = append(out, countedBadge{d.badge(l, name), int64(n)})
		}
	}
	return out
}

func (d *desk) help(w http.ResponseWriter, r *http.Request) {
	d.render(w, r, http.StatusOK, "help", d.cat.text(language(r), "nav.help"), nil)
}
