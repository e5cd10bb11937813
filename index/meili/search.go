package meili

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	ms "github.com/meilisearch/meilisearch-go"

	"github.com/markwatch/markwatch/index"
)

// Search implements index.Index.
func (x *Index) Search(ctx context.Context, q index.Query) (index.Result, error) {
	if err := ctx.Err(); err != nil {
		return index.Result{}, err
	}
	if err := q.Check(); err != nil {
		return index.Result{}, err
	}
	if err := x.Prepare(ctx); err != nil {
		return index.Result{}, err
	}
	p, err := x.plan(ctx, q)
	if err != nil || p.nothing {
		return index.Result{}, err
	}
	limit := q.Limit
	if limit == 0 {
		limit = index.DefaultLimit
	}
	offset := max(0, q.Offset)
	ranks := p.ranks(q.Sort)
	// One request asks for everything, so that the parts are of one state.
	queries, facets := x.counting(p, q)
	if limit > 0 && ranks == nil {
		queries = append(queries, x.page(p.hits(), orderOf(q.Sort), offset, limit, len(q.Terms) > 0))
	}
	answers, err := x.ask(ctx, queries)
	if err != nil {
		return index.Result{}, err
	}
	result := index.Result{Total: int(answers[0].TotalHits)}
	if result.Facets, err = counts(answers, facets, q.FacetLimit); err != nil {
		return index.Result{}, err
	}
	switch {
	case limit < 0 || offset >= result.Total:
		return result, nil
	case ranks == nil:
		result.Hits, err = x.hits(answers[len(answers)-1].Hits, p, q)
	default:
		var found ms.Hits
		if found, err = x.ranked(ctx, ranks, offset, limit, true); err == nil {
			result.Hits, err = x.hits(found, p, q)
		}
	}
	return result, err
}

// counting asks for the number of hits and the facets: all those without a
// filter of their own at once, each other without its own.
func (x *Index) counting(p *plan, q index.Query) (queries []*ms.SearchRequest, facets map[index.Field]int) {
	first := x.count(p.hits())
	queries = []*ms.SearchRequest{first}
	facets = map[index.Field]int{}
	for _, f := range q.Facets {
		if _, done := facets[f]; done {
			continue
		}
		attribute := keywordOf + string(f)
		if p.filters[f] == "" {
			first.Facets = append(first.Facets, attribute)
			facets[f] = 0
			continue
		}
		facets[f] = len(queries)
		own := x.count(all(p.base, p.filtered(f)))
		own.Facets = []string{attribute}
		queries = append(queries, own)
	}
	return queries, facets
}

// count asks for the exact number of hits, which Meilisearch gives where pages
// are numbered, and for one of them, since the least that can be asked for is
// one.
func (x *Index) count(filter expr) *ms.SearchRequest {
	one := int64(1)
	return x.request(filter, &ms.SearchRequest{HitsPerPage: &one, Page: 1, AttributesToRetrieve: []string{attrKey}})
}

// page asks for a page of hits.
func (x *Index) page(filter expr, order []string, offset, limit int, marked bool) *ms.SearchRequest {
	attributes := []string{attrID, numberOf + string(index.FieldScore)}
	if marked {
		attributes = append(attributes, attrTitle, attrDescription, attrText, attrBrand, attrSeller, attrRegion, attrPlace)
	}
	return x.request(filter, &ms.SearchRequest{Offset: int64(offset), Limit: int64(limit), Sort: order, AttributesToRetrieve: attributes})
}

func (x *Index) request(filter expr, r *ms.SearchRequest) *ms.SearchRequest {
	r.IndexUID = x.uid
	if filter != "" {
		r.Filter = string(filter)
	}
	return r
}

// ask sends queries in one request; there is an answer to each, in their order.
func (x *Index) ask(ctx context.Context, queries []*ms.SearchRequest) ([]ms.SearchResponse, error) {
	answer, err := x.server.MultiSearch(ctx, &ms.MultiSearchRequest{Queries: queries})
	if err != nil {
		return nil, x.fault(ctx, err, "searching")
	}
	if len(answer.Results) != len(queries) {
		return nil, x.fault(ctx, fmt.Errorf("%d answers to %d queries", len(answer.Results), len(queries)), "searching")
	}
	return answer.Results, nil
}

// total is the exact number of documents that an expression holds of.
func (x *Index) total(ctx context.Context, filter expr) (int, error) {
	answers, err := x.ask(ctx, []*ms.SearchRequest{x.count(filter)})
	if err != nil {
		return 0, err
	}
	return int(answers[0].TotalHits), nil
}

// counts reads the facets out of the answers that have them.
func counts(answers []ms.SearchResponse, facets map[index.Field]int, limit int) (map[index.Field][]index.Count, error) {
	if len(facets) == 0 {
		return nil, nil
	}
	if limit <= 0 {
		limit = index.DefaultFacetLimit
	}
	out := map[index.Field][]index.Count{}
	for f, i := range facets {
		var distribution map[string]map[string]int
		if raw := answers[i].FacetDistribution; len(raw) > 0 {
			if err := json.Unmarshal(raw, &distribution); err != nil {
				return nil, fmt.Errorf("reading the facets: %w", err)
			}
		}
		list := []index.Count{}
		for value, n := range distribution[keywordOf+string(f)] {
			if text, ok := decode(value); ok && n > 0 {
				list = append(list, index.Count{Value: text, N: n})
			}
		}
		slices.SortFunc(list, func(a, b index.Count) int {
			return cmp.Or(cmp.Compare(b.N, a.N), strings.Compare(a.Value, b.Value))
		})
		out[f] = list[:min(limit, len(list))]
	}
	return out, nil
}

// hits reads what was found and marks it.
func (x *Index) hits(found ms.Hits, p *plan, q index.Query) ([]index.Hit, error) {
	near := map[index.Term][]string{}
	for _, t := range p.terms {
		near[t.of] = t.near
	}
	marks := index.NewHighlighter(q, x.options.Fold, func(t index.Term) []string { return near[t] })
	var out []index.Hit
	for _, h := range found {
		var s shown
		if err := h.DecodeInto(&s); err != nil {
			return nil, fmt.Errorf("reading a hit: %w", err)
		}
		d := s.document()
		out = append(out, index.Hit{ID: s.ID, Score: s.Score, Highlights: marks.Document(&d)})
	}
	return out, nil
}

// orderOf is an order as Meilisearch sorts. What has no value of a field comes
// last in either direction.
func orderOf(s index.Sort) []string {
	by := func(f index.Field, direction string) string { return numberOf + string(f) + ":" + direction }
	first := by(index.FieldScore, "desc")
	switch s {
	case index.SortNewest:
		first = by(index.FieldFirst, "desc")
	case index.SortSeen:
		return []string{by(index.FieldSeen, "desc"), attrOrder + ":asc"}
	case index.SortCheap:
		first = by(index.FieldPrice, "asc")
	case index.SortDear:
		first = by(index.FieldPrice, "desc")
	case index.SortSales:
		first = by(index.FieldSales, "desc")
	}
	return []string{first, by(index.FieldSeen, "desc"), attrOrder + ":asc"}
}
