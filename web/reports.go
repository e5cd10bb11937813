package web

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/leads"
	"github.com/markwatch/markwatch/leads/dispatch"
	"github.com/markwatch/markwatch/leads/report"
)

// Reports computes the figures that units must report, and what is due, over
// the leads that are taken.
type Reports interface {
	// Report has the figures of 2026-11, 2026-Q4 or 2026-H2, those of one unit
	// and the ones beneath it where unit is not empty.
	Report(ctx context.Context, period, unit string, takes dispatch.Takes) (report.Report, error)
	// Disclose writes the public fields of the cases of a period as csv or xlsx.
	Disclose(ctx context.Context, w io.Writer, period, format string, takes dispatch.Takes) error
	// Due is what is due or about to be, the most urgent first, and the day of
	// the month by which figures must be reported.
	Due(ctx context.Context, takes dispatch.Takes) (list []leads.Due, monthly int, err error)
}

// reportView is the page of a period's figures.
type reportView struct {
	report.Report
	Title, Self, XLSX        string
	Period, Unit             string
	Periods, Units           []option
	Head                     []string
	Sections                 []reportSection
	Status, Timely, Coverage reportTable
	Precision                reportTable
	// Disclosure leads to the export of cases, where the person may take it.
	DisclosureCSV, DisclosureXLSX string
	From, To                      time.Time
	Days                          *dueMonth
}

type reportSection struct {
	Title string
	Bars  []bar
	Rows  []reportRow
}

type reportRow struct {
	Name  string
	Level int
	Cells []string
}

type reportTable struct {
	Title string
	Head  []string
	Rows  [][]string
}

// dueMonth says when the month's figures are due.
type dueMonth struct {
	Day, Left int
	Near      bool
}

func (d *desk) canReport() error {
	if d.cfg.Reports == nil {
		return markwatch.Errorf(markwatch.CodeNotFound, "统计报表不可用 / reports are not available")
	}
	return nil
}

// reportAsked reads the period and unit of a request; this month where there
// is no period. A person who is bounded to units asks for one of them, or for
// all that they may see.
func (d *desk) reportAsked(r *http.Request, period, unit string) (string, string, error) {
	if period == "" {
		period = d.cfg.Now().In(d.cfg.Location).Format("2006-01")
	}
	if _, err := report.ParsePeriod(period, d.cfg.Location); err != nil {
		return "", "", err
	}
	if unit != "" && (!ofUnit(personOf(r), unit) || !slices.ContainsFunc(d.cfg.Units(), func(u markwatch.Unit) bool { return u.ID == unit })) {
		return "", "", markwatch.Errorf(markwatch.CodeNotFound, "没有单位 %q / there is no unit %q", unit, unit)
	}
	return period, unit, d.canReport()
}

// figuresOf computes the figures that a person may see.
func (d *desk) figuresOf(r *http.Request, period, unit string) (report.Report, error) {
	period, unit, err := d.reportAsked(r, period, unit)
	if err == nil {
		err = d.audit(r, actorOf(r), AuditReport, period, unit)
	}
	if err != nil {
		return report.Report{}, err
	}
	return d.cfg.Reports.Report(r.Context(), period, unit, d.takes(r))
}

func (d *desk) reports(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	figures, err := d.figuresOf(r, q.Get("period"), q.Get("unit"))
	if err != nil {
		d.fail(w, r, err)
		return
	}
	v := d.reportPage(r, figures, q.Get("unit"))
	if _, monthly, err := d.cfg.Reports.Due(r.Context(), func(*markwatch.Lead) bool { return false }); err == nil {
		v.Days = d.monthDue(monthly)
	}
	d.render(w, r, http.StatusOK, "reports", v.Title, v)
}

func (d *desk) monthDue(day int) *dueMonth {
	left := day - d.cfg.Now().In(d.cfg.Location).Day()
	return &dueMonth{Day: day, Left: left, Near: left >= 0 && left <= 5}
}

// reportXLSX hands out the same figures as a workbook.
func (d *desk) reportXLSX(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	figures, err := d.figuresOf(r, q.Get("period"), q.Get("unit"))
	if err != nil {
		d.fail(w, r, err)
		return
	}
	d.attachment(w, "统计-"+figures.Period.Name+".xlsx")
	if err := figures.WriteXLSX(w); err != nil {
		d.cfg.Logger.ErrorContext(r.Context(), "write a report", "error", err)
		panic(http.ErrAbortHandler) // a file that is cut off must not look whole
	}
}

