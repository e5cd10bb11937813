package leads_test

import (
	"errors"
	"math"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/leads"
)

// The bounds are those of R's binom::binom.confint(k, n, methods = "wilson").
func TestWilson(t *testing.T) {
	for _, c := range []struct {
		k, n         int
		p, low, high float64
	}{
		{18, 20, 0.9, 0.6989664, 0.9721335},
		{0, 20, 0, 0, 0.1611252},
		{20, 20, 1, 0.8388748, 1},
		{50, 100, 0.5, 0.4038315, 0.5961685},
	} {
		p, low, high := leads.Wilson(c.k, c.n)
		if math.Abs(p-c.p) > 1e-6 || math.Abs(low-c.low) > 1e-6 || math.Abs(high-c.high) > 1e-6 {
			t.Errorf("%d of %d: %.7f in %.7f–%.7f, want %.7f in %.7f–%.7f", c.k, c.n, p, low, high, c.p, c.low, c.high)
		}
	}
}

func outcome(status markwatch.LeadStatus, reason string, version int) markwatch.Lead {
	return markwatch.Lead{Status: status, Reason: reason, Verdict: markwatch.Verdict{
		Violations: map[markwatch.Violation]markwatch.ViolationVerdict{"tobacco": {Score: 0.8, Flagged: true}, "piracy": {Score: 0.2}},
		Findings: []markwatch.Finding{
			{Matcher: "rules", Rule: "tobacco-sale", Version: version, Violation: "tobacco"},
			{Matcher: "rules", Rule: "tobacco-sale", Version: version, Violation: "tobacco"},
			{Matcher: "piracy", Rule: "netdisk", Version: 1, Violation: "piracy"},
		},
	}}
}

func TestPrecision(t *testing.T) {
	stream := func(yield func(markwatch.Lead, error) bool) {
		for range 18 {
			if !yield(outcome(markwatch.LeadConfirmed, "", 1), nil) {
				return
			}
		}
		yield(outcome(markwatch.LeadDismissed, "genuine", 1), nil)
		yield(outcome(markwatch.LeadDismissed, "misread", 1), nil)
		yield(outcome(markwatch.LeadDismissed, "insufficient", 1), nil) // says nothing of the rule
		yield(outcome(markwatch.LeadReview, "", 1), nil)
		yield(outcome(markwatch.LeadConfirmed, "", 2), nil) // another version is counted by itself
	}
	all, err := leads.Precision(stream)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 2 {
		t.Fatalf("%d rules, want two versions of one (what was not flagged does not count): %+v", len(all), all)
	}
	first, second := all[0], all[1]
	if first.Version != 1 || first.Confirmed != 18 || first.Dismissed != 2 || first.Precision == nil || *first.Precision != 0.9 || *first.Low > 0.7 {
		t.Errorf("version 1: %+v", first)
	}
	if second.Version != 2 || second.N() != 1 || second.Precision != nil || second.Low != nil {
		t.Errorf("version 2 has one outcome and tells no precision: %+v", second)
	}
}

func TestPrecisionEndsAtAnError(t *testing.T) {
	broken := errors.New("broken")
	_, err := leads.Precision(func(yield func(markwatch.Lead, error) bool) { yield(markwatch.Lead{}, broken) })
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}
