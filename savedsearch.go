package markwatch

import "time"

// SavedSearch is a query that somebody keeps, to be told what it finds anew.
type SavedSearch struct {
	ID string `json:"id"`
	// Owner is who saved it, as in the audit log; a name is an owner's once.
	Owner string `json:"owner"`
	Name  string `json:"name"`
	// Query is in the query language of package index.
	Query string `json:"query"`
	// Notify sends a notice of the kind saved-search where there are new hits.
	Notify    bool      `json:"notify"`
	CreatedAt time.Time `json:"created_at"`
	// CheckedAt is when the hits were last looked through, zero before the
	// first time; Total how many there were then, and Fresh how many of them
	// had not been hits the time before.
	CheckedAt time.Time `json:"checked_at,omitzero"`
	Total     int       `json:"total"`
	Fresh     int       `json:"fresh"`
}
