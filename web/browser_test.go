package web_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/markwatch/markwatch"
)

// browser starts Chromium, or skips the test where there is none.
func browser(t *testing.T) context.Context {
	t.Helper()
	var path string
	for _, name := range [...]string{os.Getenv("MARKWATCH_CHROMIUM"), "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if p, err := exec.LookPath(name); name != "" && err == nil {
			path = p
			break
		}
	}
	if path == "" {
		t.Skip("no Chromium on this machine: the browser test needs one (MARKWATCH_CHROMIUM names another)")
	}
	if testing.Short() {
		t.Skip("the browser test is left out of -short")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Headless, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE 127.0.0.2"), chromedp.WSURLReadTimeout(time.Minute))
	alloc, cancel := chromedp.NewExecAllocator(t.Context(), opts...)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	return ctx
}

// TestInABrowser starts one browser and gives each test a window in it, with
// cookies of its own.
func TestInABrowser(t *testing.T) {
	started := browser(t)
	for _, c := range [...]struct {
		name string
		test func(*testing.T, context.Context)
	}{
		{"pages", testPages}, {"triage by keyboard", testKeyboard}, {"printed lead", testPrintedLead},
		{"captured page", testCapturedPage}, {"hostile listings", testHostileListings}, {"operator's pages", testOperatorsPages}, {"menu by keyboard", testMenuKeys}, {"live scans", testLiveScans},
		{"first login", testFirstLogin}, {"facets", testFacets}, {"viewer and expiry", testViewerAndExpiry}, {"pages of batches and replies", testDispatchPages}, {"live batch", testLiveBatch}, {"desk's pages", testDeskPages}, {"accessibility", testAccessibility}, {"login at a provider", testLoginAtAProvider}, {"pictures", testPictures},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := chromedp.NewContext(started, chromedp.WithNewBrowserContext())
			defer cancel()
			ctx, cancel = context.WithTimeout(ctx, 2*time.Minute)
			defer cancel()
			c.test(t, ctx)
		})
	}
}

// watcher collects what a page complains of and every address it asks for.
type watcher struct {
	mu       sync.Mutex
	problems []string
	asked    []string
}

func watch(t *testing.T, ctx context.Context) *watcher {
	t.Helper()
	w := &watcher{}
	err := chromedp.Listen(ctx, func(ev any) {
		w.mu.Lock()
		defer w.mu.Unlock()
		switch ev := ev.(type) {
		case *cdplog.EventEntryAdded:
			w.problems = append(w.problems, ev.Entry.Text+" "+ev.Entry.URL)
		case *runtime.EventExceptionThrown:
			w.problems = append(w.problems, ev.ExceptionDetails.Text)
		case *runtime.EventConsoleAPICalled:
			w.problems = append(w.problems, fmt.Sprint("console: ", ev.Type))
		case *network.EventRequestWillBeSent:
			w.asked = append(w.asked, ev.Request.URL)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *watcher) quiet(t *testing.T, server string) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.problems {
		t.Errorf("the page complains: %s", p)
	}
	for _, u := range w.asked {
		if !strings.HasPrefix(u, server+"/") && !strings.HasPrefix(u, "data:") && u != "about:blank" {
			t.Errorf("the page asked for %s", u)
		}
	}
	w.problems, w.asked = nil, nil
}

// enter logs the browser in through the login page.
func enter(t *testing.T, ctx context.Context, b *bench) {
	t.Helper()
	err := chromedp.Do(ctx,
		chromedp.Navigate(b.server.URL+"/login?token="+b.link("zhangmin")),
		chromedp.Click(chromedp.CSS(".login .button")),
		chromedp.WaitVisible(chromedp.CSS("#q")))
	if err != nil {
		t.Fatalf("log in: %v", err)
	}
}

// look is one way of looking at the desk.
type look struct {
	name  string
	width int64
	dark  bool
	lang  string
}

func (l look) set() chromedp.Action[chromedp.Void] {
	scheme := "light"
	if l.dark {
		scheme = "dark"
	}
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}}
	var opts []chromedp.EmulateViewportOption
	if l.width < 700 {
		opts = append(opts, chromedp.EmulateMobile, chromedp.EmulatePortrait)
	}
	return chromedp.Steps(
		chromedp.EmulateViewport(l.width, 900, opts...),
		chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
			_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, media)
			return err
		}))
}

