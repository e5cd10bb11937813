package leads

import (
	"cmp"
	"iter"
	"math"
	"slices"

	"github.com/markwatch/markwatch"
)

// LeastOutcomes is the number of outcomes below which a precision says
// nothing and is not told.
const LeastOutcomes = 20

// RulePrecision is what people's outcomes say of one version of a rule.
type RulePrecision struct {
	// Rule is matcher/rule.
	Rule      string              `json:"rule"`
	Version   int                 `json:"version"`
	Violation markwatch.Violation `json:"violation"`
	Confirmed int                 `json:"confirmed"`
	Dismissed int                 `json:"dismissed"`
	// Precision with the bounds of its interval of 95% (Wilson 1927); nil
	// below LeastOutcomes.
	Precision *float64 `json:"precision,omitempty"`
	Low       *float64 `json:"low,omitempty"`
	High      *float64 `json:"high,omitempty"`
}

// N is the number of outcomes.
func (p RulePrecision) N() int { return p.Confirmed + p.Dismissed }

// unjudged are the reasons of dismissal that say nothing of the rule.
var unjudged = []string{"insufficient"}

// JudgedStates are the states of leads of which people have said something.
func JudgedStates() []markwatch.LeadStatus {
	return []markwatch.LeadStatus{markwatch.LeadConfirmed, markwatch.LeadDismissed, markwatch.LeadApproved, markwatch.LeadSent, markwatch.LeadReceived, markwatch.LeadOutcome}
}

// Judged is the last word on a lead's suspicion: 1 where it was right, -1 where
// it was wrong, 0 where nobody said or there was not enough to go on. What a
// unit found out counts before what was thought here.
func Judged(lead *markwatch.Lead) int {
	switch lead.Status {
	case markwatch.LeadConfirmed, markwatch.LeadApproved, markwatch.LeadSent, markwatch.LeadReceived:
		return 1
	case markwatch.LeadOutcome:
		if word := Says(lead); word != 0 {
			return word
		}
		return 1
	case markwatch.LeadDismissed:
		if !slices.Contains(unjudged, lead.Reason) {
			return -1
		}
	}
	return 0
}

// Precision counts the last words on the leads of each rule and version that
// was part of their flagged violations: a confirmed lead speaks for it, and so
// does a case that a unit opened; a dismissed one speaks against it, and so does
// a case that was not opened. Where there was not enough to go
// on nothing is counted. The rules with most
// outcomes come first. An error of the leads ends the count.
func Precision(leads iter.Seq2[markwatch.Lead, error]) ([]RulePrecision, error) {
	type key struct {
		rule      string
		version   int
		violation markwatch.Violation
	}
	counts := map[key]*RulePrecision{}
	for lead, err := range leads {
		if err != nil {
			return nil, err
		}
		word := Judged(&lead)
		if word == 0 {
			continue
		}
		seen := map[key]bool{}
		for _, f := range lead.Verdict.Findings {
			k := key{f.Matcher + "/" + f.Rule, max(1, f.Version), f.Violation}
			if seen[k] || !lead.Verdict.Violations[f.Violation].Flagged {
				continue
			}
			seen[k] = true
			if counts[k] == nil {
				counts[k] = &RulePrecision{Rule: k.rule, Version: k.version, Violation: k.violation}
			}
			if word > 0 {
				counts[k].Confirmed++
			} else {
				counts[k].Dismissed++
			}
		}
	}
	all := make([]RulePrecision, 0, len(counts))
	for _, c := range counts {
		if c.N() >= LeastOutcomes {
			p, low, high := Wilson(c.Confirmed, c.N())
			c.Precision, c.Low, c.High = &p, &low, &high
		}
		all = append(all, *c)
	}
	slices.SortFunc(all, func(a, b RulePrecision) int {
		return cmp.Or(cmp.Compare(b.N(), a.N()), cmp.Compare(a.Rule, b.Rule), cmp.Compare(b.Version, a.Version), cmp.Compare(a.Violation, b.Violation))
	})
	return all, nil
}

// Wilson is a proportion with the bounds of its score interval of 95%
// (Wilson 1927). n must be above 0.
func Wilson(k, n int) (p, low, high float64) {
	const z = 1.959963984540054
	p = float64(k) / float64(n)
	nn := float64(n)
	centre := (p + z*z/(2*nn)) / (1 + z*z/nn)
	half := z / (1 + z*z/nn) * math.Sqrt(p*(1-p)/nn+z*z/(4*nn*nn))
	return p, max(0, centre-half), min(1, centre+half)
}
