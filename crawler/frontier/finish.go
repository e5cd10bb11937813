package frontier

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/markwatch/markwatch"

	"github.com/markwatch/markwatch/store/sqlform"
)

// finishRows is how many entries one statement ends or opens.
const finishRows = 1000

// Finish ends an entry in the transaction that stores its page: done, or
// failed where the outcome is. ErrLostLease means that the transaction must
// not commit.
func (t *Table) Finish(ctx context.Context, tx *sql.Tx, lease Lease, entry Entry, outcome markwatch.PageOutcome, reason string) error {
	return t.FinishMany(ctx, tx, lease, []Entry{entry}, outcome, reason)
}

// FinishMany ends entries that share an outcome, like those that are not due,
// with one statement for a thousand.
func (t *Table) FinishMany(ctx context.Context, tx *sql.Tx, lease Lease, entries []Entry, outcome markwatch.PageOutcome, reason string) error {
	state, d := "done", tally{done: len(entries)}
	switch outcome {
	case markwatch.PageFailed:
		state, d = "failed", tally{failed: len(entries)}
	case markwatch.PageNotDue:
		d.pages = -len(entries) // nothing was asked for
	}
	return wrap(t.end(ctx, tx, lease, entries, d, `state = $1, outcome = $2, reason = $3`, state, string(outcome), sqlform.Plain(reason)),
		"finishing entries of "+lease.Host)
}

// Retry puts an entry that met an ordinary fault back into the queue, not to
// be claimed before notBefore. At the MaxFaults-th fault it has failed
// instead, and again is false; the caller counts the page as failed then.
func (t *Table) Retry(ctx context.Context, tx *sql.Tx, lease Lease, entry Entry, notBefore time.Time, reason string) (again bool, err error) {
	if entry.Faults+1 >= MaxFaults {
		err = t.end(ctx, tx, lease, []Entry{entry}, tally{failed: 1}, `state = 'failed', faults = faults + 1, outcome = $1, reason = $2`,
			string(markwatch.PageFailed), sqlform.Plain(reason))
		return false, wrap(err, "giving up "+entry.URL)
	}
	err = t.end(ctx, tx, lease, []Entry{entry}, tally{queued: 1}, `state = 'queued', faults = faults + 1, not_before = $1, reason = $2`,
		sqlform.Millis(notBefore), sqlform.Plain(reason))
	return err == nil, wrap(err, "queueing "+entry.URL+" again")
}

// end sets entries that the lease has claimed.
func (t *Table) end(ctx context.Context, tx *sql.Tx, lease Lease, entries []Entry, d tally, set string, args ...any) error {
	if err := t.fence(ctx, tx, lease); err != nil {
		return err
	}
	for chunk := range slices.Chunk(entries, finishRows) {
		all := slices.Clone(args)
		for _, e := range chunk {
			all = append(all, e.ID)
		}
		n, err := changed(tx.ExecContext(ctx, `UPDATE frontier SET `+set+` WHERE state = 'claimed' AND id IN (`+
			sqlform.Placeholders(len(args)+1, len(chunk))+`)`, all...))
		if err != nil {
			return err
		}
		if n != len(chunk) {
			return ErrLostLease
		}
	}
	d.claimed = -len(entries)
	if err := t.count(ctx, tx, lease.Scan, d); err != nil {
		return err
	}
	for _, e := range entries {
		t.gate.done(e.ID)
	}
	return nil
}

// Reopen queues entries of the scan again that ended as not due, because
// something tells that their pages changed after all, and wakes their hosts.
// keys are Link.Key; n is how many there were. It is the last thing that a
// transaction does, like Add.
func (t *Table) Reopen(ctx context.Context, tx *sql.Tx, scan, source string, keys []string) (n int, err error) {
	sorted := make([]string, 0, len(keys))
	for _, k := range keys {
		sorted = append(sorted, sqlform.Plain(k))
	}
	slices.Sort(sorted)
	hosts := map[string]bool{}
	for chunk := range slices.Chunk(slices.Compact(sorted), finishRows) {
		args := []any{scan, string(markwatch.PageNotDue)}
		for _, k := range chunk {
			args = append(args, k)
		}
		rows, err := tx.QueryContext(ctx, `UPDATE frontier SET state = 'queued', outcome = '', reason = '', attempts = 0, faults = 0
			WHERE scan = $1 AND state = 'done' AND outcome = $2 AND url_key IN (`+sqlform.Placeholders(3, len(chunk))+`) RETURNING host`, args...)
		reopened, err := sqlform.Collect(rows, err, text)
		if err != nil {
			return 0, wrap(err, "queueing entries again")
		}
		for _, h := range reopened {
			hosts[h] = true
		}
		n += len(reopened)
	}
	if n == 0 {
		return 0, nil
	}
	if err := t.count(ctx, tx, scan, tally{done: -n, queued: n}); err != nil {
		return 0, wrap(err, "queueing entries again")
	}
	return n, wrap(t.wake(ctx, tx, scan, source, slices.Sorted(maps.Keys(hosts))), "waking the hosts of entries that are queued again")
}

// release gives back what the lease has claimed and not ended, as if it had
// never been claimed, and the host's turn: the worker stops in good order.
func (t *Table) release(ctx context.Context, lease Lease, free time.Time) error {
	return t.record.Tx(ctx, func(tx *sql.Tx) error {
		if err := t.fence(ctx, tx, lease); err != nil {
			return err
		}
		rows, err := tx.QueryContext(ctx, `UPDATE frontier SET state = 'queued', attempts = attempts - 1
			WHERE scan = $1 AND host = $2 AND state = 'claimed' RETURNING attempts`, lease.Scan, lease.Host)
		attempts, err := sqlform.Collect(rows, err, func(rows *sql.Rows) (n int, err error) {
			err = rows.Scan(&n)
			return n, err
		})
		if err != nil {
			return err
		}
		d := tally{queued: len(attempts), claimed: -len(attempts)}
		for _, n := range attempts {
			if n == 0 {
				d.pages--
			}
		}
		if len(attempts) > 0 {
			if err := t.count(ctx, tx, lease.Scan, d); err != nil {
				return err
			}
		}
		return t.leaveTurn(ctx, tx, lease, free)
	})
}

// reclaim is what a worker's death means to its entries: they are queued
// again, or dead letters at the third. scope narrows it to a host.
func (t *Table) reclaim(ctx context.Context, tx *sql.Tx, scope string, args ...any) error {
	type left struct{ scan, state string }
	rows, err := tx.QueryContext(ctx, fmt.Sprintf(`UPDATE frontier SET
			state = CASE WHEN attempts - faults >= %d THEN 'dead' ELSE 'queued' END,
			reason = CASE WHEN attempts - faults >= %d THEN 'the worker died %d times over this page' ELSE 'the worker died over this page' END
		WHERE state = 'claimed'%s RETURNING scan, state`, DeadDeaths, DeadDeaths, DeadDeaths, scope), args...)
	all, err := sqlform.Collect(rows, err, func(rows *sql.Rows) (l left, err error) {
		err = rows.Scan(&l.scan, &l.state)
		return l, err
	})
	if err != nil {
		return err
	}
	counts := map[string]tally{}
	for _, l := range all {
		d := counts[l.scan]
		d.claimed--
		if l.state == "dead" {
			d.dead++
		} else {
			d.queued++
		}
		counts[l.scan] = d
	}
	for scan, d := range counts {
		if err := t.count(ctx, tx, scan, d); err != nil {
			return err
		}
	}
	return nil
}
