package crawler

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/markwatch/markwatch"
)

// tape keeps what was recorded.
type tape struct {
	mu        sync.Mutex
	exchanges []markwatch.Exchange
	fail      error
}

func (r *tape) Record(_ context.Context, ex *markwatch.Exchange) (markwatch.Capture, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fail != nil {
		return markwatch.Capture{}, r.fail
	}
	kept := *ex
	kept.Request, kept.Response = bytes.Clone(ex.Request), bytes.Clone(ex.Response)
	r.exchanges = append(r.exchanges, kept)
	_, payload, _ := bytes.Cut(ex.Response, []byte("\r\n\r\n"))
	return markwatch.Capture{Snapshot: "tape#" + kept.URL, URL: kept.URL, At: kept.At, PayloadDigest: fmt.Sprintf("sha256:%x", sha256.Sum256(payload))}, nil
}

// of returns the exchanges of the addresses that end in suffix.
func (r *tape) of(suffix string) []markwatch.Exchange {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []markwatch.Exchange
	for _, ex := range r.exchanges {
		if strings.HasSuffix(ex.URL, suffix) {
			out = append(out, ex)
		}
	}
	return out
}

func noDelay() markwatch.Politeness {
	none := markwatch.Duration(0)
	return markwatch.Politeness{Delay: &none, Parallel: 4}
}

// loopback is a source whose site is a test server on this machine.
func loopback() *markwatch.Source {
	return &markwatch.Source{ID: "test", Kind: markwatch.KindSite, PrivateAddresses: "allow", Politeness: noDelay()}
}

func newCrawler(t testing.TB, cfg Config) *Crawler {
	t.Helper()
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func open(t testing.TB, c *Crawler, src *markwatch.Source) *Session {
	t.Helper()
	s, err := c.Host(src, "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// serve starts a test site that has no robots.txt unless h serves one.
func serve(t testing.TB, h http.HandlerFunc) string {
	t.Helper()
	srv := httptest.NewServer(withoutRobots(h))
	t.Cleanup(srv.Close)
	return srv.URL
}

func withoutRobots(h http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			http.NotFound(w, r)
			return
		}
		h(w, r)
	})
}

// raw starts a server that answers each connection with exact bytes and closes it.
func raw(t testing.TB, answer func(path string) string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				buf := make([]byte, 4096)
				n, _ := conn.Read(buf)
				fields := strings.Fields(string(buf[:n]))
				if len(fields) < 2 {
					return
				}
				if fields[1] == "/robots.txt" {
					conn.Write([]byte("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"))
					return
				}
				conn.Write([]byte(answer(fields[1])))
			}()
		}
	}()
	return "http://" + l.Addr().String()
}

func mustFail(t *testing.T, page *markwatch.Page, err error) *FetchError {
	t.Helper()
	var fe *FetchError
	if !errors.As(err, &fe) {
		t.Fatalf("got page %v and error %v; want a FetchError", page != nil, err)
	}
	if page != nil {
		t.Fatal("a page and an error")
	}
	return fe
}

// resolverFor answers every name with one address, or with NXDOMAIN where the
// name is not listed.
func resolverFor(t *testing.T, names map[string]string) *net.Resolver {
	t.Helper()
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pc.Close() })
	go func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := pc.ReadFrom(buf)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buf[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			q := m.Questions[0]
			m.Response = true
			m.Additionals = nil
			ip, ok := names[strings.TrimSuffix(q.Name.String(), ".")]
			switch {
			case !ok:
				m.RCode = dnsmessage.RCodeNameError
			case q.Type == dnsmessage.TypeA:
				m.Answers = []dnsmessage.Resource{{
					Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: 1},
					Body:   &dnsmessage.AResource{A: netip.MustParseAddr(ip).As4()},
				}}
			}
			if out, err := m.Pack(); err == nil {
				pc.WriteTo(out, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", pc.LocalAddr().String())
	}}
}

// fakeClock jumps where others sleep.
type fakeClock struct {
	mu    sync.Mutex
	at    time.Time
	slept []time.Duration
}

func newFakeClock() *fakeClock { return &fakeClock{at: time.Date(2026, 11, 20, 2, 0, 0, 0, time.UTC)} }

func (f *fakeClock) clock() clock {
	return clock{now: f.now, sleep: func(ctx context.Context, d time.Duration) error {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.at = f.at.Add(d)
		f.slept = append(f.slept, d)
		return ctx.Err()
	}}
}

func (f *fakeClock) now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.at
}

func (f *fakeClock) advance(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.at = f.at.Add(d)
}

func port(t *testing.T, base string) string {
	t.Helper()
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	return u.Port()
}
