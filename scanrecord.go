package markwatch

import "time"

// ScanSummary is the coverage record of one scan over one source. "No hits"
// is never said of pages that were not seen: they are counted here.
type ScanSummary struct {
	Scan       string             `json:"scan"`
	Source     string             `json:"source"`
	StartedAt  time.Time          `json:"started_at"`
	FinishedAt time.Time          `json:"finished_at,omitzero"`
	Resumed    bool               `json:"resumed"`
	Pages      PageCounts         `json:"pages"`
	Listings   ListingCounts      `json:"listings"`
	Leads      LeadCounts         `json:"leads"`
	Violations map[Violation]int  `json:"violations"`
	Fields     map[string]float64 `json:"fields"`
	Warnings   []string           `json:"warnings"`
	Complete   bool               `json:"complete"`
}

// PageCounts counts pages by what became of them.
type PageCounts struct {
	Fetched     int `json:"fetched"`
	Unchanged   int `json:"unchanged"`
	Blocked     int `json:"blocked"`
	Robots      int `json:"robots"`
	Failed      int `json:"failed"`
	Undecodable int `json:"undecodable"`
	Empty       int `json:"empty"`
}

// Total is how many pages were dealt with.
func (c PageCounts) Total() int {
	return c.Fetched + c.Unchanged + c.Blocked + c.Robots + c.Failed + c.Undecodable + c.Empty
}

// ListingCounts counts listings by what a scan learned of them.
type ListingCounts struct {
	Seen    int `json:"seen"`
	New     int `json:"new"`
	Changed int `json:"changed"`
	Gone    int `json:"gone"`
}

// LeadCounts counts the leads that a scan made or changed.
type LeadCounts struct {
	New     int `json:"new"`
	Updated int `json:"updated"`
}

// PageOutcome is what became of one address in a scan.
type PageOutcome string

// The outcomes, each a field of PageCounts.
const (
	PageFetched     PageOutcome = "fetched"
	PageUnchanged   PageOutcome = "unchanged"
	PageBlocked     PageOutcome = "blocked"
	PageRobots      PageOutcome = "robots"
	PageFailed      PageOutcome = "failed"
	PageUndecodable PageOutcome = "undecodable"
	PageEmpty       PageOutcome = "empty"
)
