package configs

import "strings"

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

// editDistance counts insertions, deletions, replacements and swaps of
// neighbours (optimal string alignment). Words past 64 characters are compared
// by their beginning.
func editDistance(a, b string) int {
	ra, rb := clip([]rune(a)), clip([]rune(b))
	before, last, row := make([]int, len(rb)+1), make([]int, len(rb)+1), make([]int, len(rb)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(ra); i++ {
		row[0] = i
		for j := 1; j <= len(rb); j++ {
			cost := 1
			if ra[i-1] == rb[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && ra[i-1] == rb[j-2] && ra[i-2] == rb[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(rb)]
}

func clip(r []rune) []rune { return r[:min(len(r), 64)] }
