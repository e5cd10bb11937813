package matchers

import (
	"slices"
	"strings"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/matchers/text"
)

// reading is one listing with everything that was found in it.
type reading struct {
	v       *vocabulary
	listing *markwatch.Listing
	in      Input
	fields  []field
	// terms are by concept, brands and works by index into the lists.
	terms    [][]mention
	brands   map[int][]mention
	products map[int][]mention
	works    map[int][]mention
	// fragments are parts of the titles of works.
	fragments map[int][]mention
	// initials are those that may stand for a brand.
	initials []mention
	// creators and categories only lend support to a name.
	creators   map[int][]mention
	categories map[int]int
	hits       []text.Hit
	// spare are the lists of mentions of an earlier listing, to be used again.
	spare [][]mention
	// standing is worked out once, by standings.
	standing []standing
	stood    bool
	// standingNames is the memory of the standings' names, order that of the
	// indices that they are worked out by.
	standingNames []mention
	order         []int
	// price is worked out once, by offered.
	price    offerPrice
	hasPrice bool
	priced   bool
	// pack is worked out once, by packOf.
	pack   pack
	packed bool
	// negations and against are worked out once, by denials.
	negations, against []mention
	denied             bool
	// nots are the words of negation, looked up once for the rules of packs.
	nots  []mention
	noted bool
	// lookedUp is what the selectors of rules found, by their numbers.
	lookedUp []lookedUp
	// patterned are the hits of the patterns that were asked for.
	patterned map[inField][]found
	// plains are the fields that a pattern was tried on.
	plains []plainText
	// attributeNames are the folded names of the attributes that are fields.
	attributeNames []attributeName
	// traces is worked out once, by parcels; traceLines are where they are
	// written in the text.
	traces     []parcel
	traceLines []lines
	traced     bool
	// prices are what one unit of the product lines costs.
	prices []markwatch.LinePrice
	// betrayed: a parcel's trace disproves what the offer says of dispatch.
	betrayed bool
	// forgery: the means to fake an origin are themselves for sale.
	forgery bool
	// grams and gramAt are the memory of the model of wording; gramAt is all
	// zero between two listings.
	grams  []occurrence
	gramAt []int32
	// suspected are the violations that a matcher has spoken for so far.
	suspected []markwatch.Violation
	// named are those for which a matcher has only named a subject or a setting.
	named   []markwatch.Violation
	signals []signal
}

type field struct {
	path, text string
	folded     text.Folded
}

// mention is one occurrence of an entry.
type mention struct {
	field int
	hit   text.Hit
	entry *entry
}

// read finds every name and word in the listing.
func (v *vocabulary) read(in Input) *reading {
	r, _ := v.spare.Get().(*reading)
	if r == nil {
		r = &reading{
			brands: map[int][]mention{}, products: map[int][]mention{},
			works: map[int][]mention{}, fragments: map[int][]mention{}, creators: map[int][]mention{}, categories: map[int]int{},
		}
	}
	r.reset(v, in)
	for path, s := range r.listing.TextFields() {
		if !searched(path) {
			continue
		}
		// The memory of an earlier listing's field is used again.
		if len(r.fields) < cap(r.fields) {
			r.fields = r.fields[:len(r.fields)+1]
		} else {
			r.fields = append(r.fields, field{})
		}
		f := &r.fields[len(r.fields)-1]
		f.path, f.text = path, s
		v.folder.FoldInto(&f.folded, s)
		r.hits = v.searcher.Find(&f.folded, r.hits[:0])
		r.hits = v.sounds.Find(&f.folded, r.hits)
		r.sort(len(r.fields)-1, r.hits)
	}
	r.joinFragments()
	if r.hides() {
		r.lookNear()
	}
	r.joinInitials()
	return r
}

func (r *reading) reset(v *vocabulary, in Input) {
	r.v, r.in = v, in
	r.listing = &r.in.Listing
	r.fields = r.fields[:0]
	if len(r.terms) != len(v.concepts) {
		r.terms = make([][]mention, len(v.concepts))
	}
	for i := range r.terms {
		r.terms[i] = r.terms[i][:0]
	}
	r.initials = r.initials[:0]
	for _, named := range [...]map[int][]mention{r.brands, r.products, r.works, r.fragments, r.creators} {
		if len(named) == 0 {
			continue
		}
		for _, ms := range named {
			if len(r.spare) < maxSpare {
				r.spare = append(r.spare, ms[:0])
			}
		}
		clear(named)
	}
	clear(r.categories)
	r.standingNames = r.standingNames[:0]
	r.standing, r.stood, r.priced, r.packed, r.denied = r.standing[:0], false, false, false, false
	r.nots, r.noted = nil, false
	for i := range r.lookedUp {
		r.lookedUp[i].done = false
	}
	clear(r.patterned)
	for i := range r.plains {
		p := &r.plains[i]
		p.text, p.narrow, p.sifted = "", false, false
	}
	r.plains = r.plains[:0]
	clear(r.attributeNames)
	r.attributeNames = r.attributeNames[:0]
	r.traces, r.traceLines, r.traced = r.traces[:0], r.traceLines[:0], false
	r.prices = nil
	r.betrayed, r.forgery = false, false
	r.suspected, r.named = r.suspected[:0], r.named[:0]
	clear(r.signals)
	r.signals = r.signals[:0]
}

