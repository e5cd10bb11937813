package indextest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/index"
)

// Run holds an engine against the suite. open returns an empty index that
// folds with Fold; it is closed by the suite.
func Run(t *testing.T, open func(t *testing.T) index.Index) {
	opened := func(t *testing.T, docs []index.Document) index.Index {
		x := open(t)
		t.Cleanup(func() {
			if err := x.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
		})
		put(t, x, docs)
		return x
	}
	t.Run("reading", func(t *testing.T) {
		x := opened(t, Documents())
		t.Run("queries", func(t *testing.T) { testQueries(t, x) })
		t.Run("typos", func(t *testing.T) { testTypos(t, x) })
		t.Run("facets", func(t *testing.T) { testFacets(t, x) })
		t.Run("highlights", func(t *testing.T) { testHighlights(t, x) })
		t.Run("paging", func(t *testing.T) { testPaging(t, x) })
		t.Run("hostile", func(t *testing.T) { testHostile(t, x) })
		t.Run("unfit", func(t *testing.T) { testUnfit(t, x) })
	})
	t.Run("random", func(t *testing.T) { testRandom(t, opened(t, nil)) })
	t.Run("deep paging", func(t *testing.T) { testDeep(t, opened(t, nil)) })
	t.Run("writing", func(t *testing.T) { testWriting(t, opened(t, Documents())) })
	t.Run("rebuilding", func(t *testing.T) { testRebuild(t, opened(t, Documents())) })
	t.Run("rebuilding fails", func(t *testing.T) { testRebuildFails(t, opened(t, Documents())) })
	t.Run("segments", func(t *testing.T) {
		// The same answers when documents came one by one and some twice.
		x := opened(t, nil)
		for _, d := range Documents() {
			old := d
			old.Title, old.Status, old.Names = "旧标题 耐克 高仿", "review", nil
			put(t, x, []index.Document{old})
			put(t, x, []index.Document{d})
		}
		testQueries(t, x)
		testFacets(t, x)
	})
}

func put(t *testing.T, x index.Index, docs []index.Document) {
	t.Helper()
	if len(docs) == 0 {
		return
	}
	if err := x.Put(t.Context(), docs); err != nil {
		t.Fatalf("Put: %v", err)
	}
}

// parse reads a query that must be right.
func parse(t *testing.T, s string) index.Query {
	t.Helper()
	q, err := index.ParseQuery(s)
	if err != nil {
		t.Fatalf("ParseQuery(%q): %v", s, err)
	}
	return q
}

func search(t *testing.T, x index.Index, q index.Query) index.Result {
	t.Helper()
	r, err := x.Search(t.Context(), q)
	if err != nil {
		t.Fatalf("Search(%s): %v", q, err)
	}
	return r
}

// hits joins the ids of a result.
func hits(r index.Result) string {
	var b strings.Builder
	for _, h := range r.Hits {
		b.WriteString(h.ID)
	}
	return b.String()
}

func sorted(s string) string {
	r := []rune(s)
	slices.Sort(r)
	return string(r)
}

// all joins the ids of the whole result.
func all(ctx context.Context, x index.Index, q index.Query) (string, error) {
	var b strings.Builder
	for id, err := range x.All(ctx, q) {
		if err != nil {
			return "", err
		}
		b.WriteString(id)
	}
	return b.String(), nil
}

func testQueries(t *testing.T, x index.Index) {
	for _, c := range queryCases() {
		t.Run(c.name, func(t *testing.T) {
			q := parse(t, c.query)
			q.Sort = c.sort
			q.Limit = 100
			r := search(t, x, q)
			got := hits(r)
			if c.sort == "" {
				got = sorted(got)
			}
			if got != c.want {
				t.Errorf("query %s by %q: hits %q, want %q", c.query, c.sort, got, c.want)
			}
			if r.Total != len(r.Hits) {
				t.Errorf("query %s: total %d for %d hits", c.query, r.Total, len(r.Hits))
			}
			whole, err := all(t.Context(), x, q)
			if err != nil || whole != hits(r) {
				t.Errorf("query %s: All gives %q (%v), Search %q", c.query, whole, err, hits(r))
			}
		})
	}
}

func testTypos(t *testing.T, x index.Index) {
	for _, c := range typoCases() {
		got := hits(search(t, x, parse(t, c.query)))
		for _, id := range c.must {
			if !strings.ContainsRune(got, id) {
				t.Errorf("query %s: hits %q miss %c", c.query, got, id)
			}
		}
		for _, id := range got {
			if !strings.ContainsRune(c.must+c.may, id) {
				t.Errorf("query %s: hits %q have %c, which is too far off", c.query, got, id)
			}
		}
	}
}

