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
	// slowFirst and slowMost bound what 429 and 503 add to a host's delay.
	slowFirst = time.Second
	slowMost  = time.Minute
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
	last   time.Time     // when the last request was sent
	paused time.Time     // nothing is sent before
	slow   time.Duration // added to the delay
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
	free := delay <= 0 && p.slow == 0 && p.paused.IsZero()
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
		now := p.clock.now()
		p.mu.Lock()
		pause := p.paused.Sub(now)
		if pause <= 0 {
			p.paused = time.Time{}
		}
		rest := time.Duration(0)
		if !p.last.IsZero() {
			rest = p.last.Add(time.Duration(float64(max(delay, 0)+p.slow) * spread)).Sub(now)
		}
		p.mu.Unlock()
		if pause > waitMost {
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
	p.slow = min(max(2*p.slow, slowFirst), slowMost)
	if after <= 0 {
		after = p.slow
	}
	if until := p.clock.now().Add(min(after, pauseMost)); until.After(p.paused) {
		p.paused = until
	}
}

// well lets the host's delay come back to what it was, by an eighth of the
// difference an answer.
func (p *pace) well() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.slow -= p.slow / 8
	if p.slow < slowFirst/10 {
		p.slow = 0
	}
}

// idle tells whether the host may be forgotten.
func (p *pace) idle(now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.active == 0 && now.After(p.paused) && now.Sub(p.last) > 10*time.Minute
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
