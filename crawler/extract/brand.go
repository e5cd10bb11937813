package extract

import (
	"net/url"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// ParseBrand reads the brand out of a fragment of HTML that a page gives as
// its brand: the visible text, else the alternative text or title of the
// picture that stands for it. It returns "" where the fragment names none.
func ParseBrand(fragment string) string {
	root, err := tryParse(strings.NewReader(clip(fragment, 64<<10)))
	if err != nil {
		return ""
	}
	return brandText(nodeName(root))
}

// nodeName is how a node calls itself: its text, else what its picture says.
func nodeName(n *html.Node) string {
	if s := nodeText(n); s != "" {
		return s
	}
	return pictureName(n, 0)
}

func pictureName(n *html.Node, depth int) string {
	if n.Type == html.ElementNode && (n.DataAtom == atom.Img || n.DataAtom == atom.Svg) {
		for _, key := range []string{"alt", "title", "aria-label"} {
			if s := squeeze(attr(n, key)); s != "" {
				return s
			}
		}
	}
	if depth > 20 {
		return ""
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if s := pictureName(c, depth+1); s != "" {
			return s
		}
	}
	return ""
}

// brandSegments are path segments of addresses that list the goods of a brand.
var brandSegments = map[string]bool{"brand": true, "brands": true, "marke": true, "marken": true, "marca": true, "marcas": true, "marque": true, "marques": true, "merk": true, "merken": true, "manufacturer": true, "manufacturers": true, "hersteller": true, "producent": true, "producenci": true, "designer": true, "designers": true, "znacka": true, "brend": true, "vendors": true}

// brandReach is how far from the heading a brand may stand, in text runs.
const brandReach = 60

// shownBrand is the brand that stands beside the heading without markup: in an
// element that is named a brand, or as a link to the brand's goods.
func (d *Document) shownBrand(heading int32) string {
	if heading < 0 {
		return ""
	}
	at := d.elems[heading].text
	near := func(i int32) bool {
		e := &d.elems[i]
		return e.flags&(inChrome|inAside|inReview|inHidden|inPrice) == 0 && e.text > at-8 && e.text < at+brandReach && e.tend-e.text <= 4
	}
	first := max(0, heading-200)
	for i := first; i < int32(len(d.elems)) && d.elems[i].text < at+brandReach; i++ {
		n := d.elems[i].n
		if len(n.Attr) == 0 || !near(i) || !named(n, "brand", "productbrand", "brandname", "vendor", "manufacturer", "marke", "marque", "producent", "hersteller", "znacka", "designer") {
			continue
		}
		if named(n, "navbar", "logo", "site", "header", "brands", "store", "shop", "seller") {
			continue
		}
		if s := d.asBrand(nodeName(n), true); s != "" {
			return s
		}
	}
	for _, i := range d.anchors {
		if i < first || !near(i) {
			continue
		}
		u, err := url.Parse(attr(d.elems[i].n, "href"))
		if err != nil {
			continue
		}
		segments := strings.Split(strings.Trim(u.Path, "/"), "/")
		for k, s := range segments {
			if (brandSegments[strings.ToLower(s)] || strings.HasPrefix(strings.ToLower(s), "brand-")) && (k+1 < len(segments) || u.RawQuery != "") {
				if s := d.asBrand(nodeName(d.elems[i].n), false); s != "" {
					return s
				}
			}
		}
	}
	return ""
}

// showsBrand reports whether the page shows a name by itself, in its own part:
// what the data of scripts calls a brand is no declaration to the reader where
// nothing shows it.
func (d *Document) showsBrand(name string) bool {
	key := letters(name)
	for i := range d.texts {
		run := &d.texts[i]
		if len(run.text) > len(name)+40 || d.elems[run.in].flags&(passing|inHeading) != 0 {
			continue
		}
		if letters(run.text) != key || d.inTiles(int32(i)) {
			continue
		}
		if i > 0 {
			if label := squeeze(d.texts[i-1].text); label != strings.TrimRight(label, colons) {
				if field, _ := labelOf(label); field != "brand" {
					continue // it is shown for something else: a publisher, a shop
				}
			}
		}
		return true
	}
	return false
}

// asBrand takes the label off and refuses what is no name of a brand: other
// sentences, invitations to see more, and the site's own name where no element
// calls it a brand (a shop may sell its own).
func (d *Document) asBrand(s string, called bool) string {
	if i := indexColon(s); i > 0 {
		field, _ := labelOf(s[:i])
		if field != "brand" {
			return ""
		}
		s = strings.TrimLeft(s[i:], colons+" ")
	}
	s = brandText(s)
	lower := strings.ToLower(s)
	if rest, ok := strings.CutPrefix(lower, "by "); ok {
		s = s[len(s)-len(rest):]
	}
	if n := len([]rune(s)); n < 2 || n > 40 || !hasLetters(s) || !called && d.namesSite(s) {
		return ""
	}
	if field, _ := labelOf(s); field == "brand" || notBrand.in(lower) {
		return ""
	}
	return s
}

// notBrand are words of links and captions beside a brand.
var notBrand = newWords("from the", "more from", "see all", "view all", "show all", "all products", "all brands", "shop now", "shop all", "visit", "logo", "read more", "alle produkte", "mehr von", "wszystkie", "查看", "更多", "进入")
