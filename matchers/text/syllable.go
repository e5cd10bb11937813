package text

import (
	"slices"
	"strings"

	"github.com/mozillazg/go-pinyin"
	"golang.org/x/text/unicode/norm"
)

// syllables are the readings of a Han character in pinyin without tones, the
// usual one first, ü written as v; nil for what is no Han character.
func syllables(r rune) []string {
	var out []string
	for reading := range strings.SplitSeq(pinyin.PinyinDict[int(r)], ",") {
		var plain []byte
		for _, d := range norm.NFD.String(reading) {
			switch {
			case d == 0x308 && len(plain) > 0: // the dots of ü
				plain[len(plain)-1] = 'v'
			case asciiLetter(d):
				plain = append(plain, byte(d))
			}
		}
		if s := string(plain); s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func han(r rune) bool { return r >= hanFirst && r < hanEnd }

// longestSyllable is the length of zhuang.
const longestSyllable = 6

// maxSyllableName is how many characters a name has at most that is looked for
// with one of them spelt.
const maxSyllableName = 5

// learnSyllables notes which characters of the names a syllable may stand for.
func (s *Searcher) learnSyllables(p *compiled) {
	if !p.loose || len(p.runes) < 2 || len(p.runes) > maxSyllableName || !han(p.runes[0]) {
		return
	}
	for _, r := range p.runes {
		if !han(r) {
			continue
		}
		for _, syllable := range syllables(r) {
			if len(syllable) >= 2 && !slices.Contains(s.spelt[syllable], r) {
				s.spelt[syllable] = append(s.spelt[syllable], r)
			}
		}
	}
}

// findSpelt finds Chinese names of which one character is written in pinyin:
// 耐ke, dai森.
func (s *Searcher) findSpelt(t *Folded, hits []Hit) []Hit {
	for at := 0; at < len(t.Runes); {
		if !asciiLetter(t.Runes[at]) {
			at++
			continue
		}
		to := at + 1
		for to < len(t.Runes) && asciiLetter(t.Runes[to]) && t.gap[to] == GapNone {
			to++
		}
		before := at > 0 && t.gap[at] == GapNone && han(t.Runes[at-1])
		after := to < len(t.Runes) && t.gap[to] == GapNone && han(t.Runes[to])
		if to-at >= 2 && to-at <= longestSyllable && (before || after) {
			if chars := s.spelt[string(t.Runes[at:to])]; chars != nil {
				hits = s.spell(t, at, to, chars, hits)
			}
		}
		at = to
	}
	return hits
}

// spell tries every character that the letters [at,to) may stand for, behind up
// to four characters before them.
func (s *Searcher) spell(t *Folded, at, to int, chars []rune, hits []Hit) []Hit {
	for start := at; ; start-- {
		state := int32(0)
		for _, r := range t.Runes[start:at] {
			if state = s.step(state, s.code(r)); state == 0 {
				break
			}
		}
		if state != 0 || start == at {
			for _, c := range chars {
				hits = s.spellOn(t, start, to, at-start+1, s.step(state, s.code(c)), hits)
			}
		}
		if start == 0 || at-start >= maxSyllableName-1 || t.gap[start] != GapNone || !han(t.Runes[start-1]) {
			return hits
		}
	}
}

// spellOn goes on behind the letters and accepts the names that end.
func (s *Searcher) spellOn(t *Folded, start, to, read int, state int32, hits []Hit) []Hit {
	for state != 0 {
		for p := s.nodes[state].out; p >= 0; p = s.patterns[p].next {
			if c := &s.patterns[p]; c.loose && len(c.runes) == read && read >= 2 && han(c.runes[0]) {
				from, end := t.Span(start, to)
				hits = append(hits, Hit{c.index, c.id, start, to, from, end, DisguisePinyin})
			}
		}
		if to >= len(t.Runes) || t.gap[to] != GapNone || !han(t.Runes[to]) {
			return hits
		}
		state = s.step(state, s.code(t.Runes[to]))
		to, read = to+1, read+1
	}
	return hits
}
