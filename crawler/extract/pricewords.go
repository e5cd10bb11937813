package extract

import (
	"strings"
	"unicode"
)

// free reports whether a text says that nothing is asked.
func free(s string) bool {
	s = strings.ToLower(strings.Trim(s, " !.。！*"))
	switch s {
	case "free", "for free", "free of charge", "gratis", "kostenlos", "kostenfrei", "zu verschenken", "gratuit", "gratuite", "gratuito", "gratuita", "grátis", "免费", "免費", "0元购", "bezpłatne", "za darmo", "darmowe", "zdarma", "zadarmo", "無料", "무료", "бесплатно", "безкоштовно", "ücretsiz", "bedava", "ilmainen", "ingyenes", "miễn phí", "ฟรี", "percuma", "δωρεάν", "חינם", "مجاني", "مجانا":
		return true
	}
	return false
}

// multiplier reads the letters by which large amounts are shortened: $1.5k,
// 1,5 Mio. €. It returns the decimal places and the bytes read. A bare letter
// counts behind a currency only.
func multiplier(right string, signed bool) (places int32, n int) {
	trimmed := strings.TrimLeft(right, " ")
	gap := len(right) - len(trimmed)
	for _, m := range []struct {
		text   string
		places int32
	}{{"Mio.", 6}, {"Mio", 6}, {"million", 6}, {"млн", 6}, {"тыс.", 3}, {"тис.", 3}, {"mln", 6}, {"Mrd.", 9}} {
		if rest, ok := strings.CutPrefix(trimmed, m.text); ok && gap <= 1 && (rest == "" || !isLetter(rest[0]) || rest[0] >= 0x80) {
			return m.places, gap + len(m.text)
		}
	}
	if !signed || gap > 0 || right == "" || len(right) > 1 && (isLetter(right[1]) || digit(right[1])) {
		return 0, 0
	}
	switch right[0] {
	case 'k', 'K':
		return 3, 1
	case 'M':
		return 6, 1
	}
	return 0, 0
}

// roundMark is the length of the mark that stands for no cents: ",-" ".-" "-,"
// ",–".
func roundMark(right string) int {
	for _, mark := range []string{",--", ",-", ".-", ",–", ".–", ",—", ".—"} {
		if rest, ok := strings.CutPrefix(right, mark); ok && (rest == "" || !digit(rest[0]) && rest[0] != ' ' || len(strings.TrimLeft(rest, " ")) == 0 || !digit(strings.TrimLeft(rest, " ")[0])) {
			return len(mark)
		}
	}
	return 0
}

// fold maps full-width forms, exotic spaces and digits to ASCII.
func fold(s string) string {
	plain := true
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 || s[i] < 0x20 {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r < 0x20, unicode.IsSpace(r):
			return ' '
		case r < 0x80:
			return r
		case r >= 0xff01 && r <= 0xff5e:
			return r - 0xfee0
		case r == 0xffe5:
			return '¥'
		case r == 0xffe1:
			return '£'
		case r == 0x2019, r == 0x2018, r == 0x02bc:
			return '\''
		case r == 0x2212:
			return '-'
		case r >= 0x0660 && r <= 0x0669:
			return '0' + r - 0x0660
		case r >= 0x06f0 && r <= 0x06f9:
			return '0' + r - 0x06f0
		case r == 0x066b:
			return '.'
		case r == 0x066c:
			return ','
		case r == 'Р': // Cyrillic capital, as in "6 300 Р"
			return 'р'
		case r == 0x200b, r == 0x200e, r == 0x200f, r == 0xfeff, r == 0x202a, r == 0x202c:
			return -1
		}
		return r
	}, s)
}
