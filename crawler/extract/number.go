package extract

import (
	"strings"

	"github.com/shopspring/decimal"
)

// number is a number as a text writes it, not yet interpreted: whether a point
// or comma separates thousands or decimals depends on the currency.
type number struct {
	start, end int    // bytes in the text
	raw        string // digits and separators , . ' and space
	fraction   string // decimals that stand behind the currency sign, as in 12€50
	chinese    bool   // written in Chinese numerals
	han        decimal.Decimal
}

// nextNumber finds the next number at or after pos.
func nextNumber(s string, pos int) (number, bool) {
	for i := pos; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= '0' && c <= '9':
			return takeNumber(s, i), true
		case (c == '.' || c == ',') && i+1 < len(s) && digit(s[i+1]) && (i == 0 || !digit(s[i-1]) && !isLetter(s[i-1]) && s[i-1] != ')'):
			return takeNumber(s, i), true
		case c >= 0xe3:
			if n, ok := takeHan(s, i); ok {
				return n, true
			}
		}
	}
	return number{}, false
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// takeNumber reads digits and the separators between them. A space separates
// thousands only before exactly three digits.
func takeNumber(s string, i int) number {
	start := i
	spaced := false
	for i < len(s) && i-start < 40 {
		c := s[i]
		if digit(c) {
			i++
			continue
		}
		if (c == '.' || c == ',' || c == '\'') && i+1 < len(s) && digit(s[i+1]) {
			i++
			continue
		}
		if c == ' ' && digits3(s, i+1) && !strings.ContainsAny(s[start:i], ".,'") && (spaced || i-start <= 3) && i > start {
			spaced = true
			i += 4
			continue
		}
		// so is "99 , 79"
		if c == ' ' && i+4 < len(s) && (s[i+1] == ',' || s[i+1] == '.') && s[i+2] == ' ' && digit(s[i+3]) && digit(s[i+4]) && (i+5 == len(s) || !digit(s[i+5]) && s[i+5] != '.' && s[i+5] != ',') && !strings.ContainsAny(s[start:i], ".,") {
			return number{start: start, end: i + 5, raw: s[start:i] + "." + s[i+3:i+5]}
		}
		// "119. 95" is a price that a template broke
		if c == '.' && i+3 < len(s) && s[i+1] == ' ' && digit(s[i+2]) && digit(s[i+3]) && (i+4 == len(s) || !digit(s[i+4]) && s[i+4] != '.' && s[i+4] != ',') && !strings.ContainsAny(s[start:i], ".,") {
			i += 4
			break
		}
		break
	}
	return number{start: start, end: i, raw: s[start:i]}
}

func digits3(s string, i int) bool {
	return i+3 <= len(s) && digit(s[i]) && digit(s[i+1]) && digit(s[i+2]) && (i+3 == len(s) || !digit(s[i+3]))
}

// centsAfter reads the decimals of prices written around their sign: 12€50.
func centsAfter(s string, at int, num number) (cents string, end int, ok bool) {
	if strings.ContainsAny(num.raw, ".,") || at >= len(s) {
		return "", at, false
	}
	i := at
	if s[i] == ' ' {
		i++
	}
	j := i
	for j < len(s) && digit(s[j]) {
		j++
	}
	if j-i != 2 && (j-i != 3 || i != at) || j < len(s) && (s[j] == '.' || s[j] == ',' || isLetter(s[j]) || s[j] == '%') {
		return "", at, false
	}
	if _, _, sign := table.after(strings.TrimLeft(s[j:], " ")); sign {
		return "", at, false
	}
	return s[i:j], j, true
}

