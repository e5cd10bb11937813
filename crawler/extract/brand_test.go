package extract_test

import (
	"testing"

	"github.com/markwatch/markwatch/crawler/extract"
)

// TestShownBrand: a brand beside the heading counts without markup, what only
// stands where brands stand does not.
func TestShownBrand(t *testing.T) {
	for beside, want := range map[string]string{
		`<div class="product-brand">Marke: Ostwind</div>`:                       "Ostwind",
		`<a class="itemBrand" href="/x"><img src="/l.png" alt="Nordlicht"></a>`: "Nordlicht",
		`<a href="/brands/feldweg?ref=p">Feldweg</a>`:                           "Feldweg",
		`<a href="/producent/rzeka">Rzeka</a>`:                                  "Rzeka",
		`<table><tr><th>Producent</th><td>Rzeka</td></tr></table>`:              "Rzeka",
		`<meta itemprop="x"><div itemscope itemtype="https://schema.org/Product"><meta itemprop="name" content="Kettle 17"><span itemprop="brand"><img alt="Nordlicht" src="/l.png"></span></div>`: "Nordlicht",
		`<div class="brand-story"><h4>From the manufacturer</h4></div>`:           "",
		`<a href="/brands">All brands</a>`:                                        "",
		`<nav><a class="brand" href="/">Kaufhaus</a></nav>`:                       "",
		`<ul class="related"><li><a href="/brands/feldweg">Feldweg</a></li></ul>`: "",
		`<p>品牌：无</p>`: "",
	} {
		found := parse(t, "https://shop.example/item/12345", `<html lang="de"><h1>Kettle 17</h1>`+beside+`<b class="price">19,00 €</b>`).Listings(extract.Options{Listing: true})
		if len(found) != 1 || found[0].Brand != want {
			t.Errorf("%s: %+v, want %q", beside, found, want)
		}
	}
	if got := extract.ParseBrand(`<svg title="Rzeka"></svg>`); got != "Rzeka" {
		t.Errorf("a drawing: %q", got)
	}
}
