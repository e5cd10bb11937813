package index

import (
	"unicode/utf8"

	"github.com/markwatch/markwatch/spelling"
)

// Near says whether a word stands so near to a searched one that the
// difference is forgiven as a typo: the same first letter, and no more letters
// too many, too few, wrong or changed round than Typos allows.
func Near(searched, word string) bool {
	n := Typos([]Token{{Text: searched}})
	a, _ := utf8.DecodeRuneInString(searched)
	b, _ := utf8.DecodeRuneInString(word)
	return n > 0 && a == b && spelling.Distance([]rune(searched), []rune(word), n) <= n
}
