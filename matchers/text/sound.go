package text

import (
	"slices"
	"strings"
)

// Sounds finds names by how they sound: other characters with the same
// readings (奈克 for 耐克), or the whole name in pinyin (naike). Many words sound
// alike, so that only names for which it is wanted are looked for. It is
// immutable and safe for concurrent use; a nil *Sounds finds nothing.
type Sounds struct {
	byFirst map[string][]sound
	spelt   map[string][]sound
}

type sound struct {
	index, id int
	runes     []rune
	syllables []string
}

// leastSpelt is the least length of a name in pinyin: shorter ones are words of
// other languages.
const leastSpelt = 5

// NewSounds compiles the patterns that are written in Han characters, two at
// the least; others are left out.
func NewSounds(f *Folder, patterns []Pattern) *Sounds {
	s := &Sounds{byFirst: map[string][]sound{}, spelt: map[string][]sound{}}
	for i, p := range patterns {
		n := sound{index: i, id: p.ID, runes: slices.Clone(f.Fold(p.Text).Runes)}
		for _, r := range n.runes {
			if readings := syllables(r); han(r) && len(readings) > 0 {
				n.syllables = append(n.syllables, readings[0])
			}
		}
		if len(n.syllables) < 2 || len(n.syllables) != len(n.runes) {
			continue
		}
		s.byFirst[n.syllables[0]] = append(s.byFirst[n.syllables[0]], n)
		if whole := strings.Join(n.syllables, ""); len(whole) >= leastSpelt {
			s.spelt[whole] = append(s.spelt[whole], n)
		}
	}
	return s
}

// Find appends every occurrence that is not the name itself to hits.
func (s *Sounds) Find(t *Folded, hits []Hit) []Hit {
	if s == nil || len(s.byFirst) == 0 {
		return hits
	}
	for at, r := range t.Runes {
		if han(r) {
			for _, reading := range syllables(r) {
				for i := range s.byFirst[reading] {
					hits = s.byFirst[reading][i].match(t, at, hits)
				}
			}
			continue
		}
		if !asciiLetter(r) || at > 0 && t.gap[at] == GapNone && kindOf(t.Runes[at-1]) != kindOther {
			continue
		}
		to := at + 1
		for to < len(t.Runes) && t.gap[to] == GapNone && kindOf(t.Runes[to]) != kindOther {
			to++
		}
		for _, n := range s.spelt[string(t.Runes[at:to])] {
			start, end := t.Span(at, to)
			hits = append(hits, Hit{n.index, n.id, at, to, start, end, DisguiseSound})
		}
	}
	return hits
}

// match holds the letters from at on against the name's readings.
func (n *sound) match(t *Folded, at int, hits []Hit) []Hit {
	to := at + len(n.runes)
	if to > len(t.Runes) || slices.Equal(t.Runes[at:to], n.runes) {
		return hits
	}
	for i := at; i < to; i++ {
		if i > at && t.gap[i].kind() != GapNone || !han(t.Runes[i]) || !slices.Contains(syllables(t.Runes[i]), n.syllables[i-at]) {
			return hits
		}
	}
	start, end := t.Span(at, to)
	return append(hits, Hit{n.index, n.id, at, to, start, end, DisguiseSound})
}
