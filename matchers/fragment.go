package matchers

import (
	"slices"
	"strings"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/matchers/text"
)

// fragment is a part of a work's title by which it may be named.
type fragment struct {
	letters string
	// rare parts are no word of the language: 帕鲁 of 幻兽帕鲁, and name the work
	// among words of works; others do so only beside another part of it.
	rare bool
}

// particles are characters of grammar, with which any sentence makes a row that
// no dictionary has: 我的 of 我的世界.
const particles = "的了着是在我你他她它这那不有和与之就都也很会要个们吗吧呢啊"

// fragmentsOf are the beginnings and ends of the titles that are long enough to
// be named by a part: of four characters two, of more three at the beginning
// and two or three at the end.
func fragmentsOf(f *text.Folder, w *markwatch.Work) []fragment {
	var out []fragment
	for _, title := range w.Titles {
		for token := range strings.FieldsFuncSeq(title, func(r rune) bool { return strings.ContainsRune(" :：·《》()（）", r) }) {
			letters := f.Fold(token).Runes
			n := slices.IndexFunc(letters, func(r rune) bool { return r < 0x3400 || r >= 0xa000 })
			if n >= 0 {
				// A part without the number of a sequel names any of them.
				continue
			}
			if n = len(letters); n < 4 {
				continue
			}
			begin := 2
			if n > 4 {
				begin = 3
			}
			parts := [][]rune{letters[:begin], letters[:2], letters[n-2:]}
			if n > 4 {
				parts = append(parts, letters[n-3:])
			}
			for _, part := range parts {
				next := fragment{string(part), !f.Ordinary(part) && !strings.ContainsAny(string(part), particles)}
				if len(part) == 2 && n > 4 || len(part) == 3 && f.Ordinary(letters[n-4:n-2]) && next.letters == string(letters[n-3:]) {
					// Two of many characters are too few to be sure of, and three
					// that begin in the middle of a word are a row of chance.
					next.rare = false
				}
				if !slices.ContainsFunc(out, func(o fragment) bool { return o.letters == next.letters }) {
					out = append(out, next)
				}
			}
		}
	}
	return out
}

// partsReach is how many letters may lie between two parts of a title that
// together name it.
const partsReach = 8

// joinFragments makes mentions of the works that two parts of their titles
// name (天一下次联考 of 天一大联考), or a part beside their creator. The works
// that are named as they are called stay.
func (r *reading) joinFragments() {
	for owner, ms := range r.fragments {
		if hasSure(r.works[owner]) {
			continue
		}
		for i, m := range ms {
			if p := r.path(m); p != "title" && p != "description" {
				continue
			}
			if !r.besideCreator(m, owner) && !slices.ContainsFunc(ms[i+1:], func(o mention) bool { return r.partsTogether(m, o) }) {
				continue
			}
			r.works[owner] = append(r.works[owner], m)
			break
		}
	}
}

// besideCreator says that a creator of the work is named in the same field.
func (r *reading) besideCreator(m mention, owner int) bool {
	return slices.ContainsFunc(r.creators[owner], func(c mention) bool {
		return c.field == m.field && (c.hit.To <= m.hit.At || c.hit.At >= m.hit.To)
	})
}

// partsTogether says that two different parts stand close to each other.
func (r *reading) partsTogether(a, b mention) bool {
	if a.field != b.field || a.entry == b.entry || a.hit.At < b.hit.To && b.hit.At < a.hit.To {
		return false
	}
	if b.hit.At < a.hit.At {
		a, b = b, a
	}
	return b.hit.At-a.hit.To <= partsReach && r.sameClause(a.field, a.hit.To, b.hit.At)
}
