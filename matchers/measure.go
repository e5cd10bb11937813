package matchers

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// The forms of sizes, packs and counts are read by hand: every title is looked
// at, and regular expressions took a quarter of the time of a check.

// sizeNames are the units of content in the order in which they are tried.
var sizeNames = [...]string{"毫升", "ml", "cl", "公斤", "千克", "kg", "克拉", "克", "mg", "g", "公升", "升", "斤", "l", "oz"}

// pieceNames are the words that count pieces, in the order in which they are
// tried.
var pieceNames = [...]string{
	"支", "瓶", "罐", "盒", "桶", "件", "双", "只", "个", "台", "套", "袋", "包", "条", "块", "部", "枚", "卷", "副", "粒", "颗", "片", "丸", "张", "抽",
	"pcs", "pieces", "pack", "units", "pairs",
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// digits returns the end of the run of digits at i.
func digits(s string, i int) int {
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	return i
}

// blanks returns the end of the white space at i.
func blanks(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\t' || s[i] == '\n' || s[i] == '\f' || s[i] == '\r') {
		i++
	}
	return i
}

// findSize finds the first number with a unit of content behind it, which no
// letter follows; of several capacities (12GB+512GB) the largest. A unit that
// sizeUnits does not know (克拉) measures other things and is passed over with
// the rest of the text.
func findSize(s string) (number, unit string, ok bool) {
	most := 0.0
	for i := 0; i < len(s); {
		if !isDigit(s[i]) {
			i++
			continue
		}
		run := digits(s, i)
		end := run
		if end+1 < len(s) && s[end] == '.' && isDigit(s[end+1]) {
			end = digits(s, end+1)
		}
		if gb, name := capacityAt(s, i, end); name != "" {
			if gb > most {
				number, unit, ok, most = s[i:end], name, true, gb
			}
		} else if name := unitAt(s, blanks(s, end)); name != "" && most == 0 && s[i:blanks(s, end)+len(name)] != s[i:i+1]+"G" {
			// 5G is a network, not a weight.
			_, known := sizeUnits[name]
			return s[i:end], name, known
		}
		i = run
	}
	return number, unit, ok
}

// capacityAt reads the capacity of a memory, in GB, whose number stands at
// [i,end): 256GB, 2 TB, and 512G or 1T where the number is a power of two.
func capacityAt(s string, i, end int) (gb float64, unit string) {
	at := blanks(s, end)
	n, err := strconv.ParseFloat(s[i:end], 64)
	if err != nil || at >= len(s) {
		return 0, ""
	}
	long := at+1 < len(s) && (s[at+1] == 'B' || s[at+1] == 'b')
	after := at + 1
	if long {
		after++
	}
	if after < len(s) && isLetter(s[after]) {
		return 0, ""
	}
	power := n >= 1 && n == float64(int(n)) && int(n)&(int(n)-1) == 0
	switch s[at] {
	case 'G', 'g':
		if long || s[at] == 'G' && power && n >= 16 {
			return n, "gb"
		}
	case 'T', 't':
		if long || s[at] == 'T' && power && n <= 16 {
			return n * 1024, "tb"
		}
	}
	return 0, ""
}

// timesAt says that a letter x and a number stand at i: 230mlx2.
func timesAt(s string, i int) bool {
	return (s[i] == 'x' || s[i] == 'X') && i+1 < len(s) && isDigit(s[i+1])
}

func unitAt(s string, at int) string {
	for _, name := range sizeNames {
		end := at + len(name)
		if end <= len(s) && strings.EqualFold(s[at:end], name) && (end == len(s) || !isLetter(s[end]) || timesAt(s, end)) {
			return name
		}
	}
	return ""
}

