package extract

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/markwatch/markwatch"
)

// Limits of one page. A longer body is cut, a deeper tree is flattened: what
// stands before the limit is still read.
const (
	maxBody  = 16 << 20
	maxDepth = 400 // the parser itself refuses more than 512
)

// Document is a page that was decoded and parsed. It is not safe for
// concurrent use.
type Document struct {
	page    *markwatch.Page
	charset string
	root    *html.Node
	// url is the address that answered, base the one that links resolve against.
	url, base *url.URL
	canonical string
	tree
	locale locale
	prof   profile
	ident  identity
	runs   []priceRun // prices shown, in document order; see shownPrices
	ran    bool
	marked []reading // offers of the markup; see structured
	parsed bool
	// things of the markup, kept for the breadcrumbs
	ldItems, microItems []*item
	stateRead           *reading
	stated              bool
	pressed             bool
	presses             []button // see buttons
	grouped             bool
	groups              []tileGroup // see tileGroups
	looked              *visible    // see look
	languageKnown       bool
	languageTag         string // see Language
}

// Parse decodes and parses a page once. It returns an error of CodeInvalid
// where the body is no HTML or cannot be decoded.
func Parse(page *markwatch.Page) (*Document, error) {
	body := page.Body
	if len(body) > maxBody {
		body = body[:maxBody]
	}
	if err := refuseOther(page.ContentType(), body); err != nil {
		return nil, err
	}
	text, name, err := decode(body, page.ContentType())
	if err != nil {
		return nil, err
	}
	root, err := parseHTML(text)
	if err != nil {
		return nil, markwatch.WrapError(markwatch.CodeInvalid, err, "the page cannot be parsed as HTML")
	}
	d := &Document{page: page, charset: name, root: root}
	d.url = pageURL(page)
	d.index(len(text))
	if d.url.Scheme != "http" && d.url.Scheme != "https" {
		if declared := d.declaredAddress(); declared != nil {
			d.url = declared
		}
	}
	d.resolveBase()
	d.locale = d.guessLocale()
	d.prof, d.ident = identify(d.url)
	d.canonical = d.canonicalAddress()
	return d, nil
}

// Charset is the IANA name of the charset that the page was decoded from.
func (d *Document) Charset() string { return d.charset }

func pageURL(page *markwatch.Page) *url.URL {
	for _, raw := range []string{page.FinalURL, page.URL} {
		if u, err := url.Parse(raw); err == nil && raw != "" {
			return u
		}
	}
	return &url.URL{}
}

// refuseOther turns away what is surely no HTML: by the declared type where it
// is specific, else by the first bytes.
func refuseOther(contentType string, body []byte) error {
	declared := strings.ToLower(strings.TrimSpace(strings.SplitN(contentType, ";", 2)[0]))
	for _, prefix := range []string{"image/", "audio/", "video/", "font/"} {
		if strings.HasPrefix(declared, prefix) {
			return markwatch.Errorf(markwatch.CodeInvalid, "the page is %s, not HTML", declared)
		}
	}
	sniffed := http.DetectContentType(body)
	for _, prefix := range []string{"image/", "audio/", "video/", "font/", "application/pdf", "application/zip", "application/x-gzip", "application/x-rar", "application/wasm"} {
		if strings.HasPrefix(sniffed, prefix) {
			return markwatch.Errorf(markwatch.CodeInvalid, "the page is %s, not HTML", sniffed)
		}
	}
	head := bytes.TrimLeft(body[:min(len(body), 512)], " \t\r\n\ufeff")
	if len(head) > 0 && (head[0] == '{' || head[0] == '[') && strings.Contains(declared, "json") {
		return markwatch.Errorf(markwatch.CodeInvalid, "the page is JSON, not HTML")
	}
	return nil
}

// parseHTML parses the text; a tree that is nested too deep for the parser is
// parsed again without the tags beyond the limit, whose text stays.
func parseHTML(text []byte) (*html.Node, error) {
	root, err := tryParse(bytes.NewReader(text))
	if err == nil {
		return root, nil
	}
	return tryParse(strings.NewReader(flatten(text)))
}

func tryParse(r io.Reader) (root *html.Node, err error) {
	defer func() {
		if p := recover(); p != nil {
			root, err = nil, fmt.Errorf("parsing HTML: %v", p)
		}
	}()
	return html.Parse(r)
}

// flatten drops the tags that nest too deep. Bare wrappers go first: an element
// that has a name or attributes of its own is kept for a while longer.
func flatten(text []byte) string {
	var b strings.Builder
	z := html.NewTokenizer(bytes.NewReader(text))
	var kept []bool // of each open element
	depth := 0
	for {
		switch tt := z.Next(); tt {
		case html.ErrorToken:
			return b.String()
		case html.StartTagToken:
			raw := string(z.Raw())
			name, attrs := z.TagName()
			tag := atom.Lookup(name)
			if voidElement(tag) {
				b.WriteString(raw)
				continue
			}
			wrapper := !attrs && (tag == atom.Div || tag == atom.Span || tag == 0)
			keep := depth < maxDepth-100 || depth < maxDepth && !wrapper
			if keep {
				b.WriteString(raw)
				depth++
			}
			kept = append(kept, keep)
		case html.EndTagToken:
			if len(kept) == 0 {
				continue
			}
			if kept[len(kept)-1] {
				b.Write(z.Raw())
				depth--
			}
			kept = kept[:len(kept)-1]
		default:
			b.Write(z.Raw())
		}
	}
}

func voidElement(a atom.Atom) bool {
	switch a {
	case atom.Area, atom.Base, atom.Br, atom.Col, atom.Embed, atom.Hr, atom.Img, atom.Input, atom.Link, atom.Meta, atom.Source, atom.Track, atom.Wbr:
		return true
	}
	return false
}
