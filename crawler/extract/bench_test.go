package extract_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

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

// BenchmarkAgainstParser takes both by turns, page by page, and reports how
// many times the processor time of the parser alone one page takes, which says
// more than pages a second on a machine that does other work too.
func BenchmarkAgainstParser(b *testing.B) {
	pages, _ := benchPages(b)
	var parser, whole time.Duration
	for b.Loop() {
		for _, p := range pages {
			start := processorTime(b)
			if _, err := html.Parse(bytes.NewReader(p.Body)); err != nil {
				b.Fatal(err)
			}
			parsed := processorTime(b)
			d, err := extract.Parse(p)
			if err != nil {
				b.Fatal(err)
			}
			d.Listings(extract.Options{Listing: true})
			d.Links()
			parser, whole = parser+parsed-start, whole+processorTime(b)-parsed
		}
	}
	b.ReportMetric(float64(whole)/float64(parser), "times-parser")
}

// processorTime is what the process has used so far.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
