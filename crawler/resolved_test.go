package crawler

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// TestTheResolversAnswerIsKept holds that an exchange names the answer of the
// DNS by which its connection was made, over every protocol, also where the
// connection was kept for a later request; and none where there was none.
func TestTheResolversAnswerIsKept(t *testing.T) {
	site := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, smallPage)
	}
	plain := serve(t, site)
	secure, roots := secureSite(t, true, site)
	via, _ := forward(t)
	names := map[string]string{"example.com": "127.0.0.1"}
	for _, c := range []struct {
		name, base, http, proxy, want string
	}{
		{"http", strings.Replace(plain, "127.0.0.1", "example.com", 1), "1.1", "", "example.com"},
		{"https", strings.Replace(secure, "127.0.0.1", "example.com", 1), "1.1", "", "example.com"},
		{"h2", strings.Replace(secure, "127.0.0.1", "example.com", 1), "2", "", "example.com"},
		{"an address", plain, "1.1", "", ""},
		{"a proxy", plain, "1.1", via, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			rec, src := &tape{}, loopback()
			src.Request.HTTP, src.Request.Proxy = c.http, c.proxy
			s := open(t, newCrawler(t, Config{TLS: roots, Recorder: rec, Resolver: resolverFor(t, names)}), src)
			for _, path := range []string{"/first", "/second"} {
				if _, err := s.Fetch(t.Context(), Request{URL: c.base + path}); err != nil {
					t.Fatal(err)
				}
				ex := rec.of(path)[0]
				if c.want == "" {
					if ex.Resolved != nil {
						t.Errorf("%s: %+v", path, ex.Resolved)
					}
					continue
				}
				if r := ex.Resolved; r == nil || r.Host != c.want || len(r.Addresses) != 1 || r.Addresses[0] != "127.0.0.1" || r.At.IsZero() || r.At.After(ex.At.Add(connectMost)) {
					t.Errorf("%s: resolved %+v", path, r)
				}
			}
		})
	}
}
