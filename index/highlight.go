package index

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/markwatch/markwatch"
)

// Highlighter marks in a text as it was shown what a query found in its
// folded form. It keeps what it learned of single characters, so one is best
// used for all texts of a page; it is not for several goroutines at once.
type Highlighter struct {
	fold    func(string) string
	chars   map[rune]string
	needles []needle
}

// needle is a sequence of tokens to mark, in one field or (field "") in all.
type needle struct {
	field  Field
	tokens []string
}

// NewHighlighter makes one for the terms of a query that are not negated.
// typos gives the words that a term found beside its own; nil is none.
func NewHighlighter(q Query, fold func(string) string, typos func(Term) []string) *Highlighter {
	if fold == nil {
		fold = strings.ToLower
	}
	h := &Highlighter{fold: fold, chars: map[rune]string{}}
	for _, t := range q.Terms {
		if t.Not {
			continue
		}
		var words []string
		for _, token := range Tokens(fold(t.Text)) {
			words = append(words, token.Text)
		}
		if len(words) > 0 {
			h.needles = append(h.needles, needle{t.Field, words})
		}
		if typos != nil {
			for _, w := range typos(t) {
				h.needles = append(h.needles, needle{t.Field, []string{w}})
			}
		}
	}
	return h
}

// Document marks the fields of a document, by their paths as in
// Hit.Highlights.
func (h *Highlighter) Document(d *Document) map[string][]markwatch.Span {
	if len(h.needles) == 0 {
		return nil
	}
	out := map[string][]markwatch.Span{}
	for _, f := range d.highlighted() {
		if spans := h.Text(f.field, f.text); len(spans) > 0 {
			out[f.path] = spans
		}
	}
	return out
}

type shownText struct {
	path  string
	field Field
	text  string
}

// highlighted lists the texts that are marked; description and text are
// searched only by terms without a field.
func (d *Document) highlighted() []shownText {
	return []shownText{
		{"title", FieldTitle, d.Title}, {"description", "", d.Description}, {"text", "", d.Text},
		{"brand", FieldBrand, d.Brand}, {"seller.name", FieldSeller, d.Seller},
		{"seller.region", FieldPlace, d.SellerRegion}, {"ships_from", FieldPlace, d.Place},
	}
}

// Text marks one text of a field; "" is a text that only terms without a
// field search. Spans are ordered and do not overlap or touch.
func (h *Highlighter) Text(field Field, text string) []markwatch.Span {
	if text == "" || len(h.needles) == 0 {
		return nil
	}
	tokens := h.tokens(text)
	var spans []markwatch.Span
	for _, n := range h.needles {
		if n.field != "" && n.field != field {
			continue
		}
		for i := 0; i+len(n.tokens) <= len(tokens); i++ {
			if matches(tokens[i:], n.tokens) {
				spans = append(spans, markwatch.Span{Start: tokens[i].start, End: tokens[i+len(n.tokens)-1].end})
			}
		}
	}
	return joinSpans(spans)
}

func matches(tokens []shownToken, want []string) bool {
	for i, w := range want {
		if tokens[i].text != w {
			return false
		}
	}
	return true
}

// shownToken is a token of the folded text with the code points of the shown
// text that it came from.
type shownToken struct {
	text       string
	start, end int
}

// tokens folds the text piece by piece, characters one by one and everything
// else between spaces as a whole, so that each token's origin is known.
func (h *Highlighter) tokens(text string) []shownToken {
	var out []shownToken
	at := 0
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if classOf(r) == classChar {
			folded, ok := h.chars[r]
			if !ok {
				folded = h.fold(text[i : i+n])
				h.chars[r] = folded
			}
			out = appendPiece(out, folded, at, 1)
			i, at = i+n, at+1
			continue
		}
		start, first := i, at
		for i < len(text) && at-first < maxWord {
			r, n := utf8.DecodeRuneInString(text[i:])
			if classOf(r) == classChar {
				break
			}
			i, at = i+n, at+1
			if r == ' ' || r == '\n' {
				break
			}
		}
		out = appendPiece(out, h.fold(text[start:i]), first, at-first)
	}
	return out
}

// appendPiece adds the tokens of a folded piece that came from count code
// points at start. Where folding changed the number of code points, each
// token stands for the whole piece.
func appendPiece(out []shownToken, folded string, start, count int) []shownToken {
	oneToOne := utf8.RuneCountInString(folded) == count
	for _, t := range Tokens(folded) {
		s := shownToken{t.Text, start, start + count}
		if oneToOne {
			s.start = start + utf8.RuneCountInString(folded[:t.Start])
			s.end = s.start + utf8.RuneCountInString(t.Text)
		}
		out = append(out, s)
	}
	return out
}

// joinSpans orders spans and joins those that overlap or touch.
func joinSpans(spans []markwatch.Span) []markwatch.Span {
	slices.SortFunc(spans, func(a, b markwatch.Span) int { return a.Start - b.Start })
	out := spans[:0]
	for _, s := range spans {
		if n := len(out); n > 0 && s.Start <= out[n-1].End {
			out[n-1].End = max(out[n-1].End, s.End)
			continue
		}
		out = append(out, s)
	}
	return out
}
