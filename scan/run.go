package scan

import (
	"context"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/frontier"
	"github.com/markwatch/markwatch/store"
)

const (
	// claimFactor is how many addresses a host's job takes at once for each of
	// the requests that it may have open: enough to keep them busy, few enough
	// that a crash leaves little to fetch again.
	claimFactor = 4
	// claimIdle is how many it takes where most of the last ones were not due:
	// those cost no request.
	claimIdle = 256
)

// Work is one slice of a host's job: it takes the host's queued addresses in
// batches until none is left or ctx ends. free is when the host may be asked
// again by whoever works on it next.
func (s *Scanner) Work(ctx context.Context, args frontier.HostArgs, lease frontier.Lease, claim func(n int) ([]frontier.Entry, error)) (free time.Time, err error) {
	free, err = s.work(ctx, args, lease, claim)
	if code := markwatch.ErrorCode(err); code == markwatch.CodeUnavailable && ctx.Err() == nil {
		s.stop(err)
	}
	return free, err
}

func (s *Scanner) work(ctx context.Context, args frontier.HostArgs, lease frontier.Lease, claim func(n int) ([]frontier.Entry, error)) (free time.Time, err error) {
	w, err := s.watch(args.Source)
	if err != nil {
		return time.Time{}, err
	}
	session, err := s.open(ctx, w, lease)
	if err != nil {
		return time.Time{}, err
	}
	defer session.Close()
	defer func() { free = session.Release() }()
	parallel := max(1, w.source.Politeness.Parallel)
	if readsFiles(w.source) {
		parallel = 1 // a file is read from front to back
	}
	for most := parallel * claimFactor; ctx.Err() == nil; {
		entries, err := claim(most)
		if err != nil || len(entries) == 0 {
			return free, store.Fault(err, "claiming addresses of "+args.Host)
		}
		visits, err := s.visits(ctx, w, entries)
		if err != nil {
			return free, err
		}
		due, later := entries, []frontier.Entry(nil)
		if !s.askAll {
			due, later = w.divide(entries, visits, s.now())
		}
		if err := s.leave(ctx, w, lease, later, visits); err != nil {
			return free, err
		}
		if err := s.workBatch(ctx, w, session, lease, due, visits, parallel); err != nil {
			return free, err
		}
		most = parallel * claimFactor
		if len(later) > len(due) {
			most = claimIdle
		}
	}
	return free, nil
}

// visits is what is remembered of the entries, by key. Files have no memory:
// what they hold is read.
func (s *Scanner) visits(ctx context.Context, w *watch, entries []frontier.Entry) (map[string]store.Visit, error) {
	if readsFiles(w.source) {
		return nil, nil
	}
	keys := make([]string, len(entries))
	for i, e := range entries {
		keys[i] = e.Key
	}
	return s.store.Visits(ctx, w.source.ID, keys)
}

// divide parts entries into those to ask for and those whose turn has not come.
func (w *watch) divide(entries []frontier.Entry, visits map[string]store.Visit, now time.Time) (due, later []frontier.Entry) {
	for _, e := range entries {
		v, known := visits[e.Key]
		if known && e.Depth > 0 && !w.due(&v, now) {
			later = append(later, e)
		} else {
			due = append(due, e)
		}
	}
	return due, later
}

// workBatch deals with claimed addresses, parallel at a time, and returns when
// all are done, or when the host turned us away: the rest is not asked for
// then. The first error that is not a page's own ends the batch.
func (s *Scanner) workBatch(ctx context.Context, w *watch, from session, lease frontier.Lease, entries []frontier.Entry, visits map[string]store.Visit, parallel int) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	queue := make(chan frontier.Entry, len(entries))
	for _, e := range entries {
		queue <- e
	}
	close(queue)
	var wg sync.WaitGroup
	var away atomic.Bool
	for range min(parallel, len(entries)) {
		wg.Go(func() {
			for entry := range queue {
				if ctx.Err() != nil || away.Load() {
					return
				}
				var known *store.Visit
				if v, ok := visits[entry.Key]; ok {
					known = &v
				}
				turned, err := s.workPage(ctx, w, from, lease, entry, known)
				if err != nil {
					cancel(err)
				}
				if turned {
					away.Store(true)
				}
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

// workPage takes one address, commits what it gave and tells whether the host
// turned us away for good. A page's own fault is recorded and is no error. A
// panic is the death of the worker and not of the process: the frontier counts
// it against the pages that were being worked on.
func (s *Scanner) workPage(ctx context.Context, w *watch, from session, lease frontier.Lease, entry frontier.Entry, known *store.Visit) (away bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			s.log.ErrorContext(ctx, "a page made the worker panic", "scan", entry.Scan, "url", entry.URL, "panic", p, "stack", string(debug.Stack()))
			err = markwatch.Errorf(markwatch.CodeInternal, "panic over %s: %v", entry.URL, p)
		}
	}()
	e, err := from.Take(ctx, entry, known)
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if err != nil {
		return false, s.fail(ctx, lease, entry, e.traffic, err)
	}
	if e.confirmed {
		e.links = w.known(entry, e.visit.Links)
	}
	return e.turnedAway, s.commit(ctx, w, lease, entry, e)
}
