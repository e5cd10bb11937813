package extract

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/markwatch/markwatch"
)

// rdfa reads RDFa Lite (https://www.w3.org/TR/rdfa-lite/): vocab is ignored and
// names count by their last part, so that prefixes need no resolving.
func (d *Document) rdfa() []*item {
	var tops []*item
	for _, i := range d.typed {
		n := d.elems[i].n
		if hasAttr(n, "property") || hasAttr(n, "rel") && d.insideTyped(n) || len(tops) >= 2000 {
			continue
		}
		tops = append(tops, d.rdfaItem(n, 0))
	}
	return tops
}

func (d *Document) insideTyped(n *html.Node) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if hasAttr(p, "typeof") {
			return true
		}
	}
	return false
}

func (d *Document) rdfaItem(n *html.Node, depth int) *item {
	it := &item{node: n, id: attr(n, "resource")}
	for t := range strings.FieldsSeq(attr(n, "typeof")) {
		it.types = append(it.types, localName(t))
	}
	if depth < 16 {
		d.rdfaProperties(n, it, depth)
	}
	return it
}

func (d *Document) rdfaProperties(n *html.Node, it *item, depth int) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type != html.ElementNode {
			continue
		}
		props := attr(c, "property")
		if hasAttr(c, "typeof") {
			if props == "" {
				props = attr(c, "rel")
			}
			if props != "" {
				inner := value{item: d.rdfaItem(c, depth+1)}
				for p := range strings.FieldsSeq(props) {
					it.add(p, inner)
				}
			}
			continue
		}
		if props != "" {
			v := value{text: rdfaValue(c)}
			for p := range strings.FieldsSeq(props) {
				it.add(p, v)
			}
		}
		d.rdfaProperties(c, it, depth)
	}
}

func rdfaValue(n *html.Node) string {
	if hasAttr(n, "content") {
		return strings.TrimSpace(attr(n, "content"))
	}
	if n.DataAtom == atom.Img {
		return imageSource(n)
	}
	for _, key := range []string{"resource", "href", "src", "datetime"} {
		if v := attr(n, key); v != "" && (key != "href" || nodeText(n) == "" || localName(attr(n, "property")) == "url") {
			return v
		}
	}
	return nodeText(n)
}

func (d *Document) rdfaReadings() []reading {
	return d.products(d.rdfa(), markwatch.OriginRDFa)
}
