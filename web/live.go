package web

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/markwatch/markwatch"
)

// Bounds of the streams. A browser opens six connections to a host, and every
// stream takes one away from the rest of the desk.
const (
	maxStreams           = 64
	maxStreamsPerSession = 4
	progressTimeout      = 5 * time.Second
)

// live reads the progress of open scans for everybody who watches: once in a
// while at most, however many they are, and not at all while nobody does.
type live struct {
	progress ProgressReader
	now      func() time.Time
	log      *slog.Logger
	// every is the time between two readings, ping the longest silence of a
	// stream.
	every, ping time.Duration
	// ended is closed when the server shuts down.
	ended chan struct{}
	end   func()

	reading sync.Mutex
	last    []run
	read    time.Time
	paces   map[string]*pace
	failing bool

	counting sync.Mutex
	streams  map[string]int
	total    int
}

// run is an open scan and how fast it goes.
type run struct {
	markwatch.ScanProgress
	tempo tempo
}

func newLive(cfg Config) *live {
	l := &live{
		progress: cfg.Progress, now: cfg.Now, log: cfg.Logger, every: time.Second, ping: 15 * time.Second,
		ended: make(chan struct{}), paces: map[string]*pace{}, streams: map[string]int{},
	}
	l.end = sync.OnceFunc(func() { close(l.ended) })
	return l
}

// runs returns the open scans, from a reading that is not older than every.
func (l *live) runs(ctx context.Context) ([]run, error) {
	if l.progress == nil {
		return nil, nil
	}
	l.reading.Lock()
	defer l.reading.Unlock()
	// A tenth less, so that a ticker's small lead does not skip a reading.
	if !l.read.IsZero() && time.Since(l.read) < l.every*9/10 {
		return l.last, nil
	}
	// The reading is everybody's: a client who goes does not spoil it.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), progressTimeout)
	defer cancel()
	open, err := l.progress.Progress(ctx)
	if err != nil {
		if !l.failing {
			l.log.WarnContext(ctx, "read the progress of scans", "error", err)
		}
		l.failing = true
		return nil, err
	}
	l.failing = false
	l.last, l.read = make([]run, len(open)), time.Now()
	paces := make(map[string]*pace, len(open))
	for i, p := range open {
		seen := l.paces[p.Scan]
		if seen == nil {
			seen = &pace{}
		}
		paces[p.Scan] = seen
		l.last[i] = run{p, seen.observe(l.now(), p.Pages.Total(), p.Queued)}
	}
	l.paces = paces
	return l.last, nil
}

// join counts a stream in; it is refused where there are too many.
func (l *live) join(session string) bool {
	l.counting.Lock()
	defer l.counting.Unlock()
	if l.total >= maxStreams || l.streams[session] >= maxStreamsPerSession {
		return false
	}
	l.total++
	l.streams[session]++
	return true
}

func (l *live) leave(session string) {
	l.counting.Lock()
	defer l.counting.Unlock()
	l.total--
	if l.streams[session]--; l.streams[session] == 0 {
		delete(l.streams, session)
	}
}
