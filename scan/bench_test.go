package scan_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gocolly/colly/v2"
	"github.com/riverqueue/river"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/configs"
	"github.com/markwatch/markwatch/crawler"
	"github.com/markwatch/markwatch/crawler/frontier"
	"github.com/markwatch/markwatch/evidence"
	"github.com/markwatch/markwatch/matchers"
	"github.com/markwatch/markwatch/sample"
	"github.com/markwatch/markwatch/scan"
	"github.com/markwatch/markwatch/store"
)

// benchPages is the size of the market; benchNames how many protected names
// its listings are held against.
const (
	benchPages = 1500
	benchNames = 10000
	// benchPadding brings the market's pages to the size of real shop pages.
	benchPadding = 200 << 10
)

// padded serves the market with pages as heavy as those of real shops: a script
// that carries goods nobody asked for, in the letters that all charsets share.
// Like real shop pages they pack to about a fifth.
func padded(m *sample.Market) http.Handler {
	inner := m.Handler()
	words := strings.Fields(`cotton summer \u590f\u5b63 loose \u5bbd\u677e kids shirt \u77ed\u8896 light pocket \u7eaf\u68c9 school travel \u6237\u5916 classic \u4f11\u95f2`)
	filler := make([]byte, 0, benchPadding+512)
	filler = append(filler, "<script>var state={items:["...)
	for i := 0; len(filler) < benchPadding; i++ {
		n := uint32(i+1) * 2654435761
		w := func(shift int) string { return words[n>>shift%uint32(len(words))] }
		filler = fmt.Appendf(filler, `{"itemId":%d,"title":"%s %s %s %s","class":"item-card item-card--grid","image":"//img.market.example/bao/%x.jpg","stock":%d,"labels":["%s"]},`,
			n, w(3), w(9), w(14), w(20), n, n%1000, w(25))
	}
	filler = append(filler, "]}</script>"...)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			inner.ServeHTTP(w, r)
			return
		}
		inner.ServeHTTP(&unsized{ResponseWriter: w}, r)
		_, _ = w.Write(filler)
	})
}

// unsized drops the length that the market declares, since more follows.
type unsized struct{ http.ResponseWriter }

func (w *unsized) WriteHeader(status int) {
	w.Header().Del("Content-Length")
	w.ResponseWriter.WriteHeader(status)
}

func (w *unsized) Write(p []byte) (int, error) {
	w.Header().Del("Content-Length")
	return w.ResponseWriter.Write(p)
}

// BenchmarkScanAgainstBareColly runs the whole pipeline (fetch, WARC, extract,
// match, store) and a colly collector that only collects links and titles over
// the same pages of the same server in the same run, and reports both rates
// and their ratio.
func BenchmarkScanAgainstBareColly(b *testing.B) {
	for b.Loop() {
		m := sample.New(sample.Options{Pages: benchPages})
		var pages, bytes atomic.Int64
		inner := padded(m)
		site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			pages.Add(1)
			inner.ServeHTTP(&countingWriter{w, &bytes}, r)
		}))
		dir := b.TempDir()
		if err := m.WriteConfig(dir, site.URL); err != nil {
			b.Fatal(err)
		}
		cfg, err := configs.Load(dir)
		if err != nil {
			b.Fatal(err)
		}
		for i := range benchNames {
			cfg.Lists.Brands = append(cfg.Lists.Brands, markwatch.Brand{
				ID: fmt.Sprintf("bench-%d", i), Names: map[string]string{"zh": fmt.Sprintf("测试牌%c%c%d", 0x4e00+i%5000, 0x5e00+i%3000, i), "en": fmt.Sprintf("Benchmark%dx", i)},
			})
		}
		start := time.Now()
		sum := scanOnce(b, dir, cfg)
		pipeline := float64(sum.Pages.Fetched) / time.Since(start).Seconds()
		pages.Store(0)
		bytes.Store(0)
		start = time.Now()
		crawlBare(b, site.URL)
		bare := float64(pages.Load()) / time.Since(start).Seconds()
		site.Close()
		b.ReportMetric(pipeline, "scan-pages/s")
		b.ReportMetric(bare, "colly-pages/s")
		b.ReportMetric(pipeline/bare, "ratio")
		b.ReportMetric(float64(bytes.Load())/float64(pages.Load())/1000, "kB/page")
	}
}

type countingWriter struct {
	http.ResponseWriter
	n *atomic.Int64
}

func (w *countingWriter) Write(p []byte) (int, error) {
	n, err := w.ResponseWriter.Write(p)
	w.n.Add(int64(n))
	return n, err
}

// scanOnce scans the configuration's one source.
func scanOnce(b *testing.B, dir string, cfg *configs.Config) markwatch.ScanSummary {
	b.Helper()
	ctx := b.Context()
	fatal := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	log := slog.New(slog.DiscardHandler)
	s, err := store.Open(ctx, filepath.Join(dir, "bench.db"), store.Options{})
	fatal(err)
	defer s.Close()
	set, err := matchers.Compile(matchers.Knowledge{Lists: cfg.Lists, Rates: cfg.Rates})
	fatal(err)
	archive, err := evidence.OpenArchive(filepath.Join(dir, "captures"), evidence.ArchiveOptions{})
	fatal(err)
	defer archive.Close()
	table, err := frontier.New(s.RiverDriver(), s, frontier.Options{Now: time.Now, Logger: log})
	fatal(err)
	web, err := crawler.New(crawler.Config{Recorder: archive, Logger: log})
	fatal(err)
	scanner, err := scan.New(scan.Config{Store: s, Frontier: table, Crawler: web, Matchers: set, Lists: cfg.Lists, Dir: dir, Now: time.Now, Logger: log})
	fatal(err)
	_, stop, err := scanner.Start(ctx, 8, river.NewWorkers())
	fatal(err)
	id, err := scanner.Begin(ctx, cfg.Lists.Sources[0].ID)
	fatal(err)
	sums, err := scanner.Wait(ctx, []string{id}, nil)
	fatal(err)
	grace, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	fatal(stop(grace))
	return sums[0]
}

// crawlBare follows every link of the site's items, categories and searches
// with a plain collector.
func crawlBare(b *testing.B, base string) {
	b.Helper()
	c := colly.NewCollector(colly.Async(true))
	if err := c.Limit(&colly.LimitRule{DomainGlob: "*", Parallelism: 4}); err != nil {
		b.Fatal(err)
	}
	var titles atomic.Int64
	c.OnHTML("a[href]", func(e *colly.HTMLElement) { _ = e.Request.Visit(e.Attr("href")) })
	c.OnHTML("title", func(*colly.HTMLElement) { titles.Add(1) })
	c.OnRequest(func(r *colly.Request) {
		if titles.Load() > benchPages {
			r.Abort()
		}
	})
	if err := c.Visit(base + "/"); err != nil {
		b.Fatal(err)
	}
	c.Wait()
}
