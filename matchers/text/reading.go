package text

import (
	"strings"

	"github.com/mozillazg/go-pinyin"
)

// syllables are the readings of a Han character in pinyin without tones, the
// usual one first, ü written as v; nil for what is no Han character.
func syllables(r rune) []string {
	var out []string
	for reading := range strings.SplitSeq(pinyin.PinyinDict[int(r)], ",") {
		if s := toneless(reading); s != "" && !contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func contains(all []string, s string) bool {
	for _, o := range all {
		if o == s {
			return true
		}
	}
	return false
}

// tones are the letters of pinyin that carry a tone, each four of a row the
// same letter.
const tones = "āáǎà" + "ēéěè" + "īíǐì" + "ōóǒò" + "ūúǔù" + "ǖǘǚǜ"

// toneless writes a syllable in the letters a to z.
func toneless(reading string) string {
	var plain []byte
	for _, r := range reading {
		switch {
		case asciiLetter(r):
			plain = append(plain, byte(r))
		case r == 'ü':
			plain = append(plain, 'v')
		case r == 'ê', r == 'ế', r == 'ề':
			plain = append(plain, 'e')
		case r == 'ń', r == 'ň', r == 'ǹ':
			plain = append(plain, 'n')
		case r == 'ḿ':
			plain = append(plain, 'm')
		default:
			if at := strings.IndexRune(tones, r); at >= 0 {
				// Each of these letters is two bytes long.
				plain = append(plain, "aeiouv"[at/8])
			}
		}
	}
	return string(plain)
}

func han(r rune) bool { return r >= hanFirst && r < hanEnd }

// readings number the usual reading of every Han character.
type readings struct {
	of    [hanEnd - hanFirst]uint16
	names map[string]uint16
}

func newReadings() *readings {
	rs := &readings{names: map[string]uint16{}}
	for r, all := range pinyin.PinyinDict {
		if !han(rune(r)) {
			continue
		}
		first, _, _ := strings.Cut(all, ",")
		s := toneless(first)
		if s == "" {
			continue
		}
		rs.of[r-hanFirst] = rs.number(s)
	}
	return rs
}

func (rs *readings) number(syllable string) uint16 {
	n, ok := rs.names[syllable]
	if !ok {
		n = uint16(len(rs.names) + 1)
		rs.names[syllable] = n
	}
	return n
}

// usual is the number of a character's usual reading, 0 for none.
func (rs *readings) usual(r rune) uint16 {
	if !han(r) {
		return 0
	}
	return rs.of[r-hanFirst]
}

// soundsLike says that two characters share a reading.
func soundsLike(a, b rune) bool {
	of := syllables(b)
	for _, s := range syllables(a) {
		if contains(of, s) {
			return true
		}
	}
	return false
}
