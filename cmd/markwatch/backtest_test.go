package main

import (
	"testing"

	"github.com/markwatch/markwatch"
)

func flaggedFor(score float64, violations ...markwatch.Violation) markwatch.Verdict {
	v := markwatch.Verdict{Score: score, Violations: map[markwatch.Violation]markwatch.ViolationVerdict{}}
	for _, name := range violations {
		v.Violations[name] = markwatch.ViolationVerdict{Score: score, Flagged: true}
		v.Flagged = true
	}
	return v
}

func TestCompareVerdicts(t *testing.T) {
	l := markwatch.Listing{ID: "x", Title: "商品"}
	for name, c := range map[string]struct {
		was, would markwatch.Verdict
		want       string
	}{
		"neither":  {flaggedFor(0.1), flaggedFor(0.2), ""},
		"the same": {flaggedFor(0.9, "tobacco"), flaggedFor(0.6, "tobacco"), ""},
		"new":      {flaggedFor(0.1), flaggedFor(0.8, "tobacco"), "new"},
		"vanished": {flaggedFor(0.8, "tobacco"), flaggedFor(0.1), "vanished"},
		"another":  {flaggedFor(0.8, "tobacco"), flaggedFor(0.8, "medicine"), "other"},
		"one more": {flaggedFor(0.8, "tobacco"), flaggedFor(0.8, "tobacco", "medicine"), "other"},
	} {
		got := ""
		if change := compareVerdicts(l, c.was, c.would); change != nil {
			got = change.Change
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
