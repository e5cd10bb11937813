package matchers

import (
	"slices"
	"strconv"
	"strings"
)

// amount is how much of something: 230 ml, 900 g, 10 pieces.
type amount struct {
	value float64
	// unit is ml, g, GB, or empty for pieces.
	unit string
}

// pack is what one price buys: Count pieces of Size each. Size is zero where
// only pieces are counted.
type pack struct {
	size  amount
	count float64
}

// withoutCapacity forgets the size where it is the capacity of a memory.
func (p pack) withoutCapacity() pack {
	if p.size.unit == "GB" {
		p.size = amount{}
	}
	return p
}

// total is the whole content, in the unit of the size.
func (p pack) total() amount {
	if p.size.value == 0 {
		return amount{value: p.count}
	}
	return amount{p.size.value * p.count, p.size.unit}
}

var sizeUnits = map[string]amount{
	"毫升": {1, "ml"}, "ml": {1, "ml"}, "cl": {10, "ml"}, "升": {1000, "ml"}, "公升": {1000, "ml"}, "l": {1000, "ml"},
	"克": {1, "g"}, "g": {1, "g"}, "公斤": {1000, "g"}, "千克": {1000, "g"}, "kg": {1000, "g"}, "斤": {500, "g"}, "mg": {0.001, "g"},
	"oz": {29.57, "ml"},
	"gb": {1, "GB"}, "tb": {1024, "GB"},
}

var chineseDigits = map[string]float64{"一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}

// small are the pieces that one package holds many of: they measure its
// content and do not multiply its price.
const small = "粒颗片丸张抽"

// parsePack reads a pack size. ok is false where the text states none. A pack
// is written 230ml*2, 18g×4条, 2 x 50ml, 500ml 6瓶, 两瓶装. A number in one of
// the named spans, which are counted in bytes, belongs to a name (Birkin 30 包)
// and counts nothing.
func parsePack(s string, named ...[2]int) (p pack, ok bool) {
	p.count = 1
	if number, unit, found := findSize(s); found {
		u := sizeUnits[unit]
		if v, err := strconv.ParseFloat(number, 64); err == nil && v > 0 {
			p.size, ok = amount{v * u.value, u.unit}, true
		}
	}
	if number, found := findTimes(s); found {
		if n, err := strconv.ParseFloat(number, 64); err == nil && n > 0 {
			p.count, ok = n, true
			return p, ok
		}
	}
	for at := (pieceMatch{}); nextPiece(s, at.end, &at); {
		if !countsPieces(s, at) || slices.ContainsFunc(named, func(n [2]int) bool { return n[0] <= at.start && at.numberEnd <= n[1] }) {
			continue
		}
		number := s[at.start:at.numberEnd]
		n, known := chineseDigits[number]
		if !known {
			n, _ = strconv.ParseFloat(number, 64)
		}
		if n <= 0 {
			continue
		}
		if unit := s[at.unit:at.end]; strings.Contains(small, unit) {
			if p.size.value == 0 {
				p.size, ok = amount{n, "pieces"}, true
			}
			continue
		}
		p.count, ok = n, true
		break
	}
	return p, ok
}

// maxPieces is more than any pack that is sold as one.
const maxPieces = 500

// countsPieces leaves out what only looks like a count: S925包 (a model),
// 720包邮 (post free), 3个月 (a time), 四件套 (one set).
func countsPieces(s string, at pieceMatch) bool {
	if at.start > 0 {
		if c := s[at.start-1]; c == '.' || c == '-' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
			return false
		}
	}
	for _, after := range [...]string{"邮", "税", "月", "人", "安装", "件", "起", "套"} {
		if strings.HasPrefix(s[at.end:], after) {
			return false
		}
	}
	n, err := strconv.Atoi(s[at.start:at.numberEnd])
	return err != nil || n <= maxPieces || strings.Contains(small, s[at.unit:at.end])
}

// times says how many of the official unit the pack holds. Without sizes on
// both sides it counts pieces. scaled is true where the sizes differ, so that
// the price by content is a scaled one.
func (p pack) times(unit string) (n float64, scaled bool) {
	u, ok := parsePack(unit)
	if !ok {
		if p.size.unit == "pieces" {
			return p.count, false
		}
		return p.count, false
	}
	if u.size.value > 0 && u.size.unit == p.size.unit && p.size.value > 0 {
		n = p.total().value / u.total().value
		return n, p.size.value != u.size.value
	}
	if u.size.value == 0 && u.count > 0 {
		return p.count / u.count, false
	}
	return p.count, false
}
