package render

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"

	"github.com/markwatch/markwatch"
)

// closeMost is how long a tab may take to go before the whole browser is ended.
const closeMost = 8 * time.Second

// width and height are those of the window, in CSS pixels.
const (
	width  = 1280
	height = 900
)

// Render opens a page, waits until it has come to rest or a limit is met, and
// returns what it shows then. It takes at most Limits.Time and, where the page
// resists, half a minute to stop it, read it and close it.
//
// A page that meets a limit is returned with Result.Truncated. Errors are
//   - CodeInvalid where the address, its host or a hop of its redirects is
//     refused; asking again brings the same. The refusal is in the chain.
//   - CodeUnavailable where the page could not be had: its server, the network
//     or the browser failed, its process died of too much memory, or nothing of
//     it can be read in time. Another try may succeed; after a fault of the
//     browser it meets a new one. What Dial said is in the chain.
//   - CodeCanceled where ctx ended.
func (b *Browser) Render(ctx context.Context, req Request) (*Result, error) {
	began := time.Now()
	u, err := url.Parse(req.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return nil, markwatch.Errorf(markwatch.CodeInvalid, "%q cannot be rendered: no http or https address", req.URL)
	}
	if req.Dial == nil {
		return nil, markwatch.Errorf(markwatch.CodeInvalid, "render %s: no Dial is given", req.URL)
	}
	select {
	case b.tabs <- struct{}{}:
		defer func() { <-b.tabs }()
	case <-ctx.Done():
		return nil, canceled(ctx, req.URL)
	}
	i, err := b.instance(ctx)
	if err != nil {
		return nil, err
	}
	t := newTab(req, b.limits, u)
	if t.gate, err = openGate(ctx, b.listen, b.limits, req.Dial, req.Judge, t.cut); err != nil {
		return nil, err
	}
	defer t.gate.close()
	t.gate.allowPort(portOf(u))
	closeTab, err := b.openTab(ctx, i, t)
	defer closeTab()
	if err != nil {
		if ctx.Err() != nil {
			return nil, canceled(ctx, req.URL)
		}
		return nil, markwatch.WrapError(markwatch.CodeUnavailable, err, "open a tab for %s", req.URL)
	}
	result, err := t.render(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return nil, canceled(ctx, req.URL)
		}
		return nil, err
	}
	result.Took = time.Since(began)
	return result, nil
}

func canceled(ctx context.Context, url string) error {
	return markwatch.WrapError(markwatch.CodeCanceled, ctx.Err(), "render %s", url)
}

// render opens the page and returns what it comes to.
func (t *tab) render(ctx context.Context) (*Result, error) {
	limited, cancel := context.WithTimeout(t.ctx, t.limits.Time)
	defer cancel()
	went, err := cdp.Call(limited, t.session(), page.Navigate, page.NavigateParams{URL: t.req.URL})
	switch {
	case limited.Err() != nil:
		return nil, markwatch.Errorf(markwatch.CodeUnavailable, "render %s: no answer in %v", t.req.URL, t.limits.Time)
	case err != nil:
		return nil, t.fault(err)
	case went.IsDownload:
		return nil, markwatch.Errorf(markwatch.CodeUnavailable, "render %s: a download, no page", t.req.URL)
	case went.ErrorText != "":
		return nil, t.navigationError(went.ErrorText)
	}
	if err := t.rest(limited); err != nil {
		return nil, err
	}
	if t.req.Scroll {
		if err := t.scroll(limited); err != nil {
			return nil, err
		}
	}
	if limited.Err() != nil && ctx.Err() == nil {
		t.cut(CutTime)
	}
	doc, err := t.document()
	if err != nil {
		return nil, t.fault(err)
	}
	t.mu.Lock()
	broken, away := t.broken, t.wentAway
	t.mu.Unlock()
	if broken {
		return nil, t.navigationError("moved to " + away + ", which could not be opened")
	}
	result := &Result{URL: doc.URL, HTML: []byte(doc.HTML), Title: doc.Title}
	if u, err := url.Parse(doc.URL); err != nil || u.Scheme != "http" && u.Scheme != "https" {
		result.URL = t.lastDocument() // it moved on to a document of its own making
	}
	if doc.Cut {
		t.cut(CutHTML)
	}
	if t.req.Screenshot {
		result.Screenshot = t.screenshot()
	}
	result.Requests = t.requests()
	result.Bytes = t.gate.moved()
	t.mu.Lock()
	defer t.mu.Unlock()
	result.Status, result.Header, result.Truncated = t.status, t.header, slices.Clone(t.cuts)
	if result.Header == nil {
		result.Header = http.Header{}
	}
	return result, nil
}

// fault is the error of a browser that did not do as it was told.
func (t *tab) fault(err error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.crashed {
		return markwatch.WrapError(markwatch.CodeUnavailable, err, "render %s: the page's process died, as it does of too much memory", t.req.URL)
	}
	return markwatch.WrapError(markwatch.CodeUnavailable, err, "render %s: the browser failed", t.req.URL)
}

// navigationError finds out why the main document did not come.
func (t *tab) navigationError(text string) error {
	t.mu.Lock()
	refused := t.refused
	t.mu.Unlock()
	if refused != nil {
		return markwatch.WrapError(markwatch.CodeInvalid, refused, "render %s: refused", t.req.URL)
	}
	last := t.lastDocument()
	u, err := url.Parse(last)
	if err != nil {
		return markwatch.Errorf(markwatch.CodeUnavailable, "render %s: %s", t.req.URL, text)
	}
	why, forbidden := t.gate.verdict(address(u))
	switch {
	case forbidden:
		return markwatch.WrapError(markwatch.CodeInvalid, why, "render %s: %s is refused", t.req.URL, last)
	case why != nil:
		return markwatch.WrapError(markwatch.CodeUnavailable, why, "render %s: %s", t.req.URL, text)
	}
	return markwatch.Errorf(markwatch.CodeUnavailable, "render %s: %s", t.req.URL, text)
}

// lastDocument is the address last asked for as the main document: the end of
// the redirects, or the hop at which they broke off.
func (t *tab) lastDocument() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.asked == "" {
		return t.req.URL
	}
	return t.asked
}

var errGone = errors.New("the page is gone")

// evaluate runs an expression in a world of its own, where the page's scripts
// can change nothing, and decodes its value into out.
func (t *tab) evaluate(ctx context.Context, expression string, out any) error {
	world, err := cdp.Call(ctx, t.session(), page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{FrameID: t.main, WorldName: "markwatch"})
	if err != nil {
		return err
	}
	got, err := cdp.Call(ctx, t.session(), runtime.Evaluate, runtime.EvaluateParams{
		Expression: expression, ContextID: world.ExecutionContextID, ReturnByValue: new(true), Silent: new(true),
	})
	if err != nil {
		return err
	}
	if got.ExceptionDetails != nil {
		return errors.New("script: " + strconv.Quote(got.ExceptionDetails.Text))
	}
	return decode(got.Result, out)
}