// shoot writes a screenshot where MARKWATCH_SCREENSHOTS names a folder.
func shoot(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	dir := os.Getenv("MARKWATCH_SCREENSHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatalf("screenshot %s: %v", name, err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644); err != nil {
		t.Fatal(err)
	}
}

func testPages(t *testing.T, ctx context.Context) {
	b := newBench(t, market()...)
	b.pages["2026/1121.warc.gz#1001"] = &markwatch.Page{
		Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}}, Body: []byte(capturedPage), FetchedAt: now,
	}
	w := watch(t, ctx)
	if err := chromedp.Do(ctx, look{width: 1280}.set(), chromedp.Navigate(b.server.URL+"/login")); err != nil {
		t.Fatal(err)
	}
	shoot(t, ctx, "login-wide-light")
	enter(t, ctx, b)
	for _, l := range looks() {
		for _, p := range []struct{ name, path string }{
			{"search", "/"}, {"search-query", "/?q=耐克 -儿童&f=violation:counterfeit"}, {"search-error", "/?q=price:abc"},
			{"search-empty", "/?q=没有这样的东西"}, {"lead", "/leads/demo-1001"}, {"lead-trace", "/leads/demo-1002"}, {"lead-none", "/leads/demo-1005"},
			{"scans", "/scans"}, {"help", "/help"}, {"missing", "/leads/nothing"},
		} {
			lookAt(t, ctx, b, l, p.name, p.path)
		}
	}
	// The browser logs the two answers that are errors on purpose.
	w.mu.Lock()
	w.problems = dropExpected(w.problems, "/leads/nothing", "q=price:abc")
	w.mu.Unlock()
	w.quiet(t, b.server.URL)
}

// looks are the ways in which every page is looked at. Colours move nothing:
// dark differs in the picture alone.
func looks() []look {
	all := []look{
		{"wide-light", 1280, false, "zh"}, {"wide-dark", 1280, true, "zh"}, {"narrow-light", 390, false, "zh"},
		{"narrow-dark", 390, true, "zh"}, {"wide-english", 1280, false, "en"}, {"narrow-english", 390, false, "en"},
	}
	if os.Getenv("MARKWATCH_SCREENSHOTS") != "" {
		return all
	}
	return slices.DeleteFunc(all, func(l look) bool { return l.dark })
}

// lookAt opens a page and fails where it does not fit or cannot be read.
func lookAt(t *testing.T, ctx context.Context, b *bench, l look, name, path string) {
	t.Helper()
	sep := "?"
	if strings.Contains(path, "?") {
		sep = "&"
	}
	err := chromedp.Do(ctx, l.set(), chromedp.Navigate(b.server.URL+path+sep+"lang="+l.lang))
	if err != nil {
		t.Fatalf("%s %s: %v", l.name, name, err)
	}
	if overflow := value(t, ctx, chromedp.Evaluate[string](widerThanPage)); overflow != "" {
		t.Errorf("%s %s is wider than the window: %s", l.name, name, overflow)
	}
	if small := value(t, ctx, chromedp.Evaluate[string](smallText)); small != "" {
		t.Errorf("%s %s has text under 13 px: %s", l.name, name, small)
	}
	shoot(t, ctx, name+"-"+l.name)
}

