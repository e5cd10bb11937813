package bleve

import (
	"context"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/markwatch/markwatch/index"
)

// matched is what a plan finds in one segment.
type matched struct {
	// base fulfils all but the filters, filtered holds each filter's
	// documents, hits is what fulfils everything.
	base     *roaring.Bitmap
	filtered map[index.Field]*roaring.Bitmap
	hits     *roaring.Bitmap
}

// match evaluates a plan on one segment.
func (s *segment) match(ctx context.Context, p *plan) (matched, error) {
	m := matched{base: s.live.Clone(), filtered: map[index.Field]*roaring.Bitmap{}}
	// What excludes by value costs least and spares the most.
	for _, f := range p.exclude {
		docs, err := s.anyOf(f)
		if err != nil {
			return m, err
		}
		m.base.AndNot(docs)
	}
	for i := range p.terms {
		if m.base.IsEmpty() {
			break
		}
		docs, err := s.term(ctx, p.terms[i].tags, &p.terms[i])
		if err != nil {
			return m, err
		}
		if p.terms[i].not {
			m.base.AndNot(docs)
		} else {
			m.base.And(docs)
		}
	}
	for _, r := range p.ranges {
		m.base = s.within(m.base, r)
	}
	m.hits = m.base
	for i, f := range p.filters {
		docs, err := s.anyOf(f)
		if err != nil {
			return m, err
		}
		m.filtered[f.field] = docs
		if i == 0 {
			m.hits = m.base.Clone()
		}
		m.hits.And(docs)
	}
	return m, nil
}

// without is what the hits were if one field's filter were not set.
func (m *matched) without(f index.Field) *roaring.Bitmap {
	if m.filtered[f] == nil {
		return m.hits
	}
	out := m.base.Clone()
	for other, docs := range m.filtered {
		if other != f {
			out.And(docs)
		}
	}
	return out
}

