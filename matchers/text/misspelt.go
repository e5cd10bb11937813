package text

import (
	"bufio"
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"hash/maphash"
)

//go:embed english.txt.gz
var englishTable []byte

const (
	// leastWord is how many letters a Latin name has at the least that is
	// looked for misspelt: shorter ones are near too many words.
	leastWord = 4
	mostWord  = 14
	// freeWord is how many letters it has at the least of which any one may
	// be another, one too many or missing; in a shorter one only a letter that
	// looks alike may stand for another.
	freeWord = 6
)

// Misspelt finds Latin names with one letter more, less or exchanged, or two that
// changed places (Addidas, Guccci, Channel, Nlke). A word of English is none, nor
// one that begins with another letter. Every hit is unsure: the caller decides by
// what else stands there. It is immutable and safe for concurrent use.
type Misspelt struct {
	seed  maphash.Seed
	names []spelt
	// byKey maps a name, and it without any one of its letters, to the names
	// that it may be.
	byKey map[uint64][]int32
	// words are those of English that are near a name.
	words map[string]bool
}

type spelt struct {
	index, id int
	letters   string
}

// NewMisspelt compiles those of the patterns that are one Latin word.
func NewMisspelt(f *Folder, patterns []Pattern) (*Misspelt, error) {
	m := &Misspelt{seed: maphash.MakeSeed(), byKey: map[uint64][]int32{}, words: map[string]bool{}}
	for i, p := range patterns {
		letters := f.Fold(p.Text).Letters()
		if len(letters) < leastWord || len(letters) > mostWord || !latinWord(letters) {
			continue
		}
		m.names = append(m.names, spelt{i, p.ID, letters})
		at := int32(len(m.names) - 1)
		m.keys(letters, func(key uint64) { m.byKey[key] = append(m.byKey[key], at) })
	}
	if len(m.names) == 0 {
		return m, nil
	}
	zr, err := gzip.NewReader(bytes.NewReader(englishTable))
	if err != nil {
		return nil, fmt.Errorf("english words: %w", err)
	}
	sc := bufio.NewScanner(zr)
	for sc.Scan() {
		for _, word := range [...]string{sc.Text(), sc.Text() + "s"} {
			m.look(word, func(*spelt) { m.words[word] = true })
		}
	}
	if err := sc.Err(); err != nil {
		return nil, fmt.Errorf("english words: %w", err)
	}
	return m, nil
}

func latinWord(s string) bool {
	for i := range len(s) {
		if s[i] < 'a' || s[i] > 'z' {
			return false
		}
	}
	return true
}

// keys yields the hash of a word and of it without any one of its letters.
func (m *Misspelt) keys(word string, yield func(uint64)) {
	var buf [mostWord + 2]byte
	yield(maphash.String(m.seed, word))
	for i := range len(word) {
		if i > 0 && word[i] == word[i-1] {
			continue // the same as without the one before
		}
		n := copy(buf[:], word[:i])
		n += copy(buf[n:], word[i+1:])
		yield(maphash.Bytes(m.seed, buf[:n]))
	}
}

// look yields the names that a word is a misspelling of.
func (m *Misspelt) look(word string, yield func(*spelt)) {
	if len(word) < leastWord || len(word) > mostWord+1 {
		return
	}
	last := int32(-1)
	m.keys(word, func(key uint64) {
		for _, i := range m.byKey[key] {
			if name := &m.names[i]; i != last && misspells(word, name.letters) {
				last = i
				yield(name)
			}
		}
	})
}

// Find appends the misspelt names among the first maxSigns letters to hits.
func (m *Misspelt) Find(t *Folded, hits []Hit) []Hit {
	if m == nil || len(m.names) == 0 {
		return hits
	}
	end := min(len(t.Runes), maxSigns)
	var buf [mostWord + 1]byte
	for at := 0; at < end; {
		n := 0
		for at+n < end && t.Runes[at+n] >= 'a' && t.Runes[at+n] <= 'z' && (n == 0 || t.gap[at+n] == GapNone) {
			if n < len(buf) {
				buf[n] = byte(t.Runes[at+n])
			}
			n++
		}
		if n == 0 {
			at++
			continue
		}
		// Letters behind a joint or before a digit are part of another name.
		whole := (at == 0 || t.gap[at] != GapNone && t.gap[at] != GapJoint || t.gap[at] == GapNone && t.Runes[at-1] > 'z') &&
			(at+n >= len(t.Runes) || t.gap[at+n] != GapNone && t.gap[at+n] != GapJoint || t.gap[at+n] == GapNone && t.Runes[at+n] > 'z')
		if whole && n <= len(buf) {
			word := string(buf[:n])
			if !m.words[word] {
				from := at
				seen := len(hits)
				m.look(word, func(name *spelt) {
					for _, h := range hits[seen:] {
						if h.ID == name.id {
							return
						}
					}
					start, stop := t.Span(from, from+n)
					hits = append(hits, Hit{name.index, name.id, from, from + n, start, stop, DisguiseLookalike | DisguiseUnsure})
				})
			}
		}
		at += n
	}
	return hits
}

// alike are pairs of letters that are read as one another at a glance.
var alike = map[[2]byte]bool{{'i', 'l'}: true, {'i', 'j'}: true, {'u', 'v'}: true, {'m', 'n'}: true, {'c', 'e'}: true,
	{'g', 'q'}: true, {'o', 'q'}: true, {'a', 'o'}: true, {'v', 'y'}: true, {'f', 't'}: true, {'b', 'd'}: true, {'p', 'q'}: true}

// misspells says that a word differs from a name in one letter or in two
// neighbours that changed places, and begins as it does.
func misspells(word, name string) bool {
	if word == name || word[0] != name[0] {
		return false
	}
	i := 0
	for i < len(word) && i < len(name) && word[i] == name[i] {
		i++
	}
	switch len(word) - len(name) {
	case 0:
		if word[i+1:] == name[i+1:] {
			return len(name) >= freeWord || alike[[2]byte{word[i], name[i]}] || alike[[2]byte{name[i], word[i]}]
		}
		return len(name) >= freeWord && i+1 < len(name) && word[i] == name[i+1] && word[i+1] == name[i] && word[i+2:] == name[i+2:]
	case 1:
		// The plural and the possessive are the name itself.
		return word[i+1:] == name[i:] && (len(name) >= freeWord && (i < len(name) || word[i] != 's') || i > 0 && word[i] == word[i-1] && len(name) > leastWord)
	case -1:
		return word[i:] == name[i+1:] && len(name) >= freeWord && i < len(word)
	}
	return false
}
