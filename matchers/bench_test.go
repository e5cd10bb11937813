package matchers

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"testing"

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

func BenchmarkCheck(b *testing.B) {
	rows, lists := labelledListings(b)
	for _, n := range []int{1000, 10_000, 100_000} {
		b.Run(fmt.Sprintf("names=%d", n), func(b *testing.B) {
			with := lists
			with.Brands = append(slices.Clone(lists.Brands), realNames(b, n)...)
			check := checker(compiledSet(b, with))
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				check(rows[i%len(rows)])
				i++
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "listings/s")
		})
	}
}

func labelledListings(b *testing.B) ([]markwatch.Listing, markwatch.Lists) {
	rows, lists := readSets[0].load(b)
	out := make([]markwatch.Listing, len(rows))
	for i, r := range rows {
		out[i] = r.Listing
	}
	return out, lists
}
