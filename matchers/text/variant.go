package text

// findVariants looks at words that mix letters with digits or signs, or repeat
// a letter, once more as what they may stand for: M0nc1er, Ad!das, niiike.
// Only loose patterns of Latin letters are accepted in them, and only where
// they are the whole word.
func (s *Searcher) findVariants(t *Folded, hits []Hit) []Hit {
	for at := 0; at < len(t.Runes); {
		if kindOf(t.Runes[at]) == kindOther || t.Runes[at] >= 0x80 {
			at++
			continue
		}
		to := at + 1
		letters, odd, run := kindOf(t.Runes[at]) == kindLetter, kindOf(t.Runes[at]) == kindDigit, 1
		repeat := false
		for to < len(t.Runes) && t.Runes[to] < 0x80 && kindOf(t.Runes[to]) != kindOther &&
			(t.gap[to] == GapNone || signLetter(t.mark[to]) != 0 && t.gap[to].kind() != GapSpace) {
			k := kindOf(t.Runes[to])
			letters = letters || k == kindLetter
			odd = odd || k == kindDigit || t.gap[to] != GapNone
			if t.Runes[to] == t.Runes[to-1] && k == kindLetter {
				run++
				repeat = repeat || run >= 3
			} else {
				run = 1
			}
			to++
		}
		if letters && (odd || repeat) && to-at >= 3 && to-at <= maxVariant {
			hits = s.variants(t, at, to, repeat, hits)
		}
		at = to
	}
	return hits
}

const maxVariant = 32

// signLetter is the letter that a sign is written for.
func signLetter(r rune) rune {
	switch r {
	case '@':
		return 'a'
	case '$':
		return 's'
	case '!', '|':
		return 'i'
	}
	return 0
}

func digitLetter(r, one rune) rune {
	switch r {
	case '0':
		return 'o'
	case '1':
		return one
	case '3':
		return 'e'
	case '4':
		return 'a'
	case '5':
		return 's'
	case '7':
		return 't'
	case '8':
		return 'b'
	}
	return 0
}

// variants tries the readings of one word. 1 is read as i and as l, a run of
// letters as one and as two.
func (s *Searcher) variants(t *Folded, at, to int, repeat bool, hits []Hit) []Hit {
	// A word and its signs are at most twice as long as its letters.
	var (
		letters [2 * maxVariant]rune
		places  [2 * maxVariant]int
	)
	for _, one := range [...]rune{'i', 'l'} {
		for keep := 1; keep <= 2; keep++ {
			word, src, how := reading(t, at, to, one, keep, letters[:0], places[:0])
			if how != 0 {
				hits = s.whole(t, word, src, how, hits)
			}
			if !repeat {
				break
			}
		}
	}
	return hits
}

// reading writes the word out; src says from which folded letter each letter
// of it came. Both are appended to what is given.
func reading(t *Folded, at, to int, one rune, keep int, letters []rune, places []int) (word []rune, src []int, how Disguise) {
	word, src = letters, places
	run := 0
	for i := at; i < to; i++ {
		if i > at && t.gap[i] != GapNone {
			word, src, how = append(word, signLetter(t.mark[i])), append(src, i), how|DisguiseLeet
		}
		r := t.Runes[i]
		if l := digitLetter(r, one); l != 0 {
			r, how = l, how|DisguiseLeet
		}
		if n := len(word); n > 0 && word[n-1] == r {
			run++
		} else {
			run = 1
		}
		if run > keep && (run > 2 || t.Len() > i+1 && i+1 < to && t.Runes[i+1] == t.Runes[i]) {
			how |= DisguiseRepeat
			continue
		}
		word, src = append(word, r), append(src, i)
	}
	return word, src, how
}

// whole accepts the patterns that are the word from end to end.
func (s *Searcher) whole(t *Folded, word []rune, src []int, how Disguise, hits []Hit) []Hit {
	state := int32(0)
	for _, r := range word {
		if state = s.step(state, s.code(r)); state == 0 {
			return hits
		}
	}
	for p := s.nodes[state].out; p >= 0; p = s.patterns[p].next {
		if c := &s.patterns[p]; c.loose && c.letters && int(c.length) == len(word) && len(word) >= 4 {
			at, to := src[0], src[len(src)-1]+1
			start, end := t.Span(at, to)
			hits = append(hits, Hit{int(p), c.id, at, to, start, end, how})
		}
	}
	return hits
}
