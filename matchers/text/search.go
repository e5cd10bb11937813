package text

import "slices"

// Pattern is one string to find. It is folded as the texts are.
type Pattern struct {
	Text string
	// ID is the caller's; several patterns may share one.
	ID int
	// Loose lets the pattern be found with marks, spaces or hidden
	// characters between its letters, and in leetspeak; the hit says so.
	Loose bool
}

// Disguise says how an occurrence differs from the plain name.
type Disguise uint16

// The disguises, which add up.
const (
	DisguiseMarks     Disguise = 1 << iota // marks between the letters
	DisguiseSpaces                         // spaces between the letters
	DisguiseHidden                         // invisible characters between them
	DisguiseLookalike                      // look-alike or decorated letters
	DisguiseLeet                           // digits and signs for letters
	DisguiseRepeat                         // letters repeated
	DisguiseMasked                         // letters left out, * in their place
	DisguisePinyin                         // a character written in pinyin
	DisguiseSound                          // other characters that sound alike
	DisguiseInitial                        // a character written as its initial
	DisguiseSplit                          // a character written as its parts
	DisguisePicture                        // a character or word drawn
	DisguiseShape                          // another character that looks alike
	// DisguiseUnsure is added to what may well be another word: the caller
	// decides by what else stands there.
	DisguiseUnsure
)

// Hit is one occurrence.
type Hit struct {
	// Pattern is the index in the slice that the Searcher was made of, ID
	// that pattern's ID.
	Pattern, ID int
	// At and To are the half-open range of folded letters.
	At, To int
	// Start and End are the half-open range of original code points.
	Start, End int
	Disguise   Disguise
}

// Searcher finds many patterns in one pass, after Aho and Corasick (1975),
// overlapping ones too. It is immutable and safe for concurrent use.
type Searcher struct {
	folder   *Folder
	patterns []compiled
	// shapes are the marks of those patterns that hold some.
	shapes []shape
	// code numbers the letters that occur in patterns, 0 for the others: first
	// those that are a pattern by themselves, then those that begin one. The
	// state behind a single letter has the number of its code.
	codeBMP       []uint16
	codeHigh      map[rune]uint16
	single, first int32
	pairs         pairs
	table         edges
	nodes         []node
	writings      writings
	// initials are names by the hash of how they are written with an initial
	// in them, as one more than the place in initialled.
	initials   map[uint64]int32
	initialled []initialled
}

// node is a state.
type node struct {
	// fail is the state of the longest other suffix.
	fail int32
	// out is the first pattern that ends here, -1 for none; more follow
	// through compiled.next.
	out int32
	// suffix is the nearest state on the chain of failures that has a
	// pattern.
	suffix int32
	kids   kids
}

// ends says that a pattern ends in the state or in one of its suffixes.
func (n *node) ends() bool { return n.out >= 0 || n.suffix != 0 }

// compiled is a pattern with what decides whether an occurrence is one.
type compiled struct {
	id     int
	length int32 // in letters
	next   int32
	// shape is its place in Searcher.shapes, -1 for a pattern without marks.
	shape int32
	loose bool
	// latin patterns hold no letter of a script without spaces.
	latin, letters bool
	// han patterns hold nothing but Han characters, hanFirst ones begin with
	// one.
	han, hanFirst bool
	first, last   kind
}

// shape is what a pattern has between its letters: gaps[i] and marks[i] stand
// before letter i.
type shape struct {
	runes []rune
	gaps  []Gap
	marks []rune
}

// kind is what a letter joins with into one word.
type kind uint8

const (
	kindOther kind = iota
	kindLetter
	kindDigit
)

func kindOf(r rune) kind {
	switch {
	case r >= '0' && r <= '9':
		return kindDigit
	case r >= 'a' && r <= 'z', r >= 0xc0 && r < 0x530:
		return kindLetter
	}
	return kindOther
}

