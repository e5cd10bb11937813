package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/markwatch/markwatch"
)

// importSource is the source of files that no configured source describes.
const importSource = "import"

func newImport(c console) *cobra.Command {
	var config, source string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "import [--config DIR] [--source SOURCE] FILE…",
		Short: "导入平台提供的表格或人员自存的网页 take in tables that a platform handed over, or officers' own captures",
		Long: `导入文件并比对。表格:NDJSON、CSV、XLSX;网页存档:WARC、WACZ、HAR、MHTML。
--source 指明一个 table 或 archive 来源,按其列映射读取;缺省按常见表头识别。
有错的行连同行号报告,其余照常导入。网页存档复制到证据目录后再读。

Takes in files and judges what is in them. Tables: NDJSON, CSV, XLSX. Captures:
WARC, WACZ, HAR, MHTML. --source names a table or archive source whose column
map is used; common headers are recognised without. Broken rows are reported
with their number and the rest goes in. Captures are copied into the evidence
folder first.`,
		Example: `  markwatch import --config watch goods.xlsx
  markwatch import --config watch --source taobao-list 2026-11.csv
  markwatch import --config watch officer.wacz page.mhtml`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return markwatch.Errorf(markwatch.CodeInvalid, "用法 usage: %s (至少一个文件 at least one file)", cmd.UseLine())
			}
			return c.with(cmd.Context(), config, "import", func(ctx context.Context, a *app) error {
				ids, err := a.importSources(source, args)
				if err != nil {
					return err
				}
				return a.scanAndPrint(ctx, ids, asJSON)
			})
		},
	}
	configFlag(cmd, &config)
	cmd.Flags().StringVar(&source, "source", "", "按此来源的设置读取 read as this source says")
	cmd.Flags().BoolVar(&asJSON, "json", false, "输出 JSON a summary a line")
	return cmd
}

// importSources adds sources that read the files to the configuration in
// memory, and returns their ids.
func (a *app) importSources(named string, files []string) (ids []string, err error) {
	byKind := map[markwatch.SourceKind][]string{}
	for _, f := range files {
		kind, err := importKind(f)
		if err != nil {
			return nil, err
		}
		if f, err = filepath.Abs(a.path(f)); err != nil {
			return nil, fmt.Errorf("resolving %s: %w", f, err)
		}
		switch _, err := os.Stat(f); {
		case errors.Is(err, fs.ErrNotExist):
			return nil, markwatch.WrapError(markwatch.CodeNotFound, err, "没有这个文件 there is no such file")
		case err != nil:
			return nil, markwatch.WrapError(markwatch.CodeUnavailable, err, "不能读取文件 cannot read the file")
		}
		byKind[kind] = append(byKind[kind], f)
	}
	if paths := byKind[markwatch.KindArchive]; len(paths) > 0 {
		if byKind[markwatch.KindArchive], err = a.takeCaptures(paths); err != nil {
			return nil, err
		}
	}
	sources := slices.Clone(a.cfg.Lists.Sources)
	for _, kind := range []markwatch.SourceKind{markwatch.KindTable, markwatch.KindArchive} {
		paths := byKind[kind]
		if len(paths) == 0 {
			continue
		}
		id := named
		if id == "" {
			id = importSource + "-" + string(kind)
		}
		at := slices.IndexFunc(sources, func(s markwatch.Source) bool { return s.ID == id })
		form := importForm{known: at >= 0}
		if form.known {
			form.was = sources[at]
		}
		switch {
		case at < 0 && named != "":
			return nil, markwatch.Errorf(markwatch.CodeNotFound, "没有来源 there is no source %q", named)
		case at < 0:
			sources = append(sources, markwatch.Source{ID: id, Name: "导入 import", Kind: kind})
			at = len(sources) - 1
		case sources[at].Kind != kind:
			return nil, markwatch.Errorf(markwatch.CodeInvalid, "来源 %s 的种类是 %s,不能读取 %s the source is of another kind", id, sources[at].Kind, filepath.Base(paths[0]))
		}
		for _, p := range paths {
			sources[at].Start = append(slices.Clone(sources[at].Start), quotePattern(p))
		}
		sources[at].Start = sources[at].Start[len(sources[at].Start)-len(paths):]
		ids = append(ids, id)
		form.read = sources[at]
		a.imported = append(a.imported, form)
	}
	a.cfg.Lists.Sources = sources
	return ids, nil
}

// quotePattern makes a path that matches itself alone.
func quotePattern(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// importKind tells from a file's name how it is read.
func importKind(name string) (markwatch.SourceKind, error) {
	lower := strings.ToLower(name)
	if strings.HasSuffix(lower, ".warc.gz") {
		return markwatch.KindArchive, nil
	}
	switch filepath.Ext(lower) {
	case ".ndjson", ".jsonl", ".json", ".csv", ".tsv", ".txt", ".xlsx":
		return markwatch.KindTable, nil
	case ".warc", ".wacz", ".har", ".mhtml", ".mht":
		return markwatch.KindArchive, nil
	}
	return "", markwatch.Errorf(markwatch.CodeInvalid,
		"不认识的文件 %s:可用 .ndjson .csv .xlsx .warc .warc.gz .wacz .har .mhtml unknown kind of file", filepath.Base(name))
}

// takeCaptures copies officers' captures into the evidence folder, named by
// their content, so that what leads stand on stays however the original is
// moved. Taking one in twice copies it once.
func (a *app) takeCaptures(paths []string) ([]string, error) {
	dir, err := a.capturesDir()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, markwatch.WrapError(markwatch.CodeUnavailable, err, "不能建立证据目录 cannot make the evidence folder")
	}
	var taken []string
	for _, p := range paths {
		to, err := takeCapture(dir, p)
		if err != nil {
			return nil, markwatch.WrapError(markwatch.CodeUnavailable, err, "不能保存 %s cannot be kept", filepath.Base(p))
		}
		taken = append(taken, to)
	}
	return taken, nil
}

func takeCapture(dir, path string) (to string, err error) {
	in, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer in.Close()
	out, err := os.CreateTemp(dir, ".import-*")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, removed(out.Name())) }()
	hash := sha256.New()
	_, err = io.Copy(io.MultiWriter(out, hash), in)
	if err == nil {
		err = out.Sync()
	}
	if err = errors.Join(err, out.Close()); err != nil {
		return "", err
	}
	to = filepath.Join(dir, fmt.Sprintf("import-%s-%s", hex.EncodeToString(hash.Sum(nil)[:8]), filepath.Base(path)))
	if _, err := os.Stat(to); err == nil {
		return to, nil
	}
	if err := os.Chmod(out.Name(), 0o644); err != nil {
		return "", err
	}
	return to, os.Rename(out.Name(), to)
}

// removed removes a file that may have been renamed meanwhile.
func removed(name string) error {
	if err := os.Remove(name); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
