package extract

import (
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
)

// sign is one way to write a currency.
type sign struct {
	text string
	code string // ISO 4217
	// family names the currencies that share the sign; the page's locale picks
	// among them and code stands where it says nothing.
	family string
	// weak signs are also ordinary letters: they count beside a number only.
	weak bool
}

// signs is every way to write a currency that is recognised. ISO codes are
// added by newCurrencies.
var signs = []sign{
	{text: "US$", code: "USD"}, {text: "U$S", code: "USD"}, {text: "USD$", code: "USD"}, {text: "HK$", code: "HKD"}, {text: "HKD$", code: "HKD"}, {text: "NT$", code: "TWD"}, {text: "NTD", code: "TWD"},
	{text: "NT", code: "TWD", weak: true}, {text: "MOP$", code: "MOP"}, {text: "A$", code: "AUD"}, {text: "AU$", code: "AUD"}, {text: "C$", code: "CAD"}, {text: "CA$", code: "CAD"}, {text: "CAD$", code: "CAD"}, {text: "AUD$", code: "AUD"},
	{text: "NZ$", code: "NZD"}, {text: "S$", code: "SGD"}, {text: "SG$", code: "SGD"}, {text: "MX$", code: "MXN"}, {text: "R$", code: "BRL"}, {text: "RD$", code: "DOP"},
	{text: "CLP$", code: "CLP"}, {text: "COP$", code: "COP"}, {text: "AR$", code: "ARS"}, {text: "S/.", code: "PEN"}, {text: "S/", code: "PEN"}, {text: "AU $", code: "AUD"}, {text: "C $", code: "CAD"}, {text: "NZ $", code: "NZD"}, {text: "Bs.", code: "BOB", weak: true},
	{text: "$", code: "USD", family: "$"}, {text: "﹩", code: "USD", family: "$"}, {text: "€", code: "EUR"}, {text: "euros", code: "EUR"}, {text: "euro", code: "EUR"}, {text: "欧元", code: "EUR"},
	{text: "£", code: "GBP"}, {text: "₤", code: "GBP"}, {text: "英镑", code: "GBP"}, {text: "¥", code: "CNY", family: "¥"}, {text: "元", code: "CNY", family: "元", weak: true},
	{text: "人民币", code: "CNY"}, {text: "RMB", code: "CNY"}, {text: "CN¥", code: "CNY"}, {text: "JP¥", code: "JPY"}, {text: "圆", code: "CNY", weak: true}, {text: "块钱", code: "CNY", weak: true}, {text: "块", code: "CNY", weak: true},
	{text: "円", code: "JPY"}, {text: "日元", code: "JPY"}, {text: "日圆", code: "JPY"}, {text: "美元", code: "USD"}, {text: "美金", code: "USD"}, {text: "港币", code: "HKD"}, {text: "港元", code: "HKD"}, {text: "新台币", code: "TWD"}, {text: "台币", code: "TWD"}, {text: "韩元", code: "KRW"},
	{text: "원", code: "KRW"}, {text: "₩", code: "KRW"}, {text: "₽", code: "RUB"}, {text: "руб.", code: "RUB"}, {text: "руб", code: "RUB"}, {text: "рублей", code: "RUB"}, {text: "рубля", code: "RUB"}, {text: "р.", code: "RUB", weak: true}, {text: "р", code: "RUB", weak: true},
	{text: "₴", code: "UAH"}, {text: "грн.", code: "UAH"}, {text: "грн", code: "UAH"}, {text: "₸", code: "KZT"}, {text: "тг", code: "KZT", weak: true}, {text: "₾", code: "GEL"}, {text: "֏", code: "AMD"}, {text: "₼", code: "AZN"},
	{text: "zł", code: "PLN"}, {text: "zl", code: "PLN", weak: true}, {text: "Kč", code: "CZK"}, {text: "Kc", code: "CZK", weak: true}, {text: "Ft", code: "HUF", weak: true}, {text: "lei", code: "RON", weak: true}, {text: "лв.", code: "BGN"}, {text: "лв", code: "BGN"}, {text: "kn", code: "HRK", weak: true}, {text: "din.", code: "RSD", weak: true},
	{text: "kr.", code: "SEK", family: "kr", weak: true}, {text: "kr", code: "SEK", family: "kr", weak: true}, {text: ":-", code: "SEK", family: "kr", weak: true}, {text: "Fr.", code: "CHF", weak: true}, {text: "SFr.", code: "CHF"}, {text: "₺", code: "TRY"}, {text: "TL", code: "TRY", weak: true},
	{text: "₹", code: "INR"}, {text: "Rs.", code: "INR", family: "Rs"}, {text: "Rs", code: "INR", family: "Rs"}, {text: "₨", code: "INR", family: "Rs"}, {text: "৳", code: "BDT"}, {text: "Tk", code: "BDT", weak: true},
	{text: "Rp.", code: "IDR"}, {text: "Rp", code: "IDR"}, {text: "RM", code: "MYR", weak: true}, {text: "฿", code: "THB"}, {text: "บาท", code: "THB"}, {text: "₫", code: "VND"}, {text: "đ", code: "VND", weak: true}, {text: "₱", code: "PHP"}, {text: "៛", code: "KHR"}, {text: "₭", code: "LAK"}, {text: "₮", code: "MNT"},
	{text: "₪", code: "ILS"}, {text: "ש\"ח", code: "ILS"}, {text: "ש״ח", code: "ILS"}, {text: "KD", code: "KWD", weak: true}, {text: "BD", code: "BHD", weak: true}, {text: "JD", code: "JOD", weak: true}, {text: "SR", code: "SAR", weak: true}, {text: "QR", code: "QAR", weak: true}, {text: "Dhs", code: "AED"}, {text: "LE", code: "EGP", weak: true}, {text: "E£", code: "EGP"},
	{text: "جنيه", code: "EGP"}, {text: "ج.م", code: "EGP"}, {text: "درهم", code: "AED"}, {text: "د.إ", code: "AED"}, {text: "ريال", code: "SAR"}, {text: "ر.س", code: "SAR"}, {text: "د.ك", code: "KWD"}, {text: "د.ع", code: "IQD"}, {text: "ر.ع", code: "OMR"}, {text: "د.ب", code: "BHD"}, {text: "د.أ", code: "JOD"}, {text: "ر.ق", code: "QAR"}, {text: "د.ت", code: "TND"}, {text: "د.ج", code: "DZD"}, {text: "د.م", code: "MAD"}, {text: "ل.ل", code: "LBP"}, {text: "دينار", code: "KWD"}, {text: "تومان", code: "IRR"}, {text: "﷼", code: "IRR"},
	{text: "₦", code: "NGN"}, {text: "KSh", code: "KES"}, {text: "GH₵", code: "GHS"}, {text: "₵", code: "GHS"}, {text: "R", code: "ZAR", weak: true}, {text: "₡", code: "CRC"}, {text: "₲", code: "PYG"}, {text: "Q", code: "GTQ", weak: true},
	// a money of account that never had a code keeps its own sign
	{text: "₶", code: "₶"},
}

