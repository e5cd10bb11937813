package extract

import (
	"bytes"
	"net/url"
	"unicode/utf8"

	"github.com/markwatch/markwatch/crawler/canonical"
)

// DecodeText is the text of a document that is not HTML as UTF-8. declared is
// the charset that its header or prolog names, or empty; a declaration that the
// bytes plainly contradict is passed over, as in pages. The error has
// CodeInvalid.
func DecodeText(body []byte, declared string) (string, error) {
	contentType := ""
	if name := knownCharset(declared); name != "" {
		contentType = "text/plain; charset=" + name
	}
	text, _, err := decode(body, contentType)
	return string(text), err
}

// SniffCharset names the charset of a text that declares none by its first
// bytes, which may end amid a character.
func SniffCharset(head []byte) string {
	if name := fromBOM(head); name != "" {
		return name
	}
	if whole := wholeRunes(head); utf8.Valid(whole) && !bytes.Contains(whole, []byte{0}) {
		return "utf-8"
	}
	if name := wideWithoutMark(head); name != "" {
		return name
	}
	return detect(head)
}

// wholeRunes cuts a character off that the end of the bytes cuts in two.
func wholeRunes(b []byte) []byte {
	for i := 1; i < utf8.UTFMax && i <= len(b); i++ {
		if c := b[len(b)-i]; utf8.RuneStart(c) {
			if !utf8.FullRune(b[len(b)-i:]) {
				return b[:len(b)-i]
			}
			break
		}
	}
	return b
}

// ParseJSON reads a JSON text as sites hand it out, numbers as json.Number: a
// broken one as far as it goes, with what stands before the first bracket
// passed over. It returns false where nothing could be read.
func ParseJSON(text string) (any, bool) { return parseJSON(text) }

// ValueText is the text of a value of JSON: a text, a number, the first of a
// list, or the name or value of an object; empty for what has none.
func ValueText(v any) string { return scalar(v) }

// PlainText takes the tags and character references out of a text that holds
// markup and squeezes its white space.
func PlainText(s string) string { return plainText(s) }

// Address is the canonical form of an address found in the document at base;
// it returns false for what leads to no page of the web.
func Address(base *url.URL, ref string) (string, bool) {
	u, err := canonical.Resolve(base, ref)
	return u, err == nil
}
