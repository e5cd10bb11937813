package crawler

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gocolly/colly/v2"

	"github.com/markwatch/markwatch"
)

// benchSite serves pages of about 240 kB, the weight of a real product page.
func benchSite(b *testing.B) string {
	var page strings.Builder
	page.WriteString("<html><head><title>鞋</title></head><body>")
	for i := 0; page.Len() < 240_000; i++ {
		fmt.Fprintf(&page, `<div class="item"><a href="/item/%d">耐克 运动鞋 %d</a><span>¥%d.00</span></div>`, i, i*7919, i%900)
	}
	page.WriteString("</body></html>")
	body := []byte(page.String())
	srv := httptest.NewServer(withoutRobots(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		w.Write(body)
	}))
	b.Cleanup(srv.Close)
	return srv.URL
}

// BenchmarkFetch fetches with robots.txt, capture and limits.
func BenchmarkFetch(b *testing.B) {
	base := benchSite(b)
	s := open(b, newCrawler(b, Config{Recorder: &sizeRecorder{}}), loopback())
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := s.Fetch(b.Context(), Request{URL: fmt.Sprintf("%s/item/%d", base, i)}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkBareColly fetches the same pages with a collector that parses
// nothing: the price of fetching alone.
func BenchmarkBareColly(b *testing.B) {
	base := benchSite(b)
	c := colly.NewCollector(colly.AllowURLRevisit())
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if err := c.Visit(fmt.Sprintf("%s/item/%d", base, i)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkBareCollyParsed is the yardstick of the budgets: colly with a
// callback that collects links and one that reads the title.
func BenchmarkBareCollyParsed(b *testing.B) {
	base := benchSite(b)
	c := colly.NewCollector(colly.AllowURLRevisit())
	links, titles := 0, 0
	c.OnHTML("a[href]", func(e *colly.HTMLElement) { links += len(e.Attr("href")) })
	c.OnHTML("title", func(e *colly.HTMLElement) { titles += len(e.Text) })
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if err := c.Visit(fmt.Sprintf("%s/item/%d", base, i)); err != nil {
			b.Fatal(err)
		}
	}
}

// sizeRecorder takes note of what it is given and keeps nothing.
type sizeRecorder struct{ bytes atomic.Int64 }

func (r *sizeRecorder) Record(_ context.Context, ex *markwatch.Exchange) (markwatch.Capture, error) {
	r.bytes.Add(int64(len(ex.Request) + len(ex.Response)))
	return markwatch.Capture{}, nil
}
