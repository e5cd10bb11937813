package web_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/markwatch/markwatch"
)

// axeFindings runs axe-core over the page and names its grave findings.
const axeFindings = `axe.run(document, {resultTypes: ["violations"]%s}).then(r => r.violations.filter(v => v.impact === "serious" || v.impact === "critical")
  .map(v => v.id + " (" + v.impact + "): " + v.nodes.slice(0, 3).map(n => n.target.join(" ") + " " + (n.any[0] ? n.any[0].message : "")).join(" | ")).join("\n"))`

// known is the form of a seller for the blacklist.
var known = url.Values{
	"platform": {"taobao"}, "id": {"2208412345"}, "name": {"莆田潮鞋总仓"}, "license": {"91350300MA2DEMO0X7"}, "accounts": {"wechat:ptxie888;phone:13800001234"},
	"reason": {"两次行政处罚后继续售假"}, "basis": {"莆市监罚〔2026〕112号"}, "since": {"2026-03-01"}, "until": {"2028-02-29"},
}

// Every page, checked by axe-core in light, its contrasts in dark too, and with
// the dialogs that open on it.
func testAccessibility(t *testing.T, ctx context.Context) {
	axe, err := os.ReadFile("testdata/axe/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	b := listed(t, append(market(), twins()...)...).operate(nights())
	find := func(name, only string) {
		t.Helper()
		if found := value(t, ctx, chromedp.Evaluate[string](fmt.Sprintf(axeFindings, only), chromedp.EvalAwaitPromise)); found != "" {
			t.Errorf("%s: %s", name, found)
		}
	}
	check := func(path string) {
		t.Helper()
		if err := chromedp.Do(ctx, look{width: 1280}.set(), chromedp.Navigate(b.server.URL+path)); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		value(t, ctx, chromedp.Evaluate[bool](string(axe)+"; true"))
		find(path, "")
		if err := chromedp.Do(ctx, look{width: 1280, dark: true}.set()); err != nil {
			t.Fatal(err)
		}
		find(path+" in dark", `, runOnly: ["color-contrast"]`)
	}
	check("/login")
	enter(t, ctx, b)
	b.login().post("/blacklist", known)
	for _, path := range [...]string{
		"/", "/?q=price:abc", "/scans", "/sources", "/people", "/account", "/audit", "/sellers", "/blacklist", "/dashboard", "/saved",
		"/lists/brands", "/lists/brands/entry/nike", "/rules", "/api/docs", "/nowhere", "/leads/t-1", "/leads/demo-1001",
	} {
		check(path)
	}
	b = busyDesk(t)
	enter(t, ctx, b)
	for _, path := range [...]string{
		"/batches", "/batches/" + url.PathEscape("标移〔2026〕1号"), "/receipts", "/merge?lead=demo-1002&lead=t-2", "/reports?period=2026-11", "/due", "/leads/demo-1001", "/leads/t-1", "/leads/demo-1002", "/",
	} {
		check(path)
	}
	for _, dialog := range [...]string{"help", "dismiss", "assign"} {
		value(t, ctx, chromedp.Evaluate[bool](`document.querySelector("dialog[open]")?.close(); document.getElementById("`+dialog+`").showModal(); true`))
		find("the dialog "+dialog, "")
	}
}

// testFirstLogin makes the first administrator, adds a colleague, who chooses a
// password, as people do it.
func testFirstLogin(t *testing.T, ctx context.Context) {
	b := newEmptyBench(t)
	b.put(market()...)
	token, err := b.people.NewLink(t.Context(), "", markwatch.LinkSetup, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	w := watch(t, ctx)
	err = chromedp.Do(ctx, look{width: 1280}.set(), chromedp.Navigate(b.server.URL+"/login?token="+token), chromedp.WaitVisible(chromedp.CSS("#user")))
	if err != nil {
		t.Fatal(err)
	}
	shoot(t, ctx, "setup-wide-light")
	err = chromedp.Do(ctx,
		chromedp.SendKeys(chromedp.CSS("#user"), "zhangmin"), chromedp.SendKeys(chromedp.CSS("#name"), "张敏"),
		chromedp.SendKeys(chromedp.CSS("#password"), password), chromedp.SendKeys(chromedp.CSS("#again"), password),
		chromedp.Click(chromedp.CSS(".login .button")), chromedp.WaitVisible(chromedp.CSS("#q")),
		chromedp.Navigate(b.server.URL+"/people"), chromedp.SendKeys(chromedp.CSS("#id"), "lili"), chromedp.SendKeys(chromedp.CSS(`.gridform #name`), "李丽"),
		chromedp.SendKeys(chromedp.CSS("#regions"), "福建"), chromedp.Click(chromedp.CSS(".gridform .button")), chromedp.WaitVisible(chromedp.CSS(".secret")))
	if err != nil {
		t.Fatalf("first start: %v", err)
	}
	shoot(t, ctx, "people-link-wide-light")
	link := value(t, ctx, chromedp.Evaluate[string](`document.querySelector(".secret").textContent`))
	err = chromedp.Do(ctx, chromedp.Click(chromedp.CSS(`form[action="/logout"] button`)), chromedp.WaitVisible(chromedp.CSS("#password")),
		chromedp.Navigate(link), chromedp.SendKeys(chromedp.CSS("#password"), password), chromedp.SendKeys(chromedp.CSS("#again"), password),
		chromedp.Click(chromedp.CSS(".login .button")), chromedp.WaitVisible(chromedp.CSS("#q")))
	if err != nil {
		t.Fatalf("a colleague's first login: %v", err)
	}
	// The colleague sees one province, and picks a facet there.
	cards := value(t, ctx, chromedp.Evaluate[string](`[...document.querySelectorAll(".card h3")].map(c => c.textContent.slice(0, 8)).join("|")`))
	if !strings.Contains(cards, "耐 克") || strings.Contains(cards, "SK-II") {
		t.Errorf("one bounded to 福建 sees %s", cards)
	}
	w.quiet(t, b.server.URL)
}

// testFacets adds a facet with a click and excludes one with Alt and a click.
func testFacets(t *testing.T, ctx context.Context) {
	b := newBench(t, market()...)
	w := watch(t, ctx)
	enter(t, ctx, b)
	facet := `.facets a[data-not*="violation%3Acounterfeit"]`
	err := chromedp.Do(ctx, look{width: 1280}.set(), chromedp.Navigate(b.server.URL+"/"), chromedp.WaitReady(chromedp.CSS("body[data-keys]")),
		chromedp.Click(chromedp.CSS(facet)), chromedp.WaitReady(chromedp.CSS(".chips a:not(.not):not(.clear)")))
	if err != nil {
		t.Fatalf("add a facet: %v", err)
	}
	if n := value(t, ctx, chromedp.Evaluate[int](`document.querySelectorAll(".card").length`)); n != 3 {
		t.Errorf("%d counterfeits", n)
	}
	err = chromedp.Do(ctx, chromedp.Navigate(b.server.URL+"/"), chromedp.WaitReady(chromedp.CSS("body[data-keys]")),
		chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
			_, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`document.querySelector('`+facet+`').dispatchEvent(new MouseEvent("click", {altKey: true, bubbles: true, cancelable: true})); true`))
			return err
		}), chromedp.WaitReady(chromedp.CSS(".chips a.not")))
	if err != nil {
		t.Fatalf("exclude a facet: %v", err)
	}
	if address, err := url.QueryUnescape(value(t, ctx, chromedp.Location())); err != nil || !strings.Contains(address, "x=violation:counterfeit") {
		t.Errorf("Alt and a click led to %s", address)
	}
	w.quiet(t, b.server.URL)
}

