package matchers

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/matchers/text"
)

// initialsOf are the initials of a brand's Latin names of two words or more (RB
// for Ray-Ban, TNF for The North Face, T&Co for Tiffany & Co.), which copies bear
// as a stamp and offers name instead of the brand.
func initialsOf(f *text.Folder, br *markwatch.Brand) []string {
	var out []string
	for _, lang := range slices.Sorted(maps.Keys(br.Names)) {
		words := strings.FieldsFunc(strings.ToLower(br.Names[lang]), func(r rune) bool { return !unicode.IsLetter(r) })
		initials, short := "", ""
		for k, word := range words {
			letters := f.Fold(word).Letters()
			if letters == "" || letters[0] < 'a' || letters[0] > 'z' {
				initials, short = "", ""
				break
			}
			if k > 0 && letters == "co" {
				short = initials + "co"
			}
			initials += letters[:1]
		}
		if len(initials) >= 2 && len(initials) <= 4 {
			out = append(out, initials)
		}
		if len(short) >= 3 {
			out = append(out, short)
		}
	}
	return out
}

// markReach is how many letters may lie between a word of marking and the
// initials that it puts on the goods.
const markReach = 8

// joinInitials takes initials for a naming of the brand where something says so:
// a word of marking beside them (stamped T&Co, O-B embossing, RB字样) or words of
// copies in the offer. What bears a brand out besides is asked later.
func (r *reading) joinInitials() {
	if len(r.initials) == 0 {
		return
	}
	marks := r.all("mark-word")
	word, said := strongest(r.within(r.all("replica"), "title", "description"))
	copies := said && word.entry.weight >= unmistakable
	for _, m := range r.initials {
		if hasSure(r.brands[m.entry.owner]) {
			continue
		}
		if copies || slices.ContainsFunc(marks, func(n mention) bool {
			gap := max(n.hit.At-m.hit.To, m.hit.At-n.hit.To)
			return n.field == m.field && gap >= 0 && gap <= markReach && r.sameClause(m.field, min(m.hit.To, n.hit.To), max(m.hit.At, n.hit.At))
		}) {
			r.file(r.brands, m)
		}
	}
}
