package extract

import (
	"regexp"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/markwatch/markwatch"
)

var (
	// a count stands behind a word for sales, or before one for buyers; words
	// that are also said of time or of mood need a counter behind the number
	salesPattern    = regexp.MustCompile(`(?i)(?:已售|已卖|đã bán|ขายแล้ว|terjual|月销量?|年销量?|销量|总销量|已拼|累计销量|累计售出|售出)\s*[:\x{ff1a}]?\s*(\d[\d.,]*)\s*(万|千|k|w)?\s*\+?\s*(?:人付款|人收货|人已?购买|人拼单|人想要|件|笔|单|份|人|sold)?|(?:热卖|成交|付款)\s*[:\x{ff1a}]?\s*(\d[\d.,]*)\s*(万|千|k|w)?\s*\+?\s*(?:件|笔|单|份|人)|(\d[\d.,]*)\s*(万|千|k|w)?\s*\+?\s*(?:人付款|人收货|人购买|人已购买|人拼单|人想要|件已售|笔成交|items?\s+sold|sold|bought|orders|verkauft|vendus|vendidos|venduti)`)
	deliveryPattern = regexp.MustCompile(`(?:(?:付款后|下单后|预计|承诺|现货)?\s*(?:(?:\d{1,3}\s*(?:-|~|至|到)?\s*\d{0,3}|[一二两三四五六七八九十半]{1,3})\s*(?:个)?(?:小时|天|工作日|日)之?内?\s*(?:发货|送达|到货|到手|到达|寄出|发出)|(?:次日|隔日|隔天|当日|当天|次晨)(?:达|到|送达|发货|发出|寄出))|自动发货|秒发货?)`)
)

var salesHints = newWords("已售", "已卖", "月销", "年销", "销量", "已拼", "热卖", "售出", "成交", "付款", "收货", "购买", "拼单", "想要")
var latinSalesHints = newWords("đã bán", "ขายแล้ว", "terjual", "sold", "bought", "orders", "verkauft", "vendus", "vendidos", "venduti")

// salesOf reads a count of units sold: the text as shown and its lower bound.
func salesOf(s string) (string, int64, bool) {
	if !hasDigit(s) {
		return "", 0, false
	}
	if !salesHints.in(s) && !latinSalesHints.in(strings.ToLower(s)) {
		return "", 0, false
	}
	m := salesPattern.FindStringSubmatchIndex(s)
	if m == nil {
		return "", 0, false
	}
	num := 2
	for m[num] < 0 {
		num += 4
	}
	unit := num + 2
	digits := s[m[num]:m[num+1]]
	if at := strings.IndexAny(digits, ".,"); m[unit] >= 0 && at > 0 && len(digits)-at-1 < 3 {
		digits = digits[:at] + "." + digits[at+1:] // 1,2k is written so where a comma begins decimals
	}
	digits = strings.ReplaceAll(digits, ",", "")
	v, err := decimal.NewFromString(strings.Trim(digits, "."))
	if err != nil {
		return "", 0, false
	}
	if m[unit] >= 0 {
		switch strings.ToLower(s[m[unit]:m[unit+1]]) {
		case "万", "w":
			v = v.Shift(4)
		case "千", "k":
			v = v.Shift(3)
		}
	}
	if v.GreaterThan(decimal.NewFromInt(1e12)) {
		return "", 0, false
	}
	return squeeze(s[m[0]:m[1]]), v.IntPart(), true
}

// sellerKind is what a shop's name claims.
func sellerKind(name string) markwatch.SellerKind {
	switch {
	case strings.Contains(name, "旗舰店") || strings.Contains(strings.ToLower(name), "official store") || strings.Contains(strings.ToLower(name), "flagship"):
		return markwatch.SellerFlagship
	case strings.Contains(name, "专营店") || strings.Contains(name, "专卖店") || strings.Contains(name, "店"):
		return markwatch.SellerShop
	}
	return ""
}
