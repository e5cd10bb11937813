package extract

import (
	"net/url"
	"strings"

	"golang.org/x/net/html/atom"

	"github.com/markwatch/markwatch"
)

// Weights of the signs by which a page without markup is known to be that of
// one offer or a list of many. They are sums of small evidence.
const (
	signAddress = 2.0  // the address holds a number or a word of an offer
	signHeading = 1.0  // the page's title begins with its heading
	signButton  = 2.0  // a button to buy outside of rows
	signInvite  = 1.5  // an invitation to write to the seller
	signBeside  = 1.0  // the main price stands right beside the heading
	signNamed   = 0.5  // the price's element is named a price
	signAmount  = 1.0  // a field for how many
	signNumber  = 1.0  // a labelled number of the goods
	signGoods   = 3.0  // the page calls itself a product
	signSearch  = -3.0 // the address asks for something
	signList    = -2.0 // the address is of a category, a search or a shop
	signPages   = -1.0 // further pages of the same
	signSorted  = -1.5 // a choice of order
	signTold    = -2.0 // the page has the date of an article
	oneOfferAt  = 4.0
)

// oneOffer decides, where the markup does not say it, whether the page is that
// of one offer: its main price must stand outside of rows of blocks with
// prices, and what else a reader knows such a page by must outweigh what
// speaks for a list.
func (d *Document) oneOffer(look *visible, tiles []tileGroup) bool {
	if look.price == nil || look.title == "" || d.ident.list || d.reports() || !look.confident {
		return false
	}
	if look.price.Money.Currency == "" || !look.price.standsOut() && look.price.flags&inHeading == 0 {
		return false
	}
	switch look.price.Kind {
	case markwatch.PriceShipping, markwatch.PriceDeposit, markwatch.PriceUnit:
		return false
	}
	for i := range tiles {
		if (len(tiles[i].tiles) >= 2 || tiles[i].sure) && tiles[i].holds(look.price.text) {
			return false
		}
	}
	w := 0.0
	add := func(on bool, weight float64) {
		if on {
			w += weight
		}
	}
	heading, title := letters(d.withoutFront(look.title)), letters(d.title)
	add(len(heading) >= 4 && (strings.HasPrefix(title, heading) || strings.HasPrefix(heading, title) && len(title) >= 8), signHeading)
	item, list, search := addressSigns(d.url)
	add(item, signAddress)
	add(list, signList)
	add(search, signSearch)
	buys, invites := false, false
	for i := range d.buttons() {
		if b := &d.presses[i]; !d.inTiles(b.text) && d.elems[b.in].flags&(inAside|inReview) == 0 {
			buys = buys || !b.invites
			invites = invites || b.invites
		}
	}
	add(buys, signButton)
	add(invites && !buys, signInvite)
	e := &d.elems[look.titleAt]
	add(look.price.text >= e.text-6 && look.price.text <= e.tend+30, signBeside)
	add(look.price.flags&inPrice != 0, signNamed)
	kind := strings.ToLower(d.metaContent("og:type"))
	add(strings.Contains(kind, "product") && !strings.Contains(kind, "group"), signGoods)
	add(articleType(kind) || d.metaContent("article:published_time") != "", signTold)
	amount, sorted, pages, number := d.formSigns()
	add(amount, signAmount)
	add(sorted, signSorted)
	add(pages, signPages)
	add(number, signNumber)
	return w >= oneOfferAt
}

// Segments of addresses that lead to lists, and keys of queries that ask for
// one.
var (
	listSegments = map[string]bool{"search": true, "s": true, "suche": true, "recherche": true, "buscar": true, "busca": true, "szukaj": true, "category": true, "categories": true, "categorie": true, "kategorie": true, "categoria": true, "kategoria": true, "catalog": true, "catalogue": true, "katalog": true, "collections": true, "list": true, "lists": true, "browse": true, "tag": true, "tags": true, "brand": true, "brands": true, "marken": true, "shop": true, "store": true, "sch": true, "results": true, "c": true}
	searchKeys   = map[string]bool{"q": true, "query": true, "keyword": true, "keywords": true, "search": true, "s": true, "k": true, "wd": true, "_nkw": true, "searchterm": true, "search_query": true, "suche": true}
	itemKeys     = map[string]bool{"id": true, "item": true, "itemid": true, "item_id": true, "pid": true, "product": true, "productid": true, "product_id": true, "products_id": true, "goods_id": true, "goodsid": true, "goodsno": true, "sku": true, "skuid": true, "prod": true, "idproduct": true, "id_product": true, "artnr": true, "it_id": true, "branduid": true}
)

