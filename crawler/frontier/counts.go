package frontier

import (
	"context"
	"database/sql"

	"github.com/markwatch/markwatch/store/sqlform"
)

// tally is what a transaction changes of a scan's counts.
type tally struct {
	queued, claimed, done, failed, dead, over int
	// pages were claimed for the first time, bytes went over the wire.
	pages int
	bytes int64
}

// shard is where a transaction counts: on PostgreSQL a row of its connection,
// so that no two wait for each other's counts, on SQLite the only one.
func (t *Table) shard() string {
	if t.embedded {
		return "0"
	}
	return "pg_backend_pid()"
}

// count changes the scan's counts in the transaction that changes its entries.
func (t *Table) count(ctx context.Context, tx *sql.Tx, scan string, d tally) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO frontier_counts (scan, shard, queued, claimed, done, failed, dead, over, pages, bytes)
		VALUES ($1, `+t.shard()+`, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (scan, shard) DO UPDATE SET
			queued = frontier_counts.queued + EXCLUDED.queued, claimed = frontier_counts.claimed + EXCLUDED.claimed,
			done = frontier_counts.done + EXCLUDED.done, failed = frontier_counts.failed + EXCLUDED.failed,
			dead = frontier_counts.dead + EXCLUDED.dead, over = frontier_counts.over + EXCLUDED.over,
			pages = frontier_counts.pages + EXCLUDED.pages, bytes = frontier_counts.bytes + EXCLUDED.bytes`,
		scan, d.queued, d.claimed, d.done, d.failed, d.dead, d.over, d.pages, d.bytes)
	return err
}

// countOver notes that so many queued entries are not fetched, and why.
func (t *Table) countOver(ctx context.Context, tx *sql.Tx, scan, reason string, n int) error {
	if n == 0 {
		return nil
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO frontier_over (scan, shard, reason, n) VALUES ($1, `+t.shard()+`, $2, $3)
		ON CONFLICT (scan, shard, reason) DO UPDATE SET n = frontier_over.n + EXCLUDED.n`, scan, reason, n); err != nil {
		return err
	}
	return t.count(ctx, tx, scan, tally{queued: -n, over: n})
}

// changed is how many rows a statement changed.
func changed(res sql.Result, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	return int(n), err
}

// Stats counts a scan's entries by state.
type Stats struct {
	Queued, Claimed, Done, Failed int
	// Dead counts the entries that workers died over.
	Dead int
	// Over counts those that were not fetched, by reason; nil where there
	// are none.
	Over Over
}

// Over counts the entries that were not fetched, by reason.
type Over map[string]int

// Total is how many there are.
func (o Over) Total() (n int) {
	for _, k := range o {
		n += k
	}
	return n
}

// Stats counts the scan's entries. It reads counts that are kept beside them,
// whatever their number.
func (t *Table) Stats(ctx context.Context, scan string) (Stats, error) {
	var s Stats
	err := t.record.Reader().QueryRowContext(ctx, `SELECT `+sums("queued", "claimed", "done", "failed", "dead")+`
		FROM frontier_counts WHERE scan = $1`, scan).Scan(&s.Queued, &s.Claimed, &s.Done, &s.Failed, &s.Dead)
	if err != nil {
		return s, wrap(err, "counting the frontier")
	}
	rows, err := t.record.Reader().QueryContext(ctx, `SELECT reason, `+sums("n")+` FROM frontier_over WHERE scan = $1 GROUP BY reason`, scan)
	_, err = sqlform.Collect(rows, err, func(rows *sql.Rows) (reason string, err error) {
		var n int
		if err := rows.Scan(&reason, &n); err != nil {
			return "", err
		}
		if s.Over == nil {
			s.Over = Over{}
		}
		s.Over[reason] = n
		return reason, nil
	})
	return s, wrap(err, "counting the frontier")
}

// sums are the sums of columns as whole numbers, 0 where there is no row.
func sums(columns ...string) (list string) {
	for i, c := range columns {
		if i > 0 {
			list += ", "
		}
		list += "CAST(coalesce(sum(" + c + "), 0) AS BIGINT)"
	}
	return list
}

// Progress is how much of a scan is open.
type Progress struct{ Queued, Claimed int }

// Progress counts the scan's entries that are queued and being worked on, at
// the same small cost whatever their number.
func (t *Table) Progress(ctx context.Context, scan string) (Progress, error) {
	var p Progress
	err := t.record.Reader().QueryRowContext(ctx, `SELECT `+sums("queued", "claimed")+` FROM frontier_counts WHERE scan = $1`, scan).
		Scan(&p.Queued, &p.Claimed)
	return p, wrap(err, "counting what remains")
}

// Remaining counts the scan's entries that are queued or being worked on.
func (t *Table) Remaining(ctx context.Context, scan string) (int, error) {
	p, err := t.Progress(ctx, scan)
	return p.Queued + p.Claimed, err
}
