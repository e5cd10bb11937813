package matchers

import (
	"maps"
	"slices"
	"sync"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/matchers/text"
)

// concept is an idea of the trade that a lexicon's words stand for.
type concept int

// entryKind says what a found pattern is.
type entryKind uint8

const (
	entryTerm entryKind = iota
	entryNot
	entryBrand
	entryProduct
	entryWork
	entryFragment
	entryCreator
	entryCategory
	entryInitials
)

// entry is what a pattern of the one searcher stands for. What is asked of
// every mention stands first, in one line of the processor's cache.
type entry struct {
	kind      entryKind
	ambiguous bool
	// short is a title without what says its kind.
	short bool
	// code is how the trade calls a house, from the beginning of its name.
	code bool
	// exact stands for a title in Latin letters where it is written as the
	// entry's text and copies are offered.
	exact bool
	// initials stand for a brand's name.
	initials bool
	// plain product names say only what goods they are.
	plain bool
	// owner is the concept of a term, the index of a brand or a work.
	owner int
	// item is the index of a product within its brand; for a Not string the
	// entry of the term that it takes the meaning from.
	item   int
	weight float64
	text   string
}

// vocabulary holds every name and every word that is looked for, in one
// searcher.
type vocabulary struct {
	folder   *text.Folder
	searcher *text.Searcher
	// sounds are the names that are also looked for by their sound.
	sounds *text.Sounds
	// near are the names that are also looked for with one character replaced.
	near *text.Near
	// misspelt are the Latin names that are also looked for with a letter wrong.
	misspelt *text.Misspelt
	entries  []entry
	// concepts maps the id of a lexicon to its concept.
	concepts map[string]concept
	// joined are the concepts of an id and of the lexicon that adds to it.
	joined map[string][]concept
	// categories are the folded categories of the brands, by index.
	categories [][]string
	// outlets marks the brands that name shops or domains. Most of a long list
	// name none, and their entries need not be fetched to learn it.
	outlets []bool
	// shops are the folded names of authorised shops.
	shops map[string]string
	// ngrams is the model of wording.
	ngrams *ngramModel
	// spare keeps the memory of finished readings.
	spare sync.Pool
}

// builder collects patterns.
type builder struct {
	v        *vocabulary
	patterns []text.Pattern
	// sounds are the patterns that are also looked for by their sound.
	sounds []text.Pattern
	// near are the patterns that are also looked for with a character replaced.
	near []text.Pattern
	// goods are the folded nouns of goods.
	goods map[string]bool
}

// add looks for a name or word.
func (b *builder) add(s string, e entry, loose bool) int {
	id := len(b.v.entries)
	e.text = s
	b.v.entries = append(b.v.entries, e)
	b.patterns = append(b.patterns, text.Pattern{Text: s, ID: id, Loose: loose})
	return id
}

func newVocabulary(lists markwatch.Lists) (*vocabulary, error) {
	folder, err := text.NewFolder()
	if err != nil {
		return nil, markwatch.WrapError(markwatch.CodeInternal, err, "the folding tables cannot be read")
	}
	v := &vocabulary{folder: folder, concepts: map[string]concept{}, shops: map[string]string{}}
	b := &builder{v: v, goods: goodsNouns(folder, lists.Lexicons)}
	for _, lex := range lists.Lexicons {
		if err := b.lexicon(lex); err != nil {
			return nil, err
		}
	}
	b.brands(lists.Brands)
	b.works(lists.Works)
	v.join()
	if v.ngrams, err = readNgrams(shippedNgrams); err != nil {
		return nil, markwatch.WrapError(markwatch.CodeInternal, err, "the model of wording cannot be read")
	}
	v.sounds = text.NewSounds(folder, b.sounds)
	v.near = text.NewNear(folder, b.near)
	if v.misspelt, err = text.NewMisspelt(folder, slices.DeleteFunc(slices.Clone(b.near), func(p text.Pattern) bool {
		return v.entries[p.ID].kind != entryBrand
	})); err != nil {
		return nil, markwatch.WrapError(markwatch.CodeInternal, err, "the words of English cannot be read")
	}
	v.searcher = text.NewSearcher(folder, b.patterns)
	return v, nil
}

