// Package delivery hands batches over to their units: to a folder, an
// S3-compatible bucket, an SFTP server or a webhook. Each way is idempotent: a
// batch that is there already is done, one that is there and is another is a
// conflict, and the manifest is written last, so that nobody takes half a
// batch for a whole one.
package delivery

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/markwatch/markwatch"
)

// Parcel is a batch's folder that is to be delivered.
type Parcel struct {
	// Number is the batch's, Dir its folder, Manifest the name of the file in
	// it that is written last.
	Number, Dir, Manifest string
	// At stamps what must be the same each time.
	At time.Time
	// Zip writes the folder as one file, for ways that take one.
	Zip func(w io.Writer, dir string, at time.Time) error
}

// Target is where a batch goes.
type Target interface {
	// Name tells the target in the log of deliveries, without secrets. Two
	// targets of one name are the same.
	Name() string
	// Deliver hands the batch over and returns what the other side said.
	Deliver(ctx context.Context, p Parcel) (answer string, err error)
}

// files lists a parcel's files, the manifest last.
func (p Parcel) files() ([]string, error) {
	var names []string
	err := filepath.WalkDir(p.Dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(p.Dir, path)
		if rel != p.Manifest {
			names = append(names, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("listing batch %s: %w", p.Number, err)
	}
	slices.Sort(names)
	return append(names, p.Manifest), nil
}

func (p Parcel) manifest() ([]byte, error) {
	b, err := os.ReadFile(filepath.Join(p.Dir, p.Manifest))
	if err != nil {
		return nil, fmt.Errorf("reading the manifest of batch %s: %w", p.Number, err)
	}
	return b, nil
}

// same compares a manifest on the other side with the parcel's.
func (p Parcel) same(there []byte) error {
	own, err := p.manifest()
	if err != nil {
		return err
	}
	if bytes.Equal(there, own) {
		return nil
	}
	return markwatch.Errorf(markwatch.CodeConflict, "对方已有批次 %s,但内容不同 / batch %s is there already and holds something else", p.Number, p.Number)
}

const already = "已在 there already"

// Folder is a folder of this machine, or one that is mounted.
type Folder struct {
	Path string
	// As is what people and the log know the folder by, its path where empty.
	As string
}

// Name implements Target.
func (f Folder) Name() string { return "folder:" + cmp.Or(f.As, f.Path) }

// Deliver copies the batch beside its place and names it at the end.
func (f Folder) Deliver(ctx context.Context, p Parcel) (answer string, err error) {
	final := filepath.Join(f.Path, p.Number)
	switch there, err := os.ReadFile(filepath.Join(final, p.Manifest)); {
	case err == nil:
		return already, p.same(there)
	case !errors.Is(err, fs.ErrNotExist):
		return "", markwatch.WrapError(markwatch.CodeUnavailable, err, "不能读取目录 cannot look into the folder")
	}
	if err := os.MkdirAll(f.Path, 0o750); err != nil {
		return "", markwatch.WrapError(markwatch.CodeUnavailable, err, "不能建立目录 cannot make the folder")
	}
	tmp, err := os.MkdirTemp(f.Path, ".part-*")
	if err != nil {
		return "", markwatch.WrapError(markwatch.CodeUnavailable, err, "不能写入目录 cannot write to the folder")
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	names, err := p.files()
	if err != nil {
		return "", err
	}
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		if err := copyTo(filepath.Join(tmp, filepath.FromSlash(name)), filepath.Join(p.Dir, filepath.FromSlash(name))); err != nil {
			return "", markwatch.WrapError(markwatch.CodeUnavailable, err, "不能写入 cannot write %s", name)
		}
	}
	if err := os.Rename(tmp, final); err != nil {
		return "", markwatch.WrapError(markwatch.CodeUnavailable, err, "不能命名 cannot name the batch's folder")
	}
	return filepath.Join(cmp.Or(f.As, f.Path), p.Number), nil
}

func copyTo(to, from string) (err error) {
	if err := os.MkdirAll(filepath.Dir(to), 0o750); err != nil {
		return err
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err == nil {
		err = out.Sync()
	}
	return errors.Join(err, out.Close())
}

// keyName is a number as a key or file name that every service takes.
func keyName(number string) string {
	return strings.NewReplacer("/", "-", `\`, "-", "\x00", "").Replace(number)
}
