package markwatch

import "github.com/shopspring/decimal"

// Rates are exchange rates of one day, as renminbi for one unit of the
// currency: {"USD": 7.1}.
type Rates struct {
	Date   Date                       `json:"date" yaml:"date"`
	Source string                     `json:"source,omitempty" yaml:"source,omitempty"`
	CNY    map[string]decimal.Decimal `json:"cny" yaml:"cny"`
}

// ToCNY converts an amount; ok is false where the currency is not in the
// table. An amount without a currency is taken for renminbi.
func (r Rates) ToCNY(m Money) (amount decimal.Decimal, ok bool) {
	if m.Currency == CNY || m.Currency == "" {
		return m.Amount, true
	}
	rate, ok := r.CNY[m.Currency]
	if !ok {
		return decimal.Decimal{}, false
	}
	return m.Amount.Mul(rate), true
}