// isoCodes are the ISO 4217 codes that are recognised when written out; the
// last row is of currencies that were replaced and still stand on old pages.
const isoCodes = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWL " +
	"DEM PTE FRF ITL ESP NLG ATS BEF FIM IEP GRD HRK LTL LVL EEK SKK SIT RUR BYR TRL"

// wordCodes are codes that are also words or names in running text.
var wordCodes = map[string]bool{"ALL": true, "AMD": true, "ANG": true, "BAM": true, "BOB": true, "COP": true, "CUP": true, "DOP": true, "FIM": true, "GEL": true, "LAK": true, "MAD": true, "MOP": true, "NAD": true, "PAB": true, "PEN": true, "SIT": true, "SOS": true, "TOP": true, "TRY": true, "VES": true}

// region gives the currency that a shared sign stands for in a place. The key
// is a country's top-level domain or ISO 3166 code in lower case.
var regionCurrency = map[string]string{
	"cn": "CNY", "hk": "HKD", "tw": "TWD", "mo": "MOP", "jp": "JPY", "kr": "KRW", "sg": "SGD", "my": "MYR", "th": "THB", "vn": "VND", "id": "IDR", "ph": "PHP",
	"in": "INR", "pk": "PKR", "lk": "LKR", "np": "NPR", "mu": "MUR", "bd": "BDT", "us": "USD", "ca": "CAD", "au": "AUD", "nz": "NZD", "mx": "MXN", "cl": "CLP", "co": "COP", "ar": "ARS", "uy": "UYU", "br": "BRL", "pe": "PEN",
	"uk": "GBP", "gb": "GBP", "ie": "EUR", "de": "EUR", "at": "EUR", "fr": "EUR", "it": "EUR", "es": "EUR", "pt": "EUR", "nl": "EUR", "be": "EUR", "fi": "EUR", "gr": "EUR", "sk": "EUR", "si": "EUR", "ee": "EUR", "lv": "EUR", "lt": "EUR", "hr": "EUR",
	"se": "SEK", "no": "NOK", "dk": "DKK", "is": "ISK", "pl": "PLN", "cz": "CZK", "hu": "HUF", "ro": "RON", "bg": "BGN", "ch": "CHF", "ru": "RUB", "ua": "UAH", "kz": "KZT", "tr": "TRY", "il": "ILS", "za": "ZAR", "ae": "AED", "sa": "SAR", "eg": "EGP",
}

// families are the currencies that share a sign.
var families = map[string]string{
	"$":  "USD CAD AUD NZD HKD SGD TWD MXN CLP COP ARS UYU BRL MOP",
	"¥":  "CNY JPY",
	"元":  "CNY TWD HKD MOP",
	"kr": "SEK NOK DKK ISK",
	"Rs": "INR PKR LKR NPR MUR",
}

