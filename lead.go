package markwatch

import "time"

// Lead (线索) is a flagged listing in the hands of people. Listing and Verdict
// are the newest ones that were flagged.
type Lead struct {
	// Number is for people, unique in a deployment: 2026-0412, the year of
	// FirstSeen in the deployment's time zone and a running number.
	Number string `json:"number"`
	// ID is the id of the listing.
	ID        string     `json:"id"`
	Status    LeadStatus `json:"status"`
	Reason    string     `json:"reason,omitempty"` // why it was dismissed
	Assignee  string     `json:"assignee,omitempty"`
	Tags      []string   `json:"tags,omitempty"`
	Note      string     `json:"note,omitempty"`
	FirstSeen time.Time  `json:"first_seen"`
	LastSeen  time.Time  `json:"last_seen"`
	// Seen counts the scans that saw the offer.
	Seen    int     `json:"seen"`
	Listing Listing `json:"listing"`
	Verdict Verdict `json:"verdict"`
	// Handling is what people and units did with it.
	Handling Handling `json:"handling,omitzero"`
}

// LeadStatus is where a lead stands.
type LeadStatus string

// The states of a lead. Package leads holds the steps that are allowed
// between them.
const (
	LeadNew       LeadStatus = "new"
	LeadReview    LeadStatus = "review"
	LeadConfirmed LeadStatus = "confirmed"
	LeadDismissed LeadStatus = "dismissed"
	LeadApproved  LeadStatus = "approved"
	LeadSent      LeadStatus = "sent"
	LeadReceived  LeadStatus = "received"
	LeadOutcome   LeadStatus = "outcome"
	LeadMerged    LeadStatus = "merged"
)

// LeadEvent is one line of a lead's history.
type LeadEvent struct {
	At     time.Time `json:"at"`
	Actor  string    `json:"actor"`
	Action string    `json:"action"`
	From   string    `json:"from,omitempty"`
	To     string    `json:"to,omitempty"`
	Note   string    `json:"note,omitempty"`
}

// LeadChange is what a person sets on a lead; nil and empty fields stay.
type LeadChange struct {
	Status   LeadStatus
	Reason   string
	Assignee *string
	Note     string
	// AddTags are put on the lead, DropTags taken off.
	AddTags, DropTags []string
}
