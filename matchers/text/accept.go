package text

// accept decides whether the letters before index to, which are those of the
// pattern, really stand for it, and how they are disguised.
func (s *Searcher) accept(p *compiled, t *Folded, to int) (Disguise, bool) {
	at := to - int(p.length)
	if !p.bounded(t, at, to) {
		return 0, false
	}
	var marked *shape
	if p.shape >= 0 {
		marked = &s.shapes[p.shape]
	}
	var d Disguise
	spaces, marks, inner := 0, 0, 0
	for i := at; i < to; i++ {
		if t.similar[i] {
			d |= DisguiseLookalike
		}
		if i == at {
			continue
		}
		g := t.gap[i]
		if g.hidden() {
			d |= DisguiseHidden
		}
		if marked != nil {
			if !marked.required(i-at, t.mark[i]) {
				return 0, false
			}
			if marked.gaps[i-at].kind() != GapNone {
				if g.kind() == GapLine {
					return 0, false
				}
				continue
			}
		}
		inner++
		switch g.kind() {
		case GapNone:
		case GapSpace:
			if scriptChange(t.Runes[i-1], t.Runes[i]) {
				break
			}
			spaces++
			d |= DisguiseSpaces
		case GapJoint, GapMark:
			if scriptChange(t.Runes[i-1], t.Runes[i]) && g.kind() == GapJoint {
				break
			}
			marks++
			d |= DisguiseMarks
		default:
			return 0, false
		}
	}
	// Hidden characters stand in honest pages too, between words; inside a
	// name they split it.
	if d&^DisguiseLookalike == 0 {
		return d, true
	}
	if !p.loose {
		// Marks between all letters of a word spell it out, whatever the word.
		return d, d&^DisguiseLookalike == DisguiseMarks && marks == inner && to-at >= 3 && p.han
	}
	return d, p.spelled(t, at, to, d, spaces, inner)
}

// required says whether a mark that gives a pattern its meaning (the colon of
// 1:1, the dot of 2.0) is there.
func (p *shape) required(i int, mark rune) bool {
	if p.marks[i] == 0 || kindOf(p.runes[i-1]) != kindDigit || kindOf(p.runes[i]) != kindDigit {
		return true
	}
	return mark == p.marks[i] || mark == '：' && p.marks[i] == ':' || mark == '∶' && p.marks[i] == ':'
}

// scriptChange is true between letters that no word joins.
func scriptChange(a, b rune) bool { return (kindOf(a) == kindOther) != (kindOf(b) == kindOther) }

// bounded refuses an occurrence inside a longer Latin word or number.
func (p *compiled) bounded(t *Folded, at, to int) bool {
	if p.first != kindOther && at > 0 && t.gap[at].kind() == GapNone {
		if prev := kindOf(t.Runes[at-1]); prev == p.first || prev == kindLetter {
			return false
		}
	}
	if p.last != kindOther && to < len(t.Runes) && t.gap[to].kind() == GapNone {
		next := kindOf(t.Runes[to])
		if next == p.last {
			return false
		}
		// A number may follow a name (Nike2024), not an abbreviation
		// (AJ1), nor letters a number.
		if next == kindDigit && p.length < 4 || next == kindLetter && p.latin {
			return false
		}
	}
	return true
}

// spelled says whether marks or spaces between letters spell the name out
// rather than part two words that happen to meet.
func (p *compiled) spelled(t *Folded, at, to int, d Disguise, spaces, inner int) bool {
	n := to - at
	if p.latin {
		if n <= 2 && (!p.letters || d&DisguiseMarks == 0) {
			return false
		}
		if d&DisguiseSpaces != 0 {
			// n i k e, or a long name broken once: Golden Goose.
			return spaces == inner && n > 2 || d&DisguiseMarks == 0 && n >= 7
		}
		return true
	}
	if spaces > 0 && d&DisguiseMarks == 0 {
		if n >= 4 {
			return true
		}
		// Two or three characters apart are a name only where nothing else
		// touches them.
		return spaces == n-1 && t.Gap(at).kind() != GapNone && t.Gap(to).kind() != GapNone
	}
	return d&DisguiseMarks == 0 || n > 2 || t.mark[at+1] != '/' && t.mark[at+1] != '&' && t.mark[at+1] != '+' && t.mark[at+1] != '.'
}
