package markwatch

// KnownSeller is a seller that is known for earlier violations: named on a
// blacklist, or behind leads that people confirmed. A seller is recognised by
// platform and id, by licence, by any account, or by platform and name.
type KnownSeller struct {
	Platform string    `json:"platform,omitempty"`
	ID       string    `json:"id,omitempty"`
	Name     string    `json:"name,omitempty"`
	License  string    `json:"license,omitempty"`
	Accounts []Account `json:"accounts,omitempty"`
	// Reason says why the seller is on the list, Basis by what decision.
	Reason string `json:"reason,omitempty"`
	Basis  string `json:"basis,omitempty"`
	// Since and Until are the days between which the entry holds; zero is
	// without end.
	Since Date `json:"since,omitzero"`
	Until Date `json:"until,omitzero"`
	// Leads are the numbers of confirmed leads; an entry that has some was
	// not put on the list by hand.
	Leads []string `json:"leads,omitempty"`
	// Others are shops of the same hand (see package leads/clusters); they are
	// recognised as the seller is.
	Others []KnownSeller `json:"others,omitempty"`
}
