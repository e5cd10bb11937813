package configs

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/markwatch/markwatch"
)

// Write writes lists as the files of a configuration folder, which Load reads
// back as the same lists, and returns their paths. Lexicons and rules that are as
// the program ships them are left out, as in a starter folder; a list without
// entries has no file. deployment is what its markwatch.yaml is to hold; nil
// writes none. Paths of pictures, texts and tables stay as they are
// written: the files that they name are not copied.
//
// It has markwatch.CodeConflict, and writes nothing, where one of the files is
// there already.
func Write(dir string, lists markwatch.Lists, deployment []byte) ([]string, error) {
	shipped, err := Shipped()
	if err != nil {
		return nil, err
	}
	files, err := listFiles(lists, shipped.Lists)
	if err != nil {
		return nil, err
	}
	if deployment != nil {
		files = append(files, starterFile{deploymentFile, deployment})
	}
	return writeFiles(dir, files)
}

// listFiles are the files of lists, without those that would be empty.
func listFiles(lists markwatch.Lists, shipped markwatch.Lists) ([]starterFile, error) {
	lexicons := own(lists.Lexicons, shipped.Lexicons, func(l markwatch.Lexicon) string { return l.ID })
	rules := own(lists.Rules, shipped.Rules, func(r markwatch.Rule) string { return r.ID })
	var files []starterFile
	for _, f := range []struct {
		name    string
		entries int
		content any
	}{
		{"brands.yaml", len(lists.Brands), brandsFile{formatVersion, lists.Brands}},
		{"works.yaml", len(lists.Works), worksFile{formatVersion, lists.Works}},
		{"lexicons/lexicons.yaml", len(lexicons), struct {
			Version  int                 `yaml:"version"`
			Lexicons []markwatch.Lexicon `yaml:"lexicons"`
		}{formatVersion, lexicons}},
		{"rules/rules.yaml", len(rules), struct {
			Version int              `yaml:"version"`
			Rules   []markwatch.Rule `yaml:"rules"`
		}{formatVersion, rules}},
		{"sources/sources.yaml", len(lists.Sources), sourcesFile{formatVersion, lists.Sources}},
		{"units.yaml", len(lists.Units.Units) + len(lists.Units.Routes), unitsFile{formatVersion, lists.Units.Units, lists.Units.Routes}},
	} {
		if f.entries == 0 {
			continue
		}
		var b bytes.Buffer
		enc := yaml.NewEncoder(&b)
		enc.SetIndent(2)
		if err := errors.Join(enc.Encode(f.content), enc.Close()); err != nil {
			return nil, fmt.Errorf("writing %s: %w", f.name, err)
		}
		files = append(files, starterFile{filepath.FromSlash(f.name), b.Bytes()})
	}
	return files, nil
}

// own are the entries that differ from the shipped ones.
func own[T any](all, shipped []T, id func(T) string) []T {
	known := make(map[string]T, len(shipped))
	for _, e := range shipped {
		known[id(e)] = e
	}
	var differ []T
	for _, e := range all {
		if s, ok := known[id(e)]; !ok || !reflect.DeepEqual(s, e) {
			differ = append(differ, e)
		}
	}
	return differ
}

// writeFiles writes files into a folder that has none of them.
func writeFiles(dir string, files []starterFile) ([]string, error) {
	var taken []string
	for _, f := range files {
		if _, err := os.Lstat(filepath.Join(dir, f.name)); err == nil {
			taken = append(taken, f.name)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, markwatch.WrapError(markwatch.CodeUnavailable, err, "新建配置文件夹 / making the configuration folder")
		}
	}
	if len(taken) > 0 {
		return nil, markwatch.Errorf(markwatch.CodeConflict, "%s 中已有 %s,不会覆盖 / %[1]s holds %[2]s already, nothing was written", dir, strings.Join(taken, ", "))
	}
	var written []string
	for _, f := range files {
		path := filepath.Join(dir, f.name)
		if err := writeNew(path, f.data); err != nil {
			return written, markwatch.WrapError(markwatch.CodeUnavailable, err, "新建配置文件夹 / making the configuration folder")
		}
		written = append(written, path)
	}
	return written, nil
}
