// Package text folds disguised text into one searchable form and finds many
// patterns in it in one pass. Every folded letter knows the code point of the
// original that it came from, so that a match can be quoted as the page
// showed it.
package text

import (
	"bufio"
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// The tables and their licences are described in NOTICE.
var (
	//go:embed ts_characters.txt.gz
	tsCharacters []byte
	//go:embed ts_phrases.txt.gz
	tsPhrases []byte
	//go:embed confusables.txt.gz
	confusables []byte
)

// Folder folds text. It is immutable and safe for concurrent use.
//
// Folding takes away case, width, diacritics, Unicode's compatibility forms
// (circled, mathematical, full-width, ligatures), emoji letters, look-alike
// letters of other scripts, invisible and combining characters, and writes
// traditional Chinese as simplified, phrases before characters.
type Folder struct {
	// bmp holds the folded form of every code point below 0x10000: itself
	// or another rune, dropped, or expand+index.
	bmp        []int32
	expansions [][]rune
	lookalike  map[rune]rune
	simplified map[rune]rune
	// turns marks the Han characters of the BMP, from hanFirst on, that
	// simplified or phrases know.
	turns [hanEnd - hanFirst]bool
	// phrases are kept by their first rune, longest first.
	phrases map[rune][]phrase
	// readings, glyphs and pictographs are what characters sound like, are made
	// of, and what pictures are called.
	readings    *readings
	glyphs      *glyphs
	pictographs map[rune][][]rune
	// words are ordinary words, packed and sorted.
	words []uint64
	// similar marks the BMP runes whose folding is a disguise where it
	// stands inside a name: look-alikes and decorated letters.
	similar []uint64
}

type phrase struct{ from, to []rune }

const (
	hanFirst = 0x3400
	hanEnd   = 0xa000
)

const (
	dropped int32 = -1
	expand  int32 = 0x200000
)

// NewFolder unpacks the tables, which takes some milliseconds.
func NewFolder() (*Folder, error) {
	f := &Folder{
		bmp:        make([]int32, 0x10000),
		similar:    make([]uint64, 0x10000/64),
		lookalike:  map[rune]rune{},
		simplified: map[rune]rune{},
		phrases:    map[rune][]phrase{},
	}
	if err := readPairs(confusables, func(from, to []rune) { f.lookalike[from[0]] = to[0] }); err != nil {
		return nil, fmt.Errorf("look-alike letters: %w", err)
	}
	if err := readPairs(tsCharacters, func(from, to []rune) { f.simplified[from[0]] = to[0] }); err != nil {
		return nil, fmt.Errorf("traditional characters: %w", err)
	}
	for from, to := range f.simplified {
		if next, ok := f.simplified[to]; ok && f.simplified[next] == 0 {
			f.simplified[from] = next
		}
	}
	if err := readPairs(tsPhrases, func(from, to []rune) {
		f.phrases[from[0]] = append(f.phrases[from[0]], phrase{from, to})
	}); err != nil {
		return nil, fmt.Errorf("traditional phrases: %w", err)
	}
	for r := rune(hanFirst); r < hanEnd; r++ {
		f.turns[r-hanFirst] = f.simplified[r] != 0 || f.phrases[r] != nil
	}
	for r := rune(0); r < 0x10000; r++ {
		f.bmp[r] = r
		if r >= 0x3400 && r < 0xa000 || r >= 0xac00 && r < 0xe000 {
			continue
		}
		out, similar := f.foldSlow(r)
		switch {
		case len(out) == 0:
			f.bmp[r] = dropped
		case len(out) == 1:
			f.bmp[r] = out[0]
		default:
			f.bmp[r] = expand + int32(len(f.expansions))
			f.expansions = append(f.expansions, out)
		}
		if similar {
			f.similar[r/64] |= 1 << (r % 64)
		}
	}
	f.readings = newReadings()
	var err error
	if f.glyphs, err = newGlyphs(f); err != nil {
		return nil, err
	}
	if f.pictographs, err = newPictographs(); err != nil {
		return nil, err
	}
	if f.words, err = readWords(); err != nil {
		return nil, err
	}
	return f, nil
}

func readPairs(packed []byte, add func(from, to []rune)) error {
	zr, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return err
	}
	sc := bufio.NewScanner(zr)
	for sc.Scan() {
		from, to, ok := strings.Cut(sc.Text(), "\t")
		if !ok || from == "" || utf8.RuneCountInString(to) == 0 {
			return fmt.Errorf("bad line %q", sc.Text())
		}
		add([]rune(from), []rune(to))
	}
	return sc.Err()
}

