package index

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/markwatch/markwatch"
)

// Bounds of a query that a person may type.
const (
	maxQueryRunes = 2000
	maxQueryItems = 100
)

// SyntaxError says where a query cannot be understood, and why.
type SyntaxError struct {
	// Pos is the code point that it is about, from 0.
	Pos     int
	Message markwatch.Text
}

// Error gives the place, counted from 1, and the reason in both languages.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("第 %d 个字:%s (character %d: %s)", e.Pos+1, e.Message.ZH, e.Pos+1, e.Message.EN)
}

// Unwrap makes it a markwatch.Error of CodeInvalid.
func (e *SyntaxError) Unwrap() error {
	return &markwatch.Error{Code: markwatch.CodeInvalid, Message: e.Message.ZH}
}

// ParseQuery reads the query language:
//
//	query  = { item }                         items are set apart by spaces
//	item   = [ "-" ] ( phrase | field | word )     - excludes
//	phrase = '"' text '"'                     no typos; \" and \\ inside; also “…” 「…」 『…』
//	field  = name ":" value                   names: Fields and their aliases
//	value  = phrase | word                    for a field of text
//	       | [ "=" ] one { "," one }          for a keyword: any of them; one is a phrase or a word
//	       | op bound | bound [ ".." [ bound ] ] | ".." bound    for numbers and days
//	op     = "<" | "<=" | ">" | ">=" | "="
//	bound  = number [ "万" | "w" | "千" | "k" ] | day     day: 2026, 2026-11 or 2026-11-01
//
// Words are joined by "and". seller:=name asks for the whole name. Full-width
// signs count as their plain ones. An address that begins with http:// or
// https:// is searched in the field url. Any error is a *SyntaxError.
func ParseQuery(s string) (Query, error) {
	p := parser{text: []rune(strings.ToValidUTF8(s, "\uFFFD"))}
	if len(p.text) > maxQueryRunes {
		return Query{}, p.fail(maxQueryRunes, "查询太长", "the query is too long")
	}
	p.plain = make([]rune, len(p.text))
	for i, r := range p.text {
		p.plain[i] = plainRune(r)
	}
	for items := 0; ; items++ {
		p.skipSpace()
		if p.pos >= len(p.text) {
			return p.query, nil
		}
		if items == maxQueryItems {
			return Query{}, p.fail(p.pos, "词太多", "too many words")
		}
		if err := p.item(); err != nil {
			return Query{}, err
		}
	}
}

type parser struct {
	// text is what was typed, plain the same with full-width signs made
	// plain; both have the same length.
	text, plain []rune
	pos         int
	query       Query
}

func (p *parser) fail(pos int, zh, en string) error {
	return &SyntaxError{Pos: pos, Message: markwatch.Text{ZH: zh, EN: en}}
}

func (p *parser) skipSpace() {
	for p.pos < len(p.text) && unicode.IsSpace(p.text[p.pos]) {
		p.pos++
	}
}

// atEnd is true where an item ends.
func (p *parser) atEnd() bool {
	return p.pos >= len(p.text) || unicode.IsSpace(p.text[p.pos])
}

func (p *parser) item() error {
	not := false
	if p.plain[p.pos] == '-' {
		not = true
		p.pos++
		if p.atEnd() {
			return nil // a dash between words is punctuation
		}
	}
	if closing := closingQuote(p.plain[p.pos]); closing != "" {
		text, err := p.phrase(closing)
		if err == nil {
			p.term("", text, true, not)
		}
		return err
	}
	if field, ok, err := p.fieldName(); err != nil {
		return err
	} else if ok {
		return p.fieldItem(field, not)
	}
	start := p.pos
	word := p.word("")
	if lower := strings.ToLower(string(p.plain[start:p.pos])); strings.HasPrefix(lower, "http://") || strings.HasPrefix(lower, "https://") {
		p.term(FieldURL, word, true, not)
		return nil
	}
	p.term("", word, false, not)
	return nil
}

func (p *parser) term(f Field, text string, phrase, not bool) {
	if strings.TrimSpace(text) != "" {
		p.query.Terms = append(p.query.Terms, Term{Field: f, Text: text, Phrase: phrase, Not: not})
	}
}

// word reads up to the next space or any of the stops.
func (p *parser) word(stops string) string {
	start := p.pos
	for !p.atEnd() && !strings.ContainsRune(stops, p.plain[p.pos]) {
		p.pos++
	}
	return string(p.text[start:p.pos])
}

// phrase reads from an opening quote to its closing one.
func (p *parser) phrase(closing string) (string, error) {
	open := p.pos
	var b strings.Builder
	for p.pos++; p.pos < len(p.text); p.pos++ {
		r := p.text[p.pos]
		switch {
		case r == '\\' && p.pos+1 < len(p.text) && escapable(p.text[p.pos+1]):
			p.pos++
			b.WriteRune(p.text[p.pos])
		case strings.ContainsRune(closing, p.plain[p.pos]):
			p.pos++
			return b.String(), nil
		default:
			b.WriteRune(r)
		}
	}
	return "", p.fail(open, "引号没有结束", "the quote is not closed")
}

