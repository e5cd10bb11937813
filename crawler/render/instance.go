package render

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
	devtools "github.com/chromedp/chromedp/remote"
	"github.com/gofrs/flock"

	"github.com/markwatch/markwatch"
)

// startMost bounds the start of a browser, which is slow on a cold disk.
const startMost = time.Minute

// instance is one run of the browser, or one connection to a remote one.
type instance struct {
	ctx     context.Context // of chromedp, for the browser as a whole
	cancel  context.CancelFunc
	group   int // process group; 0 for a remote browser
	folder  *folder
	nothing *gate // the proxy of all that belongs to no page
	dismiss func()
	watched sync.WaitGroup
}

// start runs the browser. The caller's ctx bounds the start alone.
func (b *Browser) start(ctx context.Context) (*instance, error) {
	base, end := context.WithCancel(context.WithoutCancel(ctx))
	i := &instance{cancel: end, dismiss: func() {}}
	if err := b.allocate(ctx, base, i); err != nil {
		return nil, errors.Join(err, i.stop())
	}
	timer := time.AfterFunc(startMost, end)
	defer timer.Stop()
	defer context.AfterFunc(ctx, end)()
	version, err := chromedp.CallBrowser(i.ctx, browser.GetVersion, cdp.Empty{})
	if err == nil {
		err = i.closePopups()
	}
	if ctx.Err() != nil {
		return nil, errors.Join(markwatch.WrapError(markwatch.CodeCanceled, ctx.Err(), "start the browser"), i.stop())
	}
	if err != nil {
		return nil, errors.Join(markwatch.WrapError(markwatch.CodeUnavailable, err, "start the browser %s", spoken(b.engine)), i.stop())
	}
	if p := chromedp.FromContext(i.ctx).Browser.Process(); p != nil {
		i.group = p.Pid
		if dismiss, err := startReaper(p.Pid, i.folder.path); err == nil {
			i.dismiss = dismiss
		} else {
			b.log.WarnContext(ctx, "nobody cleans up after a killed markwatch", "err", err)
		}
		i.watched.Go(func() { b.watchMemory(base, p.Pid) })
	}
	b.log.InfoContext(ctx, "browser started", "engine", spoken(b.engine), "version", version.Product)
	return i, nil
}

// allocate readies the means to reach the browser: a program to start with its
// folder, or a DevTools address.
func (b *Browser) allocate(ctx, base context.Context, i *instance) (err error) {
	end := i.cancel
	if remote(b.engine) {
		alloc, stopAlloc := devtools.NewAllocator(base, b.engine)
		root, stopRoot := chromedp.NewContext(alloc, b.logs()...)
		i.ctx, i.cancel = root, func() { stopRoot(); stopAlloc(); end() }
		return nil
	}
	if i.nothing, err = openGate(ctx, "127.0.0.1", b.limits, nil, nil, func(string) {}); err != nil {
		return err
	}
	if i.folder, err = newFolder(); err != nil {
		return markwatch.WrapError(markwatch.CodeUnavailable, err, "make the browser's folder")
	}
	alloc, stopAlloc := chromedp.NewExecAllocator(base, b.options(i)...)
	i.ctx, _ = chromedp.NewContext(alloc, b.logs()...) //nolint:govet // end cancels it with base
	i.cancel = func() { end(); stopAlloc() }
	return nil
}

func (b *Browser) logs() []chromedp.ContextOption {
	debug := func(format string, args ...any) { b.log.Debug("browser", "says", fmt.Sprintf(format, args...)) }
	return []chromedp.ContextOption{chromedp.WithLogf(debug), chromedp.WithErrorf(debug)}
}

// gone is closed when the browser has died or was stopped.
func (i *instance) gone() <-chan struct{} {
	return chromedp.FromContext(i.ctx).Browser.LostConnection
}

// stop ends the browser with its whole process group and removes its folder.
func (i *instance) stop() error {
	i.cancel()
	var errs []error
	if i.group != 0 {
		errs = append(errs, killGroup(i.group))
	}
	i.watched.Wait()
	if i.folder != nil {
		errs = append(errs, i.folder.remove())
	}
	i.dismiss()
	if i.nothing != nil {
		i.nothing.close()
	}
	return errors.Join(errs...)
}

