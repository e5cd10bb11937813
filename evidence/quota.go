package evidence

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/markwatch/markwatch"
)

// usage is how much the folder holds, as far as it is known.
type usage struct {
	known  bool
	bytes  int64
	warned bool
}

// Usage returns how many bytes the folder's captures and their indexes take.
// It is measured once and then kept up with what is written and pruned.
func (a *Archive) Usage() (int64, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.measure(); err != nil {
		return 0, err
	}
	return a.usage.bytes, nil
}

// measure adds up the folder where that is not known. a.mu is held.
func (a *Archive) measure() error {
	if a.usage.known {
		return nil
	}
	found, err := os.ReadDir(a.dir)
	if err != nil {
		return markwatch.WrapError(markwatch.CodeUnavailable, err, "the archive folder cannot be measured")
	}
	a.usage.bytes = 0
	for _, f := range found {
		if !isWARC(warcOf(f.Name())) {
			continue
		}
		info, err := f.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // pruned meanwhile
		}
		if err != nil {
			return markwatch.WrapError(markwatch.CodeUnavailable, err, "the archive folder cannot be measured")
		}
		a.usage.bytes += info.Size()
	}
	a.usage.known = true
	if a.usage.bytes < a.opts.WarnBytes {
		a.usage.warned = false
	}
	return nil
}

// warcOf is the name of the WARC file that a file belongs to: itself, or the
// one that it is an index or an unfinished form of.
func warcOf(name string) string {
	if rest, ok := strings.CutSuffix(name, tempSuffix); ok {
		if i := strings.Index(rest, ".warc"); i >= 0 {
			return rest[:i] + ".warc"
		}
	}
	return strings.TrimSuffix(strings.TrimSuffix(name, offsetSuffix), entrySuffix)
}

// forgetUsage makes the next look measure the folder anew.
func (a *Archive) forgetUsage() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.usage.known = false
}

// withinQuota refuses what would go beyond the quota. a.mu is held.
func (a *Archive) withinQuota(bytes int64) error {
	if a.opts.QuotaBytes <= 0 {
		return nil
	}
	if err := a.measure(); err != nil {
		return err
	}
	if a.usage.bytes+bytes <= a.opts.QuotaBytes {
		return nil
	}
	return markwatch.Errorf(markwatch.CodeUnavailable,
		"证据存储已达限额,请提高限额、缩短保存天数或移走旧文件 quota: the captures in %s take %d of the %d bytes that they may; raise the quota, keep captures for fewer days or move old files away",
		a.dir, a.usage.bytes, a.opts.QuotaBytes)
}

// grown takes note of written bytes and says whether to warn. a.mu is held.
func (a *Archive) grown(bytes int64) (warn bool) {
	if a.usage.known {
		a.usage.bytes += bytes
	}
	if a.opts.WarnBytes <= 0 || a.opts.Warn == nil || a.usage.warned || a.measure() != nil {
		return false
	}
	if a.usage.bytes < a.opts.WarnBytes {
		return false
	}
	a.usage.warned = true
	return true
}

func (a *Archive) warn() {
	used, err := a.Usage()
	if err == nil {
		a.opts.Warn(used, a.opts.WarnBytes, a.opts.QuotaBytes)
	}
}

// Files lists the WARC files of the folder by name.
func (a *Archive) Files() ([]File, error) {
	names, err := warcFiles(a.dir)
	if err != nil {
		return nil, markwatch.WrapError(markwatch.CodeUnavailable, err, "the archive folder cannot be read")
	}
	var files []File
	for _, name := range names {
		info, err := os.Stat(filepath.Join(a.dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, markwatch.WrapError(markwatch.CodeUnavailable, err, "the archive folder cannot be read")
		}
		open, _ := a.isOpen(name)
		files = append(files, File{Name: name, Bytes: info.Size(), Open: open})
	}
	return files, nil
}

// sweep removes what a killed process left: files that were not whole yet, and
// indexes of files that were pruned away.
func (a *Archive) sweep() error {
	found, err := os.ReadDir(a.dir)
	if err != nil {
		return markwatch.WrapError(markwatch.CodeUnavailable, err, "the archive folder %s cannot be read", a.dir)
	}
	present := map[string]bool{}
	for _, f := range found {
		present[f.Name()] = true
	}
	for _, f := range found {
		warc := warcOf(f.Name())
		left := strings.HasSuffix(f.Name(), tempSuffix) || !present[warc]
		if warc == f.Name() || !isWARC(warc) || !left {
			continue
		}
		if err := os.Remove(filepath.Join(a.dir, f.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return markwatch.WrapError(markwatch.CodeUnavailable, err, "what a stopped process left cannot be removed")
		}
	}
	return nil
}
