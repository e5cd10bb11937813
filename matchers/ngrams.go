package matchers

import (
	"bufio"
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/markwatch/markwatch/matchers/text"
)

// The model is trained by `go test ./matchers -run 'TestFit$' -fit`.
//
//go:embed ngrams.txt.gz
var shippedNgrams []byte

// ngramModel is a linear model over the tokens of a listing's own text and
// their pairs: a logistic regression for each of the three violations. A token
// is a character of a script without spaces, a Latin word, or a number, whose
// digits do not matter. Protected names are one and the same token, so that the
// model knows how something is offered and not what.
type ngramModel struct {
	// bias is what a text starts from, by violation, in log-odds.
	bias [len(builtinViolations)]float64
	// grams are found by the hash of the token or pair, in a table with linear
	// probing.
	grams []gram
	slots []gramSlot
	// known is a filter of the keys, small enough to stay in the processor's
	// cache: most pairs of a text are in no model.
	known [knownBits / 64]uint64
}

// gramSlot is a place in the table: a key with one more than the place of its
// gram, 0 where it is free.
type gramSlot struct {
	key  uint64
	gram int32
}

const knownBits = 1 << 17

func knownBit(key uint64) uint64 { return key * 0x9e3779b97f4a7c15 >> (64 - 17) }

// find returns the place of a gram, -1 for one that is not known.
func (m *ngramModel) find(key uint64) int32 {
	if bit := knownBit(key); m.known[bit/64]&(1<<(bit%64)) == 0 {
		return -1
	}
	mask := uint64(len(m.slots) - 1)
	for i := key >> 20 & mask; ; i = (i + 1) & mask {
		switch slot := &m.slots[i]; {
		case slot.gram == 0:
			return -1
		case slot.key == key:
			return slot.gram - 1
		}
	}
}

// index makes the table of the grams with these keys.
func (m *ngramModel) index(keys []uint64) {
	size := 16
	for 2*size < 3*len(keys) { // the filter answers for most that are not there
		size *= 2
	}
	m.slots = make([]gramSlot, size)
	for at, key := range keys {
		bit := knownBit(key)
		m.known[bit/64] |= 1 << (bit % 64)
		i := key >> 20 & uint64(size-1)
		for m.slots[i].gram != 0 {
			i = (i + 1) & uint64(size-1)
		}
		m.slots[i] = gramSlot{key, int32(at) + 1}
	}
}

// gram is one token or pair: how rare it is, and its weights by violation.
type gram struct {
	idf     float64
	weights [len(builtinViolations)]float64
}

// occurrence is a gram where it first stands in a listing.
type occurrence struct {
	gram          int32
	field, at, to int
	count         int
	value         float64
	// contributions are what it adds to each violation's log-odds.
	contributions [len(builtinViolations)]float64
}

// readNgrams reads the model: a line of biases, then a line a gram with its
// rarity and its weights, parted by tabs.
func readNgrams(packed []byte) (*ngramModel, error) {
	m := &ngramModel{}
	var keys []uint64
	zr, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("the model of wording: %w", err)
	}
	sc := bufio.NewScanner(zr)
	for line := 0; sc.Scan(); line++ {
		cells := strings.Split(sc.Text(), "\t")
		if len(cells) != 2+len(builtinViolations) {
			return nil, fmt.Errorf("the model of wording: line %d: %d cells", line+1, len(cells))
		}
		var numbers [1 + len(builtinViolations)]float64
		for i := range numbers {
			if numbers[i], err = strconv.ParseFloat(cells[i+1], 64); err != nil {
				return nil, fmt.Errorf("the model of wording: line %d: %w", line+1, err)
			}
		}
		weights := [len(builtinViolations)]float64(numbers[1:])
		if line == 0 {
			m.bias = weights
			continue
		}
		keys = append(keys, gramKey(cells[0]))
		m.grams = append(m.grams, gram{numbers[0], weights})
	}
	m.index(keys)
	return m, sc.Err()
}

// gramKey hashes a gram as it is written in the model: its tokens parted by a
// space.
func gramKey(written string) uint64 {
	first, second, pair := strings.Cut(written, " ")
	if !pair {
		return tokenKey(first)
	}
	return pairKey(tokenKey(first), tokenKey(second))
}

func tokenKey(token string) uint64 {
	h := uint64(0)
	for _, r := range token {
		h = mix(h, r)
	}
	return h
}

func mix(h uint64, r rune) uint64 { return (h ^ uint64(r)) * 0x100000001b3 }

