package extract

import (
	"unicode"

	"golang.org/x/text/encoding/htmlindex"
)

// candidate charsets for bytes that declare none, the likelier ones first.
var detectable = []string{"gb18030", "big5", "shift_jis", "euc-jp", "euc-kr"}

// detect guesses the charset of bytes that are not valid UTF-8. Each candidate
// decodes a sample and is judged by how much of the result is ordinary writing
// of its language. Latin text stays windows-1252, as browsers do.
func detect(body []byte) string {
	if valid, ok := mostlyUTF8(body); ok && valid {
		return "utf-8"
	}
	sample := nonASCII(body, 16<<10)
	best, name := 0.55, "windows-1252"
	for _, candidate := range detectable {
		if score := plausibility(sample, candidate); score > best {
			best, name = score, candidate
		}
	}
	return name
}

// nonASCII cuts the runs of bytes around high ones out of the body, so that
// the markup does not drown them.
func nonASCII(body []byte, limit int) []byte {
	out := make([]byte, 0, min(limit, len(body)))
	for i := 0; i < len(body) && len(out) < limit; i++ {
		if body[i] < 0x80 {
			continue
		}
		// a trail byte may be ASCII, so a run ends at two of them in a row
		j := i + 1
		for j < len(body) && (body[j] >= 0x80 || j+1 < len(body) && body[j+1] >= 0x80) {
			j++
		}
		out = append(out, body[i:min(j+1, len(body))]...)
		out = append(out, '\n')
		i = j
	}
	return out
}

// plausibility is 0 to about 1.2: the share of characters outside ASCII that
// are frequent writing in the charset's language.
func plausibility(sample []byte, name string) float64 {
	enc, err := htmlindex.Get(name)
	if err != nil {
		return 0
	}
	decoded, err := enc.NewDecoder().Bytes(sample)
	if err != nil {
		return 0
	}
	var all, good float64
	for _, r := range string(decoded) {
		if r < 0x80 {
			continue
		}
		all++
		switch {
		case r == unicode.ReplacementChar || unicode.In(r, unicode.Co):
			good -= 3
		case r >= 0x3000 && r <= 0x3003, r >= 0x300a && r <= 0x3011, r >= 0xff01 && r <= 0xff5e:
			good++
		case r >= 0x3041 && r <= 0x30ff: // kana
			if name == "shift_jis" || name == "euc-jp" {
				good += 1.1
			}
		case r >= 0xff61 && r <= 0xff9f: // half-width kana are rare in real text
			good -= 0.5
		case r >= 0xac00 && r <= 0xd7a3:
			if name == "euc-kr" {
				good += 1.1
			}
		case unicode.Is(unicode.Han, r):
			good += hanWeight(r, name)
		}
	}
	if all == 0 {
		return 0
	}
	return good / all
}

// hanWeight weighs an ideograph by whether the charset keeps it among its
// frequent ones: GB 2312 and Big5 both order them in a first level of everyday
// characters, at lead bytes B0-D7 and A4-C6.
func hanWeight(r rune, name string) float64 {
	enc, err := htmlindex.Get(name)
	if err != nil {
		return 0
	}
	b, err := enc.NewEncoder().Bytes([]byte(string(r)))
	if err != nil || len(b) != 2 {
		return 0
	}
	switch name {
	case "gb18030":
		if b[0] >= 0xb0 && b[0] <= 0xd7 && b[1] >= 0xa1 {
			return 1
		}
	case "big5":
		if b[0] >= 0xa4 && b[0] <= 0xc6 {
			return 1
		}
	case "shift_jis":
		if b[0] >= 0x88 && b[0] <= 0x97 {
			return 0.9
		}
	case "euc-jp":
		if b[0] >= 0xb0 && b[0] <= 0xcf {
			return 0.7
		}
	}
	return 0.2
}

// mostlyUTF8 recognises UTF-8 with a few broken sequences, as a cut or a
// careless template leaves them.
func mostlyUTF8(body []byte) (valid, known bool) {
	text := string(body)
	multi, bad := 0, 0
	for _, r := range text {
		switch {
		case r == unicode.ReplacementChar:
			bad++
		case r >= 0x80:
			multi++
		}
	}
	return multi > 20*bad, multi+bad > 0
}
