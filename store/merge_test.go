package store_test

import (
	"fmt"
	"maps"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/store"
	"github.com/shopspring/decimal"
)

var at = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func itoa(n int) string { return strconv.Itoa(n) }

func numbered(n int) markwatch.Listing {
	return markwatch.Listing{ID: fmt.Sprintf("p-%06d", n), Source: "shop", URL: fmt.Sprintf("https://shop.example/%d", n), Title: "耐克", FetchedAt: at}
}

func cny(amount string) *markwatch.Money {
	return &markwatch.Money{Amount: decimal.RequireFromString(amount), Currency: "CNY"}
}

// page is an offer's own page, tile the same offer on a result page.
func page() markwatch.Listing {
	return markwatch.Listing{
		ID: "p-1", Source: "shop", URL: "https://shop.example/1", Title: "耐克 Air Force 1 空军一号 男鞋", Description: "高仿 微信 abc123",
		Price: cny("199.00"), ListPrice: cny("799"), PriceText: "券后¥199",
		Seller:     &markwatch.Seller{ID: "s1", Name: "小王", Contacts: []string{"wx abc123"}},
		Attributes: map[string]string{"产地": "莆田"}, Text: "评论",
		Origins:   map[string]markwatch.Origin{"title": markwatch.OriginJSONLD, "price": markwatch.OriginJSONLD, "attributes": markwatch.OriginText},
		FetchedAt: at, Snapshot: "a#1",
	}
}

func tile(change func(*markwatch.Listing)) markwatch.Listing {
	l := markwatch.Listing{
		ID: "p-1", Source: "shop", URL: "https://shop.example/1?from=search", Title: "耐克 Air Force 1 空…",
		Price: cny("199"), PriceText: "¥199", Seller: &markwatch.Seller{Name: "小王"},
		Origins:   map[string]markwatch.Origin{"title": markwatch.OriginTile, "price": markwatch.OriginTile, "seller": markwatch.OriginTile},
		FetchedAt: at.Add(time.Hour), Snapshot: "b#2",
	}
	change(&l)
	return l
}

func TestMerge(t *testing.T) {
	news := func(change func(*markwatch.Listing)) markwatch.Listing {
		l := page()
		l.FetchedAt, l.Snapshot = at.Add(time.Hour), "b#2"
		change(&l)
		return l
	}
	kept := func(change func(*markwatch.Listing)) markwatch.Listing {
		l := page()
		change(&l)
		return l
	}
	for _, c := range []struct {
		name             string
		prior, now, want markwatch.Listing
	}{
		{"a tile that says nothing new changes nothing", page(), tile(func(*markwatch.Listing) {}), page()},
		{
			"a tile's new price replaces the price and what stood around it", page(),
			tile(func(l *markwatch.Listing) { l.Price, l.PriceText = cny("99"), "¥99" }),
			news(func(l *markwatch.Listing) {
				l.Price, l.PriceText, l.ListPrice = cny("99"), "¥99", nil
				l.Origins["price"] = markwatch.OriginTile
			}),
		},
		{
			"a tile's other title is news", page(), tile(func(l *markwatch.Listing) { l.Title = "阿迪达斯" }),
			news(func(l *markwatch.Listing) { l.Title = "阿迪达斯"; l.Origins["title"] = markwatch.OriginTile }),
		},
		{
			"another seller is not mixed with the known one", page(), tile(func(l *markwatch.Listing) { l.Seller.Name = "老李" }),
			news(func(l *markwatch.Listing) {
				l.Seller = &markwatch.Seller{Name: "老李"}
				l.Origins["seller"] = markwatch.OriginTile
			}),
		},
		{
			"a tile that is sold out", page(), tile(func(l *markwatch.Listing) { l.Availability = markwatch.OutOfStock; l.Seller = nil }),
			kept(func(l *markwatch.Listing) { l.Availability = markwatch.OutOfStock }),
		},
		{
			"what a tile guesses from its title fills gaps and displaces nothing", kept(func(l *markwatch.Listing) { l.Quantity = "230ml*2" }),
			tile(func(l *markwatch.Listing) { l.Quantity, l.ShipsFrom = "2瓶装", "福建" }),
			kept(func(l *markwatch.Listing) { l.Quantity, l.ShipsFrom = "230ml*2", "福建" }),
		},
		{"the offer's page replaces a tile", tile(func(*markwatch.Listing) {}), page(), page()},
		{"a newer tile replaces a tile", tile(func(*markwatch.Listing) {}), tile(func(l *markwatch.Listing) { l.Price = nil }), tile(func(l *markwatch.Listing) { l.Price = nil })},
		{"nothing is known", markwatch.Listing{}, tile(func(*markwatch.Listing) {}), tile(func(*markwatch.Listing) {})},
	} {
		t.Run(c.name, func(t *testing.T) {
			origins := maps.Clone(c.prior.Origins)
			if d := cmp.Diff(c.want, store.Merge(c.prior, c.now)); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
			if d := cmp.Diff(origins, c.prior.Origins); d != "" {
				t.Errorf("the known reading was changed:\n%s", d)
			}
		})
	}
}
