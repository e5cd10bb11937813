package extract

import (
	"bytes"
	"mime"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding/htmlindex"

	"github.com/markwatch/markwatch"
)

// decode returns the body as UTF-8, itself where it is so, and the name of its charset. A byte order
// mark decides, then the HTTP header, then the page's meta element, then the
// bytes. A declaration that the bytes plainly contradict is passed over: pages
// converted to UTF-8 keep their old GBK declaration, and a default charset of
// the server says nothing of the page.
func decode(body []byte, contentType string) (text []byte, name string, err error) {
	if len(body) == 0 {
		return nil, "utf-8", nil
	}
	if name := fromBOM(body); name != "" {
		return decodeAs(body, name)
	}
	declared := fromHeader(contentType)
	if declared == "" {
		declared = fromMeta(body)
	}
	if declared == "utf-8" || declared == "" || multibyte(body) {
		if utf8.Valid(body) && !bytes.Contains(body, []byte{0}) {
			return body, "utf-8", nil
		}
	}
	if wide := wideWithoutMark(body); wide != "" {
		return decodeAs(body, wide)
	}
	if looksBinary(body) {
		return nil, "", markwatch.Errorf(markwatch.CodeInvalid, "the page is binary data, not HTML")
	}
	if declared != "" && !strings.HasPrefix(declared, "utf-16") {
		text, name, err := decodeAs(body, declared)
		if err == nil && broken(text) <= 0.02 {
			return text, name, nil
		}
	}
	return decodeAs(body, detect(body))
}

func decodeAs(body []byte, name string) ([]byte, string, error) {
	enc, err := htmlindex.Get(name)
	if err != nil {
		return nil, "", markwatch.WrapError(markwatch.CodeInvalid, err, "the page's charset %q is not known", name)
	}
	if canonical, err := htmlindex.Name(enc); err == nil {
		name = canonical
	}
	if name == "utf-8" {
		body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
		return bytes.ToValidUTF8(body, []byte("\ufffd")), name, nil
	}
	out, err := enc.NewDecoder().Bytes(body)
	if err != nil {
		return nil, "", markwatch.WrapError(markwatch.CodeInvalid, err, "the page cannot be decoded as %s", name)
	}
	return bytes.TrimPrefix(out, []byte("\ufeff")), name, nil
}

func fromBOM(body []byte) string {
	switch {
	case bytes.HasPrefix(body, []byte("\xef\xbb\xbf")):
		return "utf-8"
	case bytes.HasPrefix(body, []byte("\xff\xfe")):
		return "utf-16le"
	case bytes.HasPrefix(body, []byte("\xfe\xff")):
		return "utf-16be"
	}
	return ""
}

func fromHeader(contentType string) string {
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return ""
	}
	return knownCharset(params["charset"])
}

func knownCharset(label string) string {
	enc, name := charset.Lookup(strings.Trim(label, `"' `))
	if enc == nil {
		return ""
	}
	if name == "gbk" {
		return "gb18030" // its superset; pages that say gb2312 use both
	}
	return name
}

// fromMeta reads <meta charset> or <meta http-equiv=content-type> out of the
// first bytes; UTF-16 named there means UTF-8, since it was readable.
func fromMeta(body []byte) string {
	head := bytes.ToLower(body[:min(len(body), 4096)])
	for {
		i := bytes.Index(head, []byte("<meta"))
		if i < 0 {
			return ""
		}
		head = head[i+5:]
		tag, _, _ := bytes.Cut(head, []byte(">"))
		_, value, found := bytes.Cut(tag, []byte("charset"))
		if !found {
			continue
		}
		value = bytes.TrimLeft(value, " \t\r\n")
		if !bytes.HasPrefix(value, []byte("=")) {
			continue
		}
		value = bytes.TrimLeft(value[1:], " \t\r\n\"'")
		end := bytes.IndexAny(value, " \t\r\n\"';/>")
		if end < 0 {
			end = len(value)
		}
		if name := knownCharset(string(value[:end])); name != "" {
			if strings.HasPrefix(name, "utf-16") {
				return "utf-8"
			}
			return name
		}
	}
}

// multibyte reports whether the bytes hold enough UTF-8 sequences that another
// charset cannot be meant: text of three such sequences of three bytes is
// practically never valid UTF-8 by accident.
func multibyte(body []byte) bool {
	seen := 0
	for i := 0; i < len(body); {
		c := body[i]
		if c < 0x80 {
			i++
			continue
		}
		r, n := utf8.DecodeRune(body[i:])
		if r == utf8.RuneError && n == 1 {
			return false
		}
		seen += n - 1
		if seen >= 12 {
			return true
		}
		i += n
	}
	return false
}

// broken is the share of characters that could not be decoded among those
// outside ASCII.
func broken(text []byte) float64 {
	bad, all := 0, 0
	for i := 0; i < len(text); {
		if text[i] < 0x80 {
			i++
			continue
		}
		r, n := utf8.DecodeRune(text[i:])
		i += n
		all++
		if r == utf8.RuneError {
			bad++
		}
	}
	if all == 0 {
		return 0
	}
	return float64(bad) / float64(all)
}

// wideWithoutMark recognises UTF-16 without a byte order mark by the zero
// bytes of its ASCII markup.
func wideWithoutMark(body []byte) string {
	head := body[:min(len(body), 1024)&^1]
	even, odd := 0, 0
	for i := 0; i < len(head); i += 2 {
		if head[i] == 0 {
			even++
		}
		if head[i+1] == 0 {
			odd++
		}
	}
	switch half := len(head) / 2; {
	case half < 8:
		return ""
	case odd*3 > half && even*20 < half:
		return "utf-16le"
	case even*3 > half && odd*20 < half:
		return "utf-16be"
	}
	return ""
}

func looksBinary(body []byte) bool {
	head := body[:min(len(body), 4096)]
	control := 0
	for _, c := range head {
		if c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 0x1b {
			control++
		}
	}
	return control*20 > len(head)
}
