package crawler

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/markwatch/markwatch"
)

const (
	// robotsFresh is how long a file is believed (RFC 9309 section 2.4).
	robotsFresh = 24 * time.Hour
	// robotsStale is how long an old file goes on to count while the server
	// answers with errors (RFC 9309 section 2.3.1.4).
	robotsStale = 30 * 24 * time.Hour
	// robotsRetry is how long an unreachable file forbids everything before it
	// is asked for again; defaultRetryWait the same where there is no
	// connection, and so no page either.
	robotsRetry      = 10 * time.Minute
	defaultRetryWait = 5 * time.Second
	// robotsRedirects is how many redirects are followed (RFC 9309 section 2.3.1.2).
	robotsRedirects = 5
	// robotsHosts is how many files are kept.
	robotsHosts = 4096
)

// robotsKey tells files apart that may differ for a source: by the way they
// are reached too.
type robotsKey struct {
	origin, proxy string
	private       bool
}

// robotsEntry is what is known of one origin's file. ready is closed when it
// was first fetched; the rest is written before.
type robotsEntry struct {
	ready   chan struct{}
	file    *robotsFile
	fetched time.Time // when file came
	expires time.Time
	err     error // why there is no file to go by
}

// robotsCache keeps files across sessions; only one request fetches a file.
type robotsCache struct {
	mu      sync.Mutex
	clock   clock
	entries map[robotsKey]*robotsEntry
}

// get returns the file for key, fetched by fetch where it is not known.
func (c *robotsCache) get(ctx context.Context, key robotsKey, fetch func(context.Context) (*robotsFile, time.Duration, error)) (*robotsEntry, error) {
	for {
		c.mu.Lock()
		e, old := c.entries[key], (*robotsEntry)(nil)
		if e != nil {
			select {
			case <-e.ready:
				if c.clock.now().Before(e.expires) {
					c.mu.Unlock()
					return e, nil
				}
				e, old = nil, e
			default:
			}
		}
		if e != nil {
			c.mu.Unlock()
			select {
			case <-e.ready:
				continue
			case <-ctx.Done():
				return nil, failed(ReasonCanceled, true, ctx.Err())
			}
		}
		e = &robotsEntry{ready: make(chan struct{})}
		c.makeRoom()
		c.entries[key] = e
		c.mu.Unlock()
		return c.fill(ctx, key, e, old, fetch)
	}
}

func (c *robotsCache) fill(ctx context.Context, key robotsKey, e, old *robotsEntry, fetch func(context.Context) (*robotsFile, time.Duration, error)) (*robotsEntry, error) {
	file, keep, err := fetch(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	defer close(e.ready)
	now := c.clock.now()
	e.file, e.err, e.fetched, e.expires = file, err, now, now.Add(keep)
	if err != nil && keep == 0 {
		// The failure is the caller's own (cancelled, backing off): the next
		// one tries again.
		delete(c.entries, key)
		if old != nil {
			c.entries[key] = old
		}
		return nil, err
	}
	if err != nil && old != nil && old.file != nil && now.Sub(old.fetched) < robotsStale {
		e.file, e.err, e.fetched = old.file, nil, old.fetched
	}
	return e, nil
}

// makeRoom forgets expired files, and any where that is not enough.
func (c *robotsCache) makeRoom() {
	if len(c.entries) < robotsHosts {
		return
	}
	now := c.clock.now()
	for _, evenFresh := range []bool{false, true} {
		for k, e := range c.entries {
			select {
			case <-e.ready:
				if len(c.entries) >= robotsHosts && (evenFresh || now.After(e.expires)) {
					delete(c.entries, k)
				}
			default:
			}
		}
	}
}

// robots returns the rules for u, or why nothing may be fetched.
func (t *transport) robots(ctx context.Context, u *url.URL) (robotsGroup, error) {
	key := robotsKey{origin: u.Scheme + "://" + u.Host, proxy: t.proxyName, private: t.private}
	e, err := t.crawler.robots.get(ctx, key, func(ctx context.Context) (*robotsFile, time.Duration, error) {
		return t.fetchRobots(ctx, u)
	})
	if err != nil {
		return robotsGroup{}, err
	}
	if e.err != nil {
		var fe *FetchError
		if !errors.As(e.err, &fe) {
			return robotsGroup{}, e.err
		}
		again := *fe
		again.Retry = again.Retry || again.Reason == ReasonRobotsUnreachable
		if again.Retry && again.RetryAfter == 0 {
			again.RetryAfter = max(e.expires.Sub(t.crawler.clock.now()), time.Second)
		}
		return robotsGroup{}, &again
	}
	return e.file.group(t.tokens), nil
}

// permitted returns the rules for u where they allow it.
func (t *transport) permitted(ctx context.Context, u *url.URL) (robotsGroup, error) {
	rules, err := t.robots(ctx, u)
	if err == nil && !rules.allowed(u) {
		err = &FetchError{Outcome: markwatch.PageRobots, Reason: ReasonRobots, Err: fmt.Errorf("robots.txt of %s forbids %s", u.Host, u.RequestURI())}
	}
	return rules, err
}

// fetchRobots asks for a file and says how long the answer counts. Any 4xx
// means that there are no rules; 429, 5xx and silence forbid everything for a
// time (RFC 9309 section 2.3.1).
func (t *transport) fetchRobots(ctx context.Context, u *url.URL) (*robotsFile, time.Duration, error) {
	next := &url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/robots.txt"}
	via := ""
	for range robotsRedirects + 1 {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, next.String(), nil)
		if err != nil {
			return &robotsFile{}, robotsFresh, nil //nolint:nilerr // an address that cannot be asked for holds no rules
		}
		req.Header.Set("User-Agent", t.userAgent)
		a, err := t.exchange(req, &hop{via: via, robots: true}, robotsMost+1, 0)
		if err != nil {
			return t.noRobots(err)
		}
		switch {
		case a.status >= 200 && a.status < 300:
			return parseRobots(a.body), robotsFresh, nil
		case a.status >= 300 && a.status < 400:
			to, err := next.Parse(a.header.Get("Location"))
			if err != nil || a.header.Get("Location") == "" || to.Scheme != "http" && to.Scheme != "https" || to.Host == "" {
				return &robotsFile{}, robotsFresh, nil //nolint:nilerr // a redirect to nowhere leaves no file, which means no rules
			}
			next, via = to, a.url
		case a.status >= 400 && a.status < 500 && a.status != http.StatusTooManyRequests:
			return &robotsFile{}, robotsFresh, nil
		default:
			return nil, robotsRetry, &FetchError{
				Outcome: markwatch.PageRobots, Reason: ReasonRobotsUnreachable, Retry: true,
				Err: fmt.Errorf("%s answers with %d", next, a.status),
			}
		}
	}
	return &robotsFile{}, robotsFresh, nil
}

// noRobots deals with a file that gave no answer. The reason stays that of the
// connection, since the pages are out of reach for the same one.
func (t *transport) noRobots(err error) (*robotsFile, time.Duration, error) {
	var fe *FetchError
	if errors.As(err, &fe) {
		switch fe.Reason {
		case ReasonCanceled, ReasonBackingOff, ReasonCapture:
			return nil, 0, fe
		case ReasonCoding, ReasonBomb, ReasonNotText, ReasonTooLarge, ReasonMalformed:
			return &robotsFile{}, robotsFresh, nil
		}
	}
	return nil, t.crawler.cfg.RetryWait, err
}
