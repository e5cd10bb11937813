package render

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
)

const (
	idleMost  = 500 * time.Millisecond // nothing asked for that long: at rest
	stillMost = 2 * time.Second        // loaded and not growing that long: at rest, whatever still runs
	stuckMost = 6 * time.Second        // not loaded, not growing that long: something hangs
	lookEvery = 100 * time.Millisecond
	lookMost  = 2 * time.Second // how long a page may take to answer a question
)

func decode(o *runtime.RemoteObject, out any) error {
	if o == nil || len(o.Value) == 0 {
		return errGone
	}
	return json.Unmarshal(o.Value, out)
}

// rest waits until the page has come to rest, a limit is met or ctx ends. Only
// the death of the page is an error.
func (t *tab) rest(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	size, grown, looked := -1, time.Now(), time.Time{}
	for {
		select {
		case <-ctx.Done():
			if err := t.ctx.Err(); err != nil {
				return t.fault(err)
			}
			return nil
		case <-t.cutOff:
			t.mu.Lock()
			crashed := t.crashed
			t.mu.Unlock()
			if crashed {
				return t.fault(errGone)
			}
			return nil
		case <-tick.C:
		}
		if time.Since(looked) >= 2*lookEvery {
			brief, cancel := context.WithTimeout(ctx, lookMost)
			now := -1
			err := t.evaluate(brief, `document.getElementsByTagName("*").length + (document.body ? document.body.textContent.length : 0)`, &now)
			cancel()
			looked = time.Now()
			if err != nil {
				grown = looked // busy, or between two documents: not at rest
				continue
			}
			if now != size {
				size, grown = now, looked
			}
		}
		t.mu.Lock()
		loaded, running, quiet := t.loaded, len(t.running), time.Since(t.quiet)
		t.mu.Unlock()
		still := time.Since(grown)
		if loaded && running == 0 && min(quiet, still) >= idleMost || loaded && still >= stillMost || still >= stuckMost {
			return nil
		}
	}
}

// scroll goes down a few viewport heights, resting at each.
func (t *tab) scroll(ctx context.Context) error {
	for range t.limits.Scrolls {
		var more bool
		brief, cancel := context.WithTimeout(ctx, lookMost)
		// A page that cannot be scrolled is looked at as it stands.
		_ = t.evaluate(brief, `(() => { const e = document.scrollingElement; if (!e) return false; const y = e.scrollTop; e.scrollTop = y + innerHeight; return e.scrollTop > y })()`, &more)
		cancel()
		if !more {
			break
		}
		if err := t.rest(ctx); err != nil || ctx.Err() != nil {
			return err
		}
	}
	return nil
}

// document is what the page shows.
type document struct {
	URL, Title, HTML string
	Cut              bool
}

// readDocument serialises the live document with its open shadow roots.
const readDocument = `(most => {
	const roots = [];
	const visit = n => { for (const e of n.querySelectorAll("*")) if (e.shadowRoot) { roots.push(e.shadowRoot); visit(e.shadowRoot) } };
	const top = document.documentElement;
	let html = "";
	if (top) {
		try { visit(document) } catch { }
		html = top.outerHTML;
		if (roots.length > 0 && top.getHTML) {
			const shell = top.cloneNode(false).outerHTML;
			html = shell.replace(/<\/[^<>]*>$/, "") + top.getHTML({shadowRoots: roots}) + "</" + top.localName + ">";
		}
	}
	if (document.doctype) html = "<!DOCTYPE " + document.doctype.name + ">" + html;
	const cut = html.length > most;
	if (cut) html = html.slice(0, most);
	return {URL: document.URL, Title: document.title.slice(0, 4096).toWellFormed(), HTML: html.toWellFormed(), Cut: cut};
})(%d)`

// document reads the page. One that met a limit is frozen first, so that what
// it floods the browser with does not stand in the way. One that does not answer
// is stopped, its script ended where it stands, and asked again.
func (t *tab) document() (doc document, err error) {
	expression := fmt.Sprintf(readDocument, t.limits.HTML)
	t.mu.Lock()
	cut := len(t.cuts) > 0
	t.mu.Unlock()
	if cut {
		t.freeze()
	}
	for try := range 3 {
		brief, cancel := context.WithTimeout(t.ctx, lookMost<<try)
		err = t.evaluate(brief, expression, &doc)
		cancel()
		t.mu.Lock()
		crashed := t.crashed
		t.mu.Unlock()
		if err == nil || crashed || t.ctx.Err() != nil {
			return doc, err
		}
		t.stop()
	}
	return doc, err
}

// freeze holds the page's timers and tasks, and the reports of its requests.
func (t *tab) freeze() {
	brief, cancel := context.WithTimeout(t.ctx, lookMost)
	defer cancel()
	t.tell(func() error {
		_, err := cdp.Call(brief, t.session(), page.SetWebLifecycleState, page.SetWebLifecycleStateParams{State: page.SetWebLifecycleStateStateFrozen})
		return err
	})
	t.tell(func() error { _, err := cdp.Call(brief, t.session(), network.Disable, cdp.Empty{}); return err })
}

// stop ends what the page loads and runs at this moment.
func (t *tab) stop() {
	brief, cancel := context.WithTimeout(t.ctx, lookMost)
	defer cancel()
	t.tell(func() error {
		_, err := cdp.Call(brief, t.session(), runtime.TerminateExecution, cdp.Empty{})
		return err
	})
	t.tell(func() error { _, err := cdp.Call(brief, t.session(), page.StopLoading, cdp.Empty{}); return err })
}

// screenshot takes a picture of the page from its top, or returns nil.
func (t *tab) screenshot() []byte {
	ctx, cancel := context.WithTimeout(t.ctx, 4*lookMost)
	defer cancel()
	// Where the page was scrolled, what sticks to the window would stand in the middle.
	var top bool
	t.tell(func() error { return t.evaluate(ctx, `(scrollTo(0, 0), true)`, &top) })
	size, err := cdp.Call(ctx, t.session(), page.GetLayoutMetrics, cdp.Empty{})
	if err != nil || size.CSSContentSize == nil {
		t.cut(CutScreenshot)
		return nil
	}
	tall := max(size.CSSContentSize.Height, height)
	if tall > float64(t.limits.Height) {
		t.cut(CutScreenshot)
		tall = float64(t.limits.Height)
	}
	shot, err := cdp.Call(ctx, t.session(), page.CaptureScreenshot, page.CaptureScreenshotParams{
		Format: page.CaptureScreenshotFormatPng, CaptureBeyondViewport: new(true),
		Clip: &page.Viewport{Width: width, Height: tall, Scale: 1},
	})
	if err != nil || len(shot.Data) > t.limits.Screenshot {
		t.cut(CutScreenshot)
		return nil
	}
	return shot.Data
}
