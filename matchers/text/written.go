package text

import "slices"

// longestSyllable is the length of zhuang.
const longestSyllable = 6

// maxWrittenName is how many characters a name has at most that is looked for
// with some of them written as something else.
const maxWrittenName = 6

// writings are what the characters of names may be written as.
type writings struct {
	// spelt are characters by their readings.
	spelt map[string][]rune
	// split are characters by the parts that they are taken apart into; parts
	// is a filter of the first two of them.
	split map[[3]rune][]rune
	parts pairs
	// drawn are the words by which a picture may stand in a name.
	drawn map[rune][][]rune
	// beside is a filter of the characters that stand side by side in names.
	beside pairs
}

// learnWritings notes what the characters of a name may be written as.
func (s *Searcher) learnWritings(p *compiled, runes []rune, known map[rune]bool) {
	if !p.loose || len(runes) < 2 || len(runes) > maxWrittenName || !p.hanFirst {
		return
	}
	w := &s.writings
	for i, r := range runes {
		if i > 0 && r < 0x10000 {
			w.beside.add(runes[i-1], uint16(r))
		}
		if !han(r) || known[r] {
			continue
		}
		known[r] = true
		for _, syllable := range syllables(r) {
			if len(syllable) >= 2 {
				w.spelt[syllable] = append(w.spelt[syllable], r)
			}
		}
		for _, parts := range s.folder.glyphs.parts[r] {
			var key [3]rune
			copy(key[:], parts)
			if slices.Contains(w.split[key], r) {
				continue
			}
			w.split[key] = append(w.split[key], r)
			w.parts.add(key[0], uint16(key[1]))
		}
	}
}

// drawings notes the pictures that may stand for characters of the names: by
// what they are called, and by other characters that sound like a name of one
// character.
func (s *Searcher) drawings(known map[rune]bool) {
	for sign, words := range s.folder.pictographs {
		for k, word := range words {
			if !slices.ContainsFunc(word, func(r rune) bool { return !known[r] }) {
				s.writings.drawn[sign] = append(s.writings.drawn[sign], word)
			}
			if k == 0 && len(word) == 2 && word[1] != word[0] {
				// 稻子 is 稻.
				for _, r := range word {
					if known[r] {
						s.writings.drawn[sign] = append(s.writings.drawn[sign], []rune{r})
					}
				}
			}
		}
	}
}

// sign is a letter or picture of a text in their common order.
type sign struct {
	r       rune
	letter  int32 // its place among the letters, for a picture that of the next
	src     int32 // its place in the original
	picture bool
}

// writing says that the signs [from,to) may stand for one of some words.
type writing struct {
	from, to int
	// chars are words of one character, words the longer ones.
	chars []rune
	words [][]rune
	how   Disguise
}

// maxSigns bounds the text in which characters that are written as something
// else are looked for.
const maxSigns = 400

// findWritten finds Chinese names of which characters are written in pinyin
// (耐ke, dai森), taken apart (而寸克) or drawn (始祖🐦).
func (s *Searcher) findWritten(t *Folded, hits []Hit) []Hit {
	all := s.writingsIn(t)
	if len(all) == 0 {
		return hits
	}
	signs := signsOf(t)
	w := writtenSearch{s: s, t: t, signs: signs, all: all, hits: hits}
	if len(t.pictures) > 0 {
		w.place()
	}
	slices.SortStableFunc(w.all, func(a, b writing) int { return a.from - b.from })
	next := 0
	for _, x := range w.all {
		for start := max(next, x.from-maxWrittenName+1); start <= x.from; start++ {
			w.walk(path{start: start, at: start})
		}
		next = max(next, x.from+1)
	}
	return w.hits
}

