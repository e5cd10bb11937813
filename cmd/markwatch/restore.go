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
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/spf13/cobra"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/frontier"
	"github.com/markwatch/markwatch/store"
)

const (
	// manifestMost bounds the manifest that is believed, in bytes.
	manifestMost = 256 << 20
	// recordMemory bounds what unpacking the record may take.
	recordMemory = 256 << 20
)

func newRestore(c console) *cobra.Command {
	var config string
	cmd := &cobra.Command{
		Use:   "restore --config DIR FILE.tar",
		Short: "把备份恢复到新的目录 restore a backup into a new folder",
		Long: `把 backup 写出的文件恢复到一个新的配置目录:先核对全部 SHA-256,再写配置、网页存档与记录;已有数据的目录与数据库不会被覆盖。
记录写入配置中 engines.store 所指的数据库,可由 SQLite 换到 PostgreSQL 或相反。检索索引在下次启动时重建。

Restores what backup wrote into a new configuration folder: all digests are
checked first, then configuration, captures and record are written. Nothing that
is there is overwritten. The record goes where engines.store of the restored
configuration says. The search index is rebuilt at the next start.`,
		Example: `  markwatch restore --config watch-new markwatch-2026-11-22.tar
  markwatch restore --config watch-new --store postgres://… markwatch-2026-11-22.tar`,
		Args: argsBetween(1, 1, "备份文件 the backup"),
	}
	var dsn string
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if config == "" {
			return markwatch.Errorf(markwatch.CodeInvalid, "用 --config 指明要写入的新目录 name the new folder with --config")
		}
		return c.restore(cmd.Context(), args[0], config, dsn)
	}
	cmd.Flags().StringVar(&config, "config", "", "新的配置目录 the new configuration folder")
	cmd.Flags().StringVar(&dsn, "store", "", "记录写入的数据库,缺省按恢复的配置 database for the record; as the restored configuration says where absent")
	return cmd
}

func (c console) restore(ctx context.Context, file, dir, dsn string) error {
	files, err := checkBackup(file)
	if err != nil {
		return err
	}
	if left, err := os.ReadDir(dir); err == nil && len(left) > 0 {
		return markwatch.Errorf(markwatch.CodeConflict, "目录 %s 不是空的,换一个新目录 the folder is not empty: choose a new one", dir)
	}
	// The configuration says where the rest belongs.
	if err := unpack(ctx, file, files, backupConfig, dir); err != nil {
		return err
	}
	a, err := c.load(dir)
	if err != nil {
		return err
	}
	if a.capturesTaken() || a.storeTaken() {
		return markwatch.Errorf(markwatch.CodeConflict, "配置所指的数据目录里已有数据 the data folder that the configuration names holds data already: %s", a.data)
	}
	captures, err := a.capturesDir()
	if err != nil {
		return err
	}
	if err := unpack(ctx, file, files, backupCaptures, captures); err != nil {
		return err
	}
	if dsn == "" {
		dsn = a.dsn()
	}
	if err := restoreRecord(ctx, file, dsn, store.Options{TimeZone: a.cfg.Deployment.Location(), Logger: a.log}); err != nil {
		return err
	}
	c.say("已恢复 %d 个文件到 %s;下次启动时重建检索索引 files restored; the search index is rebuilt at the next start", len(files), dir)
	if dsn != a.dsn() {
		c.say("记录在另一个数据库里:请在 markwatch.yaml 里写上 engines.store the record is in another database: set engines.store in markwatch.yaml")
	}
	return nil
}

// capturesTaken says that captures lie where the restored ones belong.
func (a *app) capturesTaken() bool {
	dir, err := a.capturesDir()
	if err != nil {
		return false
	}
	left, err := os.ReadDir(dir)
	return err == nil && len(left) > 0
}

// storeTaken says that a database file lies where the restored one belongs.
func (a *app) storeTaken() bool {
	if strings.Contains(a.dsn(), "://") {
		return false // Load refuses a database that holds anything
	}
	_, err := os.Stat(a.dsn())
	return err == nil
}