// watchMemory ends page processes that grow beyond their bound.
func (b *Browser) watchMemory(ctx context.Context, group int) {
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if n := killFat(group, b.limits.Memory); n > 0 {
				b.log.WarnContext(ctx, "a page took more memory than it may and was ended", "bytes", b.limits.Memory)
			}
		}
	}
}

// options are the program, its flags and its surroundings. The environment is
// not handed on: what it holds is not for a program that runs foreign code.
func (b *Browser) options(i *instance) []chromedp.ExecAllocatorOption {
	profile := filepath.Join(i.folder.path, "profile")
	opts := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(b.engine), chromedp.ModifyCmdFunc(func(cmd *exec.Cmd) { ownGroup(cmd); cmd.Dir = i.folder.path }),
		chromedp.UserDataDir(profile), chromedp.NoInheritEnv,
		chromedp.Env("PATH="+os.Getenv("PATH"), "HOME="+i.folder.path, "TMPDIR="+i.folder.path, "LANG=C.UTF-8", "TZ="+os.Getenv("TZ")),
		chromedp.CombinedOutput(&outputLog{log: b.log}),
	}
	for _, name := range [...]string{"SYSTEMROOT", "LOCALAPPDATA", "USERPROFILE"} {
		if v, ok := os.LookupEnv(name); ok {
			opts = append(opts, chromedp.Env(name+"="+v))
		}
	}
	flags := append(b.usualFlags(net.JoinHostPort("127.0.0.1", i.nothing.port())), b.flags...)
	for _, f := range flags {
		name, value, valued := strings.Cut(f, "=")
		if valued {
			opts = append(opts, chromedp.Flag(name, value))
		} else {
			opts = append(opts, chromedp.Flag(name, true))
		}
	}
	// chromedp would add the flag by itself as root; here it is said aloud.
	root := os.Geteuid() == 0
	if root {
		b.log.Warn("Chromium runs without its sandbox because markwatch runs as root; run it as another user")
	}
	return append(opts, chromedp.Flag("no-sandbox", root))
}

// outputLog passes on what the browser prints.
type outputLog struct{ log *slog.Logger }

// Write implements io.Writer.
func (o *outputLog) Write(p []byte) (int, error) {
	o.log.Debug("browser prints", "text", strings.TrimSpace(string(p[:min(len(p), 2048)])))
	return len(p), nil
}

// folder is the temporary home of one browser, locked while it is in use so
// that another run can tell it from one that was left behind.
type folder struct {
	path string
	lock *flock.Flock
}

const folderPattern = "markwatch-render-"

func newFolder() (*folder, error) {
	dir, err := os.MkdirTemp("", folderPattern)
	if err != nil {
		return nil, err
	}
	f := &folder{path: dir, lock: flock.New(filepath.Join(dir, "lock"))}
	if _, err := f.lock.TryLock(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return f, nil
}

// remove deletes the folder. Processes that are being killed may still write
// into it, so it tries for a while.
func (f *folder) remove() error {
	var err error
	for range 50 {
		if err = os.RemoveAll(f.path); err == nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	return errors.Join(err, f.lock.Unlock())
}

// sweep removes folders that nobody holds. A young one may be about to be locked.
func sweep(log *slog.Logger) {
	left, _ := filepath.Glob(filepath.Join(os.TempDir(), folderPattern+"*")) // the pattern is well formed
	for _, dir := range left {
		info, err := os.Lstat(dir)
		if err != nil || !info.IsDir() || time.Since(info.ModTime()) < time.Minute {
			continue
		}
		lock := flock.New(filepath.Join(dir, "lock"))
		if held, err := lock.TryLock(); err != nil || !held {
			continue
		}
		if err := os.RemoveAll(dir); err != nil {
			log.Warn("remove a browser's folder that was left behind", "folder", dir, "err", err)
		}
		_ = lock.Unlock() // the file is gone
	}
}
