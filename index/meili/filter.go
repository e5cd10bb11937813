package meili

import (
	"math"
	"strconv"
	"strings"

	"github.com/markwatch/markwatch/index"
)

// expr is an expression of Meilisearch's filter language. "" is what holds of
// every document.
type expr string

// is holds where an attribute has one of the values. They were written by code
// or key, so no quote or backslash is in them; there is at least one.
func is(attribute string, values ...string) expr {
	if len(values) == 1 {
		return expr(attribute + ` = "` + values[0] + `"`)
	}
	return expr(attribute + ` IN ["` + strings.Join(values, `", "`) + `"]`)
}

func not(e expr) expr { return "NOT (" + e + ")" }

// all holds where every expression does.
func all(list ...expr) expr { return joinExpr(" AND ", list) }

// either holds where one of the expressions does; none of them is "".
func either(list ...expr) expr { return joinExpr(" OR ", list) }

func joinExpr(by string, list []expr) expr {
	var parts []string
	for _, e := range list {
		if e != "" {
			parts = append(parts, string(e))
		}
	}
	if len(parts) == 1 {
		return expr(parts[0])
	}
	for i, p := range parts {
		parts[i] = "(" + p + ")"
	}
	return expr(strings.Join(parts, by))
}

// within holds where a number lies in a range. NOT of it holds of a document
// without the number, too.
func within(r index.Range) expr {
	attribute := numberOf + string(r.Field)
	var parts []expr
	bound := func(op string, v float64) {
		parts = append(parts, expr(attribute+" "+op+" "+strconv.FormatFloat(v, 'f', -1, 64)))
	}
	switch {
	case math.IsInf(r.Min, 0):
	case r.MinOpen:
		bound(">", r.Min)
	default:
		bound(">=", r.Min)
	}
	switch {
	case math.IsInf(r.Max, 0):
	case r.MaxOpen:
		bound("<", r.Max)
	default:
		bound("<=", r.Max)
	}
	if len(parts) == 0 {
		parts = append(parts, expr(attribute+" EXISTS"))
	}
	e := all(parts...)
	if r.Not {
		return not(e)
	}
	return e
}

// has holds where a field has one of the values.
func has(f index.Field, values []string) expr {
	switch f {
	case index.FieldID:
		keys := make([]string, len(values))
		for i, v := range values {
			keys[i] = key(v)
		}
		return is(attrKey, keys...)
	case index.FieldRule:
		return is(ruleNames, keywords(values)...)
	}
	return is(keywordOf+string(f), keywords(values)...)
}

func keywords(values []string) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = code(index.Keyword(v))
	}
	return out
}
