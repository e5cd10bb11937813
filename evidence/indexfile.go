package evidence

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const (
	// offsetSuffix is added to a WARC file's name for the list of where its
	// captures start by record id.
	offsetSuffix = ".idx"
	// entrySuffix is added for the index by address and time.
	entrySuffix = ".cdxj"
	// maxLine bounds an index line in bytes; a record's header has fewer.
	maxLine = 1 << 20
	// openHead is the first line of an index whose file is still written:
	// lines are in the order of the file. '!' sorts before every address.
	openHead = "!open {}\n"
	metaHead = "!meta "
)

// errNoIndex says that the index beside a file is missing, damaged or not that
// of the file as it is now.
var errNoIndex = errors.New("the index is not whole")

// indexMeta is the first line of a sorted index.
type indexMeta struct {
	// Size is that of the WARC file, Body that of the lines behind this one.
	Size int64 `json:"size"`
	Body int64 `json:"body"`
	// From and To bound the times of the entries.
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
	// Refers names the files in which originals of revisit records stand.
	Refers []string `json:"refers,omitempty"`
}

// entries are those of one file. each calls fn with every entry whose key is
// key, with all of them where key is empty, until fn returns false.
type entries interface {
	each(key string, fn func(Entry) bool) error
}

// entryList holds entries in memory, sorted by key.
type entryList []Entry

func (l entryList) each(key string, fn func(Entry) bool) error {
	at := 0
	if key != "" {
		at, _ = slices.BinarySearchFunc(l, key, func(e Entry, key string) int { return strings.Compare(urlKey(e.URL), key) })
	}
	for _, e := range l[at:] {
		if key != "" && urlKey(e.URL) != key || !fn(e) {
			return nil
		}
	}
	return nil
}

func (l entryList) sort() {
	slices.SortStableFunc(l, func(a, b Entry) int { return strings.Compare(urlKey(a.URL), urlKey(b.URL)) })
}

// sortedIndex is the index beside a closed file, searched on the disk.
type sortedIndex struct {
	path  string // of the index
	file  string // name of the WARC file
	meta  indexMeta
	start int64 // of the first entry
}

// openSorted returns the index beside the WARC file at path, or errNoIndex.
func openSorted(path string) (*sortedIndex, error) {
	f, err := os.Open(path + entrySuffix)
	if err != nil {
		return nil, errNoIndex
	}
	defer f.Close()
	x := &sortedIndex{path: path + entrySuffix, file: filepath.Base(path)}
	head, err := bufio.NewReader(io.LimitReader(f, maxLine)).ReadString('\n')
	if err != nil || !strings.HasPrefix(head, metaHead) || json.Unmarshal([]byte(head[len(metaHead):]), &x.meta) != nil {
		return nil, errNoIndex
	}
	x.start = int64(len(head))
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil || size != x.start+x.meta.Body {
		return nil, errNoIndex
	}
	if info, err := os.Stat(path); err != nil || info.Size() != x.meta.Size {
		return nil, errNoIndex
	}
	return x, nil
}

// each searches by halving; a line that cannot be read is errNoIndex.
func (x *sortedIndex) each(key string, fn func(Entry) bool) error {
	f, err := os.Open(x.path)
	if err != nil {
		return errNoIndex
	}
	defer f.Close()
	end := x.start + x.meta.Body
	prefix := ""
	at := x.start
	if key != "" {
		prefix = key + " "
		if at, err = seekLine(f, x.start, end, prefix); err != nil {
			return errNoIndex
		}
	}
	lines := newLines(io.NewSectionReader(f, at, end-at))
	for lines.Scan() {
		line := lines.Bytes()
		if !bytes.HasPrefix(line, []byte(prefix)) {
			if string(line[:min(len(line), len(prefix))]) < prefix {
				continue
			}
			break
		}
		e, err := parseLine(line, x.file)
		if err != nil {
			return errNoIndex
		}
		if !fn(e) {
			return nil
		}
	}
	if lines.Err() != nil {
		return errNoIndex
	}
	return nil
}

func newLines(r io.Reader) *bufio.Scanner {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 16<<10), maxLine)
	return lines
}

// seekLine returns the start of a line of the sorted lines between start and
// end that is not behind the first one from prefix on, and near it.
func seekLine(f io.ReaderAt, start, end int64, prefix string) (int64, error) {
	const near = 8 << 10
	low, high := start, end // no line before low is wanted; every one from high on is
	for high-low > near {
		middle := low + (high-low)/2
		r := bufio.NewReaderSize(io.NewSectionReader(f, middle-1, end-middle+1), 1024)
		skipped, err := r.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, err
		}
		at := middle - 1 + int64(len(skipped))
		if at >= high {
			high = middle
			continue
		}
		line, err := r.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, err
		}
		if string(line[:min(len(line), len(prefix))]) < prefix {
			low = at + int64(len(line))
		} else {
			high = middle
		}
	}
	return low, nil
}

// openIndex is the index of a file that this process writes: its lines stand
// in the order of the file.
type openIndex struct {
	path string // of the WARC file
	// lookups finds entries by their keys; without it all lines are read.
	lookups *lookups
}

func (x openIndex) each(key string, fn func(Entry) bool) error {
	if x.lookups != nil && key != "" && !strings.Contains(key, " ") {
		if lines, err := x.lookups.lines(x.path+entrySuffix, key); err == nil {
			for _, line := range lines {
				e, err := parseLine(line, filepath.Base(x.path))
				if err != nil {
					return errNoIndex
				}
				if !fn(e) {
					break
				}
			}
			return nil
		}
	}
	f, err := os.Open(x.path + entrySuffix)
	if err != nil {
		return errNoIndex
	}
	defer f.Close()
	file := filepath.Base(x.path)
	lines := newLines(f)
	for lines.Scan() {
		line := lines.Bytes()
		if len(line) > 0 && line[0] == '!' || key != "" && !bytes.HasPrefix(line, []byte(key+" ")) {
			continue
		}
		e, err := parseLine(line, file)
		if err != nil {
			return errNoIndex
		}
		if !fn(e) {
			break
		}
	}
	return nil
}

// writeIndex puts both indexes of the file at path beside it, each whole or
// not at all. size is that of the WARC file.
func writeIndex(path string, size int64, list entryList) error {
	var offsets, body bytes.Buffer
	meta := indexMeta{Size: size}
	lines := make([][]byte, 0, len(list))
	files := map[string]bool{}
	for _, e := range list {
		fmt.Fprintf(&offsets, "%s %d\n", e.ID, e.Offset)
		line, err := e.line()
		if err != nil {
			return err
		}
		lines = append(lines, line)
		if at := stamp(e.At); meta.From == "" || at < meta.From {
			meta.From = at
		}
		meta.To = max(meta.To, stamp(e.At))
		if file, _, ok := strings.Cut(e.Refers, "#"); ok && e.Type == "revisit" {
			files[file] = true
		}
	}
	slices.SortFunc(lines, bytes.Compare)
	for _, line := range lines {
		body.Write(line)
	}
	meta.Body = int64(body.Len())
	for file := range files {
		meta.Refers = append(meta.Refers, file)
	}
	slices.Sort(meta.Refers)
	head, err := json.Marshal(meta)
	if err != nil {
		return err
	}
	whole := slices.Concat([]byte(metaHead), head, []byte("\n"), body.Bytes())
	return errors.Join(replaceFile(path+offsetSuffix, offsets.Bytes()), replaceFile(path+entrySuffix, whole))
}

// replaceFile writes a file beside its place and moves it there.
func replaceFile(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*"+tempSuffix)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	err = errors.Join(err, f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
