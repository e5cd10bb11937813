package extract

import (
	"strings"

	"github.com/markwatch/markwatch"
)

// detail reads a page of one offer. Readings are trusted in this order:
// configured selectors, JSON-LD, microdata, RDFa, embedded state, Open Graph,
// visible text. The price is settled afterwards, since a buyer pays what is
// shown; see settlePrice.
func (d *Document) detail(main *reading, sel *fields, tiles []tileGroup, opts Options) reading {
	var order []*reading
	if sel != nil {
		order = append(order, d.selected(sel))
	}
	if main != nil {
		order = append(order, d.sameOffer(main)...)
	}
	state := d.state()
	if state != nil && state.Brand != "" && !d.showsBrand(state.Brand) {
		told := *state
		told.Brand = ""
		state = &told
	}
	order = append(order, state)
	og := d.openGraph()
	order = append(order, &og)
	look := d.look(tiles)
	text := d.textReading(&look, opts)
	order = append(order, text)
	out := merge(order)
	d.settleTitle(&out, &og, &look)
	d.settlePrice(&out, order, &look)
	d.settleNumber(&out)
	d.settleStock(&out)
	d.settleSeller(&out, text)
	if len(out.Images) == 0 {
		d.gallery(out.Title, &out)
	}
	d.metaFacts(&out, firstText(d.withoutFront(look.title), out.Title))
	if out.gtin != "" {
		out.attribute("gtin", out.gtin)
	}
	if out.mpn != "" {
		out.attribute("mpn", out.mpn)
	}
	return out
}

// sameOffer are the main reading and the readings of other syntaxes that speak
// of the same offer.
func (d *Document) sameOffer(main *reading) []*reading {
	out := []*reading{main}
	found := d.structured()
	key := letters(main.Title)
	for i := range found {
		r := &found[i]
		if r.origin == main.origin {
			continue
		}
		other := letters(r.Title)
		if r.URL != "" && r.URL == main.URL || key == "" || other == "" || strings.Contains(key, other) || strings.Contains(other, key) {
			out = append(out, r)
		}
	}
	return out
}

// settlePrice holds the price of the markup against the prices shown.
//
// A selector's price stands. A price of the markup stands where it is shown, or
// where no main price is sure. Where the page shows, as its main price, the
// same digits with thousands where the markup has a decimal point (1.299), the
// shown one is meant. Where the markup's price is zero, or is not shown at all
// while a sure main price in the same currency is, the shown price counts.
func (d *Document) settlePrice(out *reading, order []*reading, look *visible) {
	l := &out.Listing
	l.Prices = d.allPrices(look)
	if len(l.Prices) > 0 {
		origin(l, "prices", markwatch.OriginText)
	}
	if l.Price == nil || l.Origins["price"] == markwatch.OriginSelector {
		return
	}
	if l.Price.Amount.IsZero() && !free(fold(l.PriceText)) {
		for _, r := range order {
			if r != nil && r.Price != nil && r.Price.Amount.IsPositive() {
				d.takePrice(l, r)
				break
			}
		}
	}
	if l.Price.Amount.IsZero() && l.Availability == markwatch.OutOfStock && (look.price == nil || !look.confident) {
		// nothing is sold for nothing: the markup has no price to give
		l.Price, l.PriceText = nil, ""
		delete(l.Origins, "price")
		return
	}
	if look.price == nil || l.Origins["price"] == markwatch.OriginText {
		return
	}
	amount := l.Price.Amount
	shown := false
	for i := range d.shownPrices() {
		r := &d.runs[i]
		if r.Money.Amount.Equal(amount) || r.Max != nil && r.Max.Amount.Equal(amount) {
			shown = true
			break
		}
	}
	main := look.price.Money
	for _, r := range order {
		if r == nil || r.Price == nil || r.origin == markwatch.OriginText || r.origin == l.Origins["price"] || main.Amount.Equal(amount) {
			continue
		}
		if r.Price.Amount.Equal(main.Amount) {
			d.takePrice(l, r) // another markup and the main price shown agree
			amount, shown = r.Price.Amount, true
		}
	}
	switch {
	case amount.IsZero() && free(fold(l.PriceText)):
	case main.Amount.Equal(amount):
		if look.price.signed {
			l.PriceText = look.price.Text
		}
	case look.confident && look.price.Kind == markwatch.PriceCoupon && main.Currency == l.Price.Currency && main.Amount.IsPositive() && main.Amount.LessThan(amount):
		// the markup has the price before the coupon that the page shows
		if l.ListPrice == nil {
			before := *l.Price
			l.ListPrice = &before
			origin(l, "list_price", l.Origins["price"])
		}
		d.takePrice(l, &reading{origin: markwatch.OriginText, Listing: markwatch.Listing{Price: &main, PriceMax: look.price.Max, PriceText: look.price.Text}})
	case main.Amount.Equal(amount.Shift(3)) || main.Amount.Shift(2).Equal(amount) && look.confident && l.Origins["price"] == markwatch.OriginState || !shown && look.confident && main.Currency == l.Price.Currency && amount.IsZero():
		d.takePrice(l, &reading{origin: markwatch.OriginText, Listing: markwatch.Listing{Price: &main, PriceMax: look.price.Max, PriceText: look.price.Text}})
	}
	d.settleRange(l)
	if l.ListPrice != nil && (l.ListPrice.Currency != l.Price.Currency || !l.ListPrice.Amount.GreaterThan(l.Price.Amount)) {
		l.ListPrice = nil
		delete(l.Origins, "list_price")
	}
}

