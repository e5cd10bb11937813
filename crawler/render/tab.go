package render

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/inspector"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/markwatch/markwatch"
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

// decide lets a request of the page out or refuses it.
func (t *tab) decide(ev *fetch.EventRequestPaused) {
	why := t.objection(ev)
	if why == nil {
		params := fetch.ContinueRequestParams{RequestID: ev.RequestID}
		if u, err := url.Parse(ev.Request.URL); err == nil && len(t.req.Headers) > 0 && origin(u) == t.origin {
			params.Headers = merged(ev.Request.Headers, t.req.Headers)
		}
		t.tell(func() error {
			_, err := cdp.Call(t.ctx, t.session(), fetch.ContinueRequest, params)
			return err
		})
		return
	}
	t.mu.Lock()
	if i, ok := t.byID[ev.NetworkID]; ok {
		t.seen[i].Refused, t.seen[i].Failed = why.Error(), ""
	} else {
		t.add(ev.NetworkID, Seen{URL: ev.Request.URL, Kind: kindOf(ev), Refused: why.Error()})
	}
	document := ev.ResourceType == network.ResourceTypeDocument
	if document && ev.FrameID == t.main {
		t.refused = why
	}
	t.mu.Unlock()
	reason := network.ErrorReasonBlockedByClient
	if document {
		// Aborted leaves the document that stands; any other reason would put
		// the browser's error page in its place.
		reason = network.ErrorReasonAborted
	}
	t.tell(func() error {
		_, err := cdp.Call(t.ctx, t.session(), fetch.FailRequest, fetch.FailRequestParams{RequestID: ev.RequestID, ErrorReason: reason})
		return err
	})
}

// objection says why a request must not go out, or nil.
func (t *tab) objection(ev *fetch.EventRequestPaused) error {
	u, err := url.Parse(ev.Request.URL)
	switch {
	case err != nil:
		return markwatch.Errorf(markwatch.CodeInvalid, "no address")
	case u.Scheme == "data" || u.Scheme == "blob":
		return nil // of the page itself
	case u.Scheme != "http" && u.Scheme != "https":
		return markwatch.Errorf(markwatch.CodeInvalid, "neither http nor https")
	}
	if kind := kindOf(ev); slices.Contains(t.block, kind) {
		return markwatch.Errorf(markwatch.CodeInvalid, "%s is not loaded", kind)
	}
	t.mu.Lock()
	t.sent++
	over := t.sent > t.limits.Requests
	t.mu.Unlock()
	if over {
		t.cut(CutRequests)
		return markwatch.Errorf(markwatch.CodeInvalid, "more than %d requests", t.limits.Requests)
	}
	if ev.ResourceType != network.ResourceTypeDocument {
		return nil
	}
	if t.req.Allowed != nil {
		if err := t.req.Allowed(t.ctx, ev.Request.URL); err != nil {
			return err
		}
	}
	if ev.FrameID == t.main {
		t.gate.allowPort(portOf(u))
	}
	return nil
}

// kindOf is the kind of a request. A site's icon, which the browser asks for by
// itself, is an image.
func kindOf(ev *fetch.EventRequestPaused) string {
	if ev.ResourceType == network.ResourceTypeOther && strings.HasPrefix(headers(ev.Request.Headers).Get("Accept"), "image/") {
		return KindImage
	}
	return strings.ToLower(string(ev.ResourceType))
}

// authenticate shows the page's credential to its proxy, and to nobody else.
func (t *tab) authenticate(ev *fetch.EventAuthRequired) {
	answer := &fetch.AuthChallengeResponse{Response: fetch.AuthChallengeResponseResponseCancelAuth}
	if ev.AuthChallenge.Source == fetch.AuthChallengeSourceProxy {
		answer = &fetch.AuthChallengeResponse{Response: fetch.AuthChallengeResponseResponseProvideCredentials, Username: proxyUser, Password: t.gate.token}
	}
	t.tell(func() error {
		_, err := cdp.Call(t.ctx, t.session(), fetch.ContinueWithAuth, fetch.ContinueWithAuthParams{RequestID: ev.RequestID, AuthChallengeResponse: answer})
		return err
	})
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

func origin(u *url.URL) string { return strings.ToLower(u.Scheme) + "://" + address(u) }

// address is the host:port of a URL, with the port that its scheme implies.
func address(u *url.URL) string {
	return net.JoinHostPort(strings.ToLower(u.Hostname()), strconv.Itoa(portOf(u)))
}

func portOf(u *url.URL) int {
	if p, err := strconv.Atoi(u.Port()); err == nil {
		return p
	}
	if u.Scheme == "https" || u.Scheme == "wss" {
		return 443
	}
	return 80
}

// headers turns the protocol's map, in which a line break parts several fields
// of one name, into a Header.
func headers(from network.Headers) http.Header {
	h := http.Header{}
	for name, v := range from {
		if text, ok := v.(string); ok {
			h[http.CanonicalHeaderKey(name)] = strings.Split(text, "\n")
		}
	}
	return h
}

// merged are the browser's own header fields with some of them overridden.
func merged(own network.Headers, over http.Header) []*fetch.HeaderEntry {
	var all []*fetch.HeaderEntry
	for name, values := range headers(own) {
		if _, ok := over[name]; !ok {
			all = append(all, &fetch.HeaderEntry{Name: name, Value: strings.Join(values, ", ")})
		}
	}
	for name, values := range over {
		all = append(all, &fetch.HeaderEntry{Name: name, Value: strings.Join(values, ", ")})
	}
	return all
}
