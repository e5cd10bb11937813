package matchers

import (
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/configs"
)

// BenchmarkPacks judges labelled listings without and with the shipped rules.
func BenchmarkPacks(b *testing.B) {
	rows, lists := labelledListings(b)
	shipped, err := configs.Shipped()
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		rules []markwatch.Rule
	}{{"none", nil}, {"shipped", shipped.Lists.Rules}} {
		b.Run(c.name, func(b *testing.B) {
			with := lists
			with.Lexicons, with.Rules = shipped.Lists.Lexicons, c.rules
			check := checker(compiledSet(b, with))
			i := 0
			start := userTime(b)
			for b.Loop() {
				check(rows[i%len(rows)])
				i++
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "listings/s")
			b.ReportMetric((userTime(b)-start).Seconds()/float64(b.N)*1e9, "cpu-ns/op")
		})
	}
}
