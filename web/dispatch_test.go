package web_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/leads"
	"github.com/markwatch/markwatch/leads/batch"
	"github.com/markwatch/markwatch/leads/delivery"
	"github.com/markwatch/markwatch/leads/dispatch"
	"github.com/markwatch/markwatch/leads/report"
	"github.com/markwatch/markwatch/store"
	"github.com/markwatch/markwatch/web"
)

// openRoom is what sends leads, on the bench's record and folder. Packages are
// no part of it here: they need captures and are made in the tests of the
// program.
func (b *bench) openRoom() {
	b.room = dispatch.New(dispatch.Config{
		Store: b.store, Data: b.dir, Code: "标移", Sender: batch.Sender{Name: "某市网络市场监测中心"}, Location: now.Location(), Units: units,
		Judge:  func(context.Context) (dispatch.Judge, error) { return rows{}, nil },
		Packer: func(context.Context, dispatch.Order) (dispatch.Packer, error) { return unpacked{}, nil },
		Targets: func(unit string) ([]delivery.Target, error) {
			return []delivery.Target{delivery.Folder{Path: filepath.Join(b.dir, "out", unit), As: "out/" + unit}}, nil
		},
		Platform: func(string) string { return "示例商城有限公司" },
		IndexAll: func() bool { return true },
		Audit: func(ctx context.Context, who, action, object, detail string) error {
			return b.store.Audit(ctx, markwatch.AuditEntry{At: now, Actor: who, Action: action, Object: object, Detail: detail})
		},
		Now: func() time.Time { return now },
	})
	life, end := context.WithCancel(context.Background())
	b.runner = dispatch.NewRunner(life, b.room, nil)
	b.t.Cleanup(func() { end(); b.runner.Wait() })
}

type rows struct{}

func (rows) Row(lead markwatch.Lead, parts []markwatch.Lead) *leads.Row {
	return &leads.Row{Lead: lead, Parts: parts, Amount: estimate(leads.NewCase(lead, parts).Offers())}
}

func estimate(offers []markwatch.Lead) leads.Amount {
	return leads.Estimate(offers, 0.1, func(m markwatch.Money) (decimal.Decimal, bool) { return m.Amount, true })
}

type unpacked struct{}

func (unpacked) Pack(context.Context, *leads.Row) (dispatch.Package, error) {
	return dispatch.Package{Shown: "on-sale", Note: "仍在售"}, nil
}
func (unpacked) Close() error { return nil }

// figures are the reports over the bench's record.
type figures struct{ *bench }

func (f figures) Report(ctx context.Context, period, unit string, takes dispatch.Takes) (report.Report, error) {
	p, err := report.ParsePeriod(period, now.Location())
	if err != nil {
		return report.Report{}, err
	}
	name := func(id string) string {
		for _, u := range units() {
			if u.ID == id {
				return u.Name
			}
		}
		return id
	}
	return report.Compute(report.Input{Period: p, Leads: f.store.Leads(ctx, store.LeadFilter{}), Names: report.Names{Unit: name, Region: name, Subject: name},
		Region: func(l *markwatch.Lead) string { return l.Handling.Addressee.Region },
		Amount: func(l *markwatch.Lead) leads.Amount { return estimate([]markwatch.Lead{*l}) },
		Takes: func(l *markwatch.Lead) bool {
			return (takes == nil || takes(l)) && (unit == "" || l.Handling.Addressee.Unit == unit)
		}})
}

func (f figures) Disclose(ctx context.Context, w io.Writer, _, _ string, takes dispatch.Takes) error {
	columns, err := leads.BatchColumns([]string{"number", "title"})
	if err != nil {
		return err
	}
	return leads.WriteCSV(w, columns, func(yield func(*leads.Row, error) bool) {
		for l, err := range f.store.Leads(ctx, store.LeadFilter{Status: []markwatch.LeadStatus{markwatch.LeadOutcome}}) {
			if takes != nil && !takes(&l) {
				continue
			}
			if !yield(&leads.Row{Lead: l}, err) {
				return
			}
		}
	})
}

func (f figures) Due(ctx context.Context, takes dispatch.Takes) ([]leads.Due, int, error) {
	terms := leads.Deadlines{Terms: []markwatch.StateTerm{{Status: markwatch.LeadNew, Days: 1, Basis: "线索核查规程"}}, Location: now.Location()}
	var list []leads.Due
	for l, err := range f.store.Leads(ctx, store.LeadFilter{}) {
		if err != nil {
			return nil, 0, err
		}
		if takes != nil && !takes(&l) {
			continue
		}
		if due, ok := terms.Due(l, now.AddDate(0, 0, 9)); ok {
			list = append(list, due)
		}
	}
	return list, 25, nil
}

// approved takes a lead to its approval by two people.
func (b *bench) approved(ids ...string) {
	b.t.Helper()
	for _, id := range ids {
		for _, step := range []struct {
			who   string
			order leads.Order
		}{
			{"first", leads.Order{Act: leads.ActConfirm}},
			{"second", leads.Order{Act: leads.ActApprove, Addressee: markwatch.Addressee{Unit: "fj-scjg", Basis: "投诉举报处理办法第25条", Region: "35"}}},
		} {
			_, err := b.store.UpdateLead(b.t.Context(), id, func(l markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error) {
				return leads.Take(l, step.order, step.who, now)
			})
			if err != nil {
				b.t.Fatal(err)
			}
		}
	}
}

