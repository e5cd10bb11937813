package evidence

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/markwatch/markwatch"
)

const (
	// maxRemote bounds what is read of the bucket for one record: the longest
	// record and what shares its gzip member.
	maxRemote = 256 << 20
	// maxRemoteIndex bounds an index of record ids; 100,000 captures have
	// about 6 MB.
	maxRemoteIndex = 64 << 20
)

// remote reads a record that another machine captured from the bucket. Its
// bytes, and those of the record that it confirms, are put into files of the
// same names in a folder of their own, where they are read like any others.
func (a *Archive) remote(ctx context.Context, file, id string) (*Record, error) {
	dir, err := os.MkdirTemp("", "markwatch-capture-")
	if err != nil {
		return nil, markwatch.WrapError(markwatch.CodeUnavailable, err, "a temporary folder cannot be made")
	}
	defer func() { _ = os.RemoveAll(dir) }() // what is left is small and in the folder for such
	if !isWARC(file) {
		if err := a.copyObject(ctx, file, 0, -1, filepath.Join(dir, file)); err != nil {
			return nil, err
		}
		return searchRecord(ctx, filepath.Join(dir, file), id)
	}
	// The revisit's chain first, so that the folder holds its original.
	const longest = 16
	at, want := file, id
	var first *Record
	for range longest {
		rec, err := a.remoteRecord(ctx, dir, at, want)
		if err != nil {
			if first != nil {
				break // the original is not at hand: the revisit says so
			}
			return nil, err
		}
		if first == nil {
			first = rec
		}
		next, _, _ := rec.RefersTo()
		if named := rec.Header.Get(fieldRefersToFile); named != "" && isFileName(named) {
			at = named
		}
		if !rec.IsRevisit() || next == "" {
			break
		}
		want = next
	}
	rec, err := searchRecord(ctx, filepath.Join(dir, file), id)
	if err != nil {
		return nil, err
	}
	if rec.IsRevisit() {
		_, _ = rec.Original() // found while the folder is there; where it is not, Original says so again
	}
	return rec, nil
}

// remoteRecord adds one record to the file of its name in dir and returns it.
func (a *Archive) remoteRecord(ctx context.Context, dir, file, id string) (*Record, error) {
	offset, end, err := a.remoteOffset(ctx, file, id)
	if err != nil {
		return nil, err
	}
	length := int64(-1)
	if end > offset {
		length = end - offset
	}
	path := filepath.Join(dir, file)
	if err := a.copyObject(ctx, file, offset, length, path); err != nil {
		return nil, err
	}
	return searchRecord(ctx, path, id)
}

// remoteOffset reads where a record starts and where the next one does, 0
// where there is none.
func (a *Archive) remoteOffset(ctx context.Context, file, id string) (offset, end int64, err error) {
	index, err := a.opts.Bucket.Open(ctx, file+offsetSuffix, 0, maxRemoteIndex)
	if err != nil {
		return 0, 0, err
	}
	defer index.Close()
	offset = -1
	var starts []int64
	lines := newLines(index)
	for lines.Scan() {
		key, number, _ := strings.Cut(lines.Text(), " ")
		var at int64
		if _, err := fmt.Sscanf(number, "%d", &at); err != nil || at < 0 {
			continue
		}
		starts = append(starts, at)
		if key == id {
			offset = at
		}
	}
	if err := lines.Err(); err != nil {
		return 0, 0, markwatch.WrapError(markwatch.CodeUnavailable, err, "the index of %s cannot be read", file)
	}
	if offset < 0 {
		return 0, 0, markwatch.Errorf(markwatch.CodeNotFound, "%s holds no record %s", file, id)
	}
	for _, at := range starts {
		if at > offset && (end == 0 || at < end) {
			end = at
		}
	}
	return offset, end, nil
}

// copyObject appends a part of an object to a local file.
func (a *Archive) copyObject(ctx context.Context, name string, offset, length int64, path string) (err error) {
	if length < 0 || length > maxRemote {
		length = maxRemote
	}
	in, err := a.opts.Bucket.Open(ctx, name, offset, length)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return markwatch.WrapError(markwatch.CodeUnavailable, err, "a temporary file cannot be made")
	}
	_, err = bufio.NewReader(io.LimitReader(in, length)).WriteTo(out)
	if closeErr := out.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return markwatch.WrapError(markwatch.CodeUnavailable, err, "%s cannot be read from the bucket", name)
	}
	return nil
}
