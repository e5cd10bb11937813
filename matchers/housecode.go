package matchers

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/matchers/text"
)

// ordinaryHouses are the characters that make another word with 家 behind them.
const ordinaryHouses = "大国人老自专居厂商买卖全回一这独作画世宜赢行安起名皇美优百万千儿本各每某哪那谁我你他她它咱两几多该别店店东西南北上下中外前后住搬持分成管当顾看想归离出在到去来到冤仇亲邻婆娘公私资科道法儒兵农玩藏歌舞文史哲思政军企银船渔酒富贫史书乐方"

// houseCodes are how the trade calls a house that it may not name: the first
// character of its name, or the first letter or the initials of its Latin one,
// with 家 behind (古家, G家, LV家).
func houseCodes(f *text.Folder, br *markwatch.Brand) []string {
	var out []string
	for _, lang := range slices.Sorted(maps.Keys(br.Names)) {
		name := br.Names[lang]
		folded := f.Fold(name)
		if folded.Len() < 2 {
			continue
		}
		first := folded.Runes[0]
		switch {
		case first >= 'a' && first <= 'z':
			out = append(out, string(first)+"家")
			initials := ""
			for word := range strings.FieldsSeq(name) {
				c, _ := utf8.DecodeRuneInString(f.Fold(word).Letters())
				if c >= 'a' && c <= 'z' {
					initials += string(c)
				}
			}
			if len(initials) > 1 && len(initials) <= 3 {
				out = append(out, initials+"家")
			}
		case first >= 0x3400 && first < 0xa000 && !strings.ContainsRune(ordinaryHouses, first):
			out = append(out, string(first)+"家")
		}
	}
	return out
}
