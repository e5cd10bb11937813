package markwatch

import "time"

// Violation names what a listing is suspected of. Rule packs may bring their
// own names beside the three of this package.
type Violation string

// The violations that the built-in matchers find.
const (
	Counterfeit  Violation = "counterfeit"
	FakeOverseas Violation = "fake-overseas"
	Piracy       Violation = "piracy"
)

// Text is a sentence for people in Chinese and in English.
type Text struct {
	ZH string `json:"zh" yaml:"zh"`
	EN string `json:"en" yaml:"en"`
}

// Finding is one rule's explained suspicion.
type Finding struct {
	Matcher   string    `json:"matcher"`
	Rule      string    `json:"rule"`
	Version   int       `json:"version,omitempty"`
	Violation Violation `json:"violation"`
	// Subject is the id of the protected brand or work, where there is one.
	Subject string `json:"subject,omitempty"`
	// Score is the weight of this finding alone, above 0 and at most 1.
	Score    float64           `json:"score"`
	Reason   Text              `json:"reason"`
	Facts    map[string]string `json:"facts,omitempty"`
	Evidence []Evidence        `json:"evidence,omitempty"`
}

// Evidence quotes a listing's own field as the page showed it.
type Evidence struct {
	// Field is a path of Listing.TextFields, or the name of a field that is
	// no text (price), which has no span.
	Field string `json:"field"`
	*Span
	Text string `json:"text"`
	Role Role   `json:"role,omitempty"`
}

// Span is a half-open range of Unicode code points.
type Span struct {
	Start int `json:"start"`
	End   int `json:"end"`
}

// Role says what a quote is to its finding.
type Role string

// The roles of a quote.
const (
	RoleSubject Role = "subject" // names the protected brand or work
	RoleClaim   Role = "claim"   // what the seller asserts
	RoleFact    Role = "fact"    // what is held against it
	RoleContext Role = "context" // what raises or lowers the weight
)

// Verdict is all findings on one listing. Findings are ordered by score,
// highest first; Flagged is Score >= the threshold of some violation.
type Verdict struct {
	ID      string    `json:"id"`
	Score   float64   `json:"score"`
	Flagged bool      `json:"flagged"`
	At      time.Time `json:"at,omitzero"`
	// Knowledge names the versions that the verdict was computed with, as
	// Knowledge.String writes them: "brands@12 works@3 rules@7 rates@2026-11-20".
	Knowledge  string                         `json:"knowledge,omitempty"`
	Violations map[Violation]ViolationVerdict `json:"violations"`
	Findings   []Finding                      `json:"findings"`
}

// ViolationVerdict combines the findings of one violation.
type ViolationVerdict struct {
	Score   float64 `json:"score"`
	Flagged bool    `json:"flagged"`
}
