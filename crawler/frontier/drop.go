package frontier

import (
	"context"
	"database/sql"
	"time"

	"github.com/markwatch/markwatch/store/sqlform"
)

const (
	// dropRows is how many entries one transaction forgets or closes, so that
	// no writer waits long.
	dropRows = 2000
	// forgetTurns is how long a host that nobody works on is remembered.
	forgetTurns = time.Hour
)

// Drop forgets a finished scan's entries, all but its dead letters, and its
// hosts. It takes many transactions; where it is interrupted it goes on when
// it is called again, for which Kept still names the scan.
func (t *Table) Drop(ctx context.Context, scan string) error {
	for n := dropRows; n == dropRows; {
		err := t.record.Tx(ctx, func(tx *sql.Tx) (err error) {
			n, err = changed(tx.ExecContext(ctx, `DELETE FROM frontier WHERE id IN (
				SELECT id FROM frontier WHERE scan = $1 AND state <> 'dead' LIMIT $2)`, scan, dropRows))
			return err
		})
		if err != nil {
			return wrap(err, "forgetting the frontier of "+scan)
		}
	}
	return wrap(t.record.Tx(ctx, func(tx *sql.Tx) error {
		for _, table := range []string{"frontier_counts", "frontier_over", "frontier_hosts"} {
			if _, err := tx.ExecContext(ctx, `DELETE FROM `+table+` WHERE scan = $1`, scan); err != nil {
				return err
			}
		}
		var dead int
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM frontier WHERE scan = $1 AND state = 'dead'`, scan).Scan(&dead); err != nil {
			return err
		}
		if err := t.count(ctx, tx, scan, tally{dead: dead}); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM frontier_turns WHERE job = 0 AND free_at < $1 AND want_until < $1`,
			sqlform.Millis(t.now().Add(-forgetTurns)))
		return err
	}), "forgetting the frontier of "+scan)
}

// Kept returns the scans whose entries were not forgotten, or not all of them.
func (t *Table) Kept(ctx context.Context) ([]string, error) {
	rows, err := t.record.Reader().QueryContext(ctx, `SELECT DISTINCT scan FROM frontier_hosts ORDER BY scan`)
	scans, err := sqlform.Collect(rows, err, text)
	return scans, wrap(err, "looking for scans with a frontier")
}
