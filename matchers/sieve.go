package matchers

import (
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
	// ids number the literals, of are the patterns that each stands in.
	ids map[string]int32
	of  [][]int32
	// always are the patterns that need no literal.
	always []uint64
	// patterns is how many there are.
	patterns int
	// starts marks the first two letters of literals, hashed; heads are the
	// literals by these letters, those of one letter with 0 behind it.
	starts [sieveBits / 64]uint64
	heads  map[[2]rune][]literal
}

const sieveBits = 1 << 15

// literal is one string to look for, behind its first two letters.
type literal struct {
	id   int32
	rest []rune
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
	return &sieve{ids: map[string]int32{}, heads: map[[2]rune][]literal{}}
}

func startBit(a, b rune) uint32 { return (uint32(a)*40503 + uint32(b)) * 2654435761 >> 17 }

func has(set []uint64, i int32) bool { return set[i/64]&(1<<(i%64)) != 0 }
func put(set []uint64, i int32)      { set[i/64] |= 1 << (i % 64) }

// literal numbers a literal that some pattern needs.
func (s *sieve) literal(written string, pattern int32) int32 {
	id, known := s.ids[written]
	if !known {
		id = int32(len(s.of))
		s.ids[written] = id
		s.of = append(s.of, nil)
		letters := append([]rune(written), 0)
		head := [2]rune{letters[0], letters[1]}
		bit := startBit(head[0], head[1])
		s.starts[bit/64] |= 1 << (bit % 64)
		rest := letters[min(2, len(letters)-1) : len(letters)-1]
		s.heads[head] = append(s.heads[head], literal{id, rest})
	}
	if !slices.Contains(s.of[id], pattern) {
		s.of[id] = append(s.of[id], pattern)
	}
	return id
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
		into.letters = append(into.letters, caseless(c))
	}
	for i, c := range into.letters {
		s.startingAt(into, i, c, 0)
		if i+1 < len(into.letters) {
			s.startingAt(into, i, c, into.letters[i+1])
		}
	}
}

// startingAt notes the literals that begin with two letters at a place.
func (s *sieve) startingAt(into *sifted, i int, a, b rune) {
	if bit := startBit(a, b); s.starts[bit/64]&(1<<(bit%64)) == 0 {
		return
	}
	for _, l := range s.heads[[2]rune{a, b}] {
		if has(into.literals, l.id) || len(l.rest) > 0 && (i+2+len(l.rest) > len(into.letters) || !slices.Equal(into.letters[i+2:i+2+len(l.rest)], l.rest)) {
			continue
		}
		put(into.literals, l.id)
		into.found = append(into.found, l.id)
		for _, pattern := range s.of[l.id] {
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
	needs  []condition
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
	for _, n := range literals(tree).all() {
		p.needs = append(p.needs, s.condition(n, p.number))
	}
	if len(p.needs) == 0 {
		put(s.always, p.number)
	}
	return p, nil
}

func (s *sieve) condition(n need, pattern int32) condition {
	c := condition{all: n.all}
	for _, written := range n.literals {
		c.literals = append(c.literals, s.literal(written, pattern))
	}
	for _, part := range n.parts {
		c.parts = append(c.parts, s.condition(part, pattern))
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
	if !has(in.touched, p.number) {
		return false
	}
	for i := range p.needs {
		if !p.needs[i].holds(in) {
			return false
		}
	}
	return true
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
