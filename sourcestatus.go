package markwatch

import "time"

// SourceStatus is what an operator looks at in the morning.
type SourceStatus struct {
	ID       string       `json:"id"`
	Name     string       `json:"name"`
	Kind     SourceKind   `json:"kind"`
	Schedule string       `json:"schedule,omitempty"`
	Health   SourceHealth `json:"health"`
	// Next is the next time by the schedule; zero without one.
	Next time.Time `json:"next,omitzero"`
	// Last is the newest finished scan, Running the one that is under way.
	Last    *ScanSummary  `json:"last,omitempty"`
	Running *ScanProgress `json:"running,omitempty"`
	// LastError is why the newest attempt could not begin or broke off.
	LastError string `json:"last_error,omitempty"`
	// Names is the coverage of protected names as of now.
	Names *NameCoverage `json:"names,omitempty"`
}

// SourceHealth sums up a source's newest scans.
type SourceHealth string

// The states of a source, from good to bad.
const (
	HealthNew      SourceHealth = "new"      // never scanned
	HealthGood     SourceHealth = "good"     // the newest scan saw what it set out to see
	HealthDegraded SourceHealth = "degraded" // less was seen than before or than expected
	HealthBlocked  SourceHealth = "blocked"  // the site turned us away
	HealthBroken   SourceHealth = "broken"   // the newest scan saw nothing, or could not begin
)

// ScanProgress is how far an open scan is.
type ScanProgress struct {
	Scan      string        `json:"scan"`
	Source    string        `json:"source"`
	StartedAt time.Time     `json:"started_at"`
	Pages     PageCounts    `json:"pages"`
	Listings  ListingCounts `json:"listings"`
	Leads     LeadCounts    `json:"leads"`
	// Queued addresses are known and not dealt with yet.
	Queued int `json:"queued"`
}
