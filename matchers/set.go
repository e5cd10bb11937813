package matchers

import (
	"github.com/markwatch/markwatch"
)

// Set is compiled knowledge. It is immutable and safe for concurrent use.
type Set struct {
	cited string
}

// Matcher is one way of suspecting a listing.
type Matcher struct {
	Name string
	Doc  string
}

// Compile prepares the knowledge for checking. A rule or lexicon that cannot
// be used is an error of markwatch.CodeInvalid that names its id and key.
func Compile(k Knowledge) (*Set, error) {
	return &Set{cited: k.String()}, nil
}

// Knowledge names the versions that the set was compiled from.
func (s *Set) Knowledge() string { return s.cited }

// Check judges one listing.
func (s *Set) Check(in Input) markwatch.Verdict {
	return markwatch.Verdict{
		ID: in.Listing.ID, At: in.At, Knowledge: s.cited,
		Violations: map[markwatch.Violation]markwatch.ViolationVerdict{}, Findings: []markwatch.Finding{},
	}
}
