package store

import (
	"context"
	"slices"

	"github.com/markwatch/markwatch"
)

// baselineScans is how many scans it takes to know what is usual.
const baselineScans = 3

// Baseline is what a source's scans usually bring: medians.
type Baseline struct {
	// Scans is how many it stands on; zero, as all the rest, where there are
	// fewer than three.
	Scans    int
	Listings int
	// Pages are those that were seen or known to be unchanged: fetched,
	// unchanged, not due and empty ones.
	Pages int
	// Fields is the share of listings that state a field, by its JSON name.
	Fields map[string]float64
}

// Baseline compares the source's newest complete scans, at most n.
func (s *Store) Baseline(ctx context.Context, source string, n int) (Baseline, error) {
	var w where
	w.add("source = ?", source)
	w.conditions = append(w.conditions, "finished_at > 0", "complete = 1")
	scans, err := s.scans(ctx, &w, max(n, 1))
	if err != nil || len(scans) < baselineScans {
		return Baseline{}, err
	}
	b := Baseline{Scans: len(scans), Fields: map[string]float64{}}
	b.Listings = median(scans, func(sum markwatch.ScanSummary) int { return sum.Listings.Seen })
	b.Pages = median(scans, func(sum markwatch.ScanSummary) int {
		return sum.Pages.Fetched + sum.Pages.Unchanged + sum.Pages.NotDue + sum.Pages.Empty
	})
	for _, sum := range scans {
		for field := range sum.Fields {
			b.Fields[field] = median(scans, func(sum markwatch.ScanSummary) float64 { return sum.Fields[field] })
		}
	}
	return b, nil
}

// median is the middle of the scans' values, the mean of the two in the middle
// where their number is even.
func median[N int | float64](scans []markwatch.ScanSummary, value func(markwatch.ScanSummary) N) N {
	values := make([]N, len(scans))
	for i, sum := range scans {
		values[i] = value(sum)
	}
	slices.Sort(values)
	half := len(values) / 2
	if len(values)%2 == 1 {
		return values[half]
	}
	return (values[half-1] + values[half]) / 2
}
