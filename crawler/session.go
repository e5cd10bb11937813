package crawler

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gocolly/colly/v2"
	"golang.org/x/net/publicsuffix"

	"github.com/markwatch/markwatch"
)

// Session fetches for one host job: a collector of its own over connections
// that are kept alive. Fetch is safe for concurrent use; more calls than the
// source's parallelism wait for their turn.
type Session struct {
	transport *transport
	collector *colly.Collector
	host      string
}

// Host opens a session for src on host (host:port), whose pace Blocked, Release
// and NotBefore are about. Faults of the source's request settings are errors
// with CodeInvalid.
func (c *Crawler) Host(src *markwatch.Source, host string) (*Session, error) {
	t := &transport{
		crawler: c, source: src.ID, kind: src.Kind, userAgent: c.cfg.UserAgent, http2: src.Request.HTTP == "2",
		obey: src.Politeness.Robots != "ignore", private: src.PrivateAddresses == "allow",
		delay: DefaultDelay, parallel: DefaultParallel, maxBody: int64(c.cfg.MaxBody), timeout: c.cfg.Timeout,
	}
	if d := src.Politeness.Delay; d != nil {
		t.delay = time.Duration(*d)
	}
	if src.Politeness.Parallel > 0 {
		t.parallel = src.Politeness.Parallel
	}
	if src.Limits.Bytes > 0 {
		t.maxBody = int64(src.Limits.Bytes)
	}
	if src.Request.UserAgent != "" {
		t.userAgent = src.Request.UserAgent
	}
	t.tokens = []string{product}
	if token := agentToken(t.userAgent); token != "" && token != product {
		t.tokens = append(t.tokens, token)
	}
	switch src.Request.HTTP {
	case "", "1.1", "2":
	default:
		return nil, inSource(src, fmt.Errorf("request.http: %q is not 1.1 or 2", src.Request.HTTP))
	}
	if err := t.setProxy(src.Request.Proxy); err != nil {
		return nil, inSource(src, err)
	}
	header, err := requestHeader(src, t.userAgent)
	if err != nil {
		return nil, inSource(src, err)
	}
	if t.base, err = t.newBase(); err != nil {
		return nil, inSource(src, err)
	}
	jar, err := c.jar(src)
	if err != nil {
		return nil, inSource(src, err)
	}
	return &Session{transport: t, collector: newCollector(t, jar, header, slices.Sorted(maps.Keys(src.Request.Headers))), host: host}, nil
}

// newCollector sets colly up so that each of its choices is made here. Init,
// unlike NewCollector, does not let COLLY_* variables of the environment
// override them. The frontier knows what was visited, the transport does
// robots.txt and limits.
func newCollector(t *transport, jar http.CookieJar, header http.Header, own []string) *colly.Collector {
	c := &colly.Collector{}
	c.Init()
	c.UserAgent = t.userAgent
	c.Headers = &header
	c.AllowURLRevisit = true
	c.IgnoreRobotsTxt = true
	c.ParseHTTPErrorResponse = true
	c.MaxBodySize = 0
	c.SetClient(&http.Client{Transport: t, Jar: jar})
	c.SetRedirectHandler(func(req *http.Request, via []*http.Request) error {
		return redirect(req, via, own)
	})
	return c
}

// Request is one address to ask for.
type Request struct {
	URL string
	// ETag and LastModified are the validators that came with an earlier answer
	// of this very address, as the server wrote them; empty where there are
	// none. They go out on the first hop alone. Where Prior names another
	// address, as it does of a page that was reached by a redirect, they
	// belong to that one and stay here.
	ETag, LastModified string
	// Prior is the capture of the earlier answer. The recorder is given it with
	// the hop of its address, so that an answer that is the same again need not
	// be kept twice. May be nil.
	Prior *markwatch.Capture
}

// Fetch asks for one address and follows its redirects. The error, where there
// is one, is a *FetchError. A page cut by a limit of size, or by a broken
// connection after its end was already there, is returned as Truncated. Where
// the server confirms the validators of r, the page is Unchanged, with status
// 304 and no body; a 304 from anywhere else is the error http-304.
func (s *Session) Fetch(ctx context.Context, r Request) (*markwatch.Page, error) {
	start := s.transport.crawler.clock.now()
	page, err := s.fetch(ctx, r)
	log := s.transport.crawler.log
	took := s.transport.crawler.clock.now().Sub(start)
	var fe *FetchError
	if errors.As(err, &fe) {
		log.DebugContext(ctx, "fetch failed", "source", s.transport.source, "host", s.host, "url", r.URL, "reason", fe.Reason, "retry", fe.Retry, "error", fe.Err, "took", took)
		return nil, fe
	}
	log.DebugContext(ctx, "fetched", "source", s.transport.source, "host", s.host, "url", r.URL, "status", page.Status, "bytes", len(page.Body), "took", took)
	return page, nil
}

