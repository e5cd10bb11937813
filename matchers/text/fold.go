package text

import (
	"slices"
	"unicode"
	"unicode/utf8"
)

// Gap says what stood in the original between a letter and the one before it.
type Gap uint8

// The gaps, from nothing to the strongest. Hidden is added to any of them.
const (
	GapNone   Gap = iota
	GapSpace      // spaces only
	GapJoint      // marks that join words: - . · _ ' / & +
	GapMark       // ornaments and symbols: ★ ○ * ~ | # emoji
	GapStop       // punctuation that ends or parts clauses, brackets
	GapLine       // a line break or the start of the text
	GapHidden Gap = 0x80
)

func (g Gap) kind() Gap    { return g &^ GapHidden }
func (g Gap) hidden() bool { return g&GapHidden != 0 }

// Folded is a folded text: its letters and digits alone, in order, each with
// its place in the original and with what stood before it.
type Folded struct {
	// Runes are the letters and digits; what stood between them is told by
	// Gap and Mark.
	Runes []rune
	// src[i] and end[i] are the half-open range of original code points
	// from which Runes[i] came.
	src, end []int32
	gap      []Gap
	// mark[i] is the last visible character of the gap before Runes[i], 0
	// where there is none.
	mark []rune
	// similar[i] says that the letter was dressed up in the original.
	similar []bool
	// pictures are the pictures (emoji) between the letters, in their order.
	pictures []picture
	length   int32
}

// Len is the number of folded letters.
func (t *Folded) Len() int { return len(t.Runes) }

// Span is the range of original code points of the folded letters [at,to).
func (t *Folded) Span(at, to int) (start, end int) {
	return int(t.src[at]), int(t.end[to-1])
}

