package index

import (
	"bytes"
	"iter"
	"strings"
)

// TagRest is the tag of text that has no field of its own.
const TagRest = 'x'

// TagsByDefault are the tags of the lines that a term without a field
// searches.
const TagsByDefault = "tbspnx"

// TagOf is the letter that stands for a field of text in Lines, 0 for any
// other field.
func TagOf(f Field) byte {
	switch f {
	case FieldTitle:
		return 't'
	case FieldBrand:
		return 'b'
	case FieldSeller:
		return 's'
	case FieldPlace:
		return 'p'
	case FieldNumber:
		return 'n'
	case FieldURL:
		return 'u'
	case FieldReason:
		return 'r'
	}
	return 0
}

// Tags are the tags of the lines that the term searches.
func (t Term) Tags() string {
	if t.Field == "" {
		return TagsByDefault
	}
	return string(TagOf(t.Field))
}

// textFields are the fields that TagOf knows.
func textFields() []Field {
	return []Field{FieldTitle, FieldBrand, FieldSeller, FieldPlace, FieldNumber, FieldURL, FieldReason}
}

// Lines yields the folded texts of a document with their tags; those of one
// tag follow each other. A match never goes over the end of a line.
func (d *Document) Lines(fold func(string) string) iter.Seq2[byte, string] {
	return func(yield func(byte, string) bool) {
		for _, f := range textFields() {
			for _, text := range d.TextOf(f) {
				if !yield(TagOf(f), fold(text)) {
					return
				}
			}
		}
		rest := d.Folded
		if rest == "" {
			rest = fold(d.Description) + "\n" + fold(d.Text)
		}
		for text := range strings.SplitSeq(rest, "\n") {
			if !yield(TagRest, text) {
				return
			}
		}
	}
}

// AppendLine adds a line to those that HoldsLine looks through: its tag, and
// the Sequence of its tokens.
func AppendLine(lines []byte, tag byte, tokens []Token) []byte {
	lines = append(lines, tag)
	lines = AppendSequence(lines, tokens)
	return append(lines, '\n')
}

// HoldsLine says whether a line with one of the tags holds a Needle.
func HoldsLine(lines []byte, tags string, needle []byte) bool {
	for from := 0; ; {
		at := bytes.Index(lines[from:], needle)
		if at < 0 {
			return false
		}
		at += from
		if strings.IndexByte(tags, lines[bytes.LastIndexByte(lines[:at], '\n')+1]) >= 0 {
			return true
		}
		from = at + 1
	}
}
