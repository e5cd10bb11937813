package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/uuid"

	"github.com/markwatch/markwatch"
)

// processName names this process among those that share a database. It is kept
// in the data folder, whose lock lets one process at a time have it.
func (a *app) processName() (string, error) {
	path := filepath.Join(a.data, "process")
	b, err := os.ReadFile(path)
	if name := strings.TrimSpace(string(b)); err == nil && uuid.Validate(name) == nil {
		return name, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", markwatch.WrapError(markwatch.CodeUnavailable, err, "不能读取数据目录 cannot read the data folder")
	}
	name := uuid.NewString()
	if err := os.WriteFile(path, []byte(name+"\n"), 0o600); err != nil {
		return "", markwatch.WrapError(markwatch.CodeUnavailable, err, "不能写入数据目录 cannot write to the data folder")
	}
	return name, nil
}
