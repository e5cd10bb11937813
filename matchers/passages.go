package matchers

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strconv"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/matchers/text"
)

// Passages finds passages of registered originals in what a page shows.
var Passages = Matcher{
	Name: "passages",
	Doc:  "text copied from a registered original, also with other punctuation, script or a few words changed",
	New:  newPassages,
}

// Originals are the texts of protected works by the work's id, as they were
// registered.
type Originals map[string]string

// Version names the content, short, as verdicts cite it; empty where there is
// none.
func (o Originals) Version() string {
	if len(o) == 0 {
		return ""
	}
	h := sha256.New()
	for _, id := range slices.Sorted(maps.Keys(o)) {
		h.Write([]byte(strconv.Itoa(len(id)) + ":" + id + strconv.Itoa(len(o[id])) + ":" + o[id]))
	}
	return hex.EncodeToString(h.Sum(nil))[:8]
}

// Fingerprints are chosen by winnowing (Schleimer, Wilkerson, Aiken 2003) over
// folded letters: of every gramWindow neighbouring grams the one with the
// least hash is kept, so that any shared run of gramLetters+gramWindow-1
// letters is found.
const (
	gramLetters = 9
	gramWindow  = 8
)

// A passage is a chain of shared grams whose places in page and original move
// on together. A few words may be changed, left out or put in between two.
const (
	passageGap   = 60 // letters of the page between two grams
	passageDrift = 24 // letters put in or left out between two grams
	// passageLeast is the length from which a passage is told, passageQuote
	// the one up to which it may be a quotation.
	passageLeast = 40
	passageQuote = 90
	passageLong  = 240
)

// gramAt is where a gram stands in an original.
type gramAt struct {
	work, at int32
}

// originals is the compiled form of all registered texts.
type originals struct {
	grams map[uint64][]gramAt
	texts []*text.Folded
	ids   []string
	plain []string
}

// maxSame bounds the places that one gram is kept for: what stands a hundred
// times is a refrain and tells nothing.
const maxSame = 64

func newOriginals(f *text.Folder, o Originals) *originals {
	c := &originals{grams: map[uint64][]gramAt{}}
	for _, id := range slices.Sorted(maps.Keys(o)) {
		folded := f.Fold(o[id])
		work := int32(len(c.ids))
		c.ids, c.texts, c.plain = append(c.ids, id), append(c.texts, folded), append(c.plain, o[id])
		for _, at := range winnow(folded.Runes) {
			hash := hashGram(folded.Runes[at : at+gramLetters])
			if places := c.grams[hash]; len(places) < maxSame {
				c.grams[hash] = append(places, gramAt{work, int32(at)})
			}
		}
	}
	return c
}

// hashGram hashes gramLetters letters (FNV-1a over code points).
func hashGram(letters []rune) uint64 {
	h := uint64(14695981039346656037)
	for _, r := range letters {
		h = (h ^ uint64(r)) * 1099511628211
	}
	return h
}

// winnow chooses the grams of a text that are kept: the last least hash of
// each window.
func winnow(letters []rune) []int {
	n := len(letters) - gramLetters + 1
	if n <= 0 {
		return nil
	}
	hashes := make([]uint64, n)
	for i := range hashes {
		hashes[i] = hashGram(letters[i : i+gramLetters])
	}
	var kept []int
	for from := 0; from < max(1, n-gramWindow+1); from++ {
		least := from
		for i := from; i < min(n, from+gramWindow); i++ {
			if hashes[i] <= hashes[least] {
				least = i
			}
		}
		if len(kept) == 0 || kept[len(kept)-1] != least {
			kept = append(kept, least)
		}
	}
	return kept
}

// passage is a shared stretch, in letters of the page and of the original.
type passage struct {
	work     int32
	at, to   int
	from, of int
	shared   int // letters of the page that lie in shared grams
}

// passages finds the shared stretches of a text, the longest first.
func (o *originals) passages(letters []rune) []passage {
	var open, done []passage
	for i := 0; i+gramLetters <= len(letters); i++ {
		places := o.grams[hashGram(letters[i:i+gramLetters])]
		if len(places) == 0 {
			continue
		}
		still := open[:0]
		for _, p := range open {
			if i-p.to > passageGap {
				done = append(done, p)
			} else {
				still = append(still, p)
			}
		}
		open = still
		for _, place := range places {
			open = extend(open, place, i)
		}
	}
	done = append(done, open...)
	done = slices.DeleteFunc(done, func(p passage) bool {
		return p.to-p.at < passageLeast || 2*p.shared < p.to-p.at
	})
	slices.SortStableFunc(done, func(a, b passage) int { return (b.to - b.at) - (a.to - a.at) })
	return done
}

// extend adds a shared gram to the chain that it continues, or begins one.
func extend(open []passage, place gramAt, i int) []passage {
	at := int(place.at)
	for k := range open {
		p := &open[k]
		drift := (at - p.of) - (i - p.to)
		if p.work != place.work || at+gramLetters <= p.of || drift > passageDrift || drift < -passageDrift {
			continue
		}
		p.shared += min(gramLetters, i+gramLetters-p.to)
		p.to, p.of = i+gramLetters, at+gramLetters
		return open
	}
	return append(open, passage{work: place.work, at: i, to: i + gramLetters, from: at, of: at + gramLetters, shared: gramLetters})
}

func newPassages(k kit) (check, error) {
	if len(k.knowledge.Originals) == 0 {
		return func(*reading) []signal { return nil }, nil
	}
	o := newOriginals(k.vocabulary.folder, k.knowledge.Originals)
	titles := map[string]string{}
	for _, w := range k.knowledge.Lists.Works {
		if len(w.Titles) > 0 {
			titles[w.ID] = w.Titles[0]
		}
	}
	return func(r *reading) []signal {
		best := map[int32]signal{}
		for i := range r.fields {
			for _, p := range o.passages(r.fields[i].folded.Runes) {
				s := o.signal(r, i, p, titles)
				if had, ok := best[p.work]; !ok || s.score > had.score {
					best[p.work] = s
				}
			}
		}
		var out []signal
		for _, work := range slices.Sorted(maps.Keys(best)) {
			out = append(out, best[work])
		}
		return out
	}, nil
}

func (o *originals) signal(r *reading, field int, p passage, titles map[string]string) signal {
	folded := &r.fields[field].folded
	start, end := folded.Span(p.at, p.to)
	from, to := o.texts[p.work].Span(p.from, p.of)
	id := o.ids[p.work]
	title := titles[id]
	if title == "" {
		title = id
	}
	score := 0.35
	switch n := p.to - p.at; {
	case n >= passageLong:
		score = 0.9
	case n >= passageQuote:
		score = 0.7
	}
	letters := strconv.Itoa(p.to - p.at)
	return signal{
		matcher: "passages", rule: "copied-passage", violation: markwatch.Piracy, subject: id, strength: 1, score: score,
		reason: say("页面有"+letters+"字与《"+title+"》原文相同或几乎相同", letters+" letters of the page are those of “"+title+"”, or nearly so"),
		facts: map[string]string{
			"letters": letters, "shared": percent(float64(p.shared) / float64(p.to-p.at)),
			"original": cut(o.plain[p.work], from, min(to, from+200)), "original_at": strconv.Itoa(from) + "-" + strconv.Itoa(to),
		},
		evidence: []markwatch.Evidence{r.span(field, start, end, markwatch.RoleFact)},
	}
}
