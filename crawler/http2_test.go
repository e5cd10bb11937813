package crawler

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
)

// secureSite starts a TLS server that speaks HTTP/2 where both is set.
func secureSite(t *testing.T, both bool, h http.HandlerFunc) (base string, cfg *tls.Config) {
	t.Helper()
	srv := httptest.NewUnstartedServer(withoutRobots(h))
	srv.EnableHTTP2 = both
	srv.StartTLS()
	t.Cleanup(srv.Close)
	roots := x509.NewCertPool()
	roots.AddCert(srv.Certificate())
	return srv.URL, &tls.Config{RootCAs: roots}
}

func TestHTTP2(t *testing.T) {
	zipped := gzipped([]byte(smallPage))
	site := func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/from":
			http.Redirect(w, r, "/page", http.StatusFound)
		case "/endless":
			for {
				if _, err := w.Write(bytes.Repeat([]byte("a"), 8<<10)); err != nil {
					return
				}
			}
		case "/slow":
			fmt.Fprint(w, "<html>")
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		case "/broken":
			fmt.Fprint(w, "<html>half")
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		case "/headers":
			for i := range 400 {
				w.Header().Set(fmt.Sprintf("X-Pad-%d", i), strings.Repeat("a", 1000))
			}
		case "/secret":
			t.Error("a forbidden address was asked for")
		default:
			if r.Header.Get("If-None-Match") != "" {
				w.WriteHeader(http.StatusNotModified)
				return
			}
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(zipped)
		}
	}
	for _, c := range []struct {
		name, wanted string
		both         bool
		protocol     string
	}{
		{"chosen, and spoken there", "2", true, "h2"},
		{"chosen, and not spoken there", "2", false, "http/1.1"},
		{"not chosen", "", true, "http/1.1"},
		{"1.1 chosen", "1.1", true, "http/1.1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			base, roots := secureSite(t, c.both, site)
			rec := &tape{}
			src := loopback()
			src.Request.HTTP = c.wanted
			s := open(t, newCrawler(t, Config{Recorder: rec, TLS: roots, MaxBody: 64 << 10, Timeout: time.Minute}), src)
			page, err := s.Fetch(t.Context(), Request{URL: base + "/from"})
			if err != nil || string(page.Body) != smallPage || page.FinalURL != base+"/page" {
				t.Fatalf("%+v, %v", page, err)
			}
			ex := rec.of("/page")[0]
			if ex.Protocol != c.protocol || ex.Reconstructed != (c.protocol == "h2") || ex.IP != "127.0.0.1" || ex.Via != base+"/from" {
				t.Errorf("protocol %q, reconstructed %v, IP %q, via %q", ex.Protocol, ex.Reconstructed, ex.IP, ex.Via)
			}
			if len(ex.Certificates) != 1 || ex.TLSVersion != "TLS 1.3" || ex.CipherSuite == "" {
				t.Errorf("%d certificates, %s, %s", len(ex.Certificates), ex.TLSVersion, ex.CipherSuite)
			} else if _, err := x509.ParseCertificate(ex.Certificates[0]); err != nil {
				t.Error(err)
			}
			// Whatever the protocol, the record reads as HTTP/1.1.
			req, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(ex.Request)))
			if err != nil || req.Host != strings.TrimPrefix(base, "https://") || req.URL.Path != "/page" || req.UserAgent() != "markwatch/1.0" || req.Header.Get("Accept-Encoding") != acceptEncoding {
				t.Fatalf("request %q: %v", ex.Request, err)
			}
			res, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(ex.Response)), req)
			if err != nil {
				t.Fatalf("response %q: %v", ex.Response, err)
			}
			defer res.Body.Close()
			if got, err := io.ReadAll(res.Body); err != nil || !bytes.Equal(got, zipped) || res.Header.Get("Content-Encoding") != "gzip" || len(res.TransferEncoding) != 0 {
				t.Errorf("the coded payload was not kept: %q, %v", got, err)
			}
			if page, err := s.Fetch(t.Context(), Request{URL: base + "/page", ETag: `"1"`}); err != nil || !page.Unchanged {
				t.Errorf("conditional: %v", err)
			}
		})
	}

	t.Run("faults", func(t *testing.T) {
		base, roots := secureSite(t, true, site)
		rec := &tape{}
		src := loopback()
		src.Request.HTTP = "2"
		cfg := Config{Recorder: rec, TLS: roots, MaxBody: 64 << 10, Timeout: time.Minute}
		s := open(t, newCrawler(t, cfg), src)
		page, err := s.Fetch(t.Context(), Request{URL: base + "/endless"})
		if err != nil || !page.Truncated || len(page.Body) != 64<<10 || rec.of("/endless")[0].Truncated != "length" {
			t.Errorf("endless: %v", err)
		}
		hurried := cfg
		hurried.Timeout = 300 * time.Millisecond
		page, err = open(t, newCrawler(t, hurried), src).Fetch(t.Context(), Request{URL: base + "/slow"})
		if fe := mustFail(t, page, err); fe.Reason != ReasonTimeout {
			t.Errorf("slow: %v", fe)
		}
		for path, reason := range map[string]string{"/broken": ReasonDisconnected, "/headers": ReasonMalformed} {
			page, err := s.Fetch(t.Context(), Request{URL: base + path})
			if fe := mustFail(t, page, err); fe.Reason != reason {
				t.Errorf("%s: %s (%v); want %s", path, fe.Reason, fe, reason)
			}
		}
	})
	t.Run("robots.txt", func(t *testing.T) {
		srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/robots.txt" {
				fmt.Fprint(w, "User-agent: *\nDisallow: /secret")
				return
			}
			site(w, r)
		}))
		srv.EnableHTTP2 = true
		srv.StartTLS()
		t.Cleanup(srv.Close)
		roots := x509.NewCertPool()
		roots.AddCert(srv.Certificate())
		src := loopback()
		src.Request.HTTP = "2"
		s := open(t, newCrawler(t, Config{TLS: &tls.Config{RootCAs: roots}}), src)
		page, err := s.Fetch(t.Context(), Request{URL: srv.URL + "/secret"})
		if fe := mustFail(t, page, err); fe.Reason != ReasonRobots {
			t.Errorf("%v", fe)
		}
	})
	t.Run("private addresses", func(t *testing.T) {
		base, roots := secureSite(t, true, site)
		src := loopback()
		src.Request.HTTP, src.PrivateAddresses = "2", ""
		s := open(t, newCrawler(t, Config{TLS: roots}), src)
		page, err := s.Fetch(t.Context(), Request{URL: base + "/page"})
		if fe := mustFail(t, page, err); fe.Reason != ReasonPrivate {
			t.Errorf("%v", fe)
		}
	})
	t.Run("through a proxy", func(t *testing.T) {
		base, roots := secureSite(t, true, site)
		via, used := forward(t)
		src := loopback()
		src.Request.HTTP, src.Request.Proxy = "2", via
		rec := &tape{}
		s := open(t, newCrawler(t, Config{TLS: roots, Recorder: rec}), src)
		if _, err := s.Fetch(t.Context(), Request{URL: base + "/page"}); err != nil || used.Load() == 0 {
			t.Fatalf("%v, the proxy was used %d times", err, used.Load())
		}
		if ex := rec.of("/page")[0]; ex.Protocol != "h2" || ex.IP != "" || len(ex.Certificates) != 1 {
			t.Errorf("%s, %q", ex.Protocol, ex.IP)
		}
	})
}