// writingsIn finds what may stand for a character, by letters; pictures are
// placed by signs.
func (s *Searcher) writingsIn(t *Folded) []writing {
	var all []writing
	w := &s.writings
	n := min(len(t.Runes), maxSigns)
	for at := 0; at < n; at++ {
		r := t.Runes[at]
		switch {
		case han(r):
			if at+1 >= n || !w.parts.has(r, uint16(t.Runes[at+1])) || !joined(t, at+1) {
				continue
			}
			if chars := w.fitting(t, at, at+2, w.split[[3]rune{r, t.Runes[at+1]}]); chars != nil {
				all = append(all, writing{from: at, to: at + 2, chars: chars, how: DisguiseSplit})
			}
			if at+2 < n && joined(t, at+2) {
				if chars := w.fitting(t, at, at+3, w.split[[3]rune{r, t.Runes[at+1], t.Runes[at+2]}]); chars != nil {
					all = append(all, writing{from: at, to: at + 3, chars: chars, how: DisguiseSplit})
				}
			}
		case asciiLetter(r):
			to := at + 1
			for to < n && asciiLetter(t.Runes[to]) && t.gap[to] == GapNone {
				to++
			}
			before := at > 0 && t.gap[at] == GapNone && han(t.Runes[at-1])
			after := to < len(t.Runes) && t.gap[to] == GapNone && han(t.Runes[to])
			if to-at >= 2 && to-at <= longestSyllable && (before || after) {
				if chars := w.fitting(t, at, to, w.spelt[string(t.Runes[at:to])]); chars != nil {
					all = append(all, writing{from: at, to: to, chars: chars, how: DisguisePinyin})
				}
			}
			at = to - 1
		}
	}
	for i, p := range t.pictures {
		if i >= maxSigns {
			break
		}
		if words := w.drawn[p.sign]; words != nil {
			// Counted among the pictures for now, see place.
			all = append(all, writing{from: -1 - i, words: words, how: DisguisePicture})
		}
	}
	return all
}

// fitting are those of the characters that the letters [at,to) may stand for
// which some name has beside a neighbour of theirs; all where the neighbour may
// itself be written as something else.
func (w *writings) fitting(t *Folded, at, to int, chars []rune) []rune {
	if len(chars) == 0 {
		return nil
	}
	before, after := rune(0), rune(0)
	if at > 0 && joined(t, at) {
		before = t.Runes[at-1]
	}
	if to < len(t.Runes) && joined(t, to) {
		after = t.Runes[to]
	}
	if asciiLetter(before) || asciiLetter(after) || len(t.pictures) > 0 || w.splitAt(t, at-2) || w.splitAt(t, to) {
		return chars
	}
	var out []rune
	for _, c := range chars {
		if before != 0 && w.beside.has(before, uint16(c)) || after != 0 && after < 0x10000 && w.beside.has(c, uint16(after)) {
			out = append(out, c)
		}
	}
	return out
}

// splitAt says that two letters may be the parts of a character.
func (w *writings) splitAt(t *Folded, at int) bool {
	return at >= 0 && at+1 < len(t.Runes) && joined(t, at+1) && w.parts.has(t.Runes[at], uint16(t.Runes[at+1])) && w.split[[3]rune{t.Runes[at], t.Runes[at+1]}] != nil
}

// joined says that no stop parts a letter from the one before it.
func joined(t *Folded, i int) bool { return t.gap[i].kind() < GapStop }

// signsOf puts letters and pictures into one row.
func signsOf(t *Folded) []sign {
	n := min(len(t.Runes), maxSigns)
	out := make([]sign, 0, n+len(t.pictures))
	pictures := t.pictures
	for i := range n {
		for len(pictures) > 0 && int(pictures[0].before) <= i {
			out = append(out, sign{pictures[0].sign, int32(i), pictures[0].src, true})
			pictures = pictures[1:]
		}
		out = append(out, sign{t.Runes[i], int32(i), t.src[i], false})
	}
	for _, p := range pictures {
		if len(out) < cap(out) {
			out = append(out, sign{p.sign, int32(n), p.src, true})
		}
	}
	return out
}

