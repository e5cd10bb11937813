package frontier

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/markwatch/markwatch"

	"github.com/markwatch/markwatch/store/sqlform"
)

// Finish ends an entry in the transaction that stores its page: done, or
// failed where the outcome is. ErrLostLease means that the transaction must
// not commit.
func (t *Table) Finish(ctx context.Context, tx *sql.Tx, lease Lease, entry Entry, outcome markwatch.PageOutcome, reason string) error {
	state := "done"
	if outcome == markwatch.PageFailed {
		state = "failed"
	}
	return wrap(t.end(ctx, tx, lease, entry, `state = $2, outcome = $3, reason = $4`, state, string(outcome), sqlform.Plain(reason)),
		"finishing "+entry.URL)
}

// Retry puts an entry that met an ordinary fault back into the queue, not to
// be claimed before notBefore. At the MaxFaults-th fault it has failed
// instead, and again is false; the caller counts the page as failed then.
func (t *Table) Retry(ctx context.Context, tx *sql.Tx, lease Lease, entry Entry, notBefore time.Time, reason string) (again bool, err error) {
	if entry.Faults+1 >= MaxFaults {
		err = t.end(ctx, tx, lease, entry, `state = 'failed', faults = faults + 1, outcome = $2, reason = $3`,
			string(markwatch.PageFailed), sqlform.Plain(reason))
		return false, wrap(err, "giving up "+entry.URL)
	}
	err = t.end(ctx, tx, lease, entry, `state = 'queued', faults = faults + 1, not_before = $2, reason = $3`,
		sqlform.Millis(notBefore), sqlform.Plain(reason))
	return err == nil, wrap(err, "queueing "+entry.URL+" again")
}

// end sets an entry that the lease has claimed.
func (t *Table) end(ctx context.Context, tx *sql.Tx, lease Lease, entry Entry, set string, args ...any) error {
	if err := t.fence(ctx, tx, lease); err != nil {
		return err
	}
	res, err := tx.ExecContext(ctx, `UPDATE frontier SET `+set+` WHERE id = $1 AND state = 'claimed'`, append([]any{entry.ID}, args...)...)
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err != nil {
		return err
	}
	if n != 1 {
		return ErrLostLease
	}
	t.gate.done(entry.ID)
	return nil
}

// release gives back what the lease has claimed and not ended, as if it had
// never been claimed: the worker stops in good order.
func (t *Table) release(ctx context.Context, lease Lease) error {
	return t.inTx(ctx, func(tx *sql.Tx) error {
		if err := t.fence(ctx, tx, lease); err != nil {
			return err
		}
		var fresh int
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM frontier
			WHERE scan = $1 AND host = $2 AND state = 'claimed' AND attempts = 1`, lease.Scan, lease.Host).Scan(&fresh); err != nil {
			return err
		}
		if fresh > 0 {
			if _, err := tx.ExecContext(ctx, `UPDATE frontier_scans SET pages = pages - $2 WHERE scan = $1`, lease.Scan, fresh); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, `UPDATE frontier SET state = 'queued', attempts = attempts - 1
			WHERE scan = $1 AND host = $2 AND state = 'claimed'`, lease.Scan, lease.Host)
		return err
	})
}

// reclaim is what a worker's death means to its entries: they are queued
// again, or dead letters at the third. scope narrows it to a host.
func reclaim(ctx context.Context, tx *sql.Tx, scope string, args ...any) error {
	_, err := tx.ExecContext(ctx, fmt.Sprintf(`UPDATE frontier SET
			state = CASE WHEN attempts - faults >= %d THEN 'dead' ELSE 'queued' END,
			reason = CASE WHEN attempts - faults >= %d THEN 'the worker died %d times over this page' ELSE 'the worker died over this page' END
		WHERE state = 'claimed'%s`, DeadDeaths, DeadDeaths, DeadDeaths, scope), args...)
	return err
}

// takeOver begins a lease: what a dead predecessor left claimed is queued.
func (t *Table) takeOver(ctx context.Context, lease Lease) error {
	return t.inTx(ctx, func(tx *sql.Tx) error {
		if err := t.fence(ctx, tx, lease); err != nil {
			return err
		}
		return reclaim(ctx, tx, ` AND scan = $1 AND host = $2`, lease.Scan, lease.Host)
	})
}
