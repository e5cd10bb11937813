package markwatch

import (
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// TextFields yields the path and the content of every text field of the
// listing that evidence may quote: title, description, …, attributes.产地,
// tracking[0].events[1].text. The order is fixed; empty fields are left out.
func (l *Listing) TextFields() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		stop := false
		emit := func(path, text string) {
			if !stop && text != "" && !yield(path, text) {
				stop = true
			}
		}
		emit("title", l.Title)
		emit("description", l.Description)
		emit("category", l.Category)
		emit("brand", l.Brand)
		emit("price_text", l.PriceText)
		for i, p := range l.Prices {
			at := "prices[" + strconv.Itoa(i) + "]."
			emit(at+"text", p.Text)
			emit(at+"condition", p.Condition)
		}
		emit("quantity", l.Quantity)
		if s := l.Seller; s != nil {
			emit("seller.name", s.Name)
			emit("seller.region", s.Region)
			emit("seller.license", s.License)
			for i, c := range s.Contacts {
				emit("seller.contacts["+strconv.Itoa(i)+"]", c)
			}
		}
		emit("ships_from", l.ShipsFrom)
		emit("delivery", l.Delivery)
		emit("sales_text", l.SalesText)
		for _, k := range slices.Sorted(maps.Keys(l.Attributes)) {
			emit("attributes."+k, l.Attributes[k])
		}
		emit("text", l.Text)
		for i, s := range l.Shares {
			at := "shares[" + strconv.Itoa(i) + "]."
			emit(at+"url", s.URL)
			emit(at+"code", s.Code)
		}
		for i, t := range l.Tracking {
			at := "tracking[" + strconv.Itoa(i) + "]."
			emit(at+"carrier", t.Carrier)
			emit(at+"number", t.Number)
			emit(at+"url", t.URL)
			for j, e := range t.Events {
				ev := at + "events[" + strconv.Itoa(j) + "]."
				emit(ev+"place", e.Place)
				emit(ev+"text", e.Text)
			}
		}
	}
}

// Field returns the text that stands at a path of TextFields, or "" where
// there is none. A path's letter case counts.
func (l *Listing) Field(path string) string {
	if key, ok := strings.CutPrefix(path, "attributes."); ok {
		return l.Attributes[key]
	}
	for p, text := range l.TextFields() {
		if p == path {
			return text
		}
	}
	return ""
}
