package web

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/shopspring/decimal"

	"github.com/markwatch/markwatch"
)

// currencySigns are the signs that readers expect before an amount; other
// currencies are written with their code.
var currencySigns = map[string]string{"CNY": "¥", "USD": "US$", "EUR": "€", "GBP": "£", "JPY": "JP¥", "HKD": "HK$", "TWD": "NT$"}

// number writes a whole number in groups of three: 1,284.
func number(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	var b strings.Builder
	for i, c := range s {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(c)
	}
	return sign + b.String()
}

// amount writes an amount without needless decimals: 199, 89.9, 1,299.5.
func amount(d decimal.Decimal) string {
	if !sized(d) {
		return d.Coefficient().String() + "E" + strconv.Itoa(int(d.Exponent()))
	}
	s := d.Round(2).String()
	whole, frac, _ := strings.Cut(s, ".")
	if n, err := strconv.ParseInt(whole, 10, 64); err == nil && (n != 0 || frac == "") {
		whole = number(n)
	}
	frac = strings.TrimRight(frac, "0")
	if frac == "" {
		return whole
	}
	return whole + "." + frac
}

// sized says whether a number is of a size that money has. Written out, an
// exponent of a hundred million would fill the memory.
func sized(d decimal.Decimal) bool { return d.Exponent() <= 15 && d.Exponent() >= -15 }

// money writes an amount with its currency's sign.
func money(m markwatch.Money) string {
	if sign, ok := currencySigns[m.Currency]; ok {
		return sign + amount(m.Amount)
	}
	if m.Currency == "" {
		return amount(m.Amount)
	}
	return amount(m.Amount) + " " + m.Currency
}

// percent writes a fraction: 25%.
func percent(d decimal.Decimal) string {
	p := d.Mul(decimal.NewFromInt(100))
	if p.LessThan(decimal.NewFromInt(10)) {
		return p.Round(1).String() + "%"
	}
	return p.Round(0).String() + "%"
}

// short writes a large number as people say it: 1.2万, 12k.
func short(l lang, n int64) string {
	unit, sign := int64(10_000), "万"
	if l == langEN {
		unit, sign = 1000, "k"
	}
	if n < unit {
		return number(n)
	}
	return decimal.NewFromInt(n).Div(decimal.NewFromInt(unit)).RoundDown(1).String() + sign
}

// outsideURL returns an address that may stand in a link: absolute, http or
// https, without user name. It returns "" for everything else.
func outsideURL(s string) string {
	if len(s) > 4096 || strings.ContainsFunc(s, unicode.IsControl) {
		return ""
	}
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil {
		return ""
	}
	return u.String()
}

// localPath returns a path of the desk that a reader may be sent back to:
// never another host, never a header's end.
func localPath(s string) string {
	if !strings.HasPrefix(s, "/") || len(s) > 4096 || strings.ContainsFunc(s, unicode.IsControl) || strings.Contains(s, "\\") {
		return "/"
	}
	u, err := url.Parse(s)
	if err != nil || u.Host != "" || u.Scheme != "" || strings.HasPrefix(u.Path, "//") || !strings.HasPrefix(u.Path, "/") {
		return "/"
	}
	out := (&url.URL{Path: u.Path, RawQuery: u.RawQuery, Fragment: u.Fragment}).String()
	if strings.HasPrefix(out, "//") {
		return "/"
	}
	return out
}

// secondsUp is a span in whole seconds for Retry-After, at least one.
func secondsUp(d time.Duration) string {
	return strconv.Itoa(max(1, int((d+time.Second-1)/time.Second)))
}

// percentOf writes a fraction of 0 to 1: 25%.
func percentOf(f float64) string { return percent(decimal.NewFromFloat(f)) }

// tracePath is the path of an event of a parcel in Listing.TextFields.
func tracePath(parcel, event int) string {
	return "tracking[" + strconv.Itoa(parcel) + "].events[" + strconv.Itoa(event) + "]"
}

func itoa(n int) string { return strconv.Itoa(n) }

// coordinate writes a place in a drawing.
func coordinate(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

// newKey is a name that nobody guesses.
func newKey() string { return rand.Text() }

// pageOf reads ?p=, from 1.
func pageOf(r *http.Request) int {
	n, err := strconv.Atoi(r.URL.Query().Get("p"))
	if err != nil || n < 1 || n > maxPage {
		return 1
	}
	return n
}
