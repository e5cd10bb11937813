package report_test

import (
	"bytes"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/leads"
	"github.com/markwatch/markwatch/leads/report"
)

var zone = time.FixedZone("CST", 8*3600)

func at(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, zone)
	if err != nil {
		panic(err)
	}
	return t
}

func TestPeriods(t *testing.T) {
	for s, want := range map[string]string{
		"2026-11": "2026-11-01 2026-12-01", "2026-12": "2026-12-01 2027-01-01", "2026-Q1": "2026-01-01 2026-04-01", "2026-Q4": "2026-10-01 2027-01-01",
		"2026-H1": "2026-01-01 2026-07-01", "2026-H2": "2026-07-01 2027-01-01", "2026-13": "", "2026-Q5": "", "November": "", "": "",
	} {
		p, err := report.ParsePeriod(s, zone)
		got := p.From.Format(time.DateOnly) + " " + p.To.Format(time.DateOnly)
		if err == nil && got != want || (err == nil) != (want != "") || err != nil && markwatch.ErrorCode(err) != markwatch.CodeInvalid {
			t.Errorf("%q is %s, %v; want %q", s, got, err, want)
		}
	}
	p, err := report.ParsePeriod("2026-11", zone)
	if err != nil {
		t.Fatal(err)
	}
	for s, want := range map[string]bool{"2026-10-31 23:59": false, "2026-11-01 00:00": true, "2026-11-30 23:59": true, "2026-12-01 00:00": false} {
		if p.Holds(at(s).UTC()) != want {
			t.Errorf("%s in November: %v", s, !want)
		}
	}
}

// made is a lead with a region in its note.
func made(found, region string, status markwatch.LeadStatus, h markwatch.Handling) markwatch.Lead {
	return markwatch.Lead{FirstSeen: at(found), Note: region, Status: status, Handling: h,
		Listing: markwatch.Listing{Platform: "m"}, Verdict: markwatch.Verdict{
			Violations: map[markwatch.Violation]markwatch.ViolationVerdict{markwatch.Counterfeit: {Score: 1, Flagged: true}}, Findings: []markwatch.Finding{{Subject: "nike"}, {Subject: "nike"}}}}
}

func sample() iter.Seq2[markwatch.Lead, error] {
	sent := markwatch.Handling{ConfirmedAt: at("2026-11-03 00:00"), ApprovedAt: at("2026-11-03 12:00"), SentAt: at("2026-11-05 00:00"), Addressee: markwatch.Addressee{Unit: "u1"},
		Receipt: markwatch.Receipt{At: at("2026-11-06 00:00")}}
	done := sent
	done.Outcomes = []markwatch.Outcome{{Code: markwatch.OutcomeOpened, At: at("2026-11-10 00:00")},
		{Code: markwatch.OutcomePenalty, At: at("2026-12-02 00:00"), Penalty: &markwatch.Money{Amount: decimal.NewFromInt(3000), Currency: markwatch.CNY}}}
	wrong := sent
	wrong.Outcomes = []markwatch.Outcome{{Code: markwatch.OutcomeNotOpen, At: at("2026-11-20 00:00")}}
	list := []markwatch.Lead{
		made("2026-11-01 00:00", "520113", markwatch.LeadOutcome, done),
		made("2026-11-01 00:00", "520102", markwatch.LeadOutcome, wrong),
		made("2026-10-31 00:00", "5201", markwatch.LeadReceived, sent),
		made("2026-11-09 00:00", "", markwatch.LeadNew, markwatch.Handling{}),
		made("2026-11-09 00:00", "350304", markwatch.LeadDismissed, markwatch.Handling{Since: at("2026-11-10 00:00")}),
		made("2026-11-09 00:00", "350304", markwatch.LeadMerged, markwatch.Handling{}),
		made("2026-09-09 00:00", "350304", markwatch.LeadNew, markwatch.Handling{}),
	}
	return func(yield func(markwatch.Lead, error) bool) {
		for _, l := range list {
			if !yield(l, nil) {
				return
			}
		}
	}
}

