package evidence

import (
	"bufio"
	"io"
	"os"
	"strconv"
	"strings"
)

// indexed returns the record that the index beside a file points to, or nil
// where there is no index, it does not know the id, or it is wrong: the index
// saves time and decides nothing.
func indexed(path, id string) *Record {
	offset, ok := indexOffset(path+indexSuffix, id)
	if !ok {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	if _, err := f.Seek(offset, io.SeekStart); err != nil {
		return nil
	}
	rec, err := NewReader(f, ReaderOptions{}).Next()
	if err != nil || rec.ID != id {
		return nil
	}
	rec.Offset = offset
	return rec
}

// indexOffset looks an id up in lines "<id> <offset>".
func indexOffset(path, id string) (int64, bool) {
	f, err := os.Open(path)
	if err != nil {
		return 0, false
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if rest, ok := strings.CutPrefix(lines.Text(), id+" "); ok {
			offset, err := strconv.ParseInt(rest, 10, 64)
			return offset, err == nil && offset >= 0
		}
	}
	return 0, false
}
