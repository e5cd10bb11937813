package crawler

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/markwatch/markwatch"
)

// TestFeeds reads what sitemaps and interfaces answer with.
func TestFeeds(t *testing.T) {
	const limit = 64 << 10
	const sitemap = `<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://h/1</loc></url></urlset>`
	packed := gzipped([]byte(sitemap))
	var long bytes.Buffer
	for i := range 5000 {
		fmt.Fprintf(&long, "<url><loc>https://h/%d</loc></url>", i*7919)
	}
	for _, c := range []struct {
		name, path, kind, coding string
		body                     []byte
		want                     string // "" is any
		reason                   string
		truncated                bool
	}{
		{name: "plain", path: "/sitemap.xml", kind: "application/xml", body: []byte(sitemap), want: sitemap},
		{name: "RSS", path: "/rss", kind: "application/rss+xml", body: []byte("<rss/>"), want: "<rss/>"},
		{name: "JSON", path: "/api", kind: "application/vnd.shop+json", body: []byte(`{"a":1}`), want: `{"a":1}`},
		{name: "JSON feed", path: "/feed", kind: "application/feed+json", body: []byte(`{"a":1}`), want: `{"a":1}`},
		{name: "gzip", path: "/sitemap.xml.gz", kind: "application/gzip", body: packed, want: sitemap},
		{name: "x-gzip", path: "/sitemap.xml.gz", kind: "application/x-gzip", body: packed, want: sitemap},
		{name: "octets", path: "/sitemap.xml.gz", kind: "application/octet-stream", body: packed, want: sitemap},
		{name: "declared as XML", path: "/sitemap.xml.gz", kind: "text/xml", body: packed, want: sitemap},
		{name: "no type", path: "/sitemap.xml.gz", body: packed, want: sitemap},
		{name: "type and coding for one compression", path: "/sitemap.xml.gz", kind: "application/x-gzip", coding: "gzip", body: packed, want: sitemap},
		{name: "compressed twice", path: "/sitemap.xml.gz", kind: "application/gzip", coding: "gzip", body: gzipped(packed), want: sitemap},
		{name: "name alone", path: "/sitemap.xml.gz", kind: "application/gzip", body: []byte(sitemap), want: sitemap},
		{name: "bomb", path: "/sitemap.xml.gz", kind: "application/gzip", body: gzipped(make([]byte, 4<<20)), reason: ReasonBomb},
		{name: "bomb in a bomb", path: "/sitemap.xml.gz", kind: "application/gzip", coding: "gzip", body: gzipped(gzipped(make([]byte, 4<<20))), reason: ReasonBomb},
		{name: "larger than the limit", path: "/sitemap.xml.gz", kind: "application/gzip", body: gzipped(long.Bytes()), truncated: true},
		{name: "broken", path: "/sitemap.xml.gz", kind: "application/gzip", body: packed[:len(packed)-12], reason: ReasonCoding},
		{name: "picture", path: "/a.jpg", kind: "image/jpeg", body: []byte("x"), reason: ReasonNotText},
	} {
		t.Run(c.name, func(t *testing.T) {
			base := serve(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header()["Content-Type"] = nil
				if c.kind != "" {
					w.Header().Set("Content-Type", c.kind)
				}
				if c.coding != "" {
					w.Header().Set("Content-Encoding", c.coding)
				}
				w.Header().Set("Content-Length", strconv.Itoa(len(c.body)))
				w.Write(c.body)
			})
			rec := &tape{}
			src := loopback()
			src.Kind = markwatch.KindFeed
			s := open(t, newCrawler(t, Config{Recorder: rec, MaxBody: limit}), src)
			page, err := s.Fetch(t.Context(), Request{URL: base + c.path})
			if kept := rec.of(c.path); len(kept) != 1 || c.reason != ReasonNotText && !bytes.HasSuffix(kept[0].Response, c.body) {
				t.Error("the capture is not what was on the wire")
			}
			if c.reason != "" {
				if fe := mustFail(t, page, err); fe.Reason != c.reason || fe.Outcome != markwatch.PageUndecodable {
					t.Errorf("%s, %s: %v", fe.Reason, fe.Outcome, fe)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if c.want != "" && string(page.Body) != c.want || page.Truncated != c.truncated {
				t.Errorf("truncated %v, body %.60q", page.Truncated, page.Body)
			}
			if c.truncated && (len(page.Body) != limit || !strings.HasPrefix(long.String(), string(page.Body))) {
				t.Errorf("%d bytes", len(page.Body))
			}
		})
	}
	t.Run("a page that is gzip stays as it is on a site", func(t *testing.T) {
		base := serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/octet-stream")
			w.Write(packed)
		})
		page, err := open(t, newCrawler(t, Config{}), loopback()).Fetch(t.Context(), Request{URL: base + "/a"})
		if err != nil || !bytes.Equal(page.Body, packed) {
			t.Errorf("%v", err)
		}
	})
}
