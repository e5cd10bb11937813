package text

import "math/bits"

// edge is a transition below the letters that begin patterns, with what the
// search needs to know of the state that it leads to, so that following one
// takes a single line of the processor's cache.
type edge struct {
	state int32
	// to is the state that the edge leads to, negative where a pattern ends
	// there or in one of its suffixes.
	to   int32
	fail int32 // of that state
	code uint16
	kids kids // of that state
}

// kids is a filter of the letters that lead on from a state, after Bloom (1970):
// most states have one or two, and most letters of a text are none of them.
type kids uint16

func kid(c uint16) kids { return 1 << (uint32(c) * 0x9e3779b1 >> 28) }

func (k kids) has(c uint16) bool { return k&kid(c) != 0 }

// edges is a hash table of edges by linear probing. Code 0 marks a free place:
// it stands for letters that no pattern holds.
type edges struct {
	slots []edge
	shift uint8
	used  int
}

// newEdges makes a table for n edges and more.
func newEdges(n int) edges {
	size := 16
	for 2*size < 3*n {
		size *= 2
	}
	return edges{slots: make([]edge, size), shift: uint8(64 - bits.Len(uint(size-1)))}
}

// put adds an edge that is not there yet.
func (e *edges) put(added edge) {
	if e.used++; 3*e.used > 2*len(e.slots) {
		grown := newEdges(len(e.slots) + 1)
		for _, s := range e.slots {
			if s.code != 0 {
				*grown.slot(s.state, s.code) = s
			}
		}
		grown.used = e.used
		*e = grown
	}
	*e.slot(added.state, added.code) = added
}

func (e *edges) home(state int32, c uint16) int {
	return int((uint64(state)<<16 | uint64(c)) * 0x9e3779b97f4a7c15 >> e.shift)
}

// taken is 1 where an edge from a state by a letter may be in the table, 0 where
// its first place is free.
func (e *edges) taken(state int32, c uint16) uint64 {
	// Without a branch, so that nobody waits for the place to be fetched.
	return (uint64(e.slots[e.home(state, c)&(len(e.slots)-1)].code) + 0xffff) >> 16
}

// slot returns the edge from a state by a letter, or the free place where it
// belongs.
func (e *edges) slot(state int32, c uint16) *edge {
	mask := len(e.slots) - 1
	for i := e.home(state, c); ; i++ {
		if s := &e.slots[i&mask]; s.code == 0 || s.state == state && s.code == c {
			return s
		}
	}
}

// pairs is a filter of the first two letters of all patterns, after Bloom with
// one hash: it may say that a pair is there that is not, never the other way
// round. It is small enough to stay in the processor's cache, which the table
// of edges of many names is not, and most letters of a text that begin some
// name begin none with the next letter.
type pairs struct {
	bits []uint64
	mask uint64
}

func newPairs(n int) pairs {
	size := 1 << 12
	for size < 16*n && size < 1<<23 {
		size *= 2
	}
	return pairs{make([]uint64, size/64), uint64(size - 1)}
}

func (p *pairs) at(first int32, c uint16) uint64 {
	return (uint64(first)<<16 | uint64(c)) * 0x9e3779b97f4a7c15 >> 24 & p.mask
}

func (p *pairs) add(first int32, c uint16) {
	i := p.at(first, c)
	p.bits[i/64] |= 1 << (i % 64)
}

func (p *pairs) has(first int32, c uint16) bool {
	i := p.at(first, c)
	return p.bits[i/64]&(1<<(i%64)) != 0
}
