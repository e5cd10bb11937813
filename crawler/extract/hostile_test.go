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
