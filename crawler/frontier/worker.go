package frontier

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"

	"github.com/markwatch/markwatch/store/sqlform"
)

// Queue is River's queue of the host jobs, Kind their kind.
const (
	Queue = "crawl"
	Kind  = "crawl_host"
)

// HostArgs is the job that works on one host of a scan. There is at most one
// that is not ended.
type HostArgs struct {
	Scan   string `json:"scan" river:"unique"`
	Source string `json:"source"`
	Host   string `json:"host" river:"unique"`
}

// Kind names the job to River.
func (HostArgs) Kind() string { return Kind }

// maxJobAttempts is as good as never giving up: the pages have bounds of their
// own, and a host without its job would keep a scan from ever finishing.
const maxJobAttempts = 30_000

// InsertOpts makes the job unique until it ended. A completed one must not
// hold back the next: links to its host may be found any time.
func (HostArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{
		Queue:       Queue,
		MaxAttempts: maxJobAttempts,
		UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
			rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
			rivertype.JobStateRunning, rivertype.JobStateScheduled,
		}},
	}
}

// WorkerOptions of the host jobs; zero values are the defaults.
type WorkerOptions struct {
	// Slice is how long a job takes entries before it lets other hosts have
	// its turn; a minute where zero.
	Slice time.Duration
	// Grace is how long the pages in flight may take after that; four
	// minutes where zero.
	Grace time.Duration
	// TurnWait is how long a job waits before it asks again for a host that
	// a job of another scan works on; a second where zero.
	TurnWait time.Duration
	// RetryWait is how long a host waits after its work failed; it grows by
	// as much with each failure, up to a minute. A second where zero.
	RetryWait time.Duration
}

// Pause is what work returns where its host wants to be left alone for a
// while (429, Retry-After, a block). It is no fault.
type Pause struct{ For time.Duration }

// Error says how long.
func (p *Pause) Error() string { return fmt.Sprintf("the host is left alone for %s", p.For) }

// Work works on one host: it claims entries, a few at a time, until it gets
// none, ends each with Finish or Retry in its page's transaction, and returns.
// It asks the host for nothing before lease.FreeAt, and returns the instant
// before which the host may not be asked again (the zero time where it was not
// asked, or may be at once), which is the next lease's FreeAt, whatever scan
// and process that belongs to. ctx ends where the process stops or the job has
// taken too long. An error is the worker's death to the entries that it holds,
// unless it is CodeCanceled, CodeLocked or CodeUnavailable, of which no page is
// to blame; nil, *Pause and a canceled ctx give them back.
type Work func(ctx context.Context, args HostArgs, lease Lease, claim func(n int) ([]Entry, error)) (free time.Time, err error)

// NewWorker returns the worker of the host jobs.
func NewWorker(t *Table, opts WorkerOptions, work Work) river.Worker[HostArgs] {
	opts.Slice = cmp.Or(opts.Slice, defaultSlice)
	opts.Grace = cmp.Or(opts.Grace, defaultGrace)
	opts.TurnWait = cmp.Or(opts.TurnWait, defaultTurnWait)
	opts.RetryWait = cmp.Or(opts.RetryWait, defaultRetryWait)
	return &hostWorker{t: t, opts: opts, work: work}
}

const (
	defaultSlice     = time.Minute
	defaultGrace     = 4 * time.Minute
	defaultRetryWait = time.Second
	longestRetryWait = time.Minute
	// endTime bounds what a job does after its work returned.
	endTime = 30 * time.Second
	// gateTime is how long a host waits that was held back for a suspect.
	gateTime = 200 * time.Millisecond
)

type hostWorker struct {
	river.WorkerDefaults[HostArgs]
	t    *Table
	opts WorkerOptions
	work Work
}

// Timeout ends the work's context when slice and grace are over.
func (w *hostWorker) Timeout(*river.Job[HostArgs]) time.Duration { return w.opts.Slice + w.opts.Grace }

// NextRetry comes soon, and a minute later at most.
func (w *hostWorker) NextRetry(job *river.Job[HostArgs]) time.Time {
	failures := time.Duration(len(job.Errors) + 1)
	return w.t.now().Add(min(failures*w.opts.RetryWait, longestRetryWait))
}

