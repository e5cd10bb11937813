package sample

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"math/rand/v2"
	"net/http"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/markwatch/markwatch"
)

//go:embed templates/*.html
var templates embed.FS

func parsePages() *template.Template {
	return template.Must(template.ParseFS(templates, "templates/*.html"))
}

// constant renders a part that is the same on every page.
func (m *Market) constant(name string) template.HTML {
	type link struct{ Name, URL string }
	f := struct {
		Market, Operator string
		Categories       []link
	}{Market: m.words.Name, Operator: m.words.Operator}
	for _, slug := range m.slugs {
		f.Categories = append(f.Categories, link{m.categoryName(slug), "/category/" + slug + "?spm=a2h.nav"})
	}
	var b strings.Builder
	if err := m.pages.ExecuteTemplate(&b, name, f); err != nil {
		panic(err) // a fault in an embedded template
	}
	return template.HTML(b.String())
}

// markup is how an item page says what it offers beside its visible text.
type markup string

// The markups, which rotate over the items.
const (
	markupJSONLD    markup = "json-ld"
	markupMicrodata markup = "microdata"
	markupOpenGraph markup = "opengraph"
	markupState     markup = "state"
	markupNone      markup = "none"
)

func markupOf(serial int) markup {
	return []markup{markupJSONLD, markupMicrodata, markupOpenGraph, markupNone, markupState}[serial%5]
}

// charset is how a page is written and where it says so.
type charset struct {
	name     string
	encoding encoding.Encoding // nil for UTF-8
	header   bool              // in Content-Type; else in the page alone
	bom      bool
}

// charsetOf rotates independently of the markup.
func charsetOf(serial int) charset {
	switch serial % 12 {
	case 1, 8:
		return charset{name: "gbk", encoding: simplifiedchinese.GBK, header: true}
	case 4:
		return charset{name: "gbk", encoding: simplifiedchinese.GBK}
	case 6:
		return charset{name: "gb18030", encoding: simplifiedchinese.GB18030}
	case 10:
		return charset{name: "utf-8", bom: true}
	case 3, 7:
		return charset{name: "utf-8"}
	}
	return charset{name: "utf-8", header: true}
}

// frame is what a template shows.
type frame struct {
	Market         string
	Charset        string
	Title, Heading string
	Kind           string
	Body           []string
	Tiles          []tile
	Pager          []pageLink
	// Nav and Footer are the same on every page and made once.
	Nav, Footer template.HTML
	Filler      template.HTML

	Offer       *offer
	Address     string
	Markup      markup
	Description string
	LD, State   template.JS
	OldLayout   bool
}

type pageLink struct {
	Number int
	URL    string
}

// tile is an offer on a result page.
type tile struct {
	ID, URL, Title, Price, List, Sales, ShopID, Shop, Region string
}

// tile links with the tracking parameters that shops add to every link.
func (m *Market) tile(serial int, place string) tile {
	o := m.compose(serial)
	address := fmt.Sprintf("/item/%s.html?spm=a2h.%s.%d.%d", o.ID, place, serial%perPage, m.random(serial, 3).IntN(1e6))
	if serial%3 == 0 {
		address += "&utm_source=" + place + "&utm_medium=tile"
	}
	t := tile{ID: o.ID, URL: address, Title: o.Title, Price: o.Shown, List: o.ListShown, Sales: o.Sales, ShopID: o.ShopID, Shop: o.Seller.Name, Region: o.Seller.Region}
	if o.CouponText != "" {
		t.Price = "券后" + t.Price
	}
	return t
}

// itemFrame fills in an item page.
func (m *Market) itemFrame(serial int, base string) frame {
	o := m.compose(serial)
	f := frame{
		Title: o.Title + " - " + m.words.Name, Offer: o, Address: base + "/item/" + o.ID + ".html",
		Markup: markupOf(serial), OldLayout: serial%3 == 1, Description: strings.Join(o.About, ""),
	}
	switch f.Markup {
	case markupJSONLD:
		f.LD = linkedData(o, f, base)
	case markupState:
		f.State = stateData(o, f)
	}
	// Neighbours of the category, as "people also looked at".
	same := m.bySlug[o.Slug]
	r := m.random(serial, 4)
	for shown := map[int]bool{serial: true}; len(shown) <= min(6, len(same)-1); {
		if other := int(same[r.IntN(len(same))]); !shown[other] {
			shown[other] = true
			f.Tiles = append(f.Tiles, m.tile(other, "recommend"))
		}
	}
	return f
}

