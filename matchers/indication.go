package matchers

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/matchers/text"
	"github.com/markwatch/markwatch/regions"
)

// indication is a geographical indication with its area resolved.
type indication struct {
	name string
	// follows: the area is the place that stands right before the name.
	follows bool
	// codes are the divisions of the area, names the places that are none.
	codes, names []string
}

// wherever stands for an area that the place before the name tells.
const wherever = "*"

func newIndications(g *regions.Gazetteer, list []markwatch.Indication) map[string]*indication {
	if len(list) == 0 {
		return nil
	}
	all := map[string]*indication{}
	for _, i := range list {
		in := &indication{name: i.Name}
		for _, place := range i.Area {
			if place == wherever {
				in.follows = true
				continue
			}
			in.names = append(in.names, strings.ToLower(place))
			in.codes = append(in.codes, g.Codes(place)...)
		}
		for _, name := range append([]string{i.Name}, i.Aliases...) {
			all[name] = in
		}
	}
	return all
}

// origin is what a listing says of where goods with a geographical indication
// come from.
type origin struct {
	// named are the mentions of indications in what the goods are called.
	named []found
	of    []*indication
	// foreign are the places abroad that the listing names.
	foreign []mention
}

// originOf finds the indications that the goods bear: those in the title.
func (r *reading) originOf(ls *lookups, g *regions.Gazetteer) *origin {
	o := &origin{}
	for _, w := range ls.indicated {
		for _, m := range r.terms[w.concept] {
			if r.path(m) != "title" && r.path(m) != "brand" || r.takenBack(m) {
				continue
			}
			in, at := w.indications[m.entry.text], found{m.field, m.hit.At, m.hit.To, m.hit.Start, m.hit.End, m.entry.text}
			if in.follows {
				var ok bool
				if in, at, ok = r.namedAfterPlace(g, at); !ok {
					continue
				}
			}
			o.named, o.of = append(o.named, at), append(o.of, in)
		}
	}
	o.foreign = r.all("foreign-place")
	return o
}

// placeReach is how many letters may stand between a place and the goods that
// are named after it: 赣南鲜脐橙, 信阳新毛尖.
const placeReach = 1

// namedAfterPlace widens the name of goods by the place right before it.
func (r *reading) namedAfterPlace(g *regions.Gazetteer, goods found) (*indication, found, bool) {
	f := &r.fields[goods.field]
	plain := narrow(f.text)
	for _, p := range g.Find(plain) {
		at := f.folded.At(p.End)
		if p.End > goods.start || goods.at-at > placeReach || r.takenBack(mention{field: goods.field, hit: text.Hit{At: f.folded.At(p.Start)}}) {
			continue
		}
		name := cut(plain, p.Start, goods.end)
		return &indication{name: name, names: []string{strings.ToLower(cut(plain, p.Start, p.End))}, codes: p.Codes},
			found{goods.field, f.folded.At(p.Start), goods.to, p.Start, goods.end, name}, true
	}
	return nil, goods, false
}

// standing of a place to an area.
type side int

const (
	_ side = iota
	// sideInside lies in the area, sideAround around it (its province),
	// sideOutside elsewhere.
	sideInside
	sideAround
	sideOutside
)

// sideOf tells where a place lies. A name that several divisions share favours
// the seller.
func (o *origin) sideOf(codes []string) side {
	around := false
	for _, in := range o.of {
		for _, area := range in.codes {
			for _, code := range codes {
				if regions.Covers(area, code) {
					return sideInside
				}
				around = around || regions.Covers(code, area)
			}
		}
	}
	if around {
		return sideAround
	}
	return sideOutside
}

// sited is a place with its side.
type sited struct {
	found
	side side
}

