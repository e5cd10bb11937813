package index

import (
	"unicode"
	"unicode/utf8"
)

// Token is one unit of matching. Start and End are byte offsets in the text
// that was cut up.
type Token struct {
	Text       string
	Start, End int
	// Char is set where the token is a single character of a script that is
	// written without spaces.
	Char bool
}

// maxWord bounds one word in bytes; the rest of a longer run of letters is a
// word of its own, so that hostile text cannot make terms without end.
const maxWord = 64

// Tokens cuts a folded text into the sequence of tokens that matching works
// on; see the package comment for the rule.
func Tokens(s string) []Token {
	out := make([]Token, 0, len(s)/3+1)
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		class := classOf(r)
		if class == classNone {
			i += n
			continue
		}
		start := i
		i += n
		if class == classChar {
			out = append(out, Token{Text: s[start:i], Start: start, End: i, Char: true})
			continue
		}
		for i < len(s) && i-start < maxWord {
			r, n := utf8.DecodeRuneInString(s[i:])
			// A mark (accent, vowel sign) belongs to the letter before it.
			if c := classOf(r); c != class && (class != classLetter || !unicode.Is(unicode.M, r)) {
				break
			}
			i += n
		}
		out = append(out, Token{Text: s[start:i], Start: start, End: i})
	}
	return out
}

// Sequence writes tokens as one string in which a searched sequence stands as
// a substring exactly where its tokens stand one behind another: characters
// touch, words are set apart by a space, and a space stands at each end.
func Sequence(tokens []Token) string { return string(AppendSequence(nil, tokens)) }

// AppendSequence adds the Sequence of tokens to b.
func AppendSequence(b []byte, tokens []Token) []byte {
	b = append(b, ' ')
	for i, t := range tokens {
		if i > 0 && (!t.Char || !tokens[i-1].Char) {
			b = append(b, ' ')
		}
		b = append(b, t.Text...)
	}
	return append(b, ' ')
}

// Needle is the form in which searched tokens are looked for in a Sequence.
func Needle(tokens []Token) string {
	s := Sequence(tokens)
	if len(tokens) == 0 {
		return s
	}
	if tokens[0].Char {
		s = s[1:]
	}
	if tokens[len(tokens)-1].Char {
		s = s[:len(s)-1]
	}
	return s
}

// Typos says how many letters of an unquoted word may differ, by its folded
// form: none below four letters, one below eight, two from there on, and none
// in characters, numbers and anything that is more than one token.
func Typos(tokens []Token) int {
	if len(tokens) != 1 || tokens[0].Char {
		return 0
	}
	if r, _ := utf8.DecodeRuneInString(tokens[0].Text); unicode.IsDigit(r) {
		return 0
	}
	switch n := utf8.RuneCountInString(tokens[0].Text); {
	case n < 4:
		return 0
	case n < 8:
		return 1
	default:
		return 2
	}
}

type runeClass int

const (
	classNone runeClass = iota
	classChar
	classLetter
	classDigit
)

func classOf(r rune) runeClass {
	switch {
	case r < utf8.RuneSelf:
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z':
			return classLetter
		case '0' <= r && r <= '9':
			return classDigit
		}
		return classNone
	case r == utf8.RuneError:
		return classNone
	case 0x4E00 <= r && r <= 0x9FFF, unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo):
		return classChar
	case unicode.IsLetter(r):
		return classLetter
	case unicode.IsDigit(r):
		return classDigit
	}
	return classNone
}