// testViewerAndExpiry is a viewer, whose keys change nothing, and whose session
// ends while they look.
func testViewerAndExpiry(t *testing.T, ctx context.Context) {
	b := newBench(t, market()...)
	b.crew()
	err := chromedp.Do(ctx, look{width: 390}.set(), chromedp.Navigate(b.server.URL+"/login?token="+b.link("viewer")), chromedp.Click(chromedp.CSS(".login .button")),
		chromedp.WaitVisible(chromedp.CSS("#q")), chromedp.WaitReady(chromedp.CSS("body[data-keys]")),
		chromedp.KeyEvent("j"), chromedp.KeyEvent("x"), chromedp.KeyEvent("c"), chromedp.KeyEvent("d"), chromedp.KeyEvent("a"),
		chromedp.KeyEvent("o"), chromedp.WaitReady(chromedp.CSS("body[data-keys] .lead")), chromedp.KeyEvent("c"), chromedp.KeyEvent("d"), chromedp.KeyEvent("a"))
	if err != nil {
		t.Fatal(err)
	}
	shoot(t, ctx, "viewer-lead-narrow-light")
	if l, _ := b.store.Lead(t.Context(), "demo-1001"); l.Status != markwatch.LeadNew {
		t.Errorf("a viewer's keys made the lead %s", l.Status)
	}
	b.pass(3 * time.Hour)
	err = chromedp.Do(ctx, chromedp.Navigate(b.server.URL+"/leads/demo-1002"), chromedp.WaitVisible(chromedp.CSS(".login .notice")))
	if err != nil {
		t.Fatalf("the session did not end: %v", err)
	}
	shoot(t, ctx, "expired-narrow-light")
	err = chromedp.Do(ctx, chromedp.SendKeys(chromedp.CSS("#name"), "viewer"), chromedp.SendKeys(chromedp.CSS("#password"), password),
		chromedp.Click(chromedp.CSS(".login .button")), chromedp.WaitVisible(chromedp.CSS(".lead")))
	if err != nil {
		t.Fatalf("log in again: %v", err)
	}
	if address := value(t, ctx, chromedp.Location()); !strings.HasSuffix(address, "/leads/demo-1002") {
		t.Errorf("after the login one is at %s", address)
	}
}

