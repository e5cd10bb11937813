//go:build unix

package bleve_test

import (
	"context"
	"fmt"
	"io/fs"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/markwatch/markwatch/index"
	"github.com/markwatch/markwatch/index/bleve"
	"github.com/markwatch/markwatch/index/indextest"
)

// benchDocs is the size of the benchmarked index; MARKWATCH_BENCH_DOCS sets
// another.
func benchDocs() int {
	if n, err := strconv.Atoi(os.Getenv("MARKWATCH_BENCH_DOCS")); err == nil && n > 0 {
		return n
	}
	return 100_000
}

// leads makes documents with the lengths and repetitions of real listings:
// title and description have some 85 characters together, of words that are
// frequent or rare by Zipf's law.
func leads(n int) iter.Seq2[index.Document, error] {
	return func(yield func(index.Document, error) bool) {
		r := rand.New(rand.NewPCG(1, 2))
		words := strings.Fields(`高仿 复刻 纯原 莆田 原单 正品 代购 海外 直邮 包邮 顺丰 男款 女款 情侣 新款 现货 专柜 验货 支持 微信 尾单 工厂 直销 批发 一比一
			耐克 阿迪达斯 古驰 爱马仕 路易威登 香奈儿 劳力士 雅诗兰黛 兰蔻 空军一号 运动鞋 板鞋 手提包 钱包 手表 精华 面霜 口红 网盘 资源 破解版 电子书 课程 全集 蓝光 高清
			nike adidas gucci hermes chanel rolex lancome photoshop office windows air force jordan superstar`)
		for c := range 3000 { // a long tail of rarer words
			words = append(words, string([]rune{rune(0x4E00 + (c*37)%6000), rune(0x4E00 + (c*101)%6000)}))
		}
		zipf := rand.NewZipf(r, 1.1, 8, uint64(len(words)-1))
		text := func(n int) string {
			var b strings.Builder
			for range n {
				b.WriteString(words[zipf.Uint64()])
				if r.IntN(3) == 0 {
					b.WriteByte(' ')
				}
			}
			return b.String()
		}
		brands := []string{"nike", "adidas", "gucci", "hermes", "chanel", "rolex", "lancome", "photoshop"}
		violations := []string{"counterfeit", "fake-overseas", "piracy", "tobacco"}
		provinces := []string{"福建", "广东", "浙江", "上海", "北京", "四川", "贵州"}
		for i := range n {
			price := float64(r.IntN(200000)) / 100
			brand := brands[r.IntN(len(brands))]
			seen := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(r.IntN(320*24*3600)) * time.Second)
			d := index.Document{
				ID: fmt.Sprintf("taobao-%09d", i*7919%1_000_000_007), Number: fmt.Sprintf("2026-%06d", i),
				Title: text(12), Folded: text(26), Seller: "店铺" + strconv.Itoa(int(zipf.Uint64())*r.IntN(20)),
				SellerRegion: provinces[r.IntN(len(provinces))] + "某市", Source: "source-" + strconv.Itoa(r.IntN(30)), Platform: "taobao",
				URL: fmt.Sprintf("https://item.example.com/item.htm?id=%d", i), Names: []string{brand, "耐克"}[:1], Subjects: []string{brand},
				Violations: []string{violations[r.IntN(4)*r.IntN(4)/3]}, Rules: []string{"pricing/below-floor", "jargon/r" + strconv.Itoa(r.IntN(20))},
				Units: []string{"unit-" + strconv.Itoa(r.IntN(15))}, Reasons: []string{"标价199元,仅为官方价799元的25%,低于该品牌的最低正品折扣"},
				Status: []string{"new", "review", "confirmed", "dismissed"}[r.IntN(4)], Lead: true, Flagged: true,
				Score: float64(r.IntN(10000)) / 10000, PriceCNY: &price, Sales: int64(r.IntN(20000)), FirstSeen: seen, LastSeen: seen.Add(24 * time.Hour),
			}
			d.Description = d.Folded
			if !yield(d, nil) {
				return
			}
		}
	}
}

