package ruleexpr_test

import (
	"slices"
	"testing"

	"github.com/expr-lang/expr/parser"

	"github.com/markwatch/markwatch/ruleexpr"
)

func TestLexicons(t *testing.T) {
	for expression, want := range map[string]struct{ names, unquoted []string }{
		`price_cny > 0`: {},
		`found("a", "b@title") && !near("c", "a", 6)`: {names: []string{"a", "b@title", "c", "a"}},
		`found(title) || blank("n") > 0`:              {names: []string{"n"}, unquoted: []string{"found"}},
		`len(contacts) > 0 || indicated()`:            {},
		`count("a", "c") + count("b@text") > 2`:       {names: []string{"a", "c", "b@text"}},
	} {
		tree, err := parser.Parse(expression)
		if err != nil {
			t.Fatal(err)
		}
		names, unquoted := ruleexpr.Lexicons(tree.Node)
		if !slices.Equal(names, want.names) || !slices.Equal(unquoted, want.unquoted) {
			t.Errorf("%s: %v, %v, want %v, %v", expression, names, unquoted, want.names, want.unquoted)
		}
	}
}