func (d *Document) takePrice(l *markwatch.Listing, r *reading) {
	l.Price, l.PriceMax, l.PriceText = r.Price, r.PriceMax, r.PriceText
	from := r.origin
	if known := r.Origins["price"]; known != "" {
		from = known
	}
	origin(l, "price", from)
}

// maxShown bounds the prices that a listing repeats.
const maxShown = 20

// allPrices are the prices around the main one: those that stand apart from
// related goods, each once.
func (d *Document) allPrices(look *visible) []markwatch.ShownPrice {
	var out []markwatch.ShownPrice
	seen := map[string]bool{}
	for i := range d.shownPrices() {
		r := &d.runs[i]
		if r.flags&(inAside|inChrome|inHidden|inReview) != 0 || len(out) >= maxShown {
			continue
		}
		if look.price != nil && (abs(r.text-look.price.text) > 60 || r.flags&^look.price.flags&inLink != 0 || d.inTiles(r.text) && !d.inTiles(look.price.text)) {
			continue
		}
		p := r.shown()
		key := string(p.Kind) + p.String() + p.Condition
		if seen[key] {
			continue
		}
		seen[key] = true
		out = append(out, p)
	}
	return out
}

// textReading is what the visible text says.
func (d *Document) textReading(look *visible, opts Options) *reading {
	r := &reading{origin: markwatch.OriginText}
	r.Title = look.title
	if p := look.price; p != nil && (look.confident || opts.Listing || d.ident.item != "") {
		m := p.Money
		r.Price, r.PriceMax, r.PriceText = &m, p.Max, p.Text
	}
	if look.list != nil {
		m := look.list.Money
		r.ListPrice = &m
	}
	r.Category = d.breadcrumbs()
	d.specifications(r)
	if d.prof.platform == "" && (opts.Source == nil || opts.Source.Platform.ID == "") {
		d.filings(r)
	}
	set(&r.Brand, d.shownBrand(look.titleAt))
	d.visibleFacts(r, look.titleAt)
	r.Description = firstText(d.about(), clip(plainText(d.metaContent("description")), 20_000))
	return r
}

// settleRange takes the upper end of a range that the page strikes out for
// what it is, a list price.
func (d *Document) settleRange(l *markwatch.Listing) {
	if l.PriceMax == nil {
		return
	}
	for i := range d.shownPrices() {
		r := &d.runs[i]
		if r.struck && r.Money.Amount.Equal(l.PriceMax.Amount) && r.flags&(inAside|inChrome) == 0 {
			if l.ListPrice == nil {
				l.ListPrice = l.PriceMax
				origin(l, "list_price", markwatch.OriginText)
			}
			l.PriceMax = nil
			return
		}
	}
}
