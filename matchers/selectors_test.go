package matchers_test

import (
	"reflect"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/matchers"
)

// A lexicon is looked for where each rule says, also one that only count()
// names, and nothing that an earlier listing held is told of the next.
func TestSelectorsOfOneLexicon(t *testing.T) {
	lists := markwatch.Lists{
		Lexicons: []markwatch.Lexicon{{ID: "own.leaf", Terms: []markwatch.Term{{Term: "烟叶"}}, Patterns: []string{`[红黑]叶\d?`, `高希霸|短号`}},
			{ID: "negation", Terms: []markwatch.Term{{Term: "不含"}}}},
		Rules: []markwatch.Rule{
			{ID: "in-title", Violation: "own", All: []string{"own.leaf@title"}, Score: 0.9},
			{ID: "in-text", Violation: "own", Any: []string{"own.leaf@text"}, Score: 0.8},
			{ID: "many", Violation: "own", Where: `count("own.leaf") > 1`, Score: 0.7},
			{ID: "no-description", Violation: "own", Where: `title != ""`, None: []string{"own.leaf@description"}, Score: 0.6},
		},
	}
	compile := func() *matchers.Set {
		set, err := matchers.Compile(matchers.Knowledge{Lists: lists})
		if err != nil {
			t.Fatal(err)
		}
		return set
	}
	used := compile()
	for _, c := range []struct {
		listing markwatch.Listing
		want    []string
	}{
		{markwatch.Listing{Title: "红叶1 高希霸"}, []string{"in-title", "many", "no-description"}},
		{markwatch.Listing{Title: "毛巾", Text: "黑叶"}, []string{"in-text", "no-description"}},
		{markwatch.Listing{Title: "毛巾", Description: "烟叶"}, nil},
		{markwatch.Listing{Title: "毛巾"}, []string{"no-description"}},
		{markwatch.Listing{Title: "烟叶", Text: "不含烟叶 短 号 红", Description: "短号"}, []string{"in-title", "many"}},
		{markwatch.Listing{Title: "红", Text: "叶"}, []string{"no-description"}},
	} {
		v := used.Check(matchers.Input{Listing: c.listing})
		var got []string
		for _, f := range v.Findings {
			got = append(got, f.Rule)
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%+v: %v, want %v", c.listing, got, c.want)
		}
		if fresh := compile().Check(matchers.Input{Listing: c.listing}); !reflect.DeepEqual(v, fresh) {
			t.Errorf("%+v: %+v after other listings, %+v alone", c.listing, v, fresh)
		}
	}
}
