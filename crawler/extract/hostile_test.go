package extract_test

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/markwatch/markwatch/crawler/extract"
)

// TestDeepNesting: what a page shows is read however deep it is wrapped.
func TestDeepNesting(t *testing.T) {
	body := strings.Repeat("<div>", 100_000) + `<h1>Deep shoe</h1><span class="price">¥199.00</span><button>加入购物车</button>`
	d, err := extract.Parse(page("https://shop.example/item/1", []byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	if found := d.Listings(extract.Options{Listing: true}); len(found) != 1 || found[0].Title != "Deep shoe" {
		t.Errorf("%+v", found)
	}
}

// TestMalformed runs every case of the HTML parsing suites through the readers.
func TestMalformed(t *testing.T) {
	n := 0
	err := filepath.WalkDir(shared(t, "malformed-html"), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		body := string(readFile(t, path))
		for _, part := range strings.Split(body, "\n#data\n") {
			input, _, _ := strings.Cut(part, "\n#errors")
			d, err := extract.Parse(page("https://shop.example/", []byte(input)))
			if err != nil {
				continue // some cases hold control bytes only
			}
			d.Listings(extract.Options{Listing: true})
			d.Links()
			d.Text()
			n++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n < 1000 {
		t.Errorf("only %d cases were read", n)
	}
}

func TestTruncatedPages(t *testing.T) {
	body := []byte(`<html><head><title>鞋</title><script type="application/ld+json">{"@type":"Product","name":"跑步鞋","offers":{"price":"199","priceCurrency":"CNY"}}</script></head><body><h1>跑步鞋</h1><table><tr><td>品牌<td>某</table>`)
	for i := range body {
		if d, err := extract.Parse(page("https://shop.example/item/1", body[:i])); err == nil {
			d.Listings(extract.Options{Listing: true})
			d.Links()
		}
	}
}

// TestRepetition: pages that repeat what a reader looks for, each in the way
// that would cost it most. What they give stays bounded; a reader that takes
// squared time on one of them does not end within the test's time.
func TestRepetition(t *testing.T) {
	const size = 512 << 10
	repeat := func(s string) string { return strings.Repeat(s, size/len(s)) }
	for name, body := range map[string]string{
		"unclosed literals":    "<h1>a shoe</h1><script>x=" + repeat(`{"price":`) + "</script>",
		"short literals":       "<h1>a shoe</h1><script>" + repeat(`x={"price":1,`) + "</script>",
		"open strings":         "<h1>a shoe</h1><script>" + repeat(`f({a:"price`) + "</script>",
		"streamed parts":       "<h1>a shoe</h1><script>" + repeat(`__next_f.push([1,"a{\"price\":`) + "</script>",
		"tiles of two kinds":   repeat(`<li class=a><a href=/1>a</a><b class=price>¥1</b></li><li class=b><a href=/2>b</a><b>$2</b></li>`),
		"lines of all signs":   repeat(`<p>sold out 缺货 add to cart ¥5 电话 13800138000 SF1234567890123</p>`),
		"headings":             repeat(`<h1>add to cart</h1>`),
		"numbers in one line":  "<p class=price>" + repeat(`¥1,2.3 `),
		"data attributes":      repeat(`<div data-x='{"title":"a shoe","price":1,"price":2,"a":{}}'></div>`),
		"packs in a heading":   "<h1>" + repeat(`12 x 3ml `) + "</h1><b class=price>$5</b><button>add to cart</button>",
		"nested prices":        repeat(`<div class=price>1<div class="header sidebar">`) + "<h1>x</h1>",
		"offers in offers":     `<script type="application/ld+json">` + repeat(`{"@type":"Product","name":"a","offers":[`) + "</script>",
		"references in a ring": repeat(`<div itemscope id=a itemref="a b c"><b id=b itemprop=name itemscope itemref=c></b></div>`),
	} {
		for _, one := range []bool{true, false} {
			d, err := extract.Parse(page("https://shop.example/item/12345", []byte(body)))
			if err != nil {
				continue
			}
			found := d.Listings(extract.Options{Listing: one})
			if len(found) > 1000 {
				t.Errorf("%s: %d listings", name, len(found))
			}
			for i := range found {
				if l := &found[i]; len(l.Title) > 2000 || len(l.Text) > 8000 || len(l.Prices) > 100 || len(l.Images) > 30 {
					t.Errorf("%s: a title of %d, a text of %d bytes, %d prices", name, len(l.Title), len(l.Text), len(l.Prices))
				}
			}
		}
	}
}
