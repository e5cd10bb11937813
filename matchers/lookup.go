package matchers

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/matchers/text"
	"github.com/markwatch/markwatch/regions"
)

// found is a place of the listing, in folded letters (at, to) and in code
// points (start, end), with what was looked for or stands there.
type found struct {
	field      int
	at, to     int
	start, end int
	what       string
}

// words is a lexicon as rules look for it.
type words struct {
	id       string
	concept  concept
	patterns []pattern
	number   *numberForm
	// labels are the folded terms, for the names of attributes.
	labels []string
	// indications are by their names and aliases.
	indications map[string]*indication
}

// lookups finds the lexicons of rules by their ids.
type lookups struct {
	words map[string]*words
	// selectors are those that rules name, as they are written.
	selectors map[string]selector
	// indicated are the lexicons of geographical indications, by their ids.
	indicated []*words
}

// newLookups compiles what lexicons hold beside terms.
func newLookups(v *vocabulary, g *regions.Gazetteer, lexicons []markwatch.Lexicon) (*lookups, error) {
	all, sieve := &lookups{words: map[string]*words{}, selectors: map[string]selector{}}, newSieve()
	for _, lex := range lexicons {
		w := &words{id: lex.ID, concept: v.concepts[lex.ID]}
		bad := func(key string, err error) error {
			return markwatch.WrapError(markwatch.CodeInvalid, err, "lexicon %s: %s", lex.ID, key)
		}
		for _, p := range lex.Patterns {
			re, err := sieve.compile("(?i)" + p)
			if err != nil {
				return nil, bad("patterns", err)
			}
			w.patterns = append(w.patterns, re)
		}
		if lex.Number != nil {
			var err error
			if w.number, err = newNumberForm(*lex.Number, sieve); err != nil {
				return nil, bad("number", err)
			}
		}
		for _, t := range lex.Terms {
			w.labels = append(w.labels, v.folder.Fold(t.Term).Letters())
		}
		w.indications = newIndications(g, lex.Indications)
		all.words[lex.ID] = w
	}
	sieve.close()
	for _, id := range slices.Sorted(maps.Keys(all.words)) {
		if w := all.words[id]; w.indications != nil {
			all.indicated = append(all.indicated, w)
		}
	}
	return all, nil
}

// selector is one entry of a rule's all, any or none: a lexicon and where to
// look for it.
type selector struct {
	words *words
	paths []string // nil is everywhere
	// number is its place in what a reading found of selectors, 0 for none.
	number int
}

// absent says, before anything is worked out, that a listing holds nothing of
// it.
func (s *selector) absent(r *reading) bool {
	return len(s.words.patterns) == 0 && len(r.terms[s.words.concept]) == 0
}

// selector reads "lexicon" or "lexicon@scope" of a rule, once each.
func (ls *lookups) selector(s string) (selector, error) {
	if sel, ok := ls.selectors[s]; ok {
		return sel, nil
	}
	sel, err := ls.parseSelector(s)
	if err != nil {
		return sel, err
	}
	sel.number = len(ls.selectors) + 1
	ls.selectors[s] = sel
	return sel, nil
}

func (ls *lookups) parseSelector(s string) (selector, error) {
	id, scope, scoped := strings.Cut(s, "@")
	w, ok := ls.words[id]
	if !ok {
		return selector{}, markwatch.Errorf(markwatch.CodeInvalid, "there is no lexicon %q", id)
	}
	sel := selector{words: w}
	if scoped {
		scopes := markwatch.RuleScopes()
		if sel.paths, ok = scopes[scope]; !ok {
			return selector{}, markwatch.Errorf(markwatch.CodeInvalid, "there is no place %q to look at, only %s", scope,
				strings.Join(slices.Sorted(maps.Keys(scopes)), ", "))
		}
	}
	return sel, nil
}

// inPath says that a path lies in one of the scopes' paths.
func inPath(path string, paths []string) bool {
	return paths == nil || slices.ContainsFunc(paths, func(want string) bool {
		return path == want || (strings.HasSuffix(want, ".") || strings.HasSuffix(want, "[")) && strings.HasPrefix(path, want)
	})
}

// lookedUp is what a selector found in one listing.
type lookedUp struct {
	found []found
	done  bool
}

// find returns where a lexicon's words stand, those that are taken back by the
// word before them (不含尼古丁, 非五常大米) left out. The slice is shared: it is
// not to be changed.
func (r *reading) find(sel selector) []found {
	if sel.number == 0 {
		return r.lookUp(sel, nil)
	}
	for len(r.lookedUp) <= sel.number {
		r.lookedUp = append(r.lookedUp, lookedUp{})
	}
	l := &r.lookedUp[sel.number]
	if !l.done {
		l.found, l.done = r.lookUp(sel, l.found[:0]), true
	}
	return l.found
}

