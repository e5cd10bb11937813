package extract

import (
	"sort"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/markwatch/markwatch"
)

// goods are the types of https://schema.org that are products by themselves.
var goods = []string{"product", "productmodel", "individualproduct", "someproducts", "productgroup", "productcollection", "vehicle", "car", "motorcycle", "data-product"}

// sellable are types that count as an offer only with a price of their own.
var sellable = []string{"event", "musicevent", "theaterevent", "screeningevent", "sportsevent", "book", "audiobook", "softwareapplication", "mobileapplication", "webapplication", "videogame", "course", "movie", "musicalbum", "service", "creativework", "menuitem", "apartment", "house", "singlefamilyresidence", "trip", "touristtrip", "hotelroom", "webpage", "itempage", "realestatelisting"}

// articles are types of pages that report and do not sell.
var articles = []string{"newsarticle", "article", "blogposting", "reportagenewsarticle", "faqpage", "qapage", "recipe", "howto", "discussionforumposting"}

// maxProducts bounds the offers that one page may give.
const maxProducts = 1000

// products are the offers among things read from markup, each once, in the
// order in which they stand. What hangs on an offer as related, similar,
// accessory or review is not one of its own.
func (d *Document) products(tops []*item, origin markwatch.Origin) []reading {
	var out []reading
	seen := map[*item]bool{}
	var visit func(it *item, depth int)
	visit = func(it *item, depth int) {
		if depth > 6 || seen[it] || len(out) >= maxProducts {
			return
		}
		seen[it] = true
		if it.is(goods...) || it.is(sellable...) && hasPrice(it) {
			if r := d.productReading(it, origin); !r.empty() {
				out = append(out, r)
			}
			return
		}
		if it.is("offer", "aggregateoffer") {
			if offered := it.things("itemoffered"); len(offered) > 0 && offered[0].text("name") != "" {
				o := *offered[0]
				o.props = map[string][]value{}
				for k, v := range offered[0].props {
					o.props[k] = v
				}
				o.props["offers"] = []value{{item: it}}
				if r := d.productReading(&o, origin); !r.empty() {
					out = append(out, r)
				}
			} else if it.text("name") != "" && depth == 0 {
				o := &item{types: it.types, node: it.node, props: map[string][]value{"name": it.props["name"], "url": it.props["url"], "image": it.props["image"], "offers": {{item: it}}}}
				if r := d.productReading(o, origin); !r.empty() {
					out = append(out, r)
				}
			}
			return
		}
		for _, prop := range []string{"mainentity", "mainentityofpage", "itemlistelement", "item", "itemoffered", "offers", "about", "makesoffer", "hasoffercatalog", "haspart"} {
			for _, inner := range it.things(prop) {
				visit(inner, depth+1)
			}
		}
	}
	for _, it := range tops {
		visit(it, 0)
	}
	return out
}

func hasPrice(it *item) bool {
	for _, o := range it.things("offers") {
		if o.text("price", "lowprice") != "" || len(o.things("pricespecification", "offers")) > 0 {
			return true
		}
	}
	return it.text("price") != ""
}

func (d *Document) productReading(it *item, origin markwatch.Origin) reading {
	r := reading{origin: origin, product: it.is(goods...)}
	r.Title = clip(ldText(it.text("name", "title", "headline")), 1000)
	r.Description = clip(plainText(it.text("description")), 20_000)
	r.Brand = brandText(it.text("brand", "manufacturer"))
	r.SKU = clip(it.text("sku", "productid", "identifier"), 100)
	r.mpn = clip(it.text("mpn", "model"), 100)
	r.gtin = clip(it.text("gtin13", "gtin", "gtin8", "gtin12", "gtin14", "isbn", "ean"), 40)
	r.Category = categoryText(it.text("category"))
	if id := it.text("url"); id != "" {
		r.URL = d.absolute(id)
	}
	for _, prop := range []string{"image", "images", "photo"} {
		for _, v := range it.props[prop] {
			src := v.text
			if v.item != nil {
				src = v.item.text("contenturl", "url", "@id")
				if src == "" {
					src = v.item.id
				}
			}
			r.image(d.picture(src))
		}
	}
	r.Condition = conditionOf(it.text("itemcondition"))
	d.offerFields(it, &r)
	for _, rating := range it.things("aggregaterating") {
		r.Rating = ratingOf(rating.text("ratingvalue"), rating.text("bestrating"))
	}
	for _, p := range it.things("additionalproperty") {
		r.attribute(p.text("name"), p.text("value"))
	}
	for _, key := range []string{"color", "size", "material", "weight", "pattern"} {
		r.attribute(key, it.text(key))
	}
	return r
}

