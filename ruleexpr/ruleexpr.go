// Package ruleexpr reads the expressions of rules (the where of
// markwatch.Rule) for those who check them and those who run them.
package ruleexpr

import (
	"github.com/expr-lang/expr/ast"

	"github.com/markwatch/markwatch"
)

// Lexicons returns the lexicons, with their places ("lexicon@title"), that the
// functions of an expression are asked for, in the order in which they stand
// there, and the names of the functions that are given something else than a
// plain text, which nobody could check before a scan.
func Lexicons(expression ast.Node) (names, unquoted []string) {
	v := lexicons{}
	ast.Walk(&expression, &v)
	return v.names, v.unquoted
}

type lexicons struct{ names, unquoted []string }

// Visit implements ast.Visitor.
func (v *lexicons) Visit(n *ast.Node) {
	call, ok := (*n).(*ast.CallNode)
	if !ok {
		return
	}
	callee, ok := call.Callee.(*ast.IdentifierNode)
	if !ok {
		return
	}
	many, ok := markwatch.RuleFunctions()[callee.Value]
	if !ok {
		return
	}
	for i, arg := range call.Arguments {
		if many >= 0 && i >= many {
			return
		}
		if s, ok := arg.(*ast.StringNode); ok {
			v.names = append(v.names, s.Value)
		} else {
			v.unquoted = append(v.unquoted, callee.Value)
		}
	}
}
