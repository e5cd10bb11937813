package render

import (
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"

	"github.com/markwatch/markwatch"
)

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
