package render

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/inspector"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// tab is one page being rendered: what the browser has told of it so far.
type tab struct {
	req    Request
	limits Limits
	origin string
	block  []string
	gate   *gate
	main   cdp.FrameID
	ctx    context.Context // of chromedp; ends with the tab

	mu       sync.Mutex
	seen     []Seen
	byID     map[network.RequestID]int // the hop of a request that runs now
	running  map[network.RequestID]bool
	quiet    time.Time // since when nothing runs, or when last something ended
	sent     int       // requests that were to go out
	loaded   bool
	status   int
	header   http.Header
	asked    string
	refused  error // the last refusal of a main document
	broken   bool  // the main frame shows the browser's own error page
	wentAway string
	crashed  bool
	cuts     []string
	cutOff   chan struct{} // closed at the first cut that ends the page
}

func newTab(req Request, limits Limits, u *url.URL) *tab {
	t := &tab{
		req: req, limits: limits, origin: origin(u), block: req.Block,
		byID: map[network.RequestID]int{}, running: map[network.RequestID]bool{}, quiet: time.Now(), cutOff: make(chan struct{}),
	}
	if t.block == nil {
		t.block = []string{KindMedia, KindFont}
		if !req.Screenshot {
			t.block = append(t.block, KindImage)
		}
	}
	return t
}

// cut notes a limit that was met. All but a long document end the page.
func (t *tab) cut(limit string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if slices.Contains(t.cuts, limit) {
		return
	}
	t.cuts = append(t.cuts, limit)
	if limit == CutRequests || limit == CutBytes {
		select {
		case <-t.cutOff:
		default:
			close(t.cutOff)
		}
	}
}

// heard takes the events of the tab, in their order. It must not block.
func (t *tab) heard(ev any) {
	switch ev := ev.(type) {
	case *fetch.EventRequestPaused:
		go t.decide(ev)
	case *fetch.EventAuthRequired:
		go t.authenticate(ev)
	case *page.EventJavascriptDialogOpening:
		// Leaving is always allowed; all else is dismissed.
		go t.tell(func() error {
			_, err := cdp.Call(t.ctx, t.session(), page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: ev.Type == page.DialogTypeBeforeunload})
			return err
		})
	default:
		t.mu.Lock()
		defer t.mu.Unlock()
		t.note(ev)
	}
}

// tell runs a command whose failure means that what it was about is gone.
func (t *tab) tell(command func() error) { _ = command() }

func (t *tab) session() cdp.Session { return chromedp.FromContext(t.ctx).Target }

// note keeps the books; t.mu is held.
func (t *tab) note(ev any) {
	switch ev := ev.(type) {
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(ev.Request.URL, "http:") && !strings.HasPrefix(ev.Request.URL, "https:") {
			return
		}
		if i, ok := t.byID[ev.RequestID]; ok && ev.RedirectResponse != nil {
			t.seen[i].Status = int(ev.RedirectResponse.Status)
		}
		if ev.Type == network.ResourceTypeDocument && ev.FrameID == t.main {
			t.asked = ev.Request.URL
		}
		t.add(ev.RequestID, Seen{URL: ev.Request.URL, Kind: strings.ToLower(string(ev.Type))})
		if ev.Type != network.ResourceTypeEventSource {
			t.running[ev.RequestID] = true
		}
	case *network.EventResponseReceived:
		if i, ok := t.byID[ev.RequestID]; ok {
			t.seen[i].Status = int(ev.Response.Status)
		}
		if ev.Type == network.ResourceTypeDocument && ev.FrameID == t.main {
			t.status, t.header, t.loaded = int(ev.Response.Status), headers(ev.Response.Headers), false
		}
	case *network.EventLoadingFinished:
		if i, ok := t.byID[ev.RequestID]; ok {
			t.seen[i].Bytes = int64(ev.EncodedDataLength)
		}
		t.ended(ev.RequestID)
	case *network.EventLoadingFailed:
		if i, ok := t.byID[ev.RequestID]; ok && t.seen[i].Refused == "" {
			t.seen[i].Failed = ev.ErrorText
		}
		t.ended(ev.RequestID)
	case *network.EventWebSocketCreated:
		t.add(ev.RequestID, Seen{URL: ev.URL, Kind: KindWebSocket})
	case *network.EventWebSocketHandshakeResponseReceived:
		if i, ok := t.byID[ev.RequestID]; ok {
			t.seen[i].Status = int(ev.Response.Status)
		}
	case *network.EventWebSocketFrameError:
		if i, ok := t.byID[ev.RequestID]; ok {
			t.seen[i].Failed = ev.ErrorMessage
		}
	case *page.EventLoadEventFired:
		t.loaded = true
		t.quiet = time.Now()
	case *page.EventFrameNavigated:
		if ev.Frame.ParentID == "" {
			t.broken, t.wentAway = ev.Frame.UnreachableURL != "", ev.Frame.UnreachableURL
		}
	case *inspector.EventTargetCrashed:
		t.crashed = true
		select {
		case <-t.cutOff:
		default:
			close(t.cutOff)
		}
	}
}

// urlMost bounds the addresses in Seen, which a page may make as long as it likes.
const urlMost = 4096

// add notes a request, within reason: one far beyond the limit tells nothing new.
func (t *tab) add(id network.RequestID, s Seen) {
	if len(t.seen) >= 4*t.limits.Requests {
		return
	}
	s.URL = strings.ToValidUTF8(s.URL[:min(len(s.URL), urlMost)], "")
	if id != "" {
		t.byID[id] = len(t.seen)
	}
	t.seen = append(t.seen, s)
}

func (t *tab) ended(id network.RequestID) {
	delete(t.running, id)
	t.quiet = time.Now()
}

// requests returns what was seen, with the reasons of the proxy.
func (t *tab) requests() []Seen {
	t.mu.Lock()
	defer t.mu.Unlock()
	seen := slices.Clone(t.seen)
	told := map[string]bool{}
	for i := range seen {
		s := &seen[i]
		u, err := url.Parse(s.URL)
		if err != nil {
			continue
		}
		addr := address(u)
		why, refused := t.gate.verdict(addr)
		told[addr] = true
		switch {
		case why == nil || s.Refused != "" || s.Status != 0:
		case refused:
			s.Refused, s.Failed = why.Error(), ""
		default:
			s.Failed = why.Error()
		}
	}
	for _, addr := range t.gate.troubled() {
		if told[addr] {
			continue
		}
		s := Seen{URL: "//" + addr, Kind: KindConnection}
		if why, refused := t.gate.verdict(addr); refused {
			s.Refused = why.Error()
		} else {
			s.Failed = why.Error()
		}
		seen = append(seen, s)
	}
	return seen
}
