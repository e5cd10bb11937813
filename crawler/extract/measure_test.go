package extract_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/extract"
)

func listings(t testing.TB, p *markwatch.Page) []markwatch.Listing {
	t.Helper()
	d, err := extract.Parse(p)
	if err != nil {
		t.Fatalf("%s: %v", p.URL, err)
	}
	return d.Listings(extract.Options{})
}

// signCodes are the ISO codes that a sign of the gold may stand for.
var signCodes = map[string]string{
	"$": "USD CAD AUD CLP MXN NZD SGD HKD ARS COP", "€": "EUR", "£": "GBP", "₤": "GBP ITL", "zł": "PLN", "Rs": "PKR INR", "원~": "KRW", "원": "KRW", "円": "JPY",
	"Kč": "CZK", "руб": "RUB", "руб.": "RUB", "р.": "RUB", "Р": "RUB", "грн.": "UAH", "грн": "UAH", "₪": "ILS", "฿": "THB", "₫": "VND", "Rp": "IDR", "KD": "KWD",
	"US$": "USD", "A$": "AUD", "R$": "BRL", "جنيه": "EGP", "درهم": "AED MAD", "ريال": "SAR QAR YER OMR", "₶": "₶",
}

func sameCurrency(gold, code string) bool {
	if gold == "" || gold == code {
		return gold == code
	}
	for c := range strings.FieldsSeq(signCodes[gold]) {
		if c == code {
			return true
		}
	}
	return false
}

type score struct{ tp, fp, fn int }

func (s *score) count(gold []string, got string, same func(a, b string) bool) bool {
	switch {
	case len(gold) == 0 && got == "":
		return true
	case len(gold) == 0:
		s.fp++
		return false
	case got == "":
		s.fn++
		return false
	}
	for _, g := range gold {
		if same(g, got) {
			s.tp++
			return true
		}
	}
	s.fp++
	s.fn++
	return false
}

func (s score) f1() float64 {
	if s.tp == 0 {
		return 0
	}
	return 2 * float64(s.tp) / float64(2*s.tp+s.fp+s.fn)
}

func equalFold(a, b string) bool {
	return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b))
}

// goldAvailability are the two words of the annotators.
var goldAvailability = map[markwatch.Availability]string{markwatch.InStock: "InStock", markwatch.OutOfStock: "OutOfStock", markwatch.Gone: "OutOfStock", markwatch.Preorder: "InStock"}

// TestProductPages measures the five fields that the annotators of real
// product pages wrote down. A value where they have none is a mistake, except
// for the currency, which they wrote down only where a sign stands beside the
// price.
func TestProductPages(t *testing.T) {
	var gold map[string]struct {
		URL                                            string
		Price, Currency, Brand, SKU, Mpn, Availability []string
	}
	readJSON(t, shared(t, "product-pages", "ground-truth.json"), &gold)
	var price, currency, brand, sku, availability score
	for name, g := range gold {
		found := listings(t, page(g.URL, readFile(t, shared(t, "product-pages", "html", name+".html.gz"))))
		if len(found) != 1 {
			t.Errorf("%s: %d listings", g.URL, len(found))
			continue
		}
		l := found[0]
		amount, code := "", ""
		if l.Price != nil {
			amount, code = l.Price.AmountText(), l.Price.Currency
		}
		note := func(ok bool, field string, want []string, got string) {
			if !ok {
				t.Logf("%s: %s %q, annotated %q", g.URL, field, got, want)
			}
		}
		note(price.count(g.Price, amount, sameAmount), "price", g.Price, amount)
		if len(g.Currency) > 0 {
			note(currency.count(g.Currency, code, sameCurrency), "currency", g.Currency, code)
		}
		note(brand.count(g.Brand, l.Brand, equalFold), "brand", g.Brand, l.Brand)
		note(sku.count(g.SKU, l.SKU, equalFold), "sku", g.SKU, l.SKU)
		a := goldAvailability[l.Availability]
		note(availability.count(g.Availability, a, equalFold), "availability", g.Availability, a)
	}
	for _, m := range []struct {
		name  string
		score score
		least float64
	}{
		{"price", price, 0.89}, {"currency", currency, 0.95}, {"brand", brand, 0.65}, {"sku", sku, 0.95}, {"availability", availability, 0.90},
	} {
		t.Logf("%-12s F1 %.3f  tp %d fp %d fn %d", m.name, m.score.f1(), m.score.tp, m.score.fp, m.score.fn)
		if m.score.f1() < m.least {
			t.Errorf("%s: F1 %.3f is below %.2f", m.name, m.score.f1(), m.least)
		}
	}
}

// TestBrandMarkup reads fragments that pages give as their brand, alone and as
// a property of a product.
func TestBrandMarkup(t *testing.T) {
	var gold []struct{ HTML, Value string }
	readJSON(t, shared(t, "brand-markup", "brand_values.json"), &gold)
	alone, within := 0, 0
	for _, g := range gold {
		if got := extract.ParseBrand(g.HTML); equalFold(got, g.Value) {
			alone++
		} else {
			t.Logf("%q: %q, want %q", g.HTML, got, g.Value)
		}
		found := listings(t, page("https://shop.example/item/12345", []byte(`<div itemscope itemtype="https://schema.org/Product"><h1 itemprop="name">Item 12345</h1><div itemprop="brand">`+g.HTML+`</div><div itemprop="offers" itemscope itemtype="https://schema.org/Offer"><meta itemprop="price" content="5"></div></div>`)))
		if len(found) == 1 && equalFold(found[0].Brand, g.Value) {
			within++
		}
	}
	t.Logf("%d of %d alone, %d within a page", alone, len(gold), within)
	if alone*100 < len(gold)*98 || within*100 < len(gold)*97 {
		t.Errorf("%d and %d of %d brands are read right", alone, within, len(gold))
	}
}