func testFacets(t *testing.T, x index.Index) {
	count := func(query string, f index.Field, limit int) []index.Count {
		q := parse(t, query)
		q.Facets, q.FacetLimit = []index.Field{f}, limit
		return search(t, x, q).Facets[f]
	}
	for _, c := range []struct {
		query string
		field index.Field
		limit int
		want  []index.Count
	}{
		{"", index.FieldViolation, 0, []index.Count{{Value: "counterfeit", N: 3}, {Value: "fake-overseas", N: 1}, {Value: "piracy", N: 1}}},
		{"", index.FieldSource, 2, []index.Count{{Value: "taobao", N: 3}, {Value: "jd", N: 2}}},
		{"", index.FieldSeller, 2, []index.Count{{Value: "潮鞋仓库", N: 2}, {Value: `"; DROP TABLE leads; --`, N: 1}}},
		{"", index.FieldRegion, 1, []index.Count{{Value: "福建", N: 3}}},
		{"", index.FieldBand, 1, []index.Count{{Value: "0.9", N: 4}}},
		{"", index.FieldRule, 2, []index.Count{{Value: "jargon/replica", N: 2}, {Value: "pricing/below-floor", N: 2}}},
		{"", index.FieldUnit, 1, []index.Count{{Value: "gy-scjg", N: 2}}},
		{"", index.FieldSubject, 1, []index.Count{{Value: "nike", N: 2}}},
		{"耐克 -儿童", index.FieldStatus, 0, []index.Count{{Value: "confirmed", N: 1}, {Value: "new", N: 1}}},
		{"没有这个", index.FieldStatus, 0, nil},
		// A field's own filter does not hide its other values …
		{"violation:piracy", index.FieldViolation, 0, []index.Count{{Value: "counterfeit", N: 3}, {Value: "fake-overseas", N: 1}, {Value: "piracy", N: 1}}},
		{"seller:=潮鞋仓库 source:taobao", index.FieldSeller, 0, []index.Count{{Value: "潮鞋仓库", N: 2}, {Value: "鞋坊小李", N: 1}}},
		// … but those of other fields, and exclusion, count.
		{"violation:counterfeit status:new", index.FieldViolation, 0, []index.Count{{Value: "counterfeit", N: 2}, {Value: "fake-overseas", N: 1}}},
		{"violation:counterfeit status:new", index.FieldStatus, 0, []index.Count{{Value: "new", N: 2}, {Value: "confirmed", N: 1}}},
		{"-violation:counterfeit", index.FieldViolation, 0, []index.Count{{Value: "piracy", N: 1}}},
	} {
		if diff := cmp.Diff(c.want, count(c.query, c.field, c.limit), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("query %q, facet %s (-want +got):\n%s", c.query, c.field, diff)
		}
	}
}

func testHighlights(t *testing.T, x index.Index) {
	for _, c := range []struct {
		query, id string
		want      map[string][]markwatch.Span
	}{
		{"耐克", "a", map[string][]markwatch.Span{"title": {{Start: 0, End: 3}}}},
		{"耐克", "b", map[string][]markwatch.Span{"title": {{Start: 0, End: 2}}}},
		{"军一 莆田 -儿童", "a", map[string][]markwatch.Span{
			"title": {{Start: 5, End: 7}, {Start: 9, End: 11}}, "seller.region": {{Start: 3, End: 5}}, "ships_from": {{Start: 2, End: 4}},
		}},
		{"nike官方", "c", map[string][]markwatch.Span{"seller.name": {{Start: 0, End: 6}}}},
		{"addidas", "f", map[string][]markwatch.Span{"title": {{Start: 0, End: 6}}}},
		{"iphone15", "f", map[string][]markwatch.Span{"description": {{Start: 10, End: 18}}}},
		{"title:鞋", "b", map[string][]markwatch.Span{"title": {{Start: 4, End: 5}}}},
		{"violation:piracy", "e", nil},
	} {
		q := parse(t, c.query)
		q.Filters = maps(q.Filters, index.FieldID, c.id)
		r := search(t, x, q)
		if len(r.Hits) != 1 {
			t.Errorf("query %s: %d hits of %s, want one", c.query, len(r.Hits), c.id)
			continue
		}
		if diff := cmp.Diff(c.want, r.Hits[0].Highlights, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("query %s, document %s (-want +got):\n%s", c.query, c.id, diff)
		}
	}
}

// maps adds a filter.
func maps(filters map[index.Field][]string, f index.Field, value string) map[index.Field][]string {
	if filters == nil {
		filters = map[index.Field][]string{}
	}
	filters[f] = append(filters[f], value)
	return filters
}

