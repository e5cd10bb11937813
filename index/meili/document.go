package meili

import (
	"math"
	"strings"
	"unicode/utf8"

	"github.com/markwatch/markwatch/index"
)

// mapping is the version of everything in this file and in code.go: what a
// document looks like on the server. An index of another version is left
// alone, and a new one filled.
const mapping = "1"

// The attributes of a document on the server. A keyword or number has its
// prefix and the name of the index.Field.
const (
	attrKey   = "key"   // the primary key, see key
	attrID    = "id"    // the document's id as it is
	attrOrder = "order" // sorts as the id
	attrGrams = "grams" // tag and 1 to maxGram tokens, see gram
	attrWords = "words" // words of letters with wordEnd, where typos are looked up
	attrLines = "lines" // see index.AppendLine

	keywordOf = "k_"
	ruleNames = keywordOf + "rule_names"
	numberOf  = "n_"

	attrTitle, attrDescription, attrText = "title", "description", "text"
	attrBrand, attrSeller                = "brand", "seller"
	attrRegion, attrPlace                = "region", "place"
	attrNames                            = "names"
)

// maxGram is the number of tokens of the longest run that is a value of its
// own. Four characters are the length of most Chinese names and catchwords.
const maxGram = 4

// wordEnd ends each of attrWords: facet search looks for beginnings, and the
// end keeps a word from standing for all that begin like it. No word of
// letters has a digit.
const wordEnd = "0"

// shortestNear is the number of letters of the shortest word that a word of
// four letters may stand for.
const shortestNear = 3

// numberFields have an attribute each.
func numberFields() []index.Field {
	return []index.Field{index.FieldScore, index.FieldPrice, index.FieldSales, index.FieldSeen, index.FieldFirst}
}

// document is what the server holds of a search view.
type document map[string]any

func newDocument(d *index.Document, fold func(string) string) document {
	m := document{
		attrKey: key(d.ID), attrID: d.ID, attrOrder: order(d.ID),
		attrTitle: d.Title, attrDescription: d.Description, attrText: d.Text, attrBrand: d.Brand,
		attrSeller: d.Seller, attrRegion: d.SellerRegion, attrPlace: d.Place, attrNames: d.Names,
	}
	var grams, words collected
	var lines []byte
	for tag, text := range d.Lines(fold) {
		tokens := index.Tokens(text)
		if len(tokens) == 0 {
			continue
		}
		lines = index.AppendLine(lines, tag, tokens)
		for i, t := range tokens {
			for n := 1; n <= maxGram && i+n <= len(tokens); n++ {
				grams.add(gram(tag, tokens[i:i+n]))
			}
			if !t.Char && utf8.RuneCountInString(t.Text) >= shortestNear && (t.Text[0] < '0' || t.Text[0] > '9') {
				words.add(t.Text + wordEnd)
			}
		}
	}
	m[attrLines], m[attrGrams], m[attrWords] = string(lines), grams.list, words.list
	for _, f := range index.Facets() {
		m[keywordOf+string(f)] = codes(d.KeywordsOf(f))
	}
	var names []string
	for _, r := range d.Rules {
		names = append(names, index.RuleNames(index.Keyword(r))...)
	}
	m[ruleNames] = codes(names)
	for _, f := range numberFields() {
		// What a document does not have it does not bring: sorted by it, it
		// comes last, and it is in no range.
		if v, ok := d.NumberOf(f); ok && !math.IsNaN(v) && !math.IsInf(v, 0) {
			m[numberOf+string(f)] = v
		}
	}
	return m
}

// gram is the value of a run of tokens in the lines of a tag.
func gram(tag byte, tokens []index.Token) string {
	text := strings.Trim(index.Sequence(tokens), " ")
	return code(string(tag) + strings.ReplaceAll(text, " ", "_"))
}

func codes(values []string) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = code(v)
	}
	return out
}

// collected is a list without repetitions.
type collected struct {
	list []string
	seen map[string]bool
}

func (c *collected) add(s string) {
	if c.seen == nil {
		c.seen = map[string]bool{}
	}
	if !c.seen[s] {
		c.seen[s] = true
		c.list = append(c.list, s)
	}
}

// shown is what is read of a hit.
type shown struct {
	Key         string  `json:"key"`
	ID          string  `json:"id"`
	Score       float64 `json:"n_score"`
	Title       string  `json:"title"`
	Description string  `json:"description"`
	Text        string  `json:"text"`
	Brand       string  `json:"brand"`
	Seller      string  `json:"seller"`
	Region      string  `json:"region"`
	Place       string  `json:"place"`
	Lines       string  `json:"lines"`
}

// document is the part of a search view that is highlighted.
func (s *shown) document() index.Document {
	return index.Document{
		ID: s.ID, Title: s.Title, Description: s.Description, Text: s.Text, Brand: s.Brand,
		Seller: s.Seller, SellerRegion: s.Region, Place: s.Place,
	}
}
