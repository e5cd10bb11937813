package schedule

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// TickKind is the kind of the tick jobs, for River.
const TickKind = "schedule_tick"

// TickArgs is the job of one tick of one source.
type TickArgs struct {
	Source string `json:"source" river:"unique"`
	// At is the time by the schedule, UTC and whole seconds.
	At time.Time `json:"at" river:"unique"`
}

// Kind names the job to River.
func (TickArgs) Kind() string { return TickKind }

// tickAttempts bound how often a tick is begun that fails: by River's policy
// about ten minutes. Then an operator has to look, and the next tick comes.
const tickAttempts = 5

// InsertOpts makes the job unique in every state, the ended ones included.
// River forgets ended jobs after a day; then LastTick knows of the tick.
func (TickArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{
		MaxAttempts: tickAttempts,
		UniqueOpts:  river.UniqueOpts{ByArgs: true, ByState: rivertype.JobStates()},
	}
}

// Inserter returns what Options.Insert may be: it inserts the tick's job.
func Inserter(client *river.Client[*sql.Tx]) func(ctx context.Context, source string, tick time.Time) error {
	return func(ctx context.Context, source string, tick time.Time) error {
		if _, err := client.Insert(ctx, TickArgs{source, tick.UTC().Truncate(time.Second)}, nil); err != nil {
			return fmt.Errorf("inserting the tick of %s: %w", source, err)
		}
		return nil
	}
}

// TickOptions of the tick jobs' worker.
type TickOptions struct {
	// Begin opens a scan of the source, of which at is the tick. It must be
	// safe to call again for the same tick after it failed. CodeConflict says
	// that a scan of the source is open, CodeNotFound that there is no such
	// source any more, CodeInvalid that it cannot be scanned as it is
	// configured; any other error has the tick tried again.
	Begin func(ctx context.Context, source string, at time.Time) error
	// Skipped notes a tick that nothing came of; it is only logged where nil.
	Skipped func(ctx context.Context, source string, at time.Time, why Skip) error
	Logger  *slog.Logger
}

// NewTickWorker returns the worker of the tick jobs.
func NewTickWorker(opts TickOptions) river.Worker[TickArgs] {
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	return &tickWorker{opts: opts}
}

type tickWorker struct {
	river.WorkerDefaults[TickArgs]
	opts TickOptions
}

// Work begins the scan, or notes why it is not begun.
func (w *tickWorker) Work(ctx context.Context, job *river.Job[TickArgs]) error {
	source, at := job.Args.Source, job.Args.At
	err := w.opts.Begin(ctx, source, at)
	switch markwatch.ErrorCode(err) {
	case markwatch.CodeConflict:
		w.opts.Logger.Warn("schedule: a tick is skipped, since a scan of the source is open", "source", source, "tick", at)
		if w.opts.Skipped == nil {
			return nil
		}
		return w.opts.Skipped(ctx, source, at, SkipOpen)
	case markwatch.CodeNotFound, markwatch.CodeInvalid:
		return river.JobCancel(err)
	}
	return err
}