// join pairs the lexicons with those that add to them.
func (v *vocabulary) join() {
	v.joined = map[string][]concept{}
	for _, id := range slices.Sorted(maps.Keys(v.concepts)) {
		plain := plainID(id)
		if c := v.concepts[id]; id == plain {
			v.joined[plain] = slices.Insert(v.joined[plain], 0, c)
		} else {
			v.joined[plain] = append(v.joined[plain], c)
		}
	}
}

// folded is the name of an authorised shop as names are compared.
func (v *vocabulary) folded(shop string) string { return v.shops[shop] }

// lexicon adds the terms of one lexicon. The words that name a fake are also
// looked for in disguise.
func (b *builder) lexicon(lex markwatch.Lexicon) error {
	c, ok := b.v.concepts[lex.ID]
	if !ok {
		c = concept(len(b.v.concepts))
		b.v.concepts[lex.ID] = c
	}
	id := plainID(lex.ID)
	loose := id == "replica" || id == "overseas-service"
	for _, t := range lex.Words() {
		if b.v.folder.Fold(t.Term).Len() == 0 {
			return markwatch.Errorf(markwatch.CodeInvalid, "lexicon %s: terms: %q holds no letter or digit", lex.ID, t.Term)
		}
		if t.Weight < 0 || t.Weight > 1 {
			return markwatch.Errorf(markwatch.CodeInvalid, "lexicon %s: terms: %s: weight: %v is not between 0 and 1", lex.ID, t.Term, t.Weight)
		}
		weight := t.Weight
		if weight == 0 {
			weight = 1
		}
		id := b.add(t.Term, entry{kind: entryTerm, owner: int(c), weight: weight}, loose)
		for _, not := range t.Not {
			b.add(not, entry{kind: entryNot, item: id}, false)
		}
	}
	return nil
}

// sound looks for names by their sound, as entries of their own.
func (b *builder) sound(names []string, e entry, ambiguous map[string]bool) {
	for _, name := range names {
		of := e
		of.text, of.ambiguous = name, ambiguous[b.v.folder.Fold(name).Letters()]
		b.v.entries = append(b.v.entries, of)
		b.sounds = append(b.sounds, text.Pattern{Text: name, ID: len(b.v.entries) - 1})
	}
}

func (b *builder) brands(brands []markwatch.Brand) {
	for i, br := range brands {
		ambiguous := map[string]bool{}
		for _, a := range br.Ambiguous {
			ambiguous[b.v.folder.Fold(a).Letters()] = true
		}
		seen := map[string]bool{}
		name := func(s string) {
			key := b.v.folder.Fold(s).Letters()
			if key == "" || seen[key] {
				return
			}
			seen[key] = true
			id := b.add(s, entry{kind: entryBrand, owner: i, ambiguous: ambiguous[key]}, true)
			if !ambiguous[key] && len(br.Categories)+len(br.Products) > 0 {
				// Only its goods or lines can bear out that it was meant.
				b.near = append(b.near, text.Pattern{Text: s, ID: id})
			}
		}
		for _, n := range br.Names {
			name(n)
		}
		for _, n := range br.Aliases {
			name(n)
		}
		b.sound(br.Sounds, entry{kind: entryBrand, owner: i}, ambiguous)
		if len(br.Categories)+len(br.Products) > 0 {
			for _, code := range houseCodes(b.v.folder, &brands[i]) {
				if !seen[code] {
					seen[code] = true
					b.add(code, entry{kind: entryBrand, owner: i, code: true}, false)
				}
			}
		}
		if len(br.Categories)+len(br.Products) > 0 {
			for _, letters := range initialsOf(b.v.folder, &brands[i]) {
				if !seen[letters] {
					seen[letters] = true
					b.add(letters, entry{kind: entryInitials, owner: i, code: true, initials: true}, true)
				}
			}
		}
		for j, names := range productNames(b.v.folder, br.Products, b.goods) {
			clear(seen)
			for _, n := range names {
				if key := b.v.folder.Fold(n).Letters(); key != "" && !seen[key] {
					seen[key] = true
					b.add(n, entry{kind: entryProduct, owner: i, item: j, plain: madeOf(key, b.goods)}, true)
				}
			}
		}
		var categories []string
		for _, c := range br.Categories {
			b.add(c, entry{kind: entryCategory, owner: i}, false)
			categories = append(categories, b.v.folder.Fold(c).Letters())
		}
		b.v.categories = append(b.v.categories, categories)
		b.v.outlets = append(b.v.outlets, len(br.Authorized.Shops)+len(br.Authorized.Domains) > 0)
		b.shops(br.Authorized.Shops)
	}
}

