package extract_test

import (
	"regexp"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/extract"
)

// markup is what pages write for machines: structured data, data for their own
// scripts, product tags.
var markup = []*regexp.Regexp{
	regexp.MustCompile(`(?is)<script.*?</script>`),
	regexp.MustCompile(`(?i)\s(itemprop|itemtype|itemscope|property|typeof)(="[^"]*"|='[^']*')?`),
	regexp.MustCompile(`(?i)<meta[^>]*(product:|og:price|og:type|twitter:(data|label))[^>]*>`),
}

// TestWithoutMarkup takes all markup out of the real product pages: what is
// left to read is the visible text alone. A page that names no price is no
// offer then.
func TestWithoutMarkup(t *testing.T) {
	var gold map[string]struct {
		URL                                string
		Price, Currency, SKU, Availability []string
	}
	readJSON(t, shared(t, "product-pages", "ground-truth.json"), &gold)
	var price, currency, sku, availability score
	for name, g := range gold {
		body := readFile(t, shared(t, "product-pages", "html", name+".html.gz"))
		for _, m := range markup {
			body = m.ReplaceAll(body, nil)
		}
		d, err := extract.Parse(page(g.URL, body))
		if err != nil {
			t.Fatal(err)
		}
		var l markwatch.Listing
		found := d.Listings(extract.Options{})
		if len(found) == 1 {
			l = found[0]
		} else if len(g.Price) > 0 {
			t.Errorf("%s: %d listings", g.URL, len(found))
		}
		amount, code := "", ""
		if l.Price != nil {
			amount, code = l.Price.AmountText(), l.Price.Currency
		}
		if !price.count(g.Price, amount, sameAmount) {
			t.Logf("%s: price %q, annotated %q", g.URL, amount, g.Price)
		}
		if len(g.Currency) > 0 {
			currency.count(g.Currency, code, sameCurrency)
		}
		sku.count(g.SKU, l.SKU, equalFold)
		availability.count(g.Availability, goldAvailability[l.Availability], equalFold)
	}
	for _, m := range []struct {
		name  string
		score score
		least float64
	}{
		{"price", price, 0.89}, {"currency", currency, 0.95}, {"sku", sku, 0.95}, {"availability", availability, 0.90},
	} {
		t.Logf("%-12s F1 %.3f", m.name, m.score.f1())
		if m.score.f1() < m.least {
			t.Errorf("%s: F1 %.3f is below %.2f", m.name, m.score.f1(), m.least)
		}
	}
}
