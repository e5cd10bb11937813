package main

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/spf13/cobra"

	"github.com/markwatch/markwatch"
)

// What a backup holds: a tar file with the record first, so that whatever it
// refers to was captured before the captures are read, and the manifest last.
const (
	backupRecord   = "record.ndjson.zst"
	backupConfig   = "config/"
	backupCaptures = "captures/"
	backupManifest = "manifest.json"
	backupFormat   = "markwatch-backup"
	backupVersion  = 1
)

// manifest lists what a backup holds.
type manifest struct {
	Format  string         `json:"format"`
	Version int            `json:"version"`
	Program string         `json:"program"`
	At      time.Time      `json:"at"`
	Files   []manifestFile `json:"files"`
}

type manifestFile struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

func newBackup(c console) *cobra.Command {
	var config string
	var force bool
	cmd := &cobra.Command{
		Use:   "backup [--config DIR] FILE.tar",
		Short: "备份配置、全部记录与网页存档 back up configuration, record and captures",
		Long: `把配置目录、全部记录(SQLite 或 PostgreSQL)与网页存档写进一个 tar 文件,末尾附清单与 SHA-256;serve 运行时也可用。
检索索引不在其中,恢复后用 reindex 重建。配置里的口令文件也在其中,请妥善保管。

Writes the configuration folder, the whole record (SQLite or PostgreSQL) and the
captures into one tar file that ends with a manifest of SHA-256 digests; works
while serve runs. The search index is rebuilt from the record. Secret files of
the configuration are in it too: keep it as safe as them.`,
		Example: `  markwatch backup --config watch /backup/markwatch-2026-11-22.tar
  markwatch restore --config watch-new /backup/markwatch-2026-11-22.tar`,
		Args: argsBetween(1, 1, "备份文件 the file to write"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.look(cmd.Context(), config, func(ctx context.Context, a *app) error { return a.backup(ctx, args[0], force) })
		},
	}
	configFlag(cmd, &config)
	cmd.Flags().BoolVar(&force, "force", false, "覆盖已有文件 replace a file that is there")
	return cmd
}

// backup writes a backup beside its name and puts it in place when it is
// whole.
func (a *app) backup(ctx context.Context, name string, force bool) (err error) {
	if _, err := os.Stat(name); err == nil && !force {
		return markwatch.Errorf(markwatch.CodeConflict, "%s 已存在,换个名字或加 --force the file exists: choose another name or add --force", name)
	}
	out, err := os.CreateTemp(filepath.Dir(name), ".backup-*")
	if err != nil {
		return markwatch.WrapError(markwatch.CodeUnavailable, err, "不能写备份 cannot write the backup")
	}
	defer func() { err = errors.Join(err, removed(out.Name())) }()
	b := &backupWriter{tar: tar.NewWriter(out), manifest: manifest{Format: backupFormat, Version: backupVersion, Program: version(), At: time.Now().UTC()}}
	b.bar = newProgress(a.console, "备份 backing up", time.Now)
	err = a.fillBackup(ctx, b)
	b.bar.finish()
	if err == nil {
		err = b.tar.Close()
	}
	if err == nil {
		err = out.Sync()
	}
	if err = errors.Join(err, out.Close()); err != nil {
		return markwatch.WrapError(markwatch.CodeUnavailable, err, "不能写备份 cannot write the backup")
	}
	if err := os.Rename(out.Name(), name); err != nil {
		return markwatch.WrapError(markwatch.CodeUnavailable, err, "不能写备份 cannot write the backup")
	}
	a.say("已备份 %d 个文件,%s files backed up: %s", len(b.manifest.Files), mebibytes(b.done), name)
	return nil
}

func (a *app) fillBackup(ctx context.Context, b *backupWriter) error {
	if err := a.backupStore(ctx, b); err != nil {
		return err
	}
	captures, err := a.capturesDir()
	if err != nil {
		return err
	}
	skip := []string{a.data, captures}
	if err := b.addTree(ctx, a.cfg.Dir, backupConfig, func(p string) bool {
		for _, s := range skip {
			if p == filepath.Clean(s) {
				return false
			}
		}
		return true
	}); err != nil {
		return err
	}
	// Indexes are made again from what they stand beside.
	if err := b.addTree(ctx, captures, backupCaptures, func(p string) bool {
		base := filepath.Base(p)
		return !strings.HasPrefix(base, ".") && !strings.HasSuffix(base, ".idx") && !strings.HasSuffix(base, ".cdxj")
	}); err != nil {
		return err
	}
	text, err := json.MarshalIndent(b.manifest, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the manifest: %w", err)
	}
	if err := b.tar.WriteHeader(&tar.Header{Name: backupManifest, Mode: 0o600, Size: int64(len(text)), ModTime: b.manifest.At}); err != nil {
		return err
	}
	_, err = b.tar.Write(text)
	return err
}

// backupStore writes the record. A tar entry begins with its size, so that it
// goes through a file.
func (a *app) backupStore(ctx context.Context, b *backupWriter) (err error) {
	tmp, err := os.CreateTemp("", "markwatch-record-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, tmp.Close(), removed(tmp.Name())) }()
	packed, err := zstd.NewWriter(tmp)
	if err != nil {
		return err
	}
	if err := a.store.Dump(ctx, packed); err != nil {
		return err
	}
	if err := packed.Close(); err != nil {
		return err
	}
	return b.addFile(tmp.Name(), backupRecord)
}

// backupWriter writes files into a tar and notes them.
type backupWriter struct {
	tar      *tar.Writer
	manifest manifest
	bar      *progress
	done     int64
}

// addTree adds the regular files beneath dir that keep accepts; a folder that
// it refuses is passed over whole. A folder that is not there holds nothing.
func (b *backupWriter) addTree(ctx context.Context, dir, prefix string, keep func(string) bool) error {
	return filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // it went away while we looked
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case p != dir && !keep(p):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case !d.Type().IsRegular():
			return nil
		}
		rel, err := filepath.Rel(dir, p)
		if err != nil {
			return err
		}
		return b.addFile(p, prefix+filepath.ToSlash(rel))
	})
}

// addFile adds a file as long as it is now: one that grows is cut there.
func (b *backupWriter) addFile(name, as string) error {
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // it went away while we looked
	}
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if err := b.tar.WriteHeader(&tar.Header{Name: as, Mode: int64(info.Mode().Perm()), Size: info.Size(), ModTime: info.ModTime()}); err != nil {
		return err
	}
	hash := sha256.New()
	if _, err := io.CopyN(io.MultiWriter(b.tar, hash), f, info.Size()); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	b.manifest.Files = append(b.manifest.Files, manifestFile{Name: as, Size: info.Size(), SHA256: hex.EncodeToString(hash.Sum(nil))})
	b.done += info.Size()
	b.bar.set(int(b.done>>20), int(b.done>>20), "MiB "+path.Base(as))
	return nil
}
