package feed

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

const (
	maxDepth    = 64    // elements within each other
	maxNodes    = 2_000 // elements of one entry
	maxNodeText = 256 << 10
	// maxRestarts bounds how often reading goes on behind broken markup.
	maxRestarts = 100
)

// node is an element of an entry.
type node struct {
	// name is the local name in lower case; ns is a short name of the
	// namespace: "g", "image", "news", "media", "dc", "shop", "xhtml", "" for
	// the formats' own, else the namespace as written.
	ns, name string
	attrs    []xml.Attr
	text     string
	kids     []*node
}

// namespaces are recognised by a part of their address, or by the usual prefix
// where a document does not declare it.
var namespaces = []struct{ part, prefix, ns string }{
	{"base.google.com", "g", "g"}, {"sitemap-image", "image", "image"}, {"sitemap-news", "news", "news"}, {"sitemap-video", "video", "video"},
	{"search.yahoo.com/mrss", "media", "media"}, {"purl.org/dc/", "dc", "dc"}, {"jadedpixel.com", "s", "shop"}, {"shopify", "shopify", "shop"}, {"1999/xhtml", "xhtml", "xhtml"},
	{"purl.org/rss/1.0/modules/content", "content", "content"}, {"feedburner", "feedburner", "feedburner"}, {"2005/atom", "atom", "atom"},
	{"sitemaps.org/", "", ""}, {"google.com/schemas/sitemap/0", "", ""}, {"purl.org/rss/1.0/", "", ""}, {"rdf-syntax", "rdf", "rdf"}, {"purl.org/atom", "", "atom"},
}

func namespace(space string) string {
	if space == "" {
		return ""
	}
	space = strings.ToLower(space)
	for _, row := range namespaces {
		if strings.Contains(space, row.part) || space == row.prefix {
			return row.ns
		}
	}
	return space
}

// kid is the first child of that name, in the first namespace that has one.
func (n *node) kid(name string, spaces ...string) *node {
	for _, ns := range spaces {
		for _, k := range n.kids {
			if k.name == name && k.ns == ns {
				return k
			}
		}
	}
	return nil
}

// value is the text of a child, "" where there is none.
func (n *node) value(name string, spaces ...string) string {
	for _, ns := range spaces {
		for _, k := range n.kids {
			if k.name == name && k.ns == ns {
				if s := strings.TrimSpace(k.text); s != "" {
					return s
				}
			}
		}
	}
	return ""
}

// says reports whether a broken entry holds something.
func (n *node) says() bool {
	for _, k := range n.kids {
		if strings.TrimSpace(k.text) != "" {
			return true
		}
	}
	return false
}

func (n *node) attr(name string) string {
	for _, a := range n.attrs {
		if strings.EqualFold(a.Name.Local, name) {
			return strings.TrimSpace(a.Value)
		}
	}
	return ""
}

// readXML tells the kind by the root element and reads entry by entry. Behind
// broken markup it goes on with the next entry.
func (r *reader) readXML() error {
	text := strings.Map(legal, r.text)
	offset, root := 0, ""
	for restart := 0; ; restart++ {
		d := xmlDecoder(root + text[offset:])
		err := r.entries(d)
		if err == nil || errors.Is(err, errFull) {
			return nil
		}
		if r.Kind == "" {
			return err
		}
		at := offset + int(d.InputOffset()) - len(root)
		if errors.Is(err, io.ErrUnexpectedEOF) || strings.Contains(err.Error(), "unexpected EOF") {
			r.problem("the document breaks off")
			return nil
		}
		r.problem("broken XML at line %d: %v", strings.Count(text[:min(at, len(text))], "\n")+1, err)
		next := nextEntry(text, at)
		if next < 0 || restart >= maxRestarts {
			return nil
		}
		// the root element declares the prefixes, and is closed at the end
		offset, root = next, rootTag(text)
	}
}

// rootTag is the start tag of the first element, which is known to be one.
func rootTag(text string) string {
	d := xmlDecoder(text)
	for {
		from := d.InputOffset()
		token, err := d.Token()
		if err != nil {
			return ""
		}
		if _, ok := token.(xml.StartElement); ok {
			return text[from:d.InputOffset()]
		}
	}
}

// xmlDecoder forgives what feeds do wrong. encoding/xml reads no external
// entities and expands none that a DTD declares, so that neither can be used
// against us.
func xmlDecoder(text string) *xml.Decoder {
	d := xml.NewDecoder(strings.NewReader(text))
	d.Strict = false
	d.Entity = xml.HTMLEntity
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // it is UTF-8 by now
	return d
}

