package frontier

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"

	"github.com/markwatch/markwatch/store/sqlform"
)

// What the client is set to. Polling is quick because neither engine wakes it
// up; a job may run as long as the longest slice, and one that runs longer than
// rescueAfter is taken from its worker.
const (
	fetchCooldown = 50 * time.Millisecond
	fetchPoll     = 100 * time.Millisecond
	rescueAfter   = 2 * (defaultSlice + defaultGrace)
	// otherJobs is how many jobs of River's default queue run at once.
	otherJobs = 4
)

// NewClient returns a River client that works on at most hosts hosts at once,
// and on other jobs of the workers in River's default queue. process names the
// process in the records of its jobs, the same whenever it starts again (see
// RescueProcess); empty is a name of this once. The caller starts and stops the
// client.
func NewClient(driver riverdriver.Driver[*sql.Tx], workers *river.Workers, hosts int, process string, logger *slog.Logger) (*river.Client[*sql.Tx], error) {
	client, err := river.NewClient(driver, &river.Config{
		ID:                   process,
		FetchCooldown:        fetchCooldown,
		FetchPollInterval:    fetchPoll,
		JobTimeout:           defaultSlice + defaultGrace,
		RescueStuckJobsAfter: rescueAfter,
		Logger:               logger,
		Workers:              workers,
		Queues: map[string]river.QueueConfig{
			Queue:              {MaxWorkers: hosts},
			river.QueueDefault: {MaxWorkers: otherJobs},
		},
	})
	if err != nil {
		return nil, fmt.Errorf("preparing the background jobs: %w", err)
	}
	return client, nil
}

// Rescue repairs at start what a killed process left, where this process is
// the only one (it holds the data folder's lock): every job that ran is
// available at once, every claimed entry is queued again or, at its third
// death, a dead letter, and every host with queued entries has its job. It must
// not be called while a client runs.
func (t *Table) Rescue(ctx context.Context) error {
	now := `now()`
	if t.embedded {
		now = `datetime('now', 'subsec')`
	}
	return wrap(t.record.Tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE river_job SET state = 'available', scheduled_at = `+now+` WHERE state = 'running'`); err != nil {
			return err
		}
		if err := t.reclaim(ctx, tx, ""); err != nil {
			return err
		}
		return t.rouse(ctx, tx, "")
	}), "repairing what a killed process left")
}

// RescueProcess repairs at start what this process left when it was killed,
// where others share the database: the jobs that it ran are available at once,
// and their claimed entries are dealt with by whoever takes them. No two
// processes that run have one name. It must not be called while a client runs.
// Jobs of processes that do not come back are rescued by the others in time.
func (t *Table) RescueProcess(ctx context.Context, process string) error {
	return wrap(t.record.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE river_job SET state = 'available', scheduled_at = now()
			WHERE state = 'running' AND attempted_by[cardinality(attempted_by)] = $1`, process)
		return err
	}), "repairing what this process left")
}

// Wake gives a job to every host of the scan that has queued entries and none.
// A scan that resumes calls it, in case a job was cancelled or discarded by hand.
func (t *Table) Wake(ctx context.Context, scan string) error {
	return wrap(t.record.Tx(ctx, func(tx *sql.Tx) error {
		return t.rouse(ctx, tx, ` AND scan = $1`, scan)
	}), "waking the hosts of "+scan)
}

// rouse inserts the jobs of hosts with queued entries, whatever their rows say
// of it; a job that is there already keeps the new one out.
func (t *Table) rouse(ctx context.Context, tx *sql.Tx, scope string, args ...any) error {
	rows, err := tx.QueryContext(ctx, `SELECT DISTINCT scan, source, host FROM frontier WHERE state = 'queued'`+scope+` ORDER BY scan, host`, args...)
	hosts, err := sqlform.Collect(rows, err, func(rows *sql.Rows) (a HostArgs, err error) {
		err = rows.Scan(&a.Scan, &a.Source, &a.Host)
		return a, err
	})
	if err != nil || len(hosts) == 0 {
		return err
	}
	for _, a := range hosts {
		if _, err := tx.ExecContext(ctx, `UPDATE frontier_hosts SET active = 1 WHERE scan = $1 AND host = $2`, a.Scan, a.Host); err != nil {
			return err
		}
	}
	if !t.embedded {
		if hosts, err = idle(ctx, tx, hosts); err != nil {
			return err
		}
	}
	jobs := make([]river.InsertManyParams, 0, len(hosts))
	for _, a := range hosts {
		jobs = append(jobs, river.InsertManyParams{Args: a})
	}
	if len(jobs) == 0 {
		return nil
	}
	_, err = t.insert.InsertManyTx(ctx, tx, jobs)
	return err
}

// idle returns those hosts that have no job, on PostgreSQL. River's insert
// locks the row of the job that keeps it out, and the pages of a running job
// hold that row while they wait for the hosts' rows, which the caller holds: a
// circle. While the caller holds them no job of these hosts comes or
// completes, so what is seen here stays true until its transaction ends.
func idle(ctx context.Context, tx *sql.Tx, hosts []HostArgs) ([]HostArgs, error) {
	type host struct{ scan, name string }
	rows, err := tx.QueryContext(ctx, `SELECT args->>'scan', args->>'host' FROM river_job
		WHERE kind = $1 AND state IN ('available', 'pending', 'retryable', 'running', 'scheduled')`, Kind)
	live, err := sqlform.Collect(rows, err, func(rows *sql.Rows) (h host, err error) {
		err = rows.Scan(&h.scan, &h.name)
		return h, err
	})
	if err != nil {
		return nil, err
	}
	busy := make(map[host]bool, len(live))
	for _, h := range live {
		busy[h] = true
	}
	return slices.DeleteFunc(hosts, func(a HostArgs) bool { return busy[host{a.Scan, a.Host}] }), nil
}
