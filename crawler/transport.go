package crawler

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/canonical"
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
	crawler   *Crawler
	base      *http.Transport
	source    string
	userAgent string
	tokens    []string // product tokens that robots.txt may address us by
	obey      bool
	private   bool // private addresses are allowed
	proxy     *url.URL
	proxyName string
	delay     time.Duration
	parallel  int
	maxBody   int64
	timeout   time.Duration
}

// answer is one hop's outcome.
type answer struct {
	url       string
	status    int
	header    http.Header
	body      []byte
	at        time.Time
	snapshot  string
	truncated bool
	// broken is set where the body broke off for a reason that may be gone at
	// the next try.
	broken *FetchError
}

// trip carries the hops of one Fetch past colly, which is given no bodies: it
// would copy and transcode them, and what is kept is the page's own bytes.
type trip struct{ last *answer }

type tripKey struct{}

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
		rules, err := t.robots(ctx, req.URL)
		if err != nil {
			return nil, err
		}
		if !rules.allowed(req.URL) {
			return nil, &FetchError{Outcome: markwatch.PageRobots, Reason: ReasonRobots, Err: fmt.Errorf("robots.txt of %s forbids %s", req.URL.Host, req.URL.RequestURI())}
		}
		delay = max(delay, rules.delay)
	}
	a, err := t.exchange(req, t.maxBody, delay)
	if err != nil {
		return nil, err
	}
	if tr, ok := ctx.Value(tripKey{}).(*trip); ok {
		tr.last = a
	}
	header := a.header.Clone()
	header.Del("Content-Encoding")
	return &http.Response{
		Status: strconv.Itoa(a.status) + " " + http.StatusText(a.status), StatusCode: a.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Body: http.NoBody, Uncompressed: true, Request: req,
	}, nil
}

// exchange sends one request when the host's pace allows it, reads the answer
// within the limits, has it recorded and takes its codings off. Its errors are
// *FetchError.
func (t *transport) exchange(req *http.Request, maxBody int64, delay time.Duration) (*answer, error) {
	caller := req.Context()
	pace := t.crawler.paces.of(canonical.Host(req.URL.Scheme + "://" + req.URL.Host))
	visit, err := pace.enter(caller, delay, t.parallel)
	if err != nil {
		return nil, classify(caller, err)
	}
	defer visit.leave()

	ctx, cancel := context.WithTimeout(caller, t.timeout)
	defer cancel()
	if t.proxy != nil {
		if err := t.judgeHost(ctx, req.URL.Hostname()); err != nil {
			return nil, classify(caller, err)
		}
	}
	tap := &tap{limit: headMost + int(maxBody) + wireSlack}
	var conn *wireConn
	out := req.Clone(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) {
			if c, ok := info.Conn.(*wireConn); ok {
				conn = c
				c.attach(tap)
			}
		},
		WroteRequest: func(httptrace.WroteRequestInfo) { visit.sent() },
	}))
	out.Header.Set("Accept-Encoding", acceptEncoding)
	at := t.crawler.now().UTC()
	res, err := t.base.RoundTrip(out)
	if err != nil {
		return nil, classify(caller, err)
	}
	if conn != nil {
		conn.expect(tap, min(res.ContentLength, maxBody))
	}
	a := &answer{url: req.URL.String(), status: res.StatusCode, header: res.Header, at: at}
	wire, cut, broken := t.read(caller, res, maxBody)
	res.Body.Close()
	if conn != nil {
		conn.detach(tap)
	}
	if broken != nil && broken.Reason == ReasonCanceled {
		return nil, broken
	}
	t.adapt(pace, res)
	if a.snapshot, err = t.record(caller, a, tap, cut); err != nil {
		return nil, failed(ReasonCapture, true, fmt.Errorf("recording %s: %w", a.url, err))
	}
	a.broken, a.truncated = broken, cut != ""
	if wire == nil {
		return a, nil
	}
	body, over, err := decode(wire, strings.Join(res.Header.Values("Content-Encoding"), ","), maxBody, cut != "")
	if err != nil && a.status < http.StatusBadRequest {
		return nil, classify(caller, err)
	}
	a.body, a.truncated = body, a.truncated || over
	return a, nil
}

// read reads a body as it came; wire is nil where it was not asked for. cut names the limit that ended it, as
// WARC-Truncated does; broken is set where the end was no limit of size.
func (t *transport) read(caller context.Context, res *http.Response, maxBody int64) (wire []byte, cut string, broken *FetchError) {
	if !textual(res.Header.Get("Content-Type")) && res.StatusCode < 300 {
		return nil, "length", undecodable(ReasonNotText, fmt.Errorf("content type %s", res.Header.Get("Content-Type")))
	}
	wire, over, err := readLimited(res.Body, maxBody, res.ContentLength)
	switch {
	case over:
		return wire, "length", nil
	case err == nil:
		return wire, "", nil
	}
	broken = classify(caller, err)
	switch broken.Reason {
	case ReasonTimeout:
		cut = "time"
	case ReasonTooLarge:
		cut = "length"
	default:
		cut = "disconnect"
	}
	return wire, cut, broken
}

// adapt lets the server's answer set the host's pace.
func (t *transport) adapt(p *pace, res *http.Response) {
	switch {
	case res.StatusCode == http.StatusTooManyRequests, res.StatusCode == http.StatusServiceUnavailable:
		p.overloaded(t.crawler.retryAfter(res.Header))
	case res.StatusCode < 500:
		p.well()
	}
}

// record hands the exchange to the recorder, before anything is parsed.
func (t *transport) record(ctx context.Context, a *answer, tap *tap, cut string) (string, error) {
	if t.crawler.cfg.Recorder == nil {
		return "", nil
	}
	return t.crawler.cfg.Recorder.Record(ctx, &markwatch.Exchange{
		Source: t.source, URL: a.url, IP: tap.ip, At: a.at,
		Request: withoutProxyPassword(tap.request), Response: final(tap.response), Truncated: cut,
	})
}

// retryAfter reads a Retry-After header, seconds or a date (RFC 9110 section
// 10.2.3); a date is held against the server's own clock where it tells it.
func (c *Crawler) retryAfter(h http.Header) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if n, err := strconv.ParseInt(v, 10, 64); err == nil {
		return time.Duration(min(max(n, 0), int64(pauseMost/time.Second))) * time.Second
	}
	until, err := http.ParseTime(v)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		now = c.now()
	}
	return min(max(until.Sub(now), 0), pauseMost)
}
