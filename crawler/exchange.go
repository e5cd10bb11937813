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

// exchange sends one request when the host's pace allows it, reads the answer
// within the limits, has it recorded and takes its codings off. Its errors are
// *FetchError.
func (t *transport) exchange(req *http.Request, h *hop, maxBody int64, delay time.Duration) (a *answer, err error) {
	caller := req.Context()
	seen := Observation{Host: hostOf(req.URL), Conditional: h.conditional(), Robots: h.robots}
	defer func() { t.observe(seen, a, err) }()
	pace := t.crawler.paces.of(seen.Host)
	visit, err := pace.enter(caller, delay, t.parallel)
	if err != nil {
		return nil, classify(caller, err)
	}
	defer visit.leave()
	start := t.crawler.clock.now()
	defer func() { seen.Took = t.crawler.clock.now().Sub(start) }()

	ctx, cancel := context.WithTimeout(caller, t.timeout)
	defer cancel()
	if t.proxy != nil {
		if err := t.judgeHost(ctx, req.URL.Hostname()); err != nil {
			return nil, classify(caller, err)
		}
	}
	tap := &tap{limit: headMost + int(maxBody) + wireSlack}
	out := t.prepare(ctx, req, h, tap, visit)
	at := t.crawler.now().UTC()
	res, err := t.base.RoundTrip(out)
	if err != nil {
		tap.end()
		seen.Bytes = int64(len(tap.response))
		return nil, classify(caller, err)
	}
	tap.expect(min(res.ContentLength, maxBody))
	a = &answer{url: req.URL.String(), status: res.StatusCode, header: res.Header, at: at, conditional: h.conditional()}
	wire, cut, broken := t.read(caller, res, maxBody)
	res.Body.Close()
	tap.end()
	if res.ProtoMajor >= 2 {
		tap.reconstruct(out, res, wire)
	}
	seen.Bytes = int64(len(tap.response))
	if broken != nil && broken.Reason == ReasonCanceled {
		return nil, broken
	}
	t.adapt(pace, res)
	if a.capture, err = t.record(caller, a, h, tap, cut); err != nil {
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
	if t.kind == markwatch.KindFeed && !h.robots && a.status < http.StatusMultipleChoices {
		if a.body, over, err = unpack(body, maxBody, a.truncated); err != nil {
			return nil, classify(caller, err)
		}
		a.truncated = a.truncated || over
	}
	return a, nil
}

// prepare returns the request as it goes out, whose bytes and connection tap
// will learn of.
func (t *transport) prepare(ctx context.Context, req *http.Request, h *hop, tap *tap, visit *visit) *http.Request {
	out := req.Clone(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn:      func(info httptrace.GotConnInfo) { tap.begin(info.Conn, t.proxy == nil) },
		WroteRequest: func(httptrace.WroteRequestInfo) { visit.sent() },
	}))
	out.Header.Set("Accept-Encoding", acceptEncoding)
	if h.etag != "" {
		out.Header.Set("If-None-Match", h.etag)
	}
	if h.modified != "" {
		out.Header.Set("If-Modified-Since", h.modified)
	}
	return out
}

// read reads a body as it came; wire is nil where it was not asked for. cut names the limit that ended it, as
// WARC-Truncated does; broken is set where the end was no limit of size.
func (t *transport) read(caller context.Context, res *http.Response, maxBody int64) (wire []byte, cut string, broken *FetchError) {
	if kind := res.Header.Get("Content-Type"); !textual(kind) && (!t.pictures || !isPicture(kind)) && res.StatusCode < 300 {
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
func (t *transport) record(ctx context.Context, a *answer, h *hop, tap *tap, cut string) (markwatch.Capture, error) {
	if t.crawler.cfg.Recorder == nil {
		return markwatch.Capture{}, nil
	}
	return t.crawler.cfg.Recorder.Record(ctx, &markwatch.Exchange{
		Source: t.source, URL: a.url, IP: tap.ip, Resolved: tap.dns, At: a.at, Via: h.via, Prior: h.prior,
		Request: withoutProxyPassword(tap.request), Response: final(tap.response), Truncated: cut,
		Protocol: tap.protocol, Reconstructed: tap.protocol == protocolHTTP2,
		TLSVersion: tap.secure.version, CipherSuite: tap.secure.suite, Certificates: tap.secure.chain,
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

// hostOf returns host:port of an address, by which the pace goes.
func hostOf(u *url.URL) string { return canonical.Host(u.Scheme + "://" + u.Host) }
