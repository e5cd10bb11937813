package evidence

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"time"

	"github.com/markwatch/markwatch"
)

// Find returns the captures of an address from a time on and before another,
// newest last; a zero time is no bound. http and https, and addresses that
// differ in their fragment alone, are the same address. It reads the indexes
// beside the files and first makes those that are missing, damaged or behind
// their file. Where a file cannot be read the error says so beside what the
// others hold.
func (a *Archive) Find(ctx context.Context, url string, from, to time.Time) ([]Entry, error) {
	key := urlKey(url)
	if key == "" {
		return nil, nil
	}
	files, err := a.lookups.captureFiles(a.dir)
	if err != nil {
		return nil, markwatch.WrapError(markwatch.CodeUnavailable, err, "the archive folder cannot be read")
	}
	var found []Entry
	var failed error
	for _, file := range files {
		if err := ctx.Err(); err != nil {
			return nil, markwatch.WrapError(markwatch.CodeCanceled, err, "search for captures stopped")
		}
		if a.lookups.outside(file, from, to) {
			continue
		}
		list, err := a.list(ctx, file, key)
		if err != nil && markwatch.ErrorCode(err) != markwatch.CodeNotFound {
			// A file that is gone by now was pruned meanwhile.
			failed = errors.Join(failed, err)
		}
		for _, e := range list {
			if !e.At.Before(from) && (to.IsZero() || e.At.Before(to)) {
				found = append(found, e)
			}
		}
	}
	slices.SortStableFunc(found, func(x, y Entry) int { return x.At.Compare(y.At) })
	return found, failed
}

// list returns the entries of a file that have a key.
func (a *Archive) list(ctx context.Context, file, key string) ([]Entry, error) {
	var list []Entry
	take := func(e Entry) bool {
		list = append(list, e)
		return true
	}
	index, err := a.index(ctx, file)
	if err != nil {
		return nil, err
	}
	if err := index.each(key, take); err == nil {
		return list, nil
	}
	list = nil
	remade, err := a.remake(ctx, file)
	if err != nil {
		return nil, err
	}
	return list, remade.each(key, take)
}

// every calls fn with all entries of a file; with some of them twice where the
// index turns out to be damaged.
func (a *Archive) every(ctx context.Context, file string, fn func(Entry)) error {
	take := func(e Entry) bool {
		fn(e)
		return ctx.Err() == nil
	}
	index, err := a.index(ctx, file)
	if err != nil {
		return err
	}
	if err := index.each("", take); err != nil {
		remade, err := a.remake(ctx, file)
		if err != nil {
			return err
		}
		if err := remade.each("", take); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return markwatch.WrapError(markwatch.CodeCanceled, err, "reading of an index stopped")
	}
	return nil
}

// index returns the entries of a file of the folder: from the index beside it
// where that is whole, else made anew.
func (a *Archive) index(ctx context.Context, file string) (entries, error) {
	path := filepath.Join(a.dir, file)
	switch open, indexed := a.isOpen(file); {
	case open && indexed:
		return openIndex{path, &a.lookups}, nil
	case open:
		return a.remake(ctx, file)
	}
	if sorted, err := openSorted(path); err == nil {
		a.lookups.closed(file, sorted.meta)
		return sorted, nil
	}
	return a.rebuild(ctx, file)
}

// rebuild makes the index of a file unless another call just did.
func (a *Archive) rebuild(ctx context.Context, file string) (entries, error) {
	a.indexing.Lock()
	defer a.indexing.Unlock()
	if sorted, err := openSorted(filepath.Join(a.dir, file)); err == nil {
		return sorted, nil
	}
	return a.remakeAlone(ctx, file)
}

// remake reads a file whose index is damaged, or cannot be written.
func (a *Archive) remake(ctx context.Context, file string) (entries, error) {
	a.indexing.Lock()
	defer a.indexing.Unlock()
	return a.remakeAlone(ctx, file)
}

func (a *Archive) remakeAlone(ctx context.Context, file string) (entries, error) {
	path := filepath.Join(a.dir, file)
	if open, _ := a.isOpen(file); open {
		list, err := readEntries(ctx, path, 0)
		list.sort()
		return list, err
	}
	if a.opts.ReadOnly {
		list, _, err := reread(ctx, path)
		list.sort()
		return list, err
	}
	list, err := rebuild(ctx, path)
	a.forgetUsage()
	return list, err
}

// entry finds a capture by its address and record id.
func (a *Archive) entry(ctx context.Context, file, url, id string) (e Entry, found bool, err error) {
	list, err := a.list(ctx, file, urlKey(url))
	if err != nil {
		return Entry{}, false, err
	}
	i := slices.IndexFunc(list, func(e Entry) bool { return e.ID == id })
	if i < 0 {
		return Entry{}, false, nil
	}
	return list[i], true, nil
}

// File is one WARC file of an archive's folder.
type File struct {
	Name string
	// Bytes is its size without its indexes.
	Bytes int64
	// Open is set while this process writes to it: it cannot be pruned.
	Open bool
}

// Referenced returns the snapshots that revisit records of the folder refer
// to; those in one file where file is not empty. Pruning keeps them by itself.
func (a *Archive) Referenced(ctx context.Context, file string) (map[string]bool, error) {
	return a.referenced(ctx, file, "")
}
