package web

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/markwatch/markwatch"
)

// mark is a range of code points that is set off in a text: a quote with the
// rule that quoted it, or a match of the query.
type mark struct {
	markwatch.Span
	hit   bool
	title string
}

// segment is a piece of a text that is marked in one way throughout.
type segment struct {
	Text       string
	Quote, Hit bool
	// Title names the rules that quoted it.
	Title string
}

// segments cuts a text at the borders of its marks. The pieces joined are
// the text, byte for byte, whatever the marks: those outside are clipped,
// those that make no sense are dropped, those that overlap are merged.
func segments(text string, marks []mark) []segment {
	if text == "" {
		return nil
	}
	n := utf8.RuneCountInString(text)
	cuts := []int{0, n}
	kept := make([]mark, 0, len(marks))
	for _, m := range marks {
		m.Start, m.End = max(m.Start, 0), min(m.End, n)
		if m.Start >= m.End {
			continue
		}
		kept = append(kept, m)
		cuts = append(cuts, m.Start, m.End)
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)

	out := make([]segment, 0, len(cuts)-1)
	rest := text
	for i := 1; i < len(cuts); i++ {
		from, to := cuts[i-1], cuts[i]
		size := byteLen(rest, to-from)
		s := segment{Text: rest[:size]}
		rest = rest[size:]
		var titles []string
		for _, m := range kept {
			if m.Start > from || m.End < to {
				continue
			}
			if m.hit {
				s.Hit = true
				continue
			}
			s.Quote = true
			if m.title != "" && !slices.Contains(titles, m.title) {
				titles = append(titles, m.title)
			}
		}
		s.Title = strings.Join(titles, " · ")
		out = append(out, s)
	}
	return out
}

// byteLen is the length in bytes of the first n code points of s; a byte that
// is no UTF-8 counts as one, as utf8.RuneCountInString counts it.
func byteLen(s string, n int) int {
	size := 0
	for ; n > 0 && size < len(s); n-- {
		_, w := utf8.DecodeRuneInString(s[size:])
		size += w
	}
	return size
}

// quotes returns the marks that a verdict's findings put on a field. label
// names a finding for the reader.
func quotes(findings []markwatch.Finding, field string, label func(markwatch.Finding) string) []mark {
	var out []mark
	for _, f := range findings {
		for _, e := range f.Evidence {
			if e.Field == field && e.Span != nil {
				out = append(out, mark{Span: *e.Span, title: label(f)})
			}
		}
	}
	return out
}

// clip cuts a text after n code points; cut says whether it was longer.
func clip(text string, n int) (head string, cut bool) {
	size := byteLen(text, n)
	return text[:size], size < len(text)
}
