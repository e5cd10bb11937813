package render

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

// TestProxyServesItsPageAlone asks a page's proxy as another program on the
// machine would.
func TestProxyServesItsPageAlone(t *testing.T) {
	w := newTown()
	w.serve(t, "shop.test", html("<p>here</p>"))
	g, err := openGate(t.Context(), "127.0.0.1", Limits{}.filled(), w.dial, nil, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	defer g.close()
	ask := func(user *url.Userinfo) int {
		client := &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(&url.URL{Scheme: "http", User: user, Host: "127.0.0.1:" + g.port()})}}
		defer client.CloseIdleConnections()
		r, err := client.Get("http://shop.test/")
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		return r.StatusCode
	}
	for _, user := range []*url.Userinfo{nil, url.User(proxyUser), url.UserPassword(proxyUser, "guess"), url.UserPassword("", g.token)} {
		if got := ask(user); got != http.StatusProxyAuthRequired {
			t.Errorf("%v: %d", user, got)
		}
	}
	if len(w.dialed) != 0 {
		t.Errorf("dialed %v for a stranger", w.dialed)
	}
	if got := ask(url.UserPassword(proxyUser, g.token)); got != http.StatusOK {
		t.Errorf("the page itself gets %d", got)
	}
}

func TestDestination(t *testing.T) {
	for _, c := range [...]struct{ head, want string }{
		{"CONNECT shop.test:443 HTTP/1.1\r\nHost: shop.test:443", "shop.test:443"},
		{"CONNECT SHOP.test:8443 HTTP/1.1\r\nHost: x", "shop.test:8443"},
		{"CONNECT [::1]:443 HTTP/1.1\r\nHost: x", "[::1]:443"},
		{"GET http://shop.test/a?b HTTP/1.1\r\nHost: other.test", "shop.test:80"},
		{"GET http://shop.test:81/ HTTP/1.1\r\nHost: shop.test", "shop.test:81"},
		{"GET / HTTP/1.1\r\nHost: shop.test", ""},
		{"GET https://shop.test/ HTTP/1.1\r\nHost: shop.test", ""},
		{"GET ftp://shop.test/ HTTP/1.1\r\nHost: shop.test", ""},
		{"CONNECT shop.test HTTP/1.1\r\nHost: shop.test", ""},
		{"CONNECT shop.test:0 HTTP/1.1\r\nHost: shop.test", ""},
		{"CONNECT shop.test:65536 HTTP/1.1\r\nHost: shop.test", ""},
		{"CONNECT shop.test:https HTTP/1.1\r\nHost: shop.test", ""},
		{"CONNECT [fe80::1%25eth0]:443 HTTP/1.1\r\nHost: x", ""},
		{"CONNECT " + strings.Repeat("a", 300) + ":443 HTTP/1.1\r\nHost: x", ""},
	} {
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(c.head + "\r\n\r\n")))
		if err != nil {
			if c.want != "" {
				t.Errorf("%s: %v", c.head, err)
			}
			continue
		}
		host, port, err := destination(r)
		got := ""
		if err == nil {
			got = address(&url.URL{Scheme: "http", Host: net.JoinHostPort(host, strconv.Itoa(port))})
		}
		if got != c.want {
			t.Errorf("%s: %q, %v", c.head, got, err)
		}
	}
}

// FuzzDestination feeds the proxy what a hostile program on the machine might.
func FuzzDestination(f *testing.F) {
	for _, seed := range []string{
		"CONNECT shop.test:443 HTTP/1.1\r\nHost: shop.test:443\r\n\r\n",
		"GET http://shop.test/ HTTP/1.1\r\nHost: shop.test\r\nProxy-Authorization: Basic eDp5\r\n\r\n",
		"GET / HTTP/1.0\r\n\r\n", "CONNECT [::1]:1 HTTP/1.1\r\n\r\n", "GET http://[::1%25x]:80/ HTTP/1.1\r\nHost: y\r\n\r\n",
	} {
		f.Add([]byte(seed))
	}
	g := &gate{ctx: context.Background(), limits: Limits{}.filled(), token: "secret"}
	g.server = &http.Server{}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(data)))
		if err != nil {
			return
		}
		if host, port, err := destination(r); err == nil {
			addr := net.JoinHostPort(host, strconv.Itoa(port))
			h, p, err := net.SplitHostPort(addr)
			if err != nil || h != host || p != strconv.Itoa(port) || port < 1 || port > 65535 || strings.ContainsAny(host, "/@?#% \r\n") {
				t.Errorf("%q leads to %q", data, addr)
			}
		}
		known := g.known(r.Header.Get("Proxy-Authorization"))
		if known && !strings.Contains(r.Header.Get("Proxy-Authorization"), base64.StdEncoding.EncodeToString([]byte(proxyUser+":secret"))) {
			t.Errorf("%q is let in", data)
		}
		if !known {
			w := httptest.NewRecorder()
			g.ServeHTTP(w, r)
			if _, _ = io.Copy(io.Discard, w.Body); w.Code != http.StatusProxyAuthRequired {
				t.Errorf("%q gets %d", data, w.Code)
			}
		}
	})
}
