package dispatch

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/store"
)

// beatEvery is how often a run gives a sign of life.
const beatEvery = store.BatchRunSilence / 10

// Runner makes and delivers batches behind the requests that ask for them. How
// far each is stands in the record, so that every page and process can tell; a
// run whose process ended is told as broken off. Nothing is lost by that: a
// batch without its number never was, and of one that has it the files can be
// made and delivered again.
type Runner struct {
	office *Office
	life   context.Context //nolint:containedctx // what runs outlives the request that asked for it, not this
	log    *slog.Logger
	work   sync.WaitGroup
}

// NewRunner returns a runner whose work ends with life.
func NewRunner(life context.Context, office *Office, log *slog.Logger) *Runner {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Runner{office: office, life: life, log: log}
}

// Wait waits for what runs to end.
func (r *Runner) Wait() { r.work.Wait() }

// Send begins to make a batch. It is a CodeConflict where another works for
// the unit, a CodeInvalid where there is nothing to send.
func (r *Runner) Send(ctx context.Context, order Order) (Run, error) {
	unit, err := r.office.unit(order.Unit)
	if err != nil {
		return Run{}, err
	}
	if len(order.Leads) == 0 {
		return Run{}, markwatch.Errorf(markwatch.CodeInvalid, "没有可移送的线索:%s / there is no lead to send: %s", unit.Name, unit.ID)
	}
	run := Run{Kind: store.RunSend, Unit: order.Unit, Actor: order.By, Stage: StagePack, Total: len(order.Leads)}
	return r.start(ctx, run, func(ctx context.Context, watch Watch) error {
		_, _, err := r.office.Send(ctx, order, watch)
		return err
	})
}

// Deliver begins to make the files of a batch and to deliver it, again says
// also where it was delivered.
func (r *Runner) Deliver(ctx context.Context, number, who string, again bool) (Run, error) {
	kept, err := r.office.Batch(ctx, number)
	if err != nil {
		return Run{}, err
	}
	run := Run{Kind: store.RunDeliver, Unit: kept.Unit, Actor: who, Stage: StageFiles, Batch: kept.Number}
	return r.start(ctx, run, func(ctx context.Context, watch Watch) error {
		dir, _, err := r.office.Write(ctx, kept)
		if err != nil {
			return err
		}
		return r.office.Deliver(ctx, kept, dir, who, again, watch)
	})
}

// Runs returns the newest runs, the newest first.
func (o *Office) Runs(ctx context.Context, limit int) ([]Run, error) {
	return o.cfg.Store.BatchRuns(ctx, limit)
}

func (r *Runner) start(ctx context.Context, run Run, do func(context.Context, Watch) error) (Run, error) {
	if err := r.life.Err(); err != nil {
		return run, markwatch.WrapError(markwatch.CodeUnavailable, err, "程序正在结束 / the program is ending")
	}
	run, err := r.office.cfg.Store.StartBatchRun(ctx, run)
	if err != nil {
		return run, err
	}
	r.work.Go(func() { r.run(run, do) })
	return run, nil
}

// run works and writes down how far it is: at each new stage, and now and then.
func (r *Runner) run(run Run, do func(context.Context, Watch) error) {
	var mu sync.Mutex
	keep := func(change func(*Run)) {
		mu.Lock()
		defer mu.Unlock()
		change(&run)
		// The record is kept to the end, also where a shutdown ends the work.
		if err := r.office.cfg.Store.UpdateBatchRun(context.WithoutCancel(r.life), run); err != nil {
			r.log.ErrorContext(r.life, "keep how far a batch is", "unit", run.Unit, "error", err)
		}
	}
	beats := make(chan struct{})
	var beating sync.WaitGroup
	beating.Go(func() {
		tick := time.NewTicker(beatEvery)
		defer tick.Stop()
		for {
			select {
			case <-beats:
				return
			case <-tick.C:
				keep(func(*Run) {})
			}
		}
	})
	var kept time.Time
	stage := ""
	err := do(r.life, func(p Progress) {
		change := func(run *Run) {
			run.Stage, run.Done, run.Total = p.Stage, p.Done, p.Total
			if p.Batch != "" {
				run.Batch = p.Batch
			}
			if p.Delivery != nil {
				run.Note = p.Delivery.Target + " " + p.Delivery.State
			} else if p.Note != "" {
				run.Note = p.Note
			}
		}
		// Packages may come fast; the page needs no more than a few a second.
		if now := time.Now(); p.Stage != stage || now.Sub(kept) > 300*time.Millisecond {
			stage, kept = p.Stage, now
			keep(change)
			return
		}
		mu.Lock()
		change(&run)
		mu.Unlock()
	})
	close(beats)
	beating.Wait()
	if flushErr := r.office.cfg.Flush(context.WithoutCancel(r.life)); err == nil {
		err = flushErr
	}
	keep(func(run *Run) {
		run.State = store.RunDone
		if err != nil {
			run.State, run.Note = store.RunFailed, err.Error()
			if r.life.Err() != nil {
				run.Note = "程序结束时中断,可重新开始 / broken off as the program ended; begin again"
			}
		}
	})
	if err != nil {
		r.log.ErrorContext(r.life, "make or deliver a batch", "unit", run.Unit, "batch", run.Batch, "error", err)
	}
}
