package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/markwatch/markwatch/store/sqlform"
)

// PageFault is an address that a scan knew and did not see.
type PageFault struct {
	URL string
	// Outcome is a markwatch.PageOutcome; "dead" where workers died over the
	// page, "left" where it was not asked for.
	Outcome string
	// Reason is the crawl's short word for it, with details behind a colon.
	Reason string
}

// PutFaults keeps what a scan did not see with its record, in their order.
func (s *Store) PutFaults(ctx context.Context, tx *sql.Tx, scan string, faults []PageFault) error {
	for _, f := range faults {
		if _, err := tx.ExecContext(ctx, `INSERT INTO scan_faults (scan, url, outcome, reason) VALUES ($1, $2, $3, $4)`,
			scan, sqlform.Plain(f.URL), f.Outcome, sqlform.Plain(f.Reason)); err != nil {
			return fault(err, "keeping the faults of scan "+scan)
		}
	}
	return nil
}

// Faults returns what was kept of a scan's faults, at most limit.
func (s *Store) Faults(ctx context.Context, scan string, limit int) ([]PageFault, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT url, outcome, reason FROM scan_faults WHERE scan = $1 ORDER BY seq LIMIT $2`, scan, limit)
	faults, err := sqlform.Collect(rows, err, func(rows *sql.Rows) (f PageFault, err error) {
		err = rows.Scan(&f.URL, &f.Outcome, &f.Reason)
		return f, err
	})
	return faults, fault(err, "reading the faults of scan "+scan)
}

// DropFaults forgets the faults of scans that ended before a time.
func (s *Store) DropFaults(ctx context.Context, before time.Time) error {
	return s.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM scan_faults WHERE scan IN (
			SELECT id FROM scans WHERE finished_at > 0 AND finished_at < $1)`, sqlform.Millis(before))
		return fault(err, "forgetting the faults of old scans")
	})
}
