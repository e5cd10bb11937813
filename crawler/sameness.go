package crawler

import (
	"container/list"
	"math"
	"math/bits"
	"net/url"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

const (
	// sameMost is how many pages of one shape may show the same text one after
	// the other before the shape counts as a trap.
	sameMost = 30
	// shapesMost is how many shapes are remembered; the one seen longest ago is
	// forgotten first.
	shapesMost = 1024
	// shingleWords is the length of the sequences that texts are compared by.
	shingleWords = 3
	// wordsMost is how much of a text is compared. It is much, since notices on
	// cookies, the same on every page, run to thousands of words.
	wordsMost = 1 << 17
	// sketchMost is how many shingles are kept of a text: those with the
	// smallest hashes, which are a fair sample (A. Broder, On the resemblance
	// and containment of documents, 1997).
	sketchMost = 1024
	// hammingMost is the distance of the simhashes of near-identical pages
	// (G. Manku, A. Jain, A. Das Sarma, Detecting near-duplicates for web
	// crawling, 2007).
	hammingMost = 3
	// shortText is the number of shingles beneath which a simhash shakes too
	// much: there, one shingle in shortShare may differ.
	shortText  = 200
	shortShare = 20
	// changedMost is how many shingles may differ. The pages of a shop share
	// menus and footers beside which an offer is little, and yet its title
	// alone is more than this.
	changedMost = 12
)

// Sameness recognises spaces of pages that are all alike, such as a filter
// that never ends: pages whose addresses have one shape and which show the same
// text. It is safe for concurrent use and its memory is bounded.
type Sameness struct {
	mu     sync.Mutex
	shapes map[string]*list.Element
	order  *list.List // of *shapeRun, the newest first
}

// shapeRun is what the latest pages of one shape had in common.
type shapeRun struct {
	shape string
	count int
	first sketch
}

// sketch is what is kept of a text.
type sketch struct {
	shingles []uint64 // sorted, the smallest sketchMost of total
	total    int
	simhash  uint64
}

// NewSameness returns a detector that has seen nothing.
func NewSameness() *Sameness {
	return &Sameness{shapes: map[string]*list.Element{}, order: list.New()}
}

// Seen takes note of a page by its address and visible text, and tells whether
// it is one of 30 or more of its shape that show nearly the same. shape is the
// address with # for its numbers and without the values of its parameters. A
// page that differs is none, even where its shape is a trap; a page without
// text tells nothing.
func (s *Sameness) Seen(address, text string) (shape string, trapped bool) {
	shape = shapeOf(address)
	page := newSketch(text)
	if page.total == 0 {
		return shape, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.shapes[shape]
	if e == nil {
		if len(s.shapes) >= shapesMost {
			oldest := s.order.Back()
			delete(s.shapes, s.order.Remove(oldest).(*shapeRun).shape)
		}
		s.shapes[shape] = s.order.PushFront(&shapeRun{shape: shape, count: 1, first: page})
		return shape, false
	}
	s.order.MoveToFront(e)
	run := e.Value.(*shapeRun)
	switch {
	case run.first.like(page):
		run.count++
		return shape, run.count >= sameMost
	case run.count < sameMost:
		run.count, run.first = 1, page
	}
	return shape, false
}

// shapeOf returns host and path with runs of digits as #, and the names of the
// parameters in order.
func shapeOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	var b strings.Builder
	b.WriteString(u.Host)
	digits := false
	for _, r := range u.Path {
		if r >= '0' && r <= '9' {
			if !digits {
				b.WriteByte('#')
			}
			digits = true
			continue
		}
		digits = false
		b.WriteRune(r)
	}
	if u.RawQuery == "" {
		return b.String()
	}
	var names []string
	for pair := range strings.SplitSeq(u.RawQuery, "&") {
		name, _, _ := strings.Cut(pair, "=")
		names = append(names, name)
	}
	slices.Sort(names)
	b.WriteByte('?')
	b.WriteString(strings.Join(slices.Compact(names), "&"))
	return b.String()
}

// newSketch cuts a text into words, a Han character or a run of letters and
// digits each, and keeps a sample of the sequences of three.
func newSketch(text string) sketch {
	const seed, prime = 14695981039346656037, 1099511628211
	words := make([]uint64, 0, min(len(text)/2, wordsMost))
	word, open := uint64(seed), false
	for _, r := range text {
		alone, part := false, false
		if r < utf8.RuneSelf {
			part = r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		} else if alone = unicode.Is(unicode.Han, r); !alone {
			part = unicode.IsLetter(r) || unicode.IsDigit(r)
		}
		if open && !part {
			words, word, open = append(words, word), seed, false
		}
		switch {
		case alone:
			words = append(words, (seed^uint64(r))*prime)
		case part:
			word, open = (word^uint64(r))*prime, true
		}
		if len(words) >= wordsMost {
			open = false
			break
		}
	}
	if open {
		words = append(words, word)
	}
	if len(words) == 0 {
		return sketch{}
	}
	var low smallest
	for i := range max(1, len(words)-shingleWords+1) {
		h := uint64(seed)
		for _, w := range words[i:min(i+shingleWords, len(words))] {
			h = mix(h ^ w)
		}
		low.add(h)
	}
	s := sketch{total: low.count()}
	s.shingles = slices.Clone(low.kept)
	s.simhash = simhash(s.shingles)
	return s
}

// smallest keeps the sketchMost smallest of many hashes.
type smallest struct {
	kept  []uint64
	bound uint64 // of those that are dropped the least; 0 where none was
}

func (l *smallest) add(h uint64) {
	if l.bound != 0 && h >= l.bound {
		return
	}
	if l.kept = append(l.kept, h); len(l.kept) >= 4*sketchMost {
		l.cut()
	}
}

func (l *smallest) cut() {
	slices.Sort(l.kept)
	l.kept = slices.Compact(l.kept)
	if len(l.kept) > sketchMost {
		l.bound = l.kept[sketchMost]
		l.kept = l.kept[:sketchMost]
	}
}

// count is how many different hashes there were: exact where all are kept, else
// from how dense the kept ones lie (K. Beyer and others, On synopses for
// distinct-value estimation, 2007).
func (l *smallest) count() int {
	l.cut()
	if l.bound == 0 {
		return len(l.kept)
	}
	return int(float64(len(l.kept)) / float64(l.bound) * math.MaxUint64)
}

// mix spreads a hash over all bits (the finalizer of SplitMix64).
func mix(h uint64) uint64 {
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}

// simhash has each bit by the majority of the shingles (M. Charikar, Similarity
// estimation techniques from rounding algorithms, 2002). The shingles were
// chosen for small values, so that their bits must be spread anew.
func simhash(shingles []uint64) (hash uint64) {
	var ones [64]int
	for _, h := range shingles {
		for h = mix(h); h != 0; h &= h - 1 {
			ones[bits.TrailingZeros64(h)]++
		}
	}
	for i, n := range ones {
		if 2*n > len(shingles) {
			hash |= 1 << i
		}
	}
	return hash
}

// like tells whether two pages show nearly the same text.
func (s *sketch) like(o sketch) bool {
	near := bits.OnesCount64(s.simhash^o.simhash) <= hammingMost
	if !near && max(s.total, o.total) > shortText {
		return false
	}
	// Where the sample of one reaches less far, the other's rest tells nothing.
	a, b := s.shingles, o.shingles
	if s.total > len(a) || o.total > len(b) { // then no sample is empty
		end := min(a[len(a)-1], b[len(b)-1])
		a, b = upTo(a, end), upTo(b, end)
	}
	changed := max(missing(a, b), missing(b, a))
	scale := float64(max(s.total, o.total)) / float64(max(len(a), len(b), 1))
	return float64(changed)*max(scale, 1) <= changedMost && (near || changed*shortShare <= min(s.total, o.total))
}

func upTo(sorted []uint64, end uint64) []uint64 {
	i, found := slices.BinarySearch(sorted, end)
	if found {
		i++
	}
	return sorted[:i]
}

// missing counts the members of a that b lacks; both are sorted.
func missing(a, b []uint64) (n int) {
	for _, h := range a {
		for len(b) > 0 && b[0] < h {
			b = b[1:]
		}
		if len(b) == 0 || b[0] != h {
			n++
		}
	}
	return n
}
