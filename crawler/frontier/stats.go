package frontier

import (
	"context"
	"database/sql"
	"errors"

	"github.com/markwatch/markwatch"

	"github.com/markwatch/markwatch/store/sqlform"
)

// Finished says that the scan is seeded and nothing of it is queued or being
// worked on.
func (t *Table) Finished(ctx context.Context, scan string) (bool, error) {
	var seeded, open int
	err := t.record.Reader().QueryRowContext(ctx, `SELECT seeded,
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
	rows, err := t.record.Reader().QueryContext(ctx, `SELECT url, reason FROM frontier WHERE scan = $1 AND state = 'dead' ORDER BY id`, scan)
	dead, err := sqlform.Collect(rows, err, func(rows *sql.Rows) (d DeadLetter, err error) {
		err = rows.Scan(&d.URL, &d.Reason)
		return d, err
	})
	return dead, wrap(err, "reading the dead letters")
}

// NameState is how far a scan is with the addresses that ask for one name.
type NameState struct {
	Name string
	// Addresses of depth 0 that carry the name, of which so many were Seen
	// (fetched, unchanged, empty or not due) and so many are Open: queued or
	// being worked on. The rest ended otherwise.
	Addresses, Seen, Open int
}

// Names tells of each name that addresses of depth 0 carry, in the order of
// the names' bytes.
func (t *Table) Names(ctx context.Context, scan string) ([]NameState, error) {
	rows, err := t.record.Reader().QueryContext(ctx, `SELECT name, count(*),
			sum(CASE WHEN state = 'done' AND outcome IN ($2, $3, $4, $5) THEN 1 ELSE 0 END),
			sum(CASE WHEN state = 'queued' OR state = 'claimed' THEN 1 ELSE 0 END)
		FROM frontier WHERE scan = $1 AND depth = 0 AND name <> '' GROUP BY name ORDER BY name`, scan,
		string(markwatch.PageFetched), string(markwatch.PageUnchanged), string(markwatch.PageEmpty), string(markwatch.PageNotDue))
	names, err := sqlform.Collect(rows, err, func(rows *sql.Rows) (n NameState, err error) {
		err = rows.Scan(&n.Name, &n.Addresses, &n.Seen, &n.Open)
		return n, err
	})
	return names, wrap(err, "reading how far the names are")
}
