package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/markwatch/markwatch"
)

// has fails where a page lacks any of the fragments.
func has(t *testing.T, body string, fragments ...string) {
	t.Helper()
	for _, f := range fragments {
		if !strings.Contains(body, f) {
			t.Errorf("the page lacks %s", f)
		}
	}
}

func TestSearchPage(t *testing.T) {
	b := newBench(t, market()...)
	c := b.login()
	_, body := c.get("/")
	has(t, body,
		`5 条`, `<mark title="低于最低正品价 · 品牌名伪装">耐 克</mark>`, `<mark title="仿冒行话">纯原</mark>`, // quotes with their rules
		`官方价 ¥799 <span class="ratio below">25%</span>`, `市场中位 ¥689`, // price against reference
		`已售 1.2万`, `首见 11-15`, `第 7 次`, `福建莆田`, `鞋坊小李`,
		`品牌名被拆写`,
		`<a href="/?f=violation%3Acounterfeit"`, `href="/?x=violation%3Acounterfeit"`, // a facet adds, its minus excludes
		`1 个来源有页面未看到`)
	if first, second := strings.Index(body, "空军一号"), strings.Index(body, "神仙水"); first < 0 || second < first {
		t.Error("the most suspect offer does not stand first")
	}

	_, body = c.get("/?f=violation:counterfeit&x=subject:nike&sort=price")
	has(t, body, `2 条`, `戴森`, `<a href="/?sort=price&amp;x=subject%3Anike"`, `非 `)
	if strings.Contains(body, `id="c-demo-1001"`) {
		t.Error("what was excluded is shown")
	}
	_, body = c.get("/?q=神仙水")
	has(t, body, `1 条`, `class="hit">神仙水</b>`)
	_, body = c.get("/?q=不会有的词")
	has(t, body, `没有符合的结果`, `最近的扫描有 3 个页面被拦截`, `href="/scans"`)
	_, body = c.get("/?lang=en")
	has(t, body, `5 hits`, `below the brand&#39;s lowest genuine 50%`, `12k sold`, `lang="en"`)
}

func TestPaging(t *testing.T) {
	var offers []offer
	for i := range 60 {
		l := markwatch.Listing{ID: "p-" + string(rune('a'+i/10)) + string(rune('0'+i%10)), Source: "sample-market", Title: "高仿 手表"}
		offers = append(offers, offer{Listing: l, prices: []string{"99"}, Verdict: judged(l, markwatch.Finding{
			Matcher: "replica", Rule: "wording", Violation: markwatch.Counterfeit, Score: 0.7, Reason: markwatch.Text{ZH: "仿冒行话", EN: "wording"},
		})})
	}
	b := newBench(t, offers...)
	c := b.login()
	seen := map[string]bool{}
	path := "/?q=手表"
	for range 3 {
		_, body := c.get(path)
		for part := range strings.SplitSeq(body, `id="c-`) {
			if id, _, ok := strings.Cut(part, `"`); ok && strings.HasPrefix(id, "p-") {
				seen[id] = true
			}
		}
		_, next, ok := strings.Cut(body, `rel="next" href="`)
		if !ok {
			break
		}
		path, _, _ = strings.Cut(strings.ReplaceAll(next, "&amp;", "&"), `"`)
	}
	if len(seen) != 60 {
		t.Errorf("three pages showed %d of 60 hits", len(seen))
	}
}

func TestLeadPage(t *testing.T) {
	b := newBench(t, market()...)
	b.pages["2026/1121.warc.gz#1001"] = &markwatch.Page{Header: http.Header{"Content-Type": {"text/html"}}, Body: []byte(capturedPage)}
	c := b.login()
	_, body := c.get("/leads/demo-1001")
	has(t, body,
		`线索 2026-000`, `为什么可疑`, `规则 v3`, `brands@12 works@3`,
		`<th scope="row" title="reference_cny">官方价</th><td><bdi>¥799</bdi></td>`,
		`<mark title="仿冒行话">纯原公司级</mark>`,
		`<iframe src="/captures/demo-1001" sandbox=""`,
		`href="https://market.example/item/1001" rel="noreferrer noopener nofollow"`,
		`微信 xf_li88`, `同卖家的其他商品`, `href="/leads/demo-1004"`,
		`class="trend" d="M0 `, `下限 ¥399.5`)
	if strings.Contains(body, "<img") {
		t.Error("the page loads a picture")
	}
	lead, err := b.store.Lead(t.Context(), "demo-1001")
	if err != nil {
		t.Fatal(err)
	}
	if _, byNumber := c.get("/leads/" + lead.Number); !strings.Contains(byNumber, "为什么可疑") {
		t.Error("a lead is not found by its number")
	}
	_, body = c.get("/leads/demo-1005")
	has(t, body, `尚未立为线索`, `没有规则认为它可疑`)
	if strings.Contains(body, `id="decide"`) {
		t.Error("a listing that is no lead can be decided on")
	}
}