// sameAmount reads the gold as the annotators' own tool does.
func sameAmount(gold, got string) bool {
	p, ok := extract.ParsePrice(gold, "")
	v, err := decimal.NewFromString(got)
	return ok && err == nil && p.Money.Amount.Equal(v)
}

func TestArchivePages(t *testing.T) {
	offers := 0
	for i, p := range warcPages(t, shared(t, "pages.warc.gz")) {
		found := listings(t, p)
		switch {
		case i < 21:
			if len(found) == 1 {
				offers++
			}
		case strings.HasSuffix(p.URL, ".example/"):
			if len(found) != 0 {
				t.Errorf("%s sells nothing and gives %d listings, first %q", p.URL, len(found), found[0].Title)
			}
		}
	}
	if offers < 21 {
		t.Errorf("%d of 21 product pages give their one listing", offers)
	}
}

func TestTaobaoPage(t *testing.T) {
	var gold []struct {
		Title, Currency, Seller, Shop string
		ItemID                        string `json:"item_id"`
		PriceLow                      string `json:"price_low"`
		PriceHigh                     string `json:"price_high"`
	}
	readJSON(t, shared(t, "shop-pages", "gold.json"), &gold)
	found := listings(t, page("https://item.taobao.com/item.htm?id="+gold[0].ItemID, readFile(t, shared(t, "shop-pages", "taobao.html"))))
	if len(found) != 1 {
		t.Fatalf("%d listings", len(found))
	}
	l, g := found[0], gold[0]
	if l.Title != g.Title || l.ItemID != g.ItemID || l.Price == nil || l.Price.AmountText() != g.PriceLow || l.PriceMax == nil || l.PriceMax.AmountText() != g.PriceHigh || l.Price.Currency != g.Currency {
		t.Errorf("got %+v", l)
	}
	if l.Seller == nil || l.Seller.Name != g.Shop && l.Seller.Name != g.Seller {
		t.Errorf("seller %+v", l.Seller)
	}
}

func TestJDTiles(t *testing.T) {
	for _, file := range []struct{ html, gold string }{
		{"JD.html", "JD.derived-gold.json"}, {"jd_search.html", "jd_search.derived-gold.json"}, {"items.html", "items.derived-gold.json"},
	} {
		t.Run(file.html, func(t *testing.T) {
			var gold []struct{ SKU, Title, Price, Shop, URL string }
			readJSON(t, shared(t, "jd-search", file.gold), &gold)
			found := listings(t, page("https://search.jd.com/Search?keyword=x", readFile(t, shared(t, "jd-search", file.html))))
			if len(found) != len(gold) {
				t.Errorf("%d listings, %d in the gold", len(found), len(gold))
			}
			bySKU := map[string]markwatch.Listing{}
			for _, l := range found {
				bySKU[l.ItemID] = l
			}
			for _, g := range gold {
				l, ok := bySKU[g.SKU]
				delete(bySKU, g.SKU)
				switch {
				case !ok:
					t.Errorf("%s is missing: %s", g.SKU, g.Title)
				case strings.Join(strings.Fields(l.Title), " ") != strings.Join(strings.Fields(g.Title), " "):
					t.Errorf("%s: title %q, gold %q", g.SKU, l.Title, g.Title)
				case l.Price == nil || !sameAmount(g.Price, l.Price.AmountText()) || l.Price.Currency != "CNY":
					t.Errorf("%s: price %v, gold %s", g.SKU, l.Price, g.Price)
				case g.Shop != "" && (l.Seller == nil || l.Seller.Name != g.Shop):
					t.Errorf("%s: seller %v, gold %s", g.SKU, l.Seller, g.Shop)
				}
			}
			for _, l := range bySKU {
				t.Errorf("not in the gold: %s %s %s", l.ItemID, l.Title, l.URL)
			}
		})
	}
}

func TestPriceStrings(t *testing.T) {
	type priceCase struct {
		Group        string
		CurrencyRaw  *string `json:"currency_raw"`
		PriceRaw     *string `json:"price_raw"`
		Currency     *string
		Amount       *string
		DecimalPoint *string `json:"decimal_separator"`
	}
	total, right := map[bool]int{}, map[bool]int{}
	for i, line := range strings.Split(strings.TrimSpace(string(readFile(t, shared(t, "price-strings", "cases.ndjson")))), "\n") {
		var c priceCase
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			t.Fatal(err)
		}
		xfail := strings.HasSuffix(c.Group, "XFAIL")
		total[xfail]++
		p, ok := extract.ParsePrice(deref(c.PriceRaw), deref(c.CurrencyRaw))
		good := ok == (c.Amount != nil) && sameCurrency(deref(c.Currency), p.Money.Currency)
		if good && ok {
			want, err := decimal.NewFromString(*c.Amount)
			good = err == nil && p.Money.Amount.Equal(want)
		}
		if good {
			right[xfail]++
		} else {
			t.Logf("line %d %s: %q hint %q point %q: got %s (%v), want %s %s", i+1, c.Group, deref(c.PriceRaw), deref(c.CurrencyRaw), deref(c.DecimalPoint), p.Money, ok, deref(c.Amount), deref(c.Currency))
		}
	}
	t.Logf("%d of %d, of those that the peer fails %d of %d", right[false], total[false], right[true], total[true])
	if right[false]*100 < total[false]*97 {
		t.Errorf("%d of %d price strings are read right", right[false], total[false])
	}
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
