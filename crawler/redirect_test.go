package crawler

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
)

func TestRedirects(t *testing.T) {
	var base string
	other := serve(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "own=%s cookie=%s", r.Header.Get("X-Own"), r.Header.Get("Cookie"))
	})
	other = strings.Replace(other, "127.0.0.1", "localhost", 1)
	base = serve(t, func(w http.ResponseWriter, r *http.Request) {
		var n int
		switch {
		case r.URL.Path == "/once":
			http.Redirect(w, r, "/final?a=1", http.StatusMovedPermanently)
		case r.URL.Path == "/away":
			http.Redirect(w, r, other+"/x", http.StatusFound)
		case r.URL.Path == "/app":
			w.Header().Set("Location", "taobao://item/1")
			w.WriteHeader(302)
		case r.URL.Path == "/a":
			http.Redirect(w, r, "/b", http.StatusFound)
		case r.URL.Path == "/b":
			http.Redirect(w, r, "/a", http.StatusFound)
		case r.URL.Path == "/cookie":
			if k, err := r.Cookie("seen"); err != nil || k.Value != "1" {
				http.SetCookie(w, &http.Cookie{Name: "seen", Value: "1", Path: "/"})
				http.Redirect(w, r, "/cookie", http.StatusFound)
				return
			}
			fmt.Fprint(w, smallPage)
		case r.URL.Path == "/bad":
			w.Header().Set("Location", "http://[::1/%zz")
			w.WriteHeader(302)
		case func() bool { _, err := fmt.Sscanf(r.URL.Path, "/n/%d", &n); return err == nil }():
			http.Redirect(w, r, fmt.Sprintf("/n/%d", n+1), http.StatusFound)
		default:
			fmt.Fprintf(w, "own=%s", r.Header.Get("X-Own"))
		}
	})
	src := loopback()
	src.Request.Headers = map[string]string{"X-Own": "secret"}
	rec := &tape{}
	s := open(t, newCrawler(t, Config{Recorder: rec}), src)

	page, err := s.Fetch(t.Context(), Request{URL: base + "/once"})
	if err != nil || page.FinalURL != base+"/final?a=1" || page.URL != base+"/once" || string(page.Body) != "own=secret" {
		t.Fatalf("%+v, %v", page, err)
	}
	if first, last := rec.of("/once"), rec.of("/final?a=1"); len(first) != 1 || len(last) != 1 || !strings.Contains(string(first[0].Response), "301 Moved") || page.Snapshot != "tape#"+last[0].URL {
		t.Errorf("the hops are not captured: %d and %d, snapshot %s", len(first), len(last), page.Snapshot)
	}
	if page, err = s.Fetch(t.Context(), Request{URL: base + "/cookie"}); err != nil || string(page.Body) != smallPage {
		t.Errorf("a redirect that sets a cookie: %v", err)
	}
	if page, err = s.Fetch(t.Context(), Request{URL: base + "/away"}); err == nil && strings.Contains(string(page.Body), "secret") {
		t.Errorf("the source's header went to another site: %q", page.Body)
	}
	for path, reason := range map[string]string{"/a": ReasonRedirectLoop, "/n/0": ReasonRedirectLimit, "/app": ReasonRedirectScheme, "/bad": ReasonMalformed} {
		page, err := s.Fetch(t.Context(), Request{URL: base + path})
		if fe := mustFail(t, page, err); fe.Reason != reason || fe.Retry {
			t.Errorf("%s: %s, retry %v (%v); want %s", path, fe.Reason, fe.Retry, fe, reason)
		}
	}
}

// TestCaptureIsTheWire holds the capture against what the server itself sent
// and received.
func TestCaptureIsTheWire(t *testing.T) {
	answers := map[string]string{
		"/plain":   "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\ncOnTeNt-LeNgTh: 5\r\nX-Odd:   two  spaces\r\n\r\nhello",
		"/chunked": "HTTP/1.1 200 Fine By Me\r\nTransfer-Encoding: chunked\r\n\r\n3;ext=1\r\nhel\r\n2\r\nlo\r\n0\r\nTrailer: x\r\n\r\n",
		"/closed":  "HTTP/1.0 200 OK\r\n\r\nhello",
	}
	base := raw(t, func(path string) string { return answers[path] })
	rec := &tape{}
	at := time.Date(2026, 11, 21, 2, 13, 7, 0, time.FixedZone("CST", 8*3600))
	s := open(t, newCrawler(t, Config{Recorder: rec, Now: func() time.Time { return at }, Contact: "ops@example.org"}), loopback())
	for path, want := range answers {
		page, err := s.Fetch(t.Context(), Request{URL: base + path})
		if err != nil || string(page.Body) != "hello" || !page.FetchedAt.Equal(at) {
			t.Fatalf("%s: %+v, %v", path, page, err)
		}
		kept := rec.of(path)
		if len(kept) != 1 || string(kept[0].Response) != want {
			t.Errorf("%s: captured %q; sent was %q", path, kept[0].Response, want)
		}
		ex := kept[0]
		if ex.IP != "127.0.0.1" || ex.Source != "test" || !ex.At.Equal(at) || ex.At.Location() != time.UTC || ex.Truncated != "" {
			t.Errorf("%s: %+v", path, ex)
		}
		request := string(ex.Request)
		if !strings.HasPrefix(request, "GET "+path+" HTTP/1.1\r\nHost: ") || !strings.HasSuffix(request, "\r\n\r\n") ||
			!strings.Contains(request, "\r\nUser-Agent: markwatch/1.0 (+ops@example.org)\r\n") || !strings.Contains(request, "\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n") {
			t.Errorf("%s: request %q", path, request)
		}
	}
	if robots := rec.of("/robots.txt"); len(robots) != 1 || !strings.HasPrefix(string(robots[0].Response), "HTTP/1.1 404") {
		t.Errorf("robots.txt was captured %d times", len(robots))
	}
}