// findTimes finds the count of a pack: a number of at most four digits behind a
// sign of multiplication, which neither a letter nor a point follows, or the
// one before the sign where a size stands behind it.
func findTimes(s string) (number string, ok bool) {
	for i, r := range s {
		switch r {
		case '*', '×', 'x', 'X', '✕':
		default:
			continue
		}
		from := blanks(s, i+utf8.RuneLen(r))
		to := digits(s, from)
		if to > from && unitAt(s, blanks(s, to)) != "" {
			// 2 x 50ml: the size stands behind, the count before.
			if before := strings.TrimRight(s[:i], " "); before != "" && isDigit(before[len(before)-1]) {
				at := len(before)
				for at > 0 && isDigit(before[at-1]) {
					at--
				}
				return before[at:], len(before)-at <= 4
			}
			continue
		}
		if to > from && to-from <= 4 && (to == len(s) || s[to] != '.' && !isLetter(s[to])) && (r != 'x' && r != 'X' || multiplies(s, i, to)) {
			return s[from:to], true
		}
	}
	return "", false
}

// multiplies tells the letter x at i that stands for a sign of multiplication
// from the first letter of a model (X50, MatePad X2, 荣耀x50): something that is
// counted stands before it, or behind the number that ends at to.
func multiplies(s string, i, to int) bool {
	before := strings.TrimRight(s[:i], " ")
	if before == "" {
		return false
	}
	if last := before[len(before)-1]; isDigit(last) {
		return true
	} else if isLetter(last) {
		start := len(before)
		for start > 0 && isLetter(before[start-1]) {
			start--
		}
		number := strings.TrimRight(before[:start], " ")
		return number != "" && isDigit(number[len(number)-1]) && strings.EqualFold(unitAt(s, start), before[start:])
	}
	for _, names := range [...][]string{sizeNames[:], pieceNames[:]} {
		for _, name := range names {
			if strings.HasSuffix(before, name) || strings.HasPrefix(s[blanks(s, to):], name) {
				return true
			}
		}
	}
	return false
}

// pieceMatch is a count of pieces: where its number starts and ends, where its
// unit starts, and where it ends.
type pieceMatch struct{ start, numberEnd, unit, end int }

// nextPiece finds the next count of pieces from an offset on. Of a longer
// number the last five digits are taken.
func nextPiece(s string, from int, m *pieceMatch) bool {
	for i := from; i < len(s); {
		end := i
		switch {
		case isDigit(s[i]):
			end = digits(s, i)
			i = max(i, end-5)
		case s[i] >= 0xe0:
			if _, known := chineseDigits[s[i:min(i+3, len(s))]]; known {
				end = i + 3
			}
		}
		if end == i {
			i++
			continue
		}
		at := blanks(s, end)
		if at < len(s) && s[at] == '-' {
			// 3-Pack
			at++
		}
		for _, name := range pieceNames {
			if len(s)-at >= len(name) && strings.EqualFold(s[at:at+len(name)], name) {
				*m = pieceMatch{i, end, at, at + len(name)}
				return true
			}
		}
		i = end
	}
	return false
}

// perUnitNames are the pieces that a price after a slash or after 一 is for.
var (
	perUnitNames = [...]string{"支", "瓶", "罐", "盒", "桶", "件", "双", "只", "个", "台", "套", "袋", "包", "条", "块", "副", "粒", "枚", "张", "卷", "斤", "米", "piece", "pc", "unit"}
	onePieces    = [...]string{"瓶", "支", "罐", "桶", "盒", "包", "件", "双", "只", "袋", "条"}
)

// perUnit says that a text prices one piece: ¥4.20/支, 72支起批, 一瓶30.
func perUnit(s string) bool {
	for i, r := range s {
		switch r {
		case '/':
			rest := s[blanks(s, i+1):]
			for _, name := range perUnitNames {
				if strings.HasPrefix(rest, name) {
					return true
				}
			}
		case '起':
			if rest := s[i+len("起"):]; strings.HasPrefix(rest, "批") || strings.HasPrefix(rest, "订") || strings.HasPrefix(rest, "拍") {
				return true
			}
		case '一':
			at := i + len("一")
			for _, name := range onePieces {
				if strings.HasPrefix(s[at:], name) {
					if n := blanks(s, at+len(name)); n < len(s) && isDigit(s[n]) {
						return true
					}
				}
			}
		}
	}
	return false
}
