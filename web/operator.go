package web

import (
	"context"

	"github.com/markwatch/markwatch"
)

// The readers of this file show an operator how the crawl goes.

// ProgressReader returns how far the open scans are, as committed now. It is
// asked once a second while somebody watches, however many they are.
type ProgressReader interface {
	Progress(ctx context.Context) ([]markwatch.ScanProgress, error)
}

// SourceReader returns every source with its state, in any order.
type SourceReader interface {
	Sources(ctx context.Context) ([]markwatch.SourceStatus, error)
}

// ScanDetailReader reads one scan. A scan that does not exist is an error of
// CodeNotFound.
type ScanDetailReader interface {
	// Scan returns a scan's coverage record, as committed now where it is open.
	Scan(ctx context.Context, id string) (markwatch.ScanSummary, error)
	// ScanFaults returns at most limit addresses of the scan that were not
	// seen, the gravest first.
	ScanFaults(ctx context.Context, id string, limit int) ([]PageFault, error)
}

// TrendReader returns at most limit finished scans of one source, newest
// first.
type TrendReader interface {
	SourceScans(ctx context.Context, source string, limit int) ([]markwatch.ScanSummary, error)
}

// PageFault is an address that a scan knew and did not see.
type PageFault struct {
	URL string
	// Outcome is a markwatch.PageOutcome, FaultDead or FaultLeft.
	Outcome string
	// Reason is "<code>" or "<code>: <detail>" as the crawl wrote it down
	// (dns, http-503, captcha), or free text. Codes that the desk has words for
	// are shown in the reader's language, with the detail beside them.
	Reason string
}

// The outcomes of a PageFault that are no markwatch.PageOutcome.
const (
	FaultDead = "dead" // set aside: the worker died over it several times
	FaultLeft = "left" // known and not asked for
)
