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
// in flight, up to its ctx's end. A process that has the database for itself
// first repairs what a killed one left behind. The client inserts further jobs.
func (s *Scanner) Start(ctx context.Context, hosts int, workers *river.Workers) (client *river.Client[*sql.Tx], stop func(context.Context) error, err error) {
	if s.store.Embedded() {
		if err := s.frontier.Rescue(ctx); err != nil {
			return nil, nil, err
		}
	}
	if err := river.AddWorkerSafely(workers, frontier.NewWorker(s.frontier, frontier.WorkerOptions{}, s.Work)); err != nil {
		return nil, nil, fmt.Errorf("adding the host worker: %w", err)
	}
	client, err = frontier.NewClient(s.store.RiverDriver(), workers, hosts, s.log)
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
