package bleve

import (
	"fmt"
	"unicode/utf8"

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
	values []string
}

// maxTypos bounds the words that one word may stand for.
const maxTypos = 200

func (x *Index) plan(s *snapshot, q index.Query) (*plan, error) {
	if err := q.Check(); err != nil {
		return nil, err
	}
	p := &plan{
		ranked: q.Sort == index.SortRelevance, ranges: q.Bounds(),
		filters: planFilters(q.Filters), exclude: planFilters(q.Exclude),
	}
	for _, t := range q.Terms {
		tokens := index.Tokens(x.options.Fold(t.Text))
		pt := planTerm{tags: t.Tags(), tokens: tokens, needle: index.Needle(tokens), not: t.Not, of: t}
		if t.Forgives() {
			var err error
			if pt.typos, err = s.typos(tokens); err != nil {
				return nil, err
			}
		}
		p.terms = append(p.terms, pt)
	}
	return p, nil
}

func planFilters(filters map[index.Field][]string) []planFilter {
	var out []planFilter
	for f, values := range filters {
		if len(values) == 0 {
			continue
		}
		if f != index.FieldID {
			values = clipped(values)
		}
		out = append(out, planFilter{field: f, values: values})
	}
	return out
}

func clipped(values []string) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = index.Keyword(v)
	}
	return out
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
