package web

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// How fast one person's programs may call, and how many callers are
// remembered.
const (
	callsPerSecond = 20
	callsAtOnce    = 60
	maxCallers     = 10_000
)

// limiter keeps each caller to a pace.
type limiter struct {
	now func() time.Time

	mu      sync.Mutex
	callers map[string]*rate.Limiter
}

func newLimiter(now func() time.Time) *limiter {
	return &limiter{now: now, callers: map[string]*rate.Limiter{}}
}

// wait says how long a caller must wait before the call is let through; 0 lets
// it through now.
func (l *limiter) wait(caller string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if len(l.callers) >= maxCallers {
		for name, c := range l.callers {
			if c.TokensAt(now) >= callsAtOnce {
				delete(l.callers, name) // who has not called for a while loses nothing
			}
		}
	}
	c := l.callers[caller]
	if c == nil {
		c = rate.NewLimiter(callsPerSecond, callsAtOnce)
		l.callers[caller] = c
	}
	r := c.ReserveN(now, 1)
	wait := r.DelayFrom(now)
	if wait > 0 {
		r.CancelAt(now)
	}
	return wait
}