// anyOf returns the documents that have one of a filter's values.
func (s *segment) anyOf(f planFilter) (*roaring.Bitmap, error) {
	if f.field == index.FieldRule {
		return s.ofRules(f.values)
	}
	out := roaring.New()
	stored := keywords
	if f.field == index.FieldID {
		stored = "_id"
	}
	dict, err := s.dictionary(stored)
	if err != nil {
		return nil, err
	}
	for _, v := range f.values {
		if f.field != index.FieldID {
			v = keywordTerm(f.field, v)
		}
		if err := postings(dict, v, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// ofRules returns the documents of rules that are called by their whole names
// or by either half. There are few enough rules to look at each.
func (s *segment) ofRules(names []string) (*roaring.Bitmap, error) {
	rules, err := s.facet(index.FieldRule)
	if err != nil {
		return nil, err
	}
	out := roaring.New()
	for _, rule := range rules {
		if slices.ContainsFunc(index.RuleNames(rule.value), func(name string) bool { return slices.Contains(names, name) }) {
			out.Or(rule.docs)
		}
	}
	return out, nil
}

// within keeps the documents whose number lies in a range.
func (s *segment) within(docs *roaring.Bitmap, r index.Range) *roaring.Bitmap {
	column := s.columns[r.Field]
	keep := make([]uint32, 0, docs.GetCardinality())
	for it := docs.Iterator(); it.HasNext(); {
		doc := it.Next()
		v := column[doc]
		// Comparisons with NaN, which stands for no value, are false.
		if holds := v == v && r.Holds(v); holds != r.Not {
			keep = append(keep, doc)
		}
	}
	return roaring.BitmapOf(keep...)
}

// term returns the documents that a text is found in, deleted ones included.
func (s *segment) term(ctx context.Context, tags string, t *planTerm) (*roaring.Bitmap, error) {
	docs, err := s.exactly(ctx, tags, t)
	if err != nil || len(t.typos) == 0 {
		return docs, err
	}
	near, err := s.words(tags, t.typos...)
	if err != nil {
		return nil, err
	}
	return roaring.Or(docs, near), nil
}

// words returns the documents that have one of some terms in one of some
// fields, as a new bitmap.
func (s *segment) words(tags string, terms ...string) (*roaring.Bitmap, error) {
	out := roaring.New()
	for i := range len(tags) {
		dict, err := s.dictionary(tags[i : i+1])
		if err != nil {
			return nil, err
		}
		for _, term := range terms {
			if err := postings(dict, term, out); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// exactly finds a text without typos. The bitmap must not be changed.
func (s *segment) exactly(ctx context.Context, tags string, t *planTerm) (*roaring.Bitmap, error) {
	tokens := t.tokens
	switch {
	case len(tokens) == 0:
		return roaring.New(), nil
	case len(tokens) == 1 && !tokens[0].Char:
		return s.words(tags, tokens[0].Text)
	case len(tokens) == 2 && tokens[0].Char && tokens[1].Char:
		return s.words(tags, tokens[0].Text+tokens[1].Text)
	}
	key := tags + t.needle
	s.mu.Lock()
	docs := s.verified[key]
	if docs == nil && tags == index.TagsByDefault {
		docs = s.common[t.needle]
	}
	s.mu.Unlock()
	if docs != nil {
		return docs, nil
	}
	var err error
	if len(tokens) == 1 {
		docs, err = s.beginning(tags, tokens[0].Text)
	} else if docs, err = s.candidates(tags, tokens); err == nil && !docs.IsEmpty() {
		docs, err = s.verify(ctx, tags, t.needle, docs)
	}
	if err == nil {
		s.remember(key, docs)
	}
	return docs, err
}

// maxVerified bounds in bytes what a view remembers of sequences and
// of single characters.
const maxVerified = 4 << 20

func (v *view) remember(key string, docs *roaring.Bitmap) {
	size := docs.GetSizeInBytes() + uint64(len(key)) + 100
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.bytes+size > maxVerified {
		clear(v.verified)
		v.bytes = 0
	}
	v.verified[key] = docs
	v.bytes += size
}

// beginning returns the documents that have a term with a prefix.
func (s *segment) beginning(tags, prefix string) (*roaring.Bitmap, error) {
	out := roaring.New()
	end := []byte(prefix)
	end[len(end)-1]++ // a character's last byte is below 0xC0
	for i := range len(tags) {
		dict, err := s.dictionary(tags[i : i+1])
		if err != nil {
			return nil, err
		}
		err = eachTerm(dict, []byte(prefix), end, func(term string) error { return postings(dict, term, out) })
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// candidates returns the documents of which one field has every pair and
// word of a sequence, in whatever order.
func (s *segment) candidates(tags string, tokens []index.Token) (*roaring.Bitmap, error) {
	seen := map[string]bool{}
	var terms []string
	for i, t := range tokens {
		term := t.Text
		if t.Char {
			// Of a single character among words the words tell enough.
			if i+1 == len(tokens) || !tokens[i+1].Char {
				continue
			}
			term += tokens[i+1].Text
		}
		if !seen[term] {
			seen[term] = true
			terms = append(terms, term)
		}
	}
	out := roaring.New()
	for i := range len(tags) {
		var inField *roaring.Bitmap
		for _, term := range terms {
			docs, err := s.words(tags[i:i+1], term)
			if err != nil {
				return nil, err
			}
			if inField == nil {
				inField = docs
			} else {
				inField.And(docs)
			}
			if inField.IsEmpty() {
				break
			}
		}
		out.Or(inField)
	}
	return out, nil
}

// verify keeps the candidates whose lines hold the sequence itself.
func (s *segment) verify(ctx context.Context, tags, needle string, candidates *roaring.Bitmap) (*roaring.Bitmap, error) {
	// Deleted documents are read too: what is remembered serves every snapshot
	// that has this segment, older ones as well.
	var keep []uint32
	want := []byte(needle)
	n := 0
	for it := candidates.Iterator(); it.HasNext(); n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		doc := it.Next()
		found := false
		err := s.stored(doc, storedLines, func(lines []byte) { found = index.HoldsLine(lines, tags, want) })
		if err != nil {
			return nil, err
		}
		if found {
			keep = append(keep, doc)
		}
	}
	return roaring.BitmapOf(keep...), nil
}
