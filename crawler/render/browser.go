package render

import (
	"cmp"
	"context"
	"log/slog"
	"sync"

	"github.com/markwatch/markwatch"
)

// Browser renders pages. It starts Chromium at the first page and again after
// it died. It is safe for several goroutines.
type Browser struct {
	engine string
	log    *slog.Logger
	limits Limits
	host   string // where the browser reaches the pages' proxies
	listen string
	flags  []string // beside the usual ones
	tabs   chan struct{}

	mu      sync.Mutex
	running *instance
	closed  bool
}

// Open finds the browser and starts it, so that a browser that cannot start is
// known before the first page. Profile folders that a killed run left behind
// are removed. The error is that of Find, or has markwatch.CodeUnavailable.
func Open(ctx context.Context, opts Options) (*Browser, error) {
	return open(ctx, opts)
}

func open(ctx context.Context, opts Options, flags ...string) (*Browser, error) {
	engine, err := Find(opts.Engine)
	if err != nil {
		return nil, err
	}
	b := &Browser{
		engine: engine, log: opts.Logger, limits: opts.Limits.filled(),
		host: cmp.Or(opts.ProxyHost, "127.0.0.1"), flags: flags,
	}
	b.listen = cmp.Or(opts.ListenHost, b.host)
	if b.log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	tabs := opts.MaxTabs
	set(&tabs, 2)
	b.tabs = make(chan struct{}, tabs)
	sweep(b.log)
	if _, err := b.instance(ctx); err != nil {
		return nil, err
	}
	return b, nil
}

// Engine is the program in use, or the host of a remote one.
func (b *Browser) Engine() string { return spoken(b.engine) }

// Close ends the browser with all its processes and removes its folder. Pages
// being rendered fail. A second Close does nothing.
func (b *Browser) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	if b.running == nil {
		return nil
	}
	err := b.running.stop()
	b.running = nil
	return err
}

// instance returns the running browser and starts one where there is none.
func (b *Browser) instance(ctx context.Context) (*instance, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil, markwatch.Errorf(markwatch.CodeUnavailable, "the browser has been closed")
	}
	if b.running != nil {
		select {
		case <-b.running.gone():
			b.log.WarnContext(ctx, "the browser died and is started again", "engine", spoken(b.engine))
			if err := b.running.stop(); err != nil {
				b.log.WarnContext(ctx, "clean up after a browser", "err", err)
			}
			b.running = nil
		default:
			return b.running, nil
		}
	}
	i, err := b.start(ctx)
	if err != nil {
		return nil, err
	}
	b.running = i
	return i, nil
}

// discard ends a browser that no longer obeys; the next page starts another.
func (b *Browser) discard(i *instance) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.running != i {
		return
	}
	b.log.Warn("the browser does not obey and is ended", "engine", spoken(b.engine))
	if err := i.stop(); err != nil {
		b.log.Warn("clean up after a browser", "err", err)
	}
	b.running = nil
}
