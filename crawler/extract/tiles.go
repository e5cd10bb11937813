package extract

import (
	"sort"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/atom"

	"github.com/markwatch/markwatch"
)

// tileGroup is a row of blocks that are built alike, each with a link and a
// price: a result page's offers.
type tileGroup struct {
	key   string
	tiles []int32    // elements, in order
	ranks [][2]int32 // text runs of each
	score float64
	// sure is set where each block has all that an offer's tile has, so that
	// one or two of them are a list too; see Document.offerTile.
	sure bool
}

func (g *tileGroup) holds(text int32) bool {
	i := sort.Search(len(g.ranks), func(i int) bool { return g.ranks[i][1] > text })
	return i < len(g.ranks) && g.ranks[i][0] <= text
}

// Bounds of what is taken for a tile.
const (
	minTiles    = 3
	maxTileText = 120 // text runs of one tile
	maxTiles    = 600
)

// tileGroups finds the rows of blocks. A parent whose children share a tag and
// first class name and hold a price and a link each gives a group; where
// groups nest, the innermost that still link to different pages counts, and
// groups built alike in several parents are one.
func (d *Document) tileGroups() []tileGroup {
	if !d.grouped {
		d.grouped, d.groups = true, d.findTiles()
	}
	return d.groups
}

func (d *Document) findTiles() []tileGroup {
	runs := d.shownPrices()
	if len(runs) == 0 {
		return nil
	}
	before := make([]int32, len(d.texts)+1) // prices before a text run
	for i := range runs {
		if runs[i].standsOut() {
			before[runs[i].text+1]++
		}
	}
	for i := 1; i < len(before); i++ {
		before[i] += before[i-1]
	}
	prices := func(i int32) int32 { return before[d.elems[i].tend] - before[d.elems[i].text] }

	f := tileFinder{d: d, prices: prices, byKey: map[string]*tileGroup{}}
	for c := int32(0); c < int32(len(d.elems)); c = d.elems[c].end {
		if prices(c) >= 1 {
			f.search(c, 0)
		}
	}
	for _, one := range f.singles {
		if g := f.byKey[one.key]; g != nil {
			g.tiles = append(g.tiles, one.tile)
		}
	}
	least := minTiles
	if d.ident.list {
		least = 2
	}
	if len(f.order) == 0 {
		f.few()
	}
	out := make([]tileGroup, 0, len(f.order))
	for _, k := range f.order {
		g := f.byKey[k]
		if g.sure = len(g.tiles) < minTiles && d.offerTiles(g.tiles); len(g.tiles) < least && !g.sure {
			continue
		}
		d.weigh(g)
		out = append(out, *g)
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].score > out[j].score })
	return out
}

// tileFinder walks the elements that hold prices.
type tileFinder struct {
	d      *Document
	prices func(int32) int32
	byKey  map[string]*tileGroup
	order  []string
	// blocks that stand alone in their parent
	singles []single
}

type single struct {
	key  string
	tile int32
}

// search reports whether blocks were found inside p. Two alike are enough in
// one parent, since results come in rows too; the rows themselves are then no
// tiles.
func (f *tileFinder) search(p int32, depth int) bool {
	d := f.d
	if depth > maxDepth {
		return false
	}
	type alike struct {
		tiles []int32
		rows  int // of them, those that hold tiles themselves
	}
	children := map[string]*alike{}
	without := map[string]int{} // blocks alike that hold no price
	var keys []string
	found := false
	for c := p + 1; c < d.elems[p].end; c = d.elems[c].end {
		n := f.prices(c)
		if n == 0 {
			if d.elems[c].tend > d.elems[c].text && d.linked(c) {
				without[d.shape(c)]++
			}
			continue
		}
		inner := (n >= 2 || d.elems[c].tend-d.elems[c].text > 3) && f.search(c, depth+1)
		found = found || inner
		if d.elems[c].tend-d.elems[c].text > maxTileText || !d.linked(c) {
			continue
		}
		k := d.shape(c)
		a := children[k]
		if a == nil {
			a = &alike{}
			children[k] = a
			keys = append(keys, k)
		}
		a.tiles = append(a.tiles, c)
		if inner {
			a.rows++
		}
	}
	for _, k := range keys {
		a := children[k]
		if len(a.tiles) == 1 && a.rows == 0 {
			// the last row of a page may hold one only
			f.singles = append(f.singles, single{d.shape(p) + " " + k, a.tiles[0]})
		}
		// a list of news names an amount here and there, a list of offers in each
		if len(a.tiles) < 2 || a.rows*2 > len(a.tiles) || without[k] > len(a.tiles) || !d.distinct(a.tiles) {
			continue
		}
		found = true
		key := d.shape(p) + " " + k
		g := f.byKey[key]
		if g == nil {
			g = &tileGroup{key: key}
			f.byKey[key] = g
			f.order = append(f.order, key)
		}
		g.tiles = append(g.tiles, a.tiles...)
	}
	return found
}

