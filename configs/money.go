package configs

import (
	"slices"
	"strings"

	"github.com/markwatch/markwatch"
	"github.com/shopspring/decimal"
	"golang.org/x/text/language"
)

// currencies are the codes of ISO 4217 (list one), without those of metals,
// funds and testing; the renminbi comes first, as the likeliest to be meant.
var currencies = strings.Fields(`CNY
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF
CHF CLP COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD
HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD
LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK
PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS
TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG`)

// currencyHabits are what people write for a code.
var currencyHabits = map[string]string{
	"RMB": "CNY", "元": "CNY", "人民币": "CNY", "¥": "CNY", "CNH": "CNY",
	"NTD": "TWD", "NT$": "TWD", "HK$": "HKD", "US$": "USD", "$": "USD", "€": "EUR", "£": "GBP", "UKP": "GBP",
}

func (c checker) currency(p *keyPath, code string) {
	if slices.Contains(currencies, code) {
		return
	}
	meant, ok := currencyHabits[strings.ToUpper(code)]
	if !ok {
		meant = similar(code, currencies)
	}
	c.fail(p, meant, "is %q, which is no ISO 4217 currency", code)
}

// money checks a price; nil is none.
func (c checker) money(p *keyPath, m *markwatch.Money) {
	if m == nil {
		return
	}
	if !c.doc.has(p.key("amount")) {
		c.fail(p.key("amount"), "", "is missing")
	}
	if m.Amount.IsNegative() {
		c.fail(p.key("amount"), "", "must not be negative")
	}
	if c.required(p.key("currency"), m.Currency) {
		c.currency(p.key("currency"), m.Currency)
	}
}

// floor checks the lowest genuine price as a fraction of the official one.
func (c checker) floor(p *keyPath, f *decimal.Decimal) {
	if f != nil && (f.IsNegative() || f.GreaterThan(decimal.NewFromInt(1))) {
		c.fail(p, "", "must be between 0 and 1, not %s", f)
	}
}

// country checks an ISO 3166-1 alpha-2 code.
func (c checker) country(p *keyPath, code string) {
	if code == "" {
		return
	}
	r, err := language.ParseRegion(code)
	if err != nil || len(code) != 2 || !r.IsCountry() || r.Canonicalize() != r || r.String() != code {
		meant := ""
		if err == nil && r.IsCountry() {
			meant = r.Canonicalize().String()
		}
		c.fail(p, meant, "is %q, which is no ISO 3166-1 country of two capital letters", code)
	}
}

// rates validates rates.yaml.
func (l *loader) rates(f loaded[ratesFile]) markwatch.Rates {
	c, r, top := checker{f.doc}, f.content, (*keyPath)(nil)
	if !c.doc.has(top.key("date")) {
		c.fail(top.key("date"), "", "is missing")
	}
	if len(r.CNY) == 0 {
		c.fail(top.key("cny"), "", "is missing")
	}
	for code, rate := range r.CNY {
		p := top.key("cny").key(code)
		c.currency(p, code)
		if !rate.IsPositive() {
			c.fail(p, "", "must be above 0")
		}
		if code == markwatch.CNY && !rate.Equal(decimal.NewFromInt(1)) {
			c.fail(p, "", "must be 1")
		}
	}
	return markwatch.Rates{Date: r.Date, Source: r.Source, CNY: r.CNY}
}
