package text

import "slices"

// Near finds Chinese names of which one character was put in the place of
// another that sounds or looks like it (奈克 for 耐克, 季宁 for 李宁), and longer
// names that only sound alike. Many words are near one another, so that every
// hit is unsure: the caller decides by what else stands there. It is immutable
// and safe for concurrent use.
type Near struct {
	folder  *Folder
	names   []nearName
	bits    []uint64
	mask    uint64
	byKey   map[uint64]int32
	next    []int32 // of the entries of one key
	entries []int32 // index of the name
	longest int
}

type nearName struct {
	index, id int
	runes     []rune
}

// NewNear compiles those of the patterns that are two to maxWrittenName Han
// characters.
func NewNear(f *Folder, patterns []Pattern) *Near {
	n := &Near{folder: f, byKey: map[uint64]int32{}, longest: maxWrittenName}
	for i, p := range patterns {
		t := f.Fold(p.Text)
		if len(t.Runes) < 2 || len(t.Runes) > maxWrittenName || slices.ContainsFunc(t.Runes, func(r rune) bool { return !han(r) }) {
			continue
		}
		n.names = append(n.names, nearName{i, p.ID, slices.Clone(t.Runes)})
	}
	size := 1 << 12
	for size < 48*len(n.names) && size < 1<<22 {
		size *= 2
	}
	n.bits, n.mask = make([]uint64, size/64), uint64(size-1)
	for i := range n.names {
		runes := n.names[i].runes
		whole := uint64(0)
		for k, r := range runes {
			whole += place(r, k)
		}
		for k, r := range runes {
			n.add(gapKey(whole-place(r, k), k, len(runes)), int32(i))
		}
		if len(runes) >= leastSounding {
			if key := n.soundKey(runes); key != 0 {
				n.add(key, int32(i))
			}
		}
	}
	return n
}

// leastSounding is how many characters a name has at the least of which every
// one may be another that sounds alike.
const leastSounding = 3

func (n *Near) add(key uint64, name int32) {
	n.bits[key>>17&n.mask/64] |= 1 << (key >> 50 % 64)
	if at, ok := n.byKey[key]; ok {
		n.next = append(n.next, at)
	} else {
		n.next = append(n.next, -1)
	}
	n.entries = append(n.entries, name)
	n.byKey[key] = int32(len(n.entries) - 1)
}

// place hashes a character at a place of a name; the hashes of a name's
// characters add up.
func place(r rune, at int) uint64 {
	h := (uint64(r)<<8 | uint64(at)) * 0x9e3779b97f4a7c15
	return (h ^ h>>29) * 0xbf58476d1ce4e5b9
}

// gapKey is the key of a name of some length without the character at a place.
func gapKey(rest uint64, at, length int) uint64 {
	h := rest ^ uint64(at+1)*0x94d049bb133111eb ^ uint64(length)<<56
	return h ^ h>>31
}

func (n *Near) soundKey(runes []rune) uint64 {
	sum := uint64(0)
	for k, r := range runes {
		s := n.folder.readings.usual(r)
		if s == 0 {
			return 0
		}
		sum += place(rune(s)|1<<20, k)
	}
	return gapKey(sum, 7, len(runes))
}

// Find appends every occurrence within the first maxSigns letters to hits.
func (n *Near) Find(t *Folded, hits []Hit) []Hit {
	if n == nil || len(n.names) == 0 {
		return hits
	}
	end := min(len(t.Runes), maxSigns)
	for at := 0; at < end; at++ {
		if !han(t.Runes[at]) {
			continue
		}
		whole, sound := uint64(0), uint64(0)
		for k := 0; k < n.longest && at+k < end; k++ {
			r := t.Runes[at+k]
			if !han(r) || k > 0 && t.gap[at+k] != GapNone {
				break
			}
			whole += place(r, k)
			sound += place(rune(n.folder.readings.usual(r))|1<<20, k)
			length := k + 1
			if length < 2 {
				continue
			}
			for i := range length {
				hits = n.look(gapKey(whole-place(t.Runes[at+i], i), i, length), t, at, length, i, hits)
			}
			if length >= leastSounding {
				hits = n.look(gapKey(sound, 7, length), t, at, length, -1, hits)
			}
		}
	}
	return hits
}

// look accepts the names of a key; gap is the place of the character that may
// be another, -1 where all may be.
func (n *Near) look(key uint64, t *Folded, at, length, gap int, hits []Hit) []Hit {
	if n.bits[key>>17&n.mask/64]&(1<<(key>>50%64)) == 0 {
		return hits
	}
	i, ok := n.byKey[key]
	for ok && i >= 0 {
		name := &n.names[n.entries[i]]
		// A disguise is no word.
		if how := n.likeness(name.runes, t.Runes[at:at+length], gap); how != 0 && !n.folder.Ordinary(t.Runes[at:at+length]) {
			start, end := t.Span(at, at+length)
			hits = append(hits, Hit{name.index, name.id, at, at + length, start, end, how | DisguiseUnsure})
		}
		i = n.next[i]
	}
	return hits
}

// likeness says how letters differ from a name, 0 where they do not or in more
// than is looked for.
func (n *Near) likeness(name, letters []rune, gap int) Disguise {
	if len(name) != len(letters) {
		return 0
	}
	how := Disguise(0)
	others := 0
	for i, r := range name {
		switch {
		case letters[i] == r:
		case gap >= 0 && i != gap:
			return 0
		case n.folder.readings.soundsLike(r, letters[i]):
			how |= DisguiseSound
			others++
		case gap >= 0 && n.folder.glyphs.near(r, letters[i]):
			how |= DisguiseShape
			others++
		default:
			return 0
		}
	}
	if gap < 0 && others < 2 {
		return 0 // found by the one that differs
	}
	return how
}
