package extract_test

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/net/html"

	"bytes"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/extract"
)

// benchPages are the real product pages where they are at hand, else the
// repository's own.
func benchPages(b *testing.B) (pages []*markwatch.Page, size int64) {
	b.Helper()
	real, _ := filepath.Glob(filepath.Join("..", "..", "..", "shared", "real", "product-pages", "html", "*.gz"))
	own, _ := filepath.Glob(filepath.Join("testdata", "*.html"))
	if len(real) == 0 {
		real = own
	}
	for _, path := range real {
		if _, err := os.Stat(path); err != nil {
			b.Fatal(err)
		}
		body := readFile(b, path)
		size += int64(len(body))
		pages = append(pages, page("https://shop.example/item/1", body))
	}
	return pages, size
}

// BenchmarkExtract is one parse and all readings of a page. MB/s over the mean
// size gives pages a second; pages/s at 240 kB is reported too.
func BenchmarkExtract(b *testing.B) {
	pages, size := benchPages(b)
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		for _, p := range pages {
			d, err := extract.Parse(p)
			if err != nil {
				b.Fatal(err)
			}
			d.Listings(extract.Options{Listing: true})
			d.Links()
		}
	}
	b.ReportMetric(float64(size)*float64(b.N)/b.Elapsed().Seconds()/240_000, "pages240kB/s")
}

// BenchmarkParseOnly is the floor: the HTML parser alone.
func BenchmarkParseOnly(b *testing.B) {
	pages, size := benchPages(b)
	b.SetBytes(size)
	for b.Loop() {
		for _, p := range pages {
			if _, err := html.Parse(bytes.NewReader(p.Body)); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(size)*float64(b.N)/b.Elapsed().Seconds()/240_000, "pages240kB/s")
}
