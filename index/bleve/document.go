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
const mapping = "1"

// The names of fields in the segments. Each searched line has a tag; its
// terms are in the field of that name, and those of the lines that are
// searched by default in allText too.
const (
	allText     = "a"
	keywordOf   = "k:" // and the name of the index.Field
	ruleNames   = "rule-names"
	numberOf    = "n:" // and the name of the index.Field
	storedLines = "lines"
	storedShown = "shown"

	tagRest = 'x' // text without a field of its own
)

// tagOf is the tag of a field of text.
func tagOf(f index.Field) byte {
	switch f {
	case index.FieldTitle:
		return 't'
	case index.FieldBrand:
		return 'b'
	case index.FieldSeller:
		return 's'
	case index.FieldPlace:
		return 'p'
	case index.FieldNumber:
		return 'n'
	case index.FieldURL:
		return 'u'
	case index.FieldReason:
		return 'r'
	}
	return 0
}

// byDefault is true for the lines that a term without a field searches.
func byDefault(tag byte) bool { return tag != 'u' && tag != 'r' }

// textFields are the fields that tagOf knows.
func textFields() []index.Field {
	return []index.Field{
		index.FieldTitle, index.FieldBrand, index.FieldSeller, index.FieldPlace,
		index.FieldNumber, index.FieldURL, index.FieldReason,
	}
}

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
	b := builder{doc: &document{id: d.ID}, freq: freq, all: api.TokenFrequencies{}}
	for _, f := range textFields() {
		for _, text := range d.TextOf(f) {
			b.line(tagOf(f), fold(text))
		}
		b.flush(string(tagOf(f)))
	}
	rest := d.Folded
	if rest == "" {
		rest = fold(d.Description) + "\n" + fold(d.Text)
	}
	for text := range strings.SplitSeq(rest, "\n") {
		b.line(tagRest, text)
	}
	b.own = nil
	b.add(allText, b.all)
	b.store(storedLines, []byte(b.lines.String()))
	b.store(storedShown, encodeShown(d))

	for _, f := range index.Facets() {
		b.keywords(keywordOf+string(f), d.KeywordsOf(f))
	}
	b.keywords(keywordOf+string(index.FieldID), []string{d.ID})
	var names []string
	for _, r := range d.Rules {
		names = append(names, index.RuleNames(r)...)
	}
	b.keywords(ruleNames, names)
	for _, f := range numberFields() {
		if v, ok := d.NumberOf(f); ok && !math.IsNaN(v) {
			b.keywords(numberOf+string(f), []string{string(sortable(v))})
		}
	}
	return b.doc
}

type builder struct {
	doc   *document
	freq  *api.TokenFreq
	lines strings.Builder
	all   api.TokenFrequencies
	own   api.TokenFrequencies
}

// line cuts one folded text up, and keeps its sequence for looking up what
// terms alone cannot tell.
func (b *builder) line(tag byte, folded string) {
	tokens := index.Tokens(folded)
	if len(tokens) == 0 {
		return
	}
	b.lines.WriteByte(tag)
	b.lines.WriteString(index.Sequence(tokens))
	b.lines.WriteByte('\n')
	if b.own == nil {
		b.own = api.TokenFrequencies{}
	}
	for i, t := range tokens {
		b.term(tag, t.Text)
		if i > 0 && t.Char && tokens[i-1].Char {
			b.term(tag, pair(folded, tokens[i-1], t))
		}
	}
}

func (b *builder) term(tag byte, term string) {
	if tag != tagRest {
		b.own[term] = b.freq
	}
	if byDefault(tag) {
		b.all[term] = b.freq
	}
}

// pair is the term of two characters that follow each other, whatever stood
// between them.
func pair(folded string, a, b index.Token) string {
	if a.End == b.Start {
		return folded[a.Start:b.End]
	}
	return a.Text + b.Text
}

// flush ends a field of text.
func (b *builder) flush(name string) {
	b.add(name, b.own)
	b.own = nil
}

func (b *builder) add(name string, terms api.TokenFrequencies) {
	if len(terms) > 0 {
		b.doc.fields = append(b.doc.fields, &field{name: name, terms: terms, options: api.IndexField})
	}
}

func (b *builder) keywords(name string, values []string) {
	terms := make(api.TokenFrequencies, len(values))
	for _, v := range values {
		if v != "" && len(v) <= maxKeyword {
			terms[v] = b.freq
		}
	}
	b.add(name, terms)
}

// maxKeyword bounds a keyword in bytes; what is longer is no name.
const maxKeyword = 1 << 10

func (b *builder) store(name string, value []byte) {
	b.doc.fields = append(b.doc.fields, &field{name: name, value: value, options: api.StoreField})
}

// sortable writes a number so that the order of the bytes is its order.
func sortable(v float64) []byte {
	bits := math.Float64bits(v)
	if bits>>63 == 1 {
		bits = ^bits
	} else {
		bits |= 1 << 63
	}
	return binary.BigEndian.AppendUint64(nil, bits)
}

// number reads what sortable wrote.
func number(b string) (float64, bool) {
	if len(b) != 8 {
		return 0, false
	}
	bits := binary.BigEndian.Uint64([]byte(b))
	if bits>>63 == 1 {
		bits &^= 1 << 63
	} else {
		bits = ^bits
	}
	return math.Float64frombits(bits), true
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
