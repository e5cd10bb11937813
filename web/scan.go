package web

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/markwatch/markwatch"
)

// faultsShown bounds the table of pages that were not seen.
const faultsShown = 200

// scanView is the page of one scan: its coverage record in full.
type scanView struct {
	ID, Source                 string
	Started, Finished          time.Time
	Took                       string
	Running, Complete, Resumed bool

	Cover coverage
	// Bar and Pages are the pages by what became of them; Left addresses are
	// no part of Total.
	Bar         []barPart
	Pages       []pageLine
	Total, Left int64

	Listings []pageCount
	Leads    []pageCount
	Badges   []countedBadge
	Names    *namesView
	Rows     *markwatch.RowCounts
	Fields   []fieldLine
	Trends   []*chartView
	Warnings []string

	HasFaults  bool
	Faults     []faultLine
	MoreFaults bool
}

// pageLine is one outcome in words, number, share and bar.
type pageLine struct {
	Key   string
	N     int64
	Share string
	Width int
}

// fieldLine says how many listings had a field.
type fieldLine struct {
	Path, Label, Share string
	Width              int
}

// namesView is how far the protected names were searched for.
type namesView struct {
	Covered, Total int64
	Width          int
	Oldest         time.Time
	// Never is set where a name was never searched for.
	Never bool
}

func newNames(n *markwatch.NameCoverage) *namesView {
	if n == nil || n.Total <= 0 {
		return nil
	}
	covered := min(max(n.Covered, 0), n.Total)
	return &namesView{
		Covered: int64(covered), Total: int64(n.Total), Width: covered * coverWidth / n.Total,
		Oldest: n.Oldest, Never: n.Oldest.IsZero() && covered < n.Total,
	}
}

// faultLine is one address that was not seen.
type faultLine struct {
	URL, Class, Outcome string
	// Reason is in words; Raw is as the crawl wrote it, where that says more.
	Reason, Raw string
}

func (d *desk) scan(w http.ResponseWriter, r *http.Request) {
	l, id := language(r), r.PathValue("id")
	if d.cfg.ScanDetail == nil {
		d.fail(w, r, markwatch.Errorf(markwatch.CodeNotFound, "%s", r.URL.Path))
		return
	}
	err := d.audit(r, actorOf(r), AuditPageView, "/scans/"+id, "")
	var sum markwatch.ScanSummary
	if err == nil {
		sum, err = d.cfg.ScanDetail.Scan(r.Context(), id)
	}
	if err != nil {
		d.fail(w, r, err)
		return
	}
	v := d.scanView(l, sum)
	faults, err := d.cfg.ScanDetail.ScanFaults(r.Context(), id, faultsShown+1)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	v.MoreFaults = len(faults) > faultsShown
	for _, f := range faults[:min(len(faults), faultsShown)] {
		v.Faults = append(v.Faults, d.faultLine(l, f))
	}
	if d.cfg.Trend != nil {
		scans, err := d.cfg.Trend.SourceScans(r.Context(), sum.Source, trendScans)
		if err != nil {
			d.fail(w, r, err)
			return
		}
		v.Trends = d.scanTrends(sum, scans)
	}
	d.render(w, r, http.StatusOK, "scan", d.cat.text(l, "scan.title", v.Source), v)
}

func (d *desk) scanView(l lang, s markwatch.ScanSummary) scanView {
	v := scanView{
		ID: s.Scan, Source: d.sourceName(s.Source), Started: s.StartedAt, Finished: s.FinishedAt,
		Running: s.FinishedAt.IsZero(), Complete: s.Complete, Resumed: s.Resumed,
		Cover: newCoverage(s.Pages), Total: int64(s.Pages.Total()), Left: int64(s.Pages.Left), Names: newNames(s.Names), Rows: s.Rows,
		Listings: []pageCount{
			{"seen", int64(s.Listings.Seen)}, {"carried", int64(s.Listings.Carried)}, {"new", int64(s.Listings.New)},
			{"changed", int64(s.Listings.Changed)}, {"gone", int64(s.Listings.Gone)},
		},
		Leads:  []pageCount{{"new", int64(s.Leads.New)}, {"updated", int64(s.Leads.Updated)}},
		Badges: d.countedBadges(l, s.Violations), Warnings: s.Warnings,
	}
	end := s.FinishedAt
	if v.Running {
		end = d.cfg.Now()
	}
	v.Took = d.about(l, end.Sub(s.StartedAt))
	counts := pageCounts(s.Pages)
	v.Bar = stack(counts, v.Total)
	for i, c := range counts {
		line := pageLine{Key: c.Key, N: c.N, Share: "0%", Width: v.Bar[i].W * coverWidth / stackWidth}
		if v.Total > 0 {
			line.Share = percent(decimal.NewFromInt(c.N).Div(decimal.NewFromInt(v.Total)))
		}
		v.Pages = append(v.Pages, line)
	}
	for _, path := range slices.Sorted(maps.Keys(s.Fields)) {
		share := decimal.NewFromFloat(fraction(s.Fields[path]))
		v.Fields = append(v.Fields, fieldLine{
			Path: path, Label: d.fieldLabel(l, path), Share: share.Mul(decimal.NewFromInt(100)).RoundDown(0).String() + "%",
			Width: int(share.Mul(decimal.NewFromInt(coverWidth)).IntPart()),
		})
	}
	return v
}

// fraction is a number from 0 to 1; what is no number is 0.
func fraction(f float64) float64 {
	if !(f > 0) {
		return 0
	}
	return min(f, 1)
}

// faultClasses are the outcomes that have words and a colour.
var faultClasses = [...]string{
	string(markwatch.PageBlocked), string(markwatch.PageRobots), string(markwatch.PageFailed),
	string(markwatch.PageUndecodable), string(markwatch.PageEmpty), FaultDead, FaultLeft,
}

func (d *desk) faultLine(l lang, f PageFault) faultLine {
	line := faultLine{URL: f.URL, Class: "other", Outcome: d.cat.word(l, "pages", f.Outcome)}
	if slices.Contains(faultClasses[:], f.Outcome) {
		line.Class = f.Outcome
	}
	line.Reason, line.Raw = d.faultReason(l, f.Reason)
	if f.Outcome == FaultDead {
		line.Reason, line.Raw = d.cat.text(l, "fault.dead"), f.Reason
	}
	return line
}

// faultReason says a reason in words; raw is what the crawl wrote, where the
// words do not hold it.
func (d *desk) faultReason(l lang, reason string) (words, raw string) {
	code, detail, _ := strings.Cut(reason, ": ")
	if m, ok := d.cat["fault."+code][l]; ok {
		return m, detail
	}
	if status, ok := strings.CutPrefix(code, "http-"); ok && len(status) == 3 && strings.Trim(status, "0123456789") == "" {
		return d.cat.text(l, "fault.http", status), detail
	}
	return reason, ""
}
