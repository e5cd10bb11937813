package web

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/markwatch/markwatch"
)

// stackWidth is the width of a stacked bar in its own units.
const stackWidth = 1000

// runningView is the open scans, for the page and, as JSON, for its script.
type runningView struct {
	// Words says how many scans run; it is read out when it changes.
	Words string     `json:"words"`
	Scans []runShown `json:"scans"`
}

// runShown is one open scan. Text holds what stands at the places of that name
// on the page; a place without text is not shown.
type runShown struct {
	ID      string            `json:"id"`
	Link    string            `json:"link,omitempty"`
	Started string            `json:"started"`
	Text    map[string]string `json:"text"`
	Bar     []barPart         `json:"bar"`
}

// barPart is one part of a stacked bar: which outcome, from where, how wide.
type barPart struct {
	Name string `json:"name"`
	X    int    `json:"x"`
	W    int    `json:"w"`
}

// pageCounts returns a scan's pages by what became of them, from good to bad.
// The keys are those of the messages below pages.
func pageCounts(p markwatch.PageCounts) []pageCount {
	return []pageCount{
		{"fetched", int64(p.Fetched)}, {"unchanged", int64(p.Unchanged)}, {"not-due", int64(p.NotDue)}, {"empty", int64(p.Empty)},
		{"robots", int64(p.Robots)}, {"undecodable", int64(p.Undecodable)}, {"failed", int64(p.Failed)}, {"blocked", int64(p.Blocked)},
	}
}

// stack lays counts side by side over stackWidth; what is missing from of stays
// empty. A part that is there is seen, however small it is.
func stack(counts []pageCount, of int64) []barPart {
	out := make([]barPart, 0, len(counts))
	x := 0
	for i, c := range counts {
		w := 0
		if c.N > 0 && of > 0 {
			w = max(int(min(c.N, of)*stackWidth/of), 4)
		}
		rest := 0
		for _, later := range counts[i+1:] {
			if later.N > 0 {
				rest += 4
			}
		}
		w = max(min(w, stackWidth-x-rest), 0)
		out = append(out, barPart{c.Key, x, w})
		x += w
	}
	return out
}

func (d *desk) runningView(l lang, runs []run) runningView {
	v := runningView{Words: d.cat.text(l, "running.none"), Scans: []runShown{}}
	if len(runs) > 0 {
		v.Words = d.cat.text(l, "running.some", number(int64(len(runs))))
	}
	runs = slices.Clone(runs)
	slices.SortStableFunc(runs, func(a, b run) int {
		if c := a.StartedAt.Compare(b.StartedAt); c != 0 {
			return c
		}
		return strings.Compare(a.Scan, b.Scan)
	})
	for _, r := range runs {
		v.Scans = append(v.Scans, d.runShown(l, r))
	}
	return v
}

func (d *desk) runShown(l lang, r run) runShown {
	counts := pageCounts(r.Pages)
	done := int64(r.Pages.Total())
	left := int64(max(r.Queued, 0))
	s := runShown{
		ID: r.Scan, Link: d.scanLink(r.Scan), Started: when(r.StartedAt, d.cfg.Location, time.RFC3339), Bar: stack(counts, done+left),
		Text: map[string]string{
			"source": d.sourceName(r.Source), "started": when(r.StartedAt, d.cfg.Location, "01-02 15:04"),
			"took": d.about(l, d.cfg.Now().Sub(r.StartedAt)), "done": number(done), "queued": number(left),
			"listings": number(int64(r.Listings.Seen)), "leads": number(int64(r.Leads.New)), "rate": "", "rest": "",
			"label": d.cat.text(l, "running.bar", number(done), number(left)),
		},
	}
	for _, c := range counts {
		s.Text[c.Key] = ""
		if c.N > 0 {
			s.Text[c.Key] = number(c.N)
		}
	}
	if r.tempo.Rate >= 0 {
		s.Text["rate"] = decimal.NewFromFloat(r.tempo.Rate).Round(1).String()
	}
	switch {
	case r.tempo.Rest > 0:
		s.Text["rest"] = d.cat.text(l, "running.rest", d.about(l, r.tempo.Rest))
	case r.tempo.Growing:
		s.Text["rest"] = d.cat.text(l, "running.growing")
	}
	return s
}

// scanLink is the page of a scan, "" where there is none.
func (d *desk) scanLink(id string) string {
	if d.cfg.ScanDetail == nil || id == "" {
		return ""
	}
	return "/scans/" + url.PathEscape(id)
}

// about writes a time span as people say it, in its two largest units at most.
func (d *desk) about(l lang, t time.Duration) string {
	switch t = t.Round(time.Minute); {
	case t < time.Minute:
		return d.cat.text(l, "span.under-a-minute")
	case t < time.Hour:
		return d.cat.text(l, "span.minutes", int(t.Minutes()))
	case t < 48*time.Hour:
		return d.cat.text(l, "span.hours", int(t.Hours()), int(t.Minutes())%60)
	}
	return d.cat.text(l, "span.days", int(t.Hours())/24, int(t.Hours())%24)
}
