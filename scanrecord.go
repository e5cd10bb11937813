package markwatch

import "time"

// ScanSummary is the coverage record of one scan over one source. "No hits"
// is never said of pages that were not seen: they are counted here.
type ScanSummary struct {
	Scan       string        `json:"scan"`
	Source     string        `json:"source"`
	StartedAt  time.Time     `json:"started_at"`
	FinishedAt time.Time     `json:"finished_at,omitzero"`
	Resumed    bool          `json:"resumed"`
	Pages      PageCounts    `json:"pages"`
	Listings   ListingCounts `json:"listings"`
	Leads      LeadCounts    `json:"leads"`
	// Names is how far the protected names of the source were searched for;
	// nil where its addresses ask for none.
	Names *NameCoverage `json:"names,omitempty"`
	// Rows counts the rows of a table; nil for other kinds.
	Rows       *RowCounts         `json:"rows,omitempty"`
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
	// NotDue pages were not asked for: they stayed the same on earlier nights,
	// and their turn has not come.
	NotDue int `json:"not_due"`
	// Left is how many addresses were known and not asked for, because a
	// limit of the source was reached or its host turned us away.
	Left int `json:"left"`
}

// Total is how many pages were dealt with.
func (c PageCounts) Total() int {
	return c.Fetched + c.Unchanged + c.Blocked + c.Robots + c.Failed + c.Undecodable + c.Empty + c.NotDue
}

// NameCoverage counts the protected names that a source searches for.
type NameCoverage struct {
	// Total names, of which Covered were searched for in this scan and all of
	// their result pages were seen. The rest waits for its turn.
	Total   int `json:"total"`
	Covered int `json:"covered"`
	// Oldest is when the name that has waited longest was last covered; zero
	// where a name never was.
	Oldest time.Time `json:"oldest,omitzero"`
}

// RowCounts counts the rows of a table that was handed over.
type RowCounts struct {
	Read   int `json:"read"`
	Broken int `json:"broken"`
}

// ListingCounts counts listings by what a scan learned of them.
type ListingCounts struct {
	Seen int `json:"seen"`
	// Carried are those of Seen whose page was not due: their last reading
	// stands, and their last-seen time is that of an earlier scan.
	Carried int `json:"carried"`
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
	PageNotDue      PageOutcome = "not_due"
)
