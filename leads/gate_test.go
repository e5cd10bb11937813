package leads_test

import (
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/configs"
	"github.com/markwatch/markwatch/leads"
)

// TestEveryRequirementCanBeFulfilled fails where a requirement is neither seen
// by the program nor for a person to state.
func TestEveryRequirementCanBeFulfilled(t *testing.T) {
	full := markwatch.Lead{Note: "x", Listing: markwatch.Listing{
		URL: "x", Snapshot: "x", Price: &markwatch.Money{Amount: decimal.NewFromInt(1), Currency: markwatch.CNY},
		Seller: &markwatch.Seller{Name: "x", Contacts: []string{"x"}, License: "x"}, Shares: []markwatch.Share{{Code: "x"}}, Tracking: []markwatch.Tracking{{Number: "x"}},
	}}
	known := leads.Known{Brand: &markwatch.Brand{Holder: "x", Registrations: []string{"x"}}, Work: &markwatch.Work{Publisher: "x"}, Place: "x",
		Amount: leads.Amount{Known: true}}
	for _, r := range markwatch.Requirements() {
		if r.Name.ZH == "" || r.Name.EN == "" {
			t.Errorf("%s has no name", r.Key)
		}
		items := leads.Gates{{Needs: []string{r.Key}}}.Checklist(&full, "", known)
		if len(items) != 1 || !items[0].OK && r.Hand == (markwatch.Text{}) {
			t.Errorf("%s is fulfilled by nothing: %+v", r.Key, items)
		}
	}
}

func TestChecklist(t *testing.T) {
	shipped, err := configs.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	gates := leads.Gates(shipped.Gates)
	lead := markwatch.Lead{Number: "2026-0001", Listing: markwatch.Listing{
		URL: "https://x.example/1", Snapshot: "a.warc.gz#1", Seller: &markwatch.Seller{Name: "某店"},
		Price: &markwatch.Money{Amount: decimal.NewFromInt(199), Currency: markwatch.CNY},
	}, Verdict: markwatch.Verdict{Findings: []markwatch.Finding{
		{Facts: map[string]string{"reference_cny": "799.00", "reference_from": "brands@12"}},
		{Evidence: []markwatch.Evidence{{Text: "海外直邮", Role: markwatch.RoleClaim}, {Text: "莆田发货", Role: markwatch.RoleFact}}},
	}}}
	brand := &markwatch.Brand{Holder: "Nike Innovate C.V.", Registrations: []string{"991722"}}
	missing := func(v markwatch.Violation, k leads.Known) string {
		var keys []string
		for _, item := range gates.Checklist(&lead, v, k) {
			if !item.OK && !item.Waived {
				keys = append(keys, item.Key)
				if item.Next.ZH == "" || item.Next.EN == "" {
					t.Errorf("%s does not say what to do", item.Key)
				}
			}
		}
		return strings.Join(keys, " ")
	}
	for _, c := range []struct {
		violation markwatch.Violation
		known     leads.Known
		want      string
	}{
		{markwatch.Counterfeit, leads.Known{}, "holder registration authorisation reason"},
		{markwatch.Counterfeit, leads.Known{Brand: brand}, "authorisation reason"},
		{markwatch.FakeOverseas, leads.Known{}, "reason"},
		{markwatch.Piracy, leads.Known{Work: &markwatch.Work{Publisher: "某社"}}, "authorisation reason"},
		{"tobacco", leads.Known{}, "reason"},
	} {
		if got := missing(c.violation, c.known); got != c.want {
			t.Errorf("%s lacks %q, want %q", c.violation, got, c.want)
		}
	}
	err = leads.Pass(lead.Number, gates.Checklist(&lead, markwatch.Counterfeit, leads.Known{Brand: brand}))
	if markwatch.ErrorCode(err) != markwatch.CodeConflict || !strings.Contains(err.Error(), "授权核实") || !strings.Contains(err.Error(), "authorisation, reason") {
		t.Errorf("what is missing is told as %v", err)
	}
	lead.Handling.Checked = map[string]string{"authorisation": "权利人函复未授权", "reason": " "}
	lead.Handling.Waived = []markwatch.Waiver{{Requirement: "reason", Reason: "附件已述", By: "李强"}}
	if err := leads.Pass(lead.Number, gates.Checklist(&lead, markwatch.Counterfeit, leads.Known{Brand: brand})); err != nil {
		t.Error(err)
	}
}

func TestAmountsAndSuspicions(t *testing.T) {
	offer := func(price string, sales int64) markwatch.Lead {
		return markwatch.Lead{Listing: markwatch.Listing{Sales: sales, Price: &markwatch.Money{Amount: decimal.RequireFromString(price), Currency: markwatch.CNY}}}
	}
	cny := func(m markwatch.Money) (decimal.Decimal, bool) { return m.Amount, m.Currency == markwatch.CNY }
	foreign := offer("10", 100)
	foreign.Listing.Price.Currency = "XXX"
	a := leads.Estimate([]markwatch.Lead{offer("199.50", 200), offer("100", 300), offer("5", 0), foreign}, 0.3, cny)
	if a.String() != "20970.00–69900.00 CNY(上限)" || !a.Partly {
		t.Errorf("amount %s, partly %v", a, a.Partly)
	}
	if a := leads.Estimate([]markwatch.Lead{foreign}, 0.3, cny); a.Known || a.String() != "" {
		t.Errorf("an unknown amount is %+v", a)
	}
	shipped, err := configs.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	at := func(s string) time.Time {
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	held := markwatch.Lead{Handling: markwatch.Handling{Documents: []markwatch.HeldDocument{{Name: "涉案物品清单"}}}}
	for _, c := range []struct {
		violation markwatch.Violation
		to, on    string
		want      string
	}{
		{markwatch.Counterfeit, "49999.99", "2026-11-01", ""},
		{markwatch.Counterfeit, "50000", "2026-11-01", "counterfeit-sale"},
		{markwatch.Counterfeit, "50000", "2025-04-25", "counterfeit-sale-2004"},
		{markwatch.Counterfeit, "200000", "2025-04-26", "counterfeit-sale likely"},
		{markwatch.FakeOverseas, "900000", "2026-11-01", ""},
	} {
		to := decimal.RequireFromString(c.to)
		amount := leads.Amount{Known: true, To: to, From: to.Mul(decimal.RequireFromString("0.3"))}
		got := ""
		for _, s := range leads.Suspicions(shipped.Thresholds, &held, c.violation, amount, at(c.on)) {
			got += s.Threshold.ID
			if s.Likely {
				got += " likely"
			}
			if len(s.Documents) != 5 || !s.Documents[2].There || s.Documents[0].There {
				t.Errorf("documents %+v", s.Documents)
			}
		}
		if got != c.want {
			t.Errorf("%s of %s on %s: %q, want %q", c.to, c.violation, c.on, got, c.want)
		}
	}
}
