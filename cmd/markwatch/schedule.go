package main

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/riverqueue/river"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/scan/schedule"
)

// watchNights runs scans by their schedules until ctx ends: the ticks of the
// configuration's sources, the scans that were left open, the judging again of
// what is stored, and the upkeep of what is kept. ready is told the schedule
// and the crawl before anything runs.
func (a *app) watchNights(ctx context.Context, ready func(*schedule.Schedule, *crawl)) (err error) {
	c, err := a.startCrawl(ctx, func(c *crawl, workers *river.Workers) error {
		return river.AddWorkerSafely(workers, schedule.NewTickWorker(schedule.TickOptions{
			Begin: func(ctx context.Context, source string, at time.Time) error {
				if err := a.tick(ctx, source, at); err != nil {
					return err
				}
				_, err := c.BeginNew(ctx, source)
				return err
			},
			Skipped: a.tickSkipped, Logger: a.log,
		}))
	})
	if err != nil {
		return orderly(ctx, err)
	}
	defer func() { err = errors.Join(err, c.end(ctx)) }()
	ticks, err := schedule.New(schedule.Options{
		Location: a.cfg.Deployment.Location(), Sources: scheduled(a.cfg.Lists.Sources), Insert: schedule.Inserter(c.jobs),
		LastTick: a.store.LastTick, Skipped: a.tickSkipped, Now: time.Now, Logger: a.log,
	})
	if err != nil {
		return err
	}
	if ready != nil {
		ready(ticks, c)
	}
	if err := c.Resume(ctx); err != nil {
		return orderly(ctx, err)
	}
	return together(ctx,
		ticks.Run,
		c.Supervise,
		func(ctx context.Context) error { return a.followLists(ctx, c.Scanner) },
		func(ctx context.Context) error { return a.keepHouse(ctx, c.Scanner) },
		a.keepMirror,
		a.watchDue,
	)
}

// orderly is the error of a process that runs until it is stopped: being
// stopped while it starts is none.
func orderly(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// tickSkipped notes a tick that nothing came of.
func (a *app) tickSkipped(ctx context.Context, source string, at time.Time, why schedule.Skip) error {
	a.log.WarnContext(ctx, "a scheduled scan was skipped", "source", source, "tick", at, "why", why)
	return a.tick(ctx, source, at)
}

// tick notes the newest tick of a source that was dealt with.
func (a *app) tick(ctx context.Context, source string, at time.Time) error {
	return a.store.Tx(ctx, func(tx *sql.Tx) error {
		_, err := a.store.Tick(ctx, tx, source, at)
		return err
	})
}

func scheduled(sources []markwatch.Source) []schedule.Entry {
	var entries []schedule.Entry
	for _, s := range sources {
		entries = append(entries, schedule.Entry{Source: s.ID, Schedule: s.Schedule, CatchUp: s.CatchUp})
	}
	return entries
}

// together runs the parts of a process side by side and returns when all have
// ended; the first that fails ends the others.
func together(ctx context.Context, parts ...func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, len(parts))
	for _, part := range parts {
		go func() {
			err := part(ctx)
			if err != nil {
				cancel()
			}
			ended <- err
		}()
	}
	var errs []error
	for range parts {
		if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
