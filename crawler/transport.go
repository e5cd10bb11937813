package crawler

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/markwatch/markwatch"
)

const (
	// headMost bounds the status line and headers of an answer.
	headMost = 256 << 10
	// wireSlack is what framing (headers, chunk sizes) may add to a body.
	wireSlack = 1 << 20
)

// transport is the http.RoundTripper beneath colly. Every hop of every request
// of a session passes through RoundTrip, so what it refuses cannot be reached
// by a redirect either.
type transport struct {
	// pictures lets pictures through beside text.
	pictures  bool
	crawler   *Crawler
	base      *http.Transport
	source    string
	kind      markwatch.SourceKind
	userAgent string
	tokens    []string // product tokens that robots.txt may address us by
	obey      bool
	private   bool // private addresses are allowed
	http2     bool // HTTP/2 where the server speaks it
	proxy     *url.URL
	proxyName string
	delay     time.Duration
	parallel  int
	maxBody   int64
	timeout   time.Duration
	// received counts the bytes of every answer, robots.txt included.
	received atomic.Int64
}

// hop is what one request is to know beside itself.
type hop struct {
	// via is the address whose redirect led here.
	via string
	// etag and modified are the validators that go out, empty for none.
	etag, modified string
	prior          *markwatch.Capture
	robots         bool
}

// conditional tells whether the hop asks for what has changed only.
func (h *hop) conditional() bool { return h.etag != "" || h.modified != "" }

// answer is one hop's outcome.
type answer struct {
	url         string
	status      int
	header      http.Header
	body        []byte
	at          time.Time
	capture     markwatch.Capture
	conditional bool
	truncated   bool
	// broken is set where the body broke off for a reason that may be gone at
	// the next try.
	broken *FetchError
}

// unchanged tells whether the server confirmed what was asked for. A 304 that
// nobody asked for confirms nothing.
func (a *answer) unchanged() bool { return a.conditional && a.status == http.StatusNotModified }

// redirects tells whether the answer leads elsewhere.
func (a *answer) redirects() bool {
	switch a.status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return a.header.Get("Location") != ""
	}
	return false
}

// trip carries the hops of one Fetch past colly, which is given no bodies: it
// would copy and transcode them, and what is kept is the page's own bytes.
type trip struct {
	request Request
	last    *answer
}

type tripKey struct{}

// next returns what the next hop of the trip is to know. The validators belong
// to one address: they go out with the first hop, if that is the address, and
// never on a redirect, whose target could confirm a page that it never sent.
func (tr *trip) next(address string) *hop {
	h := &hop{}
	if p := tr.request.Prior; p != nil && p.URL == address {
		h.prior = p
	}
	if tr.last != nil {
		h.via = tr.last.url
		return h
	}
	if tr.request.Prior == nil || h.prior != nil {
		h.etag, h.modified = tr.request.ETag, tr.request.LastModified
	}
	return h
}

// RoundTrip performs one hop.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	if req.URL.Scheme != "http" && req.URL.Scheme != "https" || req.URL.Host == "" {
		return nil, failed(ReasonAddress, false, fmt.Errorf("%s is no http or https address", req.URL))
	}
	delay := t.delay
	if t.obey {
		// colly checks robots.txt for the first address only and never for a
		// redirect's target, so its check stays off and each hop is checked here.
		rules, err := t.permitted(ctx, req.URL)
		if err != nil {
			t.observe(Observation{Host: hostOf(req.URL)}, nil, err)
			return nil, err
		}
		delay = max(delay, rules.delay)
	}
	tr, _ := ctx.Value(tripKey{}).(*trip)
	if tr == nil {
		tr = &trip{}
	}
	a, err := t.exchange(req, tr.next(req.URL.String()), t.maxBody, delay)
	if err != nil {
		return nil, err
	}
	tr.last = a
	header := a.header.Clone()
	header.Del("Content-Encoding")
	return &http.Response{
		Status: strconv.Itoa(a.status) + " " + http.StatusText(a.status), StatusCode: a.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Body: http.NoBody, Uncompressed: true, Request: req,
	}, nil
}
