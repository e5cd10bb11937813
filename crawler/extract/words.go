package extract

import "strings"

// words is a set of words in lower case to look for in texts, by their first
// byte. A word of Latin letters counts only where it begins one, a short one
// only as a whole.
type words struct {
	rows [256][]string
	// third holds for each first byte which third bytes its words have, by
	// their low six bits: those are all that Chinese characters mostly differ in.
	third [256]uint64
}

func newWords(list ...string) *words {
	w := &words{}
	for _, s := range list {
		w.rows[s[0]] = append(w.rows[s[0]], s)
		if len(s) < 3 {
			w.third[s[0]] = ^uint64(0)
		} else {
			w.third[s[0]] |= 1 << (s[2] & 63)
		}
	}
	return w
}

// row is the words that may begin a text whose first and third byte these are,
// in lower case; third is zero where the text is shorter.
func (w *words) row(first, third byte) []string {
	if w.third[first]>>(third&63)&1 == 0 {
		return nil
	}
	return w.rows[first]
}

// in reports whether a text, in lower case, holds one of the words.
func (w *words) in(s string) bool {
	for i := 0; i < len(s); i++ {
		third := byte(0)
		if i+2 < len(s) {
			third = s[i+2]
		}
		row := w.row(s[i], third)
		if row == nil || s[i] < 0x80 && i > 0 && isLetter(s[i-1]) && s[i-1] < 0x80 {
			continue
		}
		for _, word := range row {
			if strings.HasPrefix(s[i:], word) && !runsOn(s[i:], word) {
				return true
			}
		}
	}
	return false
}

// runsOn reports whether a short Latin word goes on: was is not in wasser.
func runsOn(s, word string) bool {
	n := len(word)
	return n <= 4 && word[n-1] >= 'a' && word[n-1] <= 'z' && n < len(s) && s[n] < 0x80 && isLetter(s[n])
}

// inFold is in for a text in any case. ASCII text is compared as it stands.
func (w *words) inFold(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return w.in(strings.ToLower(s))
		}
	}
	for i := 0; i < len(s); i++ {
		third := byte(0)
		if i+2 < len(s) {
			third = lowerByte(s[i+2])
		}
		row := w.row(lowerByte(s[i]), third)
		if row == nil || i > 0 && isLetter(s[i-1]) {
			continue
		}
		for _, word := range row {
			if len(word) <= len(s)-i && equalLower(s[i:i+len(word)], word) && !runsOn(s[i:], word) {
				return true
			}
		}
	}
	return false
}

func lowerByte(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// equalLower compares an ASCII text with a word in lower case.
func equalLower(s, word string) bool {
	for i := 0; i < len(word); i++ {
		if lowerByte(s[i]) != word[i] {
			return false
		}
	}
	return true
}
