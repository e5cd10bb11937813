package index

import (
	"maps"
	"slices"
	"strings"
	"unicode"
)

// String writes terms, ranges and filters in the query language, so that
// ParseQuery reads them again: terms and ranges in their order, filters
// sorted. The order of hits, the page and the facets are not part of it.
func (q Query) String() string {
	var parts []string
	for _, t := range q.Terms {
		parts = append(parts, t.String())
	}
	for _, r := range q.Ranges {
		parts = append(parts, r.String())
	}
	parts = appendFilters(parts, "", q.Filters)
	parts = appendFilters(parts, "-", q.Exclude)
	return strings.Join(parts, " ")
}

// String writes the term in the query language.
func (t Term) String() string {
	var b strings.Builder
	if t.Not {
		b.WriteByte('-')
	}
	if t.Field != "" {
		b.WriteString(string(t.Field))
		b.WriteByte(':')
	}
	if t.Phrase || !t.bare() {
		b.WriteString(quote(t.Text))
	} else {
		b.WriteString(t.Text)
	}
	return b.String()
}

// bare is true where the text without quotes is read again as this very term.
func (t Term) bare() bool {
	if strings.ContainsFunc(t.Text, unicode.IsSpace) {
		return false
	}
	t.Phrase = false
	unquoted := t.Text
	if t.Field != "" {
		unquoted = string(t.Field) + ":" + unquoted
	}
	if t.Not {
		unquoted = "-" + unquoted
	}
	q, err := ParseQuery(unquoted)
	return err == nil && len(q.Terms) == 1 && q.Terms[0] == t && len(q.Ranges)+len(q.Filters)+len(q.Exclude) == 0
}

func appendFilters(parts []string, minus string, filters map[Field][]string) []string {
	for _, f := range slices.Sorted(maps.Keys(filters)) {
		values := slices.Clone(filters[f])
		if len(values) == 0 {
			continue
		}
		slices.Sort(values)
		for i, v := range values {
			if v == "" || strings.ContainsFunc(v, func(r rune) bool {
				return unicode.IsSpace(r) || strings.ContainsRune(`",=\「『`, plainRune(r))
			}) {
				values[i] = quote(v)
			}
		}
		equals := ""
		if info, _ := f.Info(); info.Kind == KindText {
			equals = "="
		}
		parts = append(parts, minus+string(f)+":"+equals+strings.Join(values, ","))
	}
	return parts
}

// quote puts a text in quotes that ParseQuery reads back.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		if escapable(r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	b.WriteByte('"')
	return b.String()
}
