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
	var name string
	var arguments []ast.Node
	switch call := (*n).(type) {
	case *ast.CallNode:
		callee, ok := call.Callee.(*ast.IdentifierNode)
		if !ok {
			return
		}
		name, arguments = callee.Value, call.Arguments
	case *ast.BuiltinNode:
		// To a parser that knows no environment count() is the language's own.
		name, arguments = call.Name, call.Arguments
	default:
		return
	}
	many, ok := markwatch.RuleFunctions()[name]
	if !ok {
		return
	}
	for i, arg := range arguments {
		if many >= 0 && i >= many {
			return
		}
		if p, ok := arg.(*ast.PredicateNode); ok {
			arg = p.Node // the second place of the language's own count()
		}
		if s, ok := arg.(*ast.StringNode); ok {
			v.names = append(v.names, s.Value)
		} else {
			v.unquoted = append(v.unquoted, name)
		}
	}
}
