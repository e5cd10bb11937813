package frontier

import (
	"sync"
	"time"
)

// gate lets an entry that two workers died over run while nothing else runs in
// this process, so that its third death is blamed on it alone.
type gate struct {
	mu      sync.Mutex
	now     func() time.Time
	running map[int64]slice // claimed entries by id
	claims  int             // claims that are being made now
	lone    bool            // a suspect is running
	wanted  int64           // the job that waits to run a suspect, until then
	until   time.Time
}

// slice is one run of a job.
type slice struct {
	job     int64
	attempt int
}

func (l Lease) slice() slice { return slice{l.JobID, l.Attempt} }

// wantFor is how long others hold back for a host that has asked to run a
// suspect and has not come again.
const wantFor = 5 * time.Second

func newGate(now func() time.Time) *gate {
	return &gate{now: now, running: map[int64]slice{}}
}

// enter begins a claim; false means that the host must come again later.
func (g *gate) enter(l Lease) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.lone || g.now().Before(g.until) && g.wanted != l.JobID {
		return false
	}
	g.claims++
	return true
}

// alone asks, within a claim, to run a suspect; where others still run they
// are held back until the host asks again.
func (g *gate) alone(l Lease) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.running) > 0 || g.claims > 1 || g.lone {
		g.wanted, g.until = l.JobID, g.now().Add(wantFor)
		return false
	}
	g.lone = true
	return true
}

// heldBack says that claims get nothing now because of a suspect.
func (g *gate) heldBack() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.lone || g.now().Before(g.until)
}

// exit ends a claim with what it got.
func (g *gate) exit(l Lease, got []Entry) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.claims--
	for _, e := range got {
		g.running[e.ID] = l.slice()
	}
	g.settle()
}

// done ends an entry.
func (g *gate) done(id int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.running, id)
	g.settle()
}

// leave ends everything of a lease.
func (g *gate) leave(l Lease) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for id, of := range g.running {
		if of == l.slice() {
			delete(g.running, id)
		}
	}
	g.settle()
}

// settle opens the gate again when the suspect has ended.
func (g *gate) settle() {
	if g.lone && len(g.running) == 0 && g.claims == 0 {
		g.lone, g.until = false, time.Time{}
	}
}
