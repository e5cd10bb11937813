package markwatch

import "encoding/json"

// ShownPrice is one price that the page shows.
type ShownPrice struct {
	Kind PriceKind
	Money
	Text      string
	Condition string
}

type shownPriceText struct {
	Kind PriceKind `json:"kind"`
	moneyText
	Text      string `json:"text,omitempty"`
	Condition string `json:"condition,omitempty"`
}

// MarshalJSON writes the money's two keys beside the others.
func (p ShownPrice) MarshalJSON() ([]byte, error) {
	return json.Marshal(shownPriceText{p.Kind, moneyText{p.AmountText(), p.Currency}, p.Text, p.Condition})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (p *ShownPrice) UnmarshalJSON(b []byte) error {
	var rest struct {
		Kind      PriceKind `json:"kind"`
		Text      string    `json:"text"`
		Condition string    `json:"condition"`
	}
	if err := json.Unmarshal(b, &rest); err != nil {
		return err
	}
	p.Kind, p.Text, p.Condition = rest.Kind, rest.Text, rest.Condition
	return p.Money.UnmarshalJSON(b)
}

// PriceKind is the kind of a shown price.
type PriceKind string

// The kinds of price that a page shows.
const (
	PriceListed   PriceKind = "listed"
	PriceCoupon   PriceKind = "coupon"
	PriceDeposit  PriceKind = "deposit"
	PriceMember   PriceKind = "member"
	PriceGroup    PriceKind = "group"
	PricePrivate  PriceKind = "private"
	PriceShipping PriceKind = "shipping"
	PriceUnit     PriceKind = "unit"
)
