package main

import (
	"strings"
	"testing"

	"github.com/markwatch/markwatch"
)

func TestExplainMarksTheQuotes(t *testing.T) {
	l := &markwatch.Listing{ID: "a", Title: "耐克 高仿 \x1b[31m红\u202e", Text: "没有引文"}
	quote := func(start, end int) markwatch.Evidence {
		return markwatch.Evidence{Field: "title", Span: &markwatch.Span{Start: start, End: end}, Text: "x", Role: markwatch.RoleClaim}
	}
	v := markwatch.Verdict{
		ID: "a", Knowledge: "brands@1", Flagged: true,
		Violations: map[markwatch.Violation]markwatch.ViolationVerdict{markwatch.Counterfeit: {Score: 0.9, Flagged: true}},
		Findings: []markwatch.Finding{
			{Matcher: "replica", Rule: "wording", Violation: markwatch.Counterfeit, Score: 0.8, Reason: markwatch.Text{ZH: "用语:高仿", EN: "words"}, Facts: map[string]string{"k": "v"}, Evidence: []markwatch.Evidence{quote(3, 5), quote(3, 5)}},
			{Matcher: "pricing", Rule: "below-floor", Evidence: []markwatch.Evidence{quote(0, 5), {Field: "price", Text: "9 CNY", Role: markwatch.RoleFact}}},
		},
	}
	var b strings.Builder
	explain(&b, l, v)
	got := b.String()
	for _, want := range []string{"counterfeit 0.90 线索 flagged", "[1] 0.80 replica/wording counterfeit", "用语:高仿", "k = v", "price (fact): 9 CNY", "title: 【耐克 【高仿】1】2  [31m红", "(brands@1)"} {
		if !strings.Contains(got, want) {
			t.Errorf("lacks %q:\n%s", want, got)
		}
	}
	if strings.ContainsAny(got, "\x1b\u202e") || strings.Contains(got, "没有引文") {
		t.Errorf("prints what it should not: %q", got)
	}
}

func TestExplainSaysThatNothingWasFound(t *testing.T) {
	var b strings.Builder
	explain(&b, &markwatch.Listing{ID: "a", Title: "茶壶"}, markwatch.Verdict{ID: "a"})
	if !strings.Contains(b.String(), "未见可疑之处") {
		t.Error(b.String())
	}
}
