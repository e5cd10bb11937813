package matchers

import (
	"maps"
	"math"
	"regexp"
	"regexp/syntax"
	"slices"
	"unicode"
)

// sieve finds which literals of many patterns a text holds, so that a pattern
// whose literals are not there need not be tried: regular expressions are a
// hundred times dearer than the question. Patterns are added, then it is
// closed; after that it is immutable and safe for concurrent use.
type sieve struct {
	// ids number the literals, of are the patterns that one of them is to
	// bring up: each is brought up by those of its needs that say most.
	ids map[string]int32
	of  [][]int32
	// always are the patterns that need no literal.
	always []uint64
	// patterns is how many there are.
	patterns int
	// starts marks the first two letters of literals, hashed; heads is a hash
	// table of them by linear probing, and tails are the literals in its order.
	starts [startBits / 64]uint64
	heads  []head
	tails  []tail
}

const startBits = 1 << 16

// head is the first two letters of some literals, those of one letter with 0
// behind it; the literals are tails[from:to], none in a free place.
type head struct {
	first, second rune
	from, to      int32
}

// tail is what follows in one literal.
type tail struct {
	literal int32
	rest    []rune
}

// sifted is what of the patterns' literals a text holds.
type sifted struct {
	literals []uint64
	// touched are the patterns of which some literal is there.
	touched []uint64
	// found are the literals' numbers, letters the text without its case.
	found   []int32
	letters []rune
}

func newSieve() *sieve {
	return &sieve{ids: map[string]int32{}}
}

func startHash(a, b rune) uint32 { return (uint32(a)*40503 + uint32(b)) * 2654435761 }

func startBit(hash uint32) int32 { return int32(hash >> 16) }

func has(set []uint64, i int32) bool { return set[i/64]&(1<<(i%64)) != 0 }
func put(set []uint64, i int32)      { set[i/64] |= 1 << (i % 64) }

// literal numbers a literal that some pattern needs.
func (s *sieve) literal(written string) int32 {
	id, known := s.ids[written]
	if !known {
		id = int32(len(s.of))
		s.ids[written] = id
		s.of = append(s.of, nil)
	}
	return id
}

// close makes the tables of what was added.
func (s *sieve) close() {
	byHead := map[[2]rune][]tail{}
	for _, written := range slices.Sorted(maps.Keys(s.ids)) {
		letters := []rune(written)
		start := [2]rune{letters[0]}
		copy(start[:], letters)
		byHead[start] = append(byHead[start], tail{s.ids[written], letters[min(2, len(letters)):]})
	}
	size := 16
	for size < 2*len(byHead) {
		size *= 2
	}
	s.heads = make([]head, size)
	for start, tails := range byHead {
		hash := startHash(start[0], start[1])
		put(s.starts[:], startBit(hash))
		i := int(hash) & (size - 1)
		for s.heads[i].to > 0 {
			i = (i + 1) & (size - 1)
		}
		s.heads[i] = head{start[0], start[1], int32(len(s.tails)), int32(len(s.tails) + len(tails))}
		s.tails = append(s.tails, tails...)
	}
}

// sift finds the literals of a text. The memory of an earlier text is used
// again.
func (s *sieve) sift(text string, into *sifted) {
	for _, id := range into.found {
		into.literals[id/64] = 0
	}
	into.found = into.found[:0]
	if n := len(s.of)/64 + 1; len(into.literals) != n {
		into.literals = make([]uint64, n)
	}
	into.touched = append(into.touched[:0], s.always...)
	into.letters = into.letters[:0]
	for _, c := range text {
		if c < 0x2e80 || c >= 0xa640 { // others have no case
			c = caseless(c)
		}
		into.letters = append(into.letters, c)
	}
	for i, c := range into.letters {
		if hash := startHash(c, 0); has(s.starts[:], startBit(hash)) {
			s.startingAt(into, i, hash, c, 0)
		}
		if i+1 < len(into.letters) {
			next := into.letters[i+1]
			if hash := startHash(c, next); has(s.starts[:], startBit(hash)) {
				s.startingAt(into, i, hash, c, next)
			}
		}
	}
}

