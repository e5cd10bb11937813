package extract

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/markwatch/markwatch"
)

// microdata reads the items of https://html.spec.whatwg.org/multipage/microdata.html,
// itemref included.
func (d *Document) microdata() []*item {
	if len(d.scopes) == 0 {
		return nil
	}
	m := microdataReader{d: d}
	var tops []*item
	for _, i := range d.scopes {
		n := d.elems[i].n
		if hasAttr(n, "itemprop") || len(tops) >= 2000 {
			continue
		}
		if it := m.item(n, 0); it != nil {
			tops = append(tops, it)
		}
	}
	return tops
}

type microdataReader struct {
	d    *Document
	ids  map[string]*html.Node
	read int // nodes seen, against itemref bombs
}

func (m *microdataReader) item(n *html.Node, depth int) *item {
	if depth > 16 || m.read > maxNodes {
		return nil
	}
	it := &item{node: n, id: attr(n, "itemid")}
	for t := range strings.FieldsSeq(attr(n, "itemtype")) {
		it.types = append(it.types, localName(t))
	}
	m.properties(n, it, depth)
	if refs := attr(n, "itemref"); refs != "" {
		for id := range strings.FieldsSeq(refs) {
			target := m.byID(id)
			switch {
			case target == nil || within(n, target):
			case hasAttr(target, "itemscope") && !hasAttr(target, "itemprop"):
				// a thing of its own that is referred to for its properties, as
				// pages mean it; the standard would take nothing from it
				m.properties(target, it, depth+1)
			default:
				m.element(target, it, depth)
			}
		}
	}
	return it
}

// within reports whether n stands inside target: such a reference is a loop.
func within(n, target *html.Node) bool {
	for ; n != nil; n = n.Parent {
		if n == target {
			return true
		}
	}
	return false
}

func (m *microdataReader) byID(id string) *html.Node {
	if m.ids == nil {
		m.ids = map[string]*html.Node{}
		for i := range m.d.elems {
			n := m.d.elems[i].n
			if v := attr(n, "id"); v != "" && m.ids[v] == nil {
				m.ids[v] = n
			}
		}
	}
	return m.ids[id]
}

func (m *microdataReader) properties(n *html.Node, it *item, depth int) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode {
			m.element(c, it, depth)
		}
	}
}

func (m *microdataReader) element(n *html.Node, it *item, depth int) {
	m.read++
	if m.read > maxNodes {
		return
	}
	props := attr(n, "itemprop")
	if hasAttr(n, "itemscope") {
		if props != "" {
			if inner := m.item(n, depth+1); inner != nil {
				if len(inner.props) == 0 {
					m.addAll(it, props, value{text: m.value(n)})
					return
				}
				m.addAll(it, props, value{item: inner})
			}
		}
		return
	}
	switch {
	case props == "":
	case n.DataAtom == atom.Input && strings.HasSuffix(props, "-input"):
		// https://schema.org/docs/actions.html: what a field asks for
		inner := &item{node: n}
		inner.add("valueName", value{text: attr(n, "name")})
		if hasAttr(n, "required") {
			inner.add("valueRequired", value{text: "true"})
		}
		m.addAll(it, props, value{item: inner})
	default:
		m.addAll(it, props, value{text: m.value(n)})
	}
	m.properties(n, it, depth)
}

func (m *microdataReader) addAll(it *item, props string, v value) {
	for p := range strings.FieldsSeq(props) {
		it.add(p, v)
	}
}

// value is a property's value by its element. A content attribute counts on
// any element, as shops write it.
func (m *microdataReader) value(n *html.Node) string {
	if hasAttr(n, "content") {
		return strings.TrimSpace(attr(n, "content"))
	}
	switch prop := strings.ToLower(attr(n, "itemprop")); prop {
	case "brand", "manufacturer", "name":
		// a name that is a picture is what the picture says
		if n.DataAtom == atom.Img || nodeText(n) == "" {
			if s := pictureName(n, 0); s != "" {
				return s
			}
		}
	}
	switch n.DataAtom {
	case atom.Img, atom.Audio, atom.Embed, atom.Iframe, atom.Source, atom.Track, atom.Video:
		if s := imageSource(n); s != "" {
			return s
		}
	case atom.A, atom.Area, atom.Link:
		// an anchor that is named a name is meant by its text, as shops write it
		switch strings.ToLower(attr(n, "itemprop")) {
		case "name", "brand", "manufacturer", "category", "seller", "author", "title", "headline", "sku", "mpn", "model", "price", "description", "availability", "itemcondition":
			if s := nodeText(n); s != "" && n.DataAtom == atom.A {
				return s
			}
		}
		return attr(n, "href")
	case atom.Object:
		return attr(n, "data")
	case atom.Data, atom.Meter:
		return attr(n, "value")
	case atom.Time:
		if hasAttr(n, "datetime") {
			return attr(n, "datetime")
		}
	case atom.Meta:
		return ""
	}
	return nodeText(n)
}

// nodeText is the text inside a node, hidden or not.
func nodeText(n *html.Node) string {
	var b strings.Builder
	collectText(n, &b, 0)
	return squeeze(b.String())
}

func collectText(n *html.Node, b *strings.Builder, depth int) {
	if depth > maxDepth+200 || b.Len() > 64<<10 {
		return
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch c.Type {
		case html.TextNode:
			b.WriteString(c.Data)
		case html.ElementNode:
			if c.DataAtom == atom.Script || c.DataAtom == atom.Style || c.DataAtom == atom.Noscript {
				continue
			}
			if c.DataAtom == atom.Br || c.DataAtom == atom.P || c.DataAtom == atom.Div || c.DataAtom == atom.Li || c.DataAtom == atom.Td {
				b.WriteByte(' ')
			}
			collectText(c, b, depth+1)
		}
	}
}

func (d *Document) microdataReadings() []reading {
	d.microItems = d.microdata()
	return d.products(d.microItems, markwatch.OriginMicrodata)
}