// lookUp appends what a selector finds.
func (r *reading) lookUp(sel selector, out []found) []found {
	for _, m := range r.terms[sel.words.concept] {
		if inPath(r.path(m), sel.paths) && !r.takenBack(m) {
			out = append(out, found{m.field, m.hit.At, m.hit.To, m.hit.Start, m.hit.End, m.entry.text})
		}
	}
	if len(sel.words.patterns) == 0 {
		return out
	}
	for i := range r.fields {
		if inPath(r.fields[i].path, sel.paths) {
			out = append(out, r.patternHits(sel.words, i)...)
		}
	}
	return out
}

// inField is a lexicon in one field of the listing.
type inField struct {
	words *words
	field int
}

// patternHits are the places of a field that the patterns of a lexicon fit;
// they are looked for once, where a rule asks.
func (r *reading) patternHits(w *words, field int) []found {
	in := r.sifted(field, w.patterns[0].sieve)
	if !slices.ContainsFunc(w.patterns, func(p pattern) bool { return has(in.touched, p.number) }) {
		return nil
	}
	key := inField{w, field}
	hits, ok := r.patterned[key]
	if ok {
		return hits
	}
	plain := r.plain(field)
	for i := range w.patterns {
		if !w.patterns[i].possible(in) {
			continue
		}
		for _, at := range w.patterns[i].FindAllStringIndex(plain, maxPatternHits) {
			hits = append(hits, r.place(field, plain, at[0], at[1]))
		}
	}
	if r.patterned == nil {
		r.patterned = map[inField][]found{}
	}
	r.patterned[key] = hits
	return hits
}

// plainText is a field as patterns read it.
type plainText struct {
	text           string
	narrow, sifted bool
	in             sifted
}

// plainOf is what patterns read of a field, empty at first.
func (r *reading) plainOf(field int) *plainText {
	if n := len(r.fields); len(r.plains) < n {
		r.plains = slices.Grow(r.plains, n-len(r.plains))[:n]
	}
	return &r.plains[field]
}

// plain is the narrow text of a field, made where a pattern first asks.
func (r *reading) plain(field int) string {
	p := r.plainOf(field)
	if !p.narrow {
		p.text, p.narrow = narrow(r.fields[field].text), true
	}
	return p.text
}

// sifted is what a field holds of the literals of the patterns.
func (r *reading) sifted(field int, by *sieve) *sifted {
	p := r.plainOf(field)
	if !p.sifted {
		by.sift(r.plain(field), &p.in)
		p.sifted = true
	}
	return &p.in
}

// maxPatternHits bounds what one pattern may find in one field.
const maxPatternHits = 32

// place is what stands between two bytes of a field's narrow text.
func (r *reading) place(field int, plain string, from, to int) found {
	start := utf8.RuneCountInString(plain[:from])
	end := start + utf8.RuneCountInString(plain[from:to])
	t := &r.fields[field].folded
	return found{field, t.At(start), t.At(end), start, end, plain[from:to]}
}

// narrow writes full-width signs as ASCII, one code point for one, so that
// places stay.
func narrow(s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c >= 0xff01 && c <= 0xff5e:
			return c - 0xfee0
		case c == 0x3000 || c == 0xa0:
			return ' '
		}
		return c
	}, s)
}

// denialReach is how many letters may stand between a word of denial and what
// a rule looks for: 不销售任何烟草, 没有这款烟弹.
const denialReach = 2

// takenBack says that a word of negation stands right before a mention. Rules
// of packs look for things (烟, 处方药) and not for claims, so that only what
// stands close by takes them back: 无处方 阿莫西林 is no denial of the second.
func (r *reading) takenBack(m mention) bool {
	if !r.noted {
		r.nots, r.noted = r.all("negation"), true
	}
	t := &r.fields[m.field].folded
	for _, n := range r.nots {
		if n.field != m.field || n.hit.To > m.hit.At {
			continue
		}
		reach, gap := denialReach, text.GapNone
		if n.entry.text[0] < 0x80 {
			reach, gap = 12, text.GapSpace
		}
		if m.hit.At-n.hit.To > reach {
			continue
		}
		joined := true
		for i := n.hit.To; i <= m.hit.At && joined; i++ {
			g := t.Gap(i) &^ text.GapHidden
			joined = g == text.GapNone || g <= gap
		}
		if joined {
			return true
		}
	}
	return false
}

// apart says that two places stand in one field with at most reach letters
// between them, in this order where ordered.
func apart(a, b found, reach int, ordered bool) bool {
	switch {
	case a.field != b.field:
		return false
	case a.to <= b.at:
		return b.at-a.to <= reach
	case b.to <= a.at:
		return !ordered && a.at-b.to <= reach
	default:
		return !ordered // one lies in the other
	}
}

// cite makes evidence of a place.
func (r *reading) cite(f found, role markwatch.Role) markwatch.Evidence {
	return r.span(f.field, f.start, f.end, role)
}

// hitOf is a place as a hit of the search, where only its place counts.
func hitOf(f found) text.Hit { return text.Hit{At: f.at, To: f.to, Start: f.start, End: f.end} }
