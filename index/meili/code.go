package meili

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxValue is what a value to filter by may have in bytes: Meilisearch cuts
// off at 468, where its database's keys end.
const maxValue = 460

// code writes a text in lower-case ASCII, so that no two texts are equal to
// Meilisearch that are not equal: letters a to z, digits and - _ . / : stand
// for themselves, "=" and three digits of base 36 for a Chinese character,
// "%", a hexadecimal number and ";" for any other. A text that would become
// too long is the hash of itself, which decode cannot read.
func code(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			b.WriteString("%x")
			b.WriteString(strconv.FormatUint(uint64(s[i]), 16))
			b.WriteByte(';')
		case plain(r):
			b.WriteByte(byte(r))
		case firstChar <= r && r <= lastChar:
			b.WriteByte('=')
			digits := strconv.FormatUint(uint64(r-firstChar)+36*36, 36)
			b.WriteString(digits)
		default:
			b.WriteByte('%')
			b.WriteString(strconv.FormatUint(uint64(r), 16))
			b.WriteByte(';')
		}
		i += n
	}
	if b.Len() > maxValue {
		return hashed(s)
	}
	return b.String()
}

// The Chinese characters that are written short. Three digits of base 36,
// the first not 0, tell 45,360 of them apart.
const (
	firstChar = 0x3400
	lastChar  = 0x9FFF
)

func plain(r rune) bool {
	return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || r < utf8.RuneSelf && strings.ContainsRune("-_./:", r)
}

// hashed stands for a text that has no room.
func hashed(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "~" + hex.EncodeToString(sum[:])
}

// decode reads what code wrote; ok is false where it did not.
func decode(s string) (text string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == '=':
			if i+4 > len(s) {
				return "", false
			}
			n, err := strconv.ParseUint(s[i+1:i+4], 36, 32)
			if err != nil || n < 36*36 {
				return "", false
			}
			b.WriteRune(rune(n-36*36) + firstChar)
			i += 4
		case c == '%':
			number, _, found := strings.Cut(s[i+1:], ";")
			if !found {
				return "", false
			}
			i += len(number) + 2
			digits, isByte := strings.CutPrefix(number, "x")
			n, err := strconv.ParseUint(digits, 16, 32)
			if err != nil {
				return "", false
			}
			if isByte {
				b.WriteByte(byte(n))
			} else {
				b.WriteRune(rune(n))
			}
		case plain(rune(c)):
			b.WriteByte(c)
			i++
		default:
			return "", false
		}
	}
	return b.String(), true
}

// key is the primary key of a document: Meilisearch takes letters, digits, "-"
// and "_", and compares keys in filters without their case.
func key(id string) string {
	var b strings.Builder
	for i := range len(id) {
		switch c := id[i]; {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-':
			b.WriteByte(c)
		default:
			b.WriteByte('_')
			b.WriteByte("0123456789abcdef"[c>>4])
			b.WriteByte("0123456789abcdef"[c&15])
		}
	}
	if b.Len() > maxValue {
		return "_" + hashed(id)[1:]
	}
	return b.String()
}

// order is a value that sorts as an id does byte by byte, as far as there is
// room.
func order(id string) string { return hex.EncodeToString([]byte(id[:min(len(id), maxValue/2)])) }
