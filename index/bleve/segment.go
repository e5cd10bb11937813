package bleve

import (
	"fmt"
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
	// common are the documents of common characters in the lines that are
	// searched by default; nil until they are gathered.
	common map[string]*roaring.Bitmap
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
	fields := numberFields()
	for _, f := range fields {
		v.columns[f] = make([]float64, n)
	}
	numbers := make([]float64, len(fields))
	var ids strings.Builder
	for doc := range n {
		err := src.VisitStoredFields(uint64(doc), func(name string, _ byte, value []byte, _ []uint64) bool {
			switch name {
			case "_id":
				ids.Write(value)
			case storedSort:
				if name := decodeSort(value, numbers); len(name) > 0 {
					v.sellers[doc] = sellers.number(name)
				}
			}
			return true // to stop early would put the reader back into its pool twice
		})
		if err != nil {
			return nil, fmt.Errorf("reading a stored document: %w", err)
		}
		v.idEnds[doc] = uint32(ids.Len())
		for i, f := range fields {
			v.columns[f][doc] = numbers[i]
		}
	}
	v.idText = ids.String()
	return v, nil
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
	dict, err := s.dictionary(keywords)
	if err != nil {
		return nil, err
	}
	first := string(f) + keywordEnd
	err = eachTerm(dict, []byte(first), []byte(string(f)+afterKeywords), func(term string) error {
		docs := roaring.New()
		values = append(values, facetValue{term[len(first):], docs})
		return postings(dict, term, docs)
	})
	if err != nil {
		return nil, err
	}
	s.facets[f] = values
	return values, nil
}

// dictionary returns the terms of a field.
func (s *segment) dictionary(field string) (scorchseg.TermDictionary, error) {
	dict, err := s.source.Dictionary(field)
	if err != nil {
		return nil, fmt.Errorf("reading the terms of %s: %w", field, err)
	}
	return dict, nil
}

// postings adds the documents that have a term.
func postings(dict scorchseg.TermDictionary, term string, to *roaring.Bitmap) error {
	list, err := dict.PostingsList([]byte(term), nil, nil)
	if err != nil {
		return fmt.Errorf("reading the documents of a term: %w", err)
	}
	if l, ok := list.(interface{ OrInto(*roaring.Bitmap) }); ok {
		l.OrInto(to)
		return nil
	}
	for it := list.Iterator(false, false, false, nil); ; {
		p, err := it.Next()
		if err != nil {
			return fmt.Errorf("reading the documents of a term: %w", err)
		}
		if p == nil {
			return nil
		}
		to.Add(uint32(p.Number()))
	}
}

// eachTerm calls visit with the terms from start to before end in order;
// nil is no bound.
func eachTerm(dict scorchseg.TermDictionary, start, end []byte, visit func(term string) error) error {
	return eachEntry(dict, start, end, func(term string, _ uint64) error { return visit(term) })
}

// eachCount calls visit with every term and the number of its documents.
func eachCount(dict scorchseg.TermDictionary, visit func(term string, docs uint64)) error {
	return eachEntry(dict, nil, nil, func(term string, docs uint64) error { visit(term, docs); return nil })
}

func eachEntry(dict scorchseg.TermDictionary, start, end []byte, visit func(term string, docs uint64) error) error {
	terms := dict.AutomatonIterator(nil, start, end)
	for {
		entry, err := terms.Next()
		if err != nil {
			return fmt.Errorf("reading terms: %w", err)
		}
		if entry == nil {
			return nil
		}
		if err := visit(entry.Term, entry.Count); err != nil {
			return err
		}
	}
}

// stored reads one stored field of a document; visit's bytes are good only
// until it returns.
func (s *segment) stored(doc uint32, field string, visit func([]byte)) error {
	err := s.source.VisitStoredFields(uint64(doc), func(name string, _ byte, value []byte, _ []uint64) bool {
		if name == field {
			visit(value)
		}
		return true // see newView
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

func (i *interner) number(name []byte) uint32 {
	i.mu.Lock()
	defer i.mu.Unlock()
	n, ok := i.numbers[string(name)]
	if !ok {
		n = uint32(len(i.names))
		i.numbers[string(name)] = n
		i.names = append(i.names, string(name))
	}
	return n
}

// all returns the names by number; it must not be written to.
func (i *interner) all() []string {
	i.mu.RLock()
	defer i.mu.RUnlock()
	return i.names
}
