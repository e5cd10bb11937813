package markwatch

import "github.com/shopspring/decimal"

// Gate is what a unit needs before a lead of a violation may go.
type Gate struct {
	// Violation is empty for those that no other gate names.
	Violation Violation `json:"violation,omitempty" yaml:"violation"`
	// Needs are keys of requirements; package leads holds them.
	Needs []string `json:"needs" yaml:"needs"`
}

// StateTerm is how long a lead may stand in a state.
type StateTerm struct {
	Status LeadStatus `json:"status" yaml:"status"`
	Days   int        `json:"days" yaml:"days"`
	// Count is "working" for working days, else "calendar".
	Count string `json:"count,omitempty" yaml:"count"`
	// Remind is how many days before the end people are reminded.
	Remind int `json:"remind,omitempty" yaml:"remind"`
	// Basis names the rule, for the reminder.
	Basis string `json:"basis,omitempty" yaml:"basis"`
}

// CrimeThreshold is an amount from which a lead is to be considered for
// transfer to the police. It is dated configuration.
type CrimeThreshold struct {
	ID        string    `json:"id" yaml:"id"`
	Violation Violation `json:"violation" yaml:"violation"`
	Crime     string    `json:"crime" yaml:"crime"`
	// Amount is in yuan.
	Amount decimal.Decimal `json:"amount" yaml:"amount"`
	// Measure says what the law counts (销售金额, 非法经营数额).
	Measure string `json:"measure,omitempty" yaml:"measure"`
	Basis   string `json:"basis" yaml:"basis"`
	Since   Date   `json:"since" yaml:"since"`
	Until   Date   `json:"until,omitzero" yaml:"until"`
	// Documents are those that a transfer needs.
	Documents []string `json:"documents,omitempty" yaml:"documents"`
}
