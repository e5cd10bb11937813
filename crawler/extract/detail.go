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
	order = append(order, d.state())
	og := d.openGraph()
	order = append(order, &og)
	look := d.look(tiles)
	text := d.textReading(&look, opts)
	order = append(order, text)
	out := merge(order)
	d.settleTitle(&out, &og, &look)
	d.settlePrice(&out, order, &look)
	if out.SKU == "" {
		out.SKU = out.gtin
		if out.SKU != "" {
			origin(&out.Listing, "sku", text.origin)
		}
	}
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

// settleTitle prefers the heading where Open Graph alone gives a title that is
// longer for the search engines' sake.
func (d *Document) settleTitle(out *reading, og *reading, look *visible) {
	heading := look.title
	if out.Title == "" {
		out.Title = d.withoutSite(d.title)
		origin(&out.Listing, "title", markwatch.OriginText)
		return
	}
	if out.Origins["title"] != markwatch.OriginOpenGraph || heading == "" {
		return
	}
	if h, t := letters(heading), letters(og.Title); len(h) >= 6 && (strings.Contains(t, h) || !strings.Contains(h, t) && len([]rune(heading)) >= 8 && strings.Contains(letters(d.title), h)) {
		out.Title = heading
		origin(&out.Listing, "title", markwatch.OriginText)
	}
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
	if l.Price.Amount.IsZero() {
		for _, r := range order {
			if r != nil && r.Price != nil && r.Price.Amount.IsPositive() {
				d.takePrice(l, r)
				break
			}
		}
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
	switch {
	case main.Amount.Equal(amount):
		if look.price.signed {
			l.PriceText = look.price.Text
		}
	case main.Amount.Equal(amount.Shift(3)) || !shown && look.confident && main.Currency == l.Price.Currency && (amount.IsZero() || look.price.Kind == markwatch.PriceCoupon):
		d.takePrice(l, &reading{origin: markwatch.OriginText, Listing: markwatch.Listing{Price: &main, PriceMax: look.price.Max, PriceText: look.price.Text}})
	}
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
		if look.price != nil && abs(r.text-look.price.text) > 60 {
			continue
		}
		p := r.shown()
		key := string(p.Kind) + p.Money.String() + p.Condition
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
	d.visibleFacts(r)
	return r
}