// checkBackup reads a backup through and compares everything with its
// manifest.
func checkBackup(file string) (map[string]manifestFile, error) {
	found := map[string]manifestFile{}
	var m *manifest
	err := eachEntry(file, func(h *tar.Header, r io.Reader) error {
		if h.Name == backupManifest {
			m = &manifest{}
			if err := json.NewDecoder(io.LimitReader(r, manifestMost)).Decode(m); err != nil {
				return invalidBackup("清单 manifest: %v", err)
			}
			return nil
		}
		hash := sha256.New()
		n, err := io.Copy(hash, r)
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return invalidBackup("它在 %s 中间断了 it ends in the middle of %s", h.Name, h.Name)
		}
		found[h.Name] = manifestFile{Name: h.Name, Size: n, SHA256: hex.EncodeToString(hash.Sum(nil))}
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case m == nil:
		return nil, invalidBackup("没有清单,文件不完整 it has no manifest and is not whole")
	case m.Format != backupFormat || m.Version > backupVersion:
		return nil, invalidBackup("格式 format %s %d", m.Format, m.Version)
	case len(m.Files) != len(found):
		return nil, invalidBackup("清单有 %d 个文件,实有 %d the manifest lists other files", len(m.Files), len(found))
	}
	for _, want := range m.Files {
		if found[want.Name] != want {
			return nil, invalidBackup("%s 与清单不符 is not as the manifest says", want.Name)
		}
	}
	return found, nil
}

func invalidBackup(format string, args ...any) error {
	return markwatch.Errorf(markwatch.CodeInvalid, "备份有误 the backup is damaged: "+format, args...)
}

// eachEntry walks the regular files of a tar.
func eachEntry(file string, do func(*tar.Header, io.Reader) error) error {
	f, err := os.Open(file)
	if err != nil {
		return markwatch.WrapError(markwatch.CodeNotFound, err, "不能读取备份 cannot read the backup")
	}
	defer f.Close()
	for r := tar.NewReader(f); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return invalidBackup("%v", err)
		}
		if h.Typeflag != tar.TypeReg || !filepath.IsLocal(filepath.FromSlash(h.Name)) {
			return invalidBackup("%q 不该在里面 does not belong there", h.Name)
		}
		if err := do(h, r); err != nil {
			return err
		}
	}
}

// unpack writes the files of one part of a backup.
func unpack(ctx context.Context, file string, known map[string]manifestFile, prefix, dir string) error {
	return eachEntry(file, func(h *tar.Header, r io.Reader) error {
		rel, ok := strings.CutPrefix(h.Name, prefix)
		if _, listed := known[h.Name]; !ok || !listed || ctx.Err() != nil {
			return ctx.Err()
		}
		if err := writeNew(filepath.Join(dir, filepath.FromSlash(rel)), r, h); err != nil {
			return markwatch.WrapError(markwatch.CodeUnavailable, err, "不能恢复 cannot restore %s", h.Name)
		}
		return nil
	})
}

// writeNew writes a file that must not be there yet.
func writeNew(name string, r io.Reader, h *tar.Header) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, os.FileMode(h.Mode).Perm())
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Chtimes(name, time.Time{}, h.ModTime)
}

// restoreRecord loads the record into an empty database.
func restoreRecord(ctx context.Context, file, dsn string, opts store.Options) error {
	loaded := false
	err := eachEntry(file, func(h *tar.Header, r io.Reader) error {
		if h.Name != backupRecord {
			return nil
		}
		packed, err := zstd.NewReader(r, zstd.WithDecoderMaxMemory(recordMemory))
		if err != nil {
			return fmt.Errorf("unpacking the record: %w", err)
		}
		defer packed.Close()
		loaded = true
		return store.Load(ctx, dsn, packed, opts)
	})
	if err == nil && !loaded {
		return invalidBackup("没有记录 it holds no record")
	}
	if err != nil {
		return err
	}
	return wakeFrontier(ctx, dsn, opts)
}

// wakeFrontier gives the scans that were open their jobs back: those are not
// part of a backup.
func wakeFrontier(ctx context.Context, dsn string, opts store.Options) error {
	s, err := store.Open(ctx, dsn, opts)
	if err != nil {
		return err
	}
	table, err := frontier.New(s.RiverDriver(), s, frontier.Options{Now: time.Now, Logger: opts.Logger})
	if err == nil {
		err = table.Rescue(ctx)
	}
	return errors.Join(err, s.Close())
}
