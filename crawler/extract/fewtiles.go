package extract

import "golang.org/x/net/html/atom"

// maxTileElems bounds the elements of a block that makes a list alone.
const maxTileElems = 200

// few makes groups of the blocks that stand alone, where a page has no row at
// all: a shop or a search with one offer.
func (f *tileFinder) few() {
	at := -1
	for i := range f.singles { // inner ones stand before those around them
		if !f.d.offerTiles([]int32{f.singles[i].tile}) {
			continue
		}
		if at < 0 {
			at = i
			continue
		}
		inner, outer := f.singles[at].tile, f.singles[i].tile
		if inner < outer || inner >= f.d.elems[outer].end {
			return // blocks of several kinds are no list
		}
	}
	if at >= 0 {
		one := f.singles[at]
		f.byKey[one.key] = &tileGroup{key: one.key, tiles: []int32{one.tile}}
		f.order, f.singles = append(f.order, one.key), nil
	}
}

// offerTiles reports whether each block has what a tile of an offer has and
// little else has: a picture, a title in an element for it, one link to a page
// of its own on this host, one main price; and whether no price stands outside
// of them.
func (d *Document) offerTiles(tiles []int32) bool {
	if d.sells() || d.ident.item != "" {
		return false
	}
	for _, t := range tiles {
		e := &d.elems[t]
		if e.flags&(inAside|inChrome|inReview|inHidden) != 0 || e.tend-e.text > 30 || e.end-t > maxTileElems {
			return false
		}
		a := d.mainAnchor(t)
		if a < 0 || d.absolute(attr(d.elems[a].n, "href")) == d.canonical {
			return false
		}
		picture, title, price := false, false, false
		for i := t; i < e.end; i++ {
			n := d.elems[i].n
			picture = picture || n.DataAtom == atom.Img
			title = title || n.DataAtom == atom.H2 || n.DataAtom == atom.H3 || n.DataAtom == atom.H4 || named(n, "title", "name", "subject")
			price = price || d.elems[i].flags&(inPrice|inStruck) == inPrice
		}
		if !picture || !title || !price {
			return false
		}
	}
	runs := d.shownPrices()
	for i := range runs {
		if !runs[i].standsOut() || runs[i].flags&(inAside|inChrome|inHidden) != 0 {
			continue
		}
		inside := false
		for _, t := range tiles {
			inside = inside || d.elems[t].text <= runs[i].text && runs[i].text < d.elems[t].tend
		}
		if !inside {
			return false
		}
	}
	return true
}
