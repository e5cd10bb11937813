package extract

import (
	"strings"

	"github.com/markwatch/markwatch"
)

// reading is what one reader makes of one offer: a partial listing, with
// where it came from.
type reading struct {
	origin markwatch.Origin
	markwatch.Listing
	// product is set where the markup says that this is goods or a service on
	// sale, not merely a thing with a name.
	product bool
	// gtin and mpn are kept for the attributes.
	gtin, mpn string
	// kindStated is set where the page says what kind of seller it is; a name
	// alone is a guess.
	kindStated bool
}

// empty reports whether a reading says nothing of an offer.
func (r *reading) empty() bool {
	return r.Title == "" && r.Price == nil && len(r.Prices) == 0
}

func (r *reading) attribute(key, value string) {
	key, value = squeeze(clip(key, 200)), squeeze(clip(value, 4000))
	if key == "" || value == "" || len(r.Attributes) >= 200 {
		return
	}
	if r.Attributes == nil {
		r.Attributes = map[string]string{}
	}
	if _, taken := r.Attributes[key]; !taken {
		r.Attributes[key] = value
	}
}

func (r *reading) image(address string) {
	if address == "" || len(r.Images) >= 30 {
		return
	}
	for _, have := range r.Images {
		if have == address {
			return
		}
	}
	r.Images = append(r.Images, address)
}

func (r *reading) seller() *markwatch.Seller {
	if r.Seller == nil {
		r.Seller = &markwatch.Seller{}
	}
	return r.Seller
}

// conditionOf maps the words for the state of goods.
func conditionOf(s string) markwatch.Condition {
	s = strings.ToLower(s)
	switch {
	case strings.Contains(s, "refurb") || strings.Contains(s, "翻新"):
		return markwatch.ConditionRefurbished
	case strings.Contains(s, "used") || strings.Contains(s, "damaged") || strings.Contains(s, "二手") || strings.Contains(s, "中古") || s == "secondhand":
		return markwatch.ConditionUsed
	case strings.HasSuffix(s, "newcondition") || s == "new" || s == "全新" || s == "brand new" || s == "neu" || s == "nuovo" || s == "neuf":
		return markwatch.ConditionNew
	}
	return ""
}

// plainText takes the tags out of a description that holds markup.
func plainText(s string) string {
	if !strings.ContainsAny(s, "<&") {
		return squeeze(s)
	}
	root, err := tryParse(strings.NewReader(clip(s, 200_000)))
	if err != nil {
		return squeeze(s)
	}
	var t tree
	t.walk(root, -1, 0)
	return squeeze(t.textOf(0, int32(len(t.texts)), " ", nil))
}
