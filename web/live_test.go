package web_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/markwatch/markwatch"
)

// holds waits until an expression is true of the page.
func holds(expression string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		for {
			done, err := chromedp.Run(ctx, chromedp.Evaluate[bool](expression))
			if err != nil || done {
				return err
			}
			if err := chromedp.Do(ctx, chromedp.Sleep(50*time.Millisecond)); err != nil {
				return err
			}
		}
	})
}

// reads waits until a place of the page holds a text.
func reads(selector, text string) chromedp.Action[chromedp.Void] {
	return holds(fmt.Sprintf(`(document.querySelector(%q)?.textContent ?? "").includes(%q)`, selector, text))
}

// loaded waits until the page's scripts, which are deferred, have run.
func loaded() chromedp.Action[chromedp.Void] { return holds(`document.readyState === "complete"`) }

func testOperatorsPages(t *testing.T, ctx context.Context) {
	b := newBench(t).operate(nights())
	w := watch(t, ctx)
	enter(t, ctx, b)
	for _, l := range looks() {
		for _, p := range []struct{ name, path string }{
			{"scans-live", "/scans"}, {"scan", "/scans/sample-market-30"}, {"scan-good", "/scans/sample-market-29"}, {"sources", "/sources"},
		} {
			lookAt(t, ctx, b, l, p.name, p.path)
		}
	}
	w.quiet(t, b.server.URL)
}

func testMenuKeys(t *testing.T, ctx context.Context) {
	b := newBench(t).operate(nights())
	w := watch(t, ctx)
	enter(t, ctx, b)
	if err := chromedp.Do(ctx, look{width: 1280}.set(), chromedp.Navigate(b.server.URL+"/")); err != nil {
		t.Fatal(err)
	}
	for _, to := range [...]struct{ key, page string }{{"s", "sources"}, {"r", "scans"}, {"l", "search"}} {
		err := chromedp.Do(ctx, chromedp.KeyEvent("g"), chromedp.KeyEvent(to.key),
			chromedp.WaitReady(chromedp.CSS(`[data-page="`+to.page+`"]`)), loaded())
		if err != nil {
			t.Fatalf("g %s: %v", to.key, err)
		}
	}
	w.quiet(t, b.server.URL)
}

// The scans page follows what runs, without being loaded again.
func testLiveScans(t *testing.T, ctx context.Context) {
	state := nights()
	b := newBench(t).operate(state)
	w := watch(t, ctx)
	enter(t, ctx, b)
	err := chromedp.Do(ctx, look{width: 1280}.set(), chromedp.Navigate(b.server.URL+"/scans"),
		chromedp.WaitVisible(chromedp.CSS(`[data-state="on"]`)), chromedp.Focus(chromedp.CSS(".top nav a")))
	if err != nil {
		t.Fatalf("open the page: %v", err)
	}
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`window.sameDocument = true`)); err != nil {
		t.Fatal(err)
	}
	state.set(func() {
		state.ahead = 40 * time.Second
		state.open[0].Pages.Fetched, state.open[0].Pages.Undecodable, state.open[0].Queued = 2500, 7, 4000
		state.open = append(state.open, markwatch.ScanProgress{Scan: "new<b>", Source: `<img src=x onerror="window.ran=1">`, StartedAt: now, Queued: 1})
	})
	err = chromedp.Do(ctx, reads(`[data-scan="second-hand-7"] [data-f="queued"]`, "4,000"), reads(`[data-scan="second-hand-7"] [data-f="rate"]`, "32.6"), reads(`[data-scan="second-hand-7"] [data-f="rest"]`, "约剩 2 分钟"),
		chromedp.WaitVisible(chromedp.CSS(`[data-scan="second-hand-7"] .o-undecodable:not(rect)`)),
		reads(`.run:nth-child(3) [data-f="source"]`, "onerror"), reads("[data-words]", "3"))
	if err != nil {
		t.Fatalf("a change: %v", err)
	}
	shoot(t, ctx, "scans-changed-wide-light")
	state.set(func() {
		ended := state.done[0]
		ended.Scan, ended.Source, ended.StartedAt, ended.FinishedAt = "second-hand-7", "second-hand", now.Add(-25*time.Minute), now
		ended.Warnings = []string{`<img src=x onerror="window.ran=1">`}
		state.done = append([]markwatch.ScanSummary{ended}, state.done...)
		state.open = nil
	})
	err = chromedp.Do(ctx, reads("#finished tbody tr:first-child", "旧物集市"), reads("[data-words]", "没有"))
	if err != nil {
		t.Fatalf("the end of a scan: %v", err)
	}
	if !value(t, ctx, chromedp.Evaluate[bool](`window.sameDocument === true && !window.ran && !document.querySelector(".run")`)) {
		t.Error("the page was loaded again, ran what a source was called, or still shows what has ended")
	}
	shoot(t, ctx, "scans-ended-wide-light")
	w.quiet(t, b.server.URL)
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
}
