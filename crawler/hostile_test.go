package crawler

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/canonical"
	"github.com/markwatch/markwatch/crawler/extract"
)

// hostileSite is a site on this machine that does everything that sites do to
// crawlers. Its public names are shop.test and other.test, both 127.0.0.1;
// intranet.test leads to 10.0.0.1, and 127.0.0.2 stands for a private address
// at which something answers.
type hostileSite struct {
	port  string
	names map[string]string

	mu     sync.Mutex
	served map[string]int
	cookie map[string]string // the Cookie header that a host's /echo last saw
}

const hostileLimit = 64 << 10

func newHostileSite(t *testing.T) *hostileSite {
	t.Helper()
	h := &hostileSite{
		names:  map[string]string{"shop.test": "127.0.0.1", "other.test": "127.0.0.1", "intranet.test": "10.0.0.1"},
		served: map[string]int{}, cookie: map[string]string{},
	}
	// All loopback addresses lead here, so that a request to a private one
	// would be seen.
	srv := httptest.NewUnstartedServer(h)
	l, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	srv.Listener.Close()
	srv.Listener = l
	srv.Start()
	t.Cleanup(srv.Close)
	h.port = strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	return h
}

// crawler treats 127.0.0.1 as a public address, and nothing else on this machine.
func (h *hostileSite) crawler(t *testing.T, cfg Config) *Crawler {
	t.Helper()
	cfg.Resolver, cfg.MaxBody = resolverFor(t, h.names), hostileLimit
	c := newCrawler(t, cfg)
	public := c.public
	c.public = func(a netip.Addr) bool { return a == netip.MustParseAddr("127.0.0.1") || public(a) }
	return c
}

func hostileSource() *markwatch.Source {
	return &markwatch.Source{ID: "hostile", Kind: markwatch.KindSite, Politeness: noDelay()}
}

func (h *hostileSite) at(path string) string { return "http://shop.test:" + h.port + path }

