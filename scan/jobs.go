package scan

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/riverqueue/river"

	"github.com/markwatch/markwatch/crawler/frontier"
)

// Start lets the scanner's jobs run, at most hosts of them at once, and with
// them those of the other workers, until stop is called: it waits for the pages
// in flight, up to its ctx's end. First what a killed process left behind is
// repaired: all of it where this one has the database for itself, else what
// this very process left. The client inserts further jobs.
func (s *Scanner) Start(ctx context.Context, hosts int, workers *river.Workers) (client *river.Client[*sql.Tx], stop func(context.Context) error, err error) {
	rescue := s.frontier.Rescue
	if !s.store.Embedded() {
		rescue = func(ctx context.Context) error { return s.frontier.RescueProcess(ctx, s.process) }
	}
	if err := rescue(ctx); err != nil {
		return nil, nil, err
	}
	if err := river.AddWorkerSafely(workers, frontier.NewWorker(s.frontier, frontier.WorkerOptions{}, s.Work)); err != nil {
		return nil, nil, fmt.Errorf("adding the host worker: %w", err)
	}
	client, err = frontier.NewClient(s.store.RiverDriver(), workers, hosts, s.process, s.log)
	if err != nil {
		return nil, nil, err
	}
	// The client outlives ctx, so that an interrupt ends pages in order
	// instead of cutting their transactions.
	if err := client.Start(context.WithoutCancel(ctx)); err != nil {
		return nil, nil, fmt.Errorf("starting the jobs: %w", err)
	}
	return client, client.StopAndCancel, nil
}
