package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/markwatch/markwatch"

	"github.com/markwatch/markwatch/store/sqlform"
)

// fillSeenAgain fills the columns of migration 5 from the documents beside
// them. SQL alone cannot: PostgreSQL refuses documents in which a page wrote a
// NUL.
func fillSeenAgain(ctx context.Context, tx *sql.Tx) error {
	err := eachDocument(ctx, tx, "listings", func(id string, l *markwatch.Listing, v *markwatch.Verdict) error {
		snapshot := sqlform.Plain(l.Snapshot)
		if _, err := tx.ExecContext(ctx, `UPDATE listings SET violations = $2, stated = $3, knowledge = $4, snapshot = $5 WHERE id = $1`,
			id, violationSet(v), statedSet(l), sqlform.Plain(v.Knowledge), snapshot); err != nil || !v.Flagged {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE listing_history SET snapshot = $2 WHERE listing = $1 AND last_seen = 0`, id, snapshot)
		return err
	})
	if err != nil {
		return fmt.Errorf("filling in the listings: %w", err)
	}
	err = eachDocument(ctx, tx, "leads", func(id string, l *markwatch.Listing, _ *markwatch.Verdict) error {
		_, err := tx.ExecContext(ctx, `UPDATE leads SET snapshot = $2 WHERE id = $1`, id, sqlform.Plain(l.Snapshot))
		return err
	})
	if err != nil {
		return fmt.Errorf("filling in the leads: %w", err)
	}
	return nil
}

// eachDocument calls f for every row of a table with a listing and a verdict.
// Rows are read in pages, because a transaction has one connection.
func eachDocument(ctx context.Context, tx *sql.Tx, table string, f func(id string, l *markwatch.Listing, v *markwatch.Verdict) error) error {
	type row struct {
		seq                  int64
		id, listing, verdict string
	}
	for last := int64(0); ; {
		rows, err := tx.QueryContext(ctx, `SELECT seq, id, listing, verdict FROM `+table+` WHERE seq > $1 ORDER BY seq LIMIT $2`, last, streamPage)
		page, err := sqlform.Collect(rows, err, func(rows *sql.Rows) (r row, err error) {
			err = rows.Scan(&r.seq, &r.id, &r.listing, &r.verdict)
			return r, err
		})
		if err != nil || len(page) == 0 {
			return err
		}
		for _, r := range page {
			var l markwatch.Listing
			var v markwatch.Verdict
			if err := json.Unmarshal([]byte(r.listing), &l); err != nil {
				return fmt.Errorf("listing %s: %w", r.id, err)
			}
			if err := json.Unmarshal([]byte(r.verdict), &v); err != nil {
				return fmt.Errorf("verdict of %s: %w", r.id, err)
			}
			if err := f(r.id, &l, &v); err != nil {
				return err
			}
			last = r.seq
		}
	}
}
