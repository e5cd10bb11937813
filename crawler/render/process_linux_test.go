package render

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
)

// using are the living processes that name a folder on their command line or
// stand in it.
func using(folder string) (pids []int) {
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		cmdline, _ := os.ReadFile(filepath.Join("/proc", e.Name(), "cmdline"))
		cwd, _ := os.Readlink(filepath.Join("/proc", e.Name(), "cwd"))
		if bytes.Contains(cmdline, []byte(folder)) || strings.HasPrefix(cwd, folder) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// nothingLeft waits until neither a process nor the folder is there.
func nothingLeft(t *testing.T, folder string) {
	t.Helper()
	var pids []int
	var err error
	for range 600 {
		pids = using(folder)
		_, err = os.Stat(folder)
		if len(pids) == 0 && os.IsNotExist(err) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("left behind: processes %v, folder: %v", pids, err)
}

func TestCloseLeavesNothing(t *testing.T) {
	b := opened(t, Options{})
	w := newTown()
	w.serve(t, "shop.test", html("<p>here</p>"))
	rendered(t, b, Request{URL: "http://shop.test/", Dial: w.dial}).shows(t, "here")
	folder := b.running.folder.path
	if len(using(folder)) < 2 {
		t.Fatal("the browser's processes are not found")
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if pids := using(folder); len(pids) != 0 {
		t.Errorf("processes %v are left", pids)
	}
	if _, err := os.Stat(folder); !os.IsNotExist(err) {
		t.Errorf("the folder is left: %v", err)
	}
	if _, err := b.Render(t.Context(), Request{URL: "http://shop.test/", Dial: w.dial}); err == nil {
		t.Error("a closed browser renders")
	}
}

func TestBrowserThatDiesIsStartedAgain(t *testing.T) {
	b := opened(t, Options{})
	w := newTown()
	w.serve(t, "shop.test", html("<p>here</p>"))
	folder := b.running.folder.path
	rendered(t, b, Request{URL: "http://shop.test/", Dial: w.dial})
	if err := syscall.Kill(b.running.group, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-b.running.gone()
	rendered(t, b, Request{URL: "http://shop.test/", Dial: w.dial}).shows(t, "here")
	nothingLeft(t, folder)
}

func TestBrowserThatDiesInAPage(t *testing.T) {
	b := opened(t, Options{})
	w := newTown()
	w.serve(t, "shop.test", html(`<p>here</p><script>setInterval(() => document.body.append("x"), 50)</script>`))
	group := b.running.group
	time.AfterFunc(1500*time.Millisecond, func() { _ = syscall.Kill(group, syscall.SIGKILL) })
	began := time.Now()
	_, err := b.Render(t.Context(), Request{URL: "http://shop.test/", Dial: w.dial})
	if markwatch.ErrorCode(err) != markwatch.CodeUnavailable || time.Since(began) > 20*time.Second {
		t.Errorf("after %v: %v", time.Since(began), err)
	}
}

// TestKilledParentLeavesNothing runs this test again in a process of its own
// and kills that with a signal that cannot be caught.
func TestKilledParentLeavesNothing(t *testing.T) {
	if os.Getenv("MARKWATCH_RENDER_CHILD") != "" {
		b := opened(t, Options{})
		fmt.Printf("\nfolder %s\n", b.running.folder.path)
		time.Sleep(time.Minute)
		return
	}
	engine(t)
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilledParentLeavesNothing$", "-test.v")
	child.Env = append(os.Environ(), "MARKWATCH_RENDER_CHILD=1")
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var folder string
	for lines := bufio.NewScanner(out); folder == "" && lines.Scan(); {
		folder, _ = strings.CutPrefix(lines.Text(), "folder ")
		if !strings.HasPrefix(folder, os.TempDir()) {
			folder = ""
		}
	}
	if len(using(folder)) < 2 || folder == "" {
		t.Fatalf("the child's browser is not found in %q", folder)
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // killed
	nothingLeft(t, folder)
}

func TestFolderLeftBehindIsSwept(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	old := time.Now().Add(-time.Hour)
	made := func() *folder {
		f, err := newFolder()
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	held, left, young := made(), made(), made()
	for _, f := range []*folder{left, young} {
		if err := f.lock.Unlock(); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range []*folder{held, left} {
		if err := os.Chtimes(f.path, old, old); err != nil {
			t.Fatal(err)
		}
	}
	sweep(nil)
	for f, stays := range map[*folder]bool{held: true, young: true, left: false} {
		if _, err := os.Stat(f.path); (err == nil) != stays {
			t.Errorf("stays %v: %v", stays, err)
		}
	}
	if err := held.remove(); err != nil {
		t.Error(err)
	}
}