// offerFields fills what stands on the product's offers. Of several offers the
// lowest price counts, the highest becomes the upper end.
func (d *Document) offerFields(it *item, r *reading) {
	offers := flattenOffers(it.things("offers"), 0)
	if len(offers) == 0 && it.text("price", "lowprice") != "" {
		offers = []*item{it}
	}
	var shown []markwatch.Money
	for _, o := range offers {
		specs := o.things("pricespecification")
		currency := currencyCode(o.text("pricecurrency", "currency"))
		for _, spec := range specs {
			if currency == "" {
				currency = currencyCode(spec.text("pricecurrency"))
			}
		}
		low := o.text("lowprice", "price")
		if low == "" {
			for _, spec := range specs {
				if spec.text("price", "minprice") != "" && !strings.Contains(strings.ToLower(spec.text("pricetype")), "listprice") {
					low = spec.text("price", "minprice")
					break
				}
			}
		}
		for _, spec := range specs {
			if t := strings.ToLower(spec.text("pricetype")); strings.Contains(t, "listprice") || strings.Contains(t, "strikethrough") || strings.Contains(t, "srp") {
				if m, ok := d.declaredMoney(spec.text("price"), currency); ok && r.ListPrice == nil {
					r.ListPrice = &m
				}
			}
		}
		if m, ok := d.declaredMoney(low, currency); ok {
			shown = append(shown, m)
			if r.PriceText == "" {
				r.PriceText = low
			}
		}
		if m, ok := d.declaredMoney(o.text("highprice"), currency); ok {
			shown = append(shown, m)
		}
		if r.Availability == "" || r.Availability == markwatch.OutOfStock {
			if a := available(o.text("availability")); a != "" {
				r.Availability = a
			}
		}
		if r.Condition == "" {
			r.Condition = conditionOf(o.text("itemcondition"))
		}
		if r.SKU == "" {
			r.SKU = clip(o.text("sku"), 100)
		}
		if r.URL == "" {
			r.URL = d.absolute(o.text("url"))
		}
		if name := o.text("seller", "offeredby"); name != "" && r.Seller == nil {
			r.seller().Name = clip(name, 300)
			for _, s := range o.things("seller", "offeredby") {
				r.seller().URL = d.absolute(s.text("url"))
				break
			}
		}
	}
	if len(shown) == 0 {
		return
	}
	sort.SliceStable(shown, func(i, j int) bool { return shown[i].Amount.LessThan(shown[j].Amount) })
	first := shown[0]
	for _, m := range shown { // a zero among prices is a variant that is not sold
		if m.Amount.IsPositive() {
			first = m
			break
		}
	}
	r.Price = &first
	if last := shown[len(shown)-1]; last.Currency == first.Currency && last.Amount.GreaterThan(first.Amount) {
		r.PriceMax = &last
	}
}

func flattenOffers(offers []*item, depth int) []*item {
	var out []*item
	for _, o := range offers {
		if inner := o.things("offers"); len(inner) > 0 && o.text("price", "lowprice") == "" && depth < 4 {
			out = append(out, flattenOffers(inner, depth+1)...)
			continue
		}
		out = append(out, o)
		if len(out) > 200 {
			break
		}
	}
	return out
}

// declaredMoney reads a price of markup. The vocabularies ask for a plain
// decimal with a point; what is none is read as a price text.
func (d *Document) declaredMoney(text, currency string) (markwatch.Money, bool) {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > 200 {
		return markwatch.Money{}, false
	}
	if plainDecimal(text) {
		amount, err := decimal.NewFromString(text)
		if err != nil {
			return markwatch.Money{}, false
		}
		if currency == "" {
			currency = d.fallbackCurrency()
		}
		return markwatch.Money{Amount: amount, Currency: currency}, true
	}
	l := d.locale
	if currency != "" {
		l.currency = currency
	}
	p, ok := choosePrice(text, priceHint{locale: l, assume: firstText(currency, d.fallbackCurrency())})
	return p.Money, ok
}

// fallbackCurrency is what a number without any sign is in on this page.
func (d *Document) fallbackCurrency() string {
	return firstText(d.locale.currency, d.prof.currency, regionCurrency[d.locale.region])
}

func plainDecimal(s string) bool {
	dots := 0
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '.':
			dots++
		case !digit(s[i]):
			return false
		}
	}
	return dots <= 1 && len(s) <= 24 && s != "." && s != ""
}

func currencyCode(s string) string {
	s = strings.TrimSpace(s)
	if code := table.iso[strings.ToUpper(s)]; code != "" {
		if code == "RMB" {
			return markwatch.CNY
		}
		return code
	}
	if s == "" || len(s) > 16 {
		return ""
	}
	if sg, n, ok := table.after(fold(s)); ok && n >= len(fold(s))-1 {
		return sg.code
	}
	return ""
}

func firstText(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// brandText keeps what can be a name.
func brandText(s string) string {
	s = squeeze(s)
	if len(s) > 120 || strings.HasPrefix(s, "http") || strings.HasPrefix(s, "/") {
		return ""
	}
	switch strings.ToLower(s) {
	case "null", "none", "n/a", "na", "undefined", "-", "--", "other/其他", "brand", "无", "无品牌", "其他", "其它", "其他品牌", "暂无", "no brand", "nobrand", "unknown", "does not apply", "nicht zutreffend", "other", "unspecified":
		return ""
	}
	return s
}

func categoryText(s string) string {
	s = squeeze(s)
	if strings.HasPrefix(s, "http") {
		return ""
	}
	for _, sep := range []string{" > ", ">", "›", "»", "/"} {
		if strings.Contains(s, sep) {
			var parts []string
			for part := range strings.SplitSeq(s, sep) {
				if part = squeeze(part); part != "" {
					parts = append(parts, part)
				}
			}
			return clip(strings.Join(parts, " > "), 500)
		}
	}
	return clip(s, 500)
}

func ratingOf(valueText, best string) float64 {
	v, err := decimal.NewFromString(strings.Replace(strings.TrimSpace(valueText), ",", ".", 1))
	if err != nil {
		return 0
	}
	scale := decimal.NewFromInt(5)
	if b, err := decimal.NewFromString(strings.TrimSpace(best)); err == nil && b.IsPositive() {
		scale = b
	}
	f, _ := v.Mul(decimal.NewFromInt(5)).Div(scale).Round(2).Float64()
	if f < 0 || f > 5 {
		return 0
	}
	return f
}
