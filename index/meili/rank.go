package meili

import (
	"context"
	"maps"
	"slices"
	"strings"

	ms "github.com/meilisearch/meilisearch-go"

	"github.com/markwatch/markwatch/index"
)

// maxRanks bounds the ways in which the terms of a query can stand in fields.
// Terms that would go beyond it do not count for the order.
const maxRanks = 64

// rank holds of the hits whose weights add up to one sum.
type rank expr

// ranks are the ranks of a query by relevance, the highest first; nil for
// every other order, and where there is nothing to be relevant to.
func (p *plan) ranks(order index.Sort) []rank {
	if order != index.SortRelevance {
		return nil
	}
	sums := map[float64][]expr{0: {""}}
	ways := 1
	for _, t := range p.terms {
		if t.of.Not {
			continue
		}
		levels := t.levels()
		if ways *= len(levels); ways > maxRanks {
			break
		}
		next := map[float64][]expr{}
		for sum, list := range sums {
			for _, l := range levels {
				for _, e := range list {
					next[sum+l.weight] = append(next[sum+l.weight], all(e, l.holds))
				}
			}
		}
		sums = next
	}
	if len(sums) < 2 {
		return nil
	}
	hits := p.hits()
	var out []rank
	for _, sum := range slices.Backward(slices.Sorted(maps.Keys(sums))) {
		list := sums[sum]
		slices.Sort(list)
		out = append(out, rank(all(hits, either(list...))))
	}
	return out
}

// level is where a hit has one weight of a term.
type level struct {
	weight float64
	holds  expr
}

// levels are the weights that a term can have in a hit, the highest first, the
// last for all that are left.
func (t planTerm) levels() []level {
	weights := map[float64][]expr{}
	for _, w := range []struct {
		tag    string
		weight float64
	}{
		{string(index.TagOf(index.FieldTitle)), index.WeightTitle},
		{string(index.TagOf(index.FieldBrand)), index.WeightName},
		{string(index.TagOf(index.FieldSeller)), index.WeightSeller},
		{t.tags, index.WeightText},
	} {
		if !strings.Contains(t.tags, w.tag) {
			continue
		}
		weights[w.weight] = append(weights[w.weight], t.found(w.tag))
		if near := t.nearly(w.tag); near != "" {
			weights[w.weight/2] = append(weights[w.weight/2], near)
		}
	}
	var out []level
	higher := expr("")
	sorted := slices.Sorted(maps.Keys(weights))
	for i, w := range slices.Backward(sorted) {
		here := either(weights[w]...)
		l := level{w, here}
		switch {
		case i == 0 && higher == "":
			l.holds = ""
		case i == 0:
			l.holds = not(higher)
		case higher != "":
			l.holds = all(here, not(higher))
		}
		out = append(out, l)
		higher = either(higher, here)
	}
	return out
}

// ranked returns a page of hits by rank, then score.
func (x *Index) ranked(ctx context.Context, ranks []rank, offset, limit int, marked bool) (ms.Hits, error) {
	var queries []*ms.SearchRequest
	for _, r := range ranks {
		queries = append(queries, x.count(expr(r)))
	}
	answers, err := x.ask(ctx, queries)
	if err != nil {
		return nil, err
	}
	queries = nil
	for i, a := range answers {
		n := int(a.TotalHits)
		if offset >= n {
			offset -= n
			continue
		}
		take := min(limit, n-offset)
		queries = append(queries, x.page(expr(ranks[i]), orderOf(index.SortScore), offset, take, marked))
		offset, limit = 0, limit-take
		if limit == 0 {
			break
		}
	}
	if len(queries) == 0 {
		return nil, nil
	}
	if answers, err = x.ask(ctx, queries); err != nil {
		return nil, err
	}
	var out ms.Hits
	for _, a := range answers {
		out = append(out, a.Hits...)
	}
	return out, nil
}
