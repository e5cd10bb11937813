package pack

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/markwatch/markwatch"
)

// Part is a file that goes into a package.
type Part struct {
	// Name is its path in the package, with slashes.
	Name string
	What Text
	Open func() (io.ReadCloser, error)
}

// Bytes is a part of bytes in memory.
func Bytes(name string, what Text, data []byte) Part {
	return Part{name, what, func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }}
}

// Notice is what a package says of itself.
var Notice = Text{
	"本包是网络监测中自动形成的监测记录(线索),不是行政执法证据;请由两名以上执法人员依法重新固定证据。",
	"This package is a monitoring record (a lead) made by a program, not evidence of an enforcement act; officers fix evidence themselves.",
}

// Write makes a package as a whole or not at all, and returns its manifest. m
// holds what it is about; files, log and format are filled in. stamp asks for
// a token of the manifest: nil is none, and where it fails the package is made
// without one, to be added by Stamp later; stampErr says why.
func Write(ctx context.Context, path string, m Manifest, parts []Part, log []LogEntry, signer *Signer, stamp func(context.Context, []byte) ([]byte, error)) (done Manifest, stampErr, err error) {
	lines, last, err := chainLog(log)
	if err != nil {
		return m, nil, err
	}
	parts = append(slices.Clone(parts), Bytes(AccessLogFile, Text{"访问记录(哈希链)", "access log, chained by hash"}, lines))
	m.Format, m.Notice, m.Log, m.Files = Format, Notice, last, nil
	m.At = m.At.UTC().Truncate(time.Second)
	err = writeZip(path, func(z *zip.Writer) error {
		seen := map[string]bool{}
		for _, part := range parts {
			if !localName(part.Name) || strings.HasPrefix(part.Name, sealsDir) || part.Name == ManifestFile || seen[part.Name] {
				return markwatch.Errorf(markwatch.CodeInvalid, "证据包里不能有文件 %q / a package cannot hold the file %q", part.Name, part.Name)
			}
			seen[part.Name] = true
			f, err := addPart(z, part, m.At)
			if err != nil {
				return fmt.Errorf("packing %s: %w", part.Name, err)
			}
			m.Files = append(m.Files, f)
		}
		manifest, err := m.encode()
		if err != nil {
			return err
		}
		seals, err := sealsOf(manifest, signer)
		if err != nil {
			return err
		}
		if stamp != nil {
			var token []byte
			if token, stampErr = stamp(ctx, manifest); stampErr == nil {
				seals = append(seals, Bytes(TokenFile, Text{}, token))
			}
		}
		for _, part := range append([]Part{Bytes(ManifestFile, Text{}, manifest)}, seals...) {
			if _, err := addPart(z, part, m.At); err != nil {
				return fmt.Errorf("packing %s: %w", part.Name, err)
			}
		}
		return nil
	})
	return m, stampErr, err
}

func (m Manifest) encode() ([]byte, error) {
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing the manifest: %w", err)
	}
	return append(b, '\n'), nil
}

func sealsOf(manifest []byte, signer *Signer) ([]Part, error) {
	signature, err := signer.sign(manifest)
	if err != nil {
		return nil, fmt.Errorf("signing the manifest: %w", err)
	}
	public, err := signer.PublicPEM()
	if err != nil {
		return nil, err
	}
	return []Part{Bytes(SignatureFile, Text{}, signature), Bytes(PublicKeyFile, Text{}, public)}, nil
}

// addPart writes one file. Its time is that of the package, so that the same
// parts give the same bytes.
func addPart(z *zip.Writer, part Part, at time.Time) (File, error) {
	method := zip.Deflate
	switch strings.ToLower(filepath.Ext(part.Name)) {
	case ".gz", ".zip", ".png", ".jpg", ".jpeg", ".webp":
		method = zip.Store
	}
	out, err := z.CreateHeader(&zip.FileHeader{Name: part.Name, Method: method, Modified: at})
	if err != nil {
		return File{}, err
	}
	in, err := part.Open()
	if err != nil {
		return File{}, err
	}
	defer in.Close()
	s := newSums()
	if _, err := io.Copy(io.MultiWriter(out, s), in); err != nil {
		return File{}, err
	}
	return s.file(part.Name, part.What), nil
}

// writeZip writes a file beside its place and names it at the end.
func writeZip(path string, fill func(*zip.Writer) error) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return markwatch.WrapError(markwatch.CodeUnavailable, err, "不能建立目录 cannot make the folder of packages")
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".pack-*")
	if err != nil {
		return markwatch.WrapError(markwatch.CodeUnavailable, err, "不能写入证据包 cannot write the package")
	}
	defer func() {
		_ = tmp.Close() // after it was closed and named there is nothing to close
		if removeErr := os.Remove(tmp.Name()); removeErr != nil && !errors.Is(removeErr, os.ErrNotExist) {
			err = errors.Join(err, removeErr)
		}
	}()
	z := zip.NewWriter(tmp)
	if err := fill(z); err != nil {
		return err
	}
	for _, step := range []func() error{z.Close, tmp.Sync, tmp.Close} {
		if err := step(); err != nil {
			return markwatch.WrapError(markwatch.CodeUnavailable, err, "不能写入证据包 cannot write the package")
		}
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return fmt.Errorf("naming the package: %w", err)
	}
	return nil
}

// localName keeps names within the package on every system.
func localName(name string) bool {
	return name != "" && filepath.IsLocal(filepath.FromSlash(name)) && !strings.ContainsAny(name, "\\:\x00") && !strings.HasSuffix(name, "/") && len(name) <= 200
}

// Stamp adds a token to a package that has none, as when the authority was out
// of reach before, and writes it to out, which may be the same file: added says
// whether it did. The rest is copied as it is.
func Stamp(ctx context.Context, path, out string, stamp func(context.Context, []byte) ([]byte, error)) (added bool, err error) {
	r, err := zip.OpenReader(path)
	if err != nil {
		return false, markwatch.WrapError(markwatch.CodeInvalid, err, "%s 不是证据包 / is no package", filepath.Base(path))
	}
	defer r.Close()
	var manifest []byte
	var at time.Time
	for _, f := range r.File {
		switch f.Name {
		case TokenFile:
			return false, nil
		case ManifestFile:
			if manifest, err = readSmall(f); err != nil {
				return false, err
			}
			at = f.Modified
		}
	}
	if manifest == nil {
		return false, markwatch.Errorf(markwatch.CodeInvalid, "%s 没有清单 / has no manifest", filepath.Base(path))
	}
	token, err := stamp(ctx, manifest)
	if err != nil {
		return false, err
	}
	return true, writeZip(out, func(z *zip.Writer) error {
		for _, f := range r.File {
			if err := z.Copy(f); err != nil {
				return err
			}
		}
		_, err := addPart(z, Bytes(TokenFile, Text{}, token), at)
		return err
	})
}

func readSmall(f *zip.File) ([]byte, error) {
	if f.UncompressedSize64 > maxSmall {
		return nil, markwatch.Errorf(markwatch.CodeInvalid, "%s 过大 / is too large", f.Name)
	}
	in, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	data, err := io.ReadAll(io.LimitReader(in, maxSmall+1))
	if err == nil && len(data) > maxSmall {
		err = markwatch.Errorf(markwatch.CodeInvalid, "%s 过大 / is too large", f.Name)
	}
	return data, err
}
