package extract

import (
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"

	"github.com/markwatch/markwatch"
)

// fields are the selectors of a source's `fields`: a CSS selector, or
// selector@attribute; "@attribute" alone is an attribute of the item itself.
type fields struct {
	items *selector
	parts map[string]selector
}

type selector struct{ css, attr string }

func parseSelector(s string) selector {
	s = strings.TrimSpace(s)
	// the @ that counts stands behind every bracket
	if i := strings.LastIndexByte(s, '@'); i >= 0 && i > strings.LastIndexAny(s, "])\"'") {
		return selector{strings.TrimSpace(s[:i]), strings.ToLower(strings.TrimSpace(s[i+1:]))}
	}
	return selector{css: s}
}

// compileFields reads the selectors of a source, nil where it has none.
func (d *Document) compileFields(src *markwatch.Source) *fields {
	if src == nil || len(src.Fields) == 0 {
		return nil
	}
	f := &fields{parts: map[string]selector{}}
	for key, text := range src.Fields {
		s := parseSelector(text)
		if key == "items" {
			f.items = &s
			continue
		}
		f.parts[key] = s
	}
	return f
}

// selectedItems reads every element that `items` selects; what the selectors
// leave open is read as in a tile that was found.
func (d *Document) selectedItems(f *fields) []reading {
	var out []reading
	goquery.NewDocumentFromNode(d.root).Find(f.items.css).EachWithBreak(func(_ int, s *goquery.Selection) bool {
		r := d.read(s, f)
		order := []*reading{r}
		if i, ok := d.at(s.Get(0)); ok {
			found := d.tileReading(i)
			order = append(order, &found)
		}
		out = append(out, merge(order))
		return len(out) < maxTiles
	})
	return out
}

// selected reads the selectors on a page of one offer.
func (d *Document) selected(f *fields) *reading {
	return d.read(goquery.NewDocumentFromNode(d.root).Selection, f)
}

func (d *Document) read(s *goquery.Selection, f *fields) *reading {
	r := &reading{origin: markwatch.OriginSelector}
	for key, sel := range f.parts {
		all := s
		if sel.css != "" {
			all = s.Find(sel.css)
		}
		if key == "images" || key == "image" {
			all.Each(func(_ int, m *goquery.Selection) { r.image(d.picture(imageOf(m.Get(0), sel.attr))) })
			continue
		}
		if all.Length() == 0 {
			continue
		}
		d.assign(r, key, valueOf(all.Get(0), sel.attr))
	}
	return r
}

func imageOf(n *html.Node, key string) string {
	if key != "" {
		return attr(n, key)
	}
	return imageSource(n)
}

func valueOf(n *html.Node, key string) string {
	if key != "" {
		return squeeze(attr(n, key))
	}
	return nodeText(n)
}

func (d *Document) assign(r *reading, key, text string) {
	if text == "" {
		return
	}
	money := func() (Price, bool) {
		return choosePrice(text, priceHint{locale: d.locale, assume: d.fallbackCurrency()})
	}
	switch key {
	case "title":
		r.Title = clip(text, 1000)
	case "url":
		r.URL = d.absolute(text)
	case "price":
		if p, ok := money(); ok {
			r.Price, r.PriceMax, r.PriceText = &p.Money, p.Max, text
		}
	case "list_price":
		if p, ok := money(); ok {
			r.ListPrice = &p.Money
		}
	case "description":
		r.Description = clip(text, 20_000)
	case "category":
		r.Category = categoryText(text)
	case "brand":
		r.Brand = brandText(text)
	case "sku":
		r.SKU = clip(text, 100)
	case "item_id":
		r.ItemID = clip(text, 100)
	case "quantity":
		r.Quantity = clip(text, 100)
	case "ships_from":
		r.ShipsFrom = clip(text, 100)
	case "delivery":
		r.Delivery = clip(text, 200)
	case "availability":
		r.Availability = available(text)
	case "condition":
		r.Condition = conditionOf(text)
	case "sales", "sales_text":
		if shown, n, ok := salesOf(text); ok {
			r.SalesText, r.Sales = shown, n
		} else if shown, n, ok := salesOf("已售" + text); ok {
			r.SalesText, r.Sales = strings.TrimPrefix(shown, "已售"), n
		}
	case "rating":
		r.Rating = ratingOf(text, "")
	case "text":
		r.Text = clip(text, 20_000)
	case "seller", "seller.name":
		r.seller().Name = clip(text, 300)
	case "seller.id":
		r.seller().ID = clip(text, 100)
	case "seller.url":
		r.seller().URL = d.absolute(text)
	case "seller.region":
		r.seller().Region = clip(text, 100)
	case "seller.license":
		r.seller().License = creditCode.FindString(text)
	default:
		if name, ok := strings.CutPrefix(key, "attributes."); ok {
			r.attribute(name, text)
		}
	}
}
