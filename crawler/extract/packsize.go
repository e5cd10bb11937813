package extract

import (
	"regexp"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/markwatch/markwatch"
)

// Pack is what one price buys: Count articles of Size each.
type Pack struct {
	// Count is how many articles the pack holds, at least 1.
	Count decimal.Decimal
	// Size is the content of one article in Unit; zero where only articles are
	// counted.
	Size decimal.Decimal
	// Unit is ml, g or m; empty where only articles are counted.
	Unit string
}

// Content is the whole content: ml, g or m, or articles where Unit is empty.
func (p Pack) Content() decimal.Decimal {
	if p.Unit == "" {
		return p.Count
	}
	return p.Size.Mul(p.Count)
}

// UnitPrice is the price of one article, to six places.
func (p Pack) UnitPrice(price markwatch.Money) markwatch.Money {
	return markwatch.Money{Amount: price.Amount.DivRound(p.Count, 6), Currency: price.Currency}
}

// measure is a unit of content in terms of its base.
type measure struct {
	base   string
	factor decimal.Decimal
}

// contents are the units of content, lower case. Ounces of goods in packs are
// of weight where nothing calls them fluid.
var contents = map[string]measure{
	"ml": {"ml", decimal.NewFromInt(1)}, "毫升": {"ml", decimal.NewFromInt(1)}, "cl": {"ml", decimal.NewFromInt(10)}, "dl": {"ml", decimal.NewFromInt(100)}, "l": {"ml", decimal.NewFromInt(1000)}, "升": {"ml", decimal.NewFromInt(1000)}, "公升": {"ml", decimal.NewFromInt(1000)}, "liter": {"ml", decimal.NewFromInt(1000)}, "litre": {"ml", decimal.NewFromInt(1000)}, "fl oz": {"ml", decimal.RequireFromString("29.5735")}, "fl.oz": {"ml", decimal.RequireFromString("29.5735")}, "мл": {"ml", decimal.NewFromInt(1)}, "л": {"ml", decimal.NewFromInt(1000)},
	"mg": {"g", decimal.RequireFromString("0.001")}, "g": {"g", decimal.NewFromInt(1)}, "克": {"g", decimal.NewFromInt(1)}, "gr": {"g", decimal.NewFromInt(1)}, "kg": {"g", decimal.NewFromInt(1000)}, "千克": {"g", decimal.NewFromInt(1000)}, "公斤": {"g", decimal.NewFromInt(1000)}, "斤": {"g", decimal.NewFromInt(500)}, "市斤": {"g", decimal.NewFromInt(500)}, "oz": {"g", decimal.RequireFromString("28.3495")}, "lb": {"g", decimal.RequireFromString("453.592")}, "lbs": {"g", decimal.RequireFromString("453.592")}, "г": {"g", decimal.NewFromInt(1)}, "кг": {"g", decimal.NewFromInt(1000)},
	"米": {"m", decimal.NewFromInt(1)}, "厘米": {"m", decimal.RequireFromString("0.01")},
}

const (
	packNumber   = `(\d+(?:[.,]\d+)?)`
	packUnit     = `(fl\.? ?oz|毫升|公升|升|千克|公斤|市斤|斤|克|ml|cl|dl|liters?|litres?|l|kg|mg|gr|g|oz|lbs?|мл|л|кг|г)`
	packTimes    = `\s*[*×xXх✕]\s*`
	packArticles = `(?:瓶|盒|袋|包|罐|支|片|件|双|条|桶|箱|只|个|枚|套|提|卷|听|杯|块|本|入|粒装|병|개입|개|팩|박스|本入り|個入り|本セット|個セット|袋セット)`
	hanCount     = `([一二两三四五六七八九十]{1,3}|\d{1,3})`
)

