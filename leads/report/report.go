// Package report computes the figures that units must report each month:
// what was found, confirmed, sent, received and brought to an end, by
// violation, platform, region, unit and brand; amounts, coverage of sources,
// precision and timeliness. Figures of counties are summed into their cities'
// and provinces'.
package report

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/leads"
)

// Period is a stretch of whole months.
type Period struct {
	// Name is 2026-11, 2026-Q4 or 2026-H2.
	Name string `json:"name"`
	// From is its first moment, To the first after it.
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

var periodName = regexp.MustCompile(`^(\d{4})-(?:(\d{2})|Q([1-4])|H([12]))$`)

// ParsePeriod reads 2026-11, 2026-Q4 or 2026-H2 in a time zone.
func ParsePeriod(s string, zone *time.Location) (Period, error) {
	m := periodName.FindStringSubmatch(s)
	if m == nil {
		return Period{}, markwatch.Errorf(markwatch.CodeInvalid, "时段 %q 应如 2026-11、2026-Q4、2026-H2 / %q is no month, quarter or half-year", s, s)
	}
	year, _ := strconv.Atoi(m[1]) // four digits
	first, months := 1, 1
	switch {
	case m[2] != "":
		first, _ = strconv.Atoi(m[2]) // two digits
	case m[3] != "":
		quarter, _ := strconv.Atoi(m[3])
		first, months = 3*quarter-2, 3
	default:
		half, _ := strconv.Atoi(m[4])
		first, months = 6*half-5, 6
	}
	if first < 1 || first > 12 {
		return Period{}, markwatch.Errorf(markwatch.CodeInvalid, "没有 %d 月 / there is no month %d", first, first)
	}
	from := time.Date(year, time.Month(first), 1, 0, 0, 0, 0, zone)
	return Period{Name: s, From: from, To: from.AddDate(0, months, 0)}, nil
}

// Holds says whether a moment lies in the period.
func (p Period) Holds(at time.Time) bool {
	return !at.IsZero() && !at.Before(p.From) && at.Before(p.To)
}

// Figures count leads by what happened to them in the period; a lead counts
// once in each.
type Figures struct {
	Found     int                           `json:"found"`
	Confirmed int                           `json:"confirmed"`
	Dismissed int                           `json:"dismissed"`
	Approved  int                           `json:"approved"`
	Sent      int                           `json:"sent"`
	Received  int                           `json:"received"`
	Outcomes  map[markwatch.OutcomeCode]int `json:"outcomes,omitempty"`
	// From and To are the amount of what was sent, in yuan.
	From decimal.Decimal `json:"amount_from"`
	To   decimal.Decimal `json:"amount_to"`
	// Penalty sums the fines of the period.
	Penalty decimal.Decimal `json:"penalty"`
}

// add sums another's figures.
func (f *Figures) add(g Figures) {
	f.Found += g.Found
	f.Confirmed += g.Confirmed
	f.Dismissed += g.Dismissed
	f.Approved += g.Approved
	f.Sent += g.Sent
	f.Received += g.Received
	for code, n := range g.Outcomes {
		if f.Outcomes == nil {
			f.Outcomes = map[markwatch.OutcomeCode]int{}
		}
		f.Outcomes[code] += n
	}
	f.From, f.To, f.Penalty = f.From.Add(g.From), f.To.Add(g.To), f.Penalty.Add(g.Penalty)
}

func (f Figures) empty() bool {
	return f.Found+f.Confirmed+f.Dismissed+f.Approved+f.Sent+f.Received == 0 && len(f.Outcomes) == 0
}

// Row is the figures of one value: a violation, a platform, a region.
type Row struct {
	Key  string `json:"key"`
	Name string `json:"name"`
	Figures
}

// Timeliness is how long steps took, of those that were taken in the period.
type Timeliness struct {
	// Step is confirm (from found), send (from confirmed), receive (from sent),
	// outcome (from received or sent).
	Step string `json:"step"`
	N    int    `json:"n"`
	// Days are on average, Longest at most.
	Days    float64 `json:"days"`
	Longest float64 `json:"longest"`
}

// Coverage sums the scans of a source.
type Coverage struct {
	Source  string `json:"source"`
	Scans   int    `json:"scans"`
	Whole   int    `json:"complete"`
	Pages   int    `json:"pages"`
	Seen    int    `json:"seen"`
	Blocked int    `json:"blocked"`
	Failed  int    `json:"failed"`
}

// Precision is how often a suspicion was right: in people's eyes, and by the
// outcomes of units.
type Precision struct {
	Confirmed int `json:"confirmed"`
	Dismissed int `json:"dismissed"`
	Right     int `json:"right"`
	Wrong     int `json:"wrong"`
}

// Report is all figures of a period.
type Report struct {
	Period     Period       `json:"period"`
	Unit       string       `json:"unit,omitempty"`
	Total      Figures      `json:"total"`
	Violations []Row        `json:"violations"`
	Platforms  []Row        `json:"platforms"`
	Regions    []Row        `json:"regions"` // counties, with cities and provinces above them that hold their sums
	Units      []Row        `json:"units"`
	Subjects   []Row        `json:"subjects"`
	Status     []Row        `json:"status"` // Found is how many stand there now
	Timeliness []Timeliness `json:"timeliness"`
	Precision  Precision    `json:"precision"`
	Coverage   []Coverage   `json:"coverage"`
}

// Names turn ids into what people read.
type Names struct {
	Unit, Region, Subject func(id string) string
}

// Input is what a report is computed from.
type Input struct {
	Period Period
	Leads  iter.Seq2[markwatch.Lead, error]
	Scans  []markwatch.ScanSummary
	// Takes says whether a lead is of the unit that the report is for; nil is
	// every lead.
	Takes func(*markwatch.Lead) bool
	Unit  string
	// Region is where a lead belongs to (GB/T 2260), "" where unknown; Amount
	// its amount.
	Region func(*markwatch.Lead) string
	Amount func(*markwatch.Lead) leads.Amount
	Names  Names
}

// Compute makes the report.
func Compute(in Input) (Report, error) {
	r := Report{Period: in.Period, Unit: in.Unit}
	tables := map[string]map[string]*Figures{"violation": {}, "platform": {}, "region": {}, "unit": {}, "subject": {}, "status": {}}
	put := func(table, key string, f Figures) {
		if tables[table][key] == nil {
			tables[table][key] = &Figures{}
		}
		tables[table][key].add(f)
	}
	took := map[string][]float64{}
	for l, err := range in.Leads {
		if err != nil {
			return r, fmt.Errorf("reading the leads of a report: %w", err)
		}
		if l.Status == markwatch.LeadMerged || in.Takes != nil && !in.Takes(&l) {
			continue // a merged lead counts with the one it is part of
		}
		put("status", string(l.Status), Figures{Found: 1})
		f := figuresOf(&l, in)
		r.Precision.count(&l, in.Period)
		times(&l, in.Period, took)
		if f.empty() {
			continue
		}
		r.Total.add(f)
		put("violation", string(leads.Routed(&l)), f)
		put("platform", cmp.Or(l.Listing.Platform, l.Listing.Source), f)
		put("unit", l.Handling.Addressee.Unit, f)
		region := in.Region(&l)
		put("region", region, f)
		for n := len(region) - 2; n >= 2; n -= 2 {
			put("region", region[:n], f)
		}
		for _, id := range subjectsOf(&l) {
			put("subject", id, f)
		}
	}
	name := func(id string) string { return id }
	r.Violations = rows(tables["violation"], func(id string) string { return leads.ViolationName(markwatch.Violation(id)).ZH }, false)
	r.Platforms = rows(tables["platform"], name, false)
	r.Units = rows(tables["unit"], in.Names.Unit, false)
	r.Subjects = rows(tables["subject"], in.Names.Subject, false)
	r.Regions = rows(tables["region"], in.Names.Region, true)
	for _, s := range leads.Statuses() {
		if f := tables["status"][string(s)]; f != nil {
			r.Status = append(r.Status, Row{string(s), leads.StatusName(s).ZH, *f})
		}
	}
	r.Timeliness = timeliness(took)
	r.Coverage = coverage(in.Scans, in.Period)
	return r, nil
}

func figuresOf(l *markwatch.Lead, in Input) Figures {
	h, p := &l.Handling, in.Period
	one := func(at time.Time) int {
		if p.Holds(at) {
			return 1
		}
		return 0
	}
	f := Figures{Found: one(l.FirstSeen), Confirmed: one(h.ConfirmedAt), Approved: one(h.ApprovedAt), Sent: one(h.SentAt), Received: one(h.Receipt.At)}
	if l.Status == markwatch.LeadDismissed {
		f.Dismissed = one(h.Since)
	}
	if f.Sent == 1 {
		if a := in.Amount(l); a.Known {
			f.From, f.To = a.From, a.To
		}
	}
	for _, o := range h.Outcomes {
		if !p.Holds(o.At) {
			continue
		}
		if f.Outcomes == nil {
			f.Outcomes = map[markwatch.OutcomeCode]int{}
		}
		f.Outcomes[o.Code]++
		if o.Penalty != nil && o.Penalty.Currency == markwatch.CNY {
			f.Penalty = f.Penalty.Add(o.Penalty.Amount)
		}
	}
	return f
}

func subjectsOf(l *markwatch.Lead) []string {
	var ids []string
	for _, f := range l.Verdict.Findings {
		if f.Subject != "" && !slices.Contains(ids, f.Subject) {
			ids = append(ids, f.Subject)
		}
	}
	return ids
}

// rows sorts by what was sent and found, or by code where the order is that of
// a tree.
func rows(table map[string]*Figures, name func(string) string, byKey bool) []Row {
	var list []Row
	for _, key := range slices.Sorted(maps.Keys(table)) {
		shown := "(未定)"
		if key != "" {
			shown = name(key)
		}
		list = append(list, Row{key, shown, *table[key]})
	}
	if !byKey {
		slices.SortStableFunc(list, func(a, b Row) int { return cmp.Or(b.Sent-a.Sent, b.Found-a.Found) })
	}
	return list
}

func (p *Precision) count(l *markwatch.Lead, period Period) {
	switch {
	case l.Status == markwatch.LeadDismissed && period.Holds(l.Handling.Since):
		p.Dismissed++
	case period.Holds(l.Handling.ConfirmedAt):
		p.Confirmed++
	}
	if last, ok := l.Handling.LastOutcome(); ok && period.Holds(last.At) {
		switch leads.Says(l) {
		case 1:
			p.Right++
		case -1:
			p.Wrong++
		}
	}
}

func times(l *markwatch.Lead, p Period, took map[string][]float64) {
	h := &l.Handling
	add := func(step string, from, to time.Time) {
		if p.Holds(to) && !from.IsZero() && !to.Before(from) {
			took[step] = append(took[step], to.Sub(from).Hours()/24)
		}
	}
	add("confirm", l.FirstSeen, h.ConfirmedAt)
	add("send", h.ConfirmedAt, h.SentAt)
	add("receive", h.SentAt, h.Receipt.At)
	if len(h.Outcomes) > 0 {
		from := h.Receipt.At
		if from.IsZero() {
			from = h.SentAt
		}
		add("outcome", from, h.Outcomes[0].At)
	}
}

func timeliness(took map[string][]float64) []Timeliness {
	var list []Timeliness
	for _, step := range []string{"confirm", "send", "receive", "outcome"} {
		days := took[step]
		if len(days) == 0 {
			continue
		}
		sum := 0.0
		for _, d := range days {
			sum += d
		}
		list = append(list, Timeliness{step, len(days), sum / float64(len(days)), slices.Max(days)})
	}
	return list
}

func coverage(scans []markwatch.ScanSummary, p Period) []Coverage {
	sums := map[string]*Coverage{}
	for _, s := range scans {
		if !p.Holds(s.StartedAt) {
			continue
		}
		c := sums[s.Source]
		if c == nil {
			c = &Coverage{Source: s.Source}
			sums[s.Source] = c
		}
		c.Scans++
		if s.Complete {
			c.Whole++
		}
		c.Pages += s.Pages.Total()
		c.Seen += s.Pages.Fetched + s.Pages.Unchanged + s.Pages.NotDue
		c.Blocked += s.Pages.Blocked
		c.Failed += s.Pages.Failed + s.Pages.Undecodable
	}
	var list []Coverage
	for _, source := range slices.Sorted(maps.Keys(sums)) {
		list = append(list, *sums[source])
	}
	return list
}