// addressSigns reads off an address whether it leads to an item, to a list, or
// asks for something.
func addressSigns(u *url.URL) (item, list, search bool) {
	segments := strings.Split(strings.ToLower(strings.Trim(u.Path, "/")), "/")
	last := segments[len(segments)-1]
	for i, s := range segments {
		if i < len(segments)-1 && itemWords[s] {
			item = true
		}
		if listSegments[s] && i == len(segments)-2 || listSegments[s] && i == len(segments)-1 {
			list = true
		}
	}
	if n := numberIn(u.Path); n != "" && (strings.Contains(last, n) || len(n) >= 6) && !datedPath(segments) {
		item = true
	}
	for key, values := range u.Query() {
		switch key = strings.ToLower(key); {
		case len(values) == 0 || values[0] == "":
		case searchKeys[key]:
			search = true
		case itemKeys[key] && len(values[0]) <= 40:
			item = true
		}
	}
	return item, list && !item, search
}

// datedPath reports whether an address has the year and month of an article.
func datedPath(segments []string) bool {
	for i := 0; i+1 < len(segments); i++ {
		if y, m := segments[i], segments[i+1]; len(y) == 4 && (strings.HasPrefix(y, "19") || strings.HasPrefix(y, "20")) && onlyDigits(y) == y && len(m) <= 4 && m != "" && onlyDigits(m) == m {
			return true
		}
	}
	return false
}

// sortWords stand on a choice of order above a list.
var sortWords = newWords("sort by", "order by", "sortieren", "trier par", "ordina per", "ordenar por", "sorteren op", "sorteer", "sortuj", "řadit", "sortera", "rendezés", "sırala", "сортиров", "сортувати", "综合排序", "排序", "並び替え", "정렬", "sắp xếp", "เรียงตาม", "urutkan")

// formSigns looks for a field of how many, a choice of order, further pages and
// a labelled number of the goods.
func (d *Document) formSigns() (amount, sorted, pages, number bool) {
	for _, n := range d.links {
		if n.DataAtom == atom.Link && relHas(attr(n, "rel"), "next") {
			pages = true
		}
	}
	for i := range d.elems {
		e := &d.elems[i]
		switch e.n.DataAtom {
		case atom.Input, atom.Select:
			if e.flags&(inChrome|inAside) == 0 && namesAmount(attr(e.n, "name")) && !d.inTiles(e.text) {
				amount = true
			}
		}
	}
	for i := range d.texts {
		text := d.texts[i].text
		if len(text) > 60 || d.elems[d.texts[i].in].flags&(inChrome|inHidden) != 0 {
			continue
		}
		if sortWords.in(strings.ToLower(text)) {
			sorted = true
		}
		if !number && strings.ContainsAny(text, "kKaAnNpPiI货号编番번רמ") {
			label := text
			if at := indexColon(text); at > 0 {
				label = text[:at]
			}
			if field, _ := labelOf(label); (field == "sku" || field == "gtin") && !d.inTiles(int32(i)) {
				number = true
			}
		}
	}
	return amount, sorted, pages, number
}

func namesAmount(name string) bool {
	switch strings.ToLower(name) {
	case "qty", "quantity", "amount", "menge", "quantité", "cantidad", "quantita", "ilosc", "antal", "aantal", "num", "buynum", "product_qty", "cart_quantity", "number":
		return true
	}
	return false
}

// unmarked is the offer of a page whose markup names none: where its address,
// its options, its Open Graph tags or its visible text say that it is one.
func (d *Document) unmarked(sel *fields, tiles []tileGroup, opts Options) (reading, bool) {
	og := d.openGraph()
	state := d.state()
	known := opts.Listing || d.ident.item != "" && !d.ident.list
	look := d.look(tiles)
	switch {
	case known, og.product && (og.Price != nil || look.price != nil && look.confident):
	case d.oneOffer(&look, tiles):
	case look.confident && look.title != "" && d.sells() && !d.reports() && len(tiles) == 0:
	default:
		return reading{}, false
	}
	r := d.detail(nil, sel, tiles, opts)
	if r.Title == "" || r.Price == nil && !opts.Listing && (state == nil || state.Title == "") {
		return reading{}, false
	}
	return r, true
}

// articleType tells the values of og:type of pages that report.
func articleType(kind string) bool {
	switch kind {
	case "article", "blog", "news":
		return true
	}
	return false
}

// reports reports whether the page says of itself that it is an article.
func (d *Document) reports() bool {
	if !articleType(strings.ToLower(d.metaContent("og:type"))) {
		return false
	}
	for _, block := range d.ld {
		for _, t := range articles {
			if strings.Contains(strings.ToLower(block), `"`+t+`"`) {
				return true
			}
		}
	}
	return false
}
