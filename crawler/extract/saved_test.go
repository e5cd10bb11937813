package extract_test

import (
	"net/http"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/extract"
)

// TestASavedPageSaysWhereItStood reads pages from files, which have no address
// of their own; a page that has one is not moved by what it declares.
func TestASavedPageSaysWhereItStood(t *testing.T) {
	const offer = `<script type="application/ld+json">{"@type":"Product","name":"紫砂壶","offers":{"price":"268","priceCurrency":"CNY"}}</script>`
	for _, c := range []struct{ name, address, head, want string }{
		{"canonical link", "file:///p.html", `<link rel="canonical" href="https://item.taobao.com/item.htm?id=5622832401">`, "taobao-5622832401"},
		{"og:url", "file:///p.html", `<meta property="og:url" content="https://item.jd.com/10004567.html">`, "jd-10004567"},
		{"the browser's comment", "file:///p.html", "<!-- saved from url=(0039)https://item.jd.com/10004567.html -->", "jd-10004567"},
		{"no address at all", "", `<link rel="canonical" href="https://item.jd.com/10004567.html">`, "jd-10004567"},
		{
			"only http counts", "file:///p.html",
			`<link rel="canonical" href="javascript:alert(1)"><meta property="og:url" content="https://item.jd.com/10004567.html">`, "jd-10004567",
		},
		{
			"another host's page", "https://shop.example/item/7",
			`<link rel="canonical" href="https://item.jd.com/10004567.html">`, markwatch.ListingID("", "", "https://shop.example/item/7"),
		},
	} {
		doc, err := extract.Parse(&markwatch.Page{
			URL: c.address, FinalURL: c.address, Status: http.StatusOK, Header: http.Header{},
			Body: []byte(c.head + "<title>紫砂壶</title>" + offer),
		})
		if err != nil {
			t.Fatal(err)
		}
		listings := doc.Listings(extract.Options{})
		if len(listings) != 1 || listings[0].ID != c.want {
			t.Errorf("%s: %+v, want id %s", c.name, listings, c.want)
		}
	}
}
