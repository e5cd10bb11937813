package matchers

import "strings"

// hanDigits are the numerals that people write amounts with.
var hanDigits = map[rune]int{'零': 0, '〇': 0, '一': 1, '二': 2, '两': 2, '三': 3, '四': 4, '五': 5, '六': 6, '七': 7, '八': 8, '九': 9}

var hanUnits = map[rune]int{'十': 10, '百': 100, '千': 1000, '万': 10_000}

// hanNumber reads a number that is written in words. A digit behind a unit
// without one of its own counts the next smaller one, as it is said: 两百八 is
// 280, 一千二 is 1200, 三万五 is 35000; 一千零二 is 1002.
func hanNumber(s string) (int, bool) {
	total, digit, unit, zero := 0, -1, 0, false
	for _, c := range s {
		if d, ok := hanDigits[c]; ok {
			zero = zero || d == 0
			if digit > 0 {
				return 0, false
			}
			digit = d
			continue
		}
		u, ok := hanUnits[c]
		if !ok || unit > 0 && u >= unit {
			return 0, false
		}
		if digit < 0 && (u != 10 || total > 0) {
			return 0, false
		}
		if digit < 0 {
			digit = 1
		}
		total += digit * u
		digit, unit, zero = -1, u, false
	}
	switch {
	case digit > 0 && unit > 10 && !zero:
		total += digit * unit / 10
	case digit > 0:
		total += digit
	case total == 0:
		return 0, false
	}
	return total, true
}

// roundFigure reads how many digits a price is said to have, as the greatest
// number with so many: 三位数 is at most 999.
func roundFigure(s string) (int, bool) {
	digits, ok := strings.CutSuffix(s, "位数")
	if !ok {
		return 0, false
	}
	n, ok := hanNumber(digits)
	if !ok || n < 2 || n > 6 {
		return 0, false
	}
	most := 1
	for range n {
		most *= 10
	}
	return most - 1, true
}