// sent is a batch of these leads, by the page.
func (b *bench) sent(ids ...string) string {
	b.t.Helper()
	b.approved(ids...)
	c := b.loginAs("approver")
	if res, body := c.post("/batches", url.Values{"unit": {"fj-scjg"}}); res.StatusCode != http.StatusSeeOther {
		b.t.Fatalf("making a batch answers %d %s", res.StatusCode, body)
	}
	b.runner.Wait()
	list, err := b.store.Batches(b.t.Context(), "")
	if err != nil || len(list) == 0 {
		b.t.Fatalf("%d batches, %v", len(list), err)
	}
	return list[0].Number
}

func (c *client) expect(code int, method, path string, form url.Values, wants ...string) string {
	c.b.t.Helper()
	var res *http.Response
	var body string
	if method == http.MethodGet {
		res, body = c.get(path)
	} else {
		res, body = c.post(path, form)
	}
	if res.StatusCode != code {
		c.b.t.Errorf("%s %s answers %d, want %d", method, path, res.StatusCode, code)
	}
	for _, want := range wants {
		if !strings.Contains(body, want) {
			c.b.t.Errorf("%s %s lacks %q", method, path, want)
		}
	}
	return body
}

func TestBatchesOnThePages(t *testing.T) {
	b := newBench(t, market()...)
	b.crew()
	// A lead that waits for its requirements is told with what is missing.
	_, err := b.store.UpdateLead(t.Context(), "demo-1003", func(l markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error) {
		return leads.Take(l, leads.Order{Act: leads.ActConfirm}, "first", now)
	})
	if err != nil {
		t.Fatal(err)
	}
	b.approved("demo-1001")
	approver, viewer := b.loginAs("approver"), b.loginAs("viewer")
	approver.expect(200, "GET", "/batches", nil, "福建省市场监督管理局", `name="unit" value="fj-scjg"`, "没有接收单位")
	if body := viewer.expect(200, "GET", "/batches", nil, "福建省市场监督管理局"); strings.Contains(body, `action="/batches"`) {
		t.Error("a viewer is offered to make batches")
	}
	viewer.expect(403, "POST", "/batches", url.Values{"unit": {"fj-scjg"}})
	b.loginAs("investigator").expect(403, "POST", "/batches", url.Values{"unit": {"fj-scjg"}})
	approver.expect(400, "POST", "/batches", nil, "请勾选单位")
	approver.expect(400, "POST", "/batches", url.Values{"unit": {"gy-scjg"}}, "没有可移送的线索")
	approver.expect(404, "POST", "/batches", url.Values{"unit": {"none"}})
	approver.expect(303, "POST", "/batches", url.Values{"unit": {"fj-scjg"}, "recheck": {"1"}})
	b.runner.Wait()

	const number = "标移〔2026〕1号"
	page := "/batches/" + url.PathEscape(number)
	approver.expect(200, "GET", "/batches", nil, number, "完成", "已送达")
	body := approver.expect(200, "GET", page, nil, "letter.pdf", "list.xlsx", "仍在售", "folder:", "已送达", "再送一次")
	if !strings.Contains(body, `href="`+page+`/files/list.csv"`) {
		t.Error("the page leads to no file")
	}
	lead, err := b.store.Lead(t.Context(), "demo-1001")
	if err != nil || lead.Status != markwatch.LeadSent || lead.Handling.Batch != number || lead.Handling.ShownOnSending != "on-sale" {
		t.Errorf("the lead is %s %+v, %v", lead.Status, lead.Handling, err)
	}
	// Its files: by one's role, and only those that are in the list.
	res, list := approver.get(page + "/files/list.csv")
	if res.StatusCode != 200 || !strings.Contains(list, lead.Number) || !strings.Contains(res.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("list.csv: %d %q %.80s", res.StatusCode, res.Header.Get("Content-Disposition"), list)
	}
	approver.expect(404, "GET", page+"/files/..%2f..%2fdesk.db", nil)
	viewer.expect(403, "GET", page+"/files/list.csv", nil)
	_, whole := approver.get(page + "/zip")
	if z, err := zip.NewReader(strings.NewReader(whole), int64(len(whole))); err != nil || len(z.File) < 5 {
		t.Errorf("the ZIP: %v", err)
	}
	// Delivered again on purpose alone.
	there := filepath.Join(b.dir, "out", "fj-scjg", number)
	if err := os.RemoveAll(there); err != nil {
		t.Fatal(err)
	}
	viewer.expect(403, "POST", page+"/deliver", nil)
	for _, again := range []string{"", "yes"} {
		approver.expect(303, "POST", page+"/deliver", url.Values{"again": {again}})
		b.runner.Wait()
		if _, err := os.Stat(there); (err == nil) != (again != "") {
			t.Errorf("again %q: %v", again, err)
		}
	}
	log, err := b.store.Deliveries(t.Context(), number)
	var states []string
	for _, d := range log {
		states = append(states, d.Actor+" "+d.State)
	}
	if want := []string{"approver begun", "approver done", "approver begun", "approver done"}; err != nil || !slices.Equal(states, want) {
		t.Errorf("the log of deliveries: %v, %v", states, err)
	}
	approver.expect(200, "GET", "/leads/demo-1001", nil, number)
	if n := len(b.audits(web.AuditBatch)); n == 0 || len(b.audits(web.AuditDeliver)) != 2 || len(b.audits(web.AuditExport)) < 2 {
		t.Error("the audit log lacks what was done with the batch")
	}
}