// BenchmarkRebuild indexes everything anew; docs/s is the figure of reindex.
func BenchmarkRebuild(b *testing.B) {
	n := benchDocs()
	for b.Loop() {
		b.StopTimer()
		var docs []index.Document
		for d := range leads(n) {
			docs = append(docs, d)
		}
		dir := b.TempDir()
		x, err := bleve.Open(bleve.Options{Dir: dir, Fold: indextest.Fold})
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		start, cpu := time.Now(), userTime()
		err = x.Rebuild(context.Background(), func(yield func(index.Document, error) bool) {
			for _, d := range docs {
				if !yield(d, nil) {
					return
				}
			}
		})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(n)/time.Since(start).Seconds(), "docs/s")
		b.ReportMetric(float64((userTime()-cpu).Microseconds())/float64(n), "cpu-µs/doc")
		b.StopTimer()
		b.ReportMetric(float64(size(dir))/float64(n), "disk-B/doc")
		if err := x.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

// BenchmarkPut writes batches of 500 as the feeder does, each on disk.
func BenchmarkPut(b *testing.B) {
	var docs []index.Document
	for d := range leads(20_000) {
		docs = append(docs, d)
	}
	x, err := bleve.Open(bleve.Options{Dir: b.TempDir(), Fold: indextest.Fold})
	if err != nil {
		b.Fatal(err)
	}
	defer x.Close()
	at := 0
	start := time.Now()
	for b.Loop() {
		if err := x.Put(context.Background(), docs[at:at+500]); err != nil {
			b.Fatal(err)
		}
		at = (at + 500) % len(docs)
	}
	b.ReportMetric(500*float64(b.N)/time.Since(start).Seconds(), "docs/s")
}

func size(dir string) (total int64) {
	_ = filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			if info, err := e.Info(); err == nil {
				total += info.Size()
			}
		}
		return nil
	})
	return total
}

// userTime is the CPU time that the process has used, and peakMemory the most
// bytes that it had in memory.
func userTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func peakMemory() int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return u.Maxrss << 10
}

// BenchmarkSearch asks typical queries with all facets and reports the 50th
// and 99th percentile of each, in milliseconds. What a query leaves in memory
// for its repetition is part of it; "first" is its first answer. A folder in
// MARKWATCH_BENCH_DIR keeps the index for the next run.
func BenchmarkSearch(b *testing.B) {
	n := benchDocs()
	dir := os.Getenv("MARKWATCH_BENCH_DIR")
	if dir == "" {
		dir = b.TempDir()
	}
	x, err := bleve.Open(bleve.Options{Dir: dir, Fold: indextest.Fold})
	if err != nil {
		b.Fatal(err)
	}
	defer x.Close()
	if have, err := x.Count(context.Background()); err != nil || have != n {
		start, cpu := time.Now(), userTime()
		if err := x.Rebuild(context.Background(), leads(n)); err != nil {
			b.Fatal(err)
		}
		took := time.Since(start)
		// The log of a benchmark that has others within it is not shown.
		fmt.Fprintf(os.Stderr, "indexed %d documents in %s (%.0f/s), %s of CPU (%.0f/s a core), peak %d MiB resident\n",
			n, took.Round(time.Second), float64(n)/took.Seconds(), (userTime() - cpu).Round(time.Second), float64(n)/(userTime()-cpu).Seconds(), peakMemory()>>20)
	}
	time.Sleep(2 * time.Second) // let the engine merge and the merged segments be read
	runtime.GC()
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	for _, c := range []struct {
		name, query string
		sort        index.Sort
	}{
		{"everything", "", ""},
		{"one-character", "仿", ""},
		{"word", "高仿", ""},
		{"words-exclusion-price", "高仿 耐克 -代购 price:<300", ""},
		{"three-characters", "爱马仕", ""},
		{"four-characters", "空军一号", ""},
		{"glued", "高仿耐克", ""},
		{"latin-typo", "addidas", ""},
		{"filters", "violation:counterfeit status:new,review region:福建", ""},
		{"relevance", "耐克 运动鞋", index.SortRelevance},
		{"newest", "莆田", index.SortNewest},
	} {
		q, err := index.ParseQuery(c.query)
		if err != nil {
			b.Fatal(err)
		}
		q.Sort, q.Facets = c.sort, index.Facets()
		b.Run(c.name, func(b *testing.B) {
			var took []time.Duration
			total := 0
			cpu := userTime()
			for b.Loop() {
				start := time.Now()
				r, err := x.Search(context.Background(), q)
				if err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(start))
				total = r.Total
			}
			b.ReportMetric(float64((userTime()-cpu).Microseconds())/1000/float64(len(took)), "cpu-ms")
			b.ReportMetric(float64(took[0].Microseconds())/1000, "first-ms")
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
			b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "max-ms")
			b.ReportMetric(float64(total), "hits")
		})
	}
	b.Logf("%d documents: heap %d MiB, disk %d MiB", n, mem.HeapInuse>>20, size(dir)>>20)
}