// Work runs one slice. It returns nil only after it completed the job in the
// transaction that saw nothing queued.
func (w *hostWorker) Work(ctx context.Context, job *river.Job[HostArgs]) error {
	lease := Lease{JobID: job.ID, Attempt: job.Attempt, Scan: job.Args.Scan, Source: job.Args.Source, Host: job.Args.Host}
	defer w.t.gate.leave(lease)
	lease, wait, err := w.t.takeOver(ctx, lease, w.opts.TurnWait)
	switch {
	case ctx.Err() != nil:
		return river.JobSnooze(0) // the process stops
	case err != nil:
		return wrap(err, "taking over "+lease.Host)
	case wait > 0:
		return w.comeBack(ctx, lease, wait)
	}
	end := w.t.now().Add(w.opts.Slice)
	var claimFailed atomic.Bool // work may claim from several goroutines
	free, err := w.work(ctx, job.Args, lease, func(n int) ([]Entry, error) {
		if ctx.Err() != nil || !w.t.now().Before(end) {
			return nil, nil //nolint:nilerr // the end of a slice is no fault: there is nothing more in it
		}
		entries, err := w.t.Claim(ctx, lease, n)
		if err != nil {
			claimFailed.Store(true)
		}
		return entries, err
	})
	var pause *Pause
	if errors.As(err, &pause) {
		if until := w.t.now().Add(pause.For); until.After(free) {
			free = until
		}
	}
	stopped := ctx.Err() != nil
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTime)
	defer cancel()
	if err != nil && pause == nil && !stopped && !claimFailed.Load() && !blameless(err) {
		return errors.Join(err, w.t.leave(ctx, lease, free))
	}
	if err := w.t.release(ctx, lease, free); err != nil {
		return wrap(err, "giving back entries of "+lease.Host)
	}
	switch {
	case stopped:
		return river.JobSnooze(0)
	case pause == nil && err != nil:
		return err
	}
	wait, err = w.settle(ctx, job, lease)
	if err != nil || wait < 0 {
		return wrap(err, "leaving "+lease.Host)
	}
	if pause != nil {
		wait = max(wait, pause.For)
	}
	return w.comeBack(ctx, lease, wait)
}

// comeBack ends the slice; the job comes again after wait, or when the scan's
// time is up: then what is queued is closed, however long the host is to be
// left alone.
func (w *hostWorker) comeBack(ctx context.Context, lease Lease, wait time.Duration) error {
	deadline, err := w.t.deadline(ctx, lease.Scan)
	if err == nil && !deadline.IsZero() {
		left := deadline.Sub(w.t.now())
		if left > 0 {
			wait = min(wait, left)
		} else {
			err = w.t.close(ctx, lease.Scan, closing{reason: OverTime})
		}
	}
	if err != nil {
		return wrap(err, "looking for the end of "+lease.Scan)
	}
	return river.JobSnooze(wait)
}

// blameless says that no page can have caused the error.
func blameless(err error) bool {
	switch markwatch.ErrorCode(err) {
	case markwatch.CodeCanceled, markwatch.CodeLocked, markwatch.CodeUnavailable:
		return true
	}
	return errors.Is(err, context.Canceled)
}

// settle completes the job where nothing of its host is queued and returns a
// negative wait, else it returns how long the host has nothing to do.
func (w *hostWorker) settle(ctx context.Context, job *river.Job[HostArgs], lease Lease) (wait time.Duration, err error) {
	err = w.t.record.Tx(ctx, func(tx *sql.Tx) error {
		if err := w.t.fence(ctx, tx, lease); err != nil {
			return err
		}
		// Whoever adds to the host takes this row too, before or after.
		if _, err := tx.ExecContext(ctx, `UPDATE frontier_hosts SET active = 0 WHERE scan = $1 AND host = $2`, lease.Scan, lease.Host); err != nil {
			return err
		}
		var ready int
		if err := tx.QueryRowContext(ctx, `SELECT CASE WHEN EXISTS (SELECT 1 FROM frontier
			WHERE scan = $1 AND host = $2 AND state = 'queued' AND not_before <= $3) THEN 1 ELSE 0 END`,
			lease.Scan, lease.Host, sqlform.Millis(w.t.now())).Scan(&ready); err != nil {
			return err
		}
		if ready == 1 {
			wait = 0
			if w.t.gate.heldBack() {
				wait = gateTime
			}
			return errStay
		}
		var next sql.NullInt64
		if err := tx.QueryRowContext(ctx, `SELECT min(not_before) FROM frontier
			WHERE scan = $1 AND host = $2 AND state = 'queued'`, lease.Scan, lease.Host).Scan(&next); err != nil {
			return err
		}
		if next.Valid {
			wait = max(time.UnixMilli(next.Int64).Sub(w.t.now()), 0)
			return errStay
		}
		wait = -1
		_, err := river.JobCompleteTx[riverdriver.Driver[*sql.Tx]](ctx, tx, job)
		return err
	})
	if errors.Is(err, errStay) {
		return wait, nil
	}
	return wait, err
}

// errStay rolls back the transaction that would have completed the job.
var errStay = errors.New("the host has more to do")
