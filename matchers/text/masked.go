package text

// findMasked finds Latin names in which asterisks stand for letters: G*cci,
// R*y B*n. Each asterisk is one letter; the first letter and most of the
// others must be there.
func (s *Searcher) findMasked(t *Folded, hits []Hit) []Hit {
	for i := 1; i < len(t.Runes); i++ {
		if stars(t, i) == 0 {
			continue
		}
		// Back to the start of the word; words before it were tried from
		// their own first asterisk.
		at := i - 1
		for at > 0 && t.gap[at] == GapNone && kindOf(t.Runes[at-1]) == kindLetter {
			at--
		}
		if kindOf(t.Runes[at]) != kindLetter {
			continue
		}
		hits = s.masked(t, walk{at: at, next: at}, hits)
	}
	return hits
}

// maxStars is how many letters may be left out in one place.
const maxStars = 3

// stars is the number of asterisks between letter i and the one before it, 0
// where anything else stands there too.
func stars(t *Folded, i int) int {
	if t.mark[i] != '*' || t.gap[i].kind() != GapMark {
		return 0
	}
	n := int(t.src[i] - t.end[i-1])
	if n < 1 || n > maxStars || kindOf(t.Runes[i-1]) != kindLetter || kindOf(t.Runes[i]) != kindLetter {
		return 0
	}
	return n
}

// walk is a place in the text and in the trie of patterns.
type walk struct {
	at, next      int
	state         int32
	known, masked int
	// left is how many asterisks are still to be read before letter next.
	left int
}

// masked follows the trie, over every letter where an asterisk stands.
func (s *Searcher) masked(t *Folded, w walk, hits []Hit) []Hit {
	if w.left > 0 {
		for r := 'a'; r <= 'z'; r++ {
			if state := s.step(w.state, s.code(r)); state != 0 {
				v := w
				v.state, v.left, v.masked = state, w.left-1, w.masked+1
				hits = s.masked(t, v, hits)
			}
		}
		return hits
	}
	w.state = s.step(w.state, s.code(t.Runes[w.next]))
	if w.state == 0 || s.code(t.Runes[w.next]) == 0 {
		return hits
	}
	w.known++
	w.next++
	if w.masked > 0 {
		hits = s.unmask(t, w, hits)
	}
	if w.next >= len(t.Runes) || kindOf(t.Runes[w.next]) != kindLetter {
		return hits
	}
	switch k := t.gap[w.next].kind(); {
	case k == GapNone, k == GapSpace && w.masked > 0:
	default:
		if w.left = stars(t, w.next); w.left == 0 {
			return hits
		}
	}
	return s.masked(t, w, hits)
}

// unmask accepts the patterns that end here.
func (s *Searcher) unmask(t *Folded, w walk, hits []Hit) []Hit {
	if w.known < 3 || w.known < w.masked || w.known+w.masked < 4 {
		return hits
	}
	if w.next < len(t.Runes) && t.gap[w.next].kind() == GapNone && kindOf(t.Runes[w.next]) != kindOther {
		return hits
	}
	for p := s.nodes[w.state].out; p >= 0; p = s.patterns[p].next {
		if c := &s.patterns[p]; c.loose && c.letters && int(c.length) == w.known+w.masked {
			start, end := t.Span(w.at, w.next)
			hits = append(hits, Hit{int(p), c.id, w.at, w.next, start, end, DisguiseMasked})
		}
	}
	return hits
}