// startingAt notes the literals that begin with two letters at a place.
func (s *sieve) startingAt(into *sifted, i int, hash uint32, a, b rune) {
	mask := len(s.heads) - 1
	at := int(hash) & mask
	for s.heads[at].first != a || s.heads[at].second != b {
		if s.heads[at].to == 0 {
			return
		}
		at = (at + 1) & mask
	}
	for _, l := range s.tails[s.heads[at].from:s.heads[at].to] {
		if has(into.literals, l.literal) ||
			len(l.rest) > 0 && (i+2+len(l.rest) > len(into.letters) || !slices.Equal(into.letters[i+2:i+2+len(l.rest)], l.rest)) {
			continue
		}
		put(into.literals, l.literal)
		into.found = append(into.found, l.literal)
		for _, pattern := range s.of[l.literal] {
			put(into.touched, pattern)
		}
	}
}

// caseless is the first of the letters that differ by case only, as patterns
// ignore case.
func caseless(c rune) rune {
	switch {
	case c < 0x80:
		if c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		return c
	case c >= 0x2e80 && c < 0xa640 || c >= 0xac00 && c < 0xfb00: // East Asian letters have no case
		return c
	}
	first := c
	for f := unicode.SimpleFold(c); f != c; f = unicode.SimpleFold(f) {
		first = min(first, f)
	}
	return first
}

// pattern is a regular expression with what a text must hold for it to match.
type pattern struct {
	*regexp.Regexp
	sieve  *sieve
	number int32
	needs  condition
}

// condition holds where one of the literals is there, or where all or one of
// its parts hold.
type condition struct {
	literals []int32
	all      bool
	parts    []condition
}

// compile adds a pattern.
func (s *sieve) compile(expr string) (pattern, error) {
	re, err := regexp.Compile(expr)
	if err != nil {
		return pattern{}, err
	}
	tree, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return pattern{}, err
	}
	p := pattern{Regexp: re, sieve: s, number: int32(s.patterns)}
	s.patterns++
	if s.patterns > 64*len(s.always) {
		s.always = append(s.always, 0)
	}
	all := need{all: true, parts: literals(tree).all()}
	if len(all.parts) == 0 {
		put(s.always, p.number)
		return p, nil
	}
	p.needs = s.condition(all)
	said, _ := all.saying()
	for _, written := range said {
		if of := &s.of[s.ids[written]]; !slices.Contains(*of, p.number) {
			*of = append(*of, p.number)
		}
	}
	return p, nil
}

func (s *sieve) condition(n need) condition {
	c := condition{all: n.all}
	for _, written := range n.literals {
		c.literals = append(c.literals, s.literal(written))
	}
	for _, part := range n.parts {
		c.parts = append(c.parts, s.condition(part))
	}
	return c
}

func (c *condition) holds(in *sifted) bool {
	for _, id := range c.literals {
		if has(in.literals, id) {
			return true
		}
	}
	for i := range c.parts {
		if c.parts[i].holds(in) != c.all {
			return !c.all
		}
	}
	return c.all && len(c.parts) > 0
}

// possible says that a text that was sifted so may match.
func (p *pattern) possible(in *sifted) bool {
	return has(in.touched, p.number) && (len(p.needs.parts) == 0 || p.needs.holds(in))
}

// required is what a part of an expression needs: exactly one of some strings
// where exact is set, and all of the needs.
type required struct {
	exact []string
	needs []need
}

// need is a condition before its literals are numbered.
type need struct {
	literals []string
	all      bool
	parts    []need
}

// saying returns literals of which one must be there, those that say most, and
// how much the least of them says.
func (n *need) saying() (said []string, much int) {
	much = math.MaxInt
	for _, l := range n.literals {
		much = min(much, len(l)) // a Chinese character has three bytes
	}
	if len(n.literals) > 0 {
		return n.literals, much
	}
	if !n.all {
		for i := range n.parts {
			of, m := n.parts[i].saying()
			said, much = append(said, of...), min(much, m)
		}
		return said, much
	}
	much = -1
	for i := range n.parts {
		if of, m := n.parts[i].saying(); m > much {
			said, much = of, m
		}
	}
	return said, much
}