// A batch lies within the bounds of a person where its unit and each of its
// leads do, and so does what they can make one of.
func TestBatchesWithinBounds(t *testing.T) {
	b := newBench(t, market()...)
	b.crew()
	b.add(markwatch.User{ID: "guizhou", Role: markwatch.RoleApprover, Bounds: markwatch.Bounds{Units: []string{"gy-scjg"}}},
		markwatch.User{ID: "tibet", Role: markwatch.RoleApprover, Bounds: markwatch.Bounds{Regions: []string{"西藏"}}},
		markwatch.User{ID: "fuzhou", Role: markwatch.RoleApprover, Bounds: markwatch.Bounds{Regions: []string{"福建"}}})
	number := b.sent("demo-1001")
	page := "/batches/" + url.PathEscape(number)
	for _, who := range []string{"guizhou", "tibet"} {
		c := b.loginAs(who)
		if body := c.expect(200, "GET", "/batches", nil); strings.Contains(body, number) {
			t.Errorf("%s is shown a batch beyond the bounds", who)
		}
		c.expect(404, "GET", page, nil)
		c.expect(404, "GET", page+"/files/list.csv", nil)
		c.expect(404, "GET", page+"/zip", nil)
		c.expect(404, "POST", page+"/deliver", nil)
		if res := b.program(who, accounts.See).call("GET", "/batches/"+url.PathEscape(number), "", nil); res.StatusCode != 404 {
			t.Errorf("the API shows %s the batch: %d", who, res.StatusCode)
		}
	}
	b.loginAs("fuzhou").expect(200, "GET", page, nil, "list.xlsx")
	b.approved("demo-1003")
	b.loginAs("tibet").expect(400, "POST", "/batches", url.Values{"unit": {"fj-scjg"}}, "没有可移送的线索")
}

