package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/markwatch/markwatch"
)

// explain prints a verdict for people: each violation with its score, each
// finding with its reasons, facts and quotes, and then the fields of the listing
// with every quoted place between 【 and 】 and the number of its finding. What
// came from a page is printed without control characters, which a terminal
// would obey.
func explain(w io.Writer, l *markwatch.Listing, v markwatch.Verdict) {
	fmt.Fprintf(w, "%s  %s\n", v.ID, plainLine(l.Title))
	if len(v.Findings) == 0 {
		fmt.Fprintf(w, "  未见可疑之处 nothing suspicious (%s)\n\n", v.Knowledge)
		return
	}
	for _, name := range slices.Sorted(maps.Keys(v.Violations)) {
		mark := "未达线索标准 not flagged"
		if v.Violations[name].Flagged {
			mark = "线索 flagged"
		}
		fmt.Fprintf(w, "  %s %.2f %s\n", name, v.Violations[name].Score, mark)
	}
	for i, f := range v.Findings {
		fmt.Fprintf(w, "  [%d] %.2f %s/%s %s %s\n      %s\n      %s\n", i+1, f.Score, f.Matcher, f.Rule, f.Violation, f.Subject, plainLine(f.Reason.ZH), plainLine(f.Reason.EN))
		for _, key := range slices.Sorted(maps.Keys(f.Facts)) {
			fmt.Fprintf(w, "      %s = %s\n", key, plainLine(f.Facts[key]))
		}
		for _, e := range f.Evidence {
			if e.Span == nil {
				fmt.Fprintf(w, "      %s (%s): %s\n", e.Field, e.Role, plainLine(e.Text))
			}
		}
	}
	for path, text := range l.TextFields() {
		if marked, quoted := markQuotes(path, text, v.Findings); quoted {
			fmt.Fprintf(w, "  %s: %s\n", path, marked)
		}
	}
	fmt.Fprintf(w, "  (%s)\n\n", v.Knowledge)
}

// markQuotes writes a field with its quoted places marked.
func markQuotes(path, text string, findings []markwatch.Finding) (marked string, quoted bool) {
	opens, closes := map[int]int{}, map[int][]int{}
	for i, f := range findings {
		for _, e := range f.Evidence {
			if e.Span == nil || e.Field != path || slices.Contains(closes[e.End], i+1) {
				continue
			}
			opens[e.Start]++
			closes[e.End] = append(closes[e.End], i+1)
			quoted = true
		}
	}
	var b strings.Builder
	at := 0
	for _, r := range text {
		mark(&b, closes[at], opens[at])
		b.WriteRune(plainRune(r))
		at++
	}
	mark(&b, closes[at], opens[at])
	return b.String(), quoted
}

func mark(b *strings.Builder, closed []int, opened int) {
	for _, n := range closed {
		fmt.Fprintf(b, "】%d", n)
	}
	b.WriteString(strings.Repeat("【", opened))
}

// plainLine is a text of a page on one line.
func plainLine(s string) string { return strings.Map(plainRune, s) }

// plainRune writes what a terminal would obey, or that turns the direction of
// the text, as a blank.
func plainRune(r rune) rune {
	if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' {
		return ' '
	}
	return r
}
