package crawler

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestRFC9309Rules has a row for each normative sentence of RFC 9309 about what
// a file says, in the order of its sections, with the RFC's own examples. The
// group is that of agent, "markwatch" where empty. Paths with ! are disallowed.
func TestRFC9309Rules(t *testing.T) {
	const foobot = "User-Agent: *\nDisallow: *.gif$\nDisallow: /example/\nAllow: /publications/\n\n" +
		"User-Agent: foobot\nDisallow:/\nAllow:/example/page.html\nAllow:/example/allowed.gif\n\n" +
		"User-Agent: barbot\nUser-Agent: bazbot\nDisallow: /example/page.html\n\n" +
		"User-Agent: quxbot\n"
	const combined = "user-agent: ExampleBot\ndisallow: /foo\ndisallow: /bar\n\nuser-agent: OtherBot\ndisallow: /other\n\nuser-agent: ExampleBot\ndisallow: /baz\n"
	for _, c := range []struct{ section, rule, agent, file, paths string }{
		{"2.1", "a file may hold nothing but empty lines", "", "\n\n\r\n", "/a"},
		{"2.1", "a line ends with CR, LF or both", "", "user-agent: *\rdisallow: /a\r\n\r\ndisallow: /b\n\ndisallow: /c\r\r", "!/a !/b !/c /d"},
		{"2.1", "white space may stand around the colon and before a record", "", " \tuser-agent \t: \t*\n  disallow\t:\t/a \t", "!/a /b"},
		{"2.1", "what follows a number sign is a comment", "", "user-agent: * # all\n#disallow: /b\ndisallow: /a#/c", "!/a /b"},
		{"2.1", "an empty pattern is a rule that matches nothing", "", "user-agent: *\ndisallow:\nallow:\ndisallow: # nothing", "/ /a"},
		{"2.1", "a group begins with several user-agent lines", "bazbot", foobot, "!/example/page.html /example/other"},
		{"2.1", "empty lines may stand between user-agent lines and rules", "", "user-agent: x\n\nuser-agent: markwatch\n\n\ndisallow: /a", "!/a"},
		{"2.2.1", "tokens are compared without regard to case", "foobot", "USER-agent: FooBot\nDisallow: /a", "!/a"},
		{"2.2.1", "a token is letters, hyphens and underscores", "foo-bot_x", "user-agent: Foo-Bot_X/2.0 (+http://h)\ndisallow: /a", "!/a"},
		{"2.2.1", "the token is all of it, no prefix", "examplebot", "user-agent: Example\ndisallow: /\nuser-agent: ExampleBot-News\ndisallow: /", "/a"},
		{"2.2.1", "groups that match are combined", "examplebot", combined, "!/foo !/bar !/baz /other"},
		{"2.2.1", "groups for everybody are combined as well", "", "user-agent: *\ndisallow: /a\nuser-agent: x\ndisallow: /x\nuser-agent: *\ndisallow: /b", "!/a !/b /x"},
		{"2.2.1", "without a group of one's own that of everybody counts", "nobody", foobot, "!/x.gif !/example/page.html /publications/"},
		{"2.2.1", "with a group of one's own that of everybody does not", "barbot", foobot, "/x.gif /example/ !/example/page.html"},
		{"2.2.1", "without either there are no rules", "nobody", combined, "/foo /baz"},
		{"2.2.1", "a group may have no rules", "quxbot", foobot, "/ /example/ /x.gif"},
		{"2.2.2", "the longest match counts, whatever the order", "", "user-agent: *\nallow: /a/b\ndisallow: /a\nallow: /\ndisallow: /a/b/c", "!/a /a/b !/a/b/c"},
		{"2.2.2", "allow wins among equals", "", "user-agent: *\ndisallow: /a\nallow: /a", "/a /a/b"},
		{"2.2.2", "no match means allowed", "", "user-agent: *\nallow: /a\ndisallow: /b", "/c"},
		{"2.2.2", "robots.txt is always allowed", "", "user-agent: *\ndisallow: /", "/robots.txt !/robots.txt/a"},
		{"2.2.2", "a match begins with the first octet of the path", "", "user-agent: *\ndisallow: /b", "/a/b !/b/a"},
		{"2.2.2", "paths are compared with regard to case", "", "user-agent: *\ndisallow: /Foo", "!/Foo /foo"},
		{"2.2.2", "table, first row: a query as it stands", "", "user-agent: *\ndisallow: /foo/bar?baz=quz", "!/foo/bar?baz=quz /foo/bar?baz=qux"},
		{"2.2.2", "table, second row: an address in a query", "", "user-agent: *\ndisallow: /foo/bar?baz=https://foo.bar", "!/foo/bar?baz=https://foo.bar !/foo/bar?baz=https%3A%2F%2Ffoo.bar"},
		{"2.2.2", "table, second row, the other way round", "", "user-agent: *\ndisallow: /foo/bar?baz=https%3A%2F%2Ffoo.bar", "!/foo/bar?baz=https://foo.bar !/foo/bar?baz=https%3a%2f%2ffoo.bar"},
		{"2.2.2", "table, third row: octets beyond ASCII", "", "user-agent: *\ndisallow: /foo/bar/\u30c4", "!/foo/bar/\u30c4 !/foo/bar/%E3%83%84 !/foo/bar/%e3%83%84"},
		{"2.2.2", "table, fourth row: the same encoded in the rule", "", "user-agent: *\ndisallow: /foo/bar/%E3%83%84", "!/foo/bar/\u30c4 !/foo/bar/%E3%83%84"},
		{"2.2.2", "table, fifth row: encoded letters", "", "user-agent: *\ndisallow: /foo/bar/%62%61%7A", "!/foo/bar/baz !/foo/bar/%62%61%7a"},
		{"2.2.2", "reserved characters of a path stay as they are", "", "user-agent: *\ndisallow: /a%2Fb", "!/a%2Fb /a/b"},
		{"2.2.3", "the number sign begins a comment in a rule", "", "user-agent: *\nallow: / # comment in line\n# comment on its own line\ndisallow: /a", "/ !/a"},
		{"2.2.3", "the dollar sign ends a pattern", "", "user-agent: *\nallow: /this/path/exactly$\ndisallow: /", "/this/path/exactly !/this/path/exactly/not !/this"},
		{"2.2.3", "the star stands for any characters, none too", "", "user-agent: *\nallow: /this/*/exactly\ndisallow: /", "/this/path/exactly /this/a/b/exactly !/this/exactly /this//exactly"},
		{"2.2.3", "a star in an address is written %2A", "", "user-agent: *\ndisallow: /path/file-with-a-%2A.html", "!/path/file-with-a-*.html !/path/file-with-a-%2A.html /path/file-with-a-b.html"},
		{"2.2.3", "a dollar sign in an address is written %24", "", "user-agent: *\ndisallow: /path/foo-%24", "!/path/foo-$ !/path/foo-%24 !/path/foo-$x /path/foo-"},
		{"2.2.3", "a dollar sign that is not the last is one", "", "user-agent: *\ndisallow: /a$b", "!/a$b !/a%24b /a"},
		{"2.2.3", "the end of an address is more specific than its beginning", "", "user-agent: *\nallow: /\ndisallow: /$", "!/ /a"},
		{"2.2.4", "other records do not end a group", "", "sitemap: https://h/1.xml\nuser-agent: *\nsitemap: https://h/2.xml\ndisallow: /a\nhost: h\ndisallow: /b\nclean-param: x", "!/a !/b"},
		{"2.3", "the file is UTF-8, with or without a mark", "", "\ufeffuser-agent: *\ndisallow: /\u9e7f", "!/\u9e7f"},
		{"2.3.1.5", "lines that mean nothing are passed over", "", "\x00\xff\xfe\nuser-agent\nuser-agent: *\n<br>\ndisallow /x\ndisallow: /a\n\x80: y\ndisallow: /b", "!/a !/b /x"},
		{"2.5", "500 KiB are read", "", "user-agent: *\n" + strings.Repeat("#"+strings.Repeat("x", 1022)+"\n", 499) + "disallow: /a", "!/a"},
		{"5.1", "everybody", "nobody", foobot, "!/a.gif !/example/ /publications/ /b"},
		{"5.1", "foobot", "foobot", foobot, "!/ !/publications/ /example/page.html /example/allowed.gif !/example/gone"},
		{"5.1", "barbot", "barbot", foobot, "!/example/page.html /example/ /a.gif"},
		{"5.1", "quxbot", "quxbot", foobot, "/ /example/page.html"},
		{"5.2", "longest match", "foobot", "User-Agent: foobot\nAllow: /example/page/\nDisallow: /example/page/disallowed.gif", "/example/page/ /example/page/x !/example/page/disallowed.gif"},
	} {
		t.Run(c.section+" "+c.rule, func(t *testing.T) {
			agent := c.agent
			if agent == "" {
				agent = product
			}
			rules := parseRobots([]byte(c.file)).group([]string{agent})
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

// TestRFC9309Access has a row for each normative sentence of RFC 9309 about how
// the file is come by (sections 2.3 and 2.4). Each site forbids /secret in the
// file that it hands out.
func TestRFC9309Access(t *testing.T) {
	const file = "User-agent: *\nDisallow: /secret"
	for _, c := range []struct {
		name string
		// answer serves robots.txt at the nth asking, from 1 on.
		answer func(w http.ResponseWriter, r *http.Request, n int64)
		// before runs after a first page was asked for.
		advance time.Duration
		again   bool
		reason  string // of /secret at the end
		open    string // of another page at the end
		asked   int64
	}{
		{name: "2.3 at the top, all lower case", answer: func(w http.ResponseWriter, r *http.Request, _ int64) { fmt.Fprint(w, file) }, reason: ReasonRobots, asked: 1},
		{name: "2.3.1.1 what was found is followed, whatever its type", answer: func(w http.ResponseWriter, r *http.Request, _ int64) {
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, file)
		}, reason: ReasonRobots, asked: 1},
		{name: "2.3.1.2 five redirects", answer: redirects(5, file), reason: ReasonRobots, asked: 1},
		{name: "2.3.1.2 six redirects", answer: redirects(6, file), asked: 1},
		{name: "2.3.1.3 unavailable", answer: func(w http.ResponseWriter, r *http.Request, _ int64) { w.WriteHeader(403) }, asked: 1},
		{name: "2.3.1.4 unreachable by status", answer: func(w http.ResponseWriter, r *http.Request, _ int64) { w.WriteHeader(502) }, reason: ReasonRobotsUnreachable, open: ReasonRobotsUnreachable, asked: 1},
		{name: "2.3.1.4 unreachable by network", answer: func(w http.ResponseWriter, r *http.Request, _ int64) { panic(http.ErrAbortHandler) }, reason: ReasonDisconnected, open: ReasonDisconnected, asked: 2},
		{name: "2.3.1.4 unreachable, and known from before", answer: func(w http.ResponseWriter, r *http.Request, n int64) {
			if n > 1 {
				w.WriteHeader(503)
			}
			fmt.Fprint(w, file)
		}, again: true, advance: 29 * 24 * time.Hour, reason: ReasonRobots, asked: 2},
		{name: "2.3.1.4 unreachable for more than 30 days", answer: func(w http.ResponseWriter, r *http.Request, n int64) {
			if n > 1 {
				w.WriteHeader(500)
			}
			fmt.Fprint(w, file)
		}, again: true, advance: 31 * 24 * time.Hour, reason: ReasonRobotsUnreachable, open: ReasonRobotsUnreachable, asked: 2},
		{name: "2.4 not asked again for a day", answer: func(w http.ResponseWriter, r *http.Request, n int64) {
			if n == 1 {
				fmt.Fprint(w, file)
			}
		}, again: true, advance: 23 * time.Hour, reason: ReasonRobots, asked: 1},
		{name: "2.4 asked again after a day", answer: func(w http.ResponseWriter, r *http.Request, n int64) {
			if n == 1 {
				fmt.Fprint(w, file)
			}
		}, again: true, advance: 25 * time.Hour, asked: 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			var asked atomic.Int64
			var n int64
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.URL.Path == "/robots.txt":
					n = asked.Add(1)
					c.answer(w, r, n)
				case strings.HasPrefix(r.URL.Path, "/r/"):
					c.answer(w, r, n)
				default:
					fmt.Fprint(w, smallPage)
				}
			}))
			t.Cleanup(srv.Close)
			cr := newCrawler(t, Config{})
			clock := newFakeClock()
			cr.setClock(clock.clock())
			s := open(t, cr, loopback())
			if c.again {
				if _, err := s.Fetch(t.Context(), Request{URL: srv.URL + "/first"}); err != nil {
					t.Fatal(err)
				}
				clock.advance(c.advance)
			}
			for path, want := range map[string]string{"/secret": c.reason, "/open": c.open} {
				page, err := s.Fetch(t.Context(), Request{URL: srv.URL + path})
				if want == "" {
					if err != nil {
						t.Errorf("%s: %v", path, err)
					}
					continue
				}
				if fe := mustFail(t, page, err); fe.Reason != want {
					t.Errorf("%s: %s (%v); want %s", path, fe.Reason, fe, want)
				}
			}
			if got := asked.Load(); c.reason != ReasonDisconnected && got != c.asked {
				t.Errorf("asked %d times; want %d", got, c.asked)
			}
		})
	}

	t.Run("2.3.1.2 redirects across authorities count where they began", func(t *testing.T) {
		other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, file) }))
		t.Cleanup(other.Close)
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/robots.txt" {
				http.Redirect(w, r, other.URL+"/elsewhere.txt", http.StatusFound)
			}
		}))
		t.Cleanup(srv.Close)
		page, err := open(t, newCrawler(t, Config{}), loopback()).Fetch(t.Context(), Request{URL: srv.URL + "/secret"})
		if fe := mustFail(t, page, err); fe.Reason != ReasonRobots {
			t.Errorf("%v", fe)
		}
	})
	t.Run("2.3 each authority and scheme has its own", func(t *testing.T) {
		for _, disallow := range []string{"/secret", "/open"} {
			site := &robotsSite{status: 200, file: "User-agent: *\nDisallow: " + disallow}
			srv := httptest.NewServer(site)
			t.Cleanup(srv.Close)
			page, err := open(t, newCrawler(t, Config{}), loopback()).Fetch(t.Context(), Request{URL: srv.URL + disallow})
			if fe := mustFail(t, page, err); fe.Reason != ReasonRobots {
				t.Errorf("%v", fe)
			}
		}
	})
}

// redirects leads robots.txt over n redirects to the file.
func redirects(n int, file string) func(w http.ResponseWriter, r *http.Request, _ int64) {
	return func(w http.ResponseWriter, r *http.Request, _ int64) {
		at := 0
		_, _ = fmt.Sscanf(r.URL.Path, "/r/%d", &at)
		if at < n {
			http.Redirect(w, r, fmt.Sprintf("/r/%d", at+1), http.StatusFound)
			return
		}
		fmt.Fprint(w, file)
	}
}