// disclosure hands out the public fields of a period's cases.
func (d *desk) disclosure(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	period, write, err := d.disclose(r, q.Get("period"), q.Get("format"))
	if err != nil {
		d.fail(w, r, err)
		return
	}
	d.attachment(w, "公示-"+period+"."+q.Get("format"))
	if err := write(w); err != nil {
		d.cfg.Logger.ErrorContext(r.Context(), "write a disclosure", "error", err)
		panic(http.ErrAbortHandler) // a file that is cut off must not look whole
	}
}

func (d *desk) disclose(r *http.Request, period, format string) (string, func(io.Writer) error, error) {
	period, _, err := d.reportAsked(r, period, "")
	if err == nil && format != "csv" && format != "xlsx" {
		err = markwatch.Errorf(markwatch.CodeInvalid, "格式须为 csv 或 xlsx / the format is csv or xlsx")
	}
	if err == nil {
		err = d.audit(r, actorOf(r), AuditExport, "disclosure "+period, format)
	}
	return period, func(w io.Writer) error { return d.cfg.Reports.Disclose(r.Context(), w, period, format, d.takes(r)) }, err
}

func (d *desk) reportPage(r *http.Request, figures report.Report, unit string) reportView {
	l := language(r)
	v := reportView{Report: figures, Period: figures.Period.Name, Unit: unit, From: figures.Period.From, To: figures.Period.To.Add(-time.Second)}
	v.Title = d.cat.text(l, "reports.title") + " " + v.Period
	ask := url.Values{"period": {v.Period}}
	if unit != "" {
		ask.Set("unit", unit)
		v.Title += " " + d.unitName(unit)
	}
	v.Self, v.XLSX = "/reports?"+ask.Encode(), "/reports/xlsx?"+ask.Encode()
	if personOf(r).may(accounts.Decide) {
		v.DisclosureCSV = "/reports/disclosure?" + url.Values{"period": {v.Period}, "format": {"csv"}}.Encode()
		v.DisclosureXLSX = "/reports/disclosure?" + url.Values{"period": {v.Period}, "format": {"xlsx"}}.Encode()
	}
	v.Periods = d.periods(v.Period)
	for _, u := range d.cfg.Units() {
		if ofUnit(personOf(r), u.ID) {
			v.Units = append(v.Units, option{Value: u.ID, Name: u.Name, On: u.ID == unit})
		}
	}
	for _, key := range []string{"found", "confirmed", "dismissed", "approved", "sent", "received", "outcomes", "amount", "penalty"} {
		v.Head = append(v.Head, d.cat.word(l, "reports", key))
	}
	violation := func(row report.Row) string { return d.badge(l, markwatch.Violation(row.Key)).Name }
	name := func(row report.Row) string { return row.Name }
	if l == langZH {
		violation = name
	}
	total := []report.Row{{Name: d.cat.text(l, "reports.total"), Figures: figures.Total}}
	for _, s := range []struct {
		key   string
		rows  []report.Row
		name  func(report.Row) string
		chart bool
	}{
		{"reports.whole", total, name, false}, {"reports.violations", figures.Violations, violation, true}, {"reports.units", figures.Units, name, true},
		{"reports.regions", figures.Regions, name, true}, {"reports.platforms", figures.Platforms, name, true}, {"reports.subjects", figures.Subjects, name, true},
	} {
		v.Sections = append(v.Sections, d.reportSection(l, d.cat.text(l, s.key), s.rows, s.name, s.chart))
	}
	d.reportTables(l, figures, &v)
	return v
}

