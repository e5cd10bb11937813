package bleve

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/index"
)

// plan is a query made ready for the segments of one snapshot.
type plan struct {
	terms   []planTerm
	ranges  []index.Range // days turned into seconds
	filters []planFilter
	exclude []planFilter
	ranked  bool
}

// planTerm is one searched text.
type planTerm struct {
	tags   string // the fields in the segments, a byte each
	tokens []index.Token
	needle string
	// typos are the words that are forgiven.
	typos []string
	not   bool
	of    index.Term
}

type planFilter struct {
	field  index.Field
	stored string // the name in the segments
	values []string
}

// maxTypos bounds the words that one word may stand for.
const maxTypos = 200

func (x *Index) plan(s *snapshot, q index.Query) (*plan, error) {
	p := &plan{ranked: q.Sort == index.SortRelevance}
	for _, t := range q.Terms {
		tags := byDefault
		if t.Field != "" {
			tag := tagOf(t.Field)
			if tag == 0 {
				return nil, markwatch.Errorf(markwatch.CodeInvalid, "the field %q is not searched as text", t.Field)
			}
			tags = string(tag)
		}
		tokens := index.Tokens(x.options.Fold(t.Text))
		pt := planTerm{tags: tags, tokens: tokens, needle: index.Needle(tokens), not: t.Not, of: t}
		if !t.Phrase && !t.Not && t.Field != index.FieldURL && t.Field != index.FieldNumber {
			var err error
			if pt.typos, err = s.typos(tokens); err != nil {
				return nil, err
			}
		}
		p.terms = append(p.terms, pt)
	}
	for _, r := range q.Ranges {
		info, ok := r.Field.Info()
		switch {
		case ok && info.Kind == index.KindNumber:
		case ok && info.Kind == index.KindDate:
			r = r.Seconds(q.Location)
		default:
			return nil, markwatch.Errorf(markwatch.CodeInvalid, "the field %q has no ranges", r.Field)
		}
		p.ranges = append(p.ranges, r)
	}
	var err error
	if p.filters, err = planFilters(q.Filters); err != nil {
		return nil, err
	}
	if p.exclude, err = planFilters(q.Exclude); err != nil {
		return nil, err
	}
	for _, f := range q.Facets {
		if info, _ := f.Info(); !info.Facet {
			return nil, markwatch.Errorf(markwatch.CodeInvalid, "the field %q is not counted", f)
		}
	}
	if q.Sort != "" && !slices.Contains(index.Sorts(), q.Sort) {
		return nil, markwatch.Errorf(markwatch.CodeInvalid, "there is no order %q", q.Sort)
	}
	return p, nil
}

func planFilters(filters map[index.Field][]string) ([]planFilter, error) {
	var out []planFilter
	for f, values := range filters {
		info, ok := f.Info()
		if !ok || info.Kind != index.KindKeyword && !info.Facet {
			return nil, markwatch.Errorf(markwatch.CodeInvalid, "the field %q is not filtered by value", f)
		}
		if len(values) == 0 {
			continue
		}
		stored := keywordOf + string(f)
		switch f {
		case index.FieldRule:
			stored = ruleNames
		case index.FieldID:
			stored = "_id"
		}
		out = append(out, planFilter{f, stored, values})
	}
	return out, nil
}

// typos looks up the words that are near to a word and begin with the same
// letter. They need not be in the field that is searched.
func (s *snapshot) typos(tokens []index.Token) ([]string, error) {
	n := index.Typos(tokens)
	if n == 0 {
		return nil, nil
	}
	word := tokens[0].Text
	_, first := utf8.DecodeRuneInString(word)
	dict, err := s.reader.FieldDictFuzzy(allWords, word, n, word[:first])
	if err != nil {
		return nil, fmt.Errorf("looking up words like another: %w", err)
	}
	defer dict.Close()
	var out []string
	for len(out) < maxTypos {
		entry, err := dict.Next()
		if err != nil {
			return nil, fmt.Errorf("looking up words like another: %w", err)
		}
		if entry == nil {
			break
		}
		if entry.Term != word {
			out = append(out, entry.Term)
		}
	}
	return out, nil
}
