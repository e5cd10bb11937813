package crawler

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"github.com/markwatch/markwatch"
)

func gzipped(data []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write(data)
	w.Close()
	return b.Bytes()
}

func brotlied(data []byte) []byte {
	var b bytes.Buffer
	w := brotli.NewWriter(&b)
	w.Write(data)
	w.Close()
	return b.Bytes()
}

func zstded(data []byte) []byte {
	var b bytes.Buffer
	w, _ := zstd.NewWriter(&b)
	w.Write(data)
	w.Close()
	return b.Bytes()
}

const smallPage = "<html><title>t</title><body>鞋 ¥199</body></html>"

// TestFaults holds each row of the table in docs/crawling.md: what the server
// does and what becomes of the address. Each is one hop.
func TestFaults(t *testing.T) {
	const limit = 64 << 10
	for _, c := range []struct {
		name    string
		answer  http.HandlerFunc
		reason  string // "" is a page
		outcome markwatch.PageOutcome
		retry   bool
		check   func(t *testing.T, page *markwatch.Page, fe *FetchError, ex markwatch.Exchange)
	}{
		{name: "ordinary page", answer: func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, smallPage) },
			check: func(t *testing.T, p *markwatch.Page, _ *FetchError, _ markwatch.Exchange) {
				if string(p.Body) != smallPage || p.Status != 200 || p.Truncated {
					t.Errorf("page %+v", p)
				}
			}},
		{name: "404", answer: func(w http.ResponseWriter, r *http.Request) { http.Error(w, "gone fishing", 404) },
			reason: "http-404", outcome: markwatch.PageFailed,
			check: func(t *testing.T, _ *markwatch.Page, fe *FetchError, _ markwatch.Exchange) {
				if fe.Page == nil || !strings.Contains(string(fe.Page.Body), "gone fishing") || fe.Page.Snapshot == "" {
					t.Errorf("the answer is not kept: %+v", fe.Page)
				}
			}},
		{name: "410", answer: func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(410) }, reason: "http-410", outcome: markwatch.PageFailed},
		{name: "403", answer: func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(403) }, reason: "http-403", outcome: markwatch.PageFailed},
		{name: "401", answer: func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(401) }, reason: "http-401", outcome: markwatch.PageBlocked},
		{name: "500", answer: func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(500) }, reason: "http-500", outcome: markwatch.PageFailed, retry: true},
		{name: "503 with Retry-After", answer: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(503)
		}, reason: "http-503", outcome: markwatch.PageFailed, retry: true,
			check: func(t *testing.T, _ *markwatch.Page, fe *FetchError, _ markwatch.Exchange) {
				if fe.RetryAfter != 7*time.Second {
					t.Errorf("RetryAfter %v", fe.RetryAfter)
				}
			}},
		{name: "429 with a date", answer: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Date", "Fri, 20 Nov 2026 02:00:00 GMT")
			w.Header().Set("Retry-After", "Fri, 20 Nov 2026 02:05:00 GMT")
			w.WriteHeader(429)
		}, reason: "http-429", outcome: markwatch.PageBlocked, retry: true,
			check: func(t *testing.T, _ *markwatch.Page, fe *FetchError, _ markwatch.Exchange) {
				if fe.RetryAfter != 5*time.Minute {
					t.Errorf("RetryAfter %v", fe.RetryAfter)
				}
			}},
		{name: "redirect without a target", answer: func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(302) }, reason: "http-302", outcome: markwatch.PageFailed},
		{name: "endless body", answer: func(w http.ResponseWriter, r *http.Request) {
			for {
				if _, err := w.Write(bytes.Repeat([]byte("鞋"), 1000)); err != nil {
					return
				}
			}
		}, check: func(t *testing.T, p *markwatch.Page, _ *FetchError, ex markwatch.Exchange) {
			if !p.Truncated || len(p.Body) != limit || ex.Truncated != "length" {
				t.Errorf("truncated %v, %d bytes, capture %q", p.Truncated, len(p.Body), ex.Truncated)
			}
		}},
		{name: "slow body", answer: func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, "<html>the beginning")
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, reason: ReasonTimeout, outcome: markwatch.PageFailed, retry: true,
			check: func(t *testing.T, _ *markwatch.Page, fe *FetchError, ex markwatch.Exchange) {
				if fe.Page == nil || !strings.HasSuffix(string(fe.Page.Body), "the beginning") || !fe.Page.Truncated || ex.Truncated != "time" {
					t.Errorf("what came is lost: %+v, capture %q", fe.Page, ex.Truncated)
				}
			}},
		{name: "no answer", answer: func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, reason: ReasonTimeout, outcome: markwatch.PageFailed, retry: true},
		{name: "gzip", answer: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(gzipped([]byte(smallPage)))
		}, check: func(t *testing.T, p *markwatch.Page, _ *FetchError, ex markwatch.Exchange) {
			if string(p.Body) != smallPage || !bytes.Contains(ex.Response, gzipped([]byte(smallPage))) {
				t.Error("decoded or captured wrongly")
			}
		}},
		{name: "gzip declared, not done", answer: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			fmt.Fprint(w, smallPage)
		}, check: func(t *testing.T, p *markwatch.Page, _ *FetchError, _ markwatch.Exchange) {
			if string(p.Body) != smallPage {
				t.Errorf("body %q", p.Body)
			}
		}},
		{name: "deflate", answer: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "deflate")
			z := zlib.NewWriter(w)
			fmt.Fprint(z, smallPage)
			z.Close()
		}, check: func(t *testing.T, p *markwatch.Page, _ *FetchError, _ markwatch.Exchange) {
			if string(p.Body) != smallPage {
				t.Errorf("body %q", p.Body)
			}
		}},
		{name: "gzip bomb", answer: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(gzipped(make([]byte, 2<<20)))
		}, reason: ReasonBomb, outcome: markwatch.PageUndecodable},
		{name: "deflate bomb", answer: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "deflate")
			z := zlib.NewWriter(w)
			z.Write(make([]byte, 2<<20))
			z.Close()
		}, reason: ReasonBomb, outcome: markwatch.PageUndecodable},
		{name: "brotli", answer: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "br")
			w.Write(brotlied([]byte(smallPage)))
		}, check: func(t *testing.T, p *markwatch.Page, _ *FetchError, ex markwatch.Exchange) {
			if string(p.Body) != smallPage || !bytes.Contains(ex.Response, brotlied([]byte(smallPage))) {
				t.Error("decoded or captured wrongly")
			}
		}},
		{name: "brotli declared, not done", answer: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "br")
			fmt.Fprint(w, smallPage)
		}, check: func(t *testing.T, p *markwatch.Page, _ *FetchError, _ markwatch.Exchange) {
			if string(p.Body) != smallPage {
				t.Errorf("body %q", p.Body)
			}
		}},
		{name: "brotli bomb", answer: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "br")
			w.Write(brotlied(make([]byte, 1<<20)))
		}, reason: ReasonBomb, outcome: markwatch.PageUndecodable},
		{name: "zstd", answer: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "zstd")
			w.Write(zstded([]byte(smallPage)))
		}, check: func(t *testing.T, p *markwatch.Page, _ *FetchError, ex markwatch.Exchange) {
			if string(p.Body) != smallPage || !bytes.Contains(ex.Response, zstded([]byte(smallPage))) {
				t.Error("decoded or captured wrongly")
			}
		}},
		{name: "zstd declared, not done", answer: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "zstd")
			fmt.Fprint(w, smallPage)
		}, check: func(t *testing.T, p *markwatch.Page, _ *FetchError, _ markwatch.Exchange) {
			if string(p.Body) != smallPage {
				t.Errorf("body %q", p.Body)
			}
		}},
		{name: "zstd bomb", answer: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "zstd")
			z, _ := zstd.NewWriter(w)
			for range 4 {
				z.Write(make([]byte, 1<<20))
			}
			z.Close()
		}, reason: ReasonBomb, outcome: markwatch.PageUndecodable},
		{name: "zstd that asks for much memory", answer: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "zstd")
			// A frame header alone: no checksum, a window of 2 GiB.
			w.Write([]byte("\x28\xb5\x2f\xfd\x00\xa8\x01\x00\x00"))
		}, reason: ReasonCoding, outcome: markwatch.PageUndecodable},
		{name: "large page that compresses well", answer: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			var page bytes.Buffer
			for i := range 20000 {
				fmt.Fprintf(&page, "<li>item %d</li>", i*7919)
			}
			w.Write(gzipped(page.Bytes()))
		}, check: func(t *testing.T, p *markwatch.Page, _ *FetchError, _ markwatch.Exchange) {
			if !p.Truncated || len(p.Body) != limit {
				t.Errorf("truncated %v, %d bytes", p.Truncated, len(p.Body))
			}
		}},
		{name: "broken gzip", answer: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			data := gzipped(bytes.Repeat([]byte(smallPage), 50))
			data[15] ^= 0xff
			w.Write(data[:len(data)-3])
		}, reason: ReasonCoding, outcome: markwatch.PageUndecodable},
		{name: "unknown coding", answer: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "compress")
			fmt.Fprint(w, "\x1f\x9dhello")
		}, reason: ReasonCoding, outcome: markwatch.PageUndecodable},
		{name: "picture", answer: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "image/jpeg")
			w.Write(make([]byte, 4<<10))
		}, reason: ReasonNotText, outcome: markwatch.PageUndecodable},
		{name: "GBK bytes stay GBK", answer: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=gbk")
			w.Write([]byte("<p>\xc4\xcd\xbf\xcb</p>"))
		}, check: func(t *testing.T, p *markwatch.Page, _ *FetchError, _ markwatch.Exchange) {
			if string(p.Body) != "<p>\xc4\xcd\xbf\xcb</p>" || p.ContentType() != "text/html; charset=gbk" {
				t.Errorf("body %q of %s", p.Body, p.ContentType())
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			base := serve(t, c.answer)
			rec := &tape{}
			timeout := time.Minute
			if c.reason == ReasonTimeout {
				timeout = 100 * time.Millisecond
			}
			s := open(t, newCrawler(t, Config{Recorder: rec, MaxBody: limit, Timeout: timeout}), loopback())
			page, err := s.Fetch(t.Context(), Request{URL: base + "/page"})
			var ex markwatch.Exchange
			if kept := rec.of("/page"); len(kept) > 0 {
				ex = kept[len(kept)-1]
			} else if c.name != "no answer" {
				t.Fatal("nothing was captured")
			}
			if c.reason == "" {
				if err != nil {
					t.Fatal(err)
				}
				if page.Snapshot != "tape#"+base+"/page" {
					t.Errorf("snapshot %q", page.Snapshot)
				}
				c.check(t, page, nil, ex)
				return
			}
			fe := mustFail(t, page, err)
			if fe.Reason != c.reason || fe.Outcome != c.outcome || fe.Retry != c.retry {
				t.Fatalf("got %s, %s, retry %v (%v); want %s, %s, retry %v", fe.Reason, fe.Outcome, fe.Retry, fe, c.reason, c.outcome, c.retry)
			}
			if c.check != nil {
				c.check(t, nil, fe, ex)
			}
		})
	}
}