// NewSearcher compiles the patterns. One that folds to nothing is never found.
func NewSearcher(f *Folder, patterns []Pattern) *Searcher {
	s := &Searcher{folder: f, codeBMP: make([]uint16, 0x10000), codeHigh: map[rune]uint16{}, initials: map[uint64]int32{},
		writings: writings{spelt: map[string][]rune{}, split: map[[3]rune][]rune{}, drawn: map[rune][][]rune{}, parts: newPairs(4096), beside: newPairs(len(patterns) / 2)}}
	known := map[rune]bool{}
	all := make([][]rune, len(patterns))
	s.patterns = make([]compiled, len(patterns))
	for i, p := range patterns {
		t := f.Fold(p.Text)
		all[i] = slices.Clone(t.Runes)
		s.patterns[i] = s.compile(p, t)
		s.learnWritings(&s.patterns[i], all[i], known)
		s.learnInitials(int32(i), all[i])
	}
	s.drawings(known)
	s.encode(all)
	s.build(all)
	return s
}

func (s *Searcher) compile(p Pattern, t *Folded) compiled {
	c := compiled{id: p.ID, length: int32(t.Len()), next: -1, shape: -1, loose: p.Loose, latin: true, letters: true, han: true}
	for _, r := range t.Runes {
		k := kindOf(r)
		c.latin = c.latin && k != kindOther
		c.letters = c.letters && asciiLetter(r)
		c.han = c.han && han(r)
	}
	n := t.Len()
	if n == 0 {
		return c
	}
	c.first, c.last, c.hanFirst = kindOf(t.Runes[0]), kindOf(t.Runes[n-1]), han(t.Runes[0])
	for i := 1; i < n; i++ {
		if t.gap[i].kind() != GapNone || t.mark[i] != 0 {
			c.shape = int32(len(s.shapes))
			s.shapes = append(s.shapes, shape{slices.Clone(t.Runes), slices.Clone(t.gap), slices.Clone(t.mark)})
			break
		}
	}
	return c
}

func (s *Searcher) code(r rune) uint16 {
	if r < 0x10000 {
		return s.codeBMP[r]
	}
	return s.codeHigh[r]
}

// encode numbers the letters of the patterns.
func (s *Searcher) encode(all [][]rune) {
	codes := int32(0)
	number := func(r rune) {
		if s.code(r) != 0 || codes == 0xffff {
			return
		}
		codes++
		if r < 0x10000 {
			s.codeBMP[r] = uint16(codes)
		} else {
			s.codeHigh[r] = uint16(codes)
		}
	}
	for _, runes := range all {
		if len(runes) == 1 {
			number(runes[0])
		}
	}
	s.single = codes
	for _, runes := range all {
		if len(runes) > 0 {
			number(runes[0])
		}
	}
	s.first = codes
	for _, runes := range all {
		for _, r := range runes {
			number(r)
		}
	}
}

func (s *Searcher) build(all [][]rune) {
	s.nodes = make([]node, s.first+1)
	for i := range s.nodes {
		s.nodes[i].out = -1
	}
	s.table = newEdges(len(all))
	// rows are the states by how many letters lead to them, below the first.
	type grown struct {
		from, to int32
		code     uint16
	}
	var rows [][]grown
patterns:
	for i, runes := range all {
		if len(runes) == 0 {
			continue
		}
		for _, r := range runes {
			if s.code(r) == 0 {
				continue patterns // more letters than codes
			}
		}
		state := int32(s.code(runes[0]))
		for k, r := range runes[1:] {
			c := s.code(r)
			next := s.table.slot(state, c).to
			if next == 0 {
				next = int32(len(s.nodes))
				s.nodes = append(s.nodes, node{out: -1})
				s.nodes[state].kids |= kid(c)
				s.table.put(edge{state: state, to: next, code: c})
				if k == len(rows) {
					rows = append(rows, nil)
				}
				rows[k] = append(rows[k], grown{state, next, c})
			}
			state = next
		}
		s.patterns[i].next = s.nodes[state].out
		s.nodes[state].out = int32(i)
	}
	s.pairs = newPairs(0)
	if len(rows) > 0 {
		s.pairs = newPairs(len(rows[0]))
		for _, e := range rows[0] {
			s.pairs.add(e.from, e.code)
		}
	}
	for _, row := range rows {
		for _, e := range row {
			f := s.nodes[e.from].fail
			for f != 0 && s.step(f, e.code) == 0 {
				f = s.nodes[f].fail
			}
			f = s.step(f, e.code)
			to := &s.nodes[e.to]
			to.fail = f
			if s.nodes[f].out >= 0 {
				to.suffix = f
			} else {
				to.suffix = s.nodes[f].suffix
			}
		}
	}
	for i := range s.table.slots {
		if e := &s.table.slots[i]; e.code != 0 {
			to := &s.nodes[e.to]
			e.fail, e.kids = to.fail, to.kids
			if to.ends() {
				e.to = -e.to
			}
		}
	}
}

