package matchers

import (
	"strings"
	"unicode"

	"github.com/markwatch/markwatch"
)

// latinShort are the ways in which a title in Latin letters is cut short: its
// initials (HOTD, TOTK, WoW, RDR2), and without its article (Economist).
type latinShort struct {
	// exact are initials, in capitals or in the case of the title's own words,
	// and the long first word of two (Genshin).
	exact []string
	plain []string
}

// leastInitials is how many capitals say enough, three where small words or a
// number stand between or behind them.
const leastInitials = 4

// longWord is the length from which the first word of a title is taken for it,
// beside an offer of copies.
const longWord = 7

func latinShorts(w *markwatch.Work) latinShort {
	var out latinShort
	for _, title := range w.Titles {
		words := strings.FieldsFunc(title, func(r rune) bool { return r == ' ' || r == ':' || r == '-' || r == ',' || r == '：' })
		latin := len(words) > 0
		for _, word := range words {
			for _, r := range word {
				latin = latin && r < 0x250
			}
		}
		if !latin {
			continue
		}
		if len(words) > 1 && strings.EqualFold(words[0], "the") {
			if rest := strings.Join(words[1:], " "); len(rest) >= 6 {
				out.plain = append(out.plain, rest)
			}
		}
		if len(words) == 2 && len(words[0]) >= longWord && unicode.IsUpper(rune(words[0][0])) {
			out.exact = append(out.exact, words[0])
		}
		if s, ok := titleInitials(words); ok {
			out.exact = append(out.exact, s)
		}
	}
	return out
}

func titleInitials(words []string) (string, bool) {
	var b strings.Builder
	capitals, small, number := 0, 0, 0
	for i, word := range words {
		first := rune(word[0])
		switch {
		case unicode.IsDigit(first):
			if i != len(words)-1 || len(word) > 2 {
				return "", false
			}
			b.WriteString(word)
			number++
		case unicode.IsUpper(first):
			b.WriteRune(first)
			capitals++
		case unicode.IsLower(first) && len(word) <= 3:
			b.WriteRune(first)
			small++
		default:
			return "", false
		}
	}
	letters := capitals + small
	switch {
	case letters >= leastInitials, letters == 3 && small+number > 0, letters == 2 && number > 0:
		return b.String(), true
	}
	return "", false
}

// asInitials says that letters are written as initials are: all in capitals,
// or each as the title has it. Three letters in the same capitals (WOW) are a
// word too.
func asInitials(written, initials string) bool {
	if written == initials {
		return true
	}
	return len(initials) < longWord && written == strings.ToUpper(initials) && (len(initials) >= leastInitials || strings.ContainsAny(initials, "0123456789"))
}

// callings are what a teacher is called behind his surname.
var callings = [...]string{"老师", "教授", "老師"}

// calledBy are the ways in which a creator with a Chinese name of two to three
// characters is called who teaches: 薛老师 for 薛兆丰.
func calledBy(creator string) []string {
	letters := []rune(creator)
	if len(letters) < 2 || len(letters) > 3 {
		return nil
	}
	for _, r := range letters {
		if r < 0x3400 || r >= 0xa000 {
			return nil
		}
	}
	out := make([]string, 0, len(callings))
	for _, c := range callings {
		out = append(out, string(letters[0])+c)
	}
	return out
}