func testPaging(t *testing.T, x index.Index) {
	for _, c := range []struct {
		offset, limit int
		want          string
	}{{0, 3, "hea"}, {3, 3, "bdf"}, {6, 3, "cg"}, {8, 3, ""}, {1000000, 3, ""}, {-5, 2, "he"}, {0, -1, ""}, {0, 0, "heabdfcg"}} {
		r := search(t, x, index.Query{Offset: c.offset, Limit: c.limit})
		if got := hits(r); got != c.want || r.Total != 8 {
			t.Errorf("offset %d, limit %d: hits %q of %d, want %q of 8", c.offset, c.limit, got, r.Total, c.want)
		}
	}
}

func testHostile(t *testing.T, x index.Index) {
	for _, s := range hostileQueries() {
		q, err := index.ParseQuery(s)
		if err != nil {
			var wrong *index.SyntaxError
			if !errors.As(err, &wrong) {
				t.Errorf("ParseQuery(%q): %v is no SyntaxError", s, err)
			}
			continue
		}
		search(t, x, q)
	}
	// Signs alone are no text, and so are in no document.
	for _, q := range []index.Query{{Terms: []index.Term{{Text: "!!!"}}}, {Terms: []index.Term{{Text: ""}}}} {
		if r := search(t, x, q); r.Total != 0 {
			t.Errorf("query %v: %d hits, want none", q.Terms, r.Total)
		}
	}
}

func testUnfit(t *testing.T, x index.Index) {
	for _, q := range []index.Query{
		{Sort: "colour"},
		{Facets: []index.Field{index.FieldTitle}},
		{Terms: []index.Term{{Field: index.FieldStatus, Text: "new"}}},
		{Ranges: []index.Range{{Field: index.FieldTitle}}},
		{Filters: map[index.Field][]string{index.FieldPrice: {"1"}}},
		{Exclude: map[index.Field][]string{"colour": {"red"}}},
	} {
		if _, err := x.Search(t.Context(), q); markwatch.ErrorCode(err) != markwatch.CodeInvalid {
			t.Errorf("Search(%+v): error %v, want one of code %s", q, err, markwatch.CodeInvalid)
		}
	}
	if err := x.Put(t.Context(), []index.Document{{Title: "no id"}}); markwatch.ErrorCode(err) != markwatch.CodeInvalid {
		t.Errorf("Put without an id: %v, want an error of code %s", err, markwatch.CodeInvalid)
	}
}

// deepCount is past the hit limit of engines that have one.
const deepCount = 12000

func testDeep(t *testing.T, x index.Index) {
	var docs []index.Document
	for i := range deepCount {
		docs = append(docs, index.Document{
			ID: fmt.Sprintf("n%05d", i), Title: fmt.Sprintf("高仿 %d", i), Seller: fmt.Sprintf("店铺%d", i%5000),
			Score: float64(i%1000) / 1000, FirstSeen: day(1 + i%28), LastSeen: day(1 + i%28), Sales: int64(i),
		})
	}
	for batch := range slices.Chunk(docs, 2500) {
		put(t, x, batch)
	}
	q := parse(t, "高仿")
	q.Sort, q.Limit = index.SortSales, 2
	for _, c := range []struct {
		offset int
		want   string
	}{{0, "n11999n11998"}, {9999, "n02000n01999"}, {10001, "n01998n01997"}, {11998, "n00001n00000"}, {11999, "n00000"}, {12000, ""}} {
		q.Offset = c.offset
		r := search(t, x, q)
		if got := hits(r); got != c.want || r.Total != deepCount {
			t.Errorf("offset %d: hits %q of %d, want %q of %d", c.offset, got, r.Total, c.want, deepCount)
		}
	}
	// Pages never overlap nor leave out, however many hits are equal.
	q.Sort, q.Limit = index.SortScore, 997
	seen := map[string]bool{}
	var paged strings.Builder
	for q.Offset = 0; ; q.Offset += q.Limit {
		r := search(t, x, q)
		if len(r.Hits) == 0 {
			break
		}
		for _, h := range r.Hits {
			seen[h.ID] = true
			paged.WriteString(h.ID)
		}
	}
	if len(seen) != deepCount {
		t.Errorf("pages have %d documents, want %d", len(seen), deepCount)
	}
	whole, err := all(t.Context(), x, q)
	if err != nil || whole != paged.String() {
		t.Errorf("All differs from the pages (error %v)", err)
	}
	q.Facets, q.FacetLimit = []index.Field{index.FieldSeller}, 3
	want := []index.Count{{Value: "店铺0", N: 3}, {Value: "店铺1", N: 3}, {Value: "店铺10", N: 3}}
	if diff := cmp.Diff(want, search(t, x, q).Facets[index.FieldSeller]); diff != "" {
		t.Errorf("sellers (-want +got):\n%s", diff)
	}
	n := 0
	for _, err := range x.All(t.Context(), q) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 3 {
			break // a caller may stop early
		}
	}
}
