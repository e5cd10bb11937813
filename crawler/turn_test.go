package crawler

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/canonical"
)

func openHost(t *testing.T, c *Crawler, src *markwatch.Source, base string) *Session {
	t.Helper()
	s, err := c.Host(src, canonical.Host(base+"/"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// TestWallsSlowTheHost counts what each wall adds to the delay, at the server.
func TestWallsSlowTheHost(t *testing.T) {
	for _, c := range []struct {
		name  string
		delay time.Duration
		want  []time.Duration // the least wait before each request
	}{
		{"with a delay", 2 * time.Second, []time.Duration{2, 4, 6, 10, 18, 34, 62, 62}},
		{"without one", 0, []time.Duration{0, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			clock := newFakeClock()
			var at []time.Time
			base := serve(t, func(w http.ResponseWriter, r *http.Request) { at = append(at, clock.now()) })
			cr := newCrawler(t, Config{})
			cr.setClock(clock.clock())
			src := loopback()
			d := markwatch.Duration(c.delay)
			src.Politeness = markwatch.Politeness{Delay: &d, Parallel: 1}
			s := openHost(t, cr, src, base)
			ask := func(n int) time.Duration {
				t.Helper()
				if _, err := s.Fetch(t.Context(), Request{URL: fmt.Sprintf("%s/%d", base, n)}); err != nil {
					t.Fatal(err)
				}
				if len(at) < 2 {
					return 0
				}
				return at[len(at)-1].Sub(at[len(at)-2])
			}
			ask(0)
			if c.delay == 0 {
				s.Blocked()
				s.Blocked()
				if got := ask(1); got < 200*time.Millisecond || got > 250*time.Millisecond {
					t.Errorf("two walls add %v to no delay", got)
				}
			}
			for i, want := range c.want {
				if got := ask(i + 1); c.delay > 0 && (got < want*time.Second || got > want*time.Second*12/10+1) {
					t.Errorf("request %d came after %v; want %d s", i, got, want)
				}
				if c.delay > 0 {
					s.Blocked()
				}
			}
			for i := range 80 {
				ask(100 + i)
			}
			if got := ask(1000); got > c.delay*12/10+1 {
				t.Errorf("still slow after many good answers: %v", got)
			}
		})
	}
}

// TestHandOver has another process take the host over.
func TestHandOver(t *testing.T) {
	clock := newFakeClock()
	var at []time.Time
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			fmt.Fprint(w, "User-agent: *\nCrawl-delay: 30")
			return
		}
		at = append(at, clock.now())
		if r.URL.Path == "/busy" {
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(srv.Close)
	process := func() *Session {
		c := newCrawler(t, Config{})
		c.setClock(clock.clock())
		src := loopback()
		second := markwatch.Duration(time.Second)
		src.Politeness.Delay = &second
		return openHost(t, c, src, srv.URL)
	}
	first := process()
	if !first.Release().IsZero() {
		t.Errorf("before anything was asked: %v", first.Release())
	}
	if _, err := first.Fetch(t.Context(), Request{URL: srv.URL + "/1"}); err != nil {
		t.Fatal(err)
	}
	if got := first.Release(); got != at[0].Add(30*time.Second) || got.Location() != time.UTC {
		t.Errorf("released at %v; the request was sent at %v", got, at[0])
	}
	second := process()
	second.NotBefore(first.Release())
	// It has not read robots.txt yet, and so knows of no such delay.
	fe := mustFail(t, nil, second.Allowed(t.Context(), srv.URL+"/2"))
	if fe.Reason != ReasonBackingOff || fe.RetryAfter <= 29*time.Second {
		t.Errorf("before the host was released: %v, again after %v", fe, fe.RetryAfter)
	}
	clock.advance(fe.RetryAfter)
	if _, err := second.Fetch(t.Context(), Request{URL: srv.URL + "/2"}); err != nil {
		t.Fatal(err)
	}
	if gap := at[1].Sub(at[0]); gap < 30*time.Second {
		t.Errorf("the second process came %v after the first", gap)
	}
	if _, err := second.Fetch(t.Context(), Request{URL: srv.URL + "/busy"}); err == nil {
		t.Fatal("no error for a 503")
	}
	third := process()
	third.NotBefore(second.Release())
	_, err := third.Fetch(t.Context(), Request{URL: srv.URL + "/3"})
	if !errors.As(err, &fe) || fe.Reason != ReasonBackingOff || fe.RetryAfter < 59*time.Minute || len(at) != 3 {
		t.Errorf("during the pause that the server asked another process for: %v, %d requests", err, len(at))
	}
}

// TestTurn is how a browser's requests keep the pace.
func TestTurn(t *testing.T) {
	clock := newFakeClock()
	site := &robotsSite{status: 200, file: "User-agent: *\nDisallow: /secret"}
	srv := httptest.NewServer(site)
	t.Cleanup(srv.Close)
	c := newCrawler(t, Config{})
	c.setClock(clock.clock())
	src := loopback()
	two := markwatch.Duration(2 * time.Second)
	src.Politeness = markwatch.Politeness{Delay: &two, Parallel: 1}
	s := openHost(t, c, src, srv.URL)
	var at []time.Time
	for i := range 4 {
		if i%2 == 0 {
			if _, err := s.Fetch(t.Context(), Request{URL: srv.URL + "/a"}); err != nil {
				t.Fatal(err)
			}
			at = append(at, s.pace().last)
			continue
		}
		done, err := s.Turn(t.Context(), srv.URL+"/b")
		if err != nil {
			t.Fatal(err)
		}
		at = append(at, clock.now())
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := s.Turn(ctx, srv.URL+"/c"); mustFail(t, nil, err).Reason != ReasonCanceled {
			t.Errorf("a second turn beside the first: %v", err)
		}
		done()
		done()
	}
	if !slices.IsSortedFunc(at, func(a, b time.Time) int { return a.Add(2 * time.Second).Compare(b) }) {
		t.Errorf("requests and turns at %v", at)
	}
	if s.pace().active != 0 {
		t.Errorf("%d places are lost", s.pace().active)
	}
	for address, reason := range map[string]string{srv.URL + "/secret": ReasonRobots, "data:text/html,x": ReasonAddress, "file:///etc/passwd": ReasonAddress, "http://": ReasonAddress} {
		if fe := mustFail(t, nil, s.Allowed(t.Context(), address)); fe.Reason != reason {
			t.Errorf("%s: %v", address, fe)
		}
		if _, err := s.Turn(t.Context(), address); mustFail(t, nil, err).Reason != reason {
			t.Errorf("a turn for %s: %v", address, err)
		}
	}
	if err := s.Allowed(t.Context(), srv.URL+"/open"); err != nil {
		t.Error(err)
	}
	src.Politeness.Robots = "ignore"
	if err := openHost(t, c, src, srv.URL).Allowed(t.Context(), srv.URL+"/secret"); err != nil {
		t.Errorf("a source that ignores robots.txt: %v", err)
	}
}
