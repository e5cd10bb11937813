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
	// code numbers the letters that occur in patterns, 0 for the others.
	codeBMP  []uint16
	codeHigh map[rune]uint16
	root     []int32 // by code
	// first is the number of states: those of one letter are 1 to first, so
	// that they lie together.
	first    int32
	pairs    pairs
	writings writings
	// initials are names by the hash of how they are written with an initial
	// in them, as one more than the place of the pattern.
	initials map[uint64]int32
	table    edges
	nodes    []node
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
}

type compiled struct {
	runes []rune
	// gaps[i] is what the pattern has before letter i, marks[i] the mark.
	gaps  []Gap
	marks []rune
	id    int
	index int
	next  int32
	loose bool
	// latin patterns hold no letter of a script without spaces.
	latin, letters bool
	// han patterns hold nothing but Han characters.
	han         bool
	first, last kind
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
		writings: writings{spelt: map[string][]rune{}, split: map[[3]rune][]rune{}, drawn: map[rune][][]rune{}, beside: newPairs(4 * len(patterns))}}
	known := map[rune]bool{}
	codes := 1
	nodes := 1
	for i, p := range patterns {
		t := f.Fold(p.Text)
		c := compiled{
			runes: slices.Clone(t.Runes), gaps: slices.Clone(t.gap), marks: slices.Clone(t.mark),
			id: p.ID, index: i, next: -1, loose: p.Loose, latin: true, letters: true, han: true,
		}
		for _, r := range c.runes {
			if s.code(r) == 0 && codes < 0xffff {
				if r < 0x10000 {
					s.codeBMP[r] = uint16(codes)
				} else {
					s.codeHigh[r] = uint16(codes)
				}
				codes++
			}
			k := kindOf(r)
			c.latin = c.latin && k != kindOther
			c.letters = c.letters && asciiLetter(r)
			c.han = c.han && han(r)
		}
		if n := len(c.runes); n > 0 {
			c.first, c.last = kindOf(c.runes[0]), kindOf(c.runes[n-1])
		}
		nodes += len(c.runes)
		s.learnWritings(&c, known)
		s.learnInitials(&c, int32(i))
		s.patterns = append(s.patterns, c)
	}
	s.drawings(known)
	s.build(codes, nodes)
	return s
}

func (s *Searcher) code(r rune) uint16 {
	if r < 0x10000 {
		return s.codeBMP[r]
	}
	return s.codeHigh[r]
}

func (s *Searcher) build(codes, nodes int) {
	s.root = make([]int32, codes)
	s.table = newEdges(nodes)
	s.nodes = append(make([]node, 0, nodes), node{out: -1})
	for i := range s.patterns {
		if p := &s.patterns[i]; len(p.runes) > 0 {
			if c := s.code(p.runes[0]); s.root[c] == 0 {
				s.root[c] = int32(len(s.nodes))
				s.nodes = append(s.nodes, node{out: -1})
			}
		}
	}
	s.first = int32(len(s.nodes)) - 1
	s.pairs = newPairs(len(s.patterns))
	type edge struct {
		from, to int32
		code     uint16
	}
	var all []edge
	depth := make([]int32, len(s.nodes), nodes)
	for i := range s.patterns {
		p := &s.patterns[i]
		if len(p.runes) == 0 {
			continue
		}
		first := s.code(p.runes[0])
		state := s.root[first]
		depth[state] = 1
		for k, r := range p.runes[1:] {
			c := s.code(r)
			if k == 0 {
				s.pairs.add(state, c)
			}
			next := s.table.get(state, c)
			if next == 0 {
				next = int32(len(s.nodes))
				s.nodes = append(s.nodes, node{out: -1})
				depth = append(depth, depth[state]+1)
				all = append(all, edge{state, next, c})
				s.table.put(state, c, next)
			}
			state = next
		}
		p.next = s.nodes[state].out
		s.nodes[state].out = int32(i)
	}
	slices.SortStableFunc(all, func(a, b edge) int { return int(depth[a.to] - depth[b.to]) })
	for _, e := range all {
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

func (s *Searcher) step(state int32, c uint16) int32 {
	if state == 0 {
		return s.root[c]
	}
	if state <= s.first && !s.pairs.has(state, c) {
		return 0
	}
	return s.table.get(state, c)
}

// Find appends every accepted occurrence to hits.
func (s *Searcher) Find(t *Folded, hits []Hit) []Hit {
	hits = s.scan(t, 0, hits)
	hits = s.findVariants(t, hits)
	hits = s.findWritten(t, hits)
	hits = s.findInitials(t, hits)
	return s.findMasked(t, hits)
}

func (s *Searcher) scan(t *Folded, as Disguise, hits []Hit) []Hit {
	state := int32(0)
	for i, r := range t.Runes {
		c := s.code(r)
		if c == 0 {
			state = 0
			continue
		}
		for {
			next := s.step(state, c)
			if next != 0 || state == 0 {
				state = next
				break
			}
			state = s.nodes[state].fail
		}
		if state == 0 {
			continue
		}
		for at := state; at != 0; at = s.nodes[at].suffix {
			for p := s.nodes[at].out; p >= 0; p = s.patterns[p].next {
				if d, ok := s.patterns[p].accept(t, i+1); ok {
					n := len(s.patterns[p].runes)
					start, end := t.Span(i+1-n, i+1)
					hits = append(hits, Hit{s.patterns[p].index, s.patterns[p].id, i + 1 - n, i + 1, start, end, d | as})
				}
			}
		}
	}
	return hits
}

// pairs is a filter of the first two letters of all patterns, after Bloom (1970)
// with one hash: it may say that a pair is there that is not, never the other
// way round. It is small enough to stay in the processor's cache, which the
// table of edges of many names is not, and most letters of a text that begin
// some name begin none with the next letter.
type pairs struct {
	bits []uint64
	mask uint64
}

func newPairs(n int) pairs {
	size := 1 << 12
	for size < 32*n && size < 1<<23 {
		size *= 2
	}
	return pairs{make([]uint64, size/64), uint64(size - 1)}
}

func (p *pairs) at(state int32, c uint16) uint64 {
	return (uint64(state)<<16 | uint64(c)) * 0x9e3779b97f4a7c15 >> 24 & p.mask
}

func (p *pairs) add(state int32, c uint16) {
	i := p.at(state, c)
	p.bits[i/64] |= 1 << (i % 64)
}

func (p *pairs) has(state int32, c uint16) bool {
	i := p.at(state, c)
	return p.bits[i/64]&(1<<(i%64)) != 0
}

// edges is a hash table of the transitions below the root, by linear probing.
type edges struct {
	keys []uint64
	to   []int32
	mask uint64
}

func newEdges(n int) edges {
	size := 16
	for size < 2*n {
		size *= 2
	}
	return edges{make([]uint64, size), make([]int32, size), uint64(size - 1)}
}

func (e *edges) slot(key uint64) uint64 { return key * 0x9e3779b97f4a7c15 >> 20 & e.mask }

func (e *edges) put(state int32, c uint16, to int32) {
	key := uint64(state)<<16 | uint64(c)
	for i := e.slot(key); ; i = (i + 1) & e.mask {
		if e.keys[i] == 0 {
			e.keys[i], e.to[i] = key, to
			return
		}
	}
}

func (e *edges) get(state int32, c uint16) int32 {
	key := uint64(state)<<16 | uint64(c)
	for i := e.slot(key); ; i = (i + 1) & e.mask {
		switch e.keys[i] {
		case key:
			return e.to[i]
		case 0:
			return 0
		}
	}
}
