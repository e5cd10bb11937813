package bleve

import (
	"encoding/binary"
	"math"
	"slices"
	"strings"

	api "github.com/blevesearch/bleve_index_api"

	"github.com/markwatch/markwatch/index"
)

// mapping is the version of everything in this file: which fields there are,
// how terms are made, what is stored. A folder written with another one must
// be indexed anew.
const mapping = "3"

// The names of fields in the segments. Each searched line has a tag, and its
// terms are in the field of that name.
const (
	keywords    = "keywords" // of all fields, as keywordTerm has them: a field each would cost more
	allWords    = "words"    // of letters, from the lines searched by default: where typos look
	storedLines = "lines"
	storedShown = "shown"
	storedSort  = "sort" // what a view reads of every document

	// shortestNear is the length in bytes of the shortest word that a word of
	// four letters may stand for.
	shortestNear = 3

	// lastChar ends the term of a character that no other follows.
	lastChar = "\x00"
)

// numberFields have a column each.
func numberFields() []index.Field {
	return []index.Field{index.FieldScore, index.FieldPrice, index.FieldSales, index.FieldSeen, index.FieldFirst}
}

// once is the frequency of every term of every document: ranking does not
// count words, and a frequency of one is the form that takes least room.
func once() *api.TokenFreq {
	f := &api.TokenFreq{}
	f.SetFrequency(1)
	return f
}

// document is what scorch indexes.
type document struct {
	id     string
	fields []*field
}

// newDocument turns a search view into terms and stored lines.
func newDocument(d *index.Document, fold func(string) string, freq *api.TokenFreq) *document {
	b := builder{doc: &document{id: d.ID}, freq: freq, words: api.TokenFrequencies{}}
	var last byte
	for tag, text := range d.Lines(fold) {
		if tag != last {
			b.flush(last)
			last = tag
		}
		b.line(tag, text)
	}
	b.flush(last)
	b.add(allWords, b.words)
	b.store(storedLines, b.lines)
	b.store(storedShown, encodeShown(d))

	values := make(api.TokenFrequencies, 16)
	for _, f := range index.Facets() {
		for _, v := range d.KeywordsOf(f) {
			if v != "" {
				values[keywordTerm(f, v)] = freq
			}
		}
	}
	b.add(keywords, values)
	b.store(storedSort, encodeSort(d))
	return b.doc
}

type builder struct {
	doc   *document
	freq  *api.TokenFreq
	lines []byte
	// terms are those of the field that is being read.
	terms api.TokenFrequencies
	words api.TokenFrequencies
}

// line cuts one folded text up, and keeps its sequence for looking up what
// terms alone cannot tell.
func (b *builder) line(tag byte, folded string) {
	tokens := index.Tokens(folded)
	if len(tokens) == 0 {
		return
	}
	b.lines = index.AppendLine(b.lines, tag, tokens)
	if b.terms == nil {
		b.terms = make(api.TokenFrequencies, len(tokens))
	}
	forgiven := strings.IndexByte(index.TagsByDefault, tag) >= 0
	// A character makes one term with the one that follows it, so that two
	// characters are found by one term, and one by the terms that begin with
	// it. A term for each character alone would double the index.
	for i, t := range tokens {
		term := t.Text
		if t.Char {
			term = pair(folded, tokens[i:])
		} else if forgiven && len(term) >= shortestNear && (term[0] < '0' || term[0] > '9') {
			b.words[term] = b.freq
		}
		b.terms[term] = b.freq
	}
}

// pair is the term of the first of tokens, a character, and what follows it,
// whatever stood between them.
func pair(folded string, tokens []index.Token) string {
	a := tokens[0]
	if len(tokens) == 1 || !tokens[1].Char {
		return a.Text + lastChar
	}
	if b := tokens[1]; a.End != b.Start {
		return a.Text + b.Text
	}
	return folded[a.Start:tokens[1].End]
}

// flush ends the field of text of a tag.
func (b *builder) flush(tag byte) {
	b.add(string(tag), b.terms)
	b.terms = nil
}

