package markwatch_test

import (
	"encoding/json"
	"testing"

	"github.com/markwatch/markwatch"
)

func TestMoneyKeepsTheWrittenScale(t *testing.T) {
	for _, text := range []string{"199.00", "0.5", "1299", "-3.10"} {
		m, err := markwatch.ParseMoney(text, markwatch.CNY)
		if err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if want := `{"amount":"` + text + `","currency":"CNY"}`; string(b) != want {
			t.Errorf("%s is written as %s", text, b)
		}
	}
}

func TestMoneyReadsNumbersAndStrings(t *testing.T) {
	for _, in := range []string{`{"amount":"12.50","currency":"USD"}`, `{"amount":12.50,"currency":"USD"}`} {
		var m markwatch.Money
		if err := json.Unmarshal([]byte(in), &m); err != nil {
			t.Fatal(err)
		}
		if m.String() != "12.50 USD" {
			t.Errorf("%s reads as %s", in, m)
		}
	}
	for _, in := range []string{`{"amount":"12,50"}`, `{"amount":null}`, `{"amount":{}}`, `{}`,
		`{"amount":"1e9999","currency":"USD"}`, `{"amount":"1e-9999","currency":"USD"}`} {
		var m markwatch.Money
		if err := json.Unmarshal([]byte(in), &m); err == nil {
			t.Errorf("%s is taken for money: %s", in, m)
		}
	}
}

func TestShownPriceKeepsItsMoneyInJSON(t *testing.T) {
	amount, err := markwatch.ParseMoney("89.90", markwatch.CNY)
	if err != nil {
		t.Fatal(err)
	}
	in := markwatch.ShownPrice{Kind: markwatch.PriceCoupon, Money: amount, Text: "券后89.9"}
	b, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"kind":"coupon","amount":"89.90","currency":"CNY","text":"券后89.9"}`; string(b) != want {
		t.Errorf("written as %s", b)
	}
	var out markwatch.ShownPrice
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	if out.String() != "89.90 CNY" || out.Kind != in.Kind || out.Text != in.Text {
		t.Errorf("read back as %+v", out)
	}
}