// step returns the state behind a letter without looking at suffixes, 0 for
// none.
func (s *Searcher) step(state int32, c uint16) int32 {
	switch {
	case state == 0:
		if int32(c) > s.first {
			return 0
		}
		return int32(c)
	case state <= s.first && !s.pairs.has(state, c):
		return 0
	}
	to := s.table.slot(state, c).to
	return max(to, -to)
}

// Find appends every accepted occurrence to hits.
func (s *Searcher) Find(t *Folded, hits []Hit) []Hit {
	hits = s.scan(t, hits)
	hits = s.findVariants(t, hits)
	hits = s.findWritten(t, hits)
	hits = s.findInitials(t, hits)
	return s.findMasked(t, hits)
}

// stretch is how many letters of a text are looked at together.
const stretch = 64

// scan follows the automaton along the text, a stretch at a time. Which letters
// may go on from the one before is told for a whole stretch at first, so that
// the processor fetches the places of the table side by side; below the first
// letter of a pattern that turns most letters away.
func (s *Searcher) scan(t *Folded, hits []Hit) []Hit {
	var (
		state, fail int32
		kids        kids
		codes       [stretch]uint16
		before      uint16
	)
	for from := 0; from < len(t.Runes); from += stretch {
		runes := t.Runes[from:min(from+stretch, len(t.Runes))]
		begun := uint64(0) // the letters that may be the second of a pattern
		for i, r := range runes {
			c := s.code(r)
			codes[i] = c
			if int32(before) <= s.first && s.pairs.has(int32(before), c) {
				begun |= s.table.taken(int32(before), c) << i
			}
			before = c
		}
	letters:
		for i, c := range codes[:len(runes)] {
			if c == 0 {
				state = 0
				continue
			}
			for state > s.first {
				if kids.has(c) {
					if e := s.table.slot(state, c); e.to != 0 {
						if state, fail, kids = e.to, e.fail, e.kids; state < 0 {
							state = -state
							hits = s.ending(t, state, from+i+1, hits)
						}
						continue letters
					}
				}
				if state = fail; state > s.first {
					n := &s.nodes[state]
					fail, kids = n.fail, n.kids
				}
			}
			if state != 0 && begun&(1<<i) != 0 {
				if e := s.table.slot(state, c); e.to != 0 {
					if state, fail, kids = e.to, e.fail, e.kids; state < 0 {
						state = -state
						hits = s.ending(t, state, from+i+1, hits)
					}
					continue
				}
			}
			if state = int32(c); state > s.first {
				state = 0
			} else if state <= s.single {
				hits = s.ending(t, state, from+i+1, hits)
			}
		}
	}
	return hits
}

// ending appends the accepted occurrences that end before letter to, those of
// the state and of its suffixes.
func (s *Searcher) ending(t *Folded, state int32, to int, hits []Hit) []Hit {
	for ; state != 0; state = s.nodes[state].suffix {
		for i := s.nodes[state].out; i >= 0; i = s.patterns[i].next {
			p := &s.patterns[i]
			if d, ok := s.accept(p, t, to); ok {
				at := to - int(p.length)
				start, end := t.Span(at, to)
				hits = append(hits, Hit{int(i), p.id, at, to, start, end, d})
			}
		}
	}
	return hits
}