// TestWireFaults has servers that break HTTP itself.
func TestWireFaults(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
	for _, c := range []struct {
		name, answer, reason, cut string
		retry, page               bool
	}{
		{name: "length too large, page whole", answer: head + "Content-Length: 5000\r\n\r\n" + smallPage, cut: "disconnect", page: true},
		{name: "length too large, page cut", answer: head + "Content-Length: 5000\r\n\r\n<html><p>half a pa", reason: ReasonDisconnected, cut: "disconnect", retry: true},
		{name: "no length, closed at the end", answer: head + "\r\n" + smallPage, page: true},
		{name: "chunks that break off", answer: head + "Transfer-Encoding: chunked\r\n\r\n5\r\n<html\r\nff\r\n>", reason: ReasonDisconnected, cut: "disconnect", retry: true},
		{name: "chunks that are none", answer: head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n<html", reason: ReasonMalformed, cut: "disconnect"},
		{name: "not HTTP", answer: "SSH-2.0-OpenSSH_9.6\r\n", reason: ReasonMalformed},
		{name: "nothing", answer: "", reason: ReasonDisconnected, retry: true},
		{name: "length that is no number", answer: head + "Content-Length: many\r\n\r\n", reason: ReasonMalformed},
		{name: "endless header", answer: "HTTP/1.1 200 OK\r\n" + strings.Repeat("X-Pad: "+strings.Repeat("a", 1000)+"\r\n", 400), reason: ReasonTooLarge},
		{name: "early hints before the answer", answer: "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" + head + "\r\n" + smallPage, page: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			base := raw(t, func(string) string { return c.answer })
			rec := &tape{}
			s := open(t, newCrawler(t, Config{Recorder: rec, Timeout: time.Minute}), loopback())
			page, err := s.Fetch(t.Context(), Request{URL: base + "/page"})
			kept := rec.of("/page")
			if c.page {
				if err != nil || string(page.Body) != smallPage || page.Truncated != (c.cut != "") {
					t.Fatalf("page %+v, %v", page, err)
				}
			} else if fe := mustFail(t, page, err); fe.Reason != c.reason || fe.Retry != c.retry {
				t.Fatalf("got %s, retry %v (%v); want %s, retry %v", fe.Reason, fe.Retry, fe, c.reason, c.retry)
			}
			if (c.page || c.cut != "") && (len(kept) != 1 || kept[0].Truncated != c.cut || !bytes.HasPrefix(kept[0].Response, []byte("HTTP/1.1 200"))) {
				t.Errorf("captured %d exchanges, %+v", len(kept), kept)
			}
		})
	}
}

