package main

import (
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
)

// plainEvery is how often progress is told where no terminal redraws a bar.
const plainEvery = 10 * time.Second

// progress shows how far a long job is: a bar on a terminal, a plain line now
// and then elsewhere. The total may grow while the job runs. It is safe for
// concurrent use.
type progress struct {
	mu    sync.Mutex
	c     console
	label string
	bar   *progressbar.ProgressBar
	now   func() time.Time
	last  time.Time
	done  int
	total int
}

func newProgress(c console, label string, now func() time.Time) *progress {
	p := &progress{c: c, label: label, now: now, last: now()}
	if c.terminal() {
		p.bar = progressbar.NewOptions(-1,
			progressbar.OptionSetWriter(c.err),
			progressbar.OptionSetDescription(label),
			progressbar.OptionSetWidth(30),
			progressbar.OptionShowCount(),
			progressbar.OptionShowIts(),
			progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionClearOnFinish(),
		)
	}
	return p
}

// set tells the state of the job, with a word about it.
func (p *progress) set(done, total int, note string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done, p.total = done, total
	if p.bar != nil {
		p.bar.ChangeMax(max(total, done))
		p.bar.Describe(p.label + " " + note)
		// A bar that cannot be drawn must not stop the work.
		_ = p.bar.Set(done)
		return
	}
	if now := p.now(); now.Sub(p.last) >= plainEvery {
		p.last = now
		p.c.say("%s %d/%d %s", p.label, done, total, note)
	}
}

// finish removes the bar.
func (p *progress) finish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
