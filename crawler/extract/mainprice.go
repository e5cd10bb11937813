package extract

import (
	"strings"

	"github.com/markwatch/markwatch"
)

// heading is the page's own heading for its offer: the h1 that agrees with the
// title element best, else the first one, else -1.
func (d *Document) heading() (int32, string) {
	best, at, text := -1.0, int32(-1), ""
	title := letters(d.title + " " + d.metaContent("og:title"))
	for rank, i := range d.heads {
		if rank > 60 {
			break
		}
		f := d.elems[i].flags
		if f&(inHidden|inAside|inReview) != 0 {
			continue
		}
		s := d.inside(i)
		if s == "" || len(s) > 600 {
			continue
		}
		score := 0.0
		if key := letters(s); key != "" && strings.Contains(title, key) && len(key) > 3 {
			score += 3 + float64(min(len(key), 60))/60
		}
		if d.elems[i].n.Data == "h1" {
			score += 2
		}
		if d.elems[i].n.Data == "h3" {
			score--
		}
		if f&inChrome != 0 {
			score -= 2
		}
		if score > best {
			best, at, text = score, i, s
		}
	}
	if best < 1.5 {
		return -1, ""
	}
	return at, text
}

// visible is the offer as the visible text shows it.
type visible struct {
	title     string
	titleAt   int32
	price     *priceRun
	confident bool // the price stands where a page's main price stands
	list      *priceRun
}

// Weights of the signs by which a reader knows the main price. They are sums
// of small evidence; only their order matters.
const (
	weightNamed   = 3.0  // the element is named a price
	weightProp    = 3.0  // itemprop=price
	weightSigned  = 1.5  // written with a currency
	weightNear    = 4.0  // right after the heading, falling with distance
	weightChrome  = -5.0 // header, footer, navigation
	weightAside   = -4.0 // related goods, cart
	weightTile    = -4.0 // one of a row of blocks
	weightLink    = -2.0
	weightHidden  = -4.0
	weightStruck  = -6.0
	weightWrong   = -6.0 // shipping, deposit, unit price
	weightReview  = -3.0
	weightZero    = -5.0
	weightBefore  = -1.5 // before the heading
	weightCurrent = 1.0  // named current, sale, main
	weightPart    = -4.0 // named shipping, instalment, saving
	weightLong    = -1.5 // in a sentence
	weightLarge   = 1.0  // alone in a heading of its own
	confidentAt   = 4.0
)

// look finds heading and main price of a page of one offer.
func (d *Document) look(tiles []tileGroup) visible {
	if d.looked == nil {
		v := d.findMain(tiles)
		d.looked = &v
	}
	return *d.looked
}

func (d *Document) findMain(tiles []tileGroup) visible {
	v := visible{titleAt: -1}
	v.titleAt, v.title = d.heading()
	runs := d.shownPrices()
	best := 0.0
	for i := range runs {
		r := &runs[i]
		if s := d.priceWeight(r, v.titleAt, tiles); s > best {
			best, v.price = s, r
		}
	}
	v.confident = best >= confidentAt
	if v.price == nil {
		return v
	}
	for i := range runs {
		r := &runs[i]
		if r.struck && r.flags&(inAside|inChrome|inHidden) == 0 && abs(r.text-v.price.text) < 25 && r.Money.Currency == v.price.Money.Currency && r.Money.Amount.GreaterThan(v.price.Money.Amount) {
			v.list = r
			break
		}
	}
	return v
}

func (d *Document) priceWeight(r *priceRun, title int32, tiles []tileGroup) float64 {
	w := 0.0
	add := func(on bool, weight float64) {
		if on {
			w += weight
		}
	}
	add(r.flags&inPrice != 0, weightNamed)
	add(r.signed, weightSigned)
	add(r.flags&inChrome != 0, weightChrome)
	add(r.flags&inAside != 0 && !d.besideHeading(r, title), weightAside)
	add(r.flags&inLink != 0, weightLink)
	add(r.flags&inHidden != 0, weightHidden)
	add(r.flags&inReview != 0, weightReview)
	add(r.struck, weightStruck)
	add(!r.Money.Amount.IsPositive(), weightZero)
	add(len(r.line) > 90 && r.flags&inHeading == 0, weightLong)
	add(r.flags&inHeading != 0 && len(r.line) < len(r.Text)+12, weightLarge)
	switch r.Kind {
	case markwatch.PriceCoupon:
		w++
	case markwatch.PriceListed:
	case markwatch.PriceGroup, markwatch.PriceMember:
		w -= 2
	default:
		w += weightWrong
	}
	for j, up := r.in, 0; j >= 0 && up < 4; j, up = d.elems[j].parent, up+1 {
		n := d.elems[j].n
		add(attr(n, "itemprop") == "price", weightProp)
		if named(n, "current", "sale", "final", "now", "main", "special", "selling", "actual", "our", "promo", "offer") {
			w += weightCurrent
			break
		}
	}
	for j, up := r.in, 0; j >= 0 && up < 5; j, up = d.elems[j].parent, up+1 {
		if named(d.elems[j].n, "shipping", "delivery", "installment", "installments", "monthly", "saving", "savings", "save", "discount", "unit", "tax", "vat", "deposit", "warranty", "coupon", "gift", "credit", "finance", "leasing", "postage", "shipment") {
			w += weightPart
			break
		}
	}
	if title >= 0 {
		end := d.elems[title].tend
		switch distance := float64(r.text - end); {
		case distance >= 0:
			w += weightNear * 40 / (40 + distance)
		case r.text >= d.elems[title].text:
			w += weightNear * 3 / 4 // in the heading itself
		case distance >= -8:
			w += weightNear * 3 / 4 // right above the heading
		default:
			w += weightBefore
			w += weightNear / 2 * 20 / (20 - distance)
		}
	} else {
		w += weightNear / 3 * 200 / (200 + float64(r.text))
	}
	for i := range tiles {
		if len(tiles[i].tiles) >= 3 && tiles[i].holds(r.text) {
			w += weightTile
			break
		}
	}
	return w
}

// besideHeading reports whether a price follows the heading at once: what is
// called a sidebar there is the box to buy from.
func (d *Document) besideHeading(r *priceRun, title int32) bool {
	return title >= 0 && r.text >= d.elems[title].text && r.text <= d.elems[title].tend+8
}

func abs(n int32) int32 {
	if n < 0 {
		return -n
	}
	return n
}
