package markwatch

import (
	"encoding/json"
	"fmt"

	"github.com/shopspring/decimal"
)

// CNY is the ISO 4217 code of the renminbi, in which prices are compared.
const CNY = "CNY"

// Money is an amount in a currency: a decimal, never a floating point number,
// and an ISO 4217 code. In JSON and YAML it is
// {"amount": "199.00", "currency": "CNY"}; the written scale is kept.
type Money struct {
	Amount   decimal.Decimal
	Currency string
}

// maxDigits bounds what counts as an amount: a hostile 1e9999 is a short text
// but a long number.
const maxDigits = 30

// ParseMoney reads a plain decimal such as "199.00". It returns an error of
// CodeInvalid where amount is not a decimal of at most 30 digits on either side
// of the point; price texts as pages show them are read by the extractor, not
// here.
func ParseMoney(amount, currency string) (Money, error) {
	d, err := decimal.NewFromString(amount)
	if e := d.Exponent(); err != nil || len(amount) > 3*maxDigits || e > maxDigits || e < -maxDigits || d.NumDigits() > 2*maxDigits {
		return Money{}, Errorf(CodeInvalid, "%q is not a decimal amount", amount)
	}
	return Money{Amount: d, Currency: currency}, nil
}

// AmountText is the amount with the scale it was written in: "199.00".
func (m Money) AmountText() string {
	if e := m.Amount.Exponent(); e < 0 {
		return m.Amount.StringFixed(-e)
	}
	return m.Amount.String()
}

// String is "199.00 CNY", the form that evidence quotes.
func (m Money) String() string {
	if m.Currency == "" {
		return m.AmountText()
	}
	return m.AmountText() + " " + m.Currency
}

type moneyText struct {
	Amount   string `json:"amount" yaml:"amount"`
	Currency string `json:"currency" yaml:"currency"`
}

// MarshalJSON writes the amount as a string, so that no reader rounds it.
func (m Money) MarshalJSON() ([]byte, error) {
	return json.Marshal(moneyText{m.AmountText(), m.Currency})
}

// UnmarshalJSON reads the amount from a string or a number.
func (m *Money) UnmarshalJSON(b []byte) error {
	var raw struct {
		Amount   json.RawMessage `json:"amount"`
		Currency string          `json:"currency"`
	}
	if err := json.Unmarshal(b, &raw); err != nil {
		return err
	}
	var text string
	if err := json.Unmarshal(raw.Amount, &text); err != nil {
		text = string(raw.Amount)
	}
	v, err := ParseMoney(text, raw.Currency)
	if err != nil {
		return fmt.Errorf("money: %w", err)
	}
	*m = v
	return nil
}

// MarshalYAML writes the same two keys as JSON.
func (m Money) MarshalYAML() (any, error) { return moneyText{m.AmountText(), m.Currency}, nil }

// UnmarshalYAML reads {amount, currency}.
func (m *Money) UnmarshalYAML(unmarshal func(any) error) error {
	var t moneyText
	if err := unmarshal(&t); err != nil {
		return err
	}
	v, err := ParseMoney(t.Amount, t.Currency)
	if err != nil {
		return err
	}
	*m = v
	return nil
}
