package scan

import (
	"path/filepath"
	"slices"

	"github.com/markwatch/markwatch"
)

// readsFiles says whether a source starts from files and not from addresses.
func readsFiles(src *markwatch.Source) bool {
	return src.Kind == markwatch.KindArchive || src.Kind == markwatch.KindTable
}

// Files expands the start patterns of an archive or a table. Relative ones are
// relative to the configuration folder. A pattern without any file is
// CodeUnavailable, one that cannot be used CodeInvalid.
func Files(dir string, patterns []string) ([]string, error) {
	var files []string
	for _, p := range patterns {
		if !filepath.IsAbs(p) {
			p = filepath.Join(dir, p)
		}
		found, err := filepath.Glob(p)
		if err != nil {
			return nil, markwatch.WrapError(markwatch.CodeInvalid, err, "start %q", p)
		}
		if len(found) == 0 {
			return nil, markwatch.Errorf(markwatch.CodeUnavailable, "没有文件 there is no file %s", p)
		}
		files = append(files, found...)
	}
	slices.Sort(files)
	return slices.Compact(files), nil
}