// testDeskPages looks at the pages of people, lists and figures.
func testDeskPages(t *testing.T, ctx context.Context) {
	b := listed(t, append(market(), twins()...)...).operate(nights())
	b.crew()
	w := watch(t, ctx)
	enter(t, ctx, b)
	c := b.login()
	c.post("/leads/demo-1001", url.Values{"status": {"confirmed"}})
	c.post("/leads/t-2", url.Values{"status": {"dismissed"}, "reason": {"genuine"}})
	c.post("/leads/t-1", url.Values{"do": {"assign"}, "assignee": {"zhangmin"}})
	c.post("/leads/t-1", url.Values{"do": {"tag"}, "tags": {"直播间,团伙"}, "note": {"同一微信号出现在三家店"}})
	c.post("/saved", url.Values{"name": {"莆田低价"}, "q": {"莆田 price:<300"}, "f": {"violation:counterfeit"}})
	c.post("/blacklist", known)
	b.reindex()
	for _, l := range looks() {
		if l.name == "narrow-light" && os.Getenv("MARKWATCH_SCREENSHOTS") == "" {
			continue // the same pages are looked at as narrow in English, whose words are longer
		}
		for _, p := range []struct{ name, path string }{
			{"lead-near", "/leads/t-1"}, {"people", "/people"}, {"account", "/account"}, {"audit", "/audit"}, {"sellers", "/sellers"}, {"blacklist", "/blacklist"}, {"dashboard", "/dashboard"}, {"saved", "/saved"}, {"handling", "/leads/demo-1001"},
			{"brands", "/lists/brands"}, {"brand", "/lists/brands/entry/nike"}, {"works", "/lists/works"}, {"rules", "/rules"}, {"api", "/api/docs"},
		} {
			lookAt(t, ctx, b, l, p.name, p.path)
		}
	}
	w.quiet(t, b.server.URL)
}
