package evidence

import (
	"context"
	"os"
	"path/filepath"
	"strings"
)

// isFileName says whether a name that came from outside stays in its folder.
func isFileName(name string) bool {
	return name != "" && name != "." && name == filepath.Base(name) && filepath.IsLocal(name)
}

// isWARC says whether a file name is that of a WARC file.
func isWARC(name string) bool {
	return strings.HasSuffix(name, ".warc.gz") || strings.HasSuffix(name, ".warc")
}

// warcFiles are the names of a folder's WARC files, sorted.
func warcFiles(dir string) ([]string, error) { return filesOf(dir, isWARC) }

// captureFiles are those, and with them the files of officers' own captures.
func captureFiles(dir string) ([]string, error) {
	return filesOf(dir, func(name string) bool {
		return (isWARC(name) || isOtherFormat(name)) && !strings.HasPrefix(name, ".")
	})
}

func filesOf(dir string, wanted func(name string) bool) ([]string, error) {
	found, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, f := range found {
		if wanted(f.Name()) && f.Type().IsRegular() {
			names = append(names, f.Name())
		}
	}
	return names, nil
}

// siblings are the other WARC files of the folder.
func (o *originals) siblings() []string {
	names, err := warcFiles(filepath.Dir(o.path))
	if err != nil {
		return nil
	}
	var others []string
	for _, name := range names {
		if name != filepath.Base(o.path) {
			others = append(others, name)
		}
	}
	return others
}

// mayRead says whether a file without an index may be read whole: the
// revisits' own always, others until the limit.
func (o *originals) mayRead(path string) bool {
	if path == o.path || filepath.Base(path) == filepath.Base(o.path) {
		return true
	}
	info, err := os.Stat(path)
	if err != nil || info.Size() > o.left {
		return false
	}
	o.left -= info.Size()
	return true
}

// listFile reads the entries of a file into memory.
func listFile(path string) (entryList, error) {
	list, err := readEntries(context.Background(), path, 0)
	if err != nil {
		return nil, err
	}
	list.sort()
	return list, nil
}
