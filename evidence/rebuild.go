package evidence

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/markwatch/markwatch"
)

// maxListed bounds how many entries of one file are held in memory; files of
// an Archive have fewer.
const maxListed = 4_000_000

// readEntries lists the captures of the file at path by reading it, from an
// offset on at which a record starts. Damage costs what is damaged.
func readEntries(ctx context.Context, path string, from int64) (entryList, error) {
	r, err := openAt(path, from)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var list entryList
	for {
		if err := ctx.Err(); err != nil {
			return nil, markwatch.WrapError(markwatch.CodeCanceled, err, "reading of an index stopped")
		}
		rec, err := r.Next()
		var damage *FormatError
		switch {
		case errors.As(err, &damage):
			continue
		case errors.Is(err, io.EOF):
			return list, nil
		case err != nil:
			return nil, fmt.Errorf("indexing %s: %w", filepath.Base(path), err)
		}
		if e, ok := rec.entry(filepath.Base(path), r.recordEnd()); ok {
			if len(list) == maxListed {
				return nil, markwatch.Errorf(markwatch.CodeInvalid, "%s holds more than %d captures", filepath.Base(path), maxListed)
			}
			list = append(list, e)
		}
	}
}

// openAt opens a WARC file at an offset; offsets of records are still those
// of the file.
func openAt(path string, from int64) (*Reader, error) {
	r, err := OpenFile(path)
	if err != nil || from == 0 {
		return r, err
	}
	seeker, ok := r.close.(io.Seeker)
	if !ok || r.records != nil {
		r.Close()
		return nil, markwatch.Errorf(markwatch.CodeInvalid, "%s is no WARC file", filepath.Base(path))
	}
	if _, err := seeker.Seek(from, io.SeekStart); err != nil {
		r.Close()
		return nil, fmt.Errorf("seeking in %s: %w", filepath.Base(path), err)
	}
	r.raw.base = from
	return r, nil
}

// rebuild makes the indexes of a file that nobody writes any more, and returns
// its entries sorted. Where the file's writer was killed, only the end of the
// file is read, behind the last line that the writer left. Indexes that cannot
// be written are no error: they only save time.
func rebuild(ctx context.Context, path string) (entryList, error) {
	list, size, err := reread(ctx, path)
	if err != nil {
		return nil, err
	}
	_ = writeIndex(path, size, list)
	list.sort()
	return list, nil
}

// reread returns the entries of a file in its order, and its size, by what its
// writer left and what stands behind that.
func reread(ctx context.Context, path string) (list entryList, size int64, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, 0, markwatch.WrapError(markwatch.CodeNotFound, err, "the WARC file cannot be read")
	}
	list = leftEntries(path, info.Size())
	from := int64(0)
	if len(list) > 0 {
		// The last one is read again: its line may be of a record that is not.
		from = list[len(list)-1].Offset
		list = list[:len(list)-1]
	}
	rest, err := readEntries(ctx, path, from)
	return append(list, rest...), info.Size(), err
}

// leftEntries are those that a writer which did not end its file had listed.
func leftEntries(path string, size int64) (list entryList) {
	f, err := os.Open(path + entrySuffix)
	if err != nil {
		return nil
	}
	defer f.Close()
	if head, err := bufio.NewReader(f).ReadString('\n'); err != nil || head != openHead {
		return nil
	}
	end := int64(0)
	err = openIndex{path: path}.each("", func(e Entry) bool {
		if e.Offset < end || e.Offset >= size {
			return false
		}
		list, end = append(list, e), e.Offset+e.Length
		return true
	})
	_ = err // what could be read before it counts
	return list
}

// offsetOf is offsetOf for a file that is asked about again and again.
func (a *Archive) offsetOf(path, id string) (int64, bool) {
	lines, err := a.lookups.lines(path+offsetSuffix, id)
	if err != nil {
		return offsetOf(path, id)
	}
	if len(lines) == 0 {
		return 0, false
	}
	_, at, _ := bytes.Cut(lines[0], []byte(" "))
	offset, err := strconv.ParseInt(string(bytes.TrimSpace(at)), 10, 64)
	return offset, err == nil && offset >= 0
}

// offsetOf looks an id up in lines "<id> <offset>".
func offsetOf(path, id string) (int64, bool) {
	index, err := os.ReadFile(path + offsetSuffix)
	if err != nil {
		return 0, false
	}
	// Searched as a whole: a file of 100,000 captures has 6 MB of index, whose
	// lines would cost many times as much one by one.
	for at := 0; ; {
		i := bytes.Index(index[at:], []byte(id+" "))
		if i < 0 {
			return 0, false
		}
		at += i
		if at == 0 || index[at-1] == '\n' {
			line, _, _ := bytes.Cut(index[at+len(id)+1:], []byte("\n"))
			offset, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 10, 64)
			return offset, err == nil && offset >= 0
		}
		at++
	}
}

// recordAt reads the record with an id where an index says it starts, or
// returns nil: the index saves time and decides nothing.
func recordAt(path string, offset int64, id string) *Record {
	if isOtherFormat(path) {
		// Files of other formats have no places to start at.
		rec, _ := searchRecord(context.Background(), path, id)
		return rec
	}
	r, err := openAt(path, offset)
	if err != nil {
		return nil
	}
	defer r.Close()
	for {
		// Several records may share a gzip member and so an offset.
		rec, err := r.Next()
		if err != nil || rec.Offset > offset {
			return nil
		}
		if rec.ID == id {
			return rec
		}
	}
}