// writtenSearch walks the trie along the signs of one text.
type writtenSearch struct {
	s     *Searcher
	t     *Folded
	signs []sign
	all   []writing
	hits  []Hit
}

// place turns places among letters and pictures into places among signs.
func (w *writtenSearch) place() {
	letters, pictures := make([]int, 0, len(w.signs)), make([]int, 0, len(w.t.pictures))
	for i, g := range w.signs {
		if g.picture {
			pictures = append(pictures, i)
		} else {
			letters = append(letters, i)
		}
	}
	kept := w.all[:0]
	for _, x := range w.all {
		switch {
		case x.from < 0 && -1-x.from < len(pictures):
			x.from = pictures[-1-x.from]
			x.to = x.from + 1
		case x.from < 0:
			continue
		default:
			x.from, x.to = letters[x.from], letters[x.to-1]+1
		}
		kept = append(kept, x)
	}
	w.all = kept
}

// path is a place in the signs and in the trie.
type path struct {
	start, at int
	state     int32
	read      int // characters of the name
	exact     int // of them those that stand there as they are
	how       Disguise
}

// walk tries what stands at the path's place, as it is and as what it may be
// written for.
func (w *writtenSearch) walk(p path) {
	if p.read > 0 && p.how != 0 {
		w.accept(p)
	}
	if p.at >= len(w.signs) || p.read >= maxWrittenName {
		return
	}
	g := w.signs[p.at]
	if p.at > p.start && !w.continues(p) {
		return
	}
	if !g.picture && han(g.r) {
		if state := w.s.step(p.state, w.s.code(g.r)); state != 0 {
			next := p
			next.at, next.state, next.read, next.exact = p.at+1, state, p.read+1, p.exact+1
			w.walk(next)
		}
	}
	for i := range w.all {
		x := &w.all[i]
		if x.from != p.at {
			continue
		}
		for k := range x.chars {
			w.follow(p, x, x.chars[k:k+1])
		}
		for _, word := range x.words {
			w.follow(p, x, word)
		}
	}
}

// follow goes on behind a writing that stands for a word.
func (w *writtenSearch) follow(p path, x *writing, word []rune) {
	for _, c := range word {
		if p.state = w.s.step(p.state, w.s.code(c)); p.state == 0 {
			return
		}
	}
	p.at, p.read, p.how = x.to, p.read+len(word), p.how|x.how
	w.walk(p)
}

// continues says that the next sign may belong to the name that was begun: a
// syllable touches its neighbours, parts and pictures may stand apart.
func (w *writtenSearch) continues(p path) bool {
	g := w.signs[p.at]
	if g.picture || w.signs[p.at-1].picture {
		// What stands between is the picture itself and perhaps a space.
		return g.src-w.signs[p.at-1].src <= 2
	}
	if p.how&^DisguiseSplit == 0 {
		return joined(w.t, int(g.letter))
	}
	return w.t.gap[g.letter] == GapNone
}

// accept takes the names that end here. One that is nothing but pictures, or
// one picture and a character, may be chance.
func (w *writtenSearch) accept(p path) {
	for i := w.s.nodes[p.state].out; i >= 0; i = w.s.patterns[i].next {
		c := &w.s.patterns[i]
		if !c.loose || int(c.length) != p.read || p.read < 2 || !c.hanFirst {
			continue
		}
		first, last := w.signs[p.start], w.signs[p.at-1]
		end := last.src + 1
		at, to := int(first.letter), int(last.letter)
		if !last.picture {
			end, to = w.t.end[last.letter], to+1
		}
		how := p.how
		if how&DisguisePicture != 0 && p.exact < 2 || p.exact == 0 {
			how |= DisguiseUnsure
		}
		w.hits = append(w.hits, Hit{int(i), c.id, at, to, int(first.src), int(end), how})
	}
}
