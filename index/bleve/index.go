package bleve

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	api "github.com/blevesearch/bleve_index_api"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/index"
)

// Options say how an index is opened.
type Options struct {
	// Dir is the index's own folder; it is made where it is missing.
	Dir string
	// Fold is the folding of texts and queries, called by several goroutines
	// at once; nil is lower case. A text that index.Document brings folded must have been folded by it too.
	Fold func(string) string
	// FoldVersion names Fold's present behaviour. An index that was written
	// with another one must be rebuilt, since queries would miss.
	FoldVersion string
	// Renew opens an empty index where the one in Dir is of another version,
	// instead of failing; Fresh then says so. The old one is deleted.
	Renew bool
}

// Index is an index.Index in a folder.
type Index struct {
	options Options
	fresh   bool
	freq    *api.TokenFreq

	// writes: a rebuild's batches hold it shared, since they only touch the
	// next generation; Put, Delete and the swap hold it alone.
	writes sync.RWMutex
	next   *rebuild

	mu      sync.RWMutex
	current *generation

	stop     chan struct{}
	watching sync.WaitGroup
}

var _ index.Index = (*Index)(nil)

const (
	currentFile = "CURRENT" // holds the name of the current generation's folder
	versionFile = "VERSION" // in each generation's folder
)

// Open opens the index in a folder, or makes an empty one. An index of
// another version is an error of markwatch.CodeConflict (see Options.Renew),
// one that another process holds of markwatch.CodeLocked.
func Open(o Options) (*Index, error) {
	if o.Fold == nil {
		o.Fold = strings.ToLower
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the index's folder: %w", err)
	}
	x := &Index{options: o, freq: once(), stop: make(chan struct{})}
	name, err := x.currentName()
	if err != nil {
		return nil, err
	}
	if name == "" {
		x.fresh = true
		name = generationName(time.Now())
		if err := x.prepare(name); err != nil {
			return nil, err
		}
	}
	if x.current, err = openGeneration(filepath.Join(o.Dir, name), false); err != nil {
		return nil, err
	}
	if x.fresh {
		if err := x.setCurrent(name); err != nil {
			_ = x.current.close()
			return nil, err
		}
	}
	x.sweep(name)
	x.watching.Add(1)
	go x.watch()
	return x, nil
}

// Fresh is true where Open made an empty index, which Rebuild should fill.
func (x *Index) Fresh() bool { return x.fresh }

// currentName reads which generation is current; "" is none of this version.
func (x *Index) currentName() (string, error) {
	b, err := os.ReadFile(filepath.Join(x.options.Dir, currentFile))
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("reading the index's state: %w", err)
	}
	name := strings.TrimSpace(string(b))
	if name != filepath.Base(name) || !strings.HasPrefix(name, generationPrefix) {
		return "", markwatch.Errorf(markwatch.CodeInvalid, "the index's file %s is damaged; run reindex", filepath.Join(x.options.Dir, currentFile))
	}
	written, err := os.ReadFile(filepath.Join(x.options.Dir, name, versionFile))
	if err == nil && string(written) == x.version() {
		return name, nil
	}
	if x.options.Renew {
		return "", nil
	}
	return "", markwatch.Errorf(markwatch.CodeConflict,
		"搜索索引是另一版本写的,请运行 markwatch reindex (the search index was written by another version; run markwatch reindex)")
}

func (x *Index) version() string {
	return "mapping " + mapping + " fold " + x.options.FoldVersion + "\n"
}

const generationPrefix = "gen-"

func generationName(now time.Time) string {
	return generationPrefix + now.UTC().Format("20060102T150405.000000000")
}

// prepare makes a generation's folder with its version.
func (x *Index) prepare(name string) error {
	dir := filepath.Join(x.options.Dir, name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making the index's folder: %w", err)
	}
	return writeFile(filepath.Join(dir, versionFile), x.version())
}

func (x *Index) setCurrent(name string) error {
	return writeFile(filepath.Join(x.options.Dir, currentFile), name+"\n")
}

// writeFile puts a file in place whole, on disk.
func writeFile(path, content string) error {
	temp := path + ".new"
	f, err := os.OpenFile(temp, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = f.WriteString(content)
		err = errors.Join(err, f.Sync(), f.Close())
	}
	if err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		return fmt.Errorf("writing the index's state: %w", err)
	}
	return nil
}

// sweep deletes the folders of generations that are not current, as a crash
// in a rebuild leaves them.
func (x *Index) sweep(keep string) {
	entries, err := os.ReadDir(x.options.Dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if e.IsDir() && strings.HasPrefix(e.Name(), generationPrefix) && e.Name() != keep {
			_ = os.RemoveAll(filepath.Join(x.options.Dir, e.Name()))
		}
	}
}

// watch takes up the segments that the engine merges in the background.
func (x *Index) watch() {
	defer x.watching.Done()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-x.stop:
			return
		case <-tick.C:
			g := x.generation()
			_ = g.refresh()
			g.gatherCommon(x.stop)
		}
	}
}

func (x *Index) generation() *generation {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.current
}

// Put implements index.Index.
func (x *Index) Put(ctx context.Context, docs []index.Document) error {
	b := api.NewBatch()
	ids := make([]string, len(docs))
	for i := range docs {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := docs[i].CheckID(); err != nil {
			return err
		}
		ids[i] = docs[i].ID
		b.Update(newDocument(&docs[i], x.options.Fold, x.freq))
	}
	return x.write(b, ids)
}

// Delete implements index.Index.
func (x *Index) Delete(ctx context.Context, ids []string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	b := api.NewBatch()
	for _, id := range ids {
		b.Delete(id)
	}
	return x.write(b, ids)
}

func (x *Index) write(b *api.Batch, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	x.writes.Lock()
	defer x.writes.Unlock()
	g := x.generation()
	if err := g.batch(b); err != nil {
		return err
	}
	if err := g.refresh(); err != nil {
		return err
	}
	if x.next != nil {
		return x.next.write(b, ids)
	}
	return nil
}

// Count implements index.Index.
func (x *Index) Count(ctx context.Context) (int, error) {
	s, err := x.acquire()
	if err != nil {
		return 0, err
	}
	defer s.release()
	n := 0
	for _, seg := range s.segments {
		n += int(seg.live.GetCardinality())
	}
	return n, ctx.Err()
}

// Close implements index.Index.
func (x *Index) Close() error {
	select {
	case <-x.stop:
		return nil
	default:
		close(x.stop)
	}
	x.watching.Wait()
	x.writes.Lock()
	defer x.writes.Unlock()
	return x.generation().close()
}
