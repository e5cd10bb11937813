package crawler

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
)

// TestRobotsRules holds the cases of RFC 9309 (sections 2.2.1 to 2.2.4 and 5)
// and slips that real files make. Paths with ! are disallowed.
func TestRobotsRules(t *testing.T) {
	for _, c := range []struct{ name, file, paths string }{
		{"empty file", "", "/ /a"},
		{"nothing disallowed", "User-agent: *\nDisallow:", "/ /a"},
		{"everything disallowed", "User-agent: *\nDisallow: /", "!/ !/a /robots.txt"},
		{"RFC 5.1 foobot's group, not ours", "User-agent: *\nDisallow: *.gif$\nDisallow: /example/\nAllow: /publications/\n\nUser-agent: foobot\nDisallow:/\nAllow:/example/page.html\nAllow:/example/allowed.gif\n",
			"/a !/a.gif /a.gif?x !/example/ !/example/x /publications/ /example"},
		{"RFC 5.1 a group for us", "User-agent: markwatch\nDisallow:/\nAllow:/example/page.html\nAllow:/example/allowed.gif\nUser-agent: *\nDisallow: /publications/",
			"!/ !/publications/ /example/page.html /example/allowed.gif !/example/other"},
		{"RFC 5.2 longest match", "User-agent: *\nAllow: /example/page/\nDisallow: /example/page/disallowed.gif", "/example/page/ !/example/page/disallowed.gif"},
		{"allow wins a tie", "User-agent: *\nDisallow: /page\nAllow: /page", "/page /page/x"},
		{"allow wins a tie in any order", "User-agent: *\nAllow: /p\nDisallow: /p", "/p"},
		{"longest wins over order", "User-agent: *\nDisallow: /a/b/c\nAllow: /a\nDisallow: /", "!/a/b/c/d /a/b !/x"},
		{"token in any case", "USER-AGENT: MarkWatch\nDISALLOW: /a", "!/a /b"},
		{"token with a version", "User-agent: markwatch/1.0\nDisallow: /a", "!/a"},
		{"token is no prefix", "User-agent: mark\nDisallow: /a\nUser-agent: markwatch-news\nDisallow: /b", "/a /b"},
		{"groups of one agent are joined", "User-agent: markwatch\nDisallow: /a\n\nUser-agent: x\nDisallow: /x\n\nUser-agent: markwatch\nDisallow: /b", "!/a !/b /x"},
		{"several agents in a group", "User-agent: x\nUser-agent: markwatch\nUser-agent: y\nDisallow: /a", "!/a"},
		{"empty lines and comments in a group", "User-agent: x # one\n\n# two\nUser-agent: markwatch\n\nDisallow: /a # three\n\nDisallow: /b", "!/a !/b"},
		{"other records do not end a group", "User-agent: markwatch\nSitemap: https://h/s.xml\nCrawl-delay: 2\nUser-agent: x\nDisallow: /a", "!/a"},
		{"our group without rules", "User-agent: *\nDisallow: /\nUser-agent: markwatch\nDisallow:", "/a"},
		{"special characters", "User-agent: *\nDisallow: /path/file-with-a-%2A.html\nDisallow: /fo*/bar$\nDisallow: /*?sort=", "!/path/file-with-a-%2A.html /path/file-with-a-b.html !/foo/bar !/foo/x/bar /foo/bars !/list?sort=price /list?q=1"},
		{"star at the end means nothing", "User-agent: *\nDisallow: /fish*", "!/fish !/fish.html !/fish/salmon /Fish /catfish"},
		{"percent-encoding", "User-agent: *\nDisallow: /foo/bar/%E3%83%84\nDisallow: /耐克\nDisallow: /a%7Eb\nDisallow: /c%2Fd", "!/foo/bar/ツ !/foo/bar/%e3%83%84 !/%E8%80%90%E5%85%8B !/a~b !/c%2fd /c/d"},
		{"paths keep their case", "User-agent: *\nDisallow: /A", "!/A /a"},
		{"query", "User-agent: *\nDisallow: /s?", "!/s?q=1 /s /sx?q"},
		{"rules before any agent", "Disallow: /\nUser-agent: *\nDisallow: /a", "/b !/a"},
		{"line breaks of every kind", "User-agent: *\rDisallow: /a\r\nDisallow: /b\nDisallow: /c", "!/a !/b !/c"},
		{"byte order mark", "\ufeffUser-agent: *\nDisallow: /a", "!/a"},
		{"a slip voids nothing else", "User-agent: *\nCrawl-delay: soon\nDisalow: /x\nnonsense\nDisallow: /a", "!/a /x"},
		{"slash forgotten", "User-agent: *\nDisallow: a", "!/a /b"},
		{"a web page", "<html><body>User-agent: *</body></html>", "/ /a"},
		{"beyond 500 KiB", "User-agent: *\nDisallow: /a\n" + strings.Repeat("#\n", 256<<10) + "Disallow: /b", "!/a /b"},
		{"cut in a line", "User-agent: *\n" + strings.Repeat("#", robotsMost-25) + "\nDisallow: /abcdef", "/a /abcdef"},
	} {
		t.Run(c.name, func(t *testing.T) {
			rules := parseRobots([]byte(c.file)).group([]string{product})
			for path := range strings.FieldsSeq(c.paths) {
				path, forbidden := strings.CutPrefix(path, "!")
				u, err := url.Parse("https://h" + path)
				if err != nil {
					t.Fatal(err)
				}
				if rules.allowed(u) == forbidden {
					t.Errorf("%s: allowed is %v", path, forbidden)
				}
			}
		})
	}
}

