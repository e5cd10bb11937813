package feed_test

import (
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/feed"
)

var update = flag.Bool("update", false, "write what is read into the golden files")

func pageOf(body string) *markwatch.Page {
	return &markwatch.Page{
		Source: "shop", URL: "https://shop.example/api/feed", Status: http.StatusOK, Header: http.Header{}, Body: []byte(body),
		FetchedAt: time.Date(2026, 11, 20, 18, 0, 0, 0, time.UTC), Snapshot: "a.warc.gz#1",
	}
}

func TestGolden(t *testing.T) {
	goods := markwatch.JSONPaths{Items: "data.list", Fields: map[string]string{
		"item_id": "id", "title": "name", "price": "price_cents|cents", "list_price": "market", "seller.name": "shop.name", "seller.contacts": "shop.wx",
		"images": "pics", "attributes": "props", "url": "href", "sales": "sold",
	}}
	for file, src := range map[string]markwatch.Source{
		"sitemap.xml": {}, "index.xml": {}, "rss091.xml": {}, "rdf.xml": {}, "shopify.atom": {}, "broken.xml": {}, "list.txt": {}, "bomb.xml": {}, "jsonfeed.json": {},
		"merchant.xml": {Platform: markwatch.Platform{ID: "example"}},
		"goods.json":   {JSON: goods, Region: "520100"},
		"callback.js":  {JSON: markwatch.JSONPaths{Items: "result.*.goods", Fields: map[string]string{"title": "t", "url": "u"}}},
		"broken.json":  {JSON: markwatch.JSONPaths{Items: "items", Fields: map[string]string{"title": "t", "url": "u", "price": "p"}}},
	} {
		t.Run(file, func(t *testing.T) {
			src.ID = "shop"
			body, err := os.ReadFile(filepath.Join("testdata", file))
			if err != nil {
				t.Fatal(err)
			}
			f, err := feed.Parse(pageOf(string(body)), &src)
			if err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			enc := json.NewEncoder(&b)
			enc.SetEscapeHTML(false)
			enc.SetIndent("", "  ")
			if err := enc.Encode(f); err != nil {
				t.Fatal(err)
			}
			got := b.String()
			golden := filepath.Join("testdata", file+"-result")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}