// maxSpare bounds the lists of mentions that are kept for the next listing.
const maxSpare = 256

// file notes a mention of a brand or work.
func (r *reading) file(named map[int][]mention, m mention) {
	ms, known := named[m.entry.owner]
	if last := len(r.spare) - 1; !known && last >= 0 {
		ms, r.spare = r.spare[last], r.spare[:last]
	}
	named[m.entry.owner] = append(ms, m)
}

// hiding are lexicons of words beside which a name may be hidden.
var hiding = [...]string{"replica", "hint", "withheld-brand", "house-code", "netdisk", "share-code", "copy-offer", "recording", "crack", "cam", "account-share", "stream"}

// hides says that the listing speaks of goods that a list knows, or in words
// beside which names are hidden.
func (r *reading) hides() bool {
	if len(r.products) > 0 || len(r.categories) > 0 || len(r.creators) > 0 || len(r.listing.Shares) > 0 {
		return true
	}
	return slices.ContainsFunc(hiding[:], func(id string) bool {
		return slices.ContainsFunc(r.v.joined[id], func(c concept) bool { return len(r.terms[c]) > 0 })
	})
}

// lookNear looks for names with a character replaced, of brands and works that
// the listing does not name as they are written.
func (r *reading) lookNear() {
	named, titled := len(r.brands), len(r.works)
	for f := range r.fields {
		switch r.fields[f].path {
		case "title", "description", "brand":
		default:
			continue
		}
		r.hits = r.v.near.Find(&r.fields[f].folded, r.hits[:0])
		if r.fields[f].path != "description" {
			r.hits = r.v.misspelt.Find(&r.fields[f].folded, r.hits)
		}
		r.hits = slices.DeleteFunc(r.hits, func(h text.Hit) bool {
			switch e := &r.v.entries[h.ID]; e.kind {
			case entryBrand:
				return named > 0 && (r.overlaps(f, h, r.brands) || hasSure(r.brands[e.owner]))
			case entryWork:
				return titled > 0 && (r.overlaps(f, h, r.works) || hasSure(r.works[e.owner]))
			}
			return false
		})
		r.sort(f, r.hits)
	}
}

// hasSure says that one of the mentions is no guess.
func hasSure(ms []mention) bool {
	return slices.ContainsFunc(ms, func(m mention) bool { return m.hit.Disguise&text.DisguiseUnsure == 0 })
}

// overlaps says that a hit touches a mention that is no guess.
func (r *reading) overlaps(f int, h text.Hit, named map[int][]mention) bool {
	for _, ms := range named {
		for _, m := range ms {
			if m.field == f && m.hit.At < h.To && h.At < m.hit.To && m.hit.Disguise&text.DisguiseUnsure == 0 {
				return true
			}
		}
	}
	return false
}

// release gives the reading's memory back; nothing of it may be used after.
func (v *vocabulary) release(r *reading) { v.spare.Put(r) }

// searched leaves out what is machine-made: addresses, numbers and codes.
func searched(path string) bool {
	return !strings.HasPrefix(path, "shares[") && path != "seller.license" && path != "sales_text" &&
		!strings.HasSuffix(path, "].url") && !strings.HasSuffix(path, "].number")
}

// sort files the hits of one field. A term inside one of its Not strings
// means nothing, and a term inside a longer one of the same lexicon is part of
// it.
func (r *reading) sort(f int, hits []text.Hit) {
	for _, h := range hits {
		e := &r.v.entries[h.ID]
		m := mention{f, h, e}
		if h.Disguise&text.DisguiseInitial != 0 && e.kind != entryBrand || h.Disguise&text.DisguiseUnsure != 0 && e.kind != entryBrand && e.kind != entryWork {
			continue
		}
		switch e.kind {
		case entryTerm:
			if r.excused(h, hits) || r.partOfName(h, hits) {
				continue
			}
			r.terms[e.owner] = append(r.terms[e.owner], m)
		case entryBrand:
			if !r.inside(h, hits, entryBrand, e.owner) && (h.Disguise == 0 || !r.plainly(h, hits)) {
				r.file(r.brands, m)
			}
		case entryProduct:
			r.file(r.products, m)
		case entryWork:
			if !r.inside(h, hits, entryWork, e.owner) {
				r.file(r.works, m)
			}
		case entryFragment:
			r.file(r.fragments, m)
		case entryCreator:
			r.file(r.creators, m)
		case entryInitials:
			if h.Disguise&^text.DisguiseMarks == 0 {
				r.initials = append(r.initials, m)
			}
		case entryCategory:
			r.categories[e.owner]++
		}
	}
}