// value runs an action that must not fail.
func value[T any](t *testing.T, ctx context.Context, a chromedp.Action[T]) T {
	t.Helper()
	v, err := chromedp.Run(ctx, a)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// widerThanPage names an element that makes the page scroll sideways.
const widerThanPage = `(() => { const e = document.documentElement; if (e.scrollWidth <= e.clientWidth) return "";
  const wide = [...document.querySelectorAll("body *")].find(x => x.getBoundingClientRect().right > e.clientWidth + 1);
  return e.scrollWidth + " " + (wide ? wide.outerHTML.slice(0, 120) : "?"); })()`

// smallText names an element whose own text is under 13 px. Text in a drawing
// counts as it is drawn.
const smallText = `(() => { for (const x of document.querySelectorAll("body *")) {
  if (![...x.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || !x.getClientRects().length || x.closest(".sr")) continue;
  let size = parseFloat(getComputedStyle(x).fontSize);
  const svg = x.closest("svg");
  if (x.tagName === "title") continue;
  if (svg && svg.viewBox.baseVal && svg.viewBox.baseVal.width) size *= svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
  if (size < 12.9) return size + " " + x.outerHTML.slice(0, 120); } return ""; })()`

func dropExpected(problems []string, parts ...string) []string {
	var out []string
	for _, p := range problems {
		expected := false
		for _, part := range parts {
			expected = expected || strings.Contains(p, part)
		}
		if !expected {
			out = append(out, p)
		}
	}
	return out
}

func testKeyboard(t *testing.T, ctx context.Context) {
	b := newBench(t, market()...)
	w := watch(t, ctx)
	enter(t, ctx, b)
	current := func(want string) chromedp.Action[chromedp.Void] {
		return chromedp.WaitReady(chromedp.CSS(`body[data-keys] .card.current[id="c-` + want + `"]`))
	}
	err := chromedp.Do(ctx, look{width: 1280}.set(), chromedp.Navigate(b.server.URL+"/"), chromedp.WaitReady(chromedp.CSS("body[data-keys]")),
		chromedp.KeyEvent("j"), current("demo-1001"),
		chromedp.KeyEvent("j"), current("demo-1002"),
		chromedp.KeyEvent("k"), current("demo-1001"),
		chromedp.KeyEvent("x"), chromedp.WaitReady(chromedp.CSS(`input[value="demo-1001"]:checked`)),
		chromedp.KeyEvent("x"),
		chromedp.KeyEvent("o"), chromedp.WaitReady(chromedp.CSS("body[data-keys] .lead")),
	)
	if err != nil {
		t.Fatalf("move and open: %v", err)
	}
	if address := value(t, ctx, chromedp.Location()); !strings.HasSuffix(address, "/leads/demo-1001") {
		t.Errorf("o opened %s", address)
	}
	err = chromedp.Do(ctx,
		chromedp.KeyEvent("j"), chromedp.WaitReady(chromedp.CSS(`body[data-keys] #decide[action="/leads/demo-1002"]`)),
		chromedp.KeyEvent("c"), chromedp.WaitReady(chromedp.CSS(`body[data-keys] .leadhead .s-confirmed`)),
		chromedp.KeyEvent("u"), current("demo-1002"),
		chromedp.KeyEvent("j"), current("demo-1003"),
		chromedp.KeyEvent("d"), chromedp.WaitVisible(chromedp.CSS("#dismiss")),
	)
	if err != nil {
		t.Fatalf("confirm and go back: %v", err)
	}
	shoot(t, ctx, "dismiss-wide-light")
	err = chromedp.Do(ctx,
		chromedp.KeyEvent("1"), chromedp.WaitReady(chromedp.CSS(`body[data-keys] #c-demo-1003 .s-dismissed`)),
		chromedp.KeyEvent("/"), chromedp.WaitReady(chromedp.CSS(`#q:focus`)),
		chromedp.KeyEvent("j"), chromedp.KeyEvent(kb.Escape), chromedp.WaitReady(chromedp.CSS(`#q:not(:focus)`)),
		chromedp.KeyEvent("?"), chromedp.WaitVisible(chromedp.CSS("#help")),
	)
	if err != nil {
		t.Fatalf("dismiss, search box, help: %v", err)
	}
	shoot(t, ctx, "keys-wide-light")
	err = chromedp.Do(ctx, chromedp.Navigate(b.server.URL+"/leads/demo-1004"), chromedp.WaitReady(chromedp.CSS("body[data-keys]")),
		chromedp.KeyEvent("r"), chromedp.WaitReady(chromedp.CSS(`body[data-keys] .leadhead .s-review`)),
		chromedp.KeyEvent("d"), chromedp.WaitVisible(chromedp.CSS("#dismiss")),
		chromedp.KeyEvent("2"), chromedp.WaitReady(chromedp.CSS(`body[data-keys] .leadhead .s-dismissed`)))
	if err != nil {
		t.Fatalf("review and dismiss on the lead page: %v", err)
	}
	shoot(t, ctx, "lead-dismissed-wide-light")
	err = chromedp.Do(ctx, chromedp.KeyEvent("a"), chromedp.WaitVisible(chromedp.CSS("#assign")),
		chromedp.KeyEvent("1"), chromedp.WaitReady(chromedp.CSS(`body[data-keys] #decide option[value="zhangmin"][selected]`)))
	if err != nil {
		t.Fatalf("assign on the lead page: %v", err)
	}
	for id, want := range map[string]markwatch.LeadStatus{
		"demo-1001": markwatch.LeadNew, "demo-1002": markwatch.LeadConfirmed, "demo-1003": markwatch.LeadDismissed, "demo-1004": markwatch.LeadDismissed,
	} {
		if l, err := b.store.Lead(t.Context(), id); err != nil || l.Status != want {
			t.Errorf("%s is %q, %v, want %q", id, l.Status, err, want)
		}
	}
	w.quiet(t, b.server.URL)
}

// A printed lead is for the file: no forms, light, with every quote.
func testPrintedLead(t *testing.T, ctx context.Context) {
	b := newBench(t, market()...)
	enter(t, ctx, b)
	print := emulation.SetEmulatedMediaParams{Media: "print", Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}}
	err := chromedp.Do(ctx, look{width: 1280}.set(), chromedp.Navigate(b.server.URL+"/leads/demo-1001"),
		chromedp.Click(chromedp.CSS(`label[for="tab-raw"]`)),
		chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
			_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, print)
			return err
		}))
	if err != nil {
		t.Fatal(err)
	}
	shown := value(t, ctx, chromedp.Evaluate[string](`[".decide", ".top", ".panel-raw", ".panel-text mark", ".finding", ".chart"]
		.map(s => document.querySelector(s).getClientRects().length ? s : "").join("|") + getComputedStyle(document.body).backgroundColor`))
	if shown != "|||.panel-text mark|.finding|.chartrgb(255, 255, 255)" {
		t.Errorf("printed are: %s", shown)
	}
	shoot(t, ctx, "lead-print")
}

// A captured page must not run, load, lead or submit anything, also in a
// browser that shows it.
func testCapturedPage(t *testing.T, ctx context.Context) {
	b := newBench(t, market()...)
	b.pages["2026/1121.warc.gz#1001"] = &markwatch.Page{
		Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}}, Body: []byte(capturedPage), FetchedAt: now,
	}
	w := watch(t, ctx)
	enter(t, ctx, b)
	err := chromedp.Do(ctx, look{width: 1280}.set(), chromedp.Navigate(b.server.URL+"/leads/demo-1001"),
		chromedp.Click(chromedp.CSS(`label[for="tab-capture"]`)),
		chromedp.WaitVisible(chromedp.CSS("iframe")), chromedp.Sleep(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	if title := value(t, ctx, chromedp.Title()); !strings.Contains(title, "空军一号") {
		t.Errorf("the title became %q", title)
	}
	shoot(t, ctx, "capture-wide-light")
	if len(b.audits("capture-view")) != 1 {
		t.Errorf("capture views in the audit log: %v", b.audits("capture-view"))
	}
	w.quiet(t, b.server.URL)
}
