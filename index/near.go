package index

import "unicode/utf8"

// Near says whether a word stands so near to a searched one that the
// difference is forgiven as a typo: the same first letter, and no more letters
// too many, too few, wrong or changed round than Typos allows.
func Near(searched, word string) bool {
	n := Typos([]Token{{Text: searched}})
	a, _ := utf8.DecodeRuneInString(searched)
	b, _ := utf8.DecodeRuneInString(word)
	return n > 0 && a == b && distance([]rune(searched), []rune(word), n) <= n
}

// distance is the optimal string alignment distance of two words, or anything
// above limit where it is above.
func distance(a, b []rune, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			wrong := 1
			if a[i-1] == b[j-1] {
				wrong = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+wrong)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
