package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/web"
)

// twins are an offer, a copy of it by another seller, and one that has little
// in common with it.
func twins() []offer {
	make := func(id, title, seller, wechat, picture string) offer {
		l := markwatch.Listing{
			ID: id, Source: "sample-market", URL: "https://market.example/" + id, Title: title, Images: []string{picture},
			Seller: &markwatch.Seller{Name: seller, Region: "福建省莆田市", Contacts: []string{"加薇 " + wechat}, Accounts: []markwatch.Account{{Kind: "wechat", Value: wechat}}},
			Tracking: []markwatch.Tracking{{Carrier: "某快递", Number: "SF001", Events: []markwatch.TraceEvent{
				{At: now.Add(-48 * time.Hour), Place: "莆田", Text: "已揽收"}, {At: now, Place: "贵阳", Text: "已签收"},
			}}},
		}
		return offer{Listing: l, prices: []string{"199"}, Verdict: judged(l, markwatch.Finding{
			Matcher: "replica", Rule: "wording", Violation: markwatch.Counterfeit, Score: 0.9, Reason: markwatch.Text{ZH: "行话", EN: "wording"},
		})}
	}
	return []offer{
		make("t-1", "空军一号纯原版本小白鞋男女同款", "鞋坊小李", "xf_li88", "https://img.example/a/8f3e9b2c7d1a4e5f.jpg"),
		make("t-2", "空军一号 纯原版本 小白鞋 男女款", "潮鞋阿强", "xf_li88", "https://cdn.example/8f3e9b2c7d1a4e5f.jpg"),
		make("t-3", "秋季新款运动鞋透气网面", "老王鞋店", "wang_66", "https://cdn.example/4444333322221111.jpg"),
		make("t-4", "冬季加绒保暖雪地靴女", "暖暖小铺", "nuan_77", "https://img.example/c/9999888877776666.jpg"),
	}
}