func (s *Session) fetch(ctx context.Context, r Request) (*markwatch.Page, error) {
	if err := ctx.Err(); err != nil {
		return nil, failed(ReasonCanceled, true, err)
	}
	tr := &trip{request: r}
	// A collector has one context; a clone shares everything else.
	c := s.collector.Clone()
	c.Context = context.WithValue(ctx, tripKey{}, tr)
	if err := c.Visit(r.URL); err != nil {
		var fe *FetchError
		var in *url.Error
		switch {
		case errors.As(err, &fe):
			return nil, fe
		case ctx.Err() != nil:
			return nil, failed(ReasonCanceled, true, ctx.Err())
		case tr.last != nil:
			// An answer came, and colly or net/http could not follow it.
			return nil, failed(ReasonMalformed, false, err)
		case errors.As(err, &in) && in.Op != "parse":
			return nil, classify(ctx, err)
		}
		return nil, failed(ReasonAddress, false, err)
	}
	a := tr.last
	if a == nil {
		return nil, failed(ReasonAddress, false, fmt.Errorf("%s was not asked for", r.URL))
	}
	page := &markwatch.Page{
		Source: s.transport.source, URL: r.URL, FinalURL: a.url, Status: a.status, Header: a.header,
		Body: a.body, FetchedAt: a.at, Snapshot: a.capture.Snapshot, PayloadDigest: a.capture.PayloadDigest,
		Unchanged: a.unchanged(), Truncated: a.truncated,
	}
	if err := judge(a, s.transport.crawler.retryAfter(a.header)); err != nil {
		err.Page = page
		return nil, err
	}
	return page, nil
}

// judge returns why an answer is no page, nil where it is one, leads to one or
// confirms one. after is its Retry-After.
func judge(a *answer, after time.Duration) *FetchError {
	if a.unchanged() || a.redirects() {
		return nil
	}
	if a.status < 200 || a.status >= 300 {
		err := failed("http-"+strconv.Itoa(a.status), false, fmt.Errorf("the server answered %d %s", a.status, http.StatusText(a.status)))
		switch a.status {
		case http.StatusUnauthorized, http.StatusProxyAuthRequired:
			err.Outcome = markwatch.PageBlocked
		case http.StatusTooManyRequests:
			err.Outcome, err.Retry, err.RetryAfter = markwatch.PageBlocked, true, after
		case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout,
			520, 521, 522, 523, 524: // a CDN that cannot reach its origin
			err.Retry, err.RetryAfter = true, after
		}
		return err
	}
	if b := a.broken; b != nil && (b.Reason == ReasonNotText || !whole(a.body)) {
		again := *b
		return &again
	}
	return nil
}

// Close gives the session's connections back. Fetches under way end as they would.
func (s *Session) Close() { s.transport.base.CloseIdleConnections() }

// redirect decides whether a redirect is followed. own names the headers that
// the source's configuration adds; they are not for other sites.
func redirect(req *http.Request, via []*http.Request, own []string) error {
	if s := req.URL.Scheme; s != "http" && s != "https" {
		return failed(ReasonRedirectScheme, false, fmt.Errorf("redirected to %s", req.URL))
	}
	if len(via) > MaxRedirects {
		return failed(ReasonRedirectLimit, false, fmt.Errorf("more than %d redirects", MaxRedirects))
	}
	// Sites redirect to the same address once, to see whether cookies work.
	seen := 0
	for _, v := range via {
		if v.URL.String() == req.URL.String() {
			seen++
		}
	}
	if seen > 1 {
		return failed(ReasonRedirectLoop, false, fmt.Errorf("redirected to %s again and again", req.URL))
	}
	if site(req.URL) != site(via[0].URL) {
		for _, name := range own {
			req.Header.Del(name)
		}
	}
	return nil
}

// site returns the registrable domain, or the host where it has none.
func site(u *url.URL) string {
	host := u.Hostname()
	if d, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		return d
	}
	return host
}

func inSource(src *markwatch.Source, err error) error {
	return markwatch.WrapError(markwatch.CodeInvalid, err, "source %s", strings.TrimSpace(src.ID))
}