func (d *Document) weigh(g *tileGroup) {
	sort.Slice(g.tiles, func(i, j int) bool { return g.tiles[i] < g.tiles[j] })
	var text, bad int32
	for _, t := range g.tiles {
		e := &d.elems[t]
		g.ranks = append(g.ranks, [2]int32{e.text, e.tend})
		text += min(e.tend-e.text, 30)
		if e.flags&(inAside|inChrome|inHidden|inReview) != 0 {
			bad++
		}
	}
	g.score = float64(len(g.tiles)) * (4 + float64(text)/float64(len(g.tiles)))
	if bad*2 > int32(len(g.tiles)) {
		g.score /= 10
	}
}

// shape tells blocks apart that are built differently: tag and first class
// without its numbers.
func (d *Document) shape(i int32) string {
	n := d.elems[i].n
	class := attr(n, "class")
	if f := strings.Fields(clip(class, 200)); len(f) > 0 {
		return n.Data + "." + strings.TrimRight(f[0], "0123456789-_")
	}
	return n.Data
}

// linked reports whether a block is or holds an anchor that leads somewhere.
func (d *Document) linked(i int32) bool {
	if n := d.elems[i].n; n.DataAtom == atom.A && goes(attr(n, "href")) {
		return true
	}
	from := sort.Search(len(d.anchors), func(k int) bool { return d.anchors[k] >= i })
	for k := from; k < len(d.anchors) && d.anchors[k] < d.elems[i].end; k++ {
		if goes(attr(d.elems[d.anchors[k]].n, "href")) {
			return true
		}
	}
	return false
}

// mainAnchor is the anchor of a tile's own offer: the address that most of its
// anchors share, the first among equals.
func (d *Document) mainAnchor(i int32) int32 {
	if n := d.elems[i].n; n.DataAtom == atom.A && goes(attr(n, "href")) {
		return i
	}
	from := sort.Search(len(d.anchors), func(k int) bool { return d.anchors[k] >= i })
	best, at := 0, int32(-1)
	type tally struct {
		href  string
		score int
		at    int32
	}
	var seen []tally
	for k := from; k < len(d.anchors) && d.anchors[k] < d.elems[i].end && len(seen) < 40; k++ {
		a := d.anchors[k]
		n := d.elems[a].n
		href := attr(n, "href")
		if !goes(href) {
			continue
		}
		if j := strings.IndexByte(href, '#'); j > 0 {
			href = href[:j]
		}
		score := 2
		if named(n, "shop", "store", "seller", "cart", "compare", "wishlist", "review", "reviews", "brand") || d.elems[a].flags&inReview != 0 {
			score = 0
		}
		if d.elems[a].tend > d.elems[a].text || d.elems[a].end > a+1 {
			score++ // it shows something
		}
		if d.prof.platform != "" && identifyText(d.absolute(href)).item != "" {
			score += 4
		}
		found := false
		for t := range seen {
			if seen[t].href == href {
				seen[t].score += score
				found = true
				if seen[t].score > best {
					best, at = seen[t].score, seen[t].at
				}
			}
		}
		if !found {
			seen = append(seen, tally{href, score, a})
			if score > best {
				best, at = score, a
			}
		}
	}
	return at
}