func (r *reading) excused(h text.Hit, hits []text.Hit) bool {
	for _, n := range hits {
		if n.At > h.At || n.To < h.To {
			continue // before its entry is looked at, which lies far away
		}
		if e := &r.v.entries[n.ID]; e.kind == entryNot && e.item == h.ID {
			return true
		}
	}
	return false
}

// partOfName says that a protected name covers the term: 笔记 in 盗墓笔记, 旅行 in
// the sunglasses 徒步旅行者, Repair in Repair & Protect.
func (r *reading) partOfName(h text.Hit, hits []text.Hit) bool {
	for _, n := range hits {
		if n.At > h.At || n.To < h.To || n.To-n.At == h.To-h.At {
			continue
		}
		if e := &r.v.entries[n.ID]; e.kind == entryBrand || e.kind == entryWork || e.kind == entryProduct && !e.plain {
			return true
		}
	}
	return false
}

// plainly says that a brand's name stands there as it is written in the list:
// 欧乐B is no 欧乐比 in disguise where the list has both.
func (r *reading) plainly(h text.Hit, hits []text.Hit) bool {
	return slices.ContainsFunc(hits, func(n text.Hit) bool {
		return n.Disguise == 0 && n.At <= h.At && n.To >= h.To && r.v.entries[n.ID].kind == entryBrand
	})
}

// inside says that a longer name of another owner covers the hit: 飞鹤山 is not
// 飞鹤 where both are protected.
func (r *reading) inside(h text.Hit, hits []text.Hit, kind entryKind, owner int) bool {
	for _, n := range hits {
		if n.At > h.At || n.To < h.To || n.To-n.At == h.To-h.At {
			continue
		}
		if e := &r.v.entries[n.ID]; e.kind == kind && e.owner != owner {
			return true
		}
	}
	return false
}

// path of the field of a mention.
func (r *reading) path(m mention) string { return r.fields[m.field].path }

// quote makes evidence of a mention.
func (r *reading) quote(m mention, role markwatch.Role) markwatch.Evidence {
	return r.span(m.field, m.hit.Start, m.hit.End, role)
}

// span quotes a range of code points of a field.
func (r *reading) span(f, start, end int, role markwatch.Role) markwatch.Evidence {
	return markwatch.Evidence{
		Field: r.fields[f].path, Span: &markwatch.Span{Start: start, End: end},
		Text: cut(r.fields[f].text, start, end), Role: role,
	}
}

// cut returns the code points [start,end) of s. A byte that is no UTF-8 counts
// as one and is written as the replacement character.
func cut(s string, start, end int) string {
	i, from := 0, len(s)
	for at := range s {
		if i == start {
			from = at
		}
		if i == end {
			return strings.ToValidUTF8(s[from:at], "\uFFFD")
		}
		i++
	}
	return strings.ToValidUTF8(s[from:], "\uFFFD")
}

// whole quotes a whole text field by its path; it is a fact without a span
// where the field was not searched.
func (r *reading) whole(path string, role markwatch.Role) markwatch.Evidence {
	for i := range r.fields {
		if r.fields[i].path == path {
			return r.span(i, 0, len([]rune(r.fields[i].text)), role)
		}
	}
	return markwatch.Evidence{Field: path, Text: r.listing.Field(path), Role: role}
}

// The prefixes of the lexicons that add to those of the plain id: words met in
// listings, and words that the trade is known to use.
var added = [...]string{"m-", "w-"}

// plainID is the id of the lexicon that one adds to, or its own.
func plainID(id string) string {
	for _, prefix := range added {
		if plain, adds := strings.CutPrefix(id, prefix); adds {
			return plain
		}
	}
	return id
}

// all returns the mentions of the lexicons of these ids and of those that add
// to them. A lexicon that nobody wrote is empty. The slice is shared: it is
// not to be changed.
func (r *reading) all(ids ...string) []mention {
	var out []mention
	for _, id := range ids {
		for _, c := range r.v.joined[id] {
			switch ms := r.terms[c]; {
			case len(ms) == 0:
			case len(out) == 0:
				// The capacity is cut, so that what is added goes elsewhere.
				out = ms[:len(ms):len(ms)]
			default:
				out = append(out, ms...)
			}
		}
	}
	return out
}

// within keeps the mentions in fields of these paths; a path that ends in a dot
// or bracket stands for all below it.
func (r *reading) within(ms []mention, paths ...string) []mention {
	var out []mention
	for _, m := range ms {
		p := r.path(m)
		if slices.ContainsFunc(paths, func(want string) bool {
			return p == want || (strings.HasSuffix(want, ".") || strings.HasSuffix(want, "[")) && strings.HasPrefix(p, want)
		}) {
			out = append(out, m)
		}
	}
	return out
}

// strongest returns the mention with the greatest weight.
func strongest(ms []mention) (best mention, ok bool) {
	for _, m := range ms {
		if !ok || m.entry.weight > best.entry.weight {
			best, ok = m, true
		}
	}
	return best, ok
}

// distinct counts different terms.
func distinct(ms []mention) int {
	seen := map[*entry]bool{}
	for _, m := range ms {
		seen[m.entry] = true
	}
	return len(seen)
}