// legal drops the characters that no XML may hold.
func legal(c rune) rune {
	if c < 0x20 && c != '\t' && c != '\n' && c != '\r' || c == 0xfffe || c == 0xffff {
		return -1
	}
	return c
}

// nextEntry is where the next entry begins behind at.
func nextEntry(text string, at int) int {
	for i := at; i < len(text); {
		j := strings.IndexByte(text[i:], '<')
		if j < 0 {
			return -1
		}
		i += j
		for _, tag := range []string{"<url>", "<sitemap>", "<item>", "<item ", "<entry>", "<entry "} {
			if strings.HasPrefix(text[i:], tag) {
				return i
			}
		}
		i++
	}
	return -1
}

// errFull ends the reading where a list is full.
var errFull = errors.New("the list is full")

// entries reads until the document ends.
func (r *reader) entries(d *xml.Decoder) error {
	depth := 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			if r.Kind == "" {
				return notAFeed("XML without an element")
			}
			return nil
		}
		if err != nil {
			if r.Kind == "" {
				return notAFeed(fmt.Sprintf("broken XML (%v)", err))
			}
			return err
		}
		switch t := token.(type) {
		case xml.EndElement:
			depth--
		case xml.StartElement:
			depth++
			if r.Kind == "" {
				if err := r.root(t); err != nil {
					return err
				}
				continue
			}
			if depth > maxDepth {
				r.problem("elements stand more than %d deep within each other", maxDepth)
				return errFull
			}
			done, err := r.element(d, t)
			if err != nil {
				return err
			}
			if done {
				depth--
			}
		}
	}
}

// root tells the kind.
func (r *reader) root(t xml.StartElement) error {
	switch strings.ToLower(t.Name.Local) {
	case "urlset":
		r.Kind = Sitemap
	case "sitemapindex":
		r.Kind = SitemapIndex
	case "rss", "rdf", "channel":
		r.Kind = RSS
	case "feed":
		r.Kind = Atom
		r.rebase(t.Attr)
	case "html":
		return notAFeed("an HTML page")
	default:
		return notAFeed(fmt.Sprintf("XML of the element <%s>", shorten(t.Name.Local, 40)))
	}
	return nil
}

// rebase follows xml:base, to which Atom's addresses are relative.
func (r *reader) rebase(attrs []xml.Attr) {
	for _, a := range attrs {
		if a.Name.Local == "base" && a.Value != "" {
			if u, err := r.base.Parse(strings.TrimSpace(a.Value)); err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" {
				r.base = u
			}
		}
	}
}

// element reads an entry with what it holds; done says that its end was read.
func (r *reader) element(d *xml.Decoder, t xml.StartElement) (done bool, err error) {
	var use func(*node) bool
	name, ns := strings.ToLower(t.Name.Local), namespace(t.Name.Space)
	switch {
	case name == "url" && ns == "":
		use = r.sitemapURL
	case name == "sitemap" && ns == "":
		use = r.sitemapSitemap
	case name == "item" && ns == "":
		use = r.item
	case name == "entry" && (ns == "atom" || ns == ""):
		use = r.entry
	case name == "link" && ns == "atom":
		use = r.feedLink
	case name == "link" && r.Kind == Atom && ns == "":
		use = r.feedLink
	default:
		return false, nil
	}
	n, err := readNode(d, t)
	if n != nil && (err == nil || n.says()) && !use(n) {
		return true, errFull
	}
	return true, err
}

var errBig = errors.New("an entry is larger than any honest one")

// readNode reads an element to its end. Of a broken one it returns what was
// read beside the error.
func readNode(d *xml.Decoder, start xml.StartElement) (*node, error) {
	top := &node{ns: namespace(start.Name.Space), name: strings.ToLower(start.Name.Local), attrs: start.Copy().Attr}
	stack := []*node{top}
	texts := []*strings.Builder{{}}
	nodes := 1
	for len(stack) > 0 {
		token, err := d.Token()
		if err != nil {
			return top, err
		}
		last := len(stack) - 1
		switch t := token.(type) {
		case xml.StartElement:
			if nodes++; nodes > maxNodes || len(stack) > maxDepth {
				return nil, errBig
			}
			k := &node{ns: namespace(t.Name.Space), name: strings.ToLower(t.Name.Local), attrs: t.Copy().Attr}
			stack[last].kids = append(stack[last].kids, k)
			stack, texts = append(stack, k), append(texts, &strings.Builder{})
		case xml.CharData:
			if texts[last].Len()+len(t) <= maxNodeText {
				texts[last].Write(t)
			}
		case xml.EndElement:
			stack[last].text = texts[last].String()
			stack, texts = stack[:last], texts[:last]
		}
	}
	return top, nil
}
