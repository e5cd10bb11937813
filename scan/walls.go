package scan

import "sync"

const (
	// wallsMost is how many walls in a row a host may show before it is left
	// alone for the rest of the scan; wallsWary where it turned us away on the
	// last night too.
	wallsMost = 8
	wallsWary = 2
)

// walls counts the login walls, captchas and the like that one host of a scan
// showed in a row.
type walls struct {
	mu sync.Mutex
	n  int
}

func (w *walls) passed() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.n = 0
}

// met notes one more and tells whether it was one too many.
func (w *walls) met(wary bool) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.n++
	return w.n >= wallsMost || wary && w.n >= wallsWary
}

// hostWalls keeps the walls of a scan's hosts from one slice of a host's job
// to the next.
type hostWalls struct {
	mu    sync.Mutex
	hosts map[[2]string]*walls
}

func (h *hostWalls) of(scanID, host string) *walls {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.hosts == nil {
		h.hosts = map[[2]string]*walls{}
	}
	key := [2]string{scanID, host}
	w := h.hosts[key]
	if w == nil {
		w = &walls{}
		h.hosts[key] = w
	}
	return w
}

// forget drops the hosts of a scan that has ended.
func (h *hostWalls) forget(scanID string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for key := range h.hosts {
		if key[0] == scanID {
			delete(h.hosts, key)
		}
	}
}
