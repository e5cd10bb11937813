package configs

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

//go:embed shipped starter
var packs embed.FS

// Shipped returns the lists that the program brings along: brands, works,
// lexicons and rates, with no sources and the default deployment.
func Shipped() (*Config, error) {
	fsys, err := fs.Sub(packs, "shipped")
	if err != nil {
		return nil, fmt.Errorf("reading the shipped packs: %w", err)
	}
	c, err := loadFS(fsys, &Config{})
	if err != nil {
		return nil, fmt.Errorf("reading the shipped packs: %w", err)
	}
	return c, nil
}

// ownPacks is Shipped for those who only read: what the program brings along is
// the same each time, and a process that serves reads a folder over it for every
// command that it carries out.
var ownPacks = sync.OnceValues(Shipped)

// Init writes a starter folder with comments, which Load accepts, and returns
// the paths of its files. It has markwatch.CodeConflict, and writes nothing,
// where one of the files is there already.
func Init(dir string) ([]string, error) {
	files, err := starterFiles()
	if err != nil {
		return nil, err
	}
	return writeFiles(dir, files)
}

type starterFile struct {
	name string // with the separators of the operating system
	data []byte
}

// starterFiles are the files under starter, and the shipped brands and works
// for a folder to begin with. Lexicons and rates are not copied, so that a
// newer program brings newer ones.
func starterFiles() ([]starterFile, error) {
	var files []starterFile
	for _, name := range []string{"brands.yaml", "works.yaml"} {
		data, err := packs.ReadFile("shipped/" + name)
		if err != nil {
			return nil, fmt.Errorf("reading the starter folder: %w", err)
		}
		files = append(files, starterFile{name, data})
	}
	err := fs.WalkDir(packs, "starter", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := packs.ReadFile(name)
		files = append(files, starterFile{filepath.FromSlash(strings.TrimPrefix(name, "starter/")), data})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the starter folder: %w", err)
	}
	return files, nil
}

// writeNew writes a file that must not exist yet.
func writeNew(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}
