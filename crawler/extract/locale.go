package extract

import (
	"strings"
)

// locale is what a page says of the place it speaks to; it decides what a
// shared currency sign stands for.
type locale struct {
	currency string // declared by the page's own markup, ISO 4217
	region   string // country, lower case
}

// guessLocale reads the declared currency, the language tag and the domain.
func (d *Document) guessLocale() locale {
	var l locale
	declared := d.metaContent("product:price:currency", "og:price:currency", "product:sale_price:currency", "twitter:data:currency")
	if c := strings.ToUpper(strings.TrimSpace(declared)); table.iso[c] != "" {
		l.currency = c
	}
	l.region = regionOf(d.url.Hostname(), d.Language())
	if loc := d.metaContent("og:locale"); l.region == "" && len(loc) == 5 {
		l.region = strings.ToLower(loc[3:])
	}
	return l
}

// regionOf takes the country from a domain, else from a language tag's region,
// else from a language that is written in one place mostly.
func regionOf(host, lang string) string {
	if i := strings.LastIndexByte(host, '.'); i >= 0 {
		if tld := host[i+1:]; regionCurrency[tld] != "" && tld != "co" && tld != "me" {
			return tld
		}
	}
	lang = strings.ReplaceAll(strings.ToLower(lang), "_", "-")
	if _, region, ok := strings.Cut(lang, "-"); ok {
		switch region {
		case "hans":
			return "cn"
		case "hant":
			return "tw"
		}
		if regionCurrency[region] != "" {
			return region
		}
	}
	switch lang {
	case "zh":
		return "cn"
	case "ja":
		return "jp"
	case "sv":
		return "se"
	case "da":
		return "dk"
	case "nb", "nn", "no":
		return "no"
	case "ko":
		return "kr"
	case "th":
		return "th"
	case "vi":
		return "vn"
	case "he":
		return "il"
	case "pl", "cs", "hu", "tr", "id", "uk":
		return map[string]string{"pl": "pl", "cs": "cz", "hu": "hu", "tr": "tr", "id": "id", "uk": "ua"}[lang]
	}
	return ""
}
