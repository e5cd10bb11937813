package configs

import (
	"strings"

	"github.com/markwatch/markwatch/spelling"
)

// nearest returns the candidate with the least edit distance to word, "" where
// there is none; the first one wins a tie.
func nearest(word string, candidates []string) (best string, distance int) {
	for _, c := range candidates {
		if d := editDistance(strings.ToLower(word), strings.ToLower(c)); best == "" || d < distance {
			best, distance = c, d
		}
	}
	return best, distance
}

// similar is nearest for values: "" where the best candidate is a different
// word rather than the same one misspelt.
func similar(word string, candidates []string) string {
	best, d := nearest(word, candidates)
	if n := len([]rune(word)); best == "" || d > 1+n/4 || d >= n {
		return ""
	}
	return best
}

// maxAlike is how many characters of a word are compared; that is also how far
// apart two words can be.
const maxAlike = 64

func editDistance(a, b string) int {
	return spelling.Distance(clip([]rune(a)), clip([]rune(b)), maxAlike)
}

func clip(r []rune) []rune { return r[:min(len(r), maxAlike)] }