func TestRobotsOfAConfiguredAgent(t *testing.T) {
	src := loopback()
	src.Request.UserAgent = "ShopWatch/2.0 (compatible)"
	s := open(t, newCrawler(t, Config{}), src)
	f := parseRobots([]byte("User-agent: shopwatch\nDisallow: /a\nUser-agent: *\nDisallow: /"))
	if g := f.group(s.transport.tokens); !g.allowed(&url.URL{Path: "/b"}) || g.allowed(&url.URL{Path: "/a"}) {
		t.Error("the group of the configured name does not count")
	}
	f = parseRobots([]byte("User-agent: markwatch\nDisallow: /c\nUser-agent: shopwatch\nDisallow: /a"))
	if g := f.group(s.transport.tokens); g.allowed(&url.URL{Path: "/c"}) {
		t.Error("a group for the product does not count where a source calls itself otherwise")
	}
}

// robotsSite serves a robots.txt that may change and counts requests.
type robotsSite struct {
	mu     sync.Mutex
	status int
	file   string
	robots atomic.Int64
	pages  atomic.Int64
}

func (s *robotsSite) set(status int, file string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status, s.file = status, file
}

func (s *robotsSite) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/robots.txt":
		s.robots.Add(1)
		s.mu.Lock()
		defer s.mu.Unlock()
		w.WriteHeader(s.status)
		fmt.Fprint(w, s.file)
	case "/to-secret":
		http.Redirect(w, r, "/secret/x", http.StatusFound)
	default:
		s.pages.Add(1)
		fmt.Fprint(w, smallPage)
	}
}

func TestRobotsObeyed(t *testing.T) {
	site := &robotsSite{status: 200, file: "User-agent: *\nDisallow: /secret/"}
	srv := httptest.NewServer(site)
	t.Cleanup(srv.Close)
	c := newCrawler(t, Config{})
	time := newFakeClock()
	c.setClock(time.clock())
	s := open(t, c, loopback())

	if _, err := s.Fetch(t.Context(), Request{URL: srv.URL + "/open"}); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/secret/x", "/to-secret"} {
		page, err := s.Fetch(t.Context(), Request{URL: srv.URL + path})
		if fe := mustFail(t, page, err); fe.Reason != ReasonRobots || fe.Outcome != markwatch.PageRobots || fe.Retry {
			t.Errorf("%s: %s, %s, retry %v", path, fe.Reason, fe.Outcome, fe.Retry)
		}
	}
	if site.pages.Load() != 1 || site.robots.Load() != 1 {
		t.Errorf("%d pages and %d robots.txt were served", site.pages.Load(), site.robots.Load())
	}
	ignoring := loopback()
	ignoring.Politeness.Robots = "ignore"
	if _, err := open(t, c, ignoring).Fetch(t.Context(), Request{URL: srv.URL + "/secret/x"}); err != nil {
		t.Errorf("a source that ignores robots.txt: %v", err)
	}

	// A day later the file is asked for again; an error leaves the old one in
	// force.
	time.advance(robotsFresh)
	site.set(503, "")
	page, err := s.Fetch(t.Context(), Request{URL: srv.URL + "/secret/x"})
	if fe := mustFail(t, page, err); fe.Reason != ReasonRobots {
		t.Errorf("%s: %v", fe.Reason, fe)
	}
	if site.robots.Load() != 2 {
		t.Errorf("robots.txt was asked for %d times", site.robots.Load())
	}
}