// linkedData is the offer as schema.org/Product.
func linkedData(o *offer, f frame, base string) template.JS {
	condition := "https://schema.org/NewCondition"
	switch o.Condition {
	case markwatch.ConditionUsed:
		condition = "https://schema.org/UsedCondition"
	case markwatch.ConditionRefurbished:
		condition = "https://schema.org/RefurbishedCondition"
	}
	product := map[string]any{
		"@context": "https://schema.org", "@type": "Product", "name": o.Title, "sku": o.ID, "description": f.Description,
		"image": []string{base + "/img/" + o.ID + ".jpg"}, "category": strings.Join(o.Category, " > "),
		"offers": map[string]any{
			"@type": "Offer", "url": f.Address, "price": o.Offered(), "priceCurrency": o.Currency,
			"availability": "https://schema.org/InStock", "itemCondition": condition,
			"seller": map[string]any{"@type": "Organization", "name": o.Seller.Name, "url": base + "/shop/" + o.ShopID + ".html"},
		},
		"aggregateRating": map[string]any{"@type": "AggregateRating", "ratingValue": o.Rating, "reviewCount": o.RatingCount},
	}
	if o.Brand != "" {
		product["brand"] = map[string]any{"@type": "Brand", "name": o.Brand}
	}
	return script(product)
}

// stateData is the offer as the data of the page's own program.
func stateData(o *offer, f frame) template.JS {
	attributes := make([]map[string]string, 0, len(o.Specs))
	for _, s := range o.Specs {
		attributes = append(attributes, map[string]string{"name": s[0], "value": s[1]})
	}
	return script(map[string]any{
		"page": map[string]any{"type": "detail", "version": "3.18.2", "abtest": []int{1042, 2210}},
		"item": map[string]any{
			"itemId": o.ID, "title": o.Title, "images": []string{"/img/" + o.ID + ".jpg"}, "categoryPath": o.Category,
			"price": map[string]any{"price": o.Offered(), "currency": o.Currency, "priceText": o.Shown}, "desc": f.Description,
			"props": attributes, "sellCount": o.Sales, "stock": 999,
		},
		"seller":   map[string]any{"shopId": o.ShopID, "shopName": o.Seller.Name, "location": o.Seller.Region},
		"delivery": map[string]any{"from": o.Ships, "promise": o.Delivery},
	})
}

// script is JSON that may stand in a script element: json.Marshal escapes <,
// > and &.
func script(v any) template.JS {
	b, err := json.Marshal(v)
	if err != nil {
		return "{}"
	}
	return template.JS(b)
}

// write renders a page in the charset of its number.
func (m *Market) write(w http.ResponseWriter, number int, name string, f frame) {
	f.Market, f.Nav, f.Footer = m.words.Name, m.nav, m.footer
	f.Filler = m.filler[number%len(m.filler)]
	cs := charsetOf(number)
	body, err := m.render(name, f, cs)
	if err != nil && cs.encoding != nil {
		// GBK lacks what some disguises are made of; such pages of real shops
		// are in GB18030, which has everything.
		cs = charset{name: "gb18030", encoding: simplifiedchinese.GB18030}
		body, err = m.render(name, f, cs)
	}
	if err != nil {
		http.Error(w, "the page cannot be made", http.StatusInternalServerError)
		return
	}
	kind := "text/html"
	if cs.header {
		kind += "; charset=" + strings.ToUpper(cs.name)
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", fmt.Sprint(len(body)))
	// An error here is the asker's connection.
	_, _ = w.Write(body)
}

func (m *Market) render(name string, f frame, cs charset) ([]byte, error) {
	f.Charset = cs.name
	var b bytes.Buffer
	b.Grow(len(f.Filler) + 32<<10)
	if cs.bom {
		b.WriteString("\uFEFF")
	}
	if err := m.pages.ExecuteTemplate(&b, name, f); err != nil {
		return nil, err
	}
	if cs.encoding == nil {
		return b.Bytes(), nil
	}
	if cs.name == "gbk" {
		// GBK has the full-width sign alone, and no ©; its pages write them so.
		page := bytes.ReplaceAll(b.Bytes(), []byte("¥"), []byte("￥"))
		return cs.encoding.NewEncoder().Bytes(bytes.ReplaceAll(page, []byte("©"), []byte("&copy;")))
	}
	return cs.encoding.NewEncoder().Bytes(b.Bytes())
}

// makeFiller makes the styles and programs with which shop pages are full: of
// four sizes, so that pages are between a few and some sixty kilobytes.
func makeFiller(seed uint64) []template.HTML {
	r := rand.New(rand.NewPCG(seed, 0xf111))
	var all []template.HTML
	for _, size := range []int{6 << 10, 0, 16 << 10, 42 << 10} {
		var b strings.Builder
		b.WriteString("<style>")
		for b.Len() < size/3 {
			fmt.Fprintf(&b, ".m-%x .c%d{display:flex;margin:%dpx %dpx;color:#%06x;line-height:1.%d}\n", r.Uint32(), r.IntN(99), r.IntN(20), r.IntN(20), r.IntN(1<<24), r.IntN(9))
		}
		b.WriteString("</style>\n<script>window.__chunks={")
		for b.Len() < size {
			fmt.Fprintf(&b, `"%d":"static/js/%016x.js",`, r.IntN(9999), r.Uint64())
		}
		b.WriteString("};(function(w){w._mq=w._mq||[];w._mq.push(['pv',+new Date]);if(w.price<0){w.price='¥0.00'}})(window);</script>\n")
		all = append(all, template.HTML(b.String()))
	}
	return all
}