func pairKey(a, b uint64) uint64 { return (a*0x9e3779b97f4a7c15 ^ b) * 0xbf58476d1ce4e5b9 }

const (
	nameToken   = '◆'
	numberToken = '0'
)

// eachToken calls do for every token of a field: its hash, the letters [at,to)
// that it covers, and whether a stop parts it from the one before.
func (r *reading) eachToken(f int, do func(key uint64, at, to int, parted bool)) {
	t := &r.fields[f].folded
	named := r.namedLetters(f)
	for at := 0; at < t.Len(); {
		to := at + 1
		parted := at == 0 || t.Gap(at)&^text.GapHidden >= text.GapStop
		var key uint64
		switch kind := tokenKind(t.Runes[at]); {
		case named != nil && named[at]:
			for to < t.Len() && named[to] && t.Gap(to)&^text.GapHidden < text.GapStop {
				to++
			}
			key = mix(0, nameToken)
		case kind == 0:
			key = mix(0, t.Runes[at])
		default:
			key = mix(0, t.Runes[at])
			for to < t.Len() && t.Gap(to)&^text.GapHidden == text.GapNone && tokenKind(t.Runes[to]) == kind && (named == nil || !named[to]) {
				key = mix(key, t.Runes[to])
				to++
			}
			if kind == numberToken {
				key = mix(0, numberToken)
			}
		}
		do(key, at, to, parted)
		at = to
	}
}

// tokenKind is numberToken for a digit, 'a' for a letter of a script with
// spaces, 0 for a character that is a token by itself.
func tokenKind(r rune) rune {
	switch {
	case r >= '0' && r <= '9':
		return numberToken
	case r >= 'a' && r <= 'z', r >= 0xc0 && r < 0x530:
		return 'a'
	}
	return 0
}

// namedLetters marks the letters of a field that belong to protected names; nil
// where there are none.
func (r *reading) namedLetters(f int) []bool {
	var named []bool
	for _, names := range [...]map[int][]mention{r.brands, r.products, r.works, r.creators} {
		for _, ms := range names {
			for _, m := range ms {
				if m.field != f {
					continue
				}
				if named == nil {
					named = make([]bool, r.fields[f].folded.Len())
				}
				for i := m.hit.At; i < m.hit.To; i++ {
					named[i] = true
				}
			}
		}
	}
	return named
}

// ownWords are the fields in which sellers and buyers speak; places, times and
// names of shops say something else.
func ownWords(path string) bool {
	return path == "title" || path == "description" || path == "text" || strings.HasPrefix(path, "attributes.")
}

// occurrences finds every gram of the listing's own text that the model knows.
// They lie in the reading's memory.
func (r *reading) occurrences(m *ngramModel) []occurrence {
	out := r.grams[:0]
	if len(r.gramAt) < len(m.grams) {
		r.gramAt = make([]int32, len(m.grams))
	}
	add := func(key uint64, f, at, to int) {
		gram := m.find(key)
		if gram < 0 {
			return
		}
		if i := r.gramAt[gram]; i > 0 {
			out[i-1].count++
			return
		}
		out = append(out, occurrence{gram: gram, field: f, at: at, to: to, count: 1})
		r.gramAt[gram] = int32(len(out))
	}
	for f := range r.fields {
		if !ownWords(r.fields[f].path) {
			continue
		}
		var before uint64
		from := 0
		r.eachToken(f, func(key uint64, at, to int, parted bool) {
			add(key, f, at, to)
			if !parted {
				add(pairKey(before, key), f, from, to)
			}
			before, from = key, at
		})
	}
	for i := range out {
		r.gramAt[out[i].gram] = 0
	}
	r.grams = out
	return out
}

// weigh returns the log-odds of each violation for a text, and what each of its
// grams contributes. Counts are damped, rare grams count more, and long texts
// are brought to the length of short ones.
func (m *ngramModel) weigh(r *reading) (odds [len(builtinViolations)]float64, grams []occurrence) {
	grams = r.occurrences(m)
	norm := 0.0
	for i := range grams {
		o := &grams[i]
		o.value = m.grams[o.gram].idf
		if o.count > 1 {
			o.value *= 1 + math.Log(float64(o.count))
		}
		norm += o.value * o.value
	}
	norm = math.Sqrt(norm)
	odds = m.bias
	for i := range grams {
		o := &grams[i]
		o.value /= norm
		for v, w := range m.grams[o.gram].weights {
			o.contributions[v] = w * o.value
			odds[v] += o.contributions[v]
		}
	}
	return odds, grams
}