func TestRobotsUnreachable(t *testing.T) {
	for _, c := range []struct {
		status int
		reason string
	}{{500, ReasonRobotsUnreachable}, {503, ReasonRobotsUnreachable}, {429, ReasonRobotsUnreachable}, {400, ""}, {401, ""}, {403, ""}, {404, ""}, {410, ""}} {
		t.Run(fmt.Sprint(c.status), func(t *testing.T) {
			site := &robotsSite{status: c.status, file: "User-agent: *\nDisallow: /"}
			srv := httptest.NewServer(site)
			t.Cleanup(srv.Close)
			cr := newCrawler(t, Config{})
			clock := newFakeClock()
			cr.setClock(clock.clock())
			s := open(t, cr, loopback())
			if c.reason == "" {
				if _, err := s.Fetch(t.Context(), Request{URL: srv.URL}); err != nil {
					t.Fatal(err)
				}
				return
			}
			for range 3 {
				page, err := s.Fetch(t.Context(), Request{URL: srv.URL})
				if fe := mustFail(t, page, err); fe.Reason != c.reason || fe.Outcome != markwatch.PageRobots || !fe.Retry || fe.RetryAfter != robotsRetry {
					t.Fatalf("%s, %s, retry %v after %v", fe.Reason, fe.Outcome, fe.Retry, fe.RetryAfter)
				}
			}
			if site.robots.Load() != 1 || site.pages.Load() != 0 {
				t.Errorf("%d times asked for robots.txt, %d for pages", site.robots.Load(), site.pages.Load())
			}
			site.set(404, "")
			clock.advance(robotsRetry + time.Second)
			if _, err := s.Fetch(t.Context(), Request{URL: srv.URL}); err != nil {
				t.Errorf("after the server recovered: %v", err)
			}
		})
	}
}

func TestRobotsRedirect(t *testing.T) {
	hops := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var n int
		switch {
		case r.URL.Path == "/robots.txt":
			http.Redirect(w, r, "/r/1", http.StatusMovedPermanently)
		case strings.HasPrefix(r.URL.Path, "/r/"):
			fmt.Sscanf(r.URL.Path, "/r/%d", &n)
			if n < hops {
				http.Redirect(w, r, fmt.Sprintf("/r/%d", n+1), http.StatusFound)
				return
			}
			fmt.Fprint(w, "User-agent: *\nDisallow: /")
		default:
			fmt.Fprint(w, smallPage)
		}
	}))
	t.Cleanup(srv.Close)
	hops = 5
	page, err := open(t, newCrawler(t, Config{}), loopback()).Fetch(t.Context(), Request{URL: srv.URL + "/p"})
	if fe := mustFail(t, page, err); fe.Reason != ReasonRobots {
		t.Errorf("five redirects: %v", fe)
	}
	hops = 6
	if _, err := open(t, newCrawler(t, Config{}), loopback()).Fetch(t.Context(), Request{URL: srv.URL + "/p"}); err != nil {
		t.Errorf("six redirects count as no file: %v", err)
	}
}

func TestRobotsFetchedOnce(t *testing.T) {
	site := &robotsSite{status: 200}
	srv := httptest.NewServer(site)
	t.Cleanup(srv.Close)
	s := open(t, newCrawler(t, Config{}), loopback())
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			if _, err := s.Fetch(t.Context(), Request{URL: fmt.Sprintf("%s/%d", srv.URL, i)}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := site.robots.Load(); n != 1 {
		t.Errorf("robots.txt was asked for %d times", n)
	}
}

func FuzzRobots(f *testing.F) {
	f.Add("User-agent: *\nDisallow: /*a*b$\nAllow: /%zz\nCrawl-delay: 1e300", "/a/b?c=%2A")
	f.Add("\ufeffuser-agent:markwatch/1\rdisallow:x", "/x")
	f.Fuzz(func(t *testing.T, file, path string) {
		u, err := url.Parse("https://h/" + path)
		if err != nil {
			return
		}
		g := parseRobots([]byte(file)).group([]string{product})
		if g.delay < 0 {
			t.Fatal("a negative delay")
		}
		if allowed := g.allowed(u); !allowed && len(g.rules) == 0 {
			t.Fatal("forbidden without a rule")
		}
		if !g.allowed(&url.URL{Path: "/robots.txt"}) {
			t.Fatal("robots.txt itself is forbidden")
		}
	})
}