func TestDecisions(t *testing.T) {
	b := newBench(t, market()...)
	c := b.login()
	res, body := c.post("/leads/demo-1001", url.Values{"status": {"dismissed"}})
	if res.StatusCode != http.StatusBadRequest || !strings.Contains(body, "请选择排除理由") {
		t.Errorf("to dismiss without a reason answers %d", res.StatusCode)
	}
	if res, _ := c.post("/leads/demo-1001", url.Values{"status": {""}}); res.StatusCode != http.StatusBadRequest {
		t.Errorf("an empty note answers %d", res.StatusCode)
	}
	if res, _ := c.post("/leads/demo-1001", url.Values{"status": {"nonsense"}}); res.StatusCode != http.StatusBadRequest && res.StatusCode != http.StatusConflict {
		t.Errorf("a status that does not exist answers %d", res.StatusCode)
	}
	if res, _ := c.post("/leads/nothing", url.Values{"status": {"confirmed"}}); res.StatusCode != http.StatusNotFound {
		t.Errorf("a lead that does not exist answers %d", res.StatusCode)
	}
	res, _ = c.post("/leads/demo-1001", url.Values{"status": {"confirmed"}, "note": {"已联系平台 <b>"}})
	if res.StatusCode != http.StatusSeeOther {
		t.Fatalf("confirm answers %d", res.StatusCode)
	}
	_, body = c.get(res.Header.Get("Location"))
	has(t, body, `已保存`, `s-confirmed`, `张敏`, `待核 → 已确认`, `已联系平台 &lt;b&gt;`)
}

func TestTriageOfSeveral(t *testing.T) {
	b := newBench(t, market()...)
	c := b.login()
	back := "/?q=&sort=price"
	res, _ := c.post("/triage", url.Values{"id": {"demo-1002", "demo-1003", "demo-1002", "nothing"}, "status": {"confirmed"}, "return": {back}})
	location := res.Header.Get("Location")
	if res.StatusCode != http.StatusSeeOther || !strings.HasPrefix(location, "/?") || !strings.Contains(location, "sort=price") {
		t.Fatalf("triage: %d to %q", res.StatusCode, location)
	}
	_, body := c.get(location)
	has(t, body, "已更新 2 条", "1 条未能更新")
	for id, want := range map[string]markwatch.LeadStatus{"demo-1001": markwatch.LeadNew, "demo-1002": markwatch.LeadConfirmed, "demo-1003": markwatch.LeadConfirmed} {
		if l, _ := b.store.Lead(t.Context(), id); l.Status != want {
			t.Errorf("%s is %s", id, l.Status)
		}
	}
	for _, out := range [...]string{"https://evil.example/", "//evil.example/", `/\evil.example`, "/%0d%0aSet-Cookie:x", "javascript:alert(1)"} {
		res, _ := c.post("/triage", url.Values{"return": {out}, "status": {"confirmed"}})
		if to := res.Header.Get("Location"); !strings.HasPrefix(to, "/?") && !strings.HasPrefix(strings.ToLower(to), "/%0d%0aset-cookie:x?") || res.Header.Get("Set-Cookie") != "" {
			t.Errorf("return %q leads to %q", out, to)
		}
	}
	_, body = c.get("/?need=reason")
	has(t, body, "请选择排除理由")
}

func TestScansPage(t *testing.T) {
	b := newBench(t, market()...)
	_, body := b.login().get("/scans")
	has(t, body, `示例商城`, `旧物集市`, `被拦截 3`, `40%`, `100%`, `不完整`, `403, 3 次`)
}

func TestCapturedPageIsSanitised(t *testing.T) {
	b := newBench(t, market()...)
	b.pages["2026/1121.warc.gz#1001"] = &markwatch.Page{Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}}, Body: []byte(capturedPage)}
	c := b.login()
	res, body := c.get("/captures/demo-1001")
	if res.Header.Get("X-Frame-Options") != "SAMEORIGIN" {
		t.Errorf("X-Frame-Options is %q", res.Header.Get("X-Frame-Options"))
	}
	has(t, body, "「耐 克」空军一号", "▧ 主图", "data:image/gif;base64,", "没有脚本也看得到", "<td>福建莆田</td>", "font-size:20px")
	for _, bad := range [...]string{"<script", "evil.example", "alert(", "javascript:", "<iframe", "<form", "<input", "<link", "<base", "refresh", "onload", "onerror", "ping=", "@import", "url("} {
		if strings.Contains(body, bad) {
			t.Errorf("the captured page still holds %s", bad)
		}
	}
	res, body = c.get("/captures/demo-1001/source")
	if !strings.HasPrefix(res.Header.Get("Content-Type"), "text/plain") || body != capturedPage {
		t.Error("the source is not the page's own")
	}
	// 「莆田」 in GB 18030, declared by nobody but the page.
	b.pages["2026/1121.warc.gz#1001"] = &markwatch.Page{Header: http.Header{}, Body: []byte("<!doctype html><meta charset=gbk><p>\xc6\xce\xcc\xef</p>")}
	_, body = c.get("/captures/demo-1001")
	has(t, body, "<p>莆田</p>")
	b.pages["2026/1121.warc.gz#1001"] = &markwatch.Page{Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(`{"a":"<script>alert(1)</script>"}`)}
	_, body = c.get("/captures/demo-1001")
	has(t, body, "&lt;script&gt;")
}
