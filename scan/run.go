package scan

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/frontier"
	"github.com/markwatch/markwatch/store"
)

// claimFactor is how many addresses a host's job takes at once for each of
// the requests that it may have open: enough to keep them busy, few enough
// that a crash leaves little to fetch again.
const claimFactor = 4

// pollEvery is how often a scan's end is looked for.
const pollEvery = 50 * time.Millisecond

// Work is one slice of a host's job: it takes the host's queued addresses in
// batches until none is left or ctx ends.
func (s *Scanner) Work(ctx context.Context, args frontier.HostArgs, lease frontier.Lease, claim func(n int) ([]frontier.Entry, error)) error {
	err := s.work(ctx, args, lease, claim)
	if code := markwatch.ErrorCode(err); code == markwatch.CodeUnavailable && ctx.Err() == nil {
		s.stop(err)
	}
	return err
}

func (s *Scanner) work(ctx context.Context, args frontier.HostArgs, lease frontier.Lease, claim func(n int) ([]frontier.Entry, error)) error {
	w, err := s.watch(args.Source)
	if err != nil {
		return err
	}
	session, err := s.open(w.source, args.Host)
	if err != nil {
		return fmt.Errorf("opening host %s: %w", args.Host, err)
	}
	defer session.Close()
	parallel := max(1, w.source.Politeness.Parallel)
	if w.source.Kind == markwatch.KindArchive {
		parallel = 1 // a file is read from front to back
	}
	for ctx.Err() == nil {
		entries, err := claim(parallel * claimFactor)
		if err != nil || len(entries) == 0 {
			return store.Fault(err, "claiming addresses of "+args.Host)
		}
		if err := s.workBatch(ctx, w, session, lease, entries, parallel); err != nil {
			return err
		}
	}
	return nil
}

// workBatch deals with claimed addresses, parallel at a time, and returns when
// all are done. The first error that is not a page's own ends the batch.
func (s *Scanner) workBatch(ctx context.Context, w *watch, fetch session, lease frontier.Lease, entries []frontier.Entry, parallel int) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	queue := make(chan frontier.Entry, len(entries))
	for _, e := range entries {
		queue <- e
	}
	close(queue)
	var wg sync.WaitGroup
	for range min(parallel, len(entries)) {
		wg.Go(func() {
			for entry := range queue {
				if ctx.Err() != nil {
					return
				}
				if err := s.workPage(ctx, w, fetch, lease, entry); err != nil {
					cancel(err)
				}
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

// workPage fetches one address and commits what it gave. A page's own fault is
// recorded and is no error.
func (s *Scanner) workPage(ctx context.Context, w *watch, fetch session, lease frontier.Lease, entry frontier.Entry) error {
	page, err := fetch.Fetch(ctx, entry)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return s.fail(ctx, lease, entry, err)
	}
	return s.commit(ctx, lease, entry, w.read(entry, page))
}

// Progress is how far scans are.
type Progress struct {
	// Done and Known count addresses: dealt with, and found so far.
	Done, Known int
	Listings    int
	Leads       int
}

// Wait returns when the scans have no address left to fetch, closes them and
// returns their coverage. progress, where it is not nil, is told now and then.
// A fault that stops every page (a full disk) ends the wait with an error of
// CodeUnavailable; the scans stay open and go on when they are begun again.
func (s *Scanner) Wait(ctx context.Context, scans []string, progress func(Progress)) ([]markwatch.ScanSummary, error) {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for open := slices.Clone(scans); len(open) > 0; {
		still := open[:0]
		for _, id := range open {
			ended, err := s.frontier.Finished(ctx, id)
			if err == nil && ended {
				err = s.finish(ctx, id)
			}
			if err != nil {
				return nil, store.Fault(err, "looking whether scan "+id+" is finished")
			}
			if !ended {
				still = append(still, id)
			}
		}
		open = still
		if err := s.tell(ctx, scans, open, progress); err != nil {
			return nil, err
		}
		if len(open) == 0 {
			break
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case err := <-s.stopped:
			return nil, err
		case <-tick.C:
		}
	}
	summaries := make([]markwatch.ScanSummary, 0, len(scans))
	for _, id := range scans {
		sum, err := s.store.Scan(ctx, id)
		if err != nil {
			return nil, err
		}
		summaries = append(summaries, sum)
	}
	return summaries, nil
}

func (s *Scanner) tell(ctx context.Context, scans, open []string, progress func(Progress)) error {
	if progress == nil {
		return nil
	}
	var p Progress
	for _, id := range open {
		left, err := s.frontier.Remaining(ctx, id)
		if err != nil {
			return err
		}
		p.Known += left
	}
	for _, id := range scans {
		sum, err := s.store.Scan(ctx, id)
		if err != nil {
			return err
		}
		p.Done += sum.Pages.Total()
		p.Listings += sum.Listings.Seen
		p.Leads += sum.Leads.New
	}
	p.Known += p.Done
	progress(p)
	return nil
}

// stop makes Wait give up; the first reason counts.
func (s *Scanner) stop(err error) {
	select {
	case s.stopped <- err:
	default:
	}
}
