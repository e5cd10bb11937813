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

// Words for the state of goods, beside those of schema.org.
var (
	usedWords  = newWords("used", "damaged", "second hand", "second-hand", "secondhand", "pre-owned", "preowned", "gebraucht", "d'occasion", "occasion", "usado", "usada", "usato", "usata", "segunda mano", "używan", "gebruikt", "tweedehands", "begagnad", "brugt", "brukt", "käytetty", "használt", "folosit", "použit", "б/у", "вживан", "ikinci el", "二手", "中古", "闲置", "중고", "bekas", "đã qua sử dụng", "มือสอง")
	newWordsOf = map[string]bool{"new": true, "brand new": true, "全新": true, "新品": true, "neu": true, "nuovo": true, "nuova": true, "neuf": true, "neuve": true, "nuevo": true, "nueva": true, "novo": true, "nova": true, "nowy": true, "nowa": true, "nieuw": true, "ny": true, "uusi": true, "új": true, "nou": true, "nový": true, "новый": true, "новое": true, "новий": true, "yeni": true, "새상품": true, "새제품": true, "mới": true, "baru": true, "ใหม่": true}
)

// conditionOf maps the words for the state of goods.
func conditionOf(s string) markwatch.Condition {
	s = strings.ToLower(strings.TrimSpace(s))
	if len(s) > 400 {
		return ""
	}
	switch {
	case s == "":
	case strings.Contains(s, "refurb") || strings.Contains(s, "renewed") || strings.Contains(s, "翻新") || strings.Contains(s, "generalüberholt") || strings.Contains(s, "reconditionné") || strings.Contains(s, "reacondicionado") || strings.Contains(s, "ricondizionato"):
		return markwatch.ConditionRefurbished
	case strings.HasSuffix(s, "usedcondition") || usedWords.in(s):
		return markwatch.ConditionUsed
	case strings.HasSuffix(s, "newcondition") || newWordsOf[s] || strings.HasPrefix(s, "brand new"):
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