func TestALeadsSurroundings(t *testing.T) {
	b := newBench(t, twins()...)
	_, body := b.login().get("/leads/t-1")
	for _, want := range [...]string{
		`href="/leads/t-2"`, "同图", "标题相似", "潮鞋阿强", "xf_li88", `class="stops"`, "11-21 09:30",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, other := range [...]string{"t-3", "t-4"} {
		if strings.Contains(body, `href="/leads/`+other+`"`) {
			t.Errorf("%s, an offer of other goods, counts as a duplicate", other)
		}
	}
}

func TestAssigningTaggingAndNotes(t *testing.T) {
	b := newBench(t, market()...)
	b.crew()
	c := b.login()
	for _, form := range []url.Values{
		{"do": {"assign"}, "assignee": {"investigator"}, "status": {"confirmed"}}, {"do": {"tag"}, "tags": {"直播间,团伙 <b>"}, "reason": {"genuine"}},
		{"status": {""}, "note": {"已电话核实"}}, {"do": {"untag"}, "tag": {"直播间"}},
	} {
		if res, body := c.post("/leads/demo-1001", form); res.StatusCode != http.StatusSeeOther {
			t.Fatalf("%v: %d %.300s", form, res.StatusCode, body)
		}
	}
	l, err := b.store.Lead(t.Context(), "demo-1001")
	if err != nil || l.Assignee != "investigator" || l.Status != markwatch.LeadNew || strings.Join(l.Tags, "|") != "团伙 <b>" || l.Note != "已电话核实" {
		t.Errorf("%+v, %v", l.Assignee, l.Tags)
	}
	_, body := c.get("/leads/demo-1001")
	for _, want := range [...]string{"团伙 &lt;b&gt;", "已电话核实", "investigator", "去标签", "指派"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, form := range []url.Values{{"do": {"assign"}, "assignee": {"viewer"}}, {"do": {"assign"}, "assignee": {"nobody"}}, {"do": {"tag"}}, {"status": {""}}} {
		if res, _ := c.post("/leads/demo-1001", form); res.StatusCode != http.StatusBadRequest && res.StatusCode != http.StatusNotFound {
			t.Errorf("%v: %d", form, res.StatusCode)
		}
	}
	form := url.Values{"id": {"demo-1002", "demo-1003"}, "do": {"assign"}, "assignee": {"zhangmin"}, "return": {"/?q=x"}}
	if res, _ := c.post("/triage", form); res.Header.Get("Location") != "/?done=2&q=x" {
		t.Errorf("several at once lead to %q", res.Header.Get("Location"))
	}
	b.reindex()
	if _, body := c.get("/"); !strings.Contains(body, "待办 2") {
		t.Error("the head of the page does not count what is to do")
	}
	if n := len(b.audits(web.AuditLeadChange)); n < 6 {
		t.Errorf("%d changes in the audit log", n)
	}
}

func TestExport(t *testing.T) {
	b := newBench(t, market()...)
	b.crew()
	res, body := b.login().get("/export?format=csv&f=violation:counterfeit")
	if res.StatusCode != http.StatusOK || !strings.Contains(res.Header.Get("Content-Disposition"), `filename="markwatch-20261121-0930.csv"`) || !strings.Contains(body, "空军一号") || strings.Contains(body, "流浪地球2") {
		t.Errorf("%d %v %.200s", res.StatusCode, res.Header, body)
	}
	if _, body := b.loginAs("fujian").get("/export?format=ndjson"); strings.Contains(body, "东京小站") || !strings.Contains(body, "空军一号") {
		t.Error("an export goes beyond the bounds, or not up to them")
	}
	if res, _ := b.loginAs("viewer").get("/export?format=csv"); res.StatusCode != http.StatusForbidden {
		t.Errorf("a viewer's export: %d", res.StatusCode)
	}
	for _, path := range [...]string{"/export", "/export?format=exe", "/export?format=csv&q=price:abc", "/export?format=../../etc"} {
		if res, _ := b.login().get(path); res.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
	if got := b.audits(web.AuditExport); len(got) != 2 || got[0].Detail != "csv" || got[0].Actor != "zhangmin" {
		t.Errorf("exports in the audit log: %+v", got)
	}
}

type shots map[string][]byte

func (s shots) HasScreenshot(_ context.Context, l markwatch.Listing) (bool, error) {
	_, ok := s[l.ID]
	return ok, nil
}

func (s shots) Screenshot(_ context.Context, l markwatch.Listing) ([]byte, error) {
	return s[l.ID], nil
}

func TestScreenshot(t *testing.T) {
	b := newBench(t, market()...)
	png := "\x89PNG\r\n\x1a\nrest"
	cfg := b.config()
	cfg.Screenshots = shots{"demo-1001": []byte(png), "demo-1002": []byte("<script>alert(1)</script>")}
	h, err := web.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	b.server.Config.Handler = h
	c := b.login()
	if _, body := c.get("/leads/demo-1001"); !strings.Contains(body, `src="/captures/demo-1001/screenshot"`) {
		t.Error("the page does not show its screenshot")
	}
	if res, body := c.get("/captures/demo-1001/screenshot"); res.Header.Get("Content-Type") != "image/png" || body != png {
		t.Errorf("%d %q", res.StatusCode, res.Header.Get("Content-Type"))
	}
	if res, _ := c.get("/captures/demo-1002/screenshot"); res.StatusCode != http.StatusNotFound {
		t.Errorf("what is no picture: %d", res.StatusCode)
	}
}

// The other half of many pages: nothing that a list of thousands of tags,
// people or stops could break.
func TestLongLists(t *testing.T) {
	offers := twins()
	for i := range 500 {
		offers[0].Listing.Tracking[0].Events = append(offers[0].Listing.Tracking[0].Events, markwatch.TraceEvent{Place: fmt.Sprint("站", i)})
	}
	b := newBench(t, offers...)
	if res, body := b.login().get("/leads/t-1"); res.StatusCode != http.StatusOK || strings.Count(body, "<li>") > 200 {
		t.Errorf("%d with %d lines", res.StatusCode, strings.Count(body, "<li>"))
	}
}
