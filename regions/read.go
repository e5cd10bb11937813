package regions

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Reading is what a place name may mean.
type Reading struct {
	// Codes are the regions that it may mean, the most exact code of each: one
	// where the name is certain, several where it is ambiguous, none where no
	// region of China is named.
	Codes []string
	// Foreign is the ISO 3166-1 code of the foreign place that is named, ZZ
	// where only "abroad" is.
	Foreign string
}

// Certain says that one region of China is meant.
func (r Reading) Certain() bool { return len(r.Codes) == 1 }

// longestText bounds what is read of a name, in code points.
const longestText = 200

// maxReadings bounds how many regions a hostile text is held for.
const maxReadings = 64

// mention is a name that stands in a text.
type mention struct {
	at, end int
	names   []named
}

// Read reads a place name. Codes of six digits are taken too.
func (t *Table) Read(text string) Reading {
	folded := strings.ToLower(norm.NFKC.String(text))
	if code := strings.TrimSpace(folded); t.Known(code) && len(code) >= 2 {
		return Reading{Codes: []string{Trim(code)}}
	}
	var runes []rune
	for _, r := range folded {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			runes = append(runes, r)
		}
		if len(runes) == longestText {
			break
		}
	}
	found := t.mentions(runes)
	for _, m := range found {
		for i := m.at; i < m.end; i++ {
			runes[i] = ' ' // 朝鲜 of 延边朝鲜族自治州 is no foreign place
		}
	}
	return Reading{Codes: t.narrow(found), Foreign: t.foreignIn(runes)}
}

// mentions finds the names in a text from left to right, the longest at each
// place. A name of two characters with its suffix (城区, 东区) counts only behind
// another name, since it is an ordinary word too.
func (t *Table) mentions(runes []rune) []mention {
	var found []mention
	for i := 0; i < len(runes); {
		n := min(t.longest, len(runes)-i)
		var names []named
		for ; n >= 2; n-- {
			names = t.byName[string(runes[i:i+n])]
			behind := len(found) > 0 && found[len(found)-1].end == i
			if len(names) > 0 && (n > 2 || behind && t.within(found[len(found)-1].names, names) || slices.ContainsFunc(names, func(m named) bool { return !m.full })) {
				break
			}
			names = nil
		}
		if names == nil {
			i++
			continue
		}
		if !partOfStreet(runes[i+n:]) || slices.ContainsFunc(names, func(m named) bool { return m.full }) {
			found = append(found, mention{i, i + n, names})
		}
		i += n
	}
	return found
}

// partOfStreet says that what follows a name makes it that of a town, a village
// or a road: 黄石镇, 北京路.
func partOfStreet(rest []rune) bool {
	for _, kind := range []string{"镇", "乡", "村", "路", "街", "大道", "社区"} {
		if strings.HasPrefix(string(rest[:min(2, len(rest))]), kind) {
			return true
		}
	}
	return false
}

// within says that one of the names may lie in one of the names before it.
func (t *Table) within(outer, inner []named) bool {
	return slices.ContainsFunc(outer, func(o named) bool {
		return slices.ContainsFunc(inner, func(i named) bool { return Covers(o.code, i.code) })
	})
}

// narrow takes the names together: each rules out the readings of the others
// that lie neither above nor beneath it. A county's name without suffix that
// fits nothing beside it is no place name (虎门 next to 东莞); anything else that
// fits nothing makes the whole ambiguous.
func (t *Table) narrow(found []mention) []string {
	var codes []string
	for i, m := range found {
		own := m.names
		if len(found) == 1 {
			own = preferHighest(own)
		}
		here := codesOf(own)
		if codes == nil {
			codes = here
			continue
		}
		var both []string
		for _, a := range codes {
			for _, b := range here {
				switch {
				case Covers(a, b):
					both = append(both, b)
				case Covers(b, a):
					both = append(both, a)
				}
			}
		}
		switch {
		case len(both) > 0:
			slices.Sort(both)
			codes = slices.Compact(both)
		case weak(own):
		case weak(found[i-1].names) && i == 1:
			codes = here
		default:
			codes = append(codes, here...)
		}
		if len(codes) > maxReadings {
			codes = codes[:maxReadings]
		}
	}
	return collapse(codes)
}

// preferHighest is how people mean 海南, 河北, 吉林 and 西安 standing alone
// without a suffix: the province before the prefecture before a county.
func preferHighest(names []named) []named {
	if slices.ContainsFunc(names, func(n named) bool { return n.full }) {
		return names
	}
	highest := slices.MinFunc(names, func(a, b named) int { return len(a.code) - len(b.code) })
	return slices.DeleteFunc(slices.Clone(names), func(n named) bool { return len(n.code) > len(highest.code) })
}

func codesOf(names []named) []string {
	codes := make([]string, len(names))
	for i, n := range names {
		codes[i] = n.code
	}
	return codes
}

// weak says that a mention is only counties' names without their suffix.
func weak(names []named) bool {
	return !slices.ContainsFunc(names, func(n named) bool { return n.full || len(n.code) < 6 })
}

// collapse sorts codes and leaves those out that lie in another of them: a
// prefecture and its county of the same name are the prefecture.
func collapse(codes []string) []string {
	slices.Sort(codes)
	codes = slices.Compact(codes)
	var kept []string
	for _, code := range codes {
		if !slices.ContainsFunc(kept, func(k string) bool { return Covers(k, code) }) {
			kept = append(kept, code)
		}
	}
	return kept
}

// foreignIn is the foreign place named first, the longest name at each place.
func (t *Table) foreignIn(runes []rune) string {
	for i := range runes {
		for n := min(24, len(runes)-i); n >= 2; n-- {
			if code, ok := t.foreign[string(runes[i:i+n])]; ok {
				return code
			}
		}
	}
	return ""
}