// foldSlow folds one code point without the tables of traditional Chinese.
// similar says that it is a letter dressed up as another one.
func (f *Folder) foldSlow(r rune) (out []rune, similar bool) {
	if invisible(r) || unicode.In(r, unicode.Mn, unicode.Me) {
		return nil, false
	}
	if l := emojiLetter(r); l != 0 {
		return []rune{l}, true
	}
	if l := f.looksLike(r); l != 0 {
		return []rune{l}, true
	}
	for _, d := range norm.NFKD.String(string(r)) {
		if invisible(d) || unicode.In(d, unicode.Mn, unicode.Me) {
			continue
		}
		if l := f.looksLike(d); l != 0 {
			out = append(out, l)
			continue
		}
		switch d = unicode.ToLower(d); d {
		case 'ß':
			out = append(out, 's', 's')
		case 'æ':
			out = append(out, 'a', 'e')
		case 'œ':
			out = append(out, 'o', 'e')
		case 'ø':
			out = append(out, 'o')
		case 'ł':
			out = append(out, 'l')
		case 'đ', 'ð':
			out = append(out, 'd')
		case 'ı':
			out = append(out, 'i')
		default:
			// What decomposes may lower-case to a look-alike.
			if l := f.looksLike(d); l != 0 {
				d = l
			}
			out = append(out, d)
		}
	}
	similar = len(out) > 0 && r >= 0x80 && asciiLetter(out[0]) && !unicode.In(r, unicode.Latin) || r >= 0xff01 && r <= 0xff5e
	return out, similar
}

// looksLike returns the ASCII letter that a letter of another script is taken
// for by the eye, by its own form or by that of its capital; 0 for none.
func (f *Folder) looksLike(r rune) rune {
	if r < 0x80 {
		return 0
	}
	if l, ok := f.lookalike[r]; ok {
		return l
	}
	if u := unicode.ToUpper(r); u != r && u >= 0x80 {
		return f.lookalike[u]
	}
	return 0
}

func asciiLetter(r rune) bool { return r >= 'a' && r <= 'z' }

// invisible tells characters that take part in no reading of a text.
func invisible(r rune) bool {
	switch {
	case r == 0xad, r == 0x34f, r == 0x61c, r == 0x115f, r == 0x1160, r == 0x17b4, r == 0x17b5, r == 0x3164, r == 0xffa0, r == 0xfeff:
		return true
	case r >= 0x180b && r <= 0x180f, r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e,
		r >= 0x2060 && r <= 0x206f, r >= 0xfe00 && r <= 0xfe0f, r >= 0xfff0 && r <= 0xfffb,
		r >= 0xe0000 && r <= 0xe0fff, r >= 0x1d173 && r <= 0x1d17a, r >= 0x1f3fb && r <= 0x1f3ff:
		return true
	}
	return r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r >= 0x7f && r < 0xa0 && r != 0x85
}

// emojiLetter returns the letter of a squared, circled or regional-indicator
// symbol that Unicode gives no decomposition; 0 for none.
func emojiLetter(r rune) rune {
	for _, first := range [...]rune{0x1f150, 0x1f170, 0x1f1e6} {
		if r >= first && r < first+26 {
			return 'a' + r - first
		}
	}
	return 0
}
