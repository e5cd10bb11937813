package frontier

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/markwatch/markwatch"

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
	err := t.inTx(ctx, func(tx *sql.Tx) error {
		if err := t.fence(ctx, tx, lease); err != nil {
			return err
		}
		var err error
		got, err = t.claim(ctx, tx, lease, limit)
		return err
	})
	if err != nil {
		got = nil
	}
	t.gate.exit(lease, got)
	for _, e := range got {
		t.recent.add(recentKey(e.Scan, e.Key))
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

func (t *Table) claim(ctx context.Context, tx *sql.Tx, lease Lease, limit int) ([]Entry, error) {
	left, err := t.budget(ctx, tx, lease.Scan)
	if err != nil {
		return nil, err
	}
	entries, err := t.queued(ctx, tx, lease, false, limit)
	if err != nil {
		return nil, err
	}
	if len(entries) == 0 {
		if entries, err = t.queued(ctx, tx, lease, true, 1); err != nil || len(entries) == 0 {
			return nil, err
		}
		if !t.gate.alone(lease) {
			return nil, nil
		}
	}
	entries, fresh, short := within(entries, left)
	if short {
		if err := t.overLimit(ctx, tx, lease); err != nil {
			return nil, err
		}
	}
	if len(entries) == 0 {
		return nil, nil
	}
	args := make([]any, len(entries))
	for i := range entries {
		args[i] = entries[i].ID
		entries[i].Attempts++
	}
	if _, err := tx.ExecContext(ctx, `UPDATE frontier SET state = 'claimed', attempts = attempts + 1 WHERE id IN (`+
		sqlform.Placeholders(1, len(args))+`)`, args...); err != nil {
		return nil, err
	}
	_, err = tx.ExecContext(ctx, `UPDATE frontier_scans SET pages = pages + $2 WHERE scan = $1`, lease.Scan, fresh)
	return entries, err
}

// unlimited stands for a scan without a limit of pages.
const unlimited = -1

// budget is how many more pages the scan may claim for the first time. The
// scan's row is locked, so that no two hosts spend the same page.
func (t *Table) budget(ctx context.Context, tx *sql.Tx, scan string) (int, error) {
	query := `SELECT page_limit, pages FROM frontier_scans WHERE scan = $1`
	if !t.embedded {
		query += ` FOR UPDATE`
	}
	var limit, pages int
	err := tx.QueryRowContext(ctx, query, scan).Scan(&limit, &pages)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, markwatch.Errorf(markwatch.CodeNotFound, "scan %s has no frontier", scan)
	}
	if limit == 0 {
		return unlimited, err
	}
	return max(limit-pages, 0), err
}

// within keeps the entries that the budget allows: those that were claimed
// before are paid for. short says that some had to stay.
func within(entries []Entry, left int) (kept []Entry, fresh int, short bool) {
	for _, e := range entries {
		if e.Attempts == 0 {
			if left != unlimited && fresh == left {
				short = true
				continue
			}
			fresh++
		}
		kept = append(kept, e)
	}
	return kept, fresh, short
}

// overLimit takes what the host has queued and was never claimed out of the
// scan, so that it can finish.
func (t *Table) overLimit(ctx context.Context, tx *sql.Tx, lease Lease) error {
	_, err := tx.ExecContext(ctx, `UPDATE frontier SET state = 'over', reason = 'beyond the limit of pages'
		WHERE scan = $1 AND host = $2 AND state = 'queued' AND attempts = 0`, lease.Scan, lease.Host)
	return err
}

// queued reads what the host has to do now, suspects or the others.
func (t *Table) queued(ctx context.Context, tx *sql.Tx, lease Lease, suspects bool, limit int) ([]Entry, error) {
	op := "<"
	if suspects {
		op = ">="
	}
	rows, err := tx.QueryContext(ctx, fmt.Sprintf(`SELECT id, scan, source, url, url_key, host, depth, name, position, attempts, faults
		FROM frontier WHERE scan = $1 AND host = $2 AND state = 'queued' AND not_before <= $3 AND attempts - faults %s %d
		ORDER BY position, id LIMIT %d`, op, SuspectDeaths, limit), lease.Scan, lease.Host, sqlform.Millis(t.now()))
	return sqlform.Collect(rows, err, func(rows *sql.Rows) (e Entry, err error) {
		err = rows.Scan(&e.ID, &e.Scan, &e.Source, &e.URL, &e.Key, &e.Host, &e.Depth, &e.Name, &e.Position, &e.Attempts, &e.Faults)
		return e, err
	})
}
