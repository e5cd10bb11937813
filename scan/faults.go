package scan

import (
	"context"

	"github.com/markwatch/markwatch/store"
)

// faultsKept is how many of the addresses that a scan did not see are kept
// with its record.
const faultsKept = 500

// Faults returns addresses that a scan knew and did not see, the gravest
// first, at most limit.
func (s *Scanner) Faults(ctx context.Context, scanID string, limit int) ([]store.PageFault, error) {
	sum, err := s.store.Scan(ctx, scanID)
	if err != nil {
		return nil, err
	}
	if sum.FinishedAt.IsZero() {
		return s.openFaults(ctx, scanID, limit)
	}
	return s.store.Faults(ctx, scanID, limit)
}

// openFaults are those of a scan whose frontier is still there.
func (s *Scanner) openFaults(ctx context.Context, scanID string, limit int) ([]store.PageFault, error) {
	entries, err := s.frontier.Missed(ctx, scanID, limit)
	faults := make([]store.PageFault, 0, len(entries))
	for _, e := range entries {
		faults = append(faults, store.PageFault(e))
	}
	return faults, err
}
