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
// A page of the offer's own replaces what is known. A result tile says less
// and cuts its title short, so that where now was read from tiles alone and
// prior was not, prior's fields stay wherever the tile is silent: everything
// that the tile states is newer and wins, except a title that is only the
// beginning of the known one, the prices around a price to pay that stayed the
// same, and long texts, of which a tile has an extract at best. Where the tile tells nothing new, the evidence (Snapshot,
// FetchedAt) stays with the fuller page.
func Merge(prior, now markwatch.Listing) markwatch.Listing {
	if prior.ID != now.ID || !tile(now) || tile(prior) || len(prior.Origins) == 0 {
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
		news = true
		set()
		if o, ok := now.Origins[key]; ok {
			m.Origins[key] = o
		}
	}
	text := func(key string, to *string, from string) {
		take(key, from != "" && from != *to, func() { *to = from })
	}
	take("title", now.Title != "" && !beginning(now.Title, prior.Title), func() { m.Title = now.Title })
	take("description", prior.Description == "" && now.Description != "", func() { m.Description = now.Description })
	text("category", &m.Category, now.Category)
	text("brand", &m.Brand, now.Brand)
	text("quantity", &m.Quantity, now.Quantity)
	text("ships_from", &m.ShipsFrom, now.ShipsFrom)
	text("delivery", &m.Delivery, now.Delivery)
	text("sku", &m.SKU, now.SKU)
	text("item_id", &m.ItemID, now.ItemID)
	text("platform", &m.Platform, now.Platform)
	take("price", now.Price != nil && !samePrice(now.Price, prior.Price), func() {
		m.Price, m.Prices, m.ListPrice, m.PriceText, m.PriceMax = now.Price, now.Prices, now.ListPrice, now.PriceText, now.PriceMax
	})
	take("availability", now.Availability != "" && now.Availability != prior.Availability, func() { m.Availability = now.Availability })
	take("condition", now.Condition != "" && now.Condition != prior.Condition, func() { m.Condition = now.Condition })
	take("images", len(prior.Images) == 0 && len(now.Images) > 0, func() { m.Images = now.Images })
	seller := mergeSeller(prior.Seller, now.Seller)
	take("seller", !reflect.DeepEqual(seller, prior.Seller), func() { m.Seller = seller })
	take("sales", now.Sales != 0 && now.Sales != prior.Sales, func() { m.Sales, m.SalesText = now.Sales, now.SalesText })
	take("rating", now.Rating != 0 && now.Rating != prior.Rating, func() { m.Rating = now.Rating })
	take("text", prior.Text == "" && now.Text != "", func() { m.Text = now.Text })
	attributes := maps.Clone(now.Attributes)
	if len(prior.Attributes) > 0 {
		attributes = maps.Clone(prior.Attributes)
		maps.Copy(attributes, now.Attributes)
	}
	take("attributes", !maps.Equal(attributes, prior.Attributes), func() { m.Attributes = attributes })
	take("shares", len(prior.Shares) == 0 && len(now.Shares) > 0, func() { m.Shares = now.Shares })
	take("tracking", len(prior.Tracking) == 0 && len(now.Tracking) > 0, func() { m.Tracking = now.Tracking })
	if news {
		m.Snapshot, m.FetchedAt = cmp.Or(now.Snapshot, prior.Snapshot), now.FetchedAt
	}
	return m
}

// tile says that every field was read from a result tile.
func tile(l markwatch.Listing) bool {
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
