package crawler

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
)

// TestConditional asks again for what was seen before.
func TestConditional(t *testing.T) {
	const etag, modified = `"v1"`, "Fri, 20 Nov 2026 02:00:00 GMT"
	var mu sync.Mutex
	seen := map[string]http.Header{} // by path, the last request
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		seen[r.URL.Path] = r.Header.Clone()
		mu.Unlock()
		conditional := r.Header.Get("If-None-Match") != "" || r.Header.Get("If-Modified-Since") != ""
		switch r.URL.Path {
		case "/to-login", "/to-304":
			http.Redirect(w, r, strings.TrimPrefix(r.URL.Path, "/to-"), http.StatusFound)
			return
		case "/once":
			if k, err := r.Cookie("seen"); err != nil || k.Value != "1" {
				http.SetCookie(w, &http.Cookie{Name: "seen", Value: "1"})
				http.Redirect(w, r, "/once", http.StatusFound)
				return
			}
		case "/304":
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("ETag", etag)
		w.Header().Set("Last-Modified", modified)
		if conditional && r.URL.Path != "/changed" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprint(w, smallPage)
	})
	header := func(path string) (etag, modified string) {
		mu.Lock()
		defer mu.Unlock()
		return seen[path].Get("If-None-Match"), seen[path].Get("If-Modified-Since")
	}
	prior := func(path string) *markwatch.Capture {
		return &markwatch.Capture{Snapshot: "old#1", URL: base + path, At: time.Unix(1, 0), PayloadDigest: "sha256:00"}
	}
	for _, c := range []struct {
		name      string
		path      string
		prior     *markwatch.Capture
		unchanged bool
		reason    string // of the error, where there is one
		final     string // where it differs
		sentFirst bool   // validators go out with the first hop
		confirmed string // the path of the exchange that is given the prior capture
	}{
		{name: "unchanged", path: "/page", prior: prior("/page"), unchanged: true, sentFirst: true, confirmed: "/page"},
		{name: "unchanged without a capture", path: "/page", unchanged: true, sentFirst: true},
		{name: "changed", path: "/changed", prior: prior("/changed"), sentFirst: true, confirmed: "/changed"},
		{name: "validators of another address stay here", path: "/page", prior: prior("/login")},
		{name: "a redirect that is new", path: "/to-login", prior: prior("/to-login"), final: "/login", sentFirst: true, confirmed: "/to-login"},
		{name: "a redirect that was there before", path: "/to-login", prior: prior("/login"), final: "/login", confirmed: "/login"},
		{name: "a redirect to the same address", path: "/once", prior: prior("/once"), sentFirst: true, confirmed: "/once"},
		{name: "a 304 behind a redirect", path: "/to-304", prior: prior("/to-304"), reason: "http-304", sentFirst: true, confirmed: "/to-304"},
	} {
		t.Run(c.name, func(t *testing.T) {
			rec := &tape{}
			s := open(t, newCrawler(t, Config{Recorder: rec}), &markwatch.Source{ID: c.name, Kind: markwatch.KindSite, PrivateAddresses: "allow", Politeness: noDelay()})
			page, err := s.Fetch(t.Context(), Request{URL: base + c.path, ETag: etag, LastModified: modified, Prior: c.prior})
			final := c.path
			if c.final != "" {
				final = c.final
			}
			first, last := rec.of(c.path), rec.of(final)
			if sent := bytes.Contains(first[0].Request, []byte("If-None-Match: "+etag)) && bytes.Contains(first[0].Request, []byte("If-Modified-Since: "+modified)); sent != c.sentFirst {
				t.Errorf("validators went out: %v", sent)
			}
			if c.final != "" {
				if e, m := header(c.final); e != "" || m != "" {
					t.Errorf("validators crossed a redirect: %q, %q", e, m)
				}
				if last[0].Via != base+c.path {
					t.Errorf("via %q", last[0].Via)
				}
			}
			for _, ex := range rec.of("") {
				if got, want := ex.Prior != nil, c.confirmed != "" && ex.URL == base+c.confirmed; got != want {
					t.Errorf("%s was recorded with a prior capture: %v", ex.URL, got)
				}
			}
			if c.reason != "" {
				if fe := mustFail(t, page, err); fe.Reason != c.reason || fe.Retry {
					t.Errorf("%s, retry %v: %v", fe.Reason, fe.Retry, fe)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if page.Unchanged != c.unchanged || (page.Status == http.StatusNotModified) != c.unchanged || (len(page.Body) == 0) != c.unchanged {
				t.Errorf("unchanged %v, status %d, %d bytes", page.Unchanged, page.Status, len(page.Body))
			}
			if page.Snapshot != "tape#"+base+final || !strings.HasPrefix(page.PayloadDigest, "sha256:") {
				t.Errorf("snapshot %q, digest %q", page.Snapshot, page.PayloadDigest)
			}
		})
	}
	t.Run("a 304 that nobody asked for", func(t *testing.T) {
		s := open(t, newCrawler(t, Config{}), loopback())
		page, err := s.Fetch(t.Context(), Request{URL: base + "/304"})
		if fe := mustFail(t, page, err); fe.Reason != "http-304" {
			t.Errorf("%v", fe)
		}
	})
}

// TestObserve holds what metrics are told against what the server did.
func TestObserve(t *testing.T) {
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/from":
			http.Redirect(w, r, "/to", http.StatusFound)
		case r.URL.Path == "/gone":
			w.WriteHeader(http.StatusGone)
		case r.Header.Get("If-None-Match") != "":
			w.WriteHeader(http.StatusNotModified)
		default:
			fmt.Fprint(w, smallPage)
		}
	})
	var mu sync.Mutex
	var got []Observation
	rec := &tape{}
	s := open(t, newCrawler(t, Config{Recorder: rec, Observe: func(o Observation) {
		mu.Lock()
		defer mu.Unlock()
		got = append(got, o)
	}}), loopback())
	for _, r := range []Request{{URL: base + "/from"}, {URL: base + "/gone"}, {URL: base + "/same", ETag: `"1"`}} {
		_, _ = s.Fetch(t.Context(), r)
	}
	if err := s.Allowed(t.Context(), "ftp://h/"); err == nil {
		t.Error("ftp is allowed")
	}
	want := []Observation{
		{Status: 404, Outcome: markwatch.PageFailed, Reason: "http-404", Robots: true},
		{Status: 302, Outcome: markwatch.PageFetched},
		{Status: 200, Outcome: markwatch.PageFetched},
		{Status: 410, Outcome: markwatch.PageFailed, Reason: "http-410"},
		{Status: 304, Outcome: markwatch.PageUnchanged, Conditional: true, Unchanged: true},
	}
	if len(got) != len(want) {
		t.Fatalf("%d hops were told of: %+v", len(got), got)
	}
	var wire, told int64
	for _, ex := range rec.of("") {
		wire += int64(len(ex.Response))
	}
	for i, o := range got {
		told += o.Bytes
		if o.Host != strings.TrimPrefix(base, "http://") || o.Source != "test" || o.Took < 0 {
			t.Errorf("%+v", o)
		}
		o.Host, o.Source, o.Bytes, o.Took = "", "", 0, 0
		if o != want[i] {
			t.Errorf("hop %d: %+v; want %+v", i, o, want[i])
		}
	}
	if told != wire || s.Traffic() != wire {
		t.Errorf("%d bytes were told of, traffic is %d, the wire had %d", told, s.Traffic(), wire)
	}
}
