package leads

import (
	"regexp"
	"strings"
	"unicode"
)

// maxCell is the most that Excel keeps in one cell (32,767 characters), less
// some room for the mark that something was cut.
const maxCell = 32_000

const cutMark = "…(过长,全文见 NDJSON 导出)"

// Signs after which a spreadsheet computes instead of showing, in full-width
// too, since spreadsheets with an East Asian input method read those alike
// (OWASP, CSV Injection).
const formulaSigns = "=+-@|%＝＋－﹣−＠｜％"

// numberLike is a text that Excel may turn into a number, a date or a time of
// its own making: 123456789012345678 (1.2E+17), 007, 1e5, 2-3, 2026-0012, 5月3日,
// ¥199.00, 1.10.
var numberLike = regexp.MustCompile(`^[\d.,:/()eE%¥￥$€£年月日 -]*\d[\d.,:/()eE%¥￥$€£年月日 -]*$`)

// longestNumber bounds, in bytes, what is looked at as a number; Excel takes no
// longer text for one.
const longestNumber = 255

// plainNumber is a number that every spreadsheet keeps and shows: no more than
// the 11 digits after which Excel writes exponents.
var plainNumber = regexp.MustCompile(`^(0|[1-9]\d{0,7})(\.\d{1,3})?$`)

// cell makes a value safe to open in a spreadsheet. Crawled texts are hostile:
// one that would be a formula is led by an apostrophe, and so is one that
// begins with an apostrophe of its own, so that the mark can be taken off
// again. A text that would be turned into another number is followed by a tab,
// which no spreadsheet shows; numbers of a number column are left alone where
// they stay what they are. Line ends become \n, other control characters go.
func cell(s string, number bool) string {
	if number && plainNumber.MatchString(s) {
		return s
	}
	s = strings.ToValidUTF8(s, "\ufffd")
	if strings.ContainsRune(s, '\r') {
		s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	}
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, s)
	s = strings.TrimRight(s, "\t\n ")
	if r := []rune(s); len(s) > maxCell && len(r) > maxCell {
		s = string(r[:maxCell]) + cutMark
	}
	switch {
	case s == "":
		return ""
	case strings.ContainsAny(firstSign(s), formulaSigns), strings.ContainsAny(s[:1], "\t\n'"):
		return "'" + s
	case len(s) <= longestNumber && strings.ContainsAny(s, "0123456789") && numberLike.MatchString(s):
		return s + "\t"
	}
	return s
}

// firstSign is the first character that is not blank or invisible, as some
// spreadsheets pass over those.
func firstSign(s string) string {
	for _, r := range s {
		if !unicode.IsSpace(r) && !unicode.Is(unicode.Cf, r) && r != '\ufeff' {
			return string(r)
		}
	}
	return ""
}