func goes(href string) bool {
	href = strings.TrimSpace(href)
	return href != "" && href[0] != '#' && !strings.HasPrefix(strings.ToLower(href), "javascript:") && !strings.HasPrefix(href, "tel:") && !strings.HasPrefix(href, "mailto:")
}

// distinct reports whether most blocks lead to pages of their own.
func (d *Document) distinct(tiles []int32) bool {
	seen := map[string]bool{}
	for _, t := range tiles {
		if a := d.mainAnchor(t); a >= 0 {
			seen[attr(d.elems[a].n, "href")] = true
		}
	}
	return len(seen)*10 >= len(tiles)*6 && len(seen) >= 2
}

// tileReadings reads the blocks of a group.
func (d *Document) tileReadings(g *tileGroup) []reading {
	var out []reading
	byURL, bySKU := map[string]int{}, map[string]int{}
	for _, t := range g.tiles {
		r := d.tileReading(t)
		if r.Title == "" || r.Price == nil || len(out) >= maxTiles {
			continue
		}
		if r.SKU != "" {
			// an offer shown twice, once with the link of another variant
			if i, ok := bySKU[r.SKU]; ok {
				if !strings.Contains(out[i].URL, r.SKU) && strings.Contains(r.URL, r.SKU) {
					out[i] = r
				}
				continue
			}
			bySKU[r.SKU] = len(out)
		} else if _, ok := byURL[r.URL]; ok {
			continue
		}
		byURL[r.URL] = len(out)
		out = append(out, r)
	}
	return out
}

func (d *Document) tileReading(t int32) reading {
	r := reading{origin: markwatch.OriginTile}
	a := d.mainAnchor(t)
	if a < 0 {
		return r
	}
	href := attr(d.elems[a].n, "href")
	r.URL = d.absolute(href)
	r.Title = d.tileTitle(t, href)
	d.tilePrices(t, &r)
	d.tileImage(t, &r)
	d.tileFacts(t, &r)
	r.attribute(AdvertAttribute, d.advert(t))
	n := d.elems[t].n
	for _, key := range []string{"data-sku", "data-item-id", "data-itemid", "data-product-id", "data-goods-id", "data-asin", "data-id", "data-pid"} {
		if v := attr(n, key); v != "" && len(v) <= 40 && !strings.ContainsAny(v, " {[") {
			r.SKU = v
			break
		}
	}
	return r
}

// tilePrices takes the price that a buyer pays and the struck one of a block.
func (d *Document) tilePrices(t int32, r *reading) {
	from, to := d.elems[t].text, d.elems[t].tend
	runs := d.shownPrices()
	i := sort.Search(len(runs), func(i int) bool { return runs[i].text >= from })
	var best *priceRun
	rank := 1000
	for ; i < len(runs) && runs[i].text < to; i++ {
		p := &runs[i]
		if !p.standsOut() {
			continue
		}
		k := p.rank()
		if p.flags&inPrice == 0 {
			k += 2
		}
		if p.flags&inHidden != 0 {
			k += 20
		}
		if k < rank {
			best, rank = p, k
		}
		r.Prices = append(r.Prices, p.shown())
		if p.struck && r.ListPrice == nil {
			m := p.Money
			r.ListPrice = &m
		}
	}
	if best == nil || best.struck && len(r.Prices) > 1 {
		return
	}
	m := best.Money
	r.Price, r.PriceText, r.PriceMax = &m, best.Text, best.Max
	if r.ListPrice != nil && !r.ListPrice.Amount.GreaterThan(m.Amount) {
		r.ListPrice = nil
	}
}

// standsOut reports whether a price is shown as one, not told in a sentence or
// a headline.
func (p *priceRun) standsOut() bool {
	if p.flags&inPrice != 0 {
		return true
	}
	return p.Money.Currency != "" && utf8.RuneCountInString(p.line)-utf8.RuneCountInString(p.Text) <= 24
}

func (p *priceRun) shown() markwatch.ShownPrice {
	condition := ""
	if i := strings.Index(p.line, p.Text); i > 0 && i <= 40 {
		condition = strings.TrimRight(squeeze(p.line[:i]), " "+colons)
	}
	return markwatch.ShownPrice{Kind: p.Kind, Money: p.Money, Text: p.Text, Condition: condition}
}