// At returns the index of the first folded letter that came from the original
// code point start or a later one.
func (t *Folded) At(start int) int {
	lo, hi := 0, len(t.src)
	for lo < hi {
		if mid := (lo + hi) / 2; int(t.src[mid]) < start {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// Gap is what stood before letter i; GapLine at the start and at the end.
func (t *Folded) Gap(i int) Gap {
	if i <= 0 || i >= len(t.gap) {
		return GapLine
	}
	return t.gap[i]
}

// Mark is the last visible character between letter i and the one before it.
func (t *Folded) Mark(i int) rune {
	if i < 0 || i >= len(t.mark) {
		return 0
	}
	return t.mark[i]
}

func (t *Folded) reset() {
	t.Runes, t.src, t.end = t.Runes[:0], t.src[:0], t.end[:0]
	t.gap, t.mark, t.similar = t.gap[:0], t.mark[:0], t.similar[:0]
	t.pictures = t.pictures[:0]
	t.length = 0
}

// grow makes room for n letters at once.
func (t *Folded) grow(n int) {
	if cap(t.Runes) >= n {
		return
	}
	t.Runes = slices.Grow(t.Runes, n)
	t.src, t.end = slices.Grow(t.src, n), slices.Grow(t.end, n)
	t.gap, t.mark, t.similar = slices.Grow(t.gap, n), slices.Grow(t.mark, n), slices.Grow(t.similar, n)
}

// Fold returns the folded text. Bytes that are no UTF-8 fold to the
// replacement character, one each, as a range over a string reads them.
func (f *Folder) Fold(s string) *Folded {
	t := &Folded{}
	f.FoldInto(t, s)
	return t
}

// FoldInto folds s into t, whose memory it reuses.
func (f *Folder) FoldInto(t *Folded, s string) {
	t.reset()
	t.grow(utf8.RuneCountInString(s))
	var (
		gap  = GapLine
		mark rune
		i    int32
		han  bool
	)
	for _, r := range s {
		var folded rune
		similar := false
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			folded = r
		case r >= 'A' && r <= 'Z':
			folded = r + 'a' - 'A'
		case r >= 0x3400 && r < 0xa000:
			folded = r
			han = true
		case r < 0x10000:
			to := f.bmp[r]
			if to == dropped {
				gap |= GapHidden
				i++
				continue
			}
			similar = r >= 0x80 && f.similar[r/64]&(1<<(r%64)) != 0
			if to >= expand {
				gap, mark = t.put(f.expansions[to-expand], i, gap, mark, similar)
				han = true
				i++
				continue
			}
			folded = to
			han = han || folded >= 0x3400
		default:
			out, like := f.foldSlow(r)
			if len(out) == 0 {
				gap |= GapHidden
			}
			if pictorial(r) && !like {
				t.pictures = append(t.pictures, picture{r, int32(len(t.Runes)), i})
			}
			gap, mark = t.put(out, i, gap, mark, like)
			han = true
			i++
			continue
		}
		if g := gapOf(folded); g == GapNone {
			t.push(folded, i, gap, mark, similar)
			gap, mark = GapNone, 0
		} else {
			gap, mark = widen(gap, g), visible(mark, folded)
			if pictorial(r) {
				t.pictures = append(t.pictures, picture{r, int32(len(t.Runes)), i})
			}
		}
		i++
	}
	t.length = i
	if han {
		f.simplify(t.Runes)
	}
}

// put appends what one code point folded to.
func (t *Folded) put(out []rune, i int32, gap Gap, mark rune, similar bool) (Gap, rune) {
	for _, r := range out {
		if g := gapOf(r); g == GapNone {
			t.push(r, i, gap, mark, similar)
			gap, mark = GapNone, 0
		} else {
			gap, mark = widen(gap, g), visible(mark, r)
		}
	}
	return gap, mark
}

func (t *Folded) push(r rune, i int32, gap Gap, mark rune, similar bool) {
	t.Runes = append(t.Runes, r)
	t.src = append(t.src, i)
	t.end = append(t.end, i+1)
	t.gap = append(t.gap, gap)
	t.mark = append(t.mark, mark)
	t.similar = append(t.similar, similar)
}

func widen(gap, g Gap) Gap { return max(gap.kind(), g) | gap&GapHidden }

func visible(mark, r rune) rune {
	if unicode.IsSpace(r) {
		return mark
	}
	return r
}

// gapOf is GapNone for letters and digits.
func gapOf(r rune) Gap {
	switch {
	case r >= 0x3400 && r < 0xa000, r >= 'a' && r <= 'z', r >= '0' && r <= '9':
		return GapNone
	case r < 0x80:
		return asciiGap[r]
	}
	switch r {
	case 0x3000, 0xa0, 0x2002, 0x2003, 0x2009, 0x202f:
		return GapSpace
	case 0x85, 0x2028, 0x2029:
		return GapLine
	case '·', '‧', '・', '•', '‐', '‑', '‒', '–', '—', '―', '‘', '’', '−', '﹣':
		return GapJoint
	case '，', '。', '、', '；', '：', '！', '？', '（', '）', '【', '】', '《', '》', '〈', '〉',
		'「', '」', '『', '』', '“', '”', '…', '〔', '〕', '〖', '〗', '¿', '¡', '«', '»':
		return GapStop
	case '々', '〇':
		return GapNone
	}
	switch {
	case unicode.IsLetter(r), unicode.IsNumber(r):
		return GapNone
	case unicode.IsSpace(r):
		return GapSpace
	}
	return GapMark
}

var asciiGap = [128]Gap{
	'\t': GapSpace, '\n': GapLine, '\r': GapLine, ' ': GapSpace,
	'!': GapStop, '"': GapStop, '#': GapMark, '$': GapMark, '%': GapMark, '&': GapJoint, '\'': GapJoint,
	'(': GapStop, ')': GapStop, '*': GapMark, '+': GapJoint, ',': GapStop, '-': GapJoint, '.': GapJoint, '/': GapJoint,
	':': GapStop, ';': GapStop, '<': GapMark, '=': GapMark, '>': GapMark, '?': GapStop, '@': GapMark,
	'[': GapStop, '\\': GapMark, ']': GapStop, '^': GapMark, '_': GapJoint, '`': GapMark,
	'{': GapStop, '|': GapMark, '}': GapStop, '~': GapMark,
}

// simplify writes traditional Chinese as simplified in place. It runs until
// nothing changes, since a phrase may only show once its neighbours changed;
// every round settles at least one character.
func (f *Folder) simplify(rs []rune) {
	for changed := true; changed; {
		changed = false
		for i := 0; i < len(rs); i++ {
			r := rs[i]
			if r < hanFirst || r < hanEnd && !f.turns[r-hanFirst] {
				continue
			}
			if ps, ok := f.phrases[r]; ok {
				if p := longest(ps, rs[i:]); p != nil {
					for j, to := range p.to {
						if rs[i+j] != to {
							rs[i+j], changed = to, true
						}
					}
					i += len(p.to) - 1
					continue
				}
			}
			if to, ok := f.simplified[r]; ok {
				rs[i], changed = to, true
			}
		}
	}
}

func longest(ps []phrase, rs []rune) *phrase {
	var best *phrase
	for k := range ps {
		p := &ps[k]
		if len(p.from) > len(rs) || best != nil && len(p.from) <= len(best.from) {
			continue
		}
		same := true
		for j, r := range p.from {
			if rs[j] != r {
				same = false
				break
			}
		}
		if same {
			best = p
		}
	}
	return best
}

// String is the folded text with one space for every gap: the form to compare
// and to store.
func (t *Folded) String() string {
	out := make([]rune, 0, len(t.Runes)+8)
	for i, r := range t.Runes {
		if i > 0 && t.gap[i].kind() != GapNone {
			out = append(out, ' ')
		}
		out = append(out, r)
	}
	return string(out)
}

// Letters is the folded text without any gap.
func (t *Folded) Letters() string { return string(t.Runes) }
