package scan_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
)

// unchangedItems is how many offers the site of the benchmark has.
const unchangedItems = 600

// BenchmarkUnchangedNight compares the processor time of a page that is read
// with that of one that the server says is unchanged: pages of 240 kB, all of
// them due on the second night. The server runs in the same process and its
// time counts for both.
func BenchmarkUnchangedNight(b *testing.B) {
	filler := "<script>var state={" + strings.Repeat(`"k":"0123456789abcdef",`, benchPadding/24) + "}</script>"
	pages := make([]string, unchangedItems)
	var index strings.Builder
	index.WriteString("<title>小店</title><p>欢迎光临</p>")
	for i := range pages {
		pages[i] = offer(fmt.Sprintf("宜兴紫砂壶 手工西施壶 %d毫升 %d号", 200+i%50, i), "268.00", "陶艺工坊", strings.Repeat("本店手工制作,支持定制。", 40)) + filler
		fmt.Fprintf(&index, `<a href="/item/%d">%d</a> `, i, i)
	}
	changed := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var i int
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if n, _ := fmt.Sscanf(r.URL.Path, "/item/%d", &i); n == 1 {
			http.ServeContent(w, r, "", changed, strings.NewReader(pages[i]))
			return
		}
		_, _ = w.Write([]byte(index.String()))
	}))
	defer site.Close()
	for range b.N {
		src := source(site.URL)
		src.Politeness.Parallel = 4
		r := open(b, b.TempDir(), src)
		first := cpuOf(func() { nights(b, r, markwatch.PageCounts{Fetched: unchangedItems + 1}) })
		second := cpuOf(func() { nights(b, r, markwatch.PageCounts{Unchanged: unchangedItems + 1}) })
		r.stop()
		b.ReportMetric(first.Seconds()*1e3/(unchangedItems+1), "ms/page")
		b.ReportMetric(second.Seconds()*1e3/(unchangedItems+1), "ms/unchanged")
		b.ReportMetric(second.Seconds()/first.Seconds(), "unchanged/page")
	}
}

// nights scans once and checks what became of the pages.
func nights(b *testing.B, r *rig, want markwatch.PageCounts) {
	b.Helper()
	id, err := r.scanner.Begin(b.Context(), "shop")
	if err != nil {
		b.Fatal(err)
	}
	sums, err := r.scanner.Wait(b.Context(), []string{id}, nil)
	if err != nil {
		b.Fatal(err)
	}
	if got := sums[0].Pages; got.Fetched != want.Fetched || got.Unchanged != want.Unchanged {
		b.Fatalf("pages %+v, want %+v", got, want)
	}
}

// cpuOf is the processor time, of user and system, that the process took.
func cpuOf(f func()) time.Duration {
	used := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			return 0
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	before := used()
	f()
	return used() - before
}
