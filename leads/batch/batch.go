// Package batch makes the files of what goes to one unit at one time: the list
// (XLSX, CSV, NDJSON), the letter of transfer (DOCX, PDF) and the evidence
// packages, under one number and with a manifest. The same batch gives the
// same bytes, whenever and wherever it is made.
package batch

import (
	"archive/zip"
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/emmansun/gmsm/sm3"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/leads"
)

// Format is the version of the form of a batch (docs/leads.md).
const Format = 1

// Batch is what a batch is made of beside its leads. It is fixed when its
// number is taken.
type Batch struct {
	Format int `json:"format"`
	// Number is 机关代字〔年〕序号.
	Number string    `json:"number"`
	Unit   string    `json:"unit"`
	Name   string    `json:"unit_name"`
	To     string    `json:"unit_contact,omitempty"`
	Copies []string  `json:"copies,omitempty"`
	Sender Sender    `json:"sender"`
	At     time.Time `json:"at"`
	By     string    `json:"by"`
	// Fields are keys of columns, Formats names of formats.
	Fields  []string `json:"fields,omitempty"`
	Formats []string `json:"formats"`
	Leads   int      `json:"leads"`
}

// Sender is the unit that sends.
type Sender struct {
	Name    string `json:"name,omitempty"`
	Contact string `json:"contact,omitempty"`
	Phone   string `json:"phone,omitempty"`
}

// Number is the number of a batch: 标移〔2026〕12号.
func Number(code string, year, serial int) string {
	return fmt.Sprintf("%s〔%d〕%d号", code, year, serial)
}

// Rows reads the leads of a batch in their order; each call begins anew.
type Rows func() iter.Seq2[*leads.Row, error]

// ManifestName is the file that lists the others, written last.
const ManifestName = "batch.json"

// Manifest lists the files of a batch.
type Manifest struct {
	Batch
	Files []File `json:"files"`
}

// File is one file of a batch, with its check values.
type File struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
	SM3    string `json:"sm3"`
}

// china is the one legal time of China, in which letters are dated.
var china = time.FixedZone("", 8*60*60)

// Write makes the folder of a batch as a whole or not at all: in a folder
// beside it, brought to the disk and named at the end. A folder that is there
// and holds the same files stays; one that holds others is a conflict.
// packages are the paths of evidence packages on this machine.
func Write(dir string, b Batch, rows Rows, packages []string) (m Manifest, err error) {
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o750); err != nil {
		return m, markwatch.WrapError(markwatch.CodeUnavailable, err, "不能建立目录 cannot make the folder of batches")
	}
	tmp, err := os.MkdirTemp(parent, ".batch-*")
	if err != nil {
		return m, markwatch.WrapError(markwatch.CodeUnavailable, err, "不能建立目录 cannot make the folder of the batch")
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	if m, err = writeFiles(tmp, b, rows, packages); err != nil {
		return m, err
	}
	if old, readErr := os.ReadFile(filepath.Join(dir, ManifestName)); readErr == nil {
		now, err := os.ReadFile(filepath.Join(tmp, ManifestName))
		if err != nil {
			return m, err
		}
		if !bytes.Equal(old, now) {
			return m, markwatch.Errorf(markwatch.CodeConflict, "批次 %s 的文件已存在且内容不同 / the files of batch %s are there and hold something else: %s", b.Number, b.Number, dir)
		}
		return m, nil
	} else if !errors.Is(readErr, fs.ErrNotExist) {
		return m, readErr
	}
	if err := os.Rename(tmp, dir); err != nil {
		return m, fmt.Errorf("naming the folder of batch %s: %w", b.Number, err)
	}
	return m, nil
}