// periods are those that the page offers: months, quarters and half-years of
// the last year and a half.
func (d *desk) periods(chosen string) []option {
	now := d.cfg.Now().In(d.cfg.Location)
	var names []string
	for i := range 18 {
		month := time.Date(now.Year(), now.Month()-time.Month(i), 1, 0, 0, 0, 0, d.cfg.Location)
		names = append(names, month.Format("2006-01"))
	}
	for i := range 6 {
		month := time.Date(now.Year(), now.Month()-time.Month(3*i), 1, 0, 0, 0, 0, d.cfg.Location)
		names = append(names, month.Format("2006")+"-Q"+itoa((int(month.Month())+2)/3))
	}
	for i := range 3 {
		month := time.Date(now.Year(), now.Month()-time.Month(6*i), 1, 0, 0, 0, 0, d.cfg.Location)
		names = append(names, month.Format("2006")+"-H"+itoa((int(month.Month())+5)/6))
	}
	if !slices.Contains(names, chosen) {
		names = append(names, chosen)
	}
	var out []option
	for _, name := range names {
		out = append(out, option{Value: name, Name: name, On: name == chosen})
	}
	return out
}

func (d *desk) reportSection(l lang, title string, rows []report.Row, name func(report.Row) string, chart bool) reportSection {
	s := reportSection{Title: title}
	figure := func(row report.Row) int { return row.Sent }
	if !slices.ContainsFunc(rows, func(row report.Row) bool { return row.Sent > 0 }) {
		figure = func(row report.Row) int { return row.Found }
	}
	longest := 1
	for _, row := range rows {
		longest = max(longest, figure(row))
	}
	for _, row := range rows {
		shown := name(row)
		if row.Key == "" && shown != d.cat.text(l, "reports.total") {
			shown = d.cat.text(l, "reports.undecided")
		}
		shown, _ = clip(shown, 60)
		outcomes := 0
		for _, n := range row.Outcomes {
			outcomes += n
		}
		one := reportRow{Name: shown}
		for _, n := range []int{row.Found, row.Confirmed, row.Dismissed, row.Approved, row.Sent, row.Received, outcomes} {
			one.Cells = append(one.Cells, number(int64(n)))
		}
		span := ""
		if row.To.IsPositive() {
			span = amount(row.From) + "–" + amount(row.To)
		}
		penalty := ""
		if row.Penalty.IsPositive() {
			penalty = amount(row.Penalty)
		}
		one.Cells = append(one.Cells, span, penalty)
		s.Rows = append(s.Rows, one)
		if n := figure(row); chart && n > 0 && len(s.Bars) < 12 {
			s.Bars = append(s.Bars, bar{Name: shown, N: int64(n), Width: max(1, n*barLength/longest)})
		}
	}
	return s
}

// reportTables are the tables that are not of figures.
func (d *desk) reportTables(l lang, figures report.Report, v *reportView) {
	head := func(table string, keys ...string) reportTable {
		t := reportTable{Title: d.cat.word(l, "reports", table)}
		for _, key := range keys {
			t.Head = append(t.Head, d.cat.word(l, "reports", key))
		}
		return t
	}
	v.Status = head("status", "state", "count")
	for _, row := range figures.Status {
		v.Status.Rows = append(v.Status.Rows, []string{statusName(l, markwatch.LeadStatus(row.Key)), number(int64(row.Found))})
	}
	days := func(f float64) string { return strconv.FormatFloat(f, 'f', 1, 64) }
	v.Timely = head("timely", "step", "count", "average", "longest")
	for _, t := range figures.Timeliness {
		v.Timely.Rows = append(v.Timely.Rows, []string{d.cat.word(l, "reports.step", t.Step), number(int64(t.N)), days(t.Days), days(t.Longest)})
	}
	share := func(yes, no int) string {
		if yes+no == 0 {
			return "–"
		}
		return days(100*float64(yes)/float64(yes+no)) + "%"
	}
	p := figures.Precision
	v.Precision = head("precision", "by", "right", "wrong", "share")
	v.Precision.Rows = [][]string{
		{d.cat.text(l, "reports.by-people"), number(int64(p.Confirmed)), number(int64(p.Dismissed)), share(p.Confirmed, p.Dismissed)},
		{d.cat.text(l, "reports.by-outcomes"), number(int64(p.Right)), number(int64(p.Wrong)), share(p.Right, p.Wrong)},
	}
	v.Coverage = head("coverage", "source", "scans", "complete", "pages", "seen", "blocked", "failed")
	for _, c := range figures.Coverage {
		row := []string{d.sourceName(c.Source)}
		for _, n := range []int{c.Scans, c.Whole, c.Pages, c.Seen, c.Blocked, c.Failed} {
			row = append(row, number(int64(n)))
		}
		v.Coverage.Rows = append(v.Coverage.Rows, row)
	}
}
