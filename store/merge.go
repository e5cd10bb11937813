package store

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/markwatch/markwatch"
)

// Merge returns the reading to match and store, given what is known of the
// offer and what a page says now. It is pure.
//
// A page of the offer's own replaces what is known. A result tile says less,
// cuts its title short and derives the rest from it, so that where now was read
// from tiles alone and prior was not, a tile only fills gaps, but for what
// changes from day to day: the price to pay with the prices around it, the
// title (unless it is only the beginning of the known one), availability and
// sales. The evidence (Snapshot, FetchedAt) stays with the fuller page unless
// title, price or seller are news, since the quotes of other fields stand on it.
func Merge(prior, now markwatch.Listing) markwatch.Listing {
	if prior.ID != now.ID || !FromTile(now) || FromTile(prior) || len(prior.Origins) == 0 {
		return now
	}
	m := prior
	m.Origins = maps.Clone(prior.Origins)
	m.Source, m.URL = cmp.Or(now.Source, prior.Source), cmp.Or(prior.URL, now.URL)
	news := false
	// take moves one field, whose name in Origins is key, from the tile.
	take := func(key string, changed bool, set func()) {
		if !changed {
			return
		}
		set()
		if o, ok := now.Origins[key]; ok {
			m.Origins[key] = o
		}
	}
	gap := func(key string, to *string, from string) {
		take(key, *to == "" && from != "", func() { *to = from })
	}
	take("title", now.Title != "" && !beginning(now.Title, prior.Title), func() { m.Title, news = now.Title, true })
	gap("description", &m.Description, now.Description)
	gap("text", &m.Text, now.Text)
	gap("category", &m.Category, now.Category)
	gap("brand", &m.Brand, now.Brand)
	gap("quantity", &m.Quantity, now.Quantity)
	gap("ships_from", &m.ShipsFrom, now.ShipsFrom)
	gap("delivery", &m.Delivery, now.Delivery)
	gap("sku", &m.SKU, now.SKU)
	gap("item_id", &m.ItemID, now.ItemID)
	gap("platform", &m.Platform, now.Platform)
	take("price", now.Price != nil && !samePrice(now.Price, prior.Price), func() {
		news = true
		m.Price, m.Prices, m.ListPrice, m.PriceText, m.PriceMax = now.Price, now.Prices, now.ListPrice, now.PriceText, now.PriceMax
	})
	take("availability", now.Availability != "" && now.Availability != prior.Availability, func() { m.Availability = now.Availability })
	take("condition", prior.Condition == "" && now.Condition != "", func() { m.Condition = now.Condition })
	take("images", len(prior.Images) == 0 && len(now.Images) > 0, func() { m.Images = now.Images })
	take("pictures", len(now.Pictures) > 0, func() { m.Pictures = now.Pictures })
	seller := mergeSeller(prior.Seller, now.Seller)
	take("seller", !reflect.DeepEqual(seller, prior.Seller), func() {
		news = news || prior.Seller != nil && seller.Name != prior.Seller.Name
		m.Seller = seller
	})
	take("sales", now.Sales != 0 && now.Sales != prior.Sales, func() { m.Sales, m.SalesText = now.Sales, now.SalesText })
	take("rating", now.Rating != 0 && now.Rating != prior.Rating, func() { m.Rating = now.Rating })
	attributes := maps.Clone(prior.Attributes)
	for k, v := range now.Attributes {
		if attributes == nil {
			attributes = map[string]string{}
		}
		if _, ok := attributes[k]; !ok {
			attributes[k] = v
		}
	}
	take("attributes", !maps.Equal(attributes, prior.Attributes), func() { m.Attributes = attributes })
	take("shares", len(prior.Shares) == 0 && len(now.Shares) > 0, func() { m.Shares = now.Shares })
	take("tracking", len(prior.Tracking) == 0 && len(now.Tracking) > 0, func() { m.Tracking = now.Tracking })
	if news {
		m.Snapshot, m.FetchedAt = cmp.Or(now.Snapshot, prior.Snapshot), now.FetchedAt
	}
	return m
}

// FromTile says that every field was read from a result tile.
func FromTile(l markwatch.Listing) bool {
	if len(l.Origins) == 0 {
		return false
	}
	for _, o := range l.Origins {
		if o != markwatch.OriginTile {
			return false
		}
	}
	return true
}

// beginning says that short is long cut off, with or without an ellipsis.
func beginning(short, long string) bool {
	cut := strings.TrimRight(short, " .…")
	return cut != "" && strings.HasPrefix(long, cut)
}

func samePrice(a, b *markwatch.Money) bool {
	return b != nil && a.Currency == b.Currency && a.Amount.Equal(b.Amount)
}

// mergeSeller keeps of the known seller what the tile does not say, as long
// as it is the same seller.
func mergeSeller(prior, now *markwatch.Seller) *markwatch.Seller {
	if now == nil {
		return prior
	}
	if prior == nil || prior.ID != "" && now.ID != "" && prior.ID != now.ID ||
		prior.Name != "" && now.Name != "" && prior.Name != now.Name {
		return now
	}
	m := *prior
	m.ID, m.Name, m.URL = cmp.Or(now.ID, m.ID), cmp.Or(now.Name, m.Name), cmp.Or(now.URL, m.URL)
	m.Kind, m.Region, m.License = cmp.Or(now.Kind, m.Kind), cmp.Or(now.Region, m.Region), cmp.Or(now.License, m.License)
	m.Contacts = union(m.Contacts, now.Contacts)
	m.Accounts = union(m.Accounts, now.Accounts)
	return &m
}

func union[T comparable](a, b []T) []T {
	all := slices.Clone(a)
	for _, v := range b {
		if !slices.Contains(all, v) {
			all = append(all, v)
		}
	}
	return all
}
