package text

import (
	"bufio"
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"slices"
)

//go:embed words.txt.gz
var wordTable []byte

// longestWord is how many characters a word of the table has at most, as many
// as fit into the number that stands for it.
const longestWord = 4

// readWords packs the words of the table, sorted.
func readWords() ([]uint64, error) {
	zr, err := gzip.NewReader(bytes.NewReader(wordTable))
	if err != nil {
		return nil, fmt.Errorf("ordinary words: %w", err)
	}
	var words []uint64
	sc := bufio.NewScanner(zr)
	for sc.Scan() {
		words = append(words, packed([]rune(sc.Text())))
	}
	if err := sc.Err(); err != nil {
		return nil, fmt.Errorf("ordinary words: %w", err)
	}
	slices.Sort(words)
	return words, nil
}

// packed writes up to four characters of the BMP as one number.
func packed(word []rune) uint64 {
	n := uint64(0)
	for _, r := range word {
		n = n<<16 | uint64(r&0xffff)
	}
	return n
}

// Ordinary says that folded Han characters are a word of the language, or a
// row of words with at most one single character among them (被讨厌), and so say
// nothing by themselves of what they may be a part of.
func (f *Folder) Ordinary(letters []rune) bool {
	return len(letters) > 1 && f.wordRow(letters, 1)
}

func (f *Folder) wordRow(letters []rune, singles int) bool {
	if len(letters) == 0 {
		return true
	}
	for n := min(longestWord, len(letters)); n >= 2; n-- {
		if _, known := slices.BinarySearch(f.words, packed(letters[:n])); known && f.wordRow(letters[n:], singles) {
			return true
		}
	}
	return singles > 0 && f.wordRow(letters[1:], singles-1)
}
