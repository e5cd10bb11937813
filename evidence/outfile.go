package evidence

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// indexSuffix is added to a WARC file's name for the list of where its
// responses start.
const indexSuffix = ".idx"

// outFile is a WARC file that is being written, with its index beside it.
type outFile struct {
	name   string
	file   *os.File
	index  *os.File // nil after it failed once: it only saves time
	size   int64    // end of the last whole record
	broken bool     // the tail could not be cut off after a failed write
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
	o := &outFile{name: name, file: f, size: int64(len(info))}
	if ix, err := os.OpenFile(path+indexSuffix, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644); err == nil {
		o.index = ix
	}
	return o, nil
}

// append writes whole records, the first of which has the given id. After an
// error the file ends where it ended before, unless o.broken is set.
func (o *outFile) append(records []byte, id string) error {
	if _, err := o.file.Write(records); err != nil {
		cut := o.file.Truncate(o.size)
		if _, seek := o.file.Seek(o.size, 0); cut == nil {
			cut = seek
		}
		o.broken = cut != nil
		return errors.Join(err, cut)
	}
	if o.index != nil {
		if _, err := fmt.Fprintf(o.index, "%s %d\n", id, o.size); err != nil {
			o.index.Close()
			o.index = nil
		}
	}
	o.size += int64(len(records))
	return nil
}

// close brings the file to the disk.
func (o *outFile) close() error {
	if o.index != nil {
		o.index.Close()
	}
	return errors.Join(o.file.Sync(), o.file.Close())
}
