package scan

import (
	"context"
	"slices"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/store"
)

const (
	// pollEvery is how often the end of a scan is looked for by who waits for
	// it, superviseEvery by the process that looks after all.
	pollEvery      = 50 * time.Millisecond
	superviseEvery = time.Second
)

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
			ended, err := s.end(ctx, id)
			if err != nil {
				return nil, err
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

// Supervise closes every scan that has come to its end, whoever began it,
// until ctx ends. Several processes may do so at once.
func (s *Scanner) Supervise(ctx context.Context) error {
	tick := time.NewTicker(superviseEvery)
	defer tick.Stop()
	for {
		open, err := s.store.OpenScans(ctx)
		for _, id := range open {
			if _, err = s.end(ctx, id); err != nil {
				break
			}
		}
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			// The database may come back; the scans stay open meanwhile.
			s.log.ErrorContext(ctx, "closing finished scans", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case err := <-s.stopped:
			s.log.ErrorContext(ctx, "a host's work stopped", "error", err)
		case <-tick.C:
		}
	}
}

// end closes a scan that has no address left.
func (s *Scanner) end(ctx context.Context, id string) (ended bool, err error) {
	ended, err = s.frontier.Finished(ctx, id)
	if err == nil && ended {
		err = s.finish(ctx, id)
	}
	return ended, store.Fault(err, "looking whether scan "+id+" is finished")
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

// Progress tells how far every open scan is.
func (s *Scanner) Progress(ctx context.Context) ([]markwatch.ScanProgress, error) {
	open, err := s.store.Scans(ctx, store.ScanFilter{Open: true})
	if err != nil {
		return nil, err
	}
	out := make([]markwatch.ScanProgress, 0, len(open))
	for _, sum := range open {
		queued, err := s.frontier.Remaining(ctx, sum.Scan)
		if err != nil {
			return nil, err
		}
		out = append(out, markwatch.ScanProgress{
			Scan: sum.Scan, Source: sum.Source, StartedAt: sum.StartedAt, Pages: sum.Pages, Listings: sum.Listings, Leads: sum.Leads, Queued: queued,
		})
	}
	return out, nil
}

// stop makes Wait give up; the first reason counts.
func (s *Scanner) stop(err error) {
	select {
	case s.stopped <- err:
	default:
	}
}
