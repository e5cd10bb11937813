package web_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/leads"
	"github.com/markwatch/markwatch/leads/routing"
	"github.com/markwatch/markwatch/regions"
	"github.com/markwatch/markwatch/web"
)

// office handles leads by real routes, gates and steps.
type office struct {
	router *routing.Router
	gates  leads.Gates
}

func newOffice(t testing.TB) office {
	t.Helper()
	table, err := regions.New()
	if err != nil {
		t.Fatal(err)
	}
	router, err := routing.New(table, markwatch.Units{Units: units(), Routes: []markwatch.Route{
		{Violation: markwatch.Counterfeit, Authority: "market", Place: "seller", Basis: "市场监督管理投诉举报处理办法第25条"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return office{router: router, gates: leads.Gates{{Needs: []string{"address", "authorisation", "registration"}}}}
}

func units() []markwatch.Unit {
	return []markwatch.Unit{
		{ID: "fj-scjg", Name: "福建省市场监督管理局", Authority: "market", Regions: []string{"35"}},
		{ID: "gy-scjg", Name: "贵阳市市场监督管理局", Authority: "market", Regions: []string{"5201"}},
	}
}

func (o office) Outlook(_ context.Context, lead markwatch.Lead) (web.Outlook, error) {
	answer := routing.Answer{Addressee: lead.Handling.Addressee, Mapped: true}
	if answer.Addressee.Unit == "" {
		answer = o.router.Route(routing.Question{Lead: &lead, Violation: leads.Routed(&lead), On: now})
	}
	amount := leads.Estimate([]markwatch.Lead{lead}, 0.1, func(m markwatch.Money) (decimal.Decimal, bool) { return m.Amount, true })
	out := web.Outlook{Violation: leads.Routed(&lead), Missing: answer.Missing, Amount: amount, Checklist: o.gates.Checklist(&lead, leads.Routed(&lead), leads.Known{Amount: amount})}
	out.Suspicions = leads.Suspicions([]markwatch.CrimeThreshold{{
		ID: "sale", Violation: markwatch.Counterfeit, Crime: "销售假冒注册商标的商品罪", Amount: decimal.NewFromInt(50_000), Measure: "销售金额", Basis: "刑法第214条",
		Since: markwatch.Date{Time: now.AddDate(-2, 0, 0)}, Documents: []string{"有关检验报告或者鉴定结论", "其他有关涉嫌犯罪的材料"},
	}}, &lead, out.Violation, amount, now)
	if answer.Mapped {
		out.Addressee = answer.Addressee
	}
	return out, nil
}

func (o office) Approve(ctx context.Context, lead markwatch.Lead, waive map[string]string, who string) (markwatch.Lead, []markwatch.LeadEvent, error) {
	out, err := o.Outlook(ctx, lead)
	if err != nil {
		return lead, nil, err
	}
	order := leads.Order{Act: leads.ActApprove, Addressee: out.Addressee, Violation: out.Violation}
	for key, why := range waive {
		order.Waived = append(order.Waived, markwatch.Waiver{Requirement: key, Reason: why, By: who})
	}
	judged := lead
	judged.Handling.Waived = order.Waived
	if err := leads.Pass(lead.Number, o.gates.Checklist(&judged, out.Violation, leads.Known{Amount: out.Amount})); err != nil {
		return lead, nil, err
	}
	return leads.Take(lead, order, who, now)
}

// unitsOf are the units of a listing or lead by the office's routes.
func (o office) unitsOf(l markwatch.Listing, v markwatch.Verdict, lead *markwatch.Lead) []string {
	one := markwatch.Lead{}
	if lead != nil {
		one = *lead
	}
	one.Listing, one.Verdict = l, v
	if out, err := o.Outlook(context.Background(), one); err == nil && out.Addressee.Unit != "" {
		return []string{out.Addressee.Unit}
	}
	return nil
}

// A lead goes from its page to its approval: what is missing is stated or
// waived, and the one who confirmed is told why another has to approve.
func TestHandlingALead(t *testing.T) {
	b := newBench(t, market()...)
	b.crew()
	b.add(markwatch.User{ID: "second", Name: "approver-confirms", Role: markwatch.RoleApprover})
	const page = "/leads/demo-1001"
	contains := func(c *client, wants ...string) {
		t.Helper()
		res, body := c.get(page + "?lang=zh")
		if res.StatusCode != http.StatusOK {
			t.Fatal(res.Status)
		}
		for _, want := range wants {
			if !strings.Contains(body, want) {
				t.Errorf("the page lacks %q", want)
			}
		}
	}
	do := func(c *client, path string, form url.Values, want int) string {
		t.Helper()
		res, body := c.post(page+path, form)
		if res.StatusCode != want {
			t.Errorf("%s %v answers %d, want %d", path, form, res.StatusCode, want)
		}
		return body
	}
	first, second := b.loginAs("approver"), b.loginAs("second")
	contains(first, "完整性 1/3", "缺:授权核实、商标注册号", "福建省市场监督管理局", "投诉举报处理办法第25条", "至 ¥")
	do(first, "", url.Values{"status": {"confirmed"}}, http.StatusSeeOther)
	contains(first, "您确认了此线索,批准须由另一人进行")
	contains(b.loginAs("investigator"), "批准须由审批角色进行")
	do(first, "/checks", url.Values{"have.authorisation": {"权利人函复未授权"}}, http.StatusSeeOther)
	contains(first, "完整性 2/3", "权利人函复未授权")
	do(first, "/approval", url.Values{"waive.registration": {"另附"}}, http.StatusConflict)
	if body := do(second, "/approval", nil, http.StatusConflict); !strings.Contains(body, "尚缺") {
		t.Error("an approval without a requirement does not say what is missing")
	}
	do(second, "/approval", url.Values{"waive.registration": {"另附"}}, http.StatusSeeOther)
	contains(second, "办理:已确认 → ", "批准移送", "由成批移送完成")
	lead, err := b.store.Lead(t.Context(), "demo-1001")
	if h := lead.Handling; err != nil || lead.Status != markwatch.LeadApproved || h.ApprovedBy != "second" || h.Addressee.Unit != "fj-scjg" || len(h.Waived) != 1 {
		t.Errorf("after the approval: %v %s %+v", err, lead.Status, h)
	}
	do(second, "/steps", url.Values{"act": {"return"}}, http.StatusBadRequest)
	do(second, "/steps", url.Values{"act": {"send"}, "reason": {"x"}}, http.StatusBadRequest)
	do(second, "/steps", url.Values{"act": {"return"}, "reason": {"材料不全"}}, http.StatusSeeOther)
	do(second, "/addressee", url.Values{"unit": {"none"}, "reason": {"x"}}, http.StatusBadRequest)
	do(second, "/addressee", url.Values{"unit": {"gy-scjg"}, "reason": {"由发现地办理"}}, http.StatusSeeOther)
	contains(second, "贵阳市市场监督管理局", "由发现地办理")
}

// Who confirmed under the name that the command line writes down is the same
// person at the desk.
func TestOnePersonUnderTwoNames(t *testing.T) {
	b := newBench(t, market()...)
	b.add(markwatch.User{ID: "liqiang", Name: "李强", Role: markwatch.RoleApprover})
	_, err := b.store.UpdateLead(t.Context(), "demo-1001", func(l markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error) {
		return leads.Take(l, leads.Order{Act: leads.ActConfirm}, "cli:李强", now)
	})
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{"waive.authorisation": {"x"}, "waive.registration": {"x"}}
	if res, body := b.loginAs("liqiang").post("/leads/demo-1001/approval", form); res.StatusCode != http.StatusConflict || !strings.Contains(body, "以外的人") {
		t.Errorf("answers %d", res.StatusCode)
	}
	if res, _ := b.login().post("/leads/demo-1001/approval", form); res.StatusCode != http.StatusSeeOther {
		t.Errorf("another person: %d", res.StatusCode)
	}
}

func TestHandlingByTheAPI(t *testing.T) {
	b := newBench(t, market()...)
	b.crew()
	investigator, approver := b.program("investigator", accounts.See, accounts.Decide), b.program("approver", accounts.See, accounts.Approve)
	expect := func(res *http.Response, want int) {
		t.Helper()
		if res.StatusCode != want {
			t.Errorf("%s %s answers %d, want %d", res.Request.Method, res.Request.URL.Path, res.StatusCode, want)
		}
	}
	type shown struct {
		Checklist []leads.Item        `json:"checklist"`
		Addressee markwatch.Addressee `json:"addressee"`
		Acts      []string            `json:"acts"`
		Refusal   string              `json:"refusal"`
	}
	expect(investigator.call("POST", "/leads/demo-1001/acts", `{"act":"confirm"}`, nil), http.StatusOK)
	expect(investigator.call("POST", "/leads/demo-1001/acts", `{"act":"approve"}`, nil), http.StatusBadRequest)
	expect(investigator.call("POST", "/leads/demo-1001/approval", `{}`, nil), http.StatusForbidden)
	expect(investigator.call("PATCH", "/leads/demo-1001/checks", `{"authorisation":"未授权","registration":"991722"}`, nil), http.StatusOK)
	var out shown
	expect(investigator.call("GET", "/leads/demo-1001/handling", "", &out), http.StatusOK)
	if out.Refusal == "" || !slices.Equal(out.Acts, []string{"review", "return"}) {
		t.Errorf("the investigator is offered %v, %q", out.Acts, out.Refusal)
	}
	out = shown{}
	expect(approver.call("GET", "/leads/demo-1001/handling", "", &out), http.StatusOK)
	if out.Refusal != "" || !slices.Contains(out.Acts, "approve") || out.Addressee.Unit != "fj-scjg" || len(out.Checklist) != 3 {
		t.Errorf("the approver is shown %+v", out)
	}
	var lead markwatch.Lead
	expect(approver.call("POST", "/leads/demo-1001/approval", `{}`, &lead), http.StatusOK)
	if lead.Status != markwatch.LeadApproved || lead.Handling.ApprovedBy != "approver" {
		t.Errorf("after the approval: %s by %q", lead.Status, lead.Handling.ApprovedBy)
	}
}

// People who are bounded to a unit see the leads that go there.
func TestBoundToAUnit(t *testing.T) {
	b := newBench(t, market()...)
	b.add(markwatch.User{ID: "fj", Role: markwatch.RoleInvestigator, Bounds: markwatch.Bounds{Units: []string{"fj-scjg"}}},
		markwatch.User{ID: "gy", Role: markwatch.RoleInvestigator, Bounds: markwatch.Bounds{Units: []string{"gy-scjg"}}})
	fj, gy := b.loginAs("fj"), b.loginAs("gy")
	if _, body := fj.get("/"); !strings.Contains(body, "/leads/demo-1001") {
		t.Error("the unit's own lead is not found")
	}
	if _, body := fj.get("/?lang=zh"); !strings.Contains(body, "福建省市场监督管理局") {
		t.Error("the facet of units is empty")
	}
	if res, _ := fj.get("/leads/demo-1001"); res.StatusCode != http.StatusOK {
		t.Errorf("the unit's own lead answers %d", res.StatusCode)
	}
	if _, body := gy.get("/"); strings.Contains(body, "/leads/demo-1001") {
		t.Error("another unit finds the lead")
	}
	if res, _ := gy.get("/leads/demo-1001"); res.StatusCode != http.StatusNotFound {
		t.Errorf("another unit is answered %d", res.StatusCode)
	}
}
