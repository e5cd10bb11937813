package frontier

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/markwatch/markwatch/store/sqlform"
)

// Claim hands at most limit queued entries of the lease's host to its worker.
// It commits before it returns, so that a crash cannot hide the attempt. Entries
// that were with a dying worker twice come last and one at a time, while
// nothing else runs in this process; meanwhile other hosts get nothing. No
// entries mean that there is nothing to do now: the worker returns, and the
// table decides whether its host is finished.
func (t *Table) Claim(ctx context.Context, lease Lease, limit int) ([]Entry, error) {
	if limit < 1 || !t.gate.enter(lease) {
		return nil, nil
	}
	var got []Entry
	var over closing
	err := t.record.Tx(ctx, func(tx *sql.Tx) error {
		if err := t.fence(ctx, tx, lease); err != nil {
			return err
		}
		var err error
		got, over, err = t.claim(ctx, tx, lease, limit)
		return err
	})
	if err != nil {
		got = nil
	}
	t.gate.exit(lease, got)
	for _, e := range got {
		t.recent.add(recentKey(e.Scan, e.Key))
	}
	if err == nil && over.reason != "" {
		err = t.close(ctx, lease.Scan, over)
	}
	return got, wrap(err, "claiming entries of "+lease.Host)
}

// fence makes sure that the lease holds until the transaction ends: on
// PostgreSQL the job's row cannot be given to another worker before, on SQLite
// nobody else writes.
func (t *Table) fence(ctx context.Context, tx *sql.Tx, lease Lease) error {
	query := `SELECT 1 FROM river_job WHERE id = $1 AND attempt = $2 AND state = 'running'`
	if !t.embedded {
		query += ` FOR SHARE`
	}
	var one int
	err := tx.QueryRowContext(ctx, query, lease.JobID, lease.Attempt).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrLostLease
	}
	return err
}

func (t *Table) claim(ctx context.Context, tx *sql.Tx, lease Lease, limit int) (entries []Entry, over closing, err error) {
	left, over, err := t.allowance(ctx, tx, lease)
	if err != nil || over.reason != "" && !over.fresh {
		return nil, over, err
	}
	entries, err = t.queued(ctx, tx, lease, queuedQuery{paid: over.fresh, limit: limit})
	if err != nil {
		return nil, over, err
	}
	if len(entries) == 0 {
		if entries, err = t.queued(ctx, tx, lease, queuedQuery{suspects: true, limit: 1}); err != nil || len(entries) == 0 {
			return nil, over, err
		}
		if !t.gate.alone(lease) {
			return nil, over, nil
		}
	}
	entries, fresh := within(entries, left)
	if len(entries) == 0 {
		return nil, over, nil
	}
	args := make([]any, len(entries))
	for i := range entries {
		args[i] = entries[i].ID
		entries[i].Attempts++
	}
	if _, err := tx.ExecContext(ctx, `UPDATE frontier SET state = 'claimed', attempts = attempts + 1 WHERE id IN (`+
		sqlform.Placeholders(1, len(args))+`)`, args...); err != nil {
		return nil, over, err
	}
	return entries, over, t.count(ctx, tx, lease.Scan, tally{queued: -len(entries), claimed: len(entries), pages: fresh})
}

// within keeps the entries that the budget of pages allows: those that were
// claimed before are paid for.
func within(entries []Entry, left int) (kept []Entry, fresh int) {
	for _, e := range entries {
		if e.Attempts == 0 {
			if left != unlimited && fresh == left {
				continue
			}
			fresh++
		}
		kept = append(kept, e)
	}
	return kept, fresh
}

// queuedQuery is what of a host's queue is wanted.
type queuedQuery struct {
	suspects bool // two workers died over them; otherwise the others
	paid     bool // claimed before
	limit    int
}

// queued reads what the host has to do now.
func (t *Table) queued(ctx context.Context, tx *sql.Tx, lease Lease, q queuedQuery) ([]Entry, error) {
	op, and := "<", ""
	if q.suspects {
		op = ">="
	}
	if q.paid {
		and = "AND attempts > 0"
	}
	rows, err := tx.QueryContext(ctx, fmt.Sprintf(`SELECT id, scan, source, url, url_key, host, depth, name, position, attempts, faults
		FROM frontier WHERE scan = $1 AND host = $2 AND state = 'queued' AND not_before <= $3 AND attempts - faults %s %d %s
		ORDER BY position, id LIMIT %d`, op, SuspectDeaths, and, q.limit), lease.Scan, lease.Host, sqlform.Millis(t.now()))
	return sqlform.Collect(rows, err, func(rows *sql.Rows) (e Entry, err error) {
		err = rows.Scan(&e.ID, &e.Scan, &e.Source, &e.URL, &e.Key, &e.Host, &e.Depth, &e.Name, &e.Position, &e.Attempts, &e.Faults)
		return e, err
	})
}