// While a batch of a unit is made no other is begun, and a run whose process
// died is told as broken off.
func TestRunsAreOneAfterTheOther(t *testing.T) {
	b := newBench(t, market()...)
	b.crew()
	b.approved("demo-1001")
	if _, err := b.store.StartBatchRun(t.Context(), store.BatchRun{Kind: store.RunSend, Unit: "fj-scjg", Actor: "x", Stage: "pack", Total: 9}); err != nil {
		t.Fatal(err)
	}
	c := b.loginAs("approver")
	c.expect(409, "POST", "/batches", url.Values{"unit": {"fj-scjg"}}, "请等它结束")
	body := c.expect(200, "GET", "/batches", nil, "0 / 9", `data-events="/batches/events"`)
	if strings.Contains(body, `value="fj-scjg" checked`) {
		t.Error("a unit that is busy can be ticked")
	}
	if err := b.store.BreakBatchRuns(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.expect(200, "GET", "/batches", nil, "中断,可重新开始")
	c.expect(303, "POST", "/batches", url.Values{"unit": {"fj-scjg"}})
	b.runner.Wait()
	c.expect(200, "GET", "/batches", nil, "标移〔2026〕1号")
}

// handIn hands in a file with a form, as a browser does.
func (c *client) handIn(path, name, content string, fields url.Values) (*http.Response, string) {
	c.b.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	if err == nil {
		_, err = io.WriteString(part, content)
	}
	for key := range fields {
		err = errors.Join(err, form.WriteField(key, fields.Get(key)))
	}
	if err = errors.Join(err, form.Close()); err != nil {
		c.b.t.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodPost, c.b.server.URL+path, &body)
	if err != nil {
		c.b.t.Fatal(err)
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	return c.do(req)
}

// raw calls the API with bytes.
func (p *program) raw(method, path, body string, into any) *http.Response {
	p.b.t.Helper()
	req, err := http.NewRequest(method, p.b.server.URL+"/api/v1"+path, strings.NewReader(body))
	if err != nil {
		p.b.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+p.token)
	if body != "" {
		req.Header.Set("Content-Type", "application/octet-stream")
	}
	res, text := p.do(req)
	if into != nil {
		if err := json.Unmarshal([]byte(text), into); err != nil {
			p.b.t.Fatalf("%s %s: %d %v in %.300s", method, path, res.StatusCode, err, text)
		}
	}
	return res
}

// keyOf is the key of a preview.
func keyOf(t *testing.T, body string) string {
	t.Helper()
	m := regexp.MustCompile(`name="key" value="(\w+)"`).FindStringSubmatch(body)
	if m == nil {
		t.Fatal("the preview has no key")
	}
	return m[1]
}

func TestRepliesAreShownBeforeTheyAreTakenIn(t *testing.T) {
	b := newBench(t, market()...)
	b.crew()
	b.sent("demo-1001")
	one, err := b.store.Lead(t.Context(), "demo-1001")
	if err != nil {
		t.Fatal(err)
	}
	other, err := b.store.Lead(t.Context(), "demo-1002")
	if err != nil {
		t.Fatal(err)
	}
	file := fmt.Sprintf("线索编号,签收人,办理结果,文书号,罚款\n%s,王某,立案,立1,\n%s,,行政处罚,罚2,5000\n1999-0001,王某,,,\n%s,王某,,,\n,王某,,,\n", one.Number, one.Number, other.Number)
	c := b.loginAs("investigator")
	res, body := c.handIn("/receipts/outcomes", "反馈.csv", file, nil)
	if res.StatusCode != 200 {
		t.Fatalf("the preview answers %d", res.StatusCode)
	}
	for _, want := range []string{`id="n-fits">2<`, `id="n-misfits">3<`, "没有线索 1999-0001", "没有线索编号", "签收、反馈", "反馈.csv"} {
		if !strings.Contains(body, want) {
			t.Errorf("the preview lacks %q", want)
		}
	}
	if now, _ := b.store.Lead(t.Context(), one.ID); now.Status != markwatch.LeadSent {
		t.Errorf("the preview made the lead %s", now.Status)
	}
	key := keyOf(t, body)
	b.loginAs("approver").expect(409, "POST", "/receipts/outcomes/apply", url.Values{"key": {key}})
	c.expect(200, "POST", "/receipts/outcomes/apply", url.Values{"key": {key}}, "已导入 2 行,3 行没有对上")
	lead, err := b.store.Lead(t.Context(), one.ID)
	if h := lead.Handling; err != nil || lead.Status != markwatch.LeadOutcome || len(h.Outcomes) != 2 || h.Outcomes[1].Penalty.Amount.String() != "5000" || h.Receipt.By != "王某" {
		t.Errorf("the lead after all: %s %+v %v", lead.Status, h, err)
	}
	c.expect(409, "POST", "/receipts/outcomes/apply", url.Values{"key": {key}}) // once
	b.loginAs("viewer").expect(403, "GET", "/receipts", nil)
	if res, _ := b.loginAs("viewer").handIn("/receipts/outcomes", "x.csv", file, nil); res.StatusCode != 403 {
		t.Errorf("a viewer's file: %d", res.StatusCode)
	}
	// Beyond one's bounds a lead does not exist.
	_, body = b.loginAs("unitless").handIn("/receipts/outcomes", "x.csv", file, nil)
	if !strings.Contains(body, `id="n-fits">0<`) || strings.Contains(body, one.Listing.Title) {
		t.Error("a file shows a lead beyond the bounds")
	}
	if res, _ := c.handIn("/receipts/outcomes", "x.csv", "a,b\n1,2\n", nil); res.StatusCode != 400 {
		t.Errorf("a file without the column: %d", res.StatusCode)
	}
}

func TestRepliesOneByOne(t *testing.T) {
	b := newBench(t, market()...)
	b.crew()
	b.sent("demo-1001")
	c := b.loginAs("investigator")
	const path = "/leads/demo-1001/feedback"
	c.expect(409, "POST", "/leads/demo-1002/feedback", url.Values{"do": {"receive"}, "by": {"王某"}})
	c.expect(303, "POST", path, url.Values{"do": {"receive"}, "by": {"王某"}, "receipt": {"回3"}, "at": {"2026-11-20"}})
	c.expect(400, "POST", path, url.Values{"do": {"outcome"}, "code": {"立案"}, "amount": {"1e9"}})
	c.expect(400, "POST", path, url.Values{"do": {"outcome"}, "code": {"胜利"}})
	c.expect(303, "POST", path, url.Values{"do": {"outcome"}, "code": {"case-opened"}, "document": {"立〔2026〕1号"}, "amount": {"12,000"}})
	c.expect(409, "POST", path, url.Values{"do": {"outcome"}, "code": {"not-opened"}})
	c.expect(200, "GET", "/leads/demo-1001?lang=zh", nil, "立〔2026〕1号", "王某", "回3", "¥12,000", `value="penalty"`)
	b.loginAs("viewer").expect(403, "POST", path, url.Values{"do": {"receive"}, "by": {"x"}})
	b.loginAs("unitless").expect(404, "POST", path, url.Values{"do": {"receive"}, "by": {"x"}})
}

func TestComplaintsOnThePages(t *testing.T) {
	b := newBench(t, market()...)
	b.crew()
	lead, err := b.store.Lead(t.Context(), "demo-1001")
	if err != nil {
		t.Fatal(err)
	}
	file := "工单编号,热线,网址,商品,店铺,内容\nT1,12315,https://elsewhere.example/item/9,假鞋,某店,买到假鞋\nT2,12315,,,,只有一句话\nT3,12315," + lead.Listing.URL + ",,,与线索相同\nT4,12315,,,,\n"
	c := b.login()
	_, body := c.handIn("/receipts/complaints", "12315.csv", file, nil)
	for _, want := range []string{"成为新线索", "留待人工处理", "按网址与线索相连", lead.Number, "没有网址、商品、店铺或内容"} {
		if !strings.Contains(body, want) {
			t.Errorf("the preview lacks %q", want)
		}
	}
	if papers, _ := b.store.Papers(t.Context(), store.PaperComplaint, ""); len(papers) != 0 {
		t.Error("the preview keeps complaints")
	}
	c.expect(200, "POST", "/receipts/complaints/apply", url.Values{"key": {keyOf(t, body)}})
	if l, err := b.store.Lead(t.Context(), lead.ID); err != nil || !slices.Equal(l.Handling.Complaints, []string{"T3"}) {
		t.Errorf("linked: %v %v", l.Handling.Complaints, err)
	}
	if l, err := b.store.Lead(t.Context(), markwatch.ListingID("", "", "https://elsewhere.example/item/9")); err != nil || l.Listing.Title != "假鞋" {
		t.Errorf("a new lead: %+v %v", l.Listing, err)
	}
	c.expect(200, "GET", "/receipts", nil, "只有一句话", "T2")
	c.expect(400, "POST", "/receipts/link", url.Values{"number": {"T2"}, "lead": {"1999-1"}})
	c.expect(303, "POST", "/receipts/link", url.Values{"number": {"T2"}, "lead": {lead.Number}})
	if body := c.expect(200, "GET", "/receipts", nil); strings.Contains(body, "只有一句话") {
		t.Error("a linked complaint is still left to people")
	}
	// Taken in once more, what people linked stays linked.
	_, body = c.handIn("/receipts/complaints", "12315.csv", file, nil)
	c.expect(200, "POST", "/receipts/complaints/apply", url.Values{"key": {keyOf(t, body)}})
	if l, err := b.store.Lead(t.Context(), lead.ID); err != nil || !slices.Equal(l.Handling.Complaints, []string{"T3", "T2"}) {
		t.Errorf("after a second import: %v %v", l.Handling.Complaints, err)
	}
	if body := b.loginAs("fujian").expect(200, "GET", "/receipts", nil); strings.Contains(body, "只有一句话") {
		t.Error("a person with bounds is shown complaints of nowhere")
	}
}

func TestMergingOnThePages(t *testing.T) {
	b := newBench(t, market()...)
	b.crew()
	c := b.loginAs("investigator")
	one, _ := b.store.Lead(t.Context(), "demo-1001")
	two, _ := b.store.Lead(t.Context(), "demo-1003")
	res, _ := c.post("/triage", url.Values{"do": {"merge"}, "id": {one.ID, two.ID}})
	preview := res.Header.Get("Location")
	if res.StatusCode != 303 || !strings.HasPrefix(preview, "/merge?") {
		t.Fatalf("the search page leads to %d %q", res.StatusCode, preview)
	}
	// The preview shows every field of each.
	body := html.UnescapeString(c.expect(200, "GET", preview, nil))
	for _, column := range leads.PlainColumns() {
		for _, l := range []markwatch.Lead{one, two} {
			if text := strings.TrimSpace(column.Value(&leads.Row{Lead: l})); text != "" && !strings.Contains(body, text) {
				t.Errorf("the preview loses %s %q", column.Header, text)
			}
		}
	}
	form := url.Values{"lead": {one.ID, two.ID}, "whole": {one.ID}}
	c.expect(400, "POST", "/merge", form, "须写明理由")
	form.Set("reason", "同一店铺")
	b.loginAs("viewer").expect(403, "POST", "/merge", form)
	b.loginAs("unitless").expect(404, "POST", "/merge", form)
	c.expect(303, "POST", "/merge", form)
	c.expect(200, "GET", "/leads/"+one.ID, nil, two.Number, "拆分")
	c.expect(200, "GET", "/leads/"+two.ID, nil, "已并入", one.Number)
	c.expect(409, "GET", "/merge?lead="+one.ID+"&lead="+two.ID, nil)
	part, _ := b.store.Lead(t.Context(), two.ID)
	if part.Status != markwatch.LeadMerged || part.Handling.MergedInto != one.ID {
		t.Errorf("the part is %s %+v", part.Status, part.Handling)
	}
	c.expect(400, "POST", "/leads/"+one.ID+"/split", url.Values{"part": {two.ID}})
	c.expect(303, "POST", "/leads/"+one.ID+"/split", url.Values{"part": {two.ID}, "reason": {"并非同店"}})
	after, _ := b.store.Lead(t.Context(), two.ID)
	if after.Status != two.Status || after.Handling.MergedInto != "" || after.Listing.Title != two.Listing.Title {
		t.Errorf("split, the part is %s %+v", after.Status, after.Handling)
	}
}

func TestApprovingSeveral(t *testing.T) {
	b := newBench(t, market()...)
	b.crew()
	first, second := b.login(), b.loginAs("approver")
	stated := url.Values{"have.authorisation": {"未授权"}, "have.registration": {"991722"}}
	for _, id := range []string{"demo-1001", "demo-1003"} {
		first.expect(303, "POST", "/leads/"+id, url.Values{"status": {"confirmed"}})
		first.expect(303, "POST", "/leads/"+id+"/checks", stated)
	}
	first.expect(303, "POST", "/leads/demo-1003/addressee", url.Values{"unit": {"gy-scjg"}, "reason": {"由发现地办理"}})
	form := url.Values{"do": {"approve"}, "id": {"demo-1001", "demo-1003", "demo-1004"}}
	b.loginAs("investigator").expect(403, "POST", "/triage", form)
	if res, _ := first.post("/triage", form); !strings.Contains(res.Header.Get("Location"), "failed=3") {
		t.Errorf("who confirmed approves: %s", res.Header.Get("Location"))
	}
	if res, _ := second.post("/triage", form); !strings.Contains(res.Header.Get("Location"), "done=2&failed=1") {
		t.Errorf("another person approves: %s", res.Header.Get("Location"))
	}
	if l, _ := b.store.Lead(t.Context(), "demo-1001"); l.Status != markwatch.LeadApproved || l.Handling.ApprovedBy != "approver" {
		t.Errorf("the lead is %s", l.Status)
	}
}

func TestAskingAPlatform(t *testing.T) {
	b := newBench(t, market()...)
	b.crew()
	c := b.loginAs("investigator")
	c.expect(200, "GET", "/leads/demo-1001", nil, "示例商城有限公司", "生成协查函")
	c.expect(303, "POST", "/leads/demo-1001/requests", url.Values{"platform": {"某平台 <b>公司"}})
	c.expect(200, "GET", "/leads/demo-1001", nil, "2026-0001", "某平台 &lt;b&gt;公司", "待复函")
	res, letter := c.get("/requests/2026-0001/letter")
	z, err := zip.NewReader(strings.NewReader(letter), int64(len(letter)))
	if err != nil || res.StatusCode != 200 {
		t.Fatalf("the letter: %d %v", res.StatusCode, err)
	}
	text := fileIn(t, z, "word/document.xml")
	if !strings.Contains(text, "标移协查〔2026〕0001号") || !strings.Contains(text, "某平台") {
		t.Errorf("the letter says %.300s", text)
	}
	b.loginAs("viewer").expect(403, "POST", "/leads/demo-1001/requests", url.Values{"platform": {"x"}})
	b.loginAs("unitless").expect(404, "GET", "/requests/2026-0001/letter", nil)

	const path = "/requests/2026-0001/answer"
	if res, _ := c.handIn(path, "../../复函.pdf", "%PDF-1.4 hello", url.Values{"have.place": {"福建莆田"}}); res.StatusCode != 303 {
		t.Fatalf("the answer: %d", res.StatusCode)
	}
	c.expect(200, "GET", "/leads/demo-1001", nil, "复函.pdf", "福建莆田")
	res, file := c.get("/requests/2026-0001/files/0")
	if res.StatusCode != 200 || file != "%PDF-1.4 hello" || !strings.HasPrefix(res.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("the file: %d %q %q", res.StatusCode, res.Header.Get("Content-Disposition"), file)
	}
	c.expect(404, "GET", "/requests/2026-0001/files/1", nil)
	b.loginAs("viewer").expect(403, "GET", "/requests/2026-0001/files/0", nil)
	if lead, _ := b.store.Lead(t.Context(), "demo-1001"); lead.Handling.Checked["place"] != "福建莆田" {
		t.Errorf("what was stated: %v", lead.Handling.Checked)
	}
	c.expect(200, "GET", "/receipts", nil, "2026-0001")
	if entries, err := filepath.Glob(filepath.Join(b.dir, "attachments", "*")); err != nil || len(entries) != 1 {
		t.Errorf("attachments %v %v", entries, err)
	}
	if res, _ := b.stranger().handIn(path, "x.pdf", "x", nil); res.StatusCode != 401 {
		t.Errorf("a stranger's file: %d", res.StatusCode)
	}
}

func TestReportPages(t *testing.T) {
	b := newBench(t, market()...)
	b.crew()
	b.sent("demo-1001")
	c := b.loginAs("viewer")
	c.expect(200, "GET", "/reports?period=2026-11", nil, "统计报表 2026-11", "仿冒", "合计", "/reports/xlsx?period=2026-11", "本月报表须于 25 日前上报,还有 4 天")
	for period, code := range map[string]int{"2026-Q4": 200, "2026-H2": 200, "2026-13": 400, "x": 400} {
		c.expect(code, "GET", "/reports?period="+period, nil)
	}
	c.expect(404, "GET", "/reports?period=2026-11&unit=none", nil)
	res, book := c.get("/reports/xlsx?period=2026-11")
	if z, err := zip.NewReader(strings.NewReader(book), int64(len(book))); err != nil || res.StatusCode != 200 || len(z.File) == 0 {
		t.Errorf("the workbook: %d %v", res.StatusCode, err)
	}
	c.expect(403, "GET", "/reports/disclosure?period=2026-11&format=csv", nil)
	b.loginAs("investigator").expect(200, "GET", "/reports/disclosure?period=2026-11&format=csv", nil)
	b.loginAs("investigator").expect(400, "GET", "/reports/disclosure?period=2026-11&format=exe", nil)
	c.expect(200, "GET", "/due", nil, "逾期", "线索核查规程", "2026-11")

	// What lies beyond a person's bounds is in no figure.
	total := func(who string) (r report.Report) {
		b.program(who, accounts.See).call("GET", "/reports/2026-11", "", &r)
		return r
	}
	if all, some, none := total("viewer").Total, total("fujian").Total, total("unitless").Total; all.Sent != 1 || some.Sent != 1 || some.Found >= all.Found || none.Sent != 0 {
		t.Errorf("figures: %+v, of Fujian %+v, of a unit without leads %+v", all, some, none)
	}
	if body := b.loginAs("unitless").expect(200, "GET", "/due", nil); strings.Contains(body, "demo-") {
		t.Error("deadlines beyond the bounds are shown")
	}
	b.loginAs("unitless").expect(404, "GET", "/reports?period=2026-11&unit=fj-scjg", nil)
}

// Everything that the pages do has a call, with problems as errors.
func TestTheLaterLifeByTheAPI(t *testing.T) {
	b := newBench(t, market()...)
	b.crew()
	b.approved("demo-1001")
	approver, investigator := b.program("approver", accounts.See, accounts.Decide, accounts.Approve), b.program("investigator", accounts.See, accounts.Decide)
	viewer := b.program("viewer", accounts.See)
	expect := func(p *program, want int, method, path, body string, into any) {
		t.Helper()
		var got problem
		out := into
		if want >= 400 {
			out = &got
		}
		res := p.call(method, path, body, out)
		if res.StatusCode != want {
			t.Errorf("%s %s answers %d, want %d", method, path, res.StatusCode, want)
		}
		if want >= 400 && (res.Header.Get("Content-Type") != "application/problem+json" || got.Status != want || got.Title == "") {
			t.Errorf("%s %s: the problem is %q %+v", method, path, res.Header.Get("Content-Type"), got)
		}
	}
	var ready struct {
		Units []struct {
			Unit string
			N    int
		}
	}
	expect(viewer, 200, "GET", "/ready", "", &ready)
	if len(ready.Units) != 1 || ready.Units[0].N != 1 {
		t.Errorf("ready: %+v", ready)
	}
	expect(viewer, 403, "POST", "/batches", `{"units":["fj-scjg"]}`, nil)
	expect(investigator, 403, "POST", "/batches", `{"units":["fj-scjg"]}`, nil)
	expect(approver, 404, "POST", "/batches", `{"units":["none"]}`, nil)
	expect(approver, 400, "POST", "/batches", `{"units":["gy-scjg"]}`, nil)
	expect(approver, 422, "POST", "/batches", `{"units":[]}`, nil)
	expect(approver, 202, "POST", "/batches", `{"units":["fj-scjg"],"recheck":true}`, nil)
	b.runner.Wait()
	var runs []struct{ State, Batch string }
	expect(viewer, 200, "GET", "/batch-runs", "", &runs)
	if len(runs) != 1 || runs[0].State != "done" {
		t.Fatalf("runs: %+v", runs)
	}
	path := "/batches/" + url.PathEscape(runs[0].Batch)
	var shown struct {
		Files      []batch.File
		Leads      []struct{ Number string }
		Deliveries []struct{ State string }
	}
	expect(viewer, 200, "GET", path, "", &shown)
	if len(shown.Files) < 4 || len(shown.Leads) != 1 || len(shown.Deliveries) != 2 {
		t.Errorf("the batch: %+v", shown)
	}
	expect(viewer, 403, "GET", path+"/file?name=list.csv", "", nil)
	expect(investigator, 404, "GET", path+"/file?name=../../desk.db", "", nil)
	expect(investigator, 200, "GET", path+"/file?name=list.xlsx", "", nil)
	expect(investigator, 200, "GET", path+"/file?name=zip", "", nil)
	expect(investigator, 403, "POST", path+"/deliveries", `{}`, nil)
	expect(approver, 202, "POST", path+"/deliveries", `{"again":true}`, nil)
	b.runner.Wait()
	expect(viewer, 404, "GET", "/batches/nothing", "", nil)

	var taken struct {
		Fits, Misfits int
		Rows          []struct{ State, Words string }
	}
	number := shown.Leads[0].Number
	rows := `{"rows":[{"lead":"` + number + `","receipt":{"by":"王某"},"outcome":{"code":"立案","amount":"12000"}},{"lead":"1999-1","receipt":{"by":"x"}}]}`
	expect(investigator, 200, "POST", "/outcomes?dry_run=true", rows, &taken)
	if l, _ := b.store.Lead(t.Context(), "demo-1001"); l.Status != markwatch.LeadSent || taken.Fits != 1 || taken.Misfits != 1 {
		t.Errorf("dry: %s %+v", l.Status, taken)
	}
	expect(investigator, 200, "POST", "/outcomes", rows, &taken)
	if l, _ := b.store.Lead(t.Context(), "demo-1001"); l.Status != markwatch.LeadOutcome {
		t.Errorf("the lead is %s", l.Status)
	}
	expect(viewer, 403, "POST", "/outcomes", rows, nil)
	expect(investigator, 400, "POST", "/outcomes", `{"rows":[{"lead":"x","outcome":{"code":"胜利"}}]}`, nil)
	expect(investigator, 400, "POST", "/outcomes", `{"rows":[{"lead":"x","outcome":{"code":"立案","amount":"1e9"}}]}`, nil)
	expect(investigator, 200, "POST", "/complaints", `{"rows":[{"number":"T9","text":"只有一句话"}]}`, &taken)
	expect(investigator, 400, "POST", "/complaints", `{"rows":[{"number":"T9"}]}`, nil)
	var open []struct{ Number string }
	expect(investigator, 200, "GET", "/complaints", "", &open)
	if len(open) != 1 || open[0].Number != "T9" {
		t.Errorf("open complaints: %+v", open)
	}
	expect(investigator, 204, "PUT", "/complaints/T9/lead", `{"lead":"demo-1002"}`, nil)
	expect(investigator, 409, "PUT", "/complaints/T9/lead", `{"lead":"demo-1003"}`, nil)

	var file struct{ Fits int }
	if res := investigator.raw("POST", "/outcomes/file?name=a.csv", "线索编号,办理结果,文书号\n"+number+",处罚,罚1\n", &file); res.StatusCode != 200 || file.Fits != 1 {
		t.Errorf("a file: %d %+v", res.StatusCode, file)
	}
	var joined struct{ Parts []struct{ ID string } }
	expect(investigator, 200, "POST", "/leads/demo-1002/merge?dry_run=true", `{"parts":["demo-1003"]}`, &joined)
	if l, _ := b.store.Lead(t.Context(), "demo-1003"); l.Status != markwatch.LeadNew || len(joined.Parts) != 1 {
		t.Errorf("a merge that is only shown: %s %+v", l.Status, joined)
	}
	expect(investigator, 409, "POST", "/leads/demo-1002/merge", `{"parts":["demo-1001"],"reason":"x"}`, nil)
	expect(investigator, 400, "POST", "/leads/demo-1002/merge", `{"parts":["demo-1003"]}`, nil)
	expect(investigator, 200, "POST", "/leads/demo-1002/merge", `{"parts":["demo-1003"],"reason":"同一店铺"}`, &joined)
	joined.Parts = nil
	expect(investigator, 200, "POST", "/leads/demo-1002/split", `{"parts":["demo-1003"],"reason":"并非同店"}`, &joined)
	if len(joined.Parts) != 0 {
		t.Errorf("split: %+v", joined)
	}

	var asked struct{ Number string }
	expect(investigator, 200, "POST", "/leads/demo-1002/requests", `{}`, &asked)
	expect(investigator, 200, "GET", "/requests/"+asked.Number+"/letter", "", nil)
	answer, _ := json.Marshal(map[string]any{"files": []map[string]any{{"name": "复函.txt", "content": []byte("发货地莆田")}}, "stated": map[string]string{"place": "福建莆田"}})
	var back struct {
		Files []struct{ SHA256 string }
	}
	expect(investigator, 200, "POST", "/requests/"+asked.Number+"/answer", string(answer), &back)
	expect(investigator, 400, "POST", "/requests/"+asked.Number+"/answer", `{}`, nil)
	if res := investigator.raw("GET", "/requests/"+asked.Number+"/files/0", "", nil); res.StatusCode != 200 || len(back.Files) != 1 {
		t.Errorf("the answer's file: %d %+v", res.StatusCode, back)
	}
	expect(viewer, 403, "POST", "/leads/demo-1002/requests", `{}`, nil)

	var due struct{ Leads []struct{ Number string } }
	expect(viewer, 200, "GET", "/due", "", &due)
	if len(due.Leads) == 0 {
		t.Error("nothing is due")
	}
	expect(viewer, 400, "GET", "/reports/2026-13", "", nil)
	expect(viewer, 403, "GET", "/disclosures/2026-11", "", nil)
	expect(investigator, 200, "GET", "/disclosures/2026-11?format=csv", "", nil)
}

// The documents of a transfer are shown where the amount reaches a threshold,
// noted with a file, and taken back for a reason.
func TestDocumentsOnTheLeadPage(t *testing.T) {
	b := newBench(t, market()...)
	b.crew()
	c := b.loginAs("investigator")
	const page, name = "/leads/demo-1001", "有关检验报告或者鉴定结论"
	c.expect(200, "GET", page, nil, "销售假冒注册商标的商品罪", "已有 1/2", name)
	res, _ := c.handIn(page+"/documents", "鉴定.pdf", "%PDF-1.4", url.Values{"name": {name}, "note": {"11-20 出具"}})
	if res.StatusCode != http.StatusSeeOther {
		t.Fatalf("noting a document answers %d", res.StatusCode)
	}
	c.expect(200, "GET", page, nil, "已有 2/2", "鉴定.pdf", "11-20 出具")
	if res, file := c.get(page + "/documents/0"); res.StatusCode != 200 || file != "%PDF-1.4" || !strings.HasPrefix(res.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("the file: %d %q", res.StatusCode, file)
	}
	if res, _ := c.handIn(page+"/documents", "x.pdf", "x", url.Values{"name": {"没有的文书"}}); res.StatusCode != 400 {
		t.Errorf("a document that no transfer needs: %d", res.StatusCode)
	}
	for who, code := range map[string]int{"viewer": 403, "unitless": 404} {
		other := b.loginAs(who)
		if res, _ := other.handIn(page+"/documents", "x.pdf", "x", url.Values{"name": {name}}); res.StatusCode != code {
			t.Errorf("%s notes a document: %d", who, res.StatusCode)
		}
		other.expect(code, "GET", page+"/documents/0", nil)
	}
	c.expect(400, "POST", page+"/documents", url.Values{"drop": {name}})
	c.expect(303, "POST", page+"/documents", url.Values{"drop": {name}, "reason": {"拿错了"}})
	c.expect(200, "GET", page, nil, "已有 1/2")

	p := b.program("investigator", accounts.See, accounts.Decide)
	var lead markwatch.Lead
	body, _ := json.Marshal(map[string]any{"name": name, "file": "a.pdf", "content": []byte("hello")})
	if res := p.call("PUT", page+"/documents", string(body), &lead); res.StatusCode != 200 || len(lead.Handling.Documents) != 1 || lead.Handling.Documents[0].SHA256 == "" {
		t.Errorf("by the API: %d %+v", res.StatusCode, lead.Handling.Documents)
	}
	if res := p.raw("GET", page+"/documents/0", "", nil); res.StatusCode != 200 {
		t.Errorf("the file by the API: %d", res.StatusCode)
	}
	lead = markwatch.Lead{}
	if res := p.call("POST", page+"/documents/release", `{"name":"`+name+`","reason":"拿错了"}`, &lead); res.StatusCode != 200 || len(lead.Handling.Documents) != 0 {
		t.Errorf("taken back by the API: %d %+v", res.StatusCode, lead.Handling.Documents)
	}
}

func fileIn(t *testing.T, z *zip.Reader, name string) string {
	t.Helper()
	f, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := b.ReadFrom(f); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
