package frontier

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/markwatch/markwatch/store/sqlform"
)

const (
	// defaultTurnWait is how long a job waits before it asks again for a host
	// that another works on.
	defaultTurnWait = time.Second
	// keepTurn is for how many such waits a host that became free is kept for
	// the job that has waited longest.
	keepTurn = 10
	// longestIdle is how long a job may hold a host's turn before the host may
	// be asked; where it is longer, the job comes back later.
	longestIdle = 2 * time.Second
)

// hostTurn is who has a host's turn and who wants it.
type hostTurn struct {
	job                           int64
	attempt                       int
	freeAt                        int64
	wantJob, wantSince, wantUntil int64
}

// takeOver begins a lease. Where another running job, of whatever scan, has the
// host's turn, or waits for it longer than this one, or the host is to be left
// alone, it returns how long to wait before asking again. Otherwise the turn is
// the lease's, and what a dead predecessor of its job left claimed is queued.
func (t *Table) takeOver(ctx context.Context, lease Lease, turnWait time.Duration) (taken Lease, wait time.Duration, err error) {
	err = t.record.Tx(ctx, func(tx *sql.Tx) error {
		taken, wait = lease, 0
		if err := t.fence(ctx, tx, lease); err != nil {
			return err
		}
		var err error
		if wait, err = t.takeTurn(ctx, tx, &taken, turnWait); err != nil || wait > 0 {
			return err
		}
		return t.reclaim(ctx, tx, ` AND scan = $1 AND host = $2`, lease.Scan, lease.Host)
	})
	return taken, wait, err
}

func (t *Table) takeTurn(ctx context.Context, tx *sql.Tx, lease *Lease, turnWait time.Duration) (wait time.Duration, err error) {
	h, err := t.turn(ctx, tx, lease.Host)
	if err != nil {
		return 0, err
	}
	var last int64
	err = tx.QueryRowContext(ctx, `SELECT turn_at FROM frontier_hosts WHERE scan = $1 AND host = $2`, lease.Scan, lease.Host).Scan(&last)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, err
	}
	held, err := h.heldByOther(ctx, tx, lease.JobID)
	if err != nil {
		return 0, err
	}
	now := t.now()
	wanted := h.wantJob != 0 && h.wantJob != lease.JobID && h.wantUntil > now.UnixMilli()
	first := !wanted || last < h.wantSince
	free := time.UnixMilli(h.freeAt)
	switch {
	case held && first:
		_, err := tx.ExecContext(ctx, `UPDATE frontier_turns SET want_job = $2, want_since = $3, want_until = $4 WHERE host = $1`,
			lease.Host, lease.JobID, last, sqlform.Millis(now.Add(keepTurn*turnWait)))
		return turnWait, err
	case held || !first:
		return turnWait, nil
	case free.Sub(now) > longestIdle:
		return free.Sub(now), nil
	}
	want := h.wantJob
	if !wanted {
		want = 0
	}
	if _, err := tx.ExecContext(ctx, `UPDATE frontier_turns SET job = $2, attempt = $3, want_job = $4 WHERE host = $1`,
		lease.Host, lease.JobID, lease.Attempt, want); err != nil {
		return 0, err
	}
	if free.After(now) {
		lease.FreeAt = free
	}
	lease.Orphaned = h.job != 0
	_, err = tx.ExecContext(ctx, `UPDATE frontier_hosts SET turn_at = $3 WHERE scan = $1 AND host = $2`, lease.Scan, lease.Host, sqlform.Millis(now))
	return 0, err
}

// turn reads and locks a host's row.
func (t *Table) turn(ctx context.Context, tx *sql.Tx, host string) (h hostTurn, err error) {
	if _, err := tx.ExecContext(ctx, `INSERT INTO frontier_turns (host) VALUES ($1) ON CONFLICT (host) DO NOTHING`, host); err != nil {
		return h, err
	}
	query := `SELECT job, attempt, free_at, want_job, want_since, want_until FROM frontier_turns WHERE host = $1`
	if !t.embedded {
		query += ` FOR UPDATE`
	}
	err = tx.QueryRowContext(ctx, query, host).Scan(&h.job, &h.attempt, &h.freeAt, &h.wantJob, &h.wantSince, &h.wantUntil)
	return h, err
}

// heldByOther says that another job has the turn and is alive. It asks after
// the row was locked, so that it sees a holder that took it a moment ago.
func (h hostTurn) heldByOther(ctx context.Context, tx *sql.Tx, job int64) (bool, error) {
	if h.job == 0 || h.job == job {
		return false, nil
	}
	var one int
	err := tx.QueryRowContext(ctx, `SELECT 1 FROM river_job WHERE id = $1 AND attempt = $2 AND state = 'running'`, h.job, h.attempt).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// leaveTurn lets the next have the host, not to be asked before free. Where
// that is zero, what was known stays.
func (t *Table) leaveTurn(ctx context.Context, tx *sql.Tx, lease Lease, free time.Time) error {
	_, err := tx.ExecContext(ctx, `UPDATE frontier_turns SET job = 0, attempt = 0, free_at = CASE WHEN free_at < $4 THEN $4 ELSE free_at END
		WHERE host = $1 AND job = $2 AND attempt = $3`, lease.Host, lease.JobID, lease.Attempt, ceilMillis(free))
	return err
}

// ceilMillis is the first whole millisecond that is not before the instant.
func ceilMillis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Add(time.Millisecond - 1).UnixMilli()
}

// leave records the end of a slice whose entries are blamed.
func (t *Table) leave(ctx context.Context, lease Lease, free time.Time) error {
	return wrap(t.record.Tx(ctx, func(tx *sql.Tx) error { return t.leaveTurn(ctx, tx, lease, free) }), "leaving "+lease.Host)
}

// deadline is when the scan's time is up; zero where it has no bound.
func (t *Table) deadline(ctx context.Context, scan string) (time.Time, error) {
	var at int64
	err := t.record.Reader().QueryRowContext(ctx, `SELECT deadline FROM frontier_scans WHERE scan = $1`, scan).Scan(&at)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return time.Time{}, nil
	case err != nil || at == 0:
		return time.Time{}, err
	}
	return time.UnixMilli(at), nil
}
