package frontier

import (
	"crypto/sha256"
	"sync"
)

// recent remembers keys that are known to be committed, so that most links of
// a page, which every page of its site repeats, never reach the database. It
// forgets the oldest half when it is full. A key is 128 bits of a
// cryptographic hash: nobody can make two links that are taken for one.
type recent struct {
	mu       sync.Mutex
	half     int
	new, old map[[16]byte]struct{}
}

func newRecent(size int) *recent {
	return &recent{half: max(size/2, 1), new: map[[16]byte]struct{}{}}
}

func recentKey(scan, key string) [16]byte {
	sum := sha256.Sum256([]byte(scan + "\x00" + key))
	return [16]byte(sum[:16])
}

func (r *recent) has(k [16]byte) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.new[k]; ok {
		return true
	}
	if _, ok := r.old[k]; ok {
		r.put(k)
		return true
	}
	return false
}

func (r *recent) add(k [16]byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.put(k)
}

func (r *recent) put(k [16]byte) {
	if len(r.new) >= r.half {
		r.old, r.new = r.new, make(map[[16]byte]struct{}, r.half)
	}
	r.new[k] = struct{}{}
}
