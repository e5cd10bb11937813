package bleve

import (
	"fmt"
	"runtime"
	"strings"
	"sync"

	"github.com/blevesearch/bleve/v2/index/scorch"
	api "github.com/blevesearch/bleve_index_api"

	"github.com/markwatch/markwatch"
)

// lockWait is how long opening waits for another process that holds the
// folder; the caller has locked the data folder before, so none should.
const lockWait = "3s"

// generation is one scorch index in a folder of its own. A rebuild makes the
// next one.
type generation struct {
	dir     string
	engine  api.Index
	queue   *api.AnalysisQueue
	sellers *interner

	// refreshing lets one goroutine read new segments at a time.
	refreshing sync.Mutex
	mu         sync.RWMutex
	current    *snapshot
	closed     bool
	broken     error // why nothing more can be written
}

// snapshot is one state of a generation with everything about it read.
type snapshot struct {
	reader   *scorch.IndexSnapshot
	segments []*segment
	sellers  *interner
}

// release gives a snapshot back; it must not be used after.
func (s *snapshot) release() { _ = s.reader.DecRef() }

// openGeneration opens or creates one. Where unsafe is set, a batch returns
// before it is on disk.
func openGeneration(dir string, unsafe bool) (*generation, error) {
	g := &generation{dir: dir, sellers: newInterner(), queue: api.NewAnalysisQueue(runtime.GOMAXPROCS(0))}
	engine, err := scorch.NewScorch(scorch.Name, map[string]any{
		"path": dir, "bolt_timeout": lockWait, "unsafe_batch": unsafe,
	}, g.queue)
	if err == nil {
		err = engine.Open()
	}
	if err != nil {
		g.queue.Close()
		if strings.Contains(err.Error(), "timeout") {
			return nil, markwatch.WrapError(markwatch.CodeLocked, err, "the search index %s is held by another process", dir)
		}
		return nil, fmt.Errorf("opening the search index %s: %w", dir, err)
	}
	g.engine = engine
	if err := g.refresh(); err != nil {
		_ = g.close()
		return nil, err
	}
	return g, nil
}

// batch writes, and makes what it wrote visible. The engine cannot go on after
// a failed write (a full disk): it panics at the next one. What was written
// before stays on disk and is there when the index is opened again.
func (g *generation) batch(b *api.Batch) (err error) {
	g.mu.RLock()
	err = g.broken
	g.mu.RUnlock()
	if err != nil {
		return err
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the search engine failed: %v", p)
		}
		if err != nil {
			err = markwatch.WrapError(markwatch.CodeUnavailable, err, "writing to the search index, which must be opened again")
			g.mu.Lock()
			g.broken = err
			g.mu.Unlock()
		}
	}()
	return g.engine.Batch(b)
}

// refresh makes the engine's newest state the current one. All that searching
// needs of new segments is read here, so that no search waits for it.
func (g *generation) refresh() error {
	g.refreshing.Lock()
	defer g.refreshing.Unlock()
	if g.closed {
		return errClosed
	}
	r, err := g.engine.Reader()
	if err != nil {
		return fmt.Errorf("reading the search index: %w", err)
	}
	reader, ok := r.(*scorch.IndexSnapshot)
	if !ok || reader == nil {
		return errClosed
	}
	views := map[uint64]*view{}
	if old := g.current; old != nil {
		if old.reader == reader {
			_ = reader.DecRef()
			return nil
		}
		for i, s := range old.reader.Segments() {
			views[s.Id()] = old.segments[i].view
		}
	}
	next := &snapshot{reader: reader, sellers: g.sellers}
	for _, s := range reader.Segments() {
		v := views[s.Id()]
		if v == nil {
			if v, err = newView(s.Segment(), g.sellers); err != nil {
				next.release()
				return err
			}
		}
		next.segments = append(next.segments, &segment{view: v, source: s.Segment(), live: s.DocNumbersLive()})
	}
	g.mu.Lock()
	old := g.current
	g.current = next
	g.mu.Unlock()
	if old != nil {
		old.release()
	}
	return nil
}

// gatherCommon readies large segments for single characters. What fails here
// is done, and told, when it is asked for.
func (g *generation) gatherCommon(stop <-chan struct{}) {
	s, err := g.acquire()
	if err != nil {
		return
	}
	defer s.release()
	for _, seg := range s.segments {
		if seg.gatherCommon(stop) != nil {
			return
		}
	}
}

// acquire returns the current snapshot; the caller releases it.
func (g *generation) acquire() (*snapshot, error) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if g.current == nil {
		return nil, errClosed
	}
	g.current.reader.AddRef()
	return g.current, nil
}

func (g *generation) close() error {
	g.refreshing.Lock()
	defer g.refreshing.Unlock()
	if g.closed {
		return nil
	}
	g.closed = true
	g.mu.Lock()
	old := g.current
	g.current = nil
	g.mu.Unlock()
	if old != nil {
		old.release()
	}
	err := g.engine.Close()
	g.queue.Close()
	if err != nil {
		return fmt.Errorf("closing the search index: %w", err)
	}
	return nil
}

var errClosed = markwatch.Errorf(markwatch.CodeUnavailable, "the search index is closed")