// shops folds the names of authorised shops.
func (b *builder) shops(shops []markwatch.ShopRef) {
	for _, s := range shops {
		b.v.shops[s.Name] = b.v.folder.Fold(s.Name).Letters()
	}
}

func (b *builder) works(works []markwatch.Work) {
	for i, w := range works {
		ambiguous := map[string]bool{}
		for _, a := range w.Ambiguous {
			ambiguous[b.v.folder.Fold(a).Letters()] = true
		}
		seen := map[string]bool{}
		for _, t := range w.Titles {
			key := b.v.folder.Fold(t).Letters()
			if key == "" || seen[key] {
				continue
			}
			seen[key] = true
			id := b.add(t, entry{kind: entryWork, owner: i, ambiguous: ambiguous[key]}, true)
			if !ambiguous[key] {
				b.near = append(b.near, text.Pattern{Text: t, ID: id})
			}
		}
		b.sound(w.Sounds, entry{kind: entryWork, owner: i}, ambiguous)
		shorts := shortNames(&works[i])
		for _, t := range w.Titles {
			shorts = append(shorts, numbered(t)...)
		}
		for _, short := range shorts {
			if key := b.v.folder.Fold(short).Letters(); key != "" && !seen[key] {
				seen[key] = true
				b.add(short, entry{kind: entryWork, owner: i, ambiguous: true, short: true}, true)
			}
		}
		b.cutShort(i, &works[i], seen)
		for _, part := range fragmentsOf(b.v.folder, &works[i]) {
			if seen[part.letters] {
				continue
			}
			seen[part.letters] = true
			if part.rare {
				b.add(part.letters, entry{kind: entryWork, owner: i, ambiguous: true, short: true}, false)
			}
			b.add(part.letters, entry{kind: entryFragment, owner: i, short: true}, false)
		}
		for _, c := range w.Creators {
			b.add(c, entry{kind: entryCreator, owner: i}, false)
			for _, called := range calledBy(c) {
				b.add(called, entry{kind: entryCreator, owner: i, short: true}, false)
			}
		}
		b.shops(w.Official.Shops)
		for _, isbn := range w.ISBN {
			b.add(isbn, entry{kind: entryWork, owner: i}, false)
		}
	}
}

// cutShort looks for a work by what its titles in Latin letters are cut to.
func (b *builder) cutShort(i int, w *markwatch.Work, seen map[string]bool) {
	shorts := latinShorts(w)
	for _, name := range slices.Concat(shorts.plain, shorts.exact) {
		if key := b.v.folder.Fold(name).Letters(); key != "" && !seen[key] {
			seen[key] = true
			b.add(name, entry{kind: entryWork, owner: i, ambiguous: true, short: true, exact: slices.Contains(shorts.exact, name)}, false)
		}
	}
}
