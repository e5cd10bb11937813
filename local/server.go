package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/markwatch/markwatch"
)

// socketName is the socket's file in the data folder.
const socketName = "serve.sock"

// Handler runs a command and returns its exit code.
type Handler func(ctx context.Context, req Request, out, err io.Writer) int

// Serve answers in the socket of a data folder until ctx ends, and returns
// when every command has. The caller holds the folder's lock: what another
// process has left there is removed. The error has markwatch.CodeUnavailable
// where there can be no socket.
func Serve(ctx context.Context, dir string, log *slog.Logger, handle Handler) error {
	path, done, err := socketPath(dir)
	if err != nil {
		return err
	}
	defer done()
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return markwatch.WrapError(markwatch.CodeUnavailable, err, "removing an old local socket")
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "unix", path)
	if err != nil {
		return markwatch.WrapError(markwatch.CodeUnavailable, err, "opening the local socket")
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return errors.Join(markwatch.WrapError(markwatch.CodeUnavailable, err, "closing the local socket to others"), l.Close())
	}
	var running sync.WaitGroup
	defer running.Wait()
	stop := context.AfterFunc(ctx, func() { _ = l.Close() })
	defer stop()
	for {
		conn, err := l.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return errors.Join(markwatch.WrapError(markwatch.CodeUnavailable, err, "answering in the local socket"), l.Close())
		}
		running.Go(func() {
			defer conn.Close()
			if err := answer(ctx, conn, handle); err != nil {
				log.WarnContext(ctx, "a command in the local socket was not answered", "error", err)
			}
		})
	}
}

func answer(ctx context.Context, conn net.Conn, handle Handler) error {
	if err := sameUser(conn); err != nil {
		return err
	}
	req, err := readRequest(conn)
	if err != nil {
		return fmt.Errorf("reading the request: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		// The client sends no more: this ends when it closes its half or goes
		// away, or with the connection.
		_, _ = io.Copy(io.Discard, conn)
		cancel()
	}()
	to := &frames{conn: conn}
	code := handle(ctx, req, stream{to, frameOut}, stream{to, frameErr})
	// A client that has gone has nobody to read it.
	_ = to.write(frameExit, []byte{byte(code)})
	return nil
}

// maxPath is the longest path of a socket that systems take.
const maxPath = 100

// socketPath is where the socket is. A folder whose path is too long for a
// socket is reached through its descriptor where the system has such paths.
func socketPath(dir string) (path string, done func(), err error) {
	path = filepath.Join(dir, socketName)
	if len(path) <= maxPath || runtime.GOOS != "linux" {
		return path, func() {}, nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return "", nil, markwatch.WrapError(markwatch.CodeUnavailable, err, "opening the data folder")
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", f.Fd(), socketName), func() { _ = f.Close() }, nil
}
