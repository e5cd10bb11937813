package local_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/local"
)

// serve answers in a folder until the test ends, and returns when it does.
func serve(t *testing.T, dir string, handle local.Handler) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- local.Serve(ctx, dir, slog.New(slog.DiscardHandler), handle) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	deadline := time.Now().Add(time.Minute)
	for {
		code, err := local.Call(t.Context(), dir, local.Request{Args: []string{"ready"}}, io.Discard, io.Discard)
		if err == nil && code == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("nobody answers: %v", err)
		}
		runtime.Gosched()
	}
}

func ready(req local.Request) bool { return len(req.Args) == 1 && req.Args[0] == "ready" }

func TestCall(t *testing.T) {
	// A folder whose path is too long for a socket, too.
	for _, dir := range []string{t.TempDir(), filepath.Join(t.TempDir(), strings.Repeat("long", 40))} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if len(dir) > 100 && runtime.GOOS != "linux" {
			continue
		}
		big := strings.Repeat("线索", 1<<20)
		serve(t, dir, func(_ context.Context, req local.Request, out, errs io.Writer) int {
			if ready(req) {
				return 0
			}
			fmt.Fprint(out, strings.Join(req.Args, " ")+" in "+req.Dir)
			fmt.Fprint(errs, req.Terminal, big)
			return 3
		})
		var out, errs bytes.Buffer
		code, err := local.Call(t.Context(), dir, local.Request{Args: []string{"search", "高仿"}, Dir: "/d", Terminal: true}, &out, &errs)
		if err != nil || code != 3 || out.String() != "search 高仿 in /d" || errs.String() != "true"+big {
			t.Errorf("code %d (%v), out %q, %d bytes of messages", code, err, out.String(), errs.Len())
		}
		if info, err := os.Stat(filepath.Join(dir, "serve.sock")); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the socket: %v (%v)", info, err)
		}
	}
}

func TestNobodyAnswers(t *testing.T) {
	dir := t.TempDir()
	if _, err := local.Call(t.Context(), dir, local.Request{}, io.Discard, io.Discard); markwatch.ErrorCode(err) != markwatch.CodeNotFound {
		t.Errorf("no socket: %v", err)
	}
	// A socket that a killed process has left is replaced.
	if err := os.WriteFile(filepath.Join(dir, "serve.sock"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	serve(t, dir, func(context.Context, local.Request, io.Writer, io.Writer) int { return 0 })
}

// TestCancel holds that a command ends when its client does not want it any
// more, and that its last words and code still arrive.
func TestCancel(t *testing.T) {
	dir := t.TempDir()
	serve(t, dir, func(ctx context.Context, req local.Request, out, _ io.Writer) int {
		if ready(req) {
			return 0
		}
		fmt.Fprintln(out, "begun")
		<-ctx.Done()
		fmt.Fprintln(out, "ended")
		return 130
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var all bytes.Buffer
	code, err := local.Call(ctx, dir, local.Request{}, writer(func(p []byte) {
		all.Write(p)
		cancel()
	}), io.Discard)
	if err != nil || code != 130 || all.String() != "begun\nended\n" {
		t.Errorf("code %d (%v), out %q", code, err, all.String())
	}
}

type writer func([]byte)

func (w writer) Write(p []byte) (int, error) { w(p); return len(p), nil }

// TestHostileFrames holds that nothing sent to the socket stops it.
func TestHostileFrames(t *testing.T) {
	dir := t.TempDir()
	serve(t, dir, func(context.Context, local.Request, io.Writer, io.Writer) int { return 0 })
	huge := binary.BigEndian.AppendUint32([]byte{'r'}, 1<<31)
	for _, sent := range [][]byte{nil, {'r'}, huge, {'x', 0, 0, 0, 0}, {'r', 0, 0, 0, 2, '{', '['}, []byte("GET / HTTP/1.1\r\n\r\n")} {
		conn, err := net.Dial("unix", filepath.Join(dir, "serve.sock"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Write(sent); err != nil {
			t.Fatal(err)
		}
		if err := conn.(*net.UnixConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(conn); err != nil && !strings.Contains(err.Error(), "reset") {
			t.Errorf("%q: %v", sent, err)
		}
		_ = conn.Close()
	}
	if code, err := local.Call(t.Context(), dir, local.Request{}, io.Discard, io.Discard); code != 0 || err != nil {
		t.Errorf("after all that: %d %v", code, err)
	}
}
