package matchers

import (
	"fmt"
	"time"

	"github.com/markwatch/markwatch"
)

// ProbeResult is how the offers with a known verdict came out.
type ProbeResult struct {
	Run    int `json:"run"`
	Passed int `json:"passed"`
	// Failed says which came out otherwise, and how.
	Failed []string `json:"failed,omitempty"`
}

// String is the form that scans and leads cite: "150/150".
func (p ProbeResult) String() string { return fmt.Sprintf("%d/%d", p.Passed, p.Run) }

// Probe tries the set on the offers with a known verdict. listing makes the
// listing of an example, as config check does.
func (s *Set) Probe(listing func(markwatch.Example) markwatch.Listing, at time.Time) ProbeResult {
	var result ProbeResult
	for _, p := range s.probes {
		result.Run++
		v := s.Check(Input{Listing: listing(p.Example), At: at}).Violations[p.Violation]
		if v.Flagged == p.Flagged {
			result.Passed++
			continue
		}
		verb := "不应判为 must not be flagged for"
		if p.Flagged {
			verb = "应判为 must be flagged for"
		}
		result.Failed = append(result.Failed, fmt.Sprintf("%s: %s %s, 得分 score %.2f: %s", p.At, verb, p.Violation, v.Score, p.Example.Title))
	}
	return result
}

// Cite returns the set with the result of its probes among what its verdicts
// cite: "… probes@150/150".
func (s *Set) Cite(result ProbeResult) *Set {
	if result.Run == 0 {
		return s
	}
	cited := *s
	cited.cited += " probes@" + result.String()
	return &cited
}
