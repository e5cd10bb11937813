package extract

import (
	"encoding/json"
	"html"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Limits of one embedded JSON text.
const (
	maxJSONDepth  = 64
	maxJSONValues = 200_000
)

// parseJSON reads a JSON text as pages hold it. A correct text takes the
// standard way; a broken one is read as a person would read it: comments,
// CDATA and HTML comment marks are skipped, trailing commas, single quotes,
// bare keys, raw control characters, unescaped quotes inside strings, a
// missing end and JavaScript expressions in the place of values lose nothing
// but themselves. It returns false where nothing could be read.
func parseJSON(text string) (any, bool) {
	text = strings.TrimSpace(strings.TrimPrefix(text, "\ufeff"))
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err == nil && !dec.More() {
		if tooDeep(v, maxJSONDepth) {
			return nil, false
		}
		return v, true
	}
	if strings.Contains(head(text, 400), "&quot;") || strings.Contains(head(text, 400), "&#34;") {
		text = html.UnescapeString(text)
	}
	return lenientValue(text)
}

func tooDeep(v any, left int) bool {
	if left == 0 {
		return true
	}
	switch v := v.(type) {
	case map[string]any:
		for _, inner := range v {
			if tooDeep(inner, left-1) {
				return true
			}
		}
	case []any:
		for _, inner := range v {
			if tooDeep(inner, left-1) {
				return true
			}
		}
	}
	return false
}

// lenientValue reads the first value of a text.
func lenientValue(text string) (any, bool) {
	p := lenient{s: text}
	p.space()
	// texts that begin with something else than a value: look for the value
	if i := strings.IndexAny(text[p.i:], "{["); i > 0 {
		p.i += i
	} else if i < 0 {
		return nil, false
	}
	return p.value(0)
}

type lenient struct {
	s string
	i int
	n int // values read
}

func (p *lenient) space() {
	for p.i < len(p.s) {
		switch c := p.s[p.i]; {
		case c <= ' ':
			p.i++
		case c == 0xc2 && strings.HasPrefix(p.s[p.i:], "\u00a0"):
			p.i += 2
		case c == '/' && strings.HasPrefix(p.s[p.i:], "//"):
			p.skipPast("\n")
		case c == '/' && strings.HasPrefix(p.s[p.i:], "/*"):
			p.skipPast("*/")
		case c == '<' && strings.HasPrefix(p.s[p.i:], "<!--"):
			p.i += 4
		case c == '<' && strings.HasPrefix(p.s[p.i:], "<![CDATA["):
			p.i += 9
		case c == '-' && strings.HasPrefix(p.s[p.i:], "-->"):
			p.i += 3
		case c == ']' && strings.HasPrefix(p.s[p.i:], "]]>"):
			p.i += 3
		default:
			return
		}
	}
}

func (p *lenient) skipPast(mark string) {
	i := strings.Index(p.s[p.i:], mark)
	if i < 0 {
		p.i = len(p.s)
		return
	}
	p.i += i + len(mark)
}

func (p *lenient) value(depth int) (any, bool) {
	p.space()
	p.n++
	if p.i >= len(p.s) || p.n > maxJSONValues {
		return nil, false
	}
	switch c := p.s[p.i]; {
	case c == '{':
		if depth >= maxJSONDepth {
			return nil, false
		}
		return p.object(depth)
	case c == '[':
		if depth >= maxJSONDepth {
			return nil, false
		}
		return p.array(depth)
	case c == '"' || c == '\'' || c == '`':
		return p.str(c), true
	case c == '-' || digit(c):
		start := p.i
		p.i++
		for p.i < len(p.s) && (digit(p.s[p.i]) || strings.IndexByte("+-.eE", p.s[p.i]) >= 0) {
			p.i++
		}
		raw := p.s[start:p.i]
		p.space()
		if p.i < len(p.s) && strings.IndexByte(",}];", p.s[p.i]) < 0 {
			p.expression()
			return nil, true
		}
		return json.Number(raw), true
	}
	return p.word(), true
}

// word reads true, false, null and skips any other expression.
func (p *lenient) word() any {
	start := p.i
	p.expression()
	switch strings.TrimSpace(p.s[start:p.i]) {
	case "true", "!0":
		return true
	case "false", "!1":
		return false
	}
	return nil
}

// expression skips a JavaScript expression: up to the comma or closing bracket
// of this level.
func (p *lenient) expression() {
	depth := 0
	for p.i < len(p.s) {
		switch c := p.s[p.i]; c {
		case '"', '\'', '`':
			p.str(c)
			continue
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth == 0 {
				return
			}
			depth--
		case ',', ';':
			if depth == 0 {
				return
			}
		}
		p.i++
	}
}

func (p *lenient) object(depth int) (any, bool) {
	p.i++ // {
	out := map[string]any{}
	for {
		p.space()
		if p.i >= len(p.s) {
			return out, len(out) > 0
		}
		switch p.s[p.i] {
		case '}':
			p.i++
			return out, true
		case ',', ';':
			p.i++
			continue
		case ']':
			return out, true // the object was not closed
		}
		key, ok := p.key()
		if !ok {
			p.i++
			continue
		}
		p.space()
		if p.i >= len(p.s) {
			return out, len(out) > 0
		}
		if p.s[p.i] != ':' {
			continue
		}
		p.i++
		v, ok := p.value(depth + 1)
		if !ok {
			return out, len(out) > 0
		}
		if _, taken := out[key]; !taken || v != nil {
			out[key] = v
		}
		if p.n > maxJSONValues {
			return out, len(out) > 0
		}
	}
}

func (p *lenient) key() (string, bool) {
	c := p.s[p.i]
	if c == '"' || c == '\'' {
		return p.str(c), true
	}
	start := p.i
	for p.i < len(p.s) {
		c := p.s[p.i]
		if c == '_' || c == '$' || c == '@' || c == '-' || digit(c) || isLetter(c) {
			p.i++
			continue
		}
		break
	}
	return p.s[start:p.i], p.i > start
}

func (p *lenient) array(depth int) (any, bool) {
	p.i++ // [
	out := []any{}
	for {
		p.space()
		if p.i >= len(p.s) {
			return out, len(out) > 0
		}
		switch p.s[p.i] {
		case ']':
			p.i++
			return out, true
		case ',', ';', ':', ')':
			p.i++
			continue
		case '}':
			return out, true // the array was not closed
		}
		at := p.i
		v, ok := p.value(depth + 1)
		if !ok {
			return out, len(out) > 0
		}
		if p.i == at {
			p.i++
		}
		out = append(out, v)
		if p.n > maxJSONValues {
			return out, len(out) > 0
		}
	}
}

// str reads a string. A quote inside it that is followed by neither a comma,
// a colon nor a bracket is taken as a character of the text.
func (p *lenient) str(quote byte) string {
	p.i++
	var b strings.Builder
	start := p.i
	for p.i < len(p.s) {
		c := p.s[p.i]
		if c == '\\' {
			b.WriteString(p.s[start:p.i])
			p.escape(&b)
			start = p.i
			continue
		}
		if c == quote && p.endsString() {
			b.WriteString(p.s[start:p.i])
			p.i++
			return b.String()
		}
		p.i++
	}
	b.WriteString(p.s[start:])
	return b.String()
}

func (p *lenient) endsString() bool {
	for j := p.i + 1; j < len(p.s); j++ {
		c := p.s[j]
		if c == ' ' || c == '\t' || c == '\n' || c == '\r' {
			continue
		}
		switch c {
		case '}', ']', ':', ')', ';', '+', '/', '<':
			return true
		case ',':
			// a comma inside the text is followed by a word, one between members
			// by a quote, a bracket or a value
			return true
		case '"', '\'':
			return c == p.s[p.i] && j > p.i+1 // a missing comma, on another line
		}
		return false
	}
	return true
}

func (p *lenient) escape(b *strings.Builder) {
	p.i++
	if p.i >= len(p.s) {
		return
	}
	c := p.s[p.i]
	p.i++
	switch c {
	case 'n', 'r', 't', 'b', 'f', 'v':
		b.WriteByte(' ')
	case 'u':
		r, ok := p.hex(4)
		if !ok {
			return
		}
		if utf16.IsSurrogate(r) && strings.HasPrefix(p.s[p.i:], `\u`) {
			at := p.i
			p.i += 2
			low, ok := p.hex(4)
			if pair := utf16.DecodeRune(r, low); ok && pair != utf8.RuneError {
				r = pair
			} else {
				p.i = at
			}
		}
		if utf16.IsSurrogate(r) {
			r = utf8.RuneError
		}
		b.WriteRune(r)
	case 'x':
		if r, ok := p.hex(2); ok {
			b.WriteRune(r)
		}
	default:
		b.WriteByte(c)
	}
}

func (p *lenient) hex(n int) (rune, bool) {
	if p.i+n > len(p.s) {
		return 0, false
	}
	v, err := strconv.ParseUint(p.s[p.i:p.i+n], 16, 32)
	if err != nil {
		return 0, false
	}
	p.i += n
	return rune(v), true
}
