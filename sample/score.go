package sample

import (
	"slices"

	"github.com/markwatch/markwatch"
)

// Score compares what a scan flagged with what is planted.
type Score struct {
	// Planted counts violations: an offer with two counts twice.
	Planted int `json:"planted"`
	// Found counts the planted violations for which their offer was flagged.
	Found int `json:"found"`
	// Innocent counts offers that violate nothing, False those of them that
	// were flagged for anything.
	Innocent int `json:"innocent"`
	False    int `json:"false"`
	// Extra counts violations for which a planted offer was flagged beyond
	// what is planted in it.
	Extra int `json:"extra"`
	// Missed and Wrong are the offers with violations not found, and the
	// innocent ones that were flagged.
	Missed []Offer `json:"-"`
	Wrong  []Offer `json:"-"`
}

// Score judges what was flagged, by item number (see ItemID). Items that the
// market does not have are left out.
func (m *Market) Score(flagged map[string][]markwatch.Violation) Score {
	var s Score
	for _, o := range m.Truth() {
		got := flagged[o.ItemID]
		if len(o.Violations) == 0 {
			s.Innocent++
			if len(got) > 0 {
				s.False++
				s.Wrong = append(s.Wrong, o)
			}
			continue
		}
		found := 0
		for _, v := range o.Violations {
			if slices.Contains(got, v) {
				found++
			}
		}
		s.Planted += len(o.Violations)
		s.Found += found
		if found < len(o.Violations) {
			s.Missed = append(s.Missed, o)
		}
		for i, v := range got {
			if !slices.Contains(o.Violations, v) && !slices.Contains(got[:i], v) {
				s.Extra++
			}
		}
	}
	return s
}
