package markwatch

import "time"

// Handling is what people and units did with a lead beyond its state. Its
// JSON form is part of the lead's record (docs/leads.md, format 1).
type Handling struct {
	// Violation is the one under which the lead goes out; the gravest flagged
	// one where nobody chose.
	Violation   Violation `json:"violation,omitempty"`
	ConfirmedBy string    `json:"confirmed_by,omitempty"`
	ConfirmedAt time.Time `json:"confirmed_at,omitzero"`
	// ApprovedBy is another person than ConfirmedBy.
	ApprovedBy string    `json:"approved_by,omitempty"`
	ApprovedAt time.Time `json:"approved_at,omitzero"`
	// Waived holds the requirements of the gate that the approver let go.
	Waived []Waiver `json:"waived,omitempty"`
	// Checked holds what people state of a lead and no page shows, by the key
	// of a requirement (price-source, authorisation, reason, …).
	Checked map[string]string `json:"checked,omitempty"`
	// Addressee is where the lead goes; empty until it is routed.
	Addressee Addressee `json:"addressee,omitzero"`
	// Batch is the number of the batch that it left with, Package the file of
	// its evidence.
	Batch       string    `json:"batch,omitempty"`
	SentAt      time.Time `json:"sent_at,omitzero"`
	Package     string    `json:"package,omitempty"`
	PackageHash string    `json:"package_hash,omitempty"`
	// ShownOnSending says what the page fetched last before sending showed.
	ShownOnSending string    `json:"shown_on_sending,omitempty"`
	Receipt        Receipt   `json:"receipt,omitzero"`
	Outcomes       []Outcome `json:"outcomes,omitempty"`
	// MergedInto is the id of the lead that this one was merged into, Before
	// its state until then; Merged are the ids of those merged into this one.
	MergedInto string     `json:"merged_into,omitempty"`
	Before     LeadStatus `json:"before,omitempty"`
	Merged     []string   `json:"merged,omitempty"`
	// Documents are those for a transfer to the police that people say are
	// there.
	Documents []HeldDocument `json:"documents,omitempty"`
	// Complaints are the numbers of hotline records linked to the lead.
	Complaints []string `json:"complaints,omitempty"`
	// Since is when the present state began.
	Since time.Time `json:"since,omitzero"`
}

// HeldDocument is a person's word that a document is there.
type HeldDocument struct {
	Name string    `json:"name"`
	By   string    `json:"by"`
	At   time.Time `json:"at"`
	Note string    `json:"note,omitempty"`
	// File is the name of the file that was attached, Kept its name in the
	// folder of attachments, SHA256 its digest in base 16; empty where the
	// document is kept elsewhere.
	File   string `json:"file,omitempty"`
	Kept   string `json:"kept,omitempty"`
	SHA256 string `json:"sha256,omitempty"`
}

// Waiver is a requirement that a lead went out without, and why.
type Waiver struct {
	Requirement string `json:"requirement"`
	Reason      string `json:"reason"`
	By          string `json:"by"`
}

// Addressee is the unit that a lead goes to and the legal reason.
type Addressee struct {
	Unit   string   `json:"unit"`
	Copies []string `json:"copies,omitempty"`
	// Place is what decided, Region its GB/T 2260 code.
	Place  Place  `json:"place,omitempty"`
	Region string `json:"region,omitempty"`
	Basis  string `json:"basis,omitempty"`
	Since  Date   `json:"since,omitzero"`
	// DecidedBy is set where a person decided, with the Reason.
	DecidedBy string `json:"decided_by,omitempty"`
	Reason    string `json:"reason,omitempty"`
}

// Receipt is a unit's word that it has a lead.
type Receipt struct {
	By     string    `json:"by,omitempty"`
	At     time.Time `json:"at,omitzero"`
	Number string    `json:"number,omitempty"`
}

// Outcome is what a unit reports of a lead.
type Outcome struct {
	Code OutcomeCode `json:"code"`
	At   time.Time   `json:"at"`
	Unit string      `json:"unit,omitempty"`
	// Document is the number of the decision on a case or a penalty.
	Document string `json:"document,omitempty"`
	// Amount is the value of the goods or illegal gains, Penalty the fine.
	Amount  *Money `json:"amount,omitempty"`
	Penalty *Money `json:"penalty,omitempty"`
	// To is the unit that the lead was passed on to.
	To   string `json:"to,omitempty"`
	Note string `json:"note,omitempty"`
}

// OutcomeCode is a kind of outcome. Package leads holds which may follow which.
type OutcomeCode string

// The outcomes.
const (
	OutcomeOpened   OutcomeCode = "case-opened"
	OutcomeNotOpen  OutcomeCode = "not-opened"
	OutcomeReferred OutcomeCode = "transferred"
	OutcomeCriminal OutcomeCode = "criminal-transfer"
	OutcomePenalty  OutcomeCode = "penalty"
	OutcomeNotFound OutcomeCode = "not-found"
)

// LastOutcome is the newest outcome; ok is false where there is none.
func (h Handling) LastOutcome() (o Outcome, ok bool) {
	if len(h.Outcomes) == 0 {
		return Outcome{}, false
	}
	return h.Outcomes[len(h.Outcomes)-1], true
}
