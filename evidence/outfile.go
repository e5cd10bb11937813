package evidence

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// tempSuffix ends the names of files that are not whole yet.
const tempSuffix = ".part"

// outFile is a WARC file that is being written, with its indexes beside it. It
// belongs to one process from its beginning to its end; between two records
// its handles may be closed (see park).
type outFile struct {
	path    string
	name    string
	source  string
	begun   time.Time
	size    int64 // end of the last whole record
	listed  int64 // size of the indexes
	count   int   // captures in it
	used    uint64
	unsaved bool            // written since it was last brought to the disk
	broken  bool            // the tail could not be cut off after a failed write
	asides  map[string]bool // by address and digest

	file    *os.File // nil while parked
	offsets *os.File // nil while parked, and after it failed once: it only saves time
	entries *os.File // as offsets
	noIndex bool     // an index failed: it is made anew at the end
}

// createFile begins a new file with its warcinfo record. A name that exists
// is an error: files are never appended to by another process.
func createFile(dir, name string, info []byte) (*outFile, error) {
	path := filepath.Join(dir, name)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, err
	}
	if _, err := f.Write(info); err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(path))
	}
	o := &outFile{path: path, name: name, file: f, size: int64(len(info)), unsaved: true, asides: map[string]bool{}}
	o.openIndexes(os.O_CREATE | os.O_EXCL)
	if o.entries != nil {
		o.list(o.entries, []byte(openHead))
	}
	return o, nil
}

func (o *outFile) openIndexes(flags int) {
	if o.noIndex {
		return
	}
	open := func(suffix string) *os.File {
		f, err := os.OpenFile(o.path+suffix, os.O_WRONLY|os.O_APPEND|flags, 0o644)
		if err != nil {
			o.noIndex = true
		}
		return f
	}
	o.offsets, o.entries = open(offsetSuffix), open(entrySuffix)
}

// list adds a line to an index.
func (o *outFile) list(index *os.File, line []byte) {
	if index == nil || o.noIndex {
		return
	}
	if _, err := index.Write(line); err != nil {
		o.noIndex = true
		return
	}
	o.listed += int64(len(line))
}

// append writes whole records, of which e lists the first; its place is
// filled in. After an error the file ends where it ended before, unless
// o.broken is set.
func (o *outFile) append(records []byte, first int, e Entry) error {
	if err := o.unpark(); err != nil {
		o.broken = true
		return err
	}
	if _, err := o.file.Write(records); err != nil {
		cut := o.file.Truncate(o.size)
		if _, seek := o.file.Seek(o.size, io.SeekStart); cut == nil {
			cut = seek
		}
		o.broken = cut != nil
		return errors.Join(err, cut)
	}
	e.File, e.Offset, e.Length = o.name, o.size, int64(first)
	o.size += int64(len(records))
	o.count++
	o.unsaved = true
	if line, err := e.line(); err == nil {
		o.list(o.entries, line)
	} else {
		o.noIndex = true
	}
	o.list(o.offsets, fmt.Appendf(nil, "%s %d\n", e.ID, e.Offset))
	return nil
}

// sync brings the records to the disk.
func (o *outFile) sync() error {
	if !o.unsaved || o.file == nil {
		return nil
	}
	if err := o.file.Sync(); err != nil {
		return err
	}
	o.unsaved = false
	return nil
}

// park gives the handles back until the next record.
func (o *outFile) park() error {
	if o.file == nil {
		return nil
	}
	err := errors.Join(o.sync(), o.file.Close())
	o.file = nil
	for _, index := range []*os.File{o.offsets, o.entries} {
		if index != nil {
			index.Close()
		}
	}
	o.offsets, o.entries = nil, nil
	return err
}

// unpark opens a parked file again, as it was left.
func (o *outFile) unpark() error {
	if o.file != nil {
		return nil
	}
	f, err := os.OpenFile(o.path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	end, err := f.Seek(0, io.SeekEnd)
	if err == nil && end != o.size {
		err = fmt.Errorf("%s was changed by another hand", o.name)
	}
	if err != nil {
		return errors.Join(err, f.Close())
	}
	o.file = f
	o.openIndexes(0)
	return nil
}

// finish sorts the index of a file that takes no more records. Where that
// fails it is made anew when it is needed.
func (o *outFile) finish() {
	var list entryList
	if o.noIndex || o.broken {
		_ = os.Remove(o.path + entrySuffix) // it is not believed anyway
		return
	}
	err := openIndex{path: o.path}.each("", func(e Entry) bool {
		list = append(list, e)
		return true
	})
	if err == nil && len(list) == o.count {
		_ = writeIndex(o.path, o.size, list)
	}
}

// safeName makes a source's id fit to stand in a file name.
func safeName(source string) string {
	const longest = 64
	safe := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_':
			return r
		}
		return '_'
	}, source)
	return safe[:min(len(safe), longest)]
}