// The ways in which packs are written.
var (
	sizeTimes   = regexp.MustCompile(`(?i)` + packNumber + `\s*` + packUnit + `(?:\s*/?\s*(?:瓶|盒|袋|包|罐|支|条|桶|件|听|杯))?` + packTimes + `(\d{1,4})(?:\s*` + packArticles + `)?`)
	timesSize   = regexp.MustCompile(`(?i)\b(\d{1,3})` + packTimes + packNumber + `\s*` + packUnit + `\b`)
	countedPack = regexp.MustCompile(`(?i)` + hanCount + `\s*(?:大|小)?(?:瓶|盒|袋|包|罐|支|片|件|双|条|桶|箱|只|个|枚|套|提|卷|听|杯|块|本|入|粒)装`)
	boxOf       = regexp.MustCompile(`(?:一箱|整箱|每箱|一盒|每盒|一提|整提|1箱|1提)\s*` + hanCount + `\s*(?:瓶|盒|袋|包|罐|支|听|桶|条|片|枚|个)`)
	perBox      = regexp.MustCompile(hanCount + `\s*(?:瓶|盒|袋|包|罐|支|桶|听|条|枚|片)\s*/\s*(?:箱|盒|提|件|组)`)
	sizeCount   = regexp.MustCompile(`(?i)` + packNumber + `\s*` + packUnit + `\s+` + `(\d{1,3})\s*(?:瓶|盒|袋|包|罐|支|桶|听|병|개|팩|本|個|袋セット)`)
	packOfWords = regexp.MustCompile(`(?i)\b(?:pack|set|box|case|lot|confezione|pack de|lot de|paquete de|paczka) (?:of |da |di |de |von )?(\d{1,3})\b|\b(\d{1,3})[- ]?(?:pack|pk|er[- ]pack|er[- ]set|pièces|piezas|unidades|pezzi|stück|szt|шт|pcs|pieces|count|ct)\b|(\d{1,3})\s*(?:本|個|袋|枚)(?:セット|入り)`)
	contentOnly = regexp.MustCompile(`(?i)(?:^|[^\d.,a-zA-Z])` + packNumber + `\s*` + packUnit + `(?:[^a-zA-Z]|$)`)
)

// ParsePack reads a pack size: 230ml*2, 50g×3, 6 x 33 cl, 两瓶装, 一箱6瓶,
// 24瓶/箱, pack of 3. It returns false where the text states none; a content
// alone (500g) is a pack of one.
func ParsePack(text string) (Pack, bool) {
	p, _, ok := packIn(fold(clip(text, maxPriceText)))
	return p, ok
}

// packIn is the first pack in a folded text, and where it is written.
func packIn(s string) (p Pack, shown string, ok bool) {
	p.Count = decimal.NewFromInt(1)
	if !strings.ContainsAny(s, "0123456789一二两三四五六七八九十") {
		return p, "", false
	}
	if m := sizeTimes.FindStringSubmatch(s); m != nil {
		return p.of(m[0], m[1], m[2], m[3])
	}
	if m := timesSize.FindStringSubmatch(s); m != nil {
		return p.of(m[0], m[2], m[3], m[1])
	}
	if m := sizeCount.FindStringSubmatch(s); m != nil {
		return p.of(m[0], m[1], m[2], m[3])
	}
	for _, re := range []*regexp.Regexp{boxOf, perBox, countedPack, packOfWords} {
		m := re.FindStringSubmatch(s)
		if m == nil {
			continue
		}
		size, unit := "", ""
		if c := contentOnly.FindStringSubmatch(s); c != nil {
			size, unit = c[1], c[2]
		}
		return p.of(m[0], size, unit, firstText(m[1:]...))
	}
	if c := contentOnly.FindStringSubmatch(s); c != nil {
		return p.of(strings.TrimFunc(c[0], func(r rune) bool { return !digitOrLetter(r) }), c[1], c[2], "1")
	}
	return p, "", false
}

// of fills a pack in; ok is false where a part is no number or none at all.
func (p Pack) of(shown, size, unit, count string) (Pack, string, bool) {
	n, ok := countOf(count)
	if !ok {
		return p, "", false
	}
	p.Count = n
	if size != "" {
		v, err := decimal.NewFromString(strings.Replace(size, ",", ".", 1))
		m, known := contents[strings.TrimSuffix(strings.ToLower(squeeze(unit)), "s")]
		if !known {
			m, known = contents[strings.ToLower(squeeze(unit))]
		}
		if err == nil && known && v.IsPositive() {
			p.Size, p.Unit = v.Mul(m.factor), m.base
		}
	}
	return p, squeeze(shown), true
}

// countOf reads a count of 1 to 999 in digits or Chinese numerals.
func countOf(s string) (decimal.Decimal, bool) {
	n := 0
	for _, r := range s {
		switch d, ok := hanDigit[r]; {
		case r >= '0' && r <= '9':
			n = n*10 + int(r-'0')
		case r == '十':
			n = max(n, 1) * 10
		case ok && n >= 10:
			n += int(d)
		case ok:
			n = n*10 + int(d)
		default:
			return decimal.Decimal{}, false
		}
		if n > 9999 {
			return decimal.Decimal{}, false
		}
	}
	return decimal.NewFromInt(int64(n)), n > 0
}

func digitOrLetter(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= 0x370
}

// quantityOf reads the pack size out of a title: what is more than one article.
func quantityOf(title string) string {
	p, shown, ok := packIn(fold(clip(title, maxPriceText)))
	if !ok || p.Count.Equal(decimal.NewFromInt(1)) && !packaged(shown) {
		return ""
	}
	return shown
}

// packaged reports whether a text names a package, so that a pack of one is
// stated and not only a content.
func packaged(shown string) bool { return strings.HasSuffix(shown, "装") }
