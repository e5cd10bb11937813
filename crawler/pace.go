package crawler

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/markwatch/markwatch"
)

const (
	// jitter is how much of a delay is added at random at most, so that the
	// requests keep no beat. It only ever adds.
	jitter = 0.2
	// slowFirst is what the first 429 or 503 adds to a host's delay, slowMost
	// the most that anything adds.
	slowFirst = time.Second
	slowMost  = time.Minute
	// wallFirst is the least that the first wall adds.
	wallFirst = 100 * time.Millisecond
	// waitMost is the longest pause that a request sits out. A longer one is
	// given back to the caller, who has other hosts to go to.
	waitMost = 20 * time.Second
	// pauseMost bounds what a Retry-After is believed.
	pauseMost = 24 * time.Hour
)

// clock is the time that pacing and caching go by; the stamps on pages come
// from Config.Now.
type clock struct {
	now   func() time.Time
	sleep func(ctx context.Context, d time.Duration) error
}

func systemClock() clock {
	return clock{now: time.Now, sleep: func(ctx context.Context, d time.Duration) error {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}}
}

// pace is what one host is asked at most. Every hop to the host passes through
// it, from whatever session or redirect it comes.
type pace struct {
	clock clock
	// turn is held from before a delay until its request is on the wire, so
	// that requests leave one delay apart however long connecting takes.
	turn chan struct{}

	mu     sync.Mutex
	active int
	freed  chan struct{} // closed when a request ends
	delay  time.Duration // that of the last visitor, robots.txt's included
	last   time.Time     // when the last request was sent
	paused time.Time     // nothing is sent before, by the server's wish
	early  time.Time     // nothing is sent before, by another's last request
	slow   time.Duration // added to the delay
	least  time.Duration // what slow began with; under a tenth of it, it ends
	before time.Duration // slow as it was before the last good answer
}

func newPace(c clock) *pace {
	return &pace{clock: c, turn: make(chan struct{}, 1), freed: make(chan struct{})}
}

// visit is one request's stay at a host.
type visit struct {
	pace    *pace
	turn    bool
	sentOne sync.Once
}

// enter waits until a request may be sent: fewer than parallel are under way
// and the last was sent at least delay ago. leave must be called on the visit.
func (p *pace) enter(ctx context.Context, delay time.Duration, parallel int) (*visit, error) {
	for {
		p.mu.Lock()
		if p.active < max(parallel, 1) {
			p.active++
			p.mu.Unlock()
			break
		}
		freed := p.freed
		p.mu.Unlock()
		select {
		case <-freed:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	v := &visit{pace: p}
	if err := v.wait(ctx, delay); err != nil {
		v.leave()
		return nil, err
	}
	return v, nil
}

func (v *visit) wait(ctx context.Context, delay time.Duration) error {
	p := v.pace
	p.mu.Lock()
	if delay > 0 { // a robots.txt is fetched without
		p.delay = delay
	}
	free := delay <= 0 && p.slow == 0 && p.paused.IsZero() && p.early.IsZero()
	p.mu.Unlock()
	if free {
		return ctx.Err()
	}
	select {
	case p.turn <- struct{}{}:
		v.turn = true
	case <-ctx.Done():
		return ctx.Err()
	}
	spread := 1 + jitter*rand.Float64()
	for {
		rest, pause, most := p.rest(delay, spread)
		if pause > most {
			return &FetchError{Outcome: markwatch.PageFailed, Reason: ReasonBackingOff, Retry: true, RetryAfter: pause}
		}
		rest = max(rest, pause)
		if rest <= 0 {
			return ctx.Err()
		}
		if err := p.clock.sleep(ctx, rest); err != nil {
			return err
		}
	}
}

// rest is how long a request has to wait: for the delay, and for a pause, which
// is sat out for most at most.
func (p *pace) rest(delay time.Duration, spread float64) (rest, pause, most time.Duration) {
	now := p.clock.now()
	p.mu.Lock()
	defer p.mu.Unlock()
	most = waitMost
	if pause = p.paused.Sub(now); pause <= 0 {
		p.paused = time.Time{}
	}
	usual := time.Duration(float64(max(delay, 0)+p.slow) * spread)
	if !p.last.IsZero() {
		rest = p.last.Add(usual).Sub(now)
	}
	switch early := p.early.Sub(now); {
	case early <= 0:
		p.early = time.Time{}
	case early > pause:
		pause, most = early, max(waitMost, usual, time.Duration(float64(p.delay+p.slow)*spread))
	}
	return rest, pause, most
}

// sent says that the request is on the wire, or never will be.
func (v *visit) sent() {
	v.sentOne.Do(func() {
		v.pace.mu.Lock()
		v.pace.last = v.pace.clock.now()
		v.pace.mu.Unlock()
		if v.turn {
			<-v.pace.turn
		}
	})
}

// leave ends the visit.
func (v *visit) leave() {
	v.sent()
	p := v.pace
	p.mu.Lock()
	p.active--
	close(p.freed)
	p.freed = make(chan struct{})
	p.mu.Unlock()
}

// overloaded slows the host down: the server said that we are too fast (429)
// or that it cannot keep up (503). after is its Retry-After, 0 where it gave none.
func (p *pace) overloaded(after time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.slower(p.slow, slowFirst)
	if after <= 0 {
		after = p.slow
	}
	if until := p.clock.now().Add(min(after, pauseMost)); until.After(p.paused) {
		p.paused = until
	}
}

// walled slows the host down: the page just seen was a wall. Its answer was
// taken for a good one when it came, which does not count.
func (p *pace) walled(delay time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.slower(max(p.slow, p.before), max(delay, wallFirst))
}

// slower doubles what is added to the delay, which begins with first. The lock
// is held.
func (p *pace) slower(now, first time.Duration) {
	p.slow = min(max(2*now, first), slowMost)
	p.least, p.before = min(first, slowMost), p.slow
}

// well lets the host's delay come back to what it was, by an eighth of the
// difference an answer.
func (p *pace) well() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.before = p.slow
	p.slow -= p.slow / 8
	if p.slow < p.least/10 {
		p.slow = 0
	}
}

// release is the instant before which the next request must not go out; zero
// where nothing was sent yet and no pause is asked for.
func (p *pace) release(delay time.Duration) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	var at time.Time
	if !p.last.IsZero() {
		at = p.last.Add(max(p.delay, delay) + p.slow)
	}
	for _, t := range [...]time.Time{p.paused, p.early} {
		if t.After(at) {
			at = t
		}
	}
	return at
}

// notBefore keeps requests back until an instant that another process named.
func (p *pace) notBefore(at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if most := p.clock.now().Add(pauseMost); at.After(most) {
		at = most
	}
	if at.After(p.early) {
		p.early = at
	}
}

// idle tells whether the host may be forgotten.
func (p *pace) idle(now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.active == 0 && now.After(p.paused) && now.After(p.early) && now.Sub(p.last) > 10*time.Minute
}

// paces holds the pace of every host that was lately asked for something.
type paces struct {
	mu    sync.Mutex
	clock clock
	hosts map[string]*pace
}

// pacesMost is how many hosts are kept before idle ones are forgotten.
const pacesMost = 4096

func (ps *paces) of(host string) *pace {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if p := ps.hosts[host]; p != nil {
		return p
	}
	if len(ps.hosts) >= pacesMost {
		now := ps.clock.now()
		for h, p := range ps.hosts {
			if p.idle(now) {
				delete(ps.hosts, h)
			}
		}
	}
	p := newPace(ps.clock)
	ps.hosts[host] = p
	return p
}
