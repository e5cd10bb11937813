package meili

import (
	"context"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"sync"
	"time"

	ms "github.com/meilisearch/meilisearch-go"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/index"
)

// rebuild is an index that is being filled.
type rebuild struct {
	uid string
	// touched are the ids that were put or deleted since the rebuild began:
	// what the record says of them may be older than that.
	mu      sync.Mutex
	touched map[string]bool
}

func (r *rebuild) touch(ids []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range ids {
		r.touched[id] = true
	}
}

// untouched leaves out what was touched.
func (r *rebuild) untouched(docs []document) []document {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := docs[:0]
	for _, d := range docs {
		if id, _ := d[attrID].(string); !r.touched[id] {
			out = append(out, d)
		}
	}
	return out
}

// pending is how many of a rebuild's tasks may wait in the server's queue; its
// reading goes no further ahead than that.
const pending = 8

// Rebuild implements index.Index: it fills a second index and swaps the two,
// which Meilisearch does in one step.
func (x *Index) Rebuild(ctx context.Context, docs iter.Seq2[index.Document, error]) (err error) {
	if err := x.Prepare(ctx); err != nil {
		return err
	}
	next := &rebuild{uid: x.uid + nextMark + strconv.FormatInt(time.Now().UnixMilli(), 36), touched: map[string]bool{}}
	x.writes.Lock()
	if x.next != nil {
		x.writes.Unlock()
		return markwatch.Errorf(markwatch.CodeConflict, "the search index is being rebuilt already")
	}
	x.next = next
	x.writes.Unlock()
	swapped := false
	defer func() {
		x.writes.Lock()
		x.next = nil
		x.writes.Unlock()
		if !swapped {
			// The caller's context may be over; what was begun is taken away.
			after, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
			defer cancel()
			if dropErr := x.drop(after, next.uid); dropErr != nil {
				x.options.Log.WarnContext(ctx, "an index that was being filled is left over; the next start deletes it", "index", next.uid, "error", dropErr)
			}
		}
	}()
	if _, err := x.create(ctx, next.uid); err != nil {
		return err
	}
	if _, err := x.applySettings(ctx, next.uid); err != nil {
		return err
	}
	if err := x.fill(ctx, next, docs); err != nil {
		return err
	}
	if err := x.swap(ctx, next); err != nil {
		return err
	}
	swapped = true
	x.preparing.Lock()
	x.fresh = false
	x.preparing.Unlock()
	return x.dropOld(ctx, next.uid)
}

// fill sends all documents.
func (x *Index) fill(ctx context.Context, next *rebuild, docs iter.Seq2[index.Document, error]) error {
	var tasks []*ms.TaskInfo
	var batch []document
	text := 0
	send := func() error {
		// Shared with other readers, but not with a Put, so that a batch is
		// not both looked through before it and sent after it.
		x.writes.RLock()
		sent, err := x.add(ctx, next.uid, next.untouched(batch))
		x.writes.RUnlock()
		tasks = append(tasks, sent...)
		batch, text = nil, 0
		if err != nil {
			return err
		}
		if n := len(tasks) - pending; n > 0 {
			err = x.wait(ctx, "filling the new index", tasks[:n]...)
			tasks = tasks[n:]
		}
		return err
	}
	for d, err := range docs {
		if err != nil {
			return fmt.Errorf("reading documents for the search index: %w", err)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if d.CheckID() != nil {
			continue
		}
		batch = append(batch, newDocument(&d, x.options.Fold))
		text += len(d.Title) + len(d.Description) + len(d.Text) + len(d.Folded)
		if len(batch) == batchDocs || text > batchBytes/4 {
			if err := send(); err != nil {
				return err
			}
		}
	}
	if len(batch) > 0 {
		if err := send(); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return x.wait(ctx, "filling the new index", tasks...)
}

// swap puts the filled index in the place of the other.
func (x *Index) swap(ctx context.Context, next *rebuild) error {
	x.writes.Lock()
	defer x.writes.Unlock()
	defer x.verified.forget()
	task, err := x.server.SwapIndexes(ctx, []*ms.SwapIndexesParams{{Indexes: []string{x.uid, next.uid}}})
	if err != nil {
		return x.fault(ctx, err, "swapping the indexes")
	}
	if err := x.wait(ctx, "swapping the indexes", task); err != nil {
		return err
	}
	x.next = nil
	return nil
}

// dropOld deletes what was swapped out, and the indexes of other versions.
func (x *Index) dropOld(ctx context.Context, swapped string) error {
	list, err := x.indexes(ctx)
	if err != nil {
		return err
	}
	for _, uid := range list {
		version, ours := strings.CutPrefix(uid, x.options.Name+"-")
		other := ours && isVersion(version) && uid != x.uid
		if uid == swapped || other {
			if err := x.drop(ctx, uid); err != nil {
				return err
			}
		}
	}
	return nil
}
