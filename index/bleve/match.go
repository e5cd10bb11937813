package bleve

import (
	"bytes"
	"context"
	"strings"

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
		docs, err := s.term(ctx, &p.terms[i])
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
	out := roaring.New()
	for _, v := range f.values {
		docs, err := s.docs(f.stored, v)
		if err != nil {
			return nil, err
		}
		out.Or(docs)
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
func (s *segment) term(ctx context.Context, t *planTerm) (*roaring.Bitmap, error) {
	docs, err := s.exactly(ctx, t.field, t)
	if err != nil || len(t.typos) == 0 {
		return docs, err
	}
	docs = docs.Clone()
	for _, w := range t.typos {
		more, err := s.docs(t.field, w)
		if err != nil {
			return nil, err
		}
		docs.Or(more)
	}
	return docs, nil
}

// exactly finds a text without typos. The bitmap must not be changed.
func (s *segment) exactly(ctx context.Context, field string, t *planTerm) (*roaring.Bitmap, error) {
	switch tokens := t.tokens; {
	case len(tokens) == 0:
		return roaring.New(), nil
	case len(tokens) == 1:
		return s.docs(field, tokens[0].Text)
	case len(tokens) == 2 && tokens[0].Char && tokens[1].Char:
		return s.docs(field, tokens[0].Text+tokens[1].Text)
	}
	key := field + t.needle
	s.mu.Lock()
	docs := s.verified[key]
	s.mu.Unlock()
	if docs != nil {
		return docs, nil
	}
	docs, err := s.candidates(field, t.tokens)
	if err == nil && !docs.IsEmpty() {
		docs, err = s.verify(ctx, field, t.needle, docs)
	}
	if err == nil {
		s.remember(key, docs)
	}
	return docs, err
}

// maxVerified bounds in bytes what a view remembers of verified sequences.
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

// candidates holds the documents that have every pair and word of a sequence,
// in whatever order.
func (s *segment) candidates(field string, tokens []index.Token) (*roaring.Bitmap, error) {
	var out *roaring.Bitmap
	seen := map[string]bool{}
	for i, t := range tokens {
		term := t.Text
		if t.Char && i+1 < len(tokens) && tokens[i+1].Char {
			term += tokens[i+1].Text
		} else if t.Char && i > 0 && tokens[i-1].Char {
			continue // the second half of the pair before
		}
		if seen[term] {
			continue
		}
		seen[term] = true
		docs, err := s.docs(field, term)
		if err != nil {
			return nil, err
		}
		if out == nil {
			out = docs
		} else {
			out.And(docs)
		}
		if out.IsEmpty() {
			break
		}
	}
	return out, nil
}

// verify keeps the candidates whose lines hold the sequence itself.
func (s *segment) verify(ctx context.Context, field, needle string, candidates *roaring.Bitmap) (*roaring.Bitmap, error) {
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
		err := s.stored(doc, storedLines, func(lines []byte) { found = holds(lines, field, want) })
		if err != nil {
			return nil, err
		}
		if found {
			keep = append(keep, doc)
		}
	}
	return roaring.BitmapOf(keep...), nil
}

// holds says whether a line of a field holds a sequence.
func holds(lines []byte, field string, want []byte) bool {
	for from := 0; ; {
		at := bytes.Index(lines[from:], want)
		if at < 0 {
			return false
		}
		at += from
		tag := lines[bytes.LastIndexByte(lines[:at], '\n')+1]
		if field == allText && byDefault(tag) || field != allText && strings.IndexByte(field, tag) == 0 {
			return true
		}
		from = at + 1
	}
}
