package matchers

import (
	"slices"
	"strings"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/matchers/text"
)

// leastNumber is how many digits a maker's number has at the least that stands
// for its product without the letters before it: 371605 for IW371605.
const leastNumber = 5

// productNames are, by product, its names and those by which it is called for
// short: without what says its kind (水泽羽绒, 水泽 for 水泽羽绒服), by the code
// before it (GT6 for GT6六活塞卡钳套装), by the digits of a maker's number.
//
// A short form that several products of a brand share, or that another one is
// called by, tells none of them.
func productNames(f *text.Folder, products []markwatch.Product, goods map[string]bool) [][]string {
	all, short := make([][]string, len(products)), make([][]string, len(products))
	uses := map[string]int{}
	for i, p := range products {
		all[i] = append([]string{p.Name}, p.Aliases...)
		short[i] = shortProductNames(f, all[i], goods)
		seen := map[string]bool{}
		for _, name := range slices.Concat(all[i], short[i]) {
			if key := f.Fold(name).Letters(); !seen[key] {
				seen[key] = true
				uses[key]++
			}
		}
	}
	for i := range all {
		for _, name := range short[i] {
			if uses[f.Fold(name).Letters()] == 1 {
				all[i] = append(all[i], name)
			}
		}
	}
	return all
}

func shortProductNames(f *text.Folder, of []string, goods map[string]bool) []string {
	var names []string
	for _, name := range of {
		letters := f.Fold(name).Runes
		han := slices.IndexFunc(letters, func(r rune) bool { return r >= 0x3400 && r < 0xa000 })
		switch {
		case han < 0:
			if digits := strings.TrimLeft(string(letters), "abcdefghijklmnopqrstuvwxyz"); len(digits) >= leastNumber &&
				len(digits) < len(letters) && strings.Trim(digits, "0123456789") == "" {
				names = append(names, digits)
			}
		case han >= 3:
			if code := string(letters[:han]); len(code) == han && !strings.Contains(name[:min(han, len(name))], " ") && strings.ContainsAny(code, "0123456789") && strings.Trim(code, "0123456789") != "" {
				names = append(names, code)
			}
		case han == 0:
			names = append(names, withoutKind(f, letters, goods)...)
			names = append(names, withoutNumber(letters)...)
		}
	}
	return names
}

// withoutKind cuts the noun of goods at the end of a name, and the last
// character of a long one.
func withoutKind(f *text.Folder, letters []rune, goods map[string]bool) []string {
	var out []string
	n := len(letters)
	for k := n - 2; k >= 2; k-- {
		if goods[string(letters[k:])] && !f.Ordinary(letters[:k]) {
			out = append(out, string(letters[:k]))
		}
	}
	if n >= 5 && goods[string(letters[n-3:])] {
		out = append(out, string(letters[:n-1]))
	}
	return out
}

// leastHead is how many characters stand before a maker's number that name the
// product without it.
const leastHead = 5

// withoutNumber cuts the maker's number behind a name (徒步旅行者RB2140). A size
// (保温杯500ml) is none.
func withoutNumber(letters []rune) []string {
	n := slices.IndexFunc(letters, func(r rune) bool { return r < 0x80 })
	if n < leastHead || letters[n] < 'a' || !modelNumber(string(letters[n:])) {
		return nil
	}
	return []string{string(letters[:n])}
}
