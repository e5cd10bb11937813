package meili

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	ms "github.com/meilisearch/meilisearch-go"

	"github.com/markwatch/markwatch/index"
)

// plan is a query as expressions.
type plan struct {
	// nothing is set where no document can be a hit.
	nothing bool
	// base is all but the filters.
	base    expr
	filters map[index.Field]expr
	terms   []planTerm
}

// planTerm is one searched text.
type planTerm struct {
	of     index.Term
	tags   string
	tokens []index.Token
	// near are the words that are forgiven.
	near []string
}

// hits is what fulfils everything.
func (p *plan) hits() expr { return all(p.base, p.filtered("")) }

// filtered is what fulfils the filters but that of one field.
func (p *plan) filtered(but index.Field) expr {
	var list []expr
	for _, f := range slices.Sorted(maps.Keys(p.filters)) {
		if f != but {
			list = append(list, p.filters[f])
		}
	}
	return all(list...)
}

func (x *Index) plan(ctx context.Context, q index.Query) (*plan, error) {
	if err := q.Check(); err != nil {
		return nil, err
	}
	p := &plan{filters: map[index.Field]expr{}}
	var must []expr
	for _, f := range slices.Sorted(maps.Keys(q.Exclude)) {
		if len(q.Exclude[f]) > 0 {
			must = append(must, not(has(f, q.Exclude[f])))
		}
	}
	for _, r := range q.Bounds() {
		must = append(must, within(r))
	}
	for f, values := range q.Filters {
		if len(values) > 0 {
			p.filters[f] = has(f, values)
		}
	}
	for _, t := range q.Terms {
		pt := planTerm{of: t, tags: t.Tags(), tokens: index.Tokens(x.options.Fold(t.Text))}
		if len(pt.tokens) == 0 {
			if !t.Not {
				p.nothing = true
				return p, nil
			}
			continue
		}
		if t.Forgives() {
			var err error
			if pt.near, err = x.near(ctx, pt.tokens); err != nil {
				return nil, err
			}
		}
		p.terms = append(p.terms, pt)
	}
	// Short texts first: what they leave is less to be looked through for long
	// ones.
	short := func(t planTerm) bool { return len(t.tokens) <= maxGram }
	for _, t := range p.terms {
		if short(t) {
			must = append(must, t.expr(t.tags))
		}
	}
	for _, t := range p.terms {
		if short(t) {
			continue
		}
		wrong, err := x.elsewhere(ctx, all(must...), t)
		if err != nil {
			return nil, err
		}
		e := expr("")
		if len(wrong) > 0 {
			e = not(is(attrKey, wrong...))
		}
		e = all(t.found(t.tags), e)
		if t.of.Not {
			e = not(e)
		}
		must = append(must, e)
	}
	p.base = all(must...)
	return p, nil
}

// expr is the term with its sign and its typos.
func (t planTerm) expr(tags string) expr {
	e := either(t.found(tags), t.nearly(tags))
	if t.of.Not {
		return not(e)
	}
	return e
}

// found holds where lines of the tags hold the tokens in a row; of a text that
// is longer than a gram, where they hold all its grams.
func (t planTerm) found(tags string) expr {
	if len(t.tokens) <= maxGram {
		values := make([]string, len(tags))
		for i := range tags {
			values[i] = gram(tags[i], t.tokens)
		}
		return is(attrGrams, values...)
	}
	var lines []expr
	for i := range tags {
		var runs collected
		var list []expr
		for at := 0; at+maxGram <= len(t.tokens); at++ {
			runs.add(gram(tags[i], t.tokens[at:at+maxGram]))
		}
		for _, g := range runs.list {
			list = append(list, is(attrGrams, g))
		}
		lines = append(lines, all(list...))
	}
	return either(lines...)
}

// nearly holds where lines of the tags have a word that is forgiven; "" where
// none is.
func (t planTerm) nearly(tags string) expr {
	if len(t.near) == 0 {
		return ""
	}
	var values []string
	for i := range tags {
		for _, w := range t.near {
			values = append(values, gram(tags[i], []index.Token{{Text: w}}))
		}
	}
	return is(attrGrams, values...)
}

// maxNear bounds the words that one word may stand for.
const maxNear = 200

// near looks up the words of the index that a word is forgiven for. The server
// forgives typos too, by almost the same rule, and what it finds is measured
// here.
func (x *Index) near(ctx context.Context, tokens []index.Token) ([]string, error) {
	if index.Typos(tokens) == 0 {
		return nil, nil
	}
	word := tokens[0].Text
	raw, err := x.server.Index(x.uid).FacetSearch(ctx, &ms.FacetSearchRequest{FacetName: attrWords, FacetQuery: word + wordEnd})
	if err != nil {
		return nil, x.fault(ctx, err, "looking up words like another")
	}
	var found struct {
		FacetHits []struct {
			Value string `json:"value"`
		} `json:"facetHits"`
	}
	if err := json.Unmarshal(*raw, &found); err != nil {
		return nil, x.fault(ctx, err, "looking up words like another")
	}
	var out []string
	for _, h := range found.FacetHits {
		w := h.Value
		if len(w) <= len(wordEnd) || w[len(w)-len(wordEnd):] != wordEnd {
			continue
		}
		w = w[:len(w)-len(wordEnd)]
		if w != word && index.Near(word, w) && len(out) < maxNear {
			out = append(out, w)
		}
	}
	slices.Sort(out)
	return out, nil
}
