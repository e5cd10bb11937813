package text

// initialKey hashes the letters of a name with an initial in it.
func initialKey(runes []rune) uint64 {
	h := uint64(0xcbf29ce484222325)
	for _, r := range runes {
		h = (h ^ uint64(r)) * 0x100000001b3
	}
	return h
}

// initialled is a name that is looked for with an initial in it.
type initialled struct {
	pattern int32
	runes   []rune
}

// learnInitials notes a Chinese name with each character but the first written
// as the initial of its reading.
func (s *Searcher) learnInitials(pattern int32, runes []rune) {
	if p := &s.patterns[pattern]; !p.loose || !p.han || len(runes) < 2 || len(runes) > maxWrittenName {
		return
	}
	s.initialled = append(s.initialled, initialled{pattern, runes})
	name := int32(len(s.initialled))
	written := make([]rune, len(runes))
	for i := 1; i < len(runes); i++ {
		copy(written, runes)
		for _, syllable := range syllables(runes[i]) {
			written[i] = rune(syllable[0])
			if key := initialKey(written); s.initials[key] == 0 {
				s.initials[key] = name
			}
		}
	}
}

// findInitials finds Chinese names of which one character is written as the
// initial of its reading: 芬d, 爱m仕. The letter stands alone between Chinese
// characters or behind them.
func (s *Searcher) findInitials(t *Folded, hits []Hit) []Hit {
	if len(s.initials) == 0 {
		return hits
	}
	for at := 1; at < len(t.Runes); at++ {
		if !asciiLetter(t.Runes[at]) || t.gap[at] != GapNone || !han(t.Runes[at-1]) ||
			at+1 < len(t.Runes) && t.gap[at+1] == GapNone && kindOf(t.Runes[at+1]) != kindOther {
			continue
		}
		for to := at + 1; to <= len(t.Runes) && to-at < maxWrittenName; to++ {
			if to > at+1 && (t.gap[to-1] != GapNone || !han(t.Runes[to-1])) {
				break
			}
			hits = s.initialsAt(t, at, to, hits)
		}
	}
	return hits
}

// initialsAt tries the names that end before to and hold the letter at.
func (s *Searcher) initialsAt(t *Folded, at, to int, hits []Hit) []Hit {
	for start := at - 1; start >= 0 && to-start <= maxWrittenName && han(t.Runes[start]); start-- {
		if i := s.initials[initialKey(t.Runes[start:to])]; i > 0 {
			if name := &s.initialled[i-1]; name.writtenAs(t.Runes[start:to], at-start) {
				from, end := t.Span(start, to)
				hits = append(hits, Hit{int(name.pattern), s.patterns[name.pattern].id, start, to, from, end, DisguiseInitial})
			}
		}
		if t.gap[start] != GapNone {
			break
		}
	}
	return hits
}

// writtenAs says that the letters are the name's but for an initial.
func (n *initialled) writtenAs(runes []rune, initial int) bool {
	if len(runes) != len(n.runes) {
		return false
	}
	for i, r := range runes {
		if i != initial && r != n.runes[i] {
			return false
		}
	}
	return true
}