// Bounds on what is written out of an expression.
const (
	maxExact      = 160
	maxClassRunes = 24
)

// all are the needs, the exact strings among them.
func (q required) all() []need {
	needs := q.needs
	if useful(q.exact) {
		needs = append(needs[:len(needs):len(needs)], need{literals: q.exact})
	}
	return needs
}

// useful says that strings tell something: they are some, and none is empty.
func useful(set []string) bool {
	for _, s := range set {
		if s == "" {
			return false
		}
	}
	return len(set) > 0
}

// literals finds what a text must hold for an expression to match it.
func literals(re *syntax.Regexp) required {
	switch re.Op {
	case syntax.OpLiteral:
		var s []rune
		for _, c := range re.Rune {
			s = append(s, caseless(c))
		}
		return required{exact: []string{string(s)}}
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText,
		syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return required{exact: []string{""}}
	case syntax.OpCharClass:
		return classLiterals(re.Rune)
	case syntax.OpCapture:
		return literals(re.Sub[0])
	case syntax.OpQuest:
		if sub := literals(re.Sub[0]); sub.exact != nil {
			return required{exact: append(sub.exact[:len(sub.exact):len(sub.exact)], "")}
		}
		return required{}
	case syntax.OpPlus:
		return required{needs: literals(re.Sub[0]).all()}
	case syntax.OpRepeat:
		if re.Min > 0 {
			return required{needs: literals(re.Sub[0]).all()}
		}
		return required{}
	case syntax.OpConcat:
		return concatLiterals(re.Sub)
	case syntax.OpAlternate:
		return alternateLiterals(re.Sub)
	default:
		return required{}
	}
}

func classLiterals(ranges []rune) required {
	var set []string
	seen := map[rune]bool{}
	for i := 0; i+1 < len(ranges); i += 2 {
		if ranges[i+1]-ranges[i] >= maxClassRunes {
			return required{}
		}
		for c := ranges[i]; c <= ranges[i+1]; c++ {
			if first := caseless(c); !seen[first] {
				seen[first] = true
				set = append(set, string(first))
			}
		}
		if len(set) > maxClassRunes {
			return required{}
		}
	}
	return required{exact: set}
}

func concatLiterals(parts []*syntax.Regexp) required {
	var needs []need
	run := []string{""} // what the parts since the last unknown one spell
	whole := true
	flush := func() {
		if useful(run) {
			needs = append(needs, need{literals: run})
		}
		run = []string{""}
	}
	for _, part := range parts {
		sub := literals(part)
		needs = append(needs, sub.needs...)
		if sub.exact == nil {
			flush()
			whole = false
			continue
		}
		if len(run)*len(sub.exact) > maxExact {
			flush()
			whole = false
		}
		if len(sub.exact) > maxExact {
			if useful(sub.exact) {
				needs = append(needs, need{literals: sub.exact})
			}
			continue
		}
		var joined []string
		for _, a := range run {
			for _, b := range sub.exact {
				joined = append(joined, a+b)
			}
		}
		run = joined
	}
	if whole {
		return required{exact: run, needs: needs}
	}
	flush()
	return required{needs: needs}
}

func alternateLiterals(parts []*syntax.Regexp) required {
	var union []string
	var branches []need
	exact := true
	for _, part := range parts {
		sub := literals(part)
		exact = exact && sub.exact != nil && len(sub.needs) == 0
		union = append(union, sub.exact...)
		branches = append(branches, need{all: true, parts: sub.all()})
	}
	if exact {
		return required{exact: union}
	}
	for _, branch := range branches {
		if len(branch.parts) == 0 {
			return required{}
		}
	}
	return required{needs: []need{{parts: branches}}}
}
