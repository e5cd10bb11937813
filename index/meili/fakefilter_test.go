package meili_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// stored is a document as the fake server has it.
type stored map[string]any

// values are the values of an attribute as filters compare them: without case.
func (d stored) values(attribute string) []string {
	switch v := d[attribute].(type) {
	case string:
		return []string{strings.ToLower(v)}
	case []any:
		var out []string
		for _, one := range v {
			out = append(out, strings.ToLower(one.(string)))
		}
		return out
	case float64:
		return []string{strconv.FormatFloat(v, 'f', -1, 64)}
	}
	return nil
}

// matcher says whether a filter holds of a document.
type matcher func(stored) bool

// parseFilter reads as much of Meilisearch's filter language as the adapter
// writes. may is asked whether an attribute can be filtered by in a way.
func parseFilter(text string, may func(attribute string, comparison bool) bool) (m matcher, err error) {
	if text == "" {
		return func(stored) bool { return true }, nil
	}
	defer func() {
		if p := recover(); p != nil {
			m, err = nil, fmt.Errorf("invalid_document_filter: %v in %s", p, text)
		}
	}()
	p := &filterParser{tokens: filterTokens(text), may: may}
	m = p.or(0)
	if p.at < len(p.tokens) {
		panic("something left: " + p.tokens[p.at])
	}
	return m, nil
}

func filterTokens(s string) []string {
	var out []string
	for len(s) > 0 {
		switch c := s[0]; {
		case c == ' ':
			s = s[1:]
		case strings.ContainsRune("()[],", rune(c)):
			out, s = append(out, s[:1]), s[1:]
		case strings.ContainsRune("<>=", rune(c)):
			n := 1
			if len(s) > 1 && s[1] == '=' {
				n = 2
			}
			out, s = append(out, s[:n]), s[n:]
		case c == '"':
			end := strings.IndexByte(s[1:], '"')
			if end < 0 {
				panic("an open quote")
			}
			out, s = append(out, s[:end+2]), s[end+2:]
		default:
			end := strings.IndexAny(s, ` ()[],<>="`)
			if end < 0 {
				end = len(s)
			}
			out, s = append(out, s[:end]), s[end:]
		}
	}
	return out
}

type filterParser struct {
	tokens []string
	at     int
	may    func(attribute string, comparison bool) bool
}

func (p *filterParser) peek() string {
	if p.at == len(p.tokens) {
		return ""
	}
	return p.tokens[p.at]
}

func (p *filterParser) next() string {
	t := p.peek()
	if t == "" {
		panic("the end")
	}
	p.at++
	return t
}

func (p *filterParser) expect(t string) {
	if got := p.next(); got != t {
		panic(fmt.Sprintf("%q where %q should be", got, t))
	}
}

// maxDepth is Meilisearch's bound of nesting.
const maxDepth = 200

func (p *filterParser) or(depth int) matcher {
	if depth > maxDepth {
		panic("too deep")
	}
	list := []matcher{p.and(depth)}
	for p.peek() == "OR" {
		p.at++
		list = append(list, p.and(depth))
	}
	return func(d stored) bool { return slices.ContainsFunc(list, func(m matcher) bool { return m(d) }) }
}

func (p *filterParser) and(depth int) matcher {
	list := []matcher{p.not(depth)}
	for p.peek() == "AND" {
		p.at++
		list = append(list, p.not(depth))
	}
	return func(d stored) bool { return !slices.ContainsFunc(list, func(m matcher) bool { return !m(d) }) }
}

func (p *filterParser) not(depth int) matcher {
	switch p.peek() {
	case "NOT":
		p.at++
		m := p.not(depth + 1)
		return func(d stored) bool { return !m(d) }
	case "(":
		p.at++
		m := p.or(depth + 1)
		p.expect(")")
		return m
	}
	return p.condition()
}

func (p *filterParser) condition() matcher {
	attribute := p.next()
	op := p.next()
	if comparison := strings.ContainsAny(op, "<>"); !p.may(attribute, comparison) {
		panic(fmt.Sprintf("%s cannot be filtered by %s", attribute, op))
	}
	switch op {
	case "EXISTS":
		return func(d stored) bool { _, ok := d[attribute]; return ok }
	case "=":
		want := p.value()
		return func(d stored) bool { return slices.Contains(d.values(attribute), want) }
	case "IN":
		p.expect("[")
		want := []string{p.value()}
		for p.peek() == "," {
			p.at++
			want = append(want, p.value())
		}
		p.expect("]")
		return func(d stored) bool {
			return slices.ContainsFunc(d.values(attribute), func(v string) bool { return slices.Contains(want, v) })
		}
	case "<", "<=", ">", ">=":
		bound, err := strconv.ParseFloat(p.next(), 64)
		if err != nil {
			panic(err)
		}
		return func(d stored) bool {
			v, ok := d[attribute].(float64)
			return ok && (op == "<" && v < bound || op == "<=" && v <= bound || op == ">" && v > bound || op == ">=" && v >= bound)
		}
	}
	panic("no operator: " + op)
}

func (p *filterParser) value() string {
	t := p.next()
	if t[0] != '"' {
		panic("a value without quotes: " + t)
	}
	return strings.ToLower(strings.Trim(t, `"`))
}
