package bleve

import (
	"fmt"
	"math"
	"strings"
	"sync"

	"github.com/RoaringBitmap/roaring/v2"
	scorchseg "github.com/blevesearch/scorch_segment_api/v2"

	"github.com/markwatch/markwatch/index"
)

// view holds what is read once from an immutable segment: ids, columns of
// numbers, bitmaps of facets, and what verified sequences were found in.
// Document numbers are the segment's own; deleted ones are still in it.
type view struct {
	count   int
	idText  string
	idEnds  []uint32
	columns map[index.Field][]float64 // NaN where there is no value
	// sellers are the numbers of the names in the generation's interner, 0
	// for none: sellers are too many for a bitmap each.
	sellers []uint32

	mu       sync.Mutex
	facets   map[index.Field][]facetValue
	verified map[string]*roaring.Bitmap
	bytes    uint64 // of verified
}

type facetValue struct {
	value string
	docs  *roaring.Bitmap
}

// segment is one segment of a snapshot with its view.
type segment struct {
	*view
	source scorchseg.Segment
	live   *roaring.Bitmap
}

// newView reads a segment.
func newView(src scorchseg.Segment, sellers *interner) (*view, error) {
	n := int(src.Count())
	v := &view{
		count: n, idEnds: make([]uint32, n), columns: map[index.Field][]float64{}, sellers: make([]uint32, n),
		facets: map[index.Field][]facetValue{}, verified: map[string]*roaring.Bitmap{},
	}
	var ids strings.Builder
	for i := range n {
		id, err := src.DocID(uint64(i))
		if err != nil {
			return nil, fmt.Errorf("reading a document's id: %w", err)
		}
		ids.Write(id)
		v.idEnds[i] = uint32(ids.Len())
	}
	v.idText = ids.String()
	for _, f := range numberFields() {
		column := make([]float64, n)
		for i := range column {
			column[i] = math.NaN()
		}
		err := eachTerm(src, numberOf+string(f), func(term string, docs *roaring.Bitmap) {
			if value, ok := number(term); ok {
				for it := docs.Iterator(); it.HasNext(); {
					column[it.Next()] = value
				}
			}
		})
		if err != nil {
			return nil, err
		}
		v.columns[f] = column
	}
	err := eachTerm(src, keywordOf+string(index.FieldSeller), func(term string, docs *roaring.Bitmap) {
		n := sellers.number(term)
		for it := docs.Iterator(); it.HasNext(); {
			v.sellers[it.Next()] = n
		}
	})
	return v, err
}

// id is the id of a document.
func (v *view) id(doc uint32) string {
	start := uint32(0)
	if doc > 0 {
		start = v.idEnds[doc-1]
	}
	return v.idText[start:v.idEnds[doc]]
}

// facet returns the values of a keyword field with their documents.
func (s *segment) facet(f index.Field) ([]facetValue, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if values, ok := s.facets[f]; ok {
		return values, nil
	}
	var values []facetValue
	err := eachTerm(s.source, keywordOf+string(f), func(term string, docs *roaring.Bitmap) {
		values = append(values, facetValue{term, docs})
	})
	if err != nil {
		return nil, err
	}
	s.facets[f] = values
	return values, nil
}

// docs returns a new bitmap of the documents that have a term.
func (s *segment) docs(field, term string) (*roaring.Bitmap, error) {
	dict, err := s.source.Dictionary(field)
	if err != nil {
		return nil, fmt.Errorf("reading the terms of %s: %w", field, err)
	}
	return postings(dict, field, term)
}

// postings returns a new bitmap of the documents that have a term.
func postings(dict scorchseg.TermDictionary, field, term string) (*roaring.Bitmap, error) {
	out := roaring.New()
	list, err := dict.PostingsList([]byte(term), nil, nil)
	if err != nil {
		return nil, fmt.Errorf("reading the documents of a term in %s: %w", field, err)
	}
	if l, ok := list.(interface{ OrInto(*roaring.Bitmap) }); ok {
		l.OrInto(out)
		return out, nil
	}
	it := list.Iterator(false, false, false, nil)
	for {
		p, err := it.Next()
		if err != nil {
			return nil, fmt.Errorf("reading the documents of a term in %s: %w", field, err)
		}
		if p == nil {
			return out, nil
		}
		out.Add(uint32(p.Number()))
	}
}

// eachTerm calls visit with every term of a field in order.
func eachTerm(src scorchseg.Segment, field string, visit func(term string, docs *roaring.Bitmap)) error {
	dict, err := src.Dictionary(field)
	if err != nil {
		return fmt.Errorf("reading the terms of %s: %w", field, err)
	}
	terms := dict.AutomatonIterator(nil, nil, nil)
	for {
		entry, err := terms.Next()
		if err != nil {
			return fmt.Errorf("reading the terms of %s: %w", field, err)
		}
		if entry == nil {
			return nil
		}
		docs, err := postings(dict, field, entry.Term)
		if err != nil {
			return err
		}
		visit(entry.Term, docs)
	}
}

// stored reads one stored field of a document; visit's bytes are good only
// until it returns.
func (s *segment) stored(doc uint32, field string, visit func([]byte)) error {
	err := s.source.VisitStoredFields(uint64(doc), func(name string, _ byte, value []byte, _ []uint64) bool {
		if name == field {
			visit(value)
		}
		// To stop early would put the reader back into its pool twice.
		return true
	})
	if err != nil {
		return fmt.Errorf("reading a stored document: %w", err)
	}
	return nil
}

// interner numbers names from 1, the same in all segments of a generation.
type interner struct {
	mu      sync.RWMutex
	numbers map[string]uint32
	names   []string
}

func newInterner() *interner { return &interner{numbers: map[string]uint32{}, names: []string{""}} }

func (i *interner) number(name string) uint32 {
	i.mu.Lock()
	defer i.mu.Unlock()
	n, ok := i.numbers[name]
	if !ok {
		n = uint32(len(i.names))
		i.numbers[name] = n
		i.names = append(i.names, name)
	}
	return n
}

// all returns the names by number; it must not be written to.
func (i *interner) all() []string {
	i.mu.RLock()
	defer i.mu.RUnlock()
	return i.names
}