// value interprets the number for a currency.
//
// Two kinds of separator: the last one is the decimal point. One kind, several
// times: thousands. One separator: decimals unless exactly three digits
// follow; then thousands, except after a lone zero, after more than three
// digits, or in a currency of three decimals.
func (n number) value(currency string) (decimal.Decimal, bool) {
	if n.chinese {
		return n.han, true
	}
	raw := n.raw
	if strings.ContainsAny(raw, " '") {
		raw = strings.ReplaceAll(strings.ReplaceAll(raw, " ", ""), "'", "")
	}
	raw = strings.TrimRight(raw, ".,")
	if len(raw) > 1 && (raw[0] == '.' || raw[0] == ',') && strings.ContainsAny(raw[1:], ".,") {
		raw = strings.TrimLeft(raw, ".,")
	}
	point := decimalPoint(raw, currency)
	var b strings.Builder
	for i := 0; i < len(raw); i++ {
		switch {
		case digit(raw[i]):
			b.WriteByte(raw[i])
		case i == point:
			b.WriteByte('.')
		}
	}
	text := b.String()
	if n.fraction != "" && point < 0 {
		text += "." + n.fraction
	}
	if strings.HasPrefix(text, ".") {
		text = "0" + text
	}
	if text == "" || len(text) > 30 {
		return decimal.Decimal{}, false
	}
	v, err := decimal.NewFromString(text)
	return v, err == nil
}

// decimalPoint is the index of the separator that starts the decimals, or -1.
func decimalPoint(raw, currency string) int {
	dot, comma := strings.LastIndexByte(raw, '.'), strings.LastIndexByte(raw, ',')
	if dot < 0 && comma < 0 {
		return -1
	}
	if dot >= 0 && comma >= 0 {
		last := max(dot, comma)
		if strings.Count(raw, string(raw[last])) > 1 {
			return -1 // 1.234.567,890 turned round is no number with decimals
		}
		return last
	}
	at := max(dot, comma)
	if strings.Count(raw, string(raw[at])) > 1 {
		return -1
	}
	after, before := len(raw)-at-1, at
	if after != 3 {
		return at
	}
	places, known := decimals[currency]
	switch {
	case known && places == 3 && dot >= 0:
		return at
	case before == 0, before == 1 && raw[0] == '0', before > 3:
		return at
	}
	return -1
}

var hanDigit = map[rune]int64{'零': 0, '〇': 0, '一': 1, '壹': 1, '二': 2, '贰': 2, '两': 2, '三': 3, '叁': 3, '四': 4, '肆': 4, '五': 5, '伍': 5, '六': 6, '陆': 6, '七': 7, '柒': 7, '八': 8, '捌': 8, '九': 9, '玖': 9}
var hanUnit = map[rune]int64{'十': 10, '拾': 10, '百': 100, '佰': 100, '千': 1000, '仟': 1000, '万': 10000}

// takeHan reads a price in Chinese numerals: 八十九元, 一千二百块. A numeral
// without a currency behind it is a word, not an amount.
func takeHan(s string, i int) (number, bool) {
	var total, section, current int64
	end := i
	seen := 0
	for j, r := range s[i:] {
		if d, ok := hanDigit[r]; ok {
			if seen > 0 && current > 0 {
				current = current*10 + d // 八九 read digit by digit
			} else {
				current = d
			}
		} else if u, ok := hanUnit[r]; ok && (seen > 0 || u == 10) {
			if u == 10000 {
				total = (total + section + current) * u
				section = 0
			} else {
				section += max(current, 1) * u
			}
			current = 0
		} else {
			break
		}
		seen++
		end = i + j + len(string(r))
		if seen > 12 {
			return number{}, false
		}
	}
	if seen == 0 {
		return number{}, false
	}
	rest := strings.TrimLeft(s[end:], " ")
	for _, unit := range []string{"元", "块", "圆", "人民币"} {
		if after, ok := strings.CutPrefix(rest, unit); ok && !strings.HasPrefix(after, "素") && !strings.HasPrefix(after, "旦") {
			return number{start: i, end: end, chinese: true, han: decimal.NewFromInt(total + section + current)}, true
		}
	}
	return number{}, false
}
