package indextest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/markwatch/markwatch/index"
)

// randomDocs and randomQueries bound the comparison with plain reading.
const (
	randomDocs    = 150
	randomQueries = 120
)

// testRandom compares an engine with reading every document from its beginning
// to its end, on texts of few characters, in which all pairs and runs occur
// and hardly any in a row.
func testRandom(t *testing.T, x index.Index) {
	r := rand.New(rand.NewPCG(7, 11))
	words := []string{"耐", "克", "鞋", "包", "奈", "af1", " nike", " gucci ", "12", " ", "，", "Ⅱ"}
	text := func(most int) string {
		var b strings.Builder
		for range 1 + r.IntN(most) {
			b.WriteString(words[r.IntN(len(words))])
		}
		return b.String()
	}
	var docs []index.Document
	for i := range randomDocs {
		d := index.Document{
			ID: fmt.Sprintf("Doc/%03d", i), Title: text(8), Description: text(25), Text: text(25), Seller: text(3), Place: text(2),
			Source: []string{"a", "A", "甲", `"q"`}[r.IntN(4)], Score: float64(r.IntN(20)) / 20, FirstSeen: day(1 + r.IntN(9)), LastSeen: day(10 + r.IntN(9)),
		}
		if r.IntN(3) > 0 {
			d.PriceCNY = yuan(float64(r.IntN(10)))
		}
		if r.IntN(2) > 0 {
			d.Violations = []string{"piracy", "counterfeit"}[:1+r.IntN(2)]
		}
		docs = append(docs, d)
	}
	put(t, x, docs)
	fields := []index.Field{"", "", "", index.FieldTitle, index.FieldSeller, index.FieldPlace}
	for range randomQueries {
		var q index.Query
		for range r.IntN(4) {
			q.Terms = append(q.Terms, index.Term{Field: fields[r.IntN(len(fields))], Text: text(7), Phrase: true, Not: r.IntN(4) == 0})
		}
		if r.IntN(4) == 0 {
			q.Filters = map[index.Field][]string{index.FieldSource: []string{"A", "甲", `"q"`}[:1+r.IntN(3)]}
		}
		if r.IntN(4) == 0 {
			q.Exclude = map[index.Field][]string{index.FieldViolation: {"piracy"}}
		}
		if r.IntN(4) == 0 {
			q.Ranges = []index.Range{{Field: index.FieldPrice, Min: 2, Max: 6, MaxOpen: r.IntN(2) == 0, Not: r.IntN(2) == 0}}
		}
		q.Facets, q.Limit = []index.Field{index.FieldSource}, randomDocs
		var want []string
		for i := range docs {
			if reads(&docs[i], q) {
				want = append(want, docs[i].ID)
			}
		}
		got := search(t, x, q)
		var ids []string
		for _, h := range got.Hits {
			ids = append(ids, h.ID)
		}
		slices.Sort(ids)
		if !slices.Equal(ids, want) || got.Total != len(want) {
			t.Errorf("query %s: %d hits %v, want %v", q, got.Total, ids, want)
		}
	}
}

// reads says by the rule alone whether a document is a hit.
func reads(d *index.Document, q index.Query) bool {
	var lines []byte
	for tag, text := range d.Lines(Fold) {
		if tokens := index.Tokens(text); len(tokens) > 0 {
			lines = index.AppendLine(lines, tag, tokens)
		}
	}
	for _, t := range q.Terms {
		tokens := index.Tokens(Fold(t.Text))
		found := len(tokens) > 0 && index.HoldsLine(lines, t.Tags(), []byte(index.Needle(tokens)))
		if found == t.Not {
			return false
		}
	}
	for f, values := range q.Filters {
		if !anyOf(d.KeywordsOf(f), values) {
			return false
		}
	}
	for f, values := range q.Exclude {
		if anyOf(d.KeywordsOf(f), values) {
			return false
		}
	}
	for _, r := range q.Bounds() {
		if v, ok := d.NumberOf(r.Field); (ok && r.Holds(v)) == r.Not {
			return false
		}
	}
	return true
}

func anyOf(have, values []string) bool {
	return slices.ContainsFunc(have, func(v string) bool { return slices.Contains(values, v) })
}