// places finds the places in a field: divisions, the area's own other names,
// and countries.
func (r *reading) places(g *regions.Gazetteer, o *origin, field int) []sited {
	f := &r.fields[field]
	plain := narrow(f.text)
	lower := strings.ToLower(plain)
	var out []sited
	add := func(start, end int, s side, what string) {
		p := found{field, f.folded.At(start), f.folded.At(end), start, end, what}
		for _, n := range o.named {
			if n.field == field && n.start <= start && n.end >= end {
				return // 五常 in 五常大米 says what the goods are called
			}
		}
		if s == sideOutside && slices.ContainsFunc(o.of, func(in *indication) bool { return strings.Contains(in.name, what) }) {
			return // so does 龙井 of 龙井茶, which is a town elsewhere too
		}
		out = append(out, sited{p, s})
	}
	for _, in := range o.of {
		for _, name := range in.names {
			for from := 0; ; {
				at := strings.Index(lower[from:], name)
				if at < 0 {
					break
				}
				p := r.place(field, lower, from+at, from+at+len(name))
				add(p.start, p.end, sideInside, name)
				from += at + len(name)
			}
		}
	}
	for _, p := range g.Find(plain) {
		s := o.sideOf(p.Codes)
		if s == sideOutside && slices.ContainsFunc(out, func(q sited) bool { return q.start < p.End && p.Start < q.end }) {
			continue
		}
		if s == sideOutside && partOfName(plain, p) {
			continue
		}
		add(p.Start, p.End, s, cut(plain, p.Start, p.End))
	}
	for _, m := range o.foreign {
		if m.field == field && !slices.ContainsFunc(out, func(q sited) bool { return q.start < m.hit.End && m.hit.Start < q.end }) {
			add(m.hit.Start, m.hit.End, sideOutside, m.entry.text)
		}
	}
	return out
}

// feature is what makes a longer name of the name of a county: 莲花岛 does not
// lie in 莲花.
const feature = "岛湖山河江路街村沟坝塘桥峰岭洲寺岩"

// partOfName says that a county's short name is only the beginning of another
// place's.
func partOfName(plain string, p regions.Place) bool {
	if slices.ContainsFunc(p.Codes, func(code string) bool { return len(code) < 6 }) {
		return false
	}
	last, _ := utf8.DecodeLastRuneInString(cut(plain, p.Start, p.End))
	next, _ := utf8.DecodeRuneInString(cut(plain, p.End, p.End+1))
	return !strings.ContainsRune("县市区旗", last) && strings.ContainsRune(feature, next)
}

// outside returns the first place of a field that lies elsewhere, where the
// field names none of the area. A town behind its province is taken with it.
func outside(places []sited) (found, bool) {
	var first *sited
	for i := range places {
		switch places[i].side {
		case sideInside:
			return found{}, false
		case sideOutside:
			if first == nil {
				first = &places[i]
			} else if places[i].start == first.end {
				first.end, first.to = places[i].end, places[i].to
			}
		}
	}
	if first == nil {
		return found{}, false
	}
	return first.found, true
}

// madeReach is how many letters may stand between a word of making and the
// place: 产地标签写吉林松原.
const madeReach = 6

// madeElsewhere finds where the listing says that the goods were grown or made
// outside the area: in an attribute that is named after it, or beside a word
// of making.
func (r *reading) madeElsewhere(g *regions.Gazetteer, o *origin, made *words) []found {
	var out []found
	for i := range r.labelledAttributes(made) {
		if p, ok := outside(r.places(g, o, i)); ok {
			out = append(out, p)
		}
	}
	for _, m := range r.find(selector{words: made}) {
		path := r.fields[m.field].path
		if strings.HasPrefix(path, "tracking[") || path == "ships_from" || path == "seller.region" {
			continue
		}
		for _, p := range r.places(g, o, m.field) {
			// Within a shop's name letters may only look like a place: 飞鹤山米业.
			if path == "seller.name" && p.start > 0 {
				continue
			}
			if p.side == sideOutside && apart(m, p.found, madeReach, false) && r.uncut(m.field, min(m.to, p.to), max(m.at, p.at), withinStatement) &&
				!r.takenBack(mention{field: p.field, hit: hitOf(p.found)}) {
				out = append(out, p.found)
				break
			}
		}
	}
	slices.SortFunc(out, func(a, b found) int {
		if a.field != b.field {
			return a.field - b.field
		}
		return a.start - b.start
	})
	return out
}

// fieldsAt are the indexes of the fields with these paths.
func (r *reading) fieldsAt(paths ...string) []int {
	var out []int
	for i := range r.fields {
		if inPath(r.fields[i].path, paths) {
			out = append(out, i)
		}
	}
	return out
}

// statedOutside finds a field of these paths that names a place elsewhere and
// none of the area.
func (r *reading) statedOutside(g *regions.Gazetteer, o *origin, paths ...string) []found {
	var out []found
	for _, i := range r.fieldsAt(paths...) {
		if p, ok := outside(r.places(g, o, i)); ok {
			out = append(out, p)
		}
	}
	return out
}

// statedInside finds the area's own places in what the listing states of
// dispatch, seller and making.
func (r *reading) statedInside(g *regions.Gazetteer, o *origin) []found {
	var out []found
	for _, i := range r.fieldsAt("ships_from", "seller.region", "seller.name", "attributes.", "description") {
		for _, p := range r.places(g, o, i) {
			if p.side == sideInside {
				out = append(out, p.found)
			}
		}
	}
	return out
}