// TestDialContext is what a browser's connections go through.
func TestDialContext(t *testing.T) {
	base := serve(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, smallPage) })
	names := resolverFor(t, map[string]string{"shop.test": "127.0.0.1"})
	addr := "shop.test:" + port(t, base)
	c := newCrawler(t, Config{Resolver: names})
	closed := loopback()
	closed.PrivateAddresses = ""
	via, used := forward(t)
	proxied, refused := loopback(), loopback()
	proxied.Request.Proxy, refused.Request.Proxy = via, via
	refused.PrivateAddresses = ""
	wrong := loopback()
	wrong.Request.Proxy = "ftp://h:1"
	for _, x := range []struct {
		name   string
		src    *markwatch.Source
		reason string
	}{{"allowed", loopback(), ""}, {"refused after the name was resolved", closed, ReasonPrivate}, {"through the proxy", proxied, ""}, {"refused before the proxy", refused, ReasonPrivate}} {
		conn, err := c.DialContext(x.src)(t.Context(), "tcp", strings.Replace(addr, "shop.test", map[bool]string{true: "127.0.0.1", false: "shop.test"}[x.name == "through the proxy"], 1))
		if err == nil {
			conn.Close()
		}
		if x.reason == "" {
			if err != nil {
				t.Errorf("%s: %v", x.name, err)
			}
			continue
		}
		if fe := mustFail(t, nil, err); fe.Reason != x.reason {
			t.Errorf("%s: %v", x.name, fe)
		}
	}
	if used.Load() != 1 {
		t.Errorf("the proxy was used %d times", used.Load())
	}
	if _, err := c.DialContext(wrong)(t.Context(), "tcp", addr); markwatch.ErrorCode(err) != markwatch.CodeInvalid {
		t.Errorf("a proxy that is none: %v", err)
	}
	c.public = func(a netip.Addr) bool { return a.IsLoopback() }
	if conn, err := c.DialContext(closed)(t.Context(), "tcp", addr); err != nil {
		t.Errorf("a public address: %v", err)
	} else {
		conn.Close()
	}
}
