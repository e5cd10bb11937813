package crawler

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"sync"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/canonical"
)

// Blocked says that the page just seen was a wall: requests to the session's
// host go out more slowly from now on. The first wall adds the host's own delay
// (100 ms at least), each further one doubles what was added, to a minute at
// most; good answers take it back.
func (s *Session) Blocked() {
	t := s.transport
	s.pace().walled(t.delay)
}

// Release is the instant before which the next request to the session's host
// must not go out, in UTC: the last one's and the delay that is in force, or the
// end of a pause that the server asked for. Whoever takes the host over passes
// it to NotBefore. It is zero where nothing was asked yet.
func (s *Session) Release() time.Time {
	at := s.pace().release(s.transport.delay)
	if at.IsZero() {
		return at
	}
	return at.UTC().Round(0)
}

// NotBefore keeps requests to the session's host back until at, a day at most.
// A wait longer than the host's own delay is not sat out: Fetch gives it back
// as backing-off.
func (s *Session) NotBefore(at time.Time) { s.pace().notBefore(at) }

func (s *Session) pace() *pace { return s.transport.crawler.paces.of(s.host) }

// Allowed tells whether an address may be asked for at all: it is an http or
// https address and the robots.txt of its host, which may be fetched for it,
// permits it. The error is a *FetchError. Private addresses are refused where
// the connection is made.
func (s *Session) Allowed(ctx context.Context, address string) error {
	_, err := s.allowed(ctx, address)
	return err
}

func (s *Session) allowed(ctx context.Context, address string) (robotsGroup, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return robotsGroup{}, failed(ReasonAddress, false, fmt.Errorf("%q is no http or https address", address))
	}
	if !s.transport.obey {
		return robotsGroup{}, nil
	}
	rules, err := s.transport.permitted(ctx, u)
	if err != nil {
		return robotsGroup{}, classify(ctx, err)
	}
	return rules, nil
}

// Turn waits until the pace of the address's host lets a request go out, as
// Fetch would, for those who send it themselves: the caller has Allowed behind
// it, sends at once, and calls done when its answer is there. The error is a
// *FetchError.
func (s *Session) Turn(ctx context.Context, address string) (done func(), err error) {
	rules, err := s.allowed(ctx, address)
	if err != nil {
		return nil, err
	}
	t := s.transport
	visit, err := t.crawler.paces.of(canonical.Host(address)).enter(ctx, max(t.delay, rules.delay), t.parallel)
	if err != nil {
		return nil, classify(ctx, err)
	}
	visit.sent()
	return sync.OnceFunc(visit.leave), nil
}

// DialContext returns how connections for a source are made by a program that
// stands between it and its sites: through the source's proxy, and to public
// addresses only, held after the name was resolved, unless the source allows
// others. Errors are those of Fetch; faults of the source's proxy are told by
// the first call.
func (c *Crawler) DialContext(src *markwatch.Source) func(ctx context.Context, network, addr string) (net.Conn, error) {
	t := &transport{crawler: c, source: src.ID, private: src.PrivateAddresses == "allow"}
	err := t.setProxy(src.Request.Proxy)
	var through dialFunc
	if err == nil {
		_, through, err = t.dialers()
	}
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		if err != nil {
			return nil, inSource(src, err)
		}
		if t.proxy != nil {
			host, _, err := net.SplitHostPort(addr)
			if err != nil {
				return nil, failed(ReasonAddress, false, err)
			}
			if err := t.judgeHost(ctx, host); err != nil {
				return nil, err
			}
		}
		conn, err := through(ctx, network, addr)
		if err != nil {
			return nil, classify(ctx, err)
		}
		return conn, nil
	}
}
