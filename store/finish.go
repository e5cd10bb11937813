package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/markwatch/markwatch"

	"github.com/markwatch/markwatch/store/sqlform"
)

// Finish is what is said of a scan at its end.
type Finish struct {
	// At is the end; now where zero.
	At time.Time
	// Complete says that everything that the scan set out to see was dealt
	// with.
	Complete bool
	// Failed counts pages that were set aside without an outcome of their own
	// (dead letters), Left addresses that were not asked for.
	Failed, Left int
	// Names is the coverage of protected names; nil where the source searches
	// for none.
	Names    *markwatch.NameCoverage
	Warnings []string
}

// FinishScan closes a scan. first is false, and nothing is changed, where it
// was closed before: however many processes see its end, one of them has the
// rest of the transaction to do. A scan that does not exist is CodeNotFound.
func (s *Store) FinishScan(ctx context.Context, tx *sql.Tx, scan string, f Finish) (first bool, err error) {
	if f.At.IsZero() {
		f.At = s.now()
	}
	first, err = changeScan(ctx, tx, scan,
		`UPDATE scans SET finished_at = $2, complete = $3 WHERE id = $1 AND finished_at = 0`, scan, sqlform.Millis(f.At), flag(f.Complete))
	if err != nil || !first {
		return false, err
	}
	for _, text := range f.Warnings {
		if err := s.WarnScan(ctx, tx, scan, text); err != nil {
			return false, err
		}
	}
	counts := map[string]int64{}
	if f.Failed != 0 {
		counts[countPage+string(markwatch.PageFailed)] = int64(f.Failed)
	}
	if f.Left != 0 {
		counts[countLeft] = int64(f.Left)
	}
	if f.Names != nil {
		counts[countNames], counts[countCovered], counts[countOldest] = int64(f.Names.Total), int64(f.Names.Covered), sqlform.Millis(f.Names.Oldest)
	}
	return true, fault(addCounts(ctx, tx, scan, counts), "counting scan "+scan)
}
