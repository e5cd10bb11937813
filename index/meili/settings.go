package meili

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	ms "github.com/meilisearch/meilisearch-go"

	"github.com/markwatch/markwatch/index"
)

const (
	// maxTotalHits is how many hits can be paged through: more than an index
	// has documents.
	maxTotalHits = 1_000_000_000
	// maxFacetValues is how many values of one facet are counted in an answer,
	// and how many words one word may be a typo of. Meilisearch's own is 100,
	// which would cut sellers off.
	maxFacetValues = 10_000
	// cutoffMs is the time after which Meilisearch stops ranking; its own
	// second and a half would give pages in the wrong order on a busy server.
	cutoffMs = 30_000
)

// settings are those of the index but for the filterable attributes, which the
// client's type has no room for.
//
// What is searchable serves people who look at the index with Meilisearch's
// own tools, in Chinese; the product's queries are filters.
func settings() *ms.Settings {
	prefixes := "disabled"
	return &ms.Settings{
		SearchableAttributes: []string{attrTitle, attrNames, attrSeller},
		SortableAttributes:   sortable(),
		RankingRules:         []string{"sort", "words", "typo", "proximity", "attribute", "exactness"},
		LocalizedAttributes: []*ms.LocalizedAttributes{
			{Locales: []string{"cmn"}, AttributePatterns: []string{attrTitle, attrNames, attrSeller}},
		},
		// A word in facet search has wordEnd behind it, so these are one more
		// than what index.Typos says.
		TypoTolerance: &ms.TypoTolerance{
			Enabled:             true,
			MinWordSizeForTypos: ms.MinWordSizeForTypos{OneTypo: 4 + int64(len(wordEnd)), TwoTypos: 8 + int64(len(wordEnd))},
			DisableOnWords:      []string{}, DisableOnAttributes: []string{}, DisableOnNumbers: true,
		},
		Pagination:         &ms.Pagination{MaxTotalHits: maxTotalHits},
		Faceting:           &ms.Faceting{MaxValuesPerFacet: maxFacetValues, SortFacetValuesBy: map[string]ms.SortFacetType{"*": ms.SortFacetTypeCount}},
		ProximityPrecision: ms.ByAttribute,
		PrefixSearch:       &prefixes,
		FacetSearch:        true, // where typos are looked up
		// What is read of a hit must be shown. No attribute makes hits distinct,
		// which the type cannot say; see applySettings.
		DisplayedAttributes: []string{"*"},
		SearchCutoffMs:      cutoffMs,
	}
}

func sortable() []string {
	list := []string{attrOrder}
	for _, f := range numberFields() {
		list = append(list, numberOf+string(f))
	}
	return list
}

// filterable says of each attribute what is asked of it, so that the server
// builds no more than that: no facet search but among the words, no
// comparisons but of numbers.
func filterable() []any {
	rule := func(search, comparison bool, attributes ...string) any {
		return ms.AttributeRule{AttributePatterns: attributes, Features: ms.AttributeFeatures{
			FacetSearch: search, Filter: ms.FilterFeatures{Equality: true, Comparison: comparison},
		}}
	}
	keywords := []string{attrKey, attrGrams, ruleNames}
	for _, f := range index.Facets() {
		keywords = append(keywords, keywordOf+string(f))
	}
	var numbers []string
	for _, f := range numberFields() {
		numbers = append(numbers, numberOf+string(f))
	}
	return []any{rule(false, false, keywords...), rule(true, false, attrWords), rule(false, true, numbers...)}
}

// distinct is the setting that would leave hits out.
const distinct = "distinctAttribute"

// applySettings brings an index's settings to what they must be, where they
// are anything else, and names what was.
func (x *Index) applySettings(ctx context.Context, uid string) (drift []string, err error) {
	idx := x.server.Index(uid)
	drift, err = x.drift(ctx, idx)
	if err != nil || len(drift) == 0 {
		return nil, err
	}
	wanted := filterable()
	first, err := idx.UpdateFilterableAttributes(ctx, &wanted)
	if err != nil {
		return drift, x.fault(ctx, err, "setting what can be filtered by")
	}
	second, err := idx.UpdateSettings(ctx, settings())
	if err != nil {
		return drift, x.fault(ctx, err, "setting up the index")
	}
	tasks := []*ms.TaskInfo{first, second}
	if slices.Contains(drift, distinct) {
		third, err := idx.ResetDistinctAttribute(ctx)
		if err != nil {
			return drift, x.fault(ctx, err, "setting up the index")
		}
		tasks = append(tasks, third)
	}
	return drift, x.wait(ctx, "setting up the index", tasks...)
}

