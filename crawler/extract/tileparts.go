package extract

import (
	"sort"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// noise are names of what stands inside a title's element and is no title.
var noise = []string{"promo", "ad", "ads", "tag", "tags", "label", "badge", "icon", "icons", "subtitle", "desc", "sr", "tooltip"}

// tileTitle is the name of a block's offer. Elements that are named a title
// or are headings are asked first, then what the anchors of the offer say,
// then their title attributes and the picture's alternative text.
func (d *Document) tileTitle(t int32, href string) string {
	e := &d.elems[t]
	best, score := "", 0.0
	offer := func(text string, w float64) {
		text = strings.Trim(squeeze(text), "·|-–— ")
		n := len([]rune(text))
		if n < 2 || n > 500 || !hasLetters(text) {
			return
		}
		w += float64(min(n, 60)) / 60
		if w > score {
			best, score = text, w
		}
	}
	for i := t; i < e.end; i++ {
		el := &d.elems[i]
		n := el.n
		if el.flags&(inStruck|inPrice|inReview) != 0 {
			continue
		}
		heading := n.DataAtom == atom.H1 || n.DataAtom == atom.H2 || n.DataAtom == atom.H3 || n.DataAtom == atom.H4 || n.DataAtom == atom.H5
		title := named(n, "title", "name", "productname", "itemname", "subject", "goodsname") && !named(n, "shop", "store", "seller", "brand", "user", "author", "sub", "subtitle", "nick", "category", "merchant")
		switch {
		case title || heading || attr(n, "itemprop") == "name":
			w := 3.0
			if heading && title {
				w = 3.5
			}
			offer(d.quiet(i), w)
			if a := attr(n, "title"); a != "" && n.DataAtom != atom.A {
				offer(a, 2.4)
			}
		case n.DataAtom == atom.A && sameTarget(attr(n, "href"), href):
			switch {
			case el.flags&inPrice != 0:
			case d.manyLines(i):
				offer(d.longestLine(i), 1.8)
			default:
				offer(d.quiet(i), 1.8)
			}
			offer(attr(n, "title"), 1.6)
			offer(attr(n, "aria-label"), 1.4)
		case n.DataAtom == atom.Img:
			offer(attr(n, "alt"), 1)
		}
	}
	if el := d.elems[t]; score < 1.5 && el.n.DataAtom == atom.A {
		// the block is the anchor itself: its longest text that is no price
		for i := el.text; i < el.tend; i++ {
			if d.elems[d.texts[i].in].flags&(inPrice|inStruck|inReview) == 0 {
				offer(d.texts[i].text, 1.2)
			}
		}
	}
	return best
}

func sameTarget(a, b string) bool {
	if i := strings.IndexByte(a, '#'); i > 0 {
		a = a[:i]
	}
	if i := strings.IndexByte(b, '#'); i > 0 {
		b = b[:i]
	}
	return a == b
}

func hasLetters(s string) bool {
	for _, r := range s {
		if r >= 0x80 || isLetter(byte(r)) {
			return true
		}
	}
	return false
}

// quiet is the text inside an element without prices, struck text and what is
// named a promotion or a badge.
func (d *Document) quiet(i int32) string {
	e := &d.elems[i]
	return squeeze(d.textOf(e.text, e.tend, " ", func(run int32) bool {
		for j := d.texts[run].in; j > i; j = d.elems[j].parent {
			if d.elems[j].flags&(inPrice|inStruck) != 0 || named(d.elems[j].n, noise...) {
				return true
			}
		}
		return false
	}))
}

// manyLines reports whether an element holds texts of more than one line.
func (d *Document) manyLines(i int32) bool {
	e := &d.elems[i]
	for run := e.text + 1; run < e.tend; run++ {
		if d.block(d.texts[run].in) != d.block(d.texts[e.text].in) {
			return true
		}
	}
	return false
}

// longestLine is the longest line inside an element that shows no price, no
// count of units sold and no badge: the name in a block that is an anchor as a
// whole.
func (d *Document) longestLine(i int32) string {
	e := &d.elems[i]
	runs := d.shownPrices()
	k := sort.Search(len(runs), func(k int) bool { return runs[k].text >= e.text })
	best := ""
	for from := e.text; from < e.tend; {
		to := from + 1
		for to < e.tend && d.block(d.texts[to].in) == d.block(d.texts[from].in) {
			to++
		}
		for k < len(runs) && runs[k].text < from {
			k++
		}
		if priced := k < len(runs) && runs[k].text < to && runs[k].standsOut(); !priced {
			line := squeeze(d.textOf(from, to, " ", func(run int32) bool {
				for j := d.texts[run].in; j > i; j = d.elems[j].parent {
					if d.elems[j].flags&(inPrice|inStruck|inReview) != 0 || named(d.elems[j].n, noise...) {
						return true
					}
				}
				return false
			}))
			if _, _, sold := salesOf(line); !sold && utf8.RuneCountInString(line) > utf8.RuneCountInString(best) {
				best = line
			}
		}
		from = to
	}
	return best
}

func (d *Document) tileImage(t int32, r *reading) {
	from := sort.Search(len(d.images), func(k int) bool { return d.images[k] >= t })
	var best *html.Node
	for k := from; k < len(d.images) && d.images[k] < d.elems[t].end; k++ {
		n := d.elems[d.images[k]].n
		if w := attr(n, "width"); len(w) > 0 && len(w) < 3 && w < "50" {
			continue
		}
		best = n
		break
	}
	if best != nil {
		r.image(d.picture(imageSource(best)))
	}
}

// tileFacts reads shop, sales and place of a block.
func (d *Document) tileFacts(t int32, r *reading) {
	e := &d.elems[t]
	region := ""
	for i := t; i < e.end; i++ {
		el := &d.elems[i]
		n := el.n
		if r.Seller == nil && named(n, "shop", "store", "seller", "merchant", "nick", "shopname", "sellernick", "company", "supplier", "vendor", "mall") {
			d.tileSeller(i, r)
		}
		if r.ShipsFrom == "" && region == "" && el.tend > el.text && el.tend-el.text <= 4 {
			switch s := d.inside(i); {
			case len(s) > 40 || s == "":
			case named(n, "procity", "shipfrom", "shipsfrom", "dispatch"):
				r.ShipsFrom = s
			case named(n, "location", "loc", "city", "area", "address", "region", "place", "province"):
				region = s
			}
		}
	}
	// a place beside the shop is the shop's; without one it is the goods'
	if r.Seller != nil && r.Seller.Name != "" {
		set(&r.Seller.Region, region)
	} else {
		set(&r.ShipsFrom, region)
	}
	for i := e.text; i < e.tend; i++ {
		if d.elems[d.texts[i].in].flags&inHidden != 0 {
			continue
		}
		if r.SalesText == "" && strings.ContainsAny(d.texts[i].text, "人件单售销sS0123456789") {
			if text, n, ok := salesOf(squeeze(d.texts[i].text)); ok {
				r.SalesText, r.Sales = text, n
			}
		}
	}
	if r.SalesText == "" {
		if text, n, ok := salesOf(clip(d.inside(t), 1000)); ok {
			r.SalesText, r.Sales = text, n
		}
	}
}

func (d *Document) tileSeller(i int32, r *reading) {
	el := &d.elems[i]
	name, address := "", ""
	for j := i; j < el.end && name == ""; j++ {
		if n := d.elems[j].n; n.DataAtom == atom.A {
			name = d.inside(j)
			if name == "" {
				name = squeeze(attr(n, "title"))
			}
			address = d.absolute(attr(n, "href"))
		}
	}
	if name == "" {
		name = d.inside(i)
	}
	if n := len([]rune(name)); n < 2 || n > 60 {
		return
	}
	r.seller().Name = name
	r.seller().URL = address
	r.seller().Kind = sellerKind(name)
}