// currencies is the compiled table of signs.
type currencies struct {
	signs []sign            // longest first
	iso   map[string]string // upper-case code to itself
	// signs by their first and by their last rune, lower case, longest first
	first, last map[rune][]sign
}

func newCurrencies() *currencies {
	c := &currencies{iso: map[string]string{}, first: map[rune][]sign{}, last: map[rune][]sign{}}
	c.signs = append(c.signs, signs...)
	for _, code := range strings.Fields(isoCodes) {
		c.iso[code] = code
		c.signs = append(c.signs, sign{text: code, code: code})
	}
	sort.SliceStable(c.signs, func(i, j int) bool { return len(c.signs[i].text) > len(c.signs[j].text) })
	for _, sg := range c.signs {
		f, _ := utf8.DecodeRuneInString(sg.text)
		l, _ := utf8.DecodeLastRuneInString(sg.text)
		f, l = unicode.ToLower(f), unicode.ToLower(l)
		c.first[f] = append(c.first[f], sg)
		c.last[l] = append(c.last[l], sg)
	}
	return c
}

// table is read-only after it was made.
var table = newCurrencies()

// before finds the sign that ends a text, as in "Price: US$".
func (c *currencies) before(s string) (sign, int, bool) {
	r, _ := utf8.DecodeLastRuneInString(s)
	if r < 0x80 && (r >= '0' && r <= '9' || r == ')' || r == ',') {
		return sign{}, 0, false
	}
	row := c.last[unicode.ToLower(r)]
	for i := range row {
		t := row[i].text
		if len(t) > len(s) || !sameFold(s[len(s)-len(t):], t) {
			continue
		}
		if wordy(t, true) {
			p, _ := utf8.DecodeLastRuneInString(s[:len(s)-len(t)])
			if isWord(p) {
				continue
			}
		}
		return row[i], len(t), true
	}
	return sign{}, 0, false
}

// after finds the sign that begins a text, as in "€ *".
func (c *currencies) after(s string) (sign, int, bool) {
	r, _ := utf8.DecodeRuneInString(s)
	row := c.first[unicode.ToLower(r)]
	for i := range row {
		t := row[i].text
		if len(t) > len(s) || !sameFold(s[:len(t)], t) {
			continue
		}
		if wordy(t, false) {
			p, _ := utf8.DecodeRuneInString(s[len(t):])
			if isWord(p) && !unicode.Is(unicode.Han, p) {
				continue
			}
		}
		return row[i], len(t), true
	}
	return sign{}, 0, false
}

// anywhere finds a sign that is not weak in a hint such as "Price From £ 39.95".
func (c *currencies) anywhere(s string) (sign, bool) {
	prev := rune(' ')
	for i, r := range s {
		if len(c.first[unicode.ToLower(r)]) > 0 && (!isWord(r) || !isWord(prev) || unicode.Is(unicode.Han, r)) {
			if found, _, ok := c.after(s[i:]); ok && (!found.weak || len(strings.TrimSpace(s)) <= len(found.text)+1) {
				return found, true
			}
		}
		prev = r
	}
	return sign{}, false
}

// code resolves a sign in a locale.
func (s sign) resolve(l locale) string {
	if s.family == "" {
		return s.code
	}
	for _, candidate := range []string{l.currency, regionCurrency[l.region]} {
		if candidate != "" && inFamily(s.family, candidate) {
			return candidate
		}
	}
	return s.code
}

func inFamily(family, code string) bool {
	for f := range strings.FieldsSeq(families[family]) {
		if f == code {
			return true
		}
	}
	return false
}

// sameFold compares ISO codes and letter signs without regard to case, but a
// sign of one capital stays a capital: R is the rand, r is not.
func sameFold(a, b string) bool {
	if a == b {
		return true
	}
	if len(b) < 2 || len(b) == 2 && b[0] < 0x80 && b[1] < 0x80 && strings.ToUpper(b) == b {
		return false
	}
	return strings.EqualFold(a, b)
}

// wordy reports whether a sign begins (or ends) with a letter, so that it must
// not run into a word there.
func wordy(t string, front bool) bool {
	var r rune
	if front {
		r, _ = utf8.DecodeRuneInString(t)
	} else {
		r, _ = utf8.DecodeLastRuneInString(t)
	}
	return isWord(r) && !unicode.Is(unicode.Han, r)
}

func isWord(r rune) bool { return unicode.IsLetter(r) }

// decimals are the digits after the point that a currency uses where it is not
// two; ISO 4217 calls this the minor unit. Currencies whose minor unit nobody
// writes any more count as none.
var decimals = map[string]int{
	"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "IDR": 0, "PYG": 0, "ISK": 0, "COP": 0, "HUF": 0, "IRR": 0, "LAK": 0, "UGX": 0,
	"KWD": 3, "BHD": 3, "OMR": 3, "JOD": 3, "TND": 3, "LYD": 3, "IQD": 3,
}
