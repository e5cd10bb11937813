package matchers

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/markwatch/markwatch"
)

// Pricing compares what one unit costs with the official price and with the
// lowest genuine price of the brand.
var Pricing = Matcher{
	Name: "pricing",
	Doc:  "the effective price of one unit against the official price and the brand's floor",
	New:  newPricing,
}

// defaultFloor stands in for a brand that states no lowest genuine price.
const defaultFloor = 0.4

func newPricing(k kit) (check, error) {
	brands, rates := k.knowledge.Lists.Brands, k.knowledge.Rates
	source := "brands"
	if v := k.knowledge.Versions[markwatch.ListBrands]; v > 0 {
		source = "brands@" + itoa(v)
	}
	// priced are the brands of which some line has a price. Most of a long list
	// have none, and their entries need not be fetched to learn it.
	priced := make([]bool, len(brands))
	for i := range brands {
		priced[i] = slices.ContainsFunc(brands[i].Products, func(p markwatch.Product) bool { return p.Price != nil })
	}
	return func(r *reading) []signal {
		if len(r.brands) == 0 && len(r.products) == 0 {
			return nil
		}
		price, ok := r.offered(rates)
		if !ok {
			return nil
		}
		var out []signal
		if e, share, tricked := r.privatePrice(); tricked && len(r.standings(brands)) > 0 {
			out = append(out, signal{matcher: "pricing", rule: "private-price", violation: markwatch.Counterfeit, strength: math.Min(1, 0.5+(privateShare-share)),
				reason: say("私下报价仅为页面标价的"+percent(share), "the price in private is "+percent(share)+" of the one that is shown"),
				facts:  map[string]string{"price": r.listing.Price.String(), "private_price": e.Text, "ratio": percent(share)}, evidence: []markwatch.Evidence{e}})
		}
		for _, st := range r.standings(brands) {
			if !priced[st.index] && !price.farBelowList() || st.official || r.otherThing(st) {
				continue
			}
			switch price.unfit {
			case "":
				out = append(out, comparePrice(r, st, price, rates, source)...)
				out = append(out, againstList(r, st, price)...)
			case "no-rate":
				out = append(out, againstList(r, st, price)...)
			}
		}
		return out
	}, nil
}

// otherThing says that the price buys something else than the brand's goods:
// what fits them, or work on them. A page that declares the
// brand, or names the part behind the brand, may well sell the brand's own.
func (r *reading) otherThing(st standing) bool {
	if m, ok := r.forBrand(st); ok && !st.declared && m.field == st.names[0].field && m.hit.At < st.names[0].hit.At {
		return true
	}
	if work, ok := strongest(r.asserted(r.within(r.all("service"), "title"))); ok && work.entry.weight >= sure {
		return true
	}
	// What the goods came in is worth next to nothing.
	return slices.ContainsFunc(r.within(r.all("empty-package"), "title"), func(m mention) bool {
		return strings.HasPrefix(m.entry.text, "空")
	})
}

// comparePrice holds the offer against one brand's prices.
func comparePrice(r *reading, st standing, price offerPrice, rates markwatch.Rates, source string) []signal {
	ref, floor, product, unit := reference(st, rates)
	var out []signal
	if ref > 0 {
		one, pieces := price.cny, 1.0
		pk := r.packOf()
		if !price.perUnit {
			if st.product != nil {
				n, scaled := pk.times(soldBy(st.product))
				if scaled && n < 1 {
					// Small packs cost more by content.
					n = math.Pow(n, 0.85)
				}
				pieces = n
			} else if pk.count > 0 {
				pieces = pk.count
				if n, scaled := pk.times(unit); scaled && n > 1 {
					// More of the same than the cheapest line holds.
					pieces = n
				}
			}
		}
		if pieces > 0 {
			one = price.cny / pieces
		}
		if st.product != nil && st.product.Price != nil && price.cny > 1 && !r.usedGoods() {
			line := markwatch.LinePrice{Line: markwatch.Line{Brand: st.brand.ID, Product: st.product.Name}, CNY: one}
			r.prices = append(r.prices, line)
			out = append(out, againstMarket(r, st, price, line)...)
		}
		ratio := one / ref
		rule, strength := band(ratio, floor, st.product != nil)
		if price.cny < 1.01 && ref > 20 {
			strength = 0
		}
		if r.stuffed() {
			strength *= stuffedPrice
		}
		// What the market contradicts is not believable, whatever the list says.
		believable := ratio >= floor && st.product != nil && ratio < 3 && len(out) == 0
		if strength <= 0 && !believable {
			return out
		}
		facts := map[string]string{
			"price_cny": yuan(price.cny), "unit_price_cny": yuan(one), "reference_cny": yuan(ref),
			"reference_from": source, "ratio": percent(ratio), "floor": percent(floor), "product": product,
			"price_from": price.from,
		}
		if price.shown.Currency != markwatch.CNY {
			facts["price_shown"], facts["rates"] = price.shown.String(), rates.Date.Format("2006-01-02")
		}
		if strength > 0 {
			out = append(out, signal{
				matcher: "pricing", rule: rule, violation: markwatch.Counterfeit, subject: st.brand.ID, strength: strength,
				reason: markwatch.Text{
					ZH: "单价" + yuan(one) + "元,仅为" + product + "官方价" + yuan(ref) + "元的" + percent(ratio) + ",低于该品牌正品的最低折扣" + percent(floor),
					EN: "the unit price of " + yuan(one) + " CNY is " + percent(ratio) + " of the official " + yuan(ref) + " CNY of " + product + ", below the lowest genuine " + percent(floor),
				},
				facts: facts, evidence: []markwatch.Evidence{r.quote(st.names[0], markwatch.RoleSubject), price.evid},
			})
		}
		if believable {
			out = append(out, signal{
				matcher: "pricing", rule: "believable", violation: markwatch.Counterfeit, subject: st.brand.ID,
				strength: math.Min(1, 0.4+0.6*(ratio-floor)/math.Max(0.05, 1-floor)),
				reason: markwatch.Text{
					ZH: "单价为官方价的" + percent(ratio) + ",不低于正品最低折扣" + percent(floor),
					EN: "the unit price is " + percent(ratio) + " of the official price, not below the lowest genuine one",
				},
				facts: facts, evidence: []markwatch.Evidence{price.evid},
			})
		}
	}
	return out
}

