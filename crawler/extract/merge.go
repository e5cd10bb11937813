package extract

import (
	"github.com/markwatch/markwatch"
)

// merge joins readings of one offer, the most trusted first: every field is
// taken from the first reading that has it, and Origins says which that was.
// Attributes and pictures are the union.
func merge(readings []*reading) reading {
	var out reading
	l := &out.Listing
	for _, r := range readings {
		if r == nil {
			continue
		}
		if out.origin == "" {
			out.origin = r.origin
		}
		out.product = out.product || r.product
		set(&out.gtin, r.gtin)
		set(&out.mpn, r.mpn)
		take := func(field string, have bool, offered bool, assign func()) {
			if have || !offered {
				return
			}
			assign()
			from := r.origin
			if known := r.Origins[field]; known != "" {
				from = known
			}
			origin(l, field, from)
		}
		text := func(field string, to *string, from string) {
			take(field, *to != "", from != "", func() { *to = from })
		}
		text("url", &l.URL, r.URL)
		text("item_id", &l.ItemID, r.ItemID)
		text("sku", &l.SKU, r.SKU)
		text("title", &l.Title, r.Title)
		text("description", &l.Description, r.Description)
		text("category", &l.Category, r.Category)
		text("brand", &l.Brand, r.Brand)
		text("quantity", &l.Quantity, r.Quantity)
		text("ships_from", &l.ShipsFrom, r.ShipsFrom)
		text("delivery", &l.Delivery, r.Delivery)
		text("text", &l.Text, r.Text)
		take("price", l.Price != nil, r.Price != nil, func() {
			l.Price, l.PriceMax, l.PriceText = r.Price, r.PriceMax, r.PriceText
		})
		take("list_price", l.ListPrice != nil, r.ListPrice != nil && (l.Price == nil || r.ListPrice.Currency == l.Price.Currency && r.ListPrice.Amount.GreaterThan(l.Price.Amount)), func() { l.ListPrice = r.ListPrice })
		take("prices", len(l.Prices) > 0, len(r.Prices) > 0, func() { l.Prices = r.Prices })
		take("availability", l.Availability != "", r.Availability != "", func() { l.Availability = r.Availability })
		take("condition", l.Condition != "", r.Condition != "", func() { l.Condition = r.Condition })
		take("sales", l.SalesText != "", r.SalesText != "", func() { l.Sales, l.SalesText = r.Sales, r.SalesText })
		take("rating", l.Rating != 0, r.Rating != 0, func() { l.Rating = r.Rating })
		take("shares", len(l.Shares) > 0, len(r.Shares) > 0, func() { l.Shares = r.Shares })
		take("tracking", len(l.Tracking) > 0, len(r.Tracking) > 0, func() { l.Tracking = r.Tracking })
		take("images", len(l.Images) > 0, len(r.Images) > 0, func() {})
		for _, address := range r.Images {
			out.image(address)
		}
		take("attributes", len(l.Attributes) > 0, len(r.Attributes) > 0, func() {})
		for key, text := range r.Attributes {
			out.attribute(key, text)
		}
		mergeSeller(&out, r, take)
	}
	return out
}

func mergeSeller(out *reading, r *reading, take func(string, bool, bool, func())) {
	if r.Seller == nil || emptySeller(r.Seller) {
		return
	}
	s := out.seller()
	from := r.Seller
	take("seller", s.Name != "", from.Name != "", func() {
		s.Name, s.Kind = from.Name, from.Kind
		if s.Kind == "" {
			s.Kind = sellerKind(s.Name)
		}
	})
	set(&s.ID, from.ID)
	set(&s.URL, from.URL)
	set(&s.Region, from.Region)
	set(&s.License, from.License)
	take("seller.contacts", len(s.Contacts) > 0, len(from.Contacts) > 0, func() { s.Contacts, s.Accounts = from.Contacts, from.Accounts })
}

func emptySeller(s *markwatch.Seller) bool {
	return s.Name == "" && s.ID == "" && s.URL == "" && s.License == "" && s.Region == "" && len(s.Contacts) == 0
}

// stamped is a reading alone, with its origins filled in.
func stamped(r reading) reading { return merge([]*reading{&r}) }