// fieldName reads name and colon where they stand here, and nothing else.
func (p *parser) fieldName() (FieldInfo, bool, error) {
	end := p.pos
	ascii := true
	for end < len(p.plain) && unicode.IsLetter(p.plain[end]) {
		ascii = ascii && p.plain[end] < 0x80
		end++
	}
	if end == p.pos || end >= len(p.plain) || p.plain[end] != ':' {
		return FieldInfo{}, false, nil
	}
	name := strings.ToLower(string(p.plain[p.pos:end]))
	for _, info := range Fields() {
		if string(info.Field) == name || slices.Contains(info.Aliases, name) {
			p.pos = end + 1
			return info, true, nil
		}
	}
	if (name == "http" || name == "https") && end+2 < len(p.plain) && p.plain[end+1] == '/' && p.plain[end+2] == '/' {
		return FieldInfo{}, false, nil
	}
	// Chinese before a colon is mostly pasted text, not a mistyped field.
	if !ascii || end+1 >= len(p.plain) || unicode.IsSpace(p.plain[end+1]) {
		return FieldInfo{}, false, nil
	}
	return FieldInfo{}, false, p.fail(p.pos,
		fmt.Sprintf("没有字段 %s;要查这几个字,请加引号", name),
		fmt.Sprintf("there is no field %s; quote it to search for the words", name))
}

func (p *parser) fieldItem(info FieldInfo, not bool) error {
	if p.atEnd() {
		return p.fail(p.pos, "冒号后面缺少内容", "something must follow the colon")
	}
	switch info.Kind {
	case KindNumber, KindDate:
		return p.rangeItem(info, not)
	case KindText:
		if info.Facet && p.plain[p.pos] == '=' {
			break
		}
		closing := closingQuote(p.plain[p.pos])
		if closing == "" {
			p.term(info.Field, p.word(""), false, not)
			return nil
		}
		text, err := p.phrase(closing)
		if err == nil {
			p.term(info.Field, text, true, not)
		}
		return err
	}
	return p.keywords(info, not)
}

// keywords reads the values of a keyword field.
func (p *parser) keywords(info FieldInfo, not bool) error {
	if p.plain[p.pos] == '=' {
		p.pos++
	}
	for {
		at := p.pos
		if p.atEnd() {
			return p.fail(at, "缺少一个值", "a value is missing")
		}
		var value string
		if closing := closingQuote(p.plain[p.pos]); closing != "" {
			v, err := p.phrase(closing)
			if err != nil {
				return err
			}
			value = v
		} else {
			value = p.word(",")
		}
		if value == "" {
			return p.fail(at, "缺少一个值", "a value is missing")
		}
		p.filter(info.Field, keywordValue(info.Field, value), not)
		if p.atEnd() {
			return nil
		}
		if p.plain[p.pos] != ',' {
			return p.fail(p.pos, "两个值之间要用逗号", "values are set apart by a comma")
		}
		p.pos++
	}
}

func (p *parser) filter(f Field, value string, not bool) {
	into := &p.query.Filters
	if not {
		into = &p.query.Exclude
	}
	if *into == nil {
		*into = map[Field][]string{}
	}
	(*into)[f] = appendNew((*into)[f], value)
}

// keywordValue lets people write Chinese for the values that the program
// names in English.
func keywordValue(f Field, typed string) string {
	var words map[string]string
	switch f {
	case FieldStatus:
		words = map[string]string{
			"新": "new", "待核": "new", "新线索": "new", "复核": "review", "核查中": "review",
			"已确认": "confirmed", "确认": "confirmed", "已排除": "dismissed", "排除": "dismissed",
		}
	case FieldViolation:
		words = map[string]string{
			"仿冒": "counterfeit", "假冒": "counterfeit", "假货": "counterfeit",
			"假海淘": "fake-overseas", "虚假海淘": "fake-overseas", "盗版": "piracy", "侵权盗版": "piracy",
		}
	case FieldLead, FieldFlagged:
		words = map[string]string{"是": "true", "否": "false", "yes": "true", "no": "false"}
	default:
		return typed
	}
	typed = strings.ToLower(typed)
	if v, ok := words[typed]; ok {
		return v
	}
	return typed
}

// escapable is true for what a backslash may stand before in a quote.
func escapable(r rune) bool {
	switch plainRune(r) {
	case '"', '\\', '」', '』':
		return true
	}
	return false
}

// closingQuote returns the signs that close a quote which opens with r, or ""
// where r opens none. The signs are those of plainRune.
func closingQuote(r rune) string {
	switch r {
	case '"':
		return `"`
	case '「':
		return "」"
	case '『':
		return "』"
	}
	return ""
}

// plainRune gives the plain form of a sign that a Chinese keyboard types.
func plainRune(r rune) rune {
	switch r {
	case '“', '”', '„', '‟':
		return '"'
	case '－', '−', '–':
		return '-'
	case '、':
		return ','
	case '～', '〜':
		return '~'
	case '。':
		return '.'
	}
	if 0xFF01 <= r && r <= 0xFF5E {
		return r - 0xFEE0
	}
	return r
}
