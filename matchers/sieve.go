package matchers

import (
	"regexp"
	"regexp/syntax"
	"unicode"
)

// sieve holds the letters and pairs of letters of a text, hashed, so that a
// pattern whose literals are not there need not be tried: regular expressions
// are a hundred times dearer than the question.
type sieve [sieveBits / 64]uint64

const sieveBits = 1 << 13

func newSieve(text string) *sieve {
	var s sieve
	last := rune(-1)
	for _, c := range text {
		c = caseless(c)
		s.set(hashLetter(c))
		if last >= 0 {
			s.set(hashPair(last, c))
		}
		last = c
	}
	return &s
}

func (s *sieve) set(bit uint16)      { s[bit/64] |= 1 << (bit % 64) }
func (s *sieve) has(bit uint16) bool { return s[bit/64]&(1<<(bit%64)) != 0 }

func hashLetter(c rune) uint16 { return uint16(uint32(c) * 2654435761 >> 19) }
func hashPair(a, b rune) uint16 {
	return uint16((uint32(a)*40503 + uint32(b)) * 2654435761 >> 19)
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
	// needs are hashed: of each clause one literal must be there, of which all
	// letters and pairs are.
	needs [][][]uint16
}

func compilePattern(expr string) (pattern, error) {
	re, err := regexp.Compile(expr)
	if err != nil {
		return pattern{}, err
	}
	tree, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return pattern{}, err
	}
	p := pattern{Regexp: re}
	for _, clause := range literals(tree).all() {
		var hashed [][]uint16
		for _, literal := range clause {
			hashed = append(hashed, hashLiteral([]rune(literal)))
		}
		p.needs = append(p.needs, hashed)
	}
	return p, nil
}

func hashLiteral(letters []rune) []uint16 {
	if len(letters) == 1 {
		return []uint16{hashLetter(letters[0])}
	}
	var bits []uint16
	for i := range len(letters) - 1 {
		bits = append(bits, hashPair(letters[i], letters[i+1]))
	}
	return bits
}

// possible says that a text with this sieve may match.
func (p *pattern) possible(s *sieve) bool {
	for _, clause := range p.needs {
		if !anyLiteral(s, clause) {
			return false
		}
	}
	return true
}

func anyLiteral(s *sieve, clause [][]uint16) bool {
next:
	for _, bits := range clause {
		for _, bit := range bits {
			if !s.has(bit) {
				continue next
			}
		}
		return true
	}
	return false
}

// required is what a part of an expression needs: exactly one of some strings
// where exact is set, and one string of each clause anywhere.
type required struct {
	exact   []string
	clauses [][]string
}

// Bounds on what is written out of an expression.
const (
	maxExact      = 160
	maxClassRunes = 24
)

// all are the clauses, the exact strings among them.
func (q required) all() [][]string {
	clauses := q.clauses
	if useful(q.exact) {
		clauses = append(clauses[:len(clauses):len(clauses)], q.exact)
	}
	return clauses
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
		return required{clauses: literals(re.Sub[0]).all()}
	case syntax.OpRepeat:
		if re.Min > 0 {
			return required{clauses: literals(re.Sub[0]).all()}
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
	var clauses [][]string
	run := []string{""} // what the parts since the last unknown one spell
	whole := true
	flush := func() {
		if useful(run) {
			clauses = append(clauses, run)
		}
		run = []string{""}
	}
	for _, part := range parts {
		sub := literals(part)
		clauses = append(clauses, sub.clauses...)
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
				clauses = append(clauses, sub.exact)
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
		return required{exact: run, clauses: clauses}
	}
	flush()
	return required{clauses: clauses}
}

func alternateLiterals(parts []*syntax.Regexp) required {
	var union []string
	exact := true
	for _, part := range parts {
		sub := literals(part)
		if sub.exact != nil {
			union = append(union, sub.exact...)
			exact = exact && len(sub.clauses) == 0
			continue
		}
		exact = false
		if len(sub.clauses) == 0 {
			return required{}
		}
		union = append(union, sub.clauses[0]...)
	}
	if exact {
		return required{exact: union}
	}
	if useful(union) {
		return required{clauses: [][]string{union}}
	}
	return required{}
}
