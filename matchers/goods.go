package matchers

import (
	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/matchers/text"
)

// goodsNouns are the folded words of the lexicon of nouns for goods.
func goodsNouns(f *text.Folder, lexicons []markwatch.Lexicon) map[string]bool {
	nouns := map[string]bool{}
	for _, l := range lexicons {
		if plainID(l.ID) != "goods-noun" {
			continue
		}
		for _, t := range l.Terms {
			nouns[f.Fold(t.Term).Letters()] = true
		}
	}
	return nouns
}

// madeOf says that letters are a row of these words and nothing else: a product
// called 托特包 or "charm bracelet" has no name of its own.
func madeOf(letters string, words map[string]bool) bool {
	reached := make([]bool, len(letters)+1)
	reached[0] = true
	for from := range letters {
		if !reached[from] {
			continue
		}
		for to := from + 1; to <= len(letters); to++ {
			if words[letters[from:to]] {
				reached[to] = true
			}
		}
	}
	return reached[len(letters)]
}