func TestUnreachable(t *testing.T) {
	t.Run("no such name", func(t *testing.T) {
		s := open(t, newCrawler(t, Config{Resolver: resolverFor(t, nil)}), loopback())
		page, err := s.Fetch(t.Context(), Request{URL: "http://shop.test.invalid/"})
		if fe := mustFail(t, page, err); fe.Reason != ReasonDNS || fe.Outcome != markwatch.PageFailed {
			t.Fatalf("%s, %s: %v", fe.Reason, fe.Outcome, fe)
		}
	})
	t.Run("refused", func(t *testing.T) {
		srv := httptest.NewServer(http.NotFoundHandler())
		srv.Close()
		s := open(t, newCrawler(t, Config{}), loopback())
		page, err := s.Fetch(t.Context(), Request{URL: srv.URL})
		if fe := mustFail(t, page, err); fe.Reason != ReasonConnect || !fe.Retry {
			t.Fatalf("%s, retry %v: %v", fe.Reason, fe.Retry, fe)
		}
	})
	t.Run("certificate of nobody", func(t *testing.T) {
		srv := httptest.NewTLSServer(http.NotFoundHandler())
		t.Cleanup(srv.Close)
		s := open(t, newCrawler(t, Config{}), loopback())
		page, err := s.Fetch(t.Context(), Request{URL: srv.URL})
		if fe := mustFail(t, page, err); fe.Reason != ReasonTLS || fe.Retry {
			t.Fatalf("%s, retry %v: %v", fe.Reason, fe.Retry, fe)
		}
	})
	t.Run("no TLS at all", func(t *testing.T) {
		base := serve(t, func(http.ResponseWriter, *http.Request) {})
		s := open(t, newCrawler(t, Config{}), loopback())
		page, err := s.Fetch(t.Context(), Request{URL: strings.Replace(base, "http:", "https:", 1)})
		if fe := mustFail(t, page, err); fe.Reason != ReasonTLS {
			t.Fatalf("%s: %v", fe.Reason, fe)
		}
	})
	for _, address := range []string{"ftp://h/", "javascript:1", "http://", "::", "http://h:99999/", "file:///etc/passwd"} {
		t.Run("address "+address, func(t *testing.T) {
			s := open(t, newCrawler(t, Config{Resolver: resolverFor(t, nil)}), loopback())
			page, err := s.Fetch(t.Context(), Request{URL: address})
			if fe := mustFail(t, page, err); fe.Reason != ReasonAddress || fe.Retry {
				t.Fatalf("%s, retry %v: %v", fe.Reason, fe.Retry, fe)
			}
		})
	}
}