func (h *hostileSite) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host, _, _ := net.SplitHostPort(r.Host)
	h.mu.Lock()
	h.served[host+r.URL.Path]++
	h.mu.Unlock()
	number := func(s string) int { n, _ := strconv.Atoi(s); return n }
	page := func(format string, args ...any) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, "<html><body>"+format+"</body></html>", args...)
	}
	coded := func(coding string, body []byte) {
		w.Header().Set("Content-Encoding", coding)
		w.Write(body)
	}
	path := r.URL.Path
	switch {
	case path == "/robots.txt":
		fmt.Fprint(w, "User-agent: *\nDisallow: /forbidden/")
	case path == "/":
		page(`<base href="/x/"><a href="javascript:alert(1)">1</a><a href="mailto:a@b">2</a><a href="data:text/html,x">3</a><a href="ftp://shop.test/">4</a>
<a href="file:///etc/passwd">5</a><a href="tel:1">6</a><a href="taobao://item/1">7</a><a href="/item/1?utm_source=a&amp;b=2&amp;a=1">8</a><a href="/item/1?a=1&amp;b=2#top">9</a>
<a href="//SHOP.test:%s/item/1?b=2&amp;a=1&amp;jsessionid=77">10</a><a href="../item/./1?a=1&amp;b=2&amp;spm=a.b">11</a><a href="http://user:pw@shop.test:%s/item/1?b=2&amp;a=1">12</a>
<a href="/calendar/2026/11">13</a><a href="/deep/x/">14</a><a href="/filter?c=1">15</a><a href="/session?sid=1">16</a><a href="/grow?q=a">17</a>
<a href="/loop/a">18</a><a href="/to-private">19</a><a href="/forbidden/1">20</a><a href="/to-forbidden">21</a><a href="http://127.0.0.2:%s/">22</a><a href="http://intranet.test/">23</a>
<a href="http://[::ffff:127.0.0.2]:%s/">24</a><a href="http://gone.test/">25</a><a href="/gbk">26</a><a href="/picture">27</a><a href="/bomb/gzip">28</a><a href="/to-file">29</a>
<a href="http://0x7f.2:%s/">30</a><a href="/endless">31</a>`, h.port, h.port, h.port, h.port, h.port)
	case strings.HasPrefix(path, "/item/"):
		page("耐克运动鞋 ¥199")
	case path == "/gbk", path == "/gb18030", path == "/big5", path == "/utf16":
		w.Header().Set("Content-Type", "text/html")
		w.Write(hostileCharset(path[1:]))
	case path == "/binary":
		w.Header().Set("Content-Type", "text/html")
		w.Write(append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), bytes.Repeat([]byte{0, 1, 2, 3, 254, 255}, 500)...))
	case path == "/picture":
		w.Header().Set("Content-Type", "image/png")
		w.Write(make([]byte, 1000))
	case path == "/cookie-out":
		http.SetCookie(w, &http.Cookie{Name: "shop", Value: "secret", Path: "/"})
		http.SetCookie(w, &http.Cookie{Name: "wide", Value: "1", Path: "/", Domain: "test"})
		http.Redirect(w, r, "http://other.test:"+h.port+"/cookie-back", http.StatusFound)
	case path == "/cookie-back":
		h.mu.Lock()
		h.cookie[host] = r.Header.Get("Cookie")
		h.mu.Unlock()
		http.SetCookie(w, &http.Cookie{Name: "other", Value: "1", Path: "/"})
		http.SetCookie(w, &http.Cookie{Name: "shop", Value: "forged", Path: "/", Domain: "shop.test"})
		http.Redirect(w, r, h.at("/echo"), http.StatusFound)
	case path == "/echo":
		h.mu.Lock()
		h.cookie[host] = r.Header.Get("Cookie")
		h.mu.Unlock()
		page("ok")
	case path == "/to-private":
		http.Redirect(w, r, "http://127.0.0.2:"+h.port+"/", http.StatusFound)
	case path == "/to-intranet":
		http.Redirect(w, r, "http://intranet.test/", http.StatusFound)
	case path == "/to-forbidden":
		http.Redirect(w, r, "/forbidden/1", http.StatusFound)
	case path == "/to-file":
		w.Header().Set("Location", "file:///etc/passwd")
		w.WriteHeader(http.StatusFound)
	case path == "/to-script":
		w.Header().Set("Location", "javascript:alert(1)")
		w.WriteHeader(http.StatusFound)
	case path == "/to-ftp":
		w.Header().Set("Location", "ftp://shop.test/a")
		w.WriteHeader(http.StatusFound)
	case path == "/loop/a":
		http.Redirect(w, r, "/loop/b", http.StatusFound)
	case path == "/loop/b":
		http.Redirect(w, r, "/loop/a", http.StatusFound)
	case strings.HasPrefix(path, "/chain/"):
		http.Redirect(w, r, fmt.Sprintf("/chain/%d", number(path[7:])+1), http.StatusFound)
	case path == "/slow-head":
		<-r.Context().Done()
	case path == "/slow-body":
		for range 1000 {
			if _, err := w.Write([]byte("a")); err != nil || r.Context().Err() != nil {
				return
			}
			w.(http.Flusher).Flush()
			select {
			case <-r.Context().Done():
			case <-time.After(20 * time.Millisecond):
			}
		}
	case path == "/endless":
		for {
			if _, err := w.Write(bytes.Repeat([]byte("鞋"), 1000)); err != nil {
				return
			}
		}
	case path == "/too-long":
		w.Header().Set("Content-Length", "100000")
		page("耐克")
	case path == "/cut":
		w.Header().Set("Content-Length", "100000")
		fmt.Fprint(w, "<html><body>half a pa")
	case path == "/bomb/gzip":
		coded("gzip", gzipped(make([]byte, 4<<20)))
	case path == "/bomb/br":
		coded("br", brotlied(make([]byte, 1<<20)))
	case path == "/bomb/zstd":
		coded("zstd", zstded(make([]byte, 4<<20)))
	case path == "/bomb/twice":
		coded("gzip, gzip", gzipped(gzipped(make([]byte, 4<<20))))
	case strings.HasPrefix(path, "/calendar/"):
		var year, month int
		fmt.Sscanf(path, "/calendar/%d/%d", &year, &month)
		at := time.Date(year, time.Month(month), 1, 0, 0, 0, 0, time.UTC)
		before, after := at.AddDate(0, -1, 0), at.AddDate(0, 1, 0)
		page(`%s<a href="/calendar/%d/%02d">&lt;</a><a href="/calendar/%d/%02d">&gt;</a>`, at.Format("January 2006"), before.Year(), before.Month(), after.Year(), after.Month())
	case strings.HasPrefix(path, "/deep/"):
		page(`<a href="deep/x/">more</a>`)
	case path == "/filter":
		n := number(r.URL.Query().Get("c"))
		page(`没有符合条件的商品,请减少筛选条件后再试一次。<a href="/filter?c=%d">下一组</a><a href="/filter?c=%d">再下一组</a>`, n+1, n+2)
	case path == "/session":
		page(`<a href="/session?sid=%s&amp;next=%s">go on</a>`, r.URL.Query().Get("sid")+"1", strings.ReplaceAll(r.URL.RequestURI(), "%", "%25"))
	case path == "/grow":
		page(`<a href="/grow?q=%s">more</a>`, strings.Repeat(r.URL.Query().Get("q"), 2))
	default:
		http.NotFound(w, r)
	}
}

