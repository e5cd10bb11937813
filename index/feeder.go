package index

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// Work is one entry of the outbox: the document of ID changed. Seq grows with
// every change, so that a change which is written while an older one is being
// indexed stays in the outbox.
type Work struct {
	Seq int64
	ID  string
	// At is when the change was committed; zero where the outbox does not say.
	At time.Time
}

// Outbox is what the record leaves for the index to do. It writes an entry in
// the transaction of the change itself.
type Outbox interface {
	// IndexQueue returns the oldest entries that are not done, at most limit.
	IndexQueue(ctx context.Context, limit int) ([]Work, error)
	// IndexDone takes entries out.
	IndexDone(ctx context.Context, done []Work) error
}

// Loader reads the documents of ids from the record. An id that it leaves out
// exists no more and is taken out of the index.
type Loader func(ctx context.Context, ids []string) ([]Document, error)

// Feeder carries changes from the outbox to the index. What it does may be
// done twice without harm, so a crash between two steps costs nothing. An
// index that is down delays searching, never the record.
type Feeder struct {
	Outbox Outbox
	Load   Loader
	Index  Index
	// Prepare makes the index ready before anything is fed to it: tried before
	// each Flush until it succeeds once. It may be nil.
	Prepare func(context.Context) error
	Log     *slog.Logger
	// Batch is how many entries are taken at once; 0 is 500.
	Batch int
	// Poll is how often an empty outbox is looked at; 0 is 1s.
	Poll time.Duration
	// MaxWait bounds the wait after failures, which doubles from Poll; 0 is
	// one minute.
	MaxWait time.Duration
	// Now is the clock; nil is time.Now.
	Now func() time.Time

	// work lets one goroutine feed at a time.
	work sync.Mutex
	mu   sync.Mutex
	lag  Lag
	wake chan struct{}
	// prepared is guarded by work.
	prepared bool
}

// Lag says how far the index is behind the record.
type Lag struct {
	// Behind is the age of the oldest change that is not indexed, as far as
	// the last look knew it; zero where there is none.
	Behind time.Duration
	// Indexed and Deleted count the documents since the start.
	Indexed, Deleted int64
	// Failures counts the failures in a row, Err is the last one's reason.
	Failures int
	Err      error
}

// Lag returns the present figures.
func (f *Feeder) Lag() Lag {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.lag
}

// Wake makes Run look at the outbox now; it never blocks.
func (f *Feeder) Wake() {
	select {
	case f.waker() <- struct{}{}:
	default:
	}
}

func (f *Feeder) waker() chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.wake == nil {
		f.wake = make(chan struct{}, 1)
	}
	return f.wake
}

// Run feeds until ctx ends, and returns nil then. Failures are logged and
// tried again after a growing wait.
func (f *Feeder) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		err := f.Flush(ctx)
		wait := or(f.Poll, time.Second)
		if err != nil && ctx.Err() == nil {
			failures := f.Lag().Failures
			longest := or(f.MaxWait, time.Minute)
			for range min(failures-1, 30) {
				wait = min(2*wait, longest)
			}
			if f.Log != nil {
				f.Log.WarnContext(ctx, "the search index cannot be fed; searching lags behind", "error", err, "failures", failures, "again_in", wait)
			}
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-f.waker():
		}
		timer.Stop()
	}
	return nil
}

// Flush feeds until the outbox is empty or something fails.
func (f *Feeder) Flush(ctx context.Context) error {
	f.work.Lock()
	defer f.work.Unlock()
	for {
		n, err := 0, f.prepare(ctx)
		if err == nil {
			n, err = f.step(ctx)
		}
		if err != nil && ctx.Err() == nil {
			f.mu.Lock()
			f.lag.Failures++
			f.lag.Err = err
			f.mu.Unlock()
		}
		if err != nil || n == 0 {
			return err
		}
	}
}

func (f *Feeder) prepare(ctx context.Context) error {
	if f.prepared || f.Prepare == nil {
		return nil
	}
	if err := f.Prepare(ctx); err != nil {
		return wrap("making the index ready", err)
	}
	f.prepared = true
	return nil
}

// step carries one batch; n is 0 where there was nothing to do.
func (f *Feeder) step(ctx context.Context) (n int, err error) {
	now := f.Now
	if now == nil {
		now = time.Now
	}
	work, err := f.Outbox.IndexQueue(ctx, or(f.Batch, 500))
	if err != nil {
		return 0, wrap("reading the index's outbox", err)
	}
	behind := time.Duration(0)
	if len(work) > 0 && !work[0].At.IsZero() {
		behind = max(0, now().Sub(work[0].At))
	}
	f.mu.Lock()
	f.lag.Behind = behind
	f.mu.Unlock()
	if len(work) == 0 {
		f.succeeded(0, 0)
		return 0, nil
	}
	gone := map[string]bool{}
	var ids []string
	for _, w := range work {
		if !gone[w.ID] {
			gone[w.ID] = true
			ids = append(ids, w.ID)
		}
	}
	docs, err := f.Load(ctx, ids)
	if err != nil {
		return 0, wrap("reading documents for the index", err)
	}
	for i := range docs {
		delete(gone, docs[i].ID)
	}
	var deleted []string
	for _, id := range ids {
		if gone[id] {
			deleted = append(deleted, id)
		}
	}
	if len(docs) > 0 {
		err = f.Index.Put(ctx, docs)
	}
	if err == nil && len(deleted) > 0 {
		err = f.Index.Delete(ctx, deleted)
	}
	if err != nil {
		return 0, wrap("writing to the index", err)
	}
	if err := f.Outbox.IndexDone(ctx, work); err != nil {
		return 0, wrap("marking the index's work as done", err)
	}
	f.succeeded(len(docs), len(deleted))
	return len(work), nil
}

func (f *Feeder) succeeded(indexed, deleted int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lag.Indexed += int64(indexed)
	f.lag.Deleted += int64(deleted)
	f.lag.Failures, f.lag.Err = 0, nil
}

func wrap(doing string, err error) error { return fmt.Errorf("%s: %w", doing, err) }

func or[T comparable](v, standard T) T {
	var zero T
	if v == zero {
		return standard
	}
	return v
}
