package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"github.com/markwatch/markwatch"
)

// dataLock keeps a data folder to one process: the database and the index
// beneath it are each made for one. The operating system drops the lock when
// the process ends, however it ends.
type dataLock struct {
	lock  *flock.Flock
	owner string
}

// lockOwner is written beside the lock, so that a second process can say who
// holds it.
type lockOwner struct {
	PID     int       `json:"pid"`
	Command string    `json:"command"`
	Host    string    `json:"host"`
	Since   time.Time `json:"since"`
}

// lockData takes the folder, which it makes where it is missing. It returns an
// error of CodeLocked where another process holds it.
func lockData(dir, command string, now time.Time) (*dataLock, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, markwatch.WrapError(markwatch.CodeUnavailable, err, "不能建立数据目录 cannot make the data folder %s", dir)
	}
	l := &dataLock{lock: flock.New(filepath.Join(dir, "lock")), owner: filepath.Join(dir, "lock.json")}
	ok, err := l.lock.TryLock()
	if err != nil {
		return nil, markwatch.WrapError(markwatch.CodeUnavailable, err, "不能锁定数据目录 cannot lock the data folder %s", dir)
	}
	if !ok {
		return nil, markwatch.Errorf(markwatch.CodeLocked, "数据目录 %s 正被占用:%s。请等它结束或先停止它 the data folder is in use: wait for that process or stop it first", dir, l.holder())
	}
	host, err := os.Hostname()
	if err != nil {
		host = "?"
	}
	b, err := json.Marshal(lockOwner{PID: os.Getpid(), Command: command, Host: host, Since: now})
	if err == nil {
		err = os.WriteFile(l.owner, b, 0o600)
	}
	if err != nil {
		return nil, errors.Join(markwatch.WrapError(markwatch.CodeUnavailable, err, "不能写入数据目录 cannot write to the data folder %s", dir), l.lock.Unlock())
	}
	return l, nil
}

// holder describes the process that has the lock.
func (l *dataLock) holder() string {
	b, err := os.ReadFile(l.owner)
	if errors.Is(err, fs.ErrNotExist) {
		return "刚启动的进程 a process that has just started"
	}
	var o lockOwner
	if err != nil || json.Unmarshal(b, &o) != nil {
		return "未知进程 an unknown process"
	}
	return fmt.Sprintf("markwatch %s, PID %d, %s, %s", o.Command, o.PID, o.Host, o.Since.Format(time.DateTime))
}

// Close gives the folder back.
func (l *dataLock) Close() error {
	err := os.Remove(l.owner)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, l.lock.Unlock())
}
