package matchers

import (
	"bufio"
	"fmt"
	"maps"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
)

// realNames reads brand names that exist, as many brands as asked for.
func realNames(b *testing.B, n int) []markwatch.Brand {
	f, err := os.Open(shared + "/real/brand-names/zh-brands.txt")
	if err != nil {
		b.Skip("../shared is absent: real/brand-names")
	}
	defer f.Close()
	var names []string
	for sc := bufio.NewScanner(f); sc.Scan(); {
		names = append(names, sc.Text())
	}
	brands := make([]markwatch.Brand, 0, n)
	for i := range n {
		name := names[i%len(names)]
		if round := i / len(names); round > 0 {
			// Beyond the names that exist, each is joined with another one.
			name += names[(i*7919+round)%len(names)]
		}
		brands = append(brands, markwatch.Brand{ID: fmt.Sprint("b", i), Names: map[string]string{"zh": name}})
	}
	return brands
}

// BenchmarkCheck judges listings with 1,000 to 100,000 names: those of the
// development set, of which nearly every one names brands, claims and prices and
// most are flagged, and a night's mix, which is real titles with their prices
// and one in fifty of the development set. cpu-ns/op is user time, which says
// more than wall time on a machine that does other work.
func BenchmarkCheck(b *testing.B) {
	suspicious, lists := labelledListings(b)
	for _, mix := range []struct {
		name     string
		listings []markwatch.Listing
	}{{"night", nightMix(b, suspicious)}, {"suspicious", suspicious}} {
		for _, n := range []int{1000, 10_000, 100_000} {
			b.Run(fmt.Sprintf("%s/names=%d", mix.name, n), func(b *testing.B) {
				with := lists
				with.Brands = append(slices.Clone(lists.Brands), realNames(b, n)...)
				check := checker(compiledSet(b, with))
				b.ReportAllocs()
				i := 0
				start := userTime(b)
				for b.Loop() {
					check(mix.listings[i%len(mix.listings)])
					i++
				}
				perListing := (userTime(b) - start).Seconds() / float64(b.N)
				b.ReportMetric(perListing*1e9, "cpu-ns/op")
				b.ReportMetric(1/perListing, "listings/cpu-s")
			})
		}
	}
}

// BenchmarkGrowth judges the same thousand listings of a night by turns with
// 1,000 and with 100,000 names, so that other work on the machine weighs on both
// alike, and reports what the second takes of the first.
func BenchmarkGrowth(b *testing.B) {
	suspicious, lists := labelledListings(b)
	mix := nightMix(b, suspicious)
	var checks [2]func(markwatch.Listing) markwatch.Verdict
	for i, n := range []int{1000, 100_000} {
		with := lists
		with.Brands = append(slices.Clone(lists.Brands), realNames(b, n)...)
		checks[i] = checker(compiledSet(b, with))
	}
	var spent [2]time.Duration
	for from := 0; b.Loop(); from = (from + 1000) % len(mix) {
		for i, check := range checks {
			start := userTime(b)
			for _, l := range mix[from : from+1000] {
				check(l)
			}
			spent[i] += userTime(b) - start
		}
	}
	b.ReportMetric(spent[1].Seconds()/spent[0].Seconds(), "ratio")
	for i, metric := range [...]string{"cpu-ns/1k", "cpu-ns/100k"} {
		b.ReportMetric(float64(spent[i].Nanoseconds())/float64(b.N)/1000, metric)
	}
}

// userTime is the time that the process has spent on a processor.
func userTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Skipf("the processor's time cannot be read: %v", err)
	}
	return time.Duration(u.Utime.Nano())
}

// nightMix is 5,000 listings as a night sees them.
func nightMix(b *testing.B, suspicious []markwatch.Listing) []markwatch.Listing {
	var titles []markwatch.Listing
	all := realTitles(b)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		titles = append(titles, all[name]...)
	}
	out := make([]markwatch.Listing, 0, 5000)
	for i := range cap(out) {
		if i%50 == 0 {
			out = append(out, suspicious[i/50%len(suspicious)])
		} else {
			out = append(out, titles[i*7919%len(titles)])
		}
	}
	return out
}

func labelledListings(b *testing.B) ([]markwatch.Listing, markwatch.Lists) {
	rows, lists := readSets[0].load(b)
	out := make([]markwatch.Listing, len(rows))
	for i, r := range rows {
		out[i] = r.Listing
	}
	return out, lists
}