func (b *builder) add(name string, terms api.TokenFrequencies) {
	if len(terms) > 0 {
		b.doc.fields = append(b.doc.fields, &field{name: name, terms: terms, options: api.IndexField})
	}
}

// keywordTerm is the term of a value by which a field is filtered and counted;
// those of one field stand together.
func keywordTerm(f index.Field, value string) string { return string(f) + keywordEnd + value }

// keywordEnd ends the name of a field in a keywordTerm, and afterKeywords is
// what stands there behind all values of the field.
const (
	keywordEnd    = "\x00"
	afterKeywords = "\x01"
)

func (b *builder) store(name string, value []byte) {
	b.doc.fields = append(b.doc.fields, &field{name: name, value: value, options: api.StoreField})
}

// encodeSort writes the numbers of numberFields, NaN for none, and the
// seller's name.
func encodeSort(d *index.Document) []byte {
	var b []byte
	for _, f := range numberFields() {
		v, ok := d.NumberOf(f)
		if !ok {
			v = math.NaN()
		}
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	}
	return append(b, index.Keyword(d.Seller)...)
}

// decodeSort reads what encodeSort wrote; numbers has room for numberFields.
func decodeSort(b []byte, numbers []float64) (seller []byte) {
	for i := range numbers {
		numbers[i] = math.NaN()
		if len(b) >= 8 {
			numbers[i] = math.Float64frombits(binary.LittleEndian.Uint64(b))
			b = b[8:]
		}
	}
	return b
}

// encodeShown keeps the shown texts that hits are highlighted in, each after
// its length.
func encodeShown(d *index.Document) []byte {
	var b []byte
	for _, s := range []string{d.Title, d.Description, d.Text, d.Brand, d.Seller, d.SellerRegion, d.Place} {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	return b
}

// decodeShown reads what encodeShown wrote, as far as it is whole.
func decodeShown(b []byte) index.Document {
	var d index.Document
	for _, s := range []*string{&d.Title, &d.Description, &d.Text, &d.Brand, &d.Seller, &d.SellerRegion, &d.Place} {
		n, w := binary.Uvarint(b)
		if w <= 0 || n > uint64(len(b)-w) {
			break
		}
		*s = string(b[w : w+int(n)])
		b = b[w+int(n):]
	}
	return d
}

// The methods of api.Document.

func (d *document) ID() string                               { return d.id }
func (d *document) Size() int                                { return 0 }
func (d *document) VisitComposite(api.CompositeFieldVisitor) {}
func (d *document) HasComposite() bool                       { return false }
func (d *document) NumPlainTextBytes() uint64                { return 0 }
func (d *document) StoredFieldsBytes() uint64                { return 0 }
func (d *document) Indexed() bool                            { return false }

func (d *document) VisitFields(visit api.FieldVisitor) {
	for _, f := range d.fields {
		visit(f)
	}
}

func (d *document) AddIDField() {
	d.fields = append(d.fields, &field{
		name: "_id", value: []byte(d.id), options: api.IndexField | api.StoreField,
		terms: api.TokenFrequencies{d.id: once()},
	})
}

// field is one field of a document, analysed before it gets here.
type field struct {
	name    string
	value   []byte
	terms   api.TokenFrequencies
	options api.FieldIndexingOptions
}

// The methods of api.Field.

func (f *field) Name() string                                   { return f.name }
func (f *field) Value() []byte                                  { return f.value }
func (f *field) ArrayPositions() []uint64                       { return nil }
func (f *field) EncodedFieldType() byte                         { return 't' }
func (f *field) Analyze()                                       {}
func (f *field) Options() api.FieldIndexingOptions              { return f.options }
func (f *field) AnalyzedLength() int                            { return 1 }
func (f *field) AnalyzedTokenFrequencies() api.TokenFrequencies { return f.terms }
func (f *field) NumPlainTextBytes() uint64                      { return 0 }

// dropIDField undoes AddIDField, so that the document can go into another
// batch.
func (d *document) dropIDField() {
	d.fields = slices.DeleteFunc(d.fields, func(f *field) bool { return f.name == "_id" })
}
