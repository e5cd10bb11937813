package main

import (
	"path/filepath"
	"testing"
)

// TestTheDemoFindsWhatIsPlanted holds the whole job to its promise: at least
// 95 % of the planted violations, at most 2 % of the innocent listings.
func TestTheDemoFindsWhatIsPlanted(t *testing.T) {
	pages := []string{"600"}
	if !testing.Short() {
		pages = append(pages, "1200")
	}
	for _, n := range pages {
		dir := filepath.Join(t.TempDir(), "demo")
		r := rows[demoResult](t, must(t, "demo", "--once", "--json", "--pages", n, "--data", dir))[0]
		if r.Planted < 40 || float64(r.Found) < 0.95*float64(r.Planted) || float64(r.False) > 0.02*float64(r.Listings-r.Planted) {
			t.Errorf("--pages %s: %+v", n, r)
		}
	}
}