// hostileCharset is a page in one charset whose meta names another.
func hostileCharset(name string) []byte {
	var enc encoding.Encoding
	text, lie := "耐克运动鞋正品特价包邮", "utf-8"
	switch name {
	case "gbk":
		enc = simplifiedchinese.GBK
	case "gb18030":
		enc, text = simplifiedchinese.GB18030, "耐克运动鞋正品特价包邮㐀㐁𠀀"
	case "big5":
		enc, text = traditionalchinese.Big5, "正品運動鞋特價優惠中,歡迎選購,全館免運費"
	case "utf16":
		enc, lie = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "gbk"
	}
	out, err := enc.NewEncoder().Bytes([]byte(`<html><head><meta charset="` + lie + `"><title>` + text + `</title></head><body><p>` + text + `</p></body></html>`))
	if err != nil {
		panic(err)
	}
	return out
}

// TestHostileSite asks for each fault by itself.
func TestHostileSite(t *testing.T) {
	h := newHostileSite(t)
	for _, c := range []struct {
		name, address, reason string
		outcome               markwatch.PageOutcome
		cut                   bool
		text                  string // read of the page
	}{
		{name: "GBK under a lying meta", address: h.at("/gbk"), text: "耐克运动鞋正品特价包邮"},
		{name: "GB18030 under a lying meta", address: h.at("/gb18030"), text: "耐克运动鞋正品特价包邮㐀㐁𠀀"},
		{name: "Big5 under a lying meta", address: h.at("/big5"), text: "正品運動鞋特價優惠中"},
		{name: "UTF-16 under a lying meta", address: h.at("/utf16"), text: "耐克运动鞋正品特价包邮"},
		{name: "picture", address: h.at("/picture"), reason: ReasonNotText, outcome: markwatch.PageUndecodable},
		{name: "name without an address", address: "http://gone.test/", reason: ReasonDNS},
		{name: "name with a private address", address: "http://intranet.test/", reason: ReasonPrivate},
		{name: "private address", address: "http://127.0.0.2:" + h.port + "/", reason: ReasonPrivate},
		{name: "private address in another spelling", address: "http://[::ffff:127.0.0.2]:" + h.port + "/", reason: ReasonPrivate},
		{name: "redirect to a private address", address: h.at("/to-private"), reason: ReasonPrivate},
		{name: "redirect to a name with one", address: h.at("/to-intranet"), reason: ReasonPrivate},
		{name: "redirect to a file", address: h.at("/to-file"), reason: ReasonRedirectScheme},
		{name: "redirect to a script", address: h.at("/to-script"), reason: ReasonRedirectScheme},
		{name: "redirect to FTP", address: h.at("/to-ftp"), reason: ReasonRedirectScheme},
		{name: "redirect to what robots.txt forbids", address: h.at("/to-forbidden"), reason: ReasonRobots, outcome: markwatch.PageRobots},
		{name: "redirects in a circle", address: h.at("/loop/a"), reason: ReasonRedirectLoop},
		{name: "redirects without end", address: h.at("/chain/0"), reason: ReasonRedirectLimit},
		{name: "no answer", address: h.at("/slow-head"), reason: ReasonTimeout},
		{name: "a byte now and then", address: h.at("/slow-body"), reason: ReasonTimeout},
		{name: "endless", address: h.at("/endless"), cut: true},
		{name: "declared too long, and whole", address: h.at("/too-long"), cut: true, text: "耐克"},
		{name: "cut", address: h.at("/cut"), reason: ReasonDisconnected},
		{name: "gzip bomb", address: h.at("/bomb/gzip"), reason: ReasonBomb, outcome: markwatch.PageUndecodable},
		{name: "brotli bomb", address: h.at("/bomb/br"), reason: ReasonBomb, outcome: markwatch.PageUndecodable},
		{name: "zstd bomb", address: h.at("/bomb/zstd"), reason: ReasonBomb, outcome: markwatch.PageUndecodable},
		{name: "bomb in a bomb", address: h.at("/bomb/twice"), reason: ReasonBomb, outcome: markwatch.PageUndecodable},
		{name: "file", address: "file:///etc/passwd", reason: ReasonAddress},
		{name: "script", address: "javascript:alert(1)", reason: ReasonAddress},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cfg := Config{Timeout: time.Minute}
			if c.reason == ReasonTimeout {
				cfg.Timeout = 300 * time.Millisecond
			}
			src := hostileSource()
			src.Politeness.Robots = "ignore"
			if c.reason == ReasonRobots {
				src.Politeness.Robots = "obey"
			}
			s := open(t, h.crawler(t, cfg), src)
			page, err := s.Fetch(t.Context(), Request{URL: c.address})
			if c.reason != "" {
				fe := mustFail(t, page, err)
				want := c.outcome
				if want == "" {
					want = markwatch.PageFailed
				}
				if fe.Reason != c.reason || fe.Outcome != want {
					t.Fatalf("%s, %s (%v); want %s, %s", fe.Reason, fe.Outcome, fe, c.reason, want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if page.Truncated != c.cut || len(page.Body) > hostileLimit {
				t.Errorf("truncated %v, %d bytes", page.Truncated, len(page.Body))
			}
			doc, err := extract.Parse(page)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(doc.Text(), c.text) {
				t.Errorf("read as %s: %.80q", doc.Charset(), doc.Text())
			}
		})
	}
	t.Run("binary data that calls itself a page", func(t *testing.T) {
		page, err := open(t, h.crawler(t, Config{}), hostileSource()).Fetch(t.Context(), Request{URL: h.at("/binary")})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := extract.Parse(page); markwatch.ErrorCode(err) != markwatch.CodeInvalid {
			t.Errorf("read as a page: %v", err)
		}
	})
	t.Run("cookies stay with their site", func(t *testing.T) {
		s := open(t, h.crawler(t, Config{}), hostileSource())
		if _, err := s.Fetch(t.Context(), Request{URL: h.at("/cookie-out")}); err != nil {
			t.Fatal(err)
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.cookie["other.test"] != "" || h.cookie["shop.test"] != "shop=secret" {
			t.Errorf("other.test was sent %q, shop.test %q", h.cookie["other.test"], h.cookie["shop.test"])
		}
	})
}

// TestHostileTLS has certificates that browsers refuse, by a name that is
// resolved and an authority that is trusted, so that each fails for its own reason.
func TestHostileTLS(t *testing.T) {
	now := time.Now()
	for _, c := range []struct {
		name, host    string
		from, to      time.Time
		trusted, cuts bool
		reason        string
	}{
		{name: "good", host: "shop.test", from: now.Add(-time.Hour), to: now.Add(time.Hour), trusted: true},
		{name: "expired", host: "shop.test", from: now.Add(-2 * time.Hour), to: now.Add(-time.Hour), trusted: true, reason: ReasonTLS},
		{name: "not yet valid", host: "shop.test", from: now.Add(time.Hour), to: now.Add(2 * time.Hour), trusted: true, reason: ReasonTLS},
		{name: "of another host", host: "elsewhere.test", from: now.Add(-time.Hour), to: now.Add(time.Hour), trusted: true, reason: ReasonTLS},
		{name: "of nobody's authority", host: "shop.test", from: now.Add(-time.Hour), to: now.Add(time.Hour), reason: ReasonTLS},
		{name: "breaks off in the handshake", host: "shop.test", cuts: true, reason: ReasonDisconnected},
	} {
		t.Run(c.name, func(t *testing.T) {
			cert, leaf := certificate(t, c.host, c.from, c.to)
			srv := httptest.NewUnstartedServer(withoutRobots(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, smallPage) }))
			srv.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
			if c.cuts {
				srv.TLS.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
					hello.Conn.Close()
					return nil, errors.New("gone")
				}
			}
			srv.StartTLS()
			t.Cleanup(srv.Close)
			roots := x509.NewCertPool()
			if c.trusted {
				roots.AddCert(leaf)
			}
			cr := newCrawler(t, Config{TLS: &tls.Config{RootCAs: roots}, Resolver: resolverFor(t, map[string]string{"shop.test": "127.0.0.1"})})
			page, err := open(t, cr, loopback()).Fetch(t.Context(), Request{URL: "https://shop.test:" + port(t, srv.URL) + "/"})
			if c.reason == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if fe := mustFail(t, page, err); fe.Reason != c.reason || fe.Retry != (c.reason != ReasonTLS) {
				t.Errorf("%s, retry %v: %v", fe.Reason, fe.Retry, fe)
			}
		})
	}
}

