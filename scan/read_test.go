package scan_test

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/scan"
)

// FuzzRead gives pages of any content and any declared type to sources of every
// kind: whatever comes, a page has one of the outcomes of the coverage record,
// and nothing that it links to lies outside the source's scope.
func FuzzRead(f *testing.F) {
	f.Add("text/html; charset=utf-8", 200, []byte(offer(teapot(1), "268.00", "陶艺工坊", "本店手工制作")))
	f.Add("text/html", 200, []byte(`<html><a href="/item/1">x</a><a href="//elsewhere.example/">y</a><script type="application/ld+json">{"@type":"Product","name":`))
	f.Add("application/xml", 200, []byte(sitemap("https://shop.example", time.Now())))
	f.Add("text/xml; charset=gbk", 200, []byte("<?xml version=\"1.0\" encoding=\"utf-16\"?><urlset><url><loc>https://shop.example/item/\xff</loc>"))
	f.Add("application/x-gzip", 200, []byte(gzipped(sitemap("https://shop.example", time.Now()))))
	f.Add("application/json", 200, []byte(goodsPage("https://shop.example", "/goods?page=2", 0, 3)))
	f.Add("text/javascript", 203, []byte(`callback({"data":{"list":[{"name":"x","link":"javascript:alert(1)"},[[[[]]]]]}})`))
	f.Add("application/rss+xml", 200, []byte(`<rss><channel><item><title>x</title><link>https://shop.example/1</link><price>1e99999</price></item>`))
	f.Add("text/html; charset=utf-16", 200, []byte("\xff\xfe<\x00h\x00t\x00m\x00l\x00>\x00\x00\xd8"))
	f.Add("", 404, []byte{})
	f.Add("image/png; =", 200, []byte("\x89PNG\x00"))
	sources := []markwatch.Source{
		{ID: "site", Kind: markwatch.KindSite, Start: []string{"https://shop.example/"}, Listing: []string{"*/item/*"}, Fields: map[string]string{"items": ".goods-item", "title": "h3", "price": ".price@data-price"}},
		{ID: "market", Kind: markwatch.KindMarketplace, Start: []string{"https://shop.example/s?q=1"}, Limits: markwatch.Limits{Depth: 2}, Region: "520100"},
		{ID: "feed", Kind: markwatch.KindFeed, Start: []string{"https://shop.example/goods"}, JSON: markwatch.JSONPaths{Items: "data.list", Fields: map[string]string{"title": "name", "price": "sale", "url": "link"}}},
		{ID: "archive", Kind: markwatch.KindArchive, Start: []string{"*.warc"}},
	}
	scanner, err := scan.New(scan.Config{Lists: markwatch.Lists{Sources: sources}, Now: time.Now, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, contentType string, status int, body []byte) {
		for _, src := range sources {
			url := "https://shop.example/item/1"
			page := &markwatch.Page{Source: src.ID, URL: url, FinalURL: url, Status: status, Header: http.Header{"Content-Type": {contentType}}, Body: body, FetchedAt: time.Now(), Snapshot: "a.warc.gz#1"}
			outcome, links, listings := scanner.ReadPage(page, 1)
			switch outcome {
			case markwatch.PageFetched, markwatch.PageEmpty, markwatch.PageBlocked, markwatch.PageFailed, markwatch.PageUndecodable:
			default:
				t.Errorf("%s: outcome %q", src.ID, outcome)
			}
			for _, l := range links {
				if !strings.HasPrefix(l.URL, "https://shop.example/") && !strings.HasPrefix(l.URL, "http://shop.example/") || l.Key == "" || l.Host == "" || l.Depth < 1 || l.Depth > 2 {
					t.Errorf("%s: link %+v", src.ID, l)
				}
			}
			for _, l := range listings {
				if l.ID == "" || l.Source != src.ID {
					t.Errorf("%s: listing %+v", src.ID, l)
				}
			}
		}
	})
}
