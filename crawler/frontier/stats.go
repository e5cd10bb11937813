package frontier

import (
	"context"
	"database/sql"
	"errors"

	"github.com/markwatch/markwatch/store/sqlform"
)

// Stats counts a scan's entries by state.
type Stats struct {
	Queued, Claimed, Done, Failed int
	// Dead counts the entries that workers died over, Over those that were
	// not fetched because of the limit of pages or of time.
	Dead, Over int
}

// Stats counts the scan's entries. It reads all of them; for a progress bar
// there is Remaining.
func (t *Table) Stats(ctx context.Context, scan string) (Stats, error) {
	var s Stats
	rows, err := t.read.QueryContext(ctx, `SELECT state, count(*) FROM frontier WHERE scan = $1 GROUP BY state`, scan)
	if err != nil {
		return s, wrap(err, "counting the frontier")
	}
	defer rows.Close()
	to := map[string]*int{
		"queued": &s.Queued, "claimed": &s.Claimed, "done": &s.Done,
		"failed": &s.Failed, "dead": &s.Dead, "over": &s.Over,
	}
	for rows.Next() {
		var state string
		var n int
		if err := rows.Scan(&state, &n); err != nil {
			return s, wrap(err, "counting the frontier")
		}
		if p, ok := to[state]; ok {
			*p = n
		}
	}
	return s, wrap(rows.Err(), "counting the frontier")
}

// Remaining counts the scan's entries that are queued or being worked on.
func (t *Table) Remaining(ctx context.Context, scan string) (int, error) {
	var n int
	err := t.read.QueryRowContext(ctx, `SELECT count(*) FROM frontier
		WHERE scan = $1 AND (state = 'queued' OR state = 'claimed')`, scan).Scan(&n)
	return n, wrap(err, "counting what remains")
}

// Finished says that the scan is seeded and nothing of it is queued or being
// worked on.
func (t *Table) Finished(ctx context.Context, scan string) (bool, error) {
	var seeded, open int
	err := t.read.QueryRowContext(ctx, `SELECT seeded,
			CASE WHEN EXISTS (SELECT 1 FROM frontier WHERE scan = $1 AND (state = 'queued' OR state = 'claimed')) THEN 1 ELSE 0 END
		FROM frontier_scans WHERE scan = $1`, scan).Scan(&seeded, &open)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return seeded == 1 && open == 0, wrap(err, "looking whether the scan is finished")
}

// DeadLetter is an entry that is not tried again because workers died over it.
type DeadLetter struct {
	URL    string
	Reason string
}

// Dead returns the scan's dead letters in the order of their discovery.
func (t *Table) Dead(ctx context.Context, scan string) ([]DeadLetter, error) {
	rows, err := t.read.QueryContext(ctx, `SELECT url, reason FROM frontier WHERE scan = $1 AND state = 'dead' ORDER BY id`, scan)
	dead, err := sqlform.Collect(rows, err, func(rows *sql.Rows) (d DeadLetter, err error) {
		err = rows.Scan(&d.URL, &d.Reason)
		return d, err
	})
	return dead, wrap(err, "reading the dead letters")
}

// Drop forgets a finished scan's entries, all but its dead letters.
func (t *Table) Drop(ctx context.Context, scan string) error {
	return wrap(t.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM frontier WHERE scan = $1 AND state <> 'dead'`, scan); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM frontier_hosts WHERE scan = $1 AND active = 0`, scan)
		return err
	}), "forgetting the frontier of "+scan)
}
