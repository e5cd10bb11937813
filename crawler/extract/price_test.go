package extract_test

import (
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/extract"
)

func TestParsePrice(t *testing.T) {
	for _, c := range []struct {
		text, hint string
		want       string // "amount currency", "" for no price
		max        string
		kind       markwatch.PriceKind
	}{
		{"¥1,299.00起", "", "1299.00 CNY", "", markwatch.PriceListed},
		{"¥1299.00", "", "1299.00 CNY", "", markwatch.PriceListed},
		{"券后89.9", "CNY", "89.9 CNY", "", markwatch.PriceCoupon},
		{"券后¥199起", "", "199 CNY", "", markwatch.PriceCoupon},
		{"到手价 59.9元", "", "59.9 CNY", "", markwatch.PriceCoupon},
		{"原价¥399 券后¥199", "", "199 CNY", "", markwatch.PriceCoupon},
		{"原价¥399 现价¥299", "", "299 CNY", "", markwatch.PriceListed},
		{"¥1.2万", "", "12000 CNY", "", markwatch.PriceListed},
		{"1.2万元", "", "12000 CNY", "", markwatch.PriceListed},
		{"29元/2盒", "", "29 CNY", "", markwatch.PriceListed},
		{"12.5元/斤", "", "12.5 CNY", "", markwatch.PriceUnit},
		{"¥5.8/100g", "", "5.8 CNY", "", markwatch.PriceUnit},
		{"八十九元", "", "89 CNY", "", markwatch.PriceListed},
		{"一千二百块", "", "1200 CNY", "", markwatch.PriceListed},
		{"定金¥50", "", "50 CNY", "", markwatch.PriceDeposit},
		{"运费 ¥10 商品 ¥88", "", "88 CNY", "", markwatch.PriceListed},
		{"拼团价¥39.9", "", "39.9 CNY", "", markwatch.PriceGroup},
		{"会员价 68元", "", "68 CNY", "", markwatch.PriceMember},
		{"HK$ 1,280", "", "1280 HKD", "", markwatch.PriceListed},
		{"NT$2,980", "", "2980 TWD", "", markwatch.PriceListed},
		{"US $12.99 - 15.99", "", "12.99 USD", "15.99 USD", markwatch.PriceListed},
		{"¥149.00 - 159.00", "", "149.00 CNY", "159.00 CNY", markwatch.PriceListed},
		{"$10 – $20", "", "10 USD", "20 USD", markwatch.PriceListed},
		{"1.299,00 €", "", "1299.00 EUR", "", markwatch.PriceListed},
		{"12.500₫", "", "12500 VND", "", markwatch.PriceListed},
		{"1 299,00 zł", "", "1299.00 PLN", "", markwatch.PriceListed},
		{"CHF 1'049.95", "", "1049.95 CHF", "", markwatch.PriceListed},
		{"12€50", "", "12.50 EUR", "", markwatch.PriceListed},
		{"$12 CAD", "", "12 CAD", "", markwatch.PriceListed},
		{"$12", "CAD", "12 CAD", "", markwatch.PriceListed},
		{"¥3,500", "JPY", "3500 JPY", "", markwatch.PriceListed},
		{"3,500円", "", "3500 JPY", "", markwatch.PriceListed},
		{"0.999", "EUR", "0.999 EUR", "", markwatch.PriceListed},
		{"1.234 KD", "", "1.234 KWD", "", markwatch.PriceListed},
		{"1.234", "EUR", "1234 EUR", "", markwatch.PriceListed},
		{"199", "", "199", "", markwatch.PriceListed},
		{"Free!", "", "0", "", markwatch.PriceListed},
		{"免费", "", "0", "", markwatch.PriceListed},
		{"-20% 45 €", "", "45 EUR", "", markwatch.PriceListed},
		{"99 , 79 €", "", "99.79 EUR", "", markwatch.PriceListed},
		{"1.298,-€", "", "1298 EUR", "", markwatch.PriceListed},
		{"Fr. 49.–", "", "49 CHF", "", markwatch.PriceListed},
		{"1,5 Mio. €", "", "1500000 EUR", "", markwatch.PriceListed},
		{"$1.5k", "", "1500 USD", "", markwatch.PriceListed},
		{"£10.82 ex VAT £12.99 inc VAT", "", "12.99 GBP", "", markwatch.PriceListed},
		{"Save $10 $19.99", "", "19.99 USD", "", markwatch.PriceListed},
		{"$10 off $19.99", "", "19.99 USD", "", markwatch.PriceListed},
		{"每期¥108.25", "", "108.25 CNY", "", markwatch.PriceDeposit},
		{"$29.99/month", "", "29.99 USD", "", markwatch.PriceDeposit},
		{"R$ 99,90 em até 10x de R$ 9,99", "", "99.90 BRL", "", markwatch.PriceListed},
		{"Lieferung 4,99 €", "", "4.99 EUR", "", markwatch.PriceShipping},
		{"到手价299", "", "299 CNY", "", markwatch.PriceCoupon},
		{"领券立减20元 券后¥79", "", "79 CNY", "", markwatch.PriceCoupon},
		{"S/ 129.90", "", "129.90 PEN", "", markwatch.PriceListed},
		{"C $12.99", "", "12.99 CAD", "", markwatch.PriceListed},
		{"免費", "", "0", "", markwatch.PriceListed},
		{"₹1,29,999.00", "", "129999.00 INR", "", markwatch.PriceListed},
		{"1 299:-", "", "1299 SEK", "", markwatch.PriceListed},
		// counts, sizes and dates are no prices
		{"1.2万+人付款", "", "", "", ""},
		{"230ml*2", "", "", "", ""},
		{"已售300件", "", "", "", ""},
		{"8折", "", "", "", ""},
		{"50%", "", "", "", ""},
		{"3件装", "", "", "", ""},
		{"一元素", "", "", "", ""},
		{"电议", "", "", "", ""},
		{"", "", "", "", ""},
	} {
		p, ok := extract.ParsePrice(c.text, c.hint)
		got := ""
		if ok {
			got = p.Money.String()
		}
		if got != c.want {
			t.Errorf("%q (%s): got %q, want %q", c.text, c.hint, got, c.want)
			continue
		}
		if !ok {
			continue
		}
		if p.Kind != c.kind {
			t.Errorf("%q: kind %s, want %s", c.text, p.Kind, c.kind)
		}
		maximum := ""
		if p.Max != nil {
			maximum = p.Max.String()
		}
		if maximum != c.max {
			t.Errorf("%q: upper end %q, want %q", c.text, maximum, c.max)
		}
	}
}