// TestKeepAlive asserts that a session uses its connection again, and that the
// captures on it stay apart.
func TestKeepAlive(t *testing.T) {
	remotes := map[string]bool{}
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		remotes[r.RemoteAddr] = true
		fmt.Fprintf(w, "<html>%s</html>", r.URL.Path)
	})
	src := loopback()
	src.Politeness.Parallel = 1
	rec := &tape{}
	s := open(t, newCrawler(t, Config{Recorder: rec}), src)
	for i := range 20 {
		path := fmt.Sprintf("/p%02d", i)
		if _, err := s.Fetch(t.Context(), Request{URL: base + path}); err != nil {
			t.Fatal(err)
		}
		kept := rec.of(path)
		if len(kept) != 1 || strings.Count(string(kept[0].Response), "HTTP/1.1") != 1 || !strings.HasSuffix(string(kept[0].Response), "<html>"+path+"</html>") || strings.Count(string(kept[0].Request), "GET ") != 1 {
			t.Fatalf("capture of %s: %+v", path, kept)
		}
	}
	if len(remotes) != 1 {
		t.Errorf("%d connections for 20 pages", len(remotes))
	}
}

func TestEnvironmentDoesNotOverride(t *testing.T) {
	for name, value := range map[string]string{
		"COLLY_ALLOWED_DOMAINS": "elsewhere.example", "COLLY_MAX_BODY_SIZE": "3", "COLLY_MAX_REQUESTS": "1", "COLLY_USER_AGENT": "other",
		"COLLY_PARSE_HTTP_ERROR_RESPONSE": "n", "COLLY_FOLLOW_REDIRECTS": "n", "COLLY_DISABLE_COOKIES": "y", "HTTP_PROXY": "http://127.0.0.1:1",
	} {
		t.Setenv(name, value)
	}
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/from" {
			http.Redirect(w, r, "/to", http.StatusFound)
			return
		}
		fmt.Fprint(w, r.UserAgent())
	})
	s := open(t, newCrawler(t, Config{UserAgent: "markwatch/1.0"}), loopback())
	for range 2 {
		if page, err := s.Fetch(t.Context(), Request{URL: base + "/from"}); err != nil || string(page.Body) != "markwatch/1.0" {
			t.Fatalf("%+v, %v", page, err)
		}
	}
}

func TestCookiesFile(t *testing.T) {
	var got []string
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.Header.Get("Cookie"))
		http.SetCookie(w, &http.Cookie{Name: "visit", Value: "1"})
	})
	path := filepath.Join(t.TempDir(), "cookies.txt")
	file := "# Netscape HTTP Cookie File\n\n127.0.0.1\tFALSE\t/\tFALSE\t0\ttoken\tabc\r\n#HttpOnly_127.0.0.1\tFALSE\t/page\tFALSE\t4102444800\thidden\t\n" +
		"127.0.0.1\tFALSE\t/\tFALSE\t1000\texpired\tx\n.other.example\tTRUE\t/\tFALSE\t0\tother\tx\n"
	if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	src := loopback()
	src.Request.Cookies = path
	c := newCrawler(t, Config{})
	for range 2 { // two host jobs of one source
		if _, err := open(t, c, src).Fetch(t.Context(), Request{URL: base + "/page"}); err != nil {
			t.Fatal(err)
		}
	}
	want := func(s string, names ...string) {
		t.Helper()
		for _, n := range names {
			if !strings.Contains(s, n) {
				t.Errorf("%q lacks %s", s, n)
			}
		}
		for _, n := range []string{"expired", "other"} {
			if strings.Contains(s, n) {
				t.Errorf("%q has %s", s, n)
			}
		}
	}
	want(got[0], "token=abc", "hidden=")
	want(got[1], "token=abc", "visit=1")

	for _, bad := range []string{"one\ttwo", "127.0.0.1\tFALSE\t/\tFALSE\tsoon\tname\tvalue", "{}"} {
		if _, err := readCookies(strings.NewReader("# c\n"+bad), time.Now()); err == nil || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestBadSourceSettings(t *testing.T) {
	c := newCrawler(t, Config{})
	for name, r := range map[string]markwatch.Request{
		"header that the transport sets": {Headers: map[string]string{"Accept-Encoding": "br"}},
		"protocol":                       {HTTP: "3"},
		"header of a conditional":        {Headers: map[string]string{"If-None-Match": "*"}},
		"header injection":               {Headers: map[string]string{"X-A": "1\r\nX-B: 2"}},
		"bad header name":                {Headers: map[string]string{"X A": "1"}},
		"proxy scheme":                   {Proxy: "ftp://h:1"},
		"proxy without host":             {Proxy: "h:1"},
		"missing cookies":                {Cookies: filepath.Join(t.TempDir(), "none.txt")},
		"user agent":                     {UserAgent: "a\nb"},
	} {
		src := loopback()
		src.Request = r
		if _, err := c.Host(src, "h"); markwatch.ErrorCode(err) != markwatch.CodeInvalid || !strings.Contains(err.Error(), "source test") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := New(Config{MaxBody: -1}); markwatch.ErrorCode(err) != markwatch.CodeInvalid {
		t.Errorf("negative limit: %v", err)
	}
}