func certificate(t *testing.T, host string, from, to time.Time) (tls.Certificate, *x509.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host}, NotBefore: from, NotAfter: to,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, leaf
}

// TestHostileCrawl follows every link of the hostile site, to whatever depth:
// the crawl must end, and see what is to be seen.
func TestHostileCrawl(t *testing.T) {
	h := newHostileSite(t)
	c := h.crawler(t, Config{})
	src := hostileSource()
	same := NewSameness()
	queue := []string{h.at("/")}
	known := map[string]bool{queue[0]: true}
	reasons := map[string]int{}
	sessions := map[string]*Session{}
	fetched := 0
	for len(queue) > 0 {
		address := queue[0]
		queue = queue[1:]
		if reason, trapped := Trap(address, trapDay()); trapped {
			reasons[reason]++
			continue
		}
		if fetched++; fetched > 400 {
			t.Fatalf("still going after %d pages, at %s", fetched, address)
		}
		host := canonical.Host(address)
		if sessions[host] == nil {
			s, err := c.Host(src, host)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			sessions[host] = s
		}
		links, reason := hostileVisit(t.Context(), sessions[host], same, address)
		if reason != "" {
			reasons[reason]++
		}
		for _, link := range links {
			if !known[link] {
				known[link] = true
				queue = append(queue, link)
			}
		}
	}
	for reason, want := range map[string]int{
		TrapCalendar: 2, TrapRepeating: 1, TrapNested: 1, TrapLong: 1, "alike": 0,
		ReasonRobots: 2, ReasonPrivate: 4, ReasonDNS: 1, ReasonRedirectLoop: 1, ReasonRedirectScheme: 1, ReasonBomb: 1, ReasonNotText: 1,
	} {
		if got := reasons[reason]; want > 0 && got != want || got == 0 {
			t.Errorf("%s: %d times; want %d", reason, got, want)
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if n := h.served["shop.test/item/1"]; n != 1 {
		t.Errorf("one item that is linked in five ways was fetched %d times", n)
	}
	for _, want := range []string{"shop.test/gbk", "shop.test/endless", "shop.test/calendar/2026/12"} {
		if h.served[want] != 1 {
			t.Errorf("%s was fetched %d times", want, h.served[want])
		}
	}
	for path := range h.served {
		if strings.HasPrefix(path, "127.") || strings.HasPrefix(path, "::") || strings.Contains(path, "/forbidden/") {
			t.Errorf("%s was reached", path)
		}
	}
	t.Logf("%d pages, %v", fetched, reasons)
}

// hostileVisit fetches a page and returns the links that may be followed.
func hostileVisit(ctx context.Context, s *Session, same *Sameness, address string) (links []string, reason string) {
	page, err := s.Fetch(ctx, Request{URL: address})
	var fe *FetchError
	if errors.As(err, &fe) {
		return nil, fe.Reason
	}
	doc, err := extract.Parse(page)
	if err != nil {
		return nil, "no page"
	}
	if _, trapped := same.Seen(page.FinalURL, doc.Text()); trapped {
		return nil, "alike"
	}
	for _, link := range doc.Links() {
		links = append(links, link.URL)
	}
	return slices.Compact(links), ""
}
