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

// Host opens a session for src on host (host:port, for the log). Faults of the
// source's request settings are errors with CodeInvalid.
func (c *Crawler) Host(src *markwatch.Source, host string) (*Session, error) {
	t := &transport{
		crawler: c, source: src.ID, userAgent: c.cfg.UserAgent,
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

// Fetch asks for one address and follows its redirects. The error, where there
// is one, is a *FetchError. A page cut by a limit of size, or by a broken
// connection after its end was already there, is returned as Truncated.
func (s *Session) Fetch(ctx context.Context, rawURL string) (*markwatch.Page, error) {
	start := s.transport.crawler.clock.now()
	page, err := s.fetch(ctx, rawURL)
	log := s.transport.crawler.log
	took := s.transport.crawler.clock.now().Sub(start)
	var fe *FetchError
	if errors.As(err, &fe) {
		log.DebugContext(ctx, "fetch failed", "source", s.transport.source, "host", s.host, "url", rawURL, "reason", fe.Reason, "retry", fe.Retry, "error", fe.Err, "took", took)
		return nil, fe
	}
	log.DebugContext(ctx, "fetched", "source", s.transport.source, "host", s.host, "url", rawURL, "status", page.Status, "bytes", len(page.Body), "took", took)
	return page, nil
}

func (s *Session) fetch(ctx context.Context, rawURL string) (*markwatch.Page, error) {
	if err := ctx.Err(); err != nil {
		return nil, failed(ReasonCanceled, true, err)
	}
	tr := &trip{}
	// A collector has one context; a clone shares everything else.
	c := s.collector.Clone()
	c.Context = context.WithValue(ctx, tripKey{}, tr)
	if err := c.Visit(rawURL); err != nil {
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
		return nil, failed(ReasonAddress, false, fmt.Errorf("%s was not asked for", rawURL))
	}
	page := &markwatch.Page{
		Source: s.transport.source, URL: rawURL, FinalURL: a.url, Status: a.status, Header: a.header,
		Body: a.body, FetchedAt: a.at, Snapshot: a.snapshot, Truncated: a.truncated,
	}
	return settle(page, a, s.transport.crawler.retryAfter(a.header))
}

// settle decides whether an answer is a page.
func settle(page *markwatch.Page, a *answer, after time.Duration) (*markwatch.Page, error) {
	if a.status < 200 || a.status >= 300 {
		err := &FetchError{
			Outcome: markwatch.PageFailed, Reason: "http-" + strconv.Itoa(a.status), Page: page,
			Err: fmt.Errorf("the server answered %d %s", a.status, http.StatusText(a.status)),
		}
		switch a.status {
		case http.StatusUnauthorized, http.StatusProxyAuthRequired:
			err.Outcome = markwatch.PageBlocked
		case http.StatusTooManyRequests:
			err.Outcome, err.Retry, err.RetryAfter = markwatch.PageBlocked, true, after
		case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout,
			520, 521, 522, 523, 524: // a CDN that cannot reach its origin
			err.Retry, err.RetryAfter = true, after
		}
		return nil, err
	}
	if b := a.broken; b != nil {
		if b.Reason == ReasonNotText || !whole(a.body) {
			b.Page = page
			return nil, b
		}
	}
	return page, nil
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
