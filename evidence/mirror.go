package evidence

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/markwatch/markwatch"
)

// Bucket is where the machines of a deployment keep copies of their captures,
// so that each can read what the others fetched.
type Bucket interface {
	// Put keeps a copy of a local file, whole or not at all.
	Put(ctx context.Context, name, path string) error
	// Open reads an object from an offset on, up to length bytes, to its end
	// where length is negative. The error is of CodeNotFound where there is
	// no such object.
	Open(ctx context.Context, name string, offset, length int64) (io.ReadCloser, error)
	// Remove drops an object; one that is not there is no error.
	Remove(ctx context.Context, name string) error
}

// mirrorFile lists, in the archive's folder, what was copied to the bucket
// from there.
const mirrorFile = ".mirrored.json"

// mirrored is the state of a file when it was copied.
type mirrored struct {
	Size     int64 `json:"size"`
	Modified int64 `json:"modified"` // Unix nanoseconds
}

// Mirrored counts what a Mirror did.
type Mirrored struct {
	Copied, Removed int
	Bytes           int64
}

// Mirror brings the bucket's copies of this folder up to date: ended files
// that are new or were pruned since are copied, with their indexes, and copies
// of files that are gone are dropped. What other machines put there is left
// alone. An interrupted Mirror is taken up by the next. It does nothing where
// the archive has no bucket.
func (a *Archive) Mirror(ctx context.Context) (done Mirrored, err error) {
	if a.opts.Bucket == nil || a.opts.ReadOnly {
		return done, nil
	}
	a.mirroring.Lock()
	defer a.mirroring.Unlock()
	state, err := a.readMirrored()
	if err != nil {
		return done, err
	}
	names, err := captureFiles(a.dir)
	if err != nil {
		return done, markwatch.WrapError(markwatch.CodeUnavailable, err, "the archive folder cannot be read")
	}
	for _, name := range names {
		if open, _ := a.isOpen(name); open {
			continue
		}
		bytes, err := a.mirror(ctx, name, state)
		if err != nil {
			return done, fmt.Errorf("copying the captures of %s to the bucket: %w", name, err)
		}
		if bytes > 0 {
			done.Copied++
			done.Bytes += bytes
		}
	}
	for _, name := range slices.Sorted(maps.Keys(state)) {
		if slices.Contains(names, name) {
			continue
		}
		for _, object := range []string{name, name + offsetSuffix} {
			if err := a.opts.Bucket.Remove(ctx, object); err != nil {
				return done, fmt.Errorf("dropping the copy of %s: %w", name, err)
			}
		}
		delete(state, name)
		if err := a.writeMirrored(state); err != nil {
			return done, err
		}
		done.Removed++
	}
	return done, nil
}

// mirror copies one file where its copy is behind; the index goes first, so
// that no file is there without it.
func (a *Archive) mirror(ctx context.Context, name string, state map[string]mirrored) (bytes int64, err error) {
	path := filepath.Join(a.dir, name)
	if isWARC(name) {
		if _, err := a.index(ctx, name); err != nil {
			return 0, err
		}
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil // pruned away meanwhile
	}
	if err != nil {
		return 0, markwatch.WrapError(markwatch.CodeUnavailable, err, "the archive folder cannot be read")
	}
	is := mirrored{info.Size(), info.ModTime().UnixNano()}
	if state[name] == is {
		return 0, nil
	}
	if err := a.opts.Bucket.Put(ctx, name+offsetSuffix, path+offsetSuffix); err != nil && isWARC(name) {
		return 0, err
	}
	if err := a.opts.Bucket.Put(ctx, name, path); err != nil {
		return 0, err
	}
	state[name] = is
	return is.Size, a.writeMirrored(state)
}

func (a *Archive) readMirrored() (map[string]mirrored, error) {
	state := map[string]mirrored{}
	b, err := os.ReadFile(filepath.Join(a.dir, mirrorFile))
	if errors.Is(err, fs.ErrNotExist) {
		return state, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &state)
	}
	if err != nil {
		return nil, markwatch.WrapError(markwatch.CodeUnavailable, err, "the list of copied captures, %s, cannot be read; remove it to copy everything again", mirrorFile)
	}
	return state, nil
}

func (a *Archive) writeMirrored(state map[string]mirrored) error {
	b, err := json.Marshal(state)
	if err == nil {
		err = replaceFile(filepath.Join(a.dir, mirrorFile), b)
	}
	if err != nil {
		return markwatch.WrapError(markwatch.CodeUnavailable, err, "the list of copied captures cannot be written")
	}
	return nil
}
