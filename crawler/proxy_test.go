package crawler

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// forward starts an HTTP proxy that wants user and password.
func forward(t *testing.T) (address string, used *atomic.Int64) {
	t.Helper()
	used = &atomic.Int64{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Proxy-Authorization") != "Basic dXNlcjpwYXNz" {
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		used.Add(1)
		if r.Method == http.MethodConnect {
			up, err := net.Dial("tcp", r.Host)
			if err != nil {
				w.WriteHeader(http.StatusBadGateway)
				return
			}
			down, buffered, err := w.(http.Hijacker).Hijack()
			if err != nil {
				up.Close()
				return
			}
			fmt.Fprint(down, "HTTP/1.1 200 Connection established\r\n\r\n")
			go func() { io.Copy(up, buffered); up.Close() }()
			io.Copy(down, up)
			down.Close()
			return
		}
		r.RequestURI = ""
		res, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer res.Body.Close()
		w.WriteHeader(res.StatusCode)
		io.Copy(w, res.Body)
	}))
	t.Cleanup(srv.Close)
	return strings.Replace(srv.URL, "http://", "http://user:pass@", 1), used
}

func TestProxyAndTLS(t *testing.T) {
	page := withoutRobots(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, smallPage) })
	plain, secure := httptest.NewServer(page), httptest.NewTLSServer(page)
	t.Cleanup(plain.Close)
	t.Cleanup(secure.Close)
	roots := x509.NewCertPool()
	roots.AddCert(secure.Certificate())
	proxy, used := forward(t)
	for _, via := range []string{"", proxy} {
		rec := &tape{}
		src := loopback()
		src.Request.Proxy = via
		s := open(t, newCrawler(t, Config{Recorder: rec, TLS: &tls.Config{RootCAs: roots}}), src)
		for _, base := range []string{plain.URL, secure.URL} {
			got, err := s.Fetch(t.Context(), Request{URL: base + "/page"})
			if err != nil || string(got.Body) != smallPage {
				t.Fatalf("%s through %q: %v", base, via, err)
			}
		}
		wantIP := "127.0.0.1"
		if via != "" {
			wantIP = "" // the proxy's address says nothing of the site
		}
		kept := rec.of("/page")
		for _, ex := range kept {
			if ex.IP != wantIP || !bytes.HasSuffix(ex.Response, []byte(smallPage)) || !bytes.HasPrefix(ex.Request, []byte("GET ")) || bytes.Contains(ex.Request, []byte("Proxy-")) {
				t.Errorf("captured from %q: %q", ex.IP, ex.Request)
			}
		}
		if len(kept) != 2 {
			t.Errorf("%d captures", len(kept))
		}
	}
	if used.Load() < 3 {
		t.Errorf("the proxy was used %d times", used.Load())
	}
	t.Run("private targets are refused before the proxy is asked", func(t *testing.T) {
		used.Store(0)
		src := loopback()
		src.Request.Proxy, src.PrivateAddresses = proxy, ""
		s := open(t, newCrawler(t, Config{Resolver: resolverFor(t, map[string]string{"shop.test": "10.0.0.1"})}), src)
		for _, address := range []string{plain.URL, "http://shop.test/", "https://shop.test/"} {
			got, err := s.Fetch(t.Context(), Request{URL: address})
			if fe := mustFail(t, got, err); fe.Reason != ReasonPrivate {
				t.Errorf("%s: %v", address, fe)
			}
		}
		if used.Load() != 0 {
			t.Errorf("the proxy was asked %d times", used.Load())
		}
	})
	t.Run("a proxy that refuses", func(t *testing.T) {
		src := loopback()
		src.Request.Proxy = strings.Replace(proxy, "pass", "wrong", 1)
		s := open(t, newCrawler(t, Config{}), src)
		got, err := s.Fetch(t.Context(), Request{URL: secure.URL})
		if fe := mustFail(t, got, err); fe.Reason != ReasonConnect || strings.Contains(fe.Error(), "wrong") {
			t.Errorf("%v", fe)
		}
		if _, err = s.Fetch(t.Context(), Request{URL: plain.URL}); err == nil || !strings.Contains(err.Error(), "http-407") {
			t.Errorf("%v", err)
		}
	})
}
