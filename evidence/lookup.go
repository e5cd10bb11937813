package evidence

import (
	"bufio"
	"bytes"
	"errors"
	"hash/maphash"
	"io"
	"os"
	"slices"
	"sync"
	"time"
)

const (
	// maxTables is how many indexes are held in memory to look things up in,
	// maxTableLines how long each may be: some five megabytes. Files of an
	// Archive have at most maxCaptures.
	maxTables     = 8
	maxTableLines = 2 * maxCaptures
	// settled is how old a folder's last change must be for its list of files
	// to hold until the next: clocks of file systems may be coarse.
	settled = 3 * time.Second
)

// lookups is what an Archive remembers of its folder, so that what one lookup
// costs does not grow with the captures there are. The zero value is ready.
type lookups struct {
	mu     sync.Mutex
	tables map[string]*lineTable // by path
	clock  uint64                // counts lookups, to know the table least recently used
	// periods are the times that the entries of closed files lie between. They
	// only ever get narrower, when a file is pruned.
	periods map[string]period
	// files are the captures' files as of the folder's change at; nil where
	// they are not known.
	files []string
	at    time.Time
}

// period is from the first entry to the last; none where a file has no entries.
type period struct {
	first, last time.Time
	none        bool
}

// captureFiles is captureFiles of a folder that is asked for again and again.
func (l *lookups) captureFiles(dir string) ([]string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	info, err := os.Stat(dir)
	if err != nil {
		return nil, err
	}
	if l.files != nil && info.ModTime().Equal(l.at) {
		return l.files, nil
	}
	files, err := captureFiles(dir)
	l.files = nil
	if err == nil && time.Since(info.ModTime()) > settled {
		l.files, l.at = files, info.ModTime()
	}
	return files, err
}

// outside says that a file is known to hold no entry from a time on and before
// another; a zero time is no bound.
func (l *lookups) outside(file string, from, to time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	s, known := l.periods[file]
	return known && (s.none || s.last.Before(from) || !to.IsZero() && !s.first.Before(to))
}

// closed remembers the times of a file that takes no more records.
func (l *lookups) closed(file string, meta indexMeta) {
	s := period{none: meta.From == "" && meta.To == ""}
	if !s.none {
		var err, other error
		s.first, err = parseStamp(meta.From)
		s.last, other = parseStamp(meta.To)
		if err != nil || other != nil {
			return
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.periods == nil {
		l.periods = map[string]period{}
	}
	l.periods[file] = s
}

// lines returns the lines of an index whose first word is word, in their
// order. An error says that they cannot be found so, and nothing of what is
// there.
func (l *lookups) lines(path, word string) ([][]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.tables[path]
	if t == nil {
		t = &lineTable{seed: maphash.MakeSeed()}
	}
	found, err := t.find(path, word)
	if err != nil {
		delete(l.tables, path)
		return nil, err
	}
	if l.tables == nil {
		l.tables = map[string]*lineTable{}
	}
	l.clock++
	t.used = l.clock
	l.tables[path] = t
	if len(l.tables) > maxTables {
		oldest := path
		for other, table := range l.tables {
			if table.used < l.tables[oldest].used {
				oldest = other
			}
		}
		delete(l.tables, oldest)
	}
	return found, nil
}

// lineTable finds lines of a file by their first word. The file may grow at
// its end, of which only what is new is read the next time.
type lineTable struct {
	seed   maphash.Seed
	used   uint64
	file   os.FileInfo      // as it was when it was read last
	end    int64            // of the last whole line that was read
	newest map[uint64]int32 // the last line of a word, by its hash
	all    []tableLine      // in the file's order
}

// tableLine is where a line starts, and the line of the same hash before it; -1
// where there is none.
type tableLine struct {
	at     int64
	before int32
}

var errLongIndex = errors.New("the index, or a line of it, is too long to be held in memory")

func (t *lineTable) find(path, word string) ([][]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := t.follow(f); err != nil {
		return nil, err
	}
	i, ok := t.newest[maphash.String(t.seed, word)]
	if !ok {
		return nil, nil
	}
	var found [][]byte
	for ; i >= 0; i = t.all[i].before {
		next := t.end
		if int(i)+1 < len(t.all) {
			next = t.all[i+1].at
		}
		line := make([]byte, next-t.all[i].at)
		if _, err := f.ReadAt(line, t.all[i].at); err != nil {
			return nil, err
		}
		if first, rest, ok := bytes.Cut(line, []byte(" ")); ok && string(first) == word && len(rest) > 0 {
			found = append(found, bytes.TrimSuffix(line, []byte("\n")))
		}
	}
	slices.Reverse(found)
	return found, nil
}

// follow reads what is new in the file: all of it where it is another one than
// the last time.
func (t *lineTable) follow(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	same := t.file != nil && os.SameFile(info, t.file) && info.Size() >= t.file.Size()
	switch {
	case same && info.Size() == t.file.Size() && info.ModTime().Equal(t.file.ModTime()):
		return nil
	case !same:
		t.end, t.newest, t.all = 0, map[uint64]int32{}, nil
	}
	t.file = info
	lines := bufio.NewReaderSize(io.NewSectionReader(f, t.end, info.Size()-t.end), 64<<10)
	for {
		line, err := lines.ReadSlice('\n')
		whole := int64(len(line))
		word, _, ok := bytes.Cut(line, []byte(" "))
		if !ok && errors.Is(err, bufio.ErrBufferFull) {
			return errLongIndex
		}
		hash := maphash.Bytes(t.seed, word)
		for errors.Is(err, bufio.ErrBufferFull) && whole < maxLine {
			line, err = lines.ReadSlice('\n')
			whole += int64(len(line))
		}
		if errors.Is(err, io.EOF) {
			return nil // the last line may not be whole yet
		}
		if err != nil {
			return err
		}
		if len(t.all) == maxTableLines {
			return errLongIndex
		}
		before, known := t.newest[hash]
		if !known {
			before = -1
		}
		t.newest[hash] = int32(len(t.all))
		t.all = append(t.all, tableLine{t.end, before})
		t.end += whole
	}
}
