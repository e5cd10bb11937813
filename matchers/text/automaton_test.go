package text_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/markwatch/markwatch/matchers/text"
)

type occurrence struct{ pattern, at, to int }

// Every occurrence of every pattern is found, however patterns lie in one
// another and however long the text is, by where they end and the longest
// first.
func TestFindMissesNothing(t *testing.T) {
	f := folder(t)
	rng := rand.New(rand.NewPCG(3, 5))
	letters := []rune("耐克阿迪达斯李宁安踏")
	word := func(least, most, of int) string {
		out := make([]rune, least+rng.IntN(most-least+1))
		for i := range out {
			out[i] = letters[rng.IntN(of)]
		}
		return string(out)
	}
	for round := range 200 {
		of := 2 + round%(len(letters)-1)
		seen := map[string]bool{}
		var patterns []text.Pattern
		for range 1 + rng.IntN(40) {
			if w := word(1, 7, of); !seen[w] {
				seen[w] = true
				patterns = append(patterns, text.Pattern{Text: w, ID: len(patterns)})
			}
		}
		page := word(0, 200, of)
		// A letter that no pattern holds, and one that begins none.
		page = strings.ReplaceAll(page, "耐耐克", "耐茶克")
		runes := []rune(page)
		var want []occurrence
		for i, p := range patterns {
			n := len([]rune(p.Text))
			for at := 0; at+n <= len(runes); at++ {
				if string(runes[at:at+n]) == p.Text {
					want = append(want, occurrence{i, at, at + n})
				}
			}
		}
		slices.SortFunc(want, func(a, b occurrence) int {
			if a.to != b.to {
				return a.to - b.to
			}
			return a.at - b.at
		})
		var got []occurrence
		for _, h := range text.NewSearcher(f, patterns).Find(f.Fold(page), nil) {
			got = append(got, occurrence{h.Pattern, h.At, h.To})
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%v in %s: found %v, not %v", patterns, page, got, want)
		}
	}
}
