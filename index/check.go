package index

import (
	"slices"

	"github.com/markwatch/markwatch"
)

// Check returns an error of markwatch.CodeInvalid where a query asks a field
// for what it does not have, or for an order that there is none of. Every
// engine begins with it.
func (q Query) Check() error {
	for _, t := range q.Terms {
		if t.Field != "" && TagOf(t.Field) == 0 {
			return markwatch.Errorf(markwatch.CodeInvalid, "the field %q is not searched as text", t.Field)
		}
	}
	for _, r := range q.Ranges {
		if info, _ := r.Field.Info(); info.Kind != KindNumber && info.Kind != KindDate {
			return markwatch.Errorf(markwatch.CodeInvalid, "the field %q has no ranges", r.Field)
		}
	}
	for _, filters := range []map[Field][]string{q.Filters, q.Exclude} {
		for f := range filters {
			if info, ok := f.Info(); !ok || info.Kind != KindKeyword && !info.Facet {
				return markwatch.Errorf(markwatch.CodeInvalid, "the field %q is not filtered by value", f)
			}
		}
	}
	for _, f := range q.Facets {
		if info, _ := f.Info(); !info.Facet {
			return markwatch.Errorf(markwatch.CodeInvalid, "the field %q is not counted", f)
		}
	}
	if q.Sort != "" && !slices.Contains(Sorts(), q.Sort) {
		return markwatch.Errorf(markwatch.CodeInvalid, "there is no order %q", q.Sort)
	}
	return nil
}

// Forgives says whether typos in a term are forgiven at all; Typos says how
// many, by its tokens.
func (t Term) Forgives() bool {
	return !t.Phrase && !t.Not && t.Field != FieldURL && t.Field != FieldNumber
}

// Bounds returns the ranges of a query with days turned into seconds.
func (q Query) Bounds() []Range {
	out := make([]Range, 0, len(q.Ranges))
	for _, r := range q.Ranges {
		if info, _ := r.Field.Info(); info.Kind == KindDate {
			r = r.Seconds(q.Location)
		}
		out = append(out, r)
	}
	return out
}

// maxID bounds in bytes what an engine takes as an id.
const maxID = 1 << 10

// CheckID returns an error of markwatch.CodeInvalid for a document that has no
// id, or one that no engine can hold.
func (d *Document) CheckID() error {
	if d.ID == "" || len(d.ID) > maxID {
		return markwatch.Errorf(markwatch.CodeInvalid, "a document has no usable id: %.50q", d.ID)
	}
	return nil
}

// maxKeyword bounds in bytes the values by which documents are filtered and
// counted: 50 Chinese characters. One engine's keys have no room for more.
const maxKeyword = 150

// Keyword is the form in which a value is filtered and counted: what is longer
// than any name is cut off.
func Keyword(s string) string { return clipTo(s, maxKeyword) }