// soldBy is what the official price of a product buys, as its list says, or as
// its name does (感冒灵颗粒10g*9袋).
func soldBy(p *markwatch.Product) string { return cmp.Or(p.Unit, p.Name) }

const (
	// stuffedNames is how many protected brands with a price a title must name
	// to be one that was stuffed for search, stuffedPrice how much a low price
	// still says then: whose goods it buys is not told.
	stuffedNames = 3
	stuffedPrice = 0.4
)

// stuffed says that the title names several brands that sell such goods.
func (r *reading) stuffed() bool {
	n := 0
	for i := range r.standing {
		st := &r.standing[i]
		if st.title && st.doubt == 0 && !st.byProduct && len(st.brand.Products) > 0 {
			n++
		}
	}
	return n >= stuffedNames
}

// farBelowList says that the price is a fraction of the one that the page
// strikes out.
func (p *offerPrice) farBelowList() bool { return p.listRatio > 0 && p.listRatio < 0.35 }

// againstList holds the price against the one that the page itself strikes
// out, which is a claim and weighs accordingly.
func againstList(r *reading, st standing, price offerPrice) []signal {
	ratio := price.listRatio
	if !price.farBelowList() {
		return nil
	}
	list := r.listing.ListPrice.String()
	return []signal{{
		matcher: "pricing", rule: "against-list-price", violation: markwatch.Counterfeit, subject: st.brand.ID,
		strength: math.Min(1, (0.4-ratio)/0.3),
		reason: markwatch.Text{
			ZH: "售价" + price.shown.String() + ",仅为页面自列原价" + list + "的" + percent(ratio),
			EN: "the price is " + percent(ratio) + " of the list price " + list + " that the page itself shows",
		},
		facts: map[string]string{"price": price.shown.String(), "list_price": list, "ratio": percent(ratio)},
		evidence: []markwatch.Evidence{
			r.quote(st.names[0], markwatch.RoleSubject), price.evid,
			{Field: "list_price", Text: list, Role: markwatch.RoleClaim},
		},
	}}
}

// reference is the official price of the product line, or of the brand's
// cheapest one where the line is not told, the floor as a fraction of it, and
// what the price buys.
func reference(st standing, rates markwatch.Rates) (cny, floor float64, product, unit string) {
	floor = defaultFloor
	if st.brand.Floor != nil {
		floor = st.brand.Floor.InexactFloat64()
	}
	if p := st.product; p != nil && p.Price != nil {
		if v, ok := rates.ToCNY(*p.Price); ok {
			if p.Floor != nil {
				floor = p.Floor.InexactFloat64()
			}
			return v.InexactFloat64(), floor, p.Name, p.Unit
		}
	}
	for i := range st.brand.Products {
		p := &st.brand.Products[i]
		if p.Price == nil {
			continue
		}
		if v, ok := rates.ToCNY(*p.Price); ok {
			if c := v.InexactFloat64(); cny == 0 || c < cny {
				cny, product, unit = c, p.Name, p.Unit
			}
		}
	}
	return cny, floor, product, unit
}

// band says how far below the floor a ratio is. Without a product line only
// a price far below the brand's cheapest says something.
func band(ratio, floor float64, known bool) (rule string, strength float64) {
	below := ratio / math.Max(floor, 0.01)
	switch {
	case !known && below < 0.3:
		return "far-below-brand", 1
	case !known && below < 0.6:
		return "far-below-brand", 0.6
	case !known && below < 0.85:
		return "far-below-brand", 0.3
	case !known:
		return "", 0
	case below < 0.35:
		return "below-floor", 1
	case below < 0.6:
		return "below-floor", 0.85
	case below < 0.85:
		return "below-floor", 0.65
	case below < 0.97:
		return "below-floor", 0.4
	}
	return "", 0
}