func TestCanceled(t *testing.T) {
	started := make(chan struct{}, 1)
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Write([]byte("<html>"))
		w.(http.Flusher).Flush()
		started <- struct{}{}
		<-r.Context().Done()
	})
	s := open(t, newCrawler(t, Config{}), loopback())
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-started; cancel() }()
	page, err := s.Fetch(ctx, Request{URL: base + "/page"})
	if fe := mustFail(t, page, err); fe.Reason != ReasonCanceled || !fe.Retry || !errors.Is(err, context.Canceled) {
		t.Fatalf("%s: %v", fe.Reason, fe)
	}
	page, err = s.Fetch(ctx, Request{URL: base + "/other"})
	if fe := mustFail(t, page, err); fe.Reason != ReasonCanceled {
		t.Fatalf("%s: %v", fe.Reason, fe)
	}
}

func TestCaptureFailure(t *testing.T) {
	base := serve(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, smallPage) })
	full := markwatch.Errorf(markwatch.CodeUnavailable, "disk full")
	s := open(t, newCrawler(t, Config{Recorder: &tape{fail: full}}), loopback())
	page, err := s.Fetch(t.Context(), Request{URL: base + "/page"})
	if fe := mustFail(t, page, err); fe.Reason != ReasonCapture || !fe.Retry || markwatch.ErrorCode(err) != markwatch.CodeUnavailable {
		t.Fatalf("%s: %v", fe.Reason, fe)
	}
}

