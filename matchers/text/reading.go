package text

import (
	"slices"
	"strings"

	"github.com/mozillazg/go-pinyin"
)

// syllables are the readings of a Han character in pinyin without tones, the
// usual one first, ü written as v; nil for what is no Han character.
func syllables(r rune) []string {
	var out []string
	for reading := range strings.SplitSeq(pinyin.PinyinDict[int(r)], ",") {
		if s := toneless(reading); s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
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

// readings number the readings of every Han character.
type readings struct {
	of [hanEnd - hanFirst]uint16
	// others are the further readings of those that have some.
	others map[rune][]uint16
	names  map[string]uint16
}

func newReadings() *readings {
	rs := &readings{others: map[rune][]uint16{}, names: map[string]uint16{}}
	for r, all := range pinyin.PinyinDict {
		if !han(rune(r)) {
			continue
		}
		for reading := range strings.SplitSeq(all, ",") {
			n := rs.number(toneless(reading))
			switch at := &rs.of[r-hanFirst]; {
			case n == 0 || n == *at:
			case *at == 0:
				*at = n
			default:
				rs.others[rune(r)] = append(rs.others[rune(r)], n)
			}
		}
	}
	return rs
}

// number numbers a syllable, from 1; 0 is none.
func (rs *readings) number(syllable string) uint16 {
	if syllable == "" {
		return 0
	}
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

// soundsLike says that two Han characters share a reading.
func (rs *readings) soundsLike(a, b rune) bool {
	of, than := rs.of[a-hanFirst], rs.of[b-hanFirst]
	if of != 0 && of == than {
		return true
	}
	more, others := rs.others[a], rs.others[b]
	return slices.Contains(others, of) || slices.Contains(more, than) || slices.ContainsFunc(more, func(n uint16) bool { return slices.Contains(others, n) })
}
