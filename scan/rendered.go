package scan

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler"
	"github.com/markwatch/markwatch/crawler/frontier"
	"github.com/markwatch/markwatch/crawler/render"
)

// Browser renders pages that are empty without scripts.
type Browser interface {
	Render(ctx context.Context, req render.Request) (*render.Result, error)
}

// Keeper keeps what was made of a page as evidence beside it.
type Keeper interface {
	Resource(ctx context.Context, res *markwatch.Resource) (snapshot string, err error)
}

// read reads a page, as it came or, where the source asks for it and the page
// needs it, as a browser shows it.
func (w *webSession) read(ctx context.Context, entry frontier.Entry, page *markwatch.Page) (effect, error) {
	e := w.watch.read(entry, page)
	if !w.watch.wantsBrowser(entry, page, &e) {
		return e, nil
	}
	e.unshown = true
	if w.s.browser == nil {
		e.warnings = append(e.warnings, "需要浏览器才能读取,本机没有 Chromium pages need a browser, and there is no Chromium here")
		return e, nil
	}
	rendered, err := w.render(ctx, page)
	switch {
	case ctx.Err() != nil:
		return e, ctx.Err()
	case err != nil:
		// The page stands as it came, and says why it is not shown.
		e.reason = "render: " + err.Error()
		e.warnings = append(e.warnings, browserTrouble(err))
		return e, nil //nolint:nilerr // one page's trouble with the browser is told, and none of the scan's
	}
	e = w.watch.read(entry, rendered)
	e.rendered = true
	return e, nil
}

// browserTrouble tells in the scan's record what kept pages from being shown;
// the pages say the rest.
func browserTrouble(err error) string {
	if markwatch.ErrorCode(err) == markwatch.CodeInvalid {
		return "浏览器拒绝了部分网页 the browser refused some pages"
	}
	return "浏览器未能读取部分网页 the browser failed on some pages"
}

// wantsBrowser says whether a page is to be rendered: always, or where it is an
// empty shell or shows nothing of the offers that it ought to hold.
func (w *watch) wantsBrowser(entry frontier.Entry, page *markwatch.Page, e *effect) bool {
	if w.source.Render != "auto" && w.source.Render != "always" || !isHTML(page) {
		return false
	}
	if e.outcome == markwatch.PageBlocked {
		// A wall stays a wall: only an empty shell is rendered.
		return e.reason == crawler.BlockedShell
	}
	if e.outcome != markwatch.PageFetched && e.outcome != markwatch.PageEmpty {
		return false
	}
	if w.source.Render == "always" {
		return true
	}
	expected := entry.Depth == 0 || w.scope.Listing(page.FinalURL)
	return expected && !slices.ContainsFunc(e.listings, shown) && bytes.Contains(bytes.ToLower(page.Body), []byte("<script"))
}

// shown says that a page tells more of an offer than its title, which a page
// has before its scripts ran.
func shown(l markwatch.Listing) bool {
	return l.Price != nil || l.PriceText != "" || l.Description != "" || l.Seller != nil || len(l.Images)+len(l.Attributes) > 0
}

// render has the browser show a page, keeps what it showed, and returns it in
// the place of what came over the wire.
func (w *webSession) render(ctx context.Context, page *markwatch.Page) (*markwatch.Page, error) {
	done, err := w.web.Turn(ctx, page.FinalURL)
	if err != nil {
		return nil, fmt.Errorf("waiting for the host: %w", err)
	}
	defer done()
	shot := w.watch.scope.Listing(page.FinalURL)
	res, err := w.s.browser.Render(ctx, render.Request{
		URL: page.FinalURL, UserAgent: w.web.UserAgent(), Dial: w.dial(), Cookies: w.web.Cookies(page.FinalURL),
		Allowed: func(ctx context.Context, address string) error { return w.mayShow(ctx, page.FinalURL, address) }, Screenshot: shot, Scroll: !shot,
	})
	if err != nil {
		return nil, err
	}
	w.shown.Add(res.Bytes)
	out := *page
	out.FinalURL, out.Body, out.Truncated = res.URL, res.HTML, page.Truncated || slices.Contains(res.Truncated, render.CutHTML)
	out.Header = http.Header{"Content-Type": {"text/html; charset=utf-8"}}
	if w.s.keeper == nil {
		return &out, nil
	}
	kept := &markwatch.Resource{
		Source: w.watch.source.ID, URL: res.URL, At: w.s.now(), ContentType: "text/html; charset=utf-8", Body: res.HTML, RefersTo: page.Snapshot,
	}
	if out.Snapshot, err = w.s.keeper.Resource(ctx, kept); err != nil {
		return nil, fmt.Errorf("keeping the rendered page: %w", err)
	}
	if len(res.Screenshot) > 0 {
		kept = &markwatch.Resource{
			Source: w.watch.source.ID, URL: "urn:view:" + res.URL, At: w.s.now(), ContentType: "image/png", Body: res.Screenshot, RefersTo: out.Snapshot,
		}
		if _, err := w.s.keeper.Resource(ctx, kept); err != nil {
			return nil, fmt.Errorf("keeping a screenshot: %w", err)
		}
	}
	return &out, nil
}

// dial opens the browser's connections as the session opens its own. The
// browser is told what is refused and what merely failed.
func (w *webSession) dial() render.Dial {
	connect := w.s.crawler.DialContext(w.watch.source)
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := connect(ctx, network, addr)
		var fetch *crawler.FetchError
		if errors.As(err, &fetch) && !fetch.Retry {
			return nil, markwatch.WrapError(markwatch.CodeInvalid, err, "%s", addr)
		}
		return conn, err
	}
}

// mayShow judges a document that the browser is about to open: the page itself
// and its frames on the same site, and what the source's scope holds, as far
// as robots.txt allows.
func (w *webSession) mayShow(ctx context.Context, page, address string) error {
	if !sameHost(page, address) && !w.watch.scope.Follow(address) {
		return markwatch.Errorf(markwatch.CodeInvalid, "不在来源范围内 not in the source's scope: %s", address)
	}
	return w.web.Allowed(ctx, address)
}

func sameHost(a, b string) bool {
	u, errA := url.Parse(a)
	v, errB := url.Parse(b)
	return errA == nil && errB == nil && u.Host == v.Host
}