// drift names the settings that are not what they must be. They are read one
// by one, because the client's whole has no room for rules of attributes.
func (x *Index) drift(ctx context.Context, idx ms.IndexManager) ([]string, error) {
	w := settings()
	var out []string
	for _, s := range []struct {
		name string
		want any
		read func() (any, error)
		// any is set where the order of a list says nothing.
		unordered bool
	}{
		{"filterableAttributes", filterable(), func() (any, error) { return idx.GetFilterableAttributes(ctx) }, true},
		{"searchableAttributes", w.SearchableAttributes, func() (any, error) { return idx.GetSearchableAttributes(ctx) }, false},
		{"sortableAttributes", w.SortableAttributes, func() (any, error) { return idx.GetSortableAttributes(ctx) }, true},
		{"rankingRules", w.RankingRules, func() (any, error) { return idx.GetRankingRules(ctx) }, false},
		{"localizedAttributes", w.LocalizedAttributes, func() (any, error) { return idx.GetLocalizedAttributes(ctx) }, false},
		{"typoTolerance", w.TypoTolerance, func() (any, error) { return idx.GetTypoTolerance(ctx) }, false},
		{"pagination", w.Pagination, func() (any, error) { return idx.GetPagination(ctx) }, false},
		{"faceting", w.Faceting, func() (any, error) { return idx.GetFaceting(ctx) }, false},
		{"proximityPrecision", w.ProximityPrecision, func() (any, error) { return idx.GetProximityPrecision(ctx) }, false},
		{"prefixSearch", w.PrefixSearch, func() (any, error) { return idx.GetPrefixSearch(ctx) }, false},
		{"facetSearch", w.FacetSearch, func() (any, error) { return idx.GetFacetSearch(ctx) }, false},
		{"displayedAttributes", w.DisplayedAttributes, func() (any, error) { return idx.GetDisplayedAttributes(ctx) }, true},
		{distinct, "", func() (any, error) { return idx.GetDistinctAttribute(ctx) }, false}, // the client reads null as ""
		{"searchCutoffMs", w.SearchCutoffMs, func() (any, error) { return idx.GetSearchCutoffMs(ctx) }, false},
	} {
		got, err := s.read()
		if err != nil {
			return nil, x.fault(ctx, err, "reading the setting "+s.name)
		}
		same, err := holds(got, s.want, s.unordered)
		if err != nil {
			return nil, err
		}
		if !same {
			out = append(out, s.name)
		}
	}
	return out, nil
}

// holds says whether a setting that was read has everything that is wanted of
// it; what a newer server says beside that counts for nothing.
func holds(got, want any, unordered bool) (bool, error) {
	var g, w any
	for _, v := range []struct {
		from any
		to   *any
	}{{got, &g}, {want, &w}} {
		b, err := json.Marshal(v.from)
		if err == nil {
			err = json.Unmarshal(b, v.to)
		}
		if err != nil {
			return false, fmt.Errorf("comparing settings: %w", err)
		}
	}
	return covers(g, w, unordered), nil
}

func covers(got, want any, unordered bool) bool {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return false
		}
		for k, v := range w {
			if !covers(g[k], v, unordered) {
				return false
			}
		}
		return true
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return len(w) == 0 && len(g) == 0
		}
		if unordered {
			g, w = slices.Clone(g), slices.Clone(w)
			slices.SortFunc(g, compareJSON)
			slices.SortFunc(w, compareJSON)
		}
		for i := range w {
			if !covers(g[i], w[i], unordered) {
				return false
			}
		}
		return true
	}
	return got == want
}

func compareJSON(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) }
