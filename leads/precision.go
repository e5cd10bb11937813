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

// Precision counts the outcomes of each rule and version that was part of a
// lead's flagged violations: a confirmed lead speaks for it, a dismissed one
// against it, except where there was not enough to go on. The rules with most
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
		confirmed := lead.Status == markwatch.LeadConfirmed
		if !confirmed && (lead.Status != markwatch.LeadDismissed || slices.Contains(unjudged, lead.Reason)) {
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
			if confirmed {
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