func writeFiles(dir string, b Batch, rows Rows, packages []string) (Manifest, error) {
	m := Manifest{Batch: b}
	columns, err := leads.BatchColumns(b.Fields)
	if err != nil {
		return m, err
	}
	add := func(name string, write func(io.Writer) error) error {
		f, err := writeFile(dir, name, write)
		if err != nil {
			return fmt.Errorf("writing %s of batch %s: %w", name, b.Number, err)
		}
		m.Files = append(m.Files, f)
		return nil
	}
	for _, format := range b.Formats {
		var write func(io.Writer) error
		switch format {
		case "xlsx":
			write = func(w io.Writer) error { return leads.WriteXLSX(w, columns, rows()) }
		case "csv":
			write = func(w io.Writer) error { return leads.WriteCSV(w, columns, rows()) }
		case "ndjson":
			write = func(w io.Writer) error { return writeNDJSON(w, columns, rows()) }
		default:
			return m, markwatch.Errorf(markwatch.CodeInvalid, "没有清单格式 %q,可用 xlsx csv ndjson / there is no such form of a list", format)
		}
		if err := add("list."+format, write); err != nil {
			return m, err
		}
	}
	letter, err := newLetter(b, columns, rows)
	if err != nil {
		return m, err
	}
	if err := add("letter.docx", letter.writeDOCX); err != nil {
		return m, err
	}
	if err := add("letter.pdf", letter.writePDF); err != nil {
		return m, err
	}
	for _, path := range packages {
		if err := add("evidence/"+filepath.Base(path), func(w io.Writer) error { return copyFile(w, path) }); err != nil {
			return m, err
		}
	}
	_, err = writeFile(dir, ManifestName, func(w io.Writer) error {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(m)
	})
	return m, err
}

// writeNDJSON writes a row a line as an object of the chosen columns, by key.
// What was not chosen does not leave.
func writeNDJSON(w io.Writer, columns []leads.Column, rows iter.Seq2[*leads.Row, error]) error {
	for row, err := range rows {
		if err != nil {
			return err
		}
		// The order of the columns is kept, so that lines are the same each time.
		var line bytes.Buffer
		line.WriteByte('{')
		for i, c := range columns {
			if i > 0 {
				line.WriteByte(',')
			}
			for j, part := range []string{c.Key, c.Value(row)} {
				if j > 0 {
					line.WriteByte(':')
				}
				enc := json.NewEncoder(&line)
				enc.SetEscapeHTML(false)
				if err := enc.Encode(part); err != nil {
					return err
				}
				line.Truncate(line.Len() - 1)
			}
		}
		line.WriteString("}\n")
		if _, err := line.WriteTo(w); err != nil {
			return err
		}
	}
	return nil
}

func writeFile(dir, name string, write func(io.Writer) error) (file File, err error) {
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return file, err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return file, err
	}
	defer f.Close()
	sha, sm := sha256.New(), sm3.New()
	count := &counter{}
	out := bufio.NewWriterSize(io.MultiWriter(f, sha, sm, count), 64<<10)
	if err := write(out); err != nil {
		return file, err
	}
	for _, step := range []func() error{out.Flush, f.Sync, f.Close} {
		if err := step(); err != nil {
			return file, markwatch.WrapError(markwatch.CodeUnavailable, err, "cannot be written")
		}
	}
	return File{name, count.n, hex.EncodeToString(sha.Sum(nil)), hex.EncodeToString(sm.Sum(nil))}, nil
}

type counter struct{ n int64 }

// Write implements io.Writer.
func (c *counter) Write(p []byte) (int, error) { c.n += int64(len(p)); return len(p), nil }

func copyFile(w io.Writer, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(w, f)
	return err
}

// Zip writes a batch's folder as one ZIP file, for those who take one. Names
// are sorted and times fixed, so that it is the same each time.
func Zip(w io.Writer, dir string, at time.Time) error {
	var names []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, relErr := filepath.Rel(dir, path)
			names, err = append(names, filepath.ToSlash(rel)), relErr
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("listing the batch: %w", err)
	}
	slices.Sort(names)
	z := zip.NewWriter(w)
	for _, name := range names {
		method := zip.Deflate
		if strings.HasSuffix(name, ".zip") || strings.HasSuffix(name, ".xlsx") {
			method = zip.Store
		}
		out, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: method, Modified: at.UTC().Truncate(2 * time.Second)})
		if err != nil {
			return err
		}
		if err := copyFile(out, filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			return err
		}
	}
	return z.Close()
}
