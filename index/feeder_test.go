package index_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/markwatch/markwatch/index"
)

// record is an outbox over a map, and the index's other end.
type record struct {
	index.Index
	queue   []index.Work
	docs    map[string]string
	indexed map[string]string
	down    error
	puts    int
}

func (r *record) IndexQueue(_ context.Context, limit int) ([]index.Work, error) {
	return slices.Clone(r.queue[:min(limit, len(r.queue))]), nil
}

func (r *record) IndexDone(_ context.Context, done []index.Work) error {
	r.queue = slices.DeleteFunc(r.queue, func(w index.Work) bool { return slices.Contains(done, w) })
	return nil
}

func (r *record) load(_ context.Context, ids []string) (out []index.Document, err error) {
	for _, id := range ids {
		if title, ok := r.docs[id]; ok {
			out = append(out, index.Document{ID: id, Title: title})
		}
	}
	return out, nil
}

func (r *record) Put(_ context.Context, docs []index.Document) error {
	r.puts++
	if r.down != nil {
		return r.down
	}
	for _, d := range docs {
		r.indexed[d.ID] = d.Title
	}
	return nil
}

func (r *record) Delete(_ context.Context, ids []string) error {
	for _, id := range ids {
		delete(r.indexed, id)
	}
	return r.down
}

func newRecord() *record {
	r := &record{docs: map[string]string{}, indexed: map[string]string{"gone": "old"}}
	for i, id := range []string{"a", "b", "a", "gone", "c"} {
		r.queue = append(r.queue, index.Work{Seq: int64(i), ID: id, At: time.Unix(1000, 0)})
		if id != "gone" {
			r.docs[id] = strings.ToUpper(id)
		}
	}
	return r
}

func TestFeederFlush(t *testing.T) {
	r := newRecord()
	f := &index.Feeder{Outbox: r, Load: r.load, Index: r, Batch: 2, Now: func() time.Time { return time.Unix(1060, 0) }}
	r.down = errors.New("the disk is full")
	if err := f.Flush(t.Context()); !errors.Is(err, r.down) {
		t.Errorf("Flush into a broken index: %v", err)
	}
	if lag := f.Lag(); len(r.queue) != 5 || lag.Behind != time.Minute || lag.Failures != 1 || lag.Err == nil {
		t.Errorf("after a failure %d entries wait, lag %+v; want all 5, a minute behind", len(r.queue), lag)
	}
	r.down = nil
	if err := f.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if lag := f.Lag(); len(r.queue) != 0 || lag.Behind != 0 || lag.Failures != 0 || lag.Deleted != 1 {
		t.Errorf("after success %d entries wait, lag %+v", len(r.queue), lag)
	}
	if len(r.indexed) != 3 || r.indexed["a"] != "A" || r.indexed["c"] != "C" {
		t.Errorf("indexed %v", r.indexed)
	}
}

func TestFeederRunWaitsLongerWhileTheIndexIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRecord()
		r.down = errors.New("down")
		f := &index.Feeder{Outbox: r, Load: r.load, Index: r}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- f.Run(ctx) }()
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if r.puts < 10 || r.puts > 20 {
			t.Errorf("tried %d times in ten minutes, want some once a minute", r.puts)
		}
		r.down = nil
		f.Wake()
		synctest.Wait()
		if len(r.queue) != 0 {
			t.Errorf("%d entries wait after the index came back", len(r.queue))
		}
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
}

// TestFeederPrepares holds that nothing is fed to an index that is not ready,
// and that it is made ready once.
func TestFeederPrepares(t *testing.T) {
	r := newRecord()
	away, prepared := errors.New("away"), 0
	f := &index.Feeder{Outbox: r, Load: r.load, Index: r, Prepare: func(context.Context) error {
		prepared++
		if prepared == 1 {
			return away
		}
		return nil
	}}
	if err := f.Flush(t.Context()); !errors.Is(err, away) || r.puts != 0 || f.Lag().Failures != 1 {
		t.Errorf("an index that is away: %v, fed %d times", err, r.puts)
	}
	for range 2 {
		if err := f.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if prepared != 2 || len(r.queue) != 0 {
		t.Errorf("prepared %d times, %d entries wait", prepared, len(r.queue))
	}
}