func compute(t *testing.T, period string) report.Report {
	t.Helper()
	p, err := report.ParsePeriod(period, zone)
	if err != nil {
		t.Fatal(err)
	}
	name := func(id string) string { return "<" + id + ">" }
	r, err := report.Compute(report.Input{
		Period: p, Leads: sample(), Region: func(l *markwatch.Lead) string { return l.Note },
		Amount: func(*markwatch.Lead) leads.Amount {
			return leads.Amount{Known: true, From: decimal.NewFromInt(30), To: decimal.NewFromInt(100)}
		},
		Names: report.Names{Unit: name, Region: name, Subject: name},
		Scans: []markwatch.ScanSummary{
			{Source: "s", StartedAt: at("2026-11-02 00:00"), Complete: true, Pages: markwatch.PageCounts{Fetched: 8, Unchanged: 1, Blocked: 1}},
			{Source: "s", StartedAt: at("2026-11-03 00:00"), Pages: markwatch.PageCounts{Fetched: 1, Failed: 2}},
			{Source: "s", StartedAt: at("2026-12-03 00:00"), Pages: markwatch.PageCounts{Fetched: 99}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestFigures(t *testing.T) {
	r := compute(t, "2026-11")
	line := func(f report.Figures) string {
		return fmt.Sprintf("%d %d %d %d %d %d opened %d not %d amount %s–%s", f.Found, f.Confirmed, f.Dismissed, f.Approved, f.Sent, f.Received,
			f.Outcomes[markwatch.OutcomeOpened], f.Outcomes[markwatch.OutcomeNotOpen], f.From, f.To)
	}
	if got, want := line(r.Total), "4 3 1 3 3 3 opened 1 not 1 amount 90–300"; got != want {
		t.Errorf("total %s, want %s", got, want)
	}
	// A city holds its counties and what is known of the city alone; a province
	// its cities.
	var regions []string
	for _, row := range r.Regions {
		regions = append(regions, fmt.Sprintf("%s %d", row.Key, row.Sent))
	}
	if diff := cmp.Diff([]string{" 0", "35 0", "3503 0", "350304 0", "52 3", "5201 3", "520102 1", "520113 1"}, regions); diff != "" {
		t.Errorf("regions (-want +got):\n%s", diff)
	}
	if len(r.Subjects) != 1 || r.Subjects[0].Sent != 3 || r.Subjects[0].Name != "<nike>" {
		t.Errorf("subjects %+v", r.Subjects)
	}
	if want := (report.Precision{Confirmed: 3, Dismissed: 1, Right: 0, Wrong: 1}); r.Precision != want {
		t.Errorf("precision %+v", r.Precision)
	}
	if want := (report.Coverage{Source: "s", Scans: 2, Whole: 1, Pages: 13, Seen: 10, Blocked: 1, Failed: 2}); len(r.Coverage) != 1 || r.Coverage[0] != want {
		t.Errorf("coverage %+v", r.Coverage)
	}
	if len(r.Timeliness) != 4 || r.Timeliness[1].Days != 2 || r.Timeliness[0].Longest != 3 || r.Timeliness[3].N != 2 {
		t.Errorf("timeliness %+v", r.Timeliness)
	}
	year := compute(t, "2026-H2")
	if year.Total.Found != 6 || year.Total.Outcomes[markwatch.OutcomePenalty] != 1 || !year.Total.Penalty.Equal(decimal.NewFromInt(3000)) || year.Precision.Right != 1 {
		t.Errorf("half-year %+v %+v", year.Total, year.Precision)
	}
}

func TestForms(t *testing.T) {
	r := compute(t, "2026-11")
	r.Units[0].Name = "<script>alert(1)</script>"
	var page, book bytes.Buffer
	if err := r.WriteHTML(&page); err != nil {
		t.Fatal(err)
	}
	if s := page.String(); strings.Contains(s, "<script>") || !strings.Contains(s, "2026-11-30") || !strings.Contains(s, "<svg") || strings.Contains(s, "ZgotmplZ") {
		t.Errorf("the page is wrong:\n%.3000s", s)
	}
	if err := r.WriteXLSX(&book); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&book)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	table, err := f.GetRows("统计")
	if err != nil || table[3][0] != "项目" || table[4][1] != "4" || table[4][5] != "3" {
		t.Errorf("%v %v", table, err)
	}
}