func TestPrivateAddresses(t *testing.T) {
	hits := 0
	base := serve(t, func(w http.ResponseWriter, r *http.Request) { hits++ })
	src := loopback()
	src.PrivateAddresses = ""
	names := resolverFor(t, map[string]string{"shop.test": "127.0.0.1", "metadata.test": "169.254.169.254"})
	t.Run("refused by default, whatever the name", func(t *testing.T) {
		s := open(t, newCrawler(t, Config{Resolver: names}), src)
		for _, address := range []string{base, "http://localhost:" + port(t, base), "http://shop.test:" + port(t, base) + "/a", "http://metadata.test/", "http://2130706433:" + port(t, base), "http://[::ffff:127.0.0.1]:" + port(t, base)} {
			page, err := s.Fetch(t.Context(), Request{URL: address})
			if fe := mustFail(t, page, err); fe.Reason != ReasonPrivate && (fe.Reason != ReasonDNS || !strings.Contains(address, "localhost")) || fe.Retry {
				t.Errorf("%s: %s, retry %v: %v", address, fe.Reason, fe.Retry, fe)
			}
		}
		if hits != 0 {
			t.Errorf("the server was reached %d times", hits)
		}
	})
	t.Run("refused on a redirect", func(t *testing.T) {
		from := serve(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.2:"+port(t, base)+"/", http.StatusFound)
		})
		c := newCrawler(t, Config{})
		// The first server stands for one on the public Internet.
		c.public = func(a netip.Addr) bool { return a == netip.MustParseAddr("127.0.0.1") }
		page, err := open(t, c, src).Fetch(t.Context(), Request{URL: from + "/page"})
		if fe := mustFail(t, page, err); fe.Reason != ReasonPrivate {
			t.Fatalf("%s: %v", fe.Reason, fe)
		}
	})
}

func TestGuard(t *testing.T) {
	g := newGuard()
	for _, a := range []string{
		"127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.127.255.255",
		"0.0.0.0", "0.1.2.3", "224.0.0.1", "240.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1", "192.0.0.1",
		"::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "fec0::1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001:db8::1", "2001::1",
	} {
		if g.public(netip.MustParseAddr(a)) {
			t.Errorf("%s counts as public", a)
		}
	}
	for _, a := range []string{"1.1.1.1", "223.5.5.5", "100.63.255.255", "100.128.0.1", "172.32.0.1", "2400:3200::1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"} {
		if !g.public(netip.MustParseAddr(a)) {
			t.Errorf("%s does not count as public", a)
		}
	}
}
