package extract

import "strings"

// Bounds of the object literals that are read out of one script.
const (
	maxRoots    = 16
	maxLiterals = 8
	literalNear = 20_000 // bytes from a literal's begin to the price in it
)

// literalsIn reads the object literals of a script that can describe goods:
// what is pushed into a data layer (dataLayer.push({…}), gtag("event", …, {…}),
// fbq("track", …, {…})), assigned to a variable (utag_data = {…}) or parsed
// from a text (JSON.parse("{…}")). Only those that hold a price are.
func literalsIn(script string) []any {
	var out []any
	price := -1 // of the next price
	for i := 0; i < len(script) && len(out) < maxLiterals; i++ {
		if price < i {
			at := strings.Index(script[i:], "rice") // price, Price, salePrice
			if at < 0 {
				return out
			}
			price = i + at
		}
		open := strings.IndexByte(script[i:], '{')
		if open < 0 {
			return out
		}
		i += open
		if price < i {
			i--
			continue
		}
		if price-i > literalNear || !literalBegins(script, i) {
			continue
		}
		p := lenient{s: script, i: i}
		var v any
		var ok bool
		if quote := script[i-1]; quote == '"' || quote == '\'' {
			p.i = i - 1
			v, ok = parseJSON(p.str(quote))
		} else {
			v, ok = p.value(0)
		}
		if ok && price < p.i {
			out = append(out, v)
		}
		i = max(i, p.i-1)
	}
	return out
}

// literalBegins reports whether the brace at i opens an object that is a value:
// behind an equals sign, a bracket or the comma of a call, or a text to be
// parsed, and with a name behind it.
func literalBegins(s string, i int) bool {
	j := i - 1
	for j >= 0 && (s[j] == ' ' || s[j] == '\n' || s[j] == '\t' || s[j] == '\r') {
		j--
	}
	if j < 1 {
		return false
	}
	switch s[j] {
	case '=':
		if s[j-1] == '=' || s[j-1] == '!' {
			return false
		}
	case '(', ',', '[', '|':
	case '"', '\'':
		return j == i-1 && strings.HasSuffix(s[:j], "(")
	default:
		return false
	}
	for k := i + 1; k < len(s); k++ {
		switch c := s[k]; {
		case c == ' ' || c == '\n' || c == '\t' || c == '\r':
		case c == '"' || c == '\'' || c == '_' || isLetter(c) && c < 0x80:
			return true
		default:
			return false
		}
	}
	return false
}
