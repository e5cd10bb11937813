package bleve

import (
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	api "github.com/blevesearch/bleve_index_api"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/index"
)

// rebuildBatch is the number of documents that become one segment, and
// rebuildBytes the amount of text after which it is closed earlier.
const (
	rebuildBatch = 5000
	rebuildBytes = 16 << 20
)

// rebuild is the next generation while it is being filled.
type rebuild struct {
	gen *generation
	// touched are the ids that were put or deleted since the rebuild began.
	// What the record says of them may be older than that. It is written
	// under Index.writes held alone, and read under it held shared.
	touched map[string]bool
}

// write repeats a batch of Put or Delete. AddIDField ran on its documents
// already and would run again, so ids are taken off first.
func (r *rebuild) write(b *api.Batch, ids []string) error {
	for _, id := range ids {
		r.touched[id] = true
		if d, ok := b.IndexOps[id].(*document); ok && d != nil {
			d.dropIDField()
		}
	}
	return r.gen.batch(b)
}

// Rebuild implements index.Index.
func (x *Index) Rebuild(ctx context.Context, docs iter.Seq2[index.Document, error]) (err error) {
	name := generationName(time.Now())
	dir := filepath.Join(x.options.Dir, name)
	next, err := x.startRebuild(name)
	if err != nil {
		return err
	}
	done := false
	defer func() {
		if !done {
			x.writes.Lock()
			x.next = nil
			x.writes.Unlock()
			_ = next.gen.close()
			_ = os.RemoveAll(dir)
		}
	}()
	if err := x.fill(ctx, next, docs); err != nil {
		return err
	}
	x.writes.Lock()
	defer x.writes.Unlock()
	if err := next.gen.settle(ctx); err != nil {
		return err
	}
	// Opened again, every batch is on disk before it returns.
	if err := next.gen.close(); err != nil {
		return err
	}
	fresh, err := openGeneration(dir, false)
	if err != nil {
		return err
	}
	if err := x.setCurrent(name); err != nil {
		_ = fresh.close()
		return err
	}
	x.mu.Lock()
	old := x.current
	x.current = fresh
	x.mu.Unlock()
	x.next, done = nil, true
	if err := old.close(); err != nil {
		return err
	}
	if err := os.RemoveAll(old.dir); err != nil {
		return fmt.Errorf("deleting the old search index: %w", err)
	}
	return nil
}

func (x *Index) startRebuild(name string) (*rebuild, error) {
	x.writes.Lock()
	defer x.writes.Unlock()
	if x.next != nil {
		return nil, markwatch.Errorf(markwatch.CodeConflict, "the search index is being rebuilt already")
	}
	select {
	case <-x.stop:
		return nil, errClosed
	default:
	}
	if err := x.prepare(name); err != nil {
		return nil, err
	}
	gen, err := openGeneration(filepath.Join(x.options.Dir, name), true)
	if err != nil {
		return nil, err
	}
	x.next = &rebuild{gen: gen, touched: map[string]bool{}}
	return x.next, nil
}

// fill writes all documents, several batches at a time.
func (x *Index) fill(ctx context.Context, next *rebuild, docs iter.Seq2[index.Document, error]) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	batches := make(chan []index.Document)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for batch := range batches {
				if ctx.Err() == nil {
					if err := x.fillBatch(next, batch); err != nil {
						cancel(err)
					}
				}
			}
		})
	}
	var batch []index.Document
	text := 0
	for d, err := range docs {
		if err != nil {
			cancel(fmt.Errorf("reading documents for the search index: %w", err))
		} else if d.CheckID() != nil {
			continue
		}
		if ctx.Err() != nil {
			break
		}
		batch = append(batch, d)
		text += len(d.Title) + len(d.Description) + len(d.Text) + len(d.Folded)
		if len(batch) == rebuildBatch || text > rebuildBytes {
			batches <- batch
			batch, text = nil, 0
		}
	}
	if len(batch) > 0 {
		batches <- batch
	}
	close(batches)
	workers.Wait()
	return context.Cause(ctx)
}

func (x *Index) fillBatch(next *rebuild, docs []index.Document) error {
	ready := make([]*document, len(docs))
	for i := range docs {
		ready[i] = newDocument(&docs[i], x.options.Fold, x.freq)
	}
	x.writes.RLock()
	defer x.writes.RUnlock()
	b := api.NewBatch()
	for _, d := range ready {
		if !next.touched[d.id] {
			b.Update(d)
		}
	}
	return next.gen.batch(b)
}

// settle waits until everything written is on disk.
func (g *generation) settle(ctx context.Context) error {
	persisted := make(chan error, 1)
	b := api.NewBatch()
	b.SetInternal([]byte("settled"), []byte("1"))
	b.SetPersistedCallback(func(err error) { persisted <- err })
	if err := g.batch(b); err != nil {
		return err
	}
	select {
	case err := <-persisted:
		if err != nil {
			return fmt.Errorf("writing the search index to disk: %w", err)
		}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
