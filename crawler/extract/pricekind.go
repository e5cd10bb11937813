package extract

import (
	"strings"
	"unicode/utf8"

	"github.com/markwatch/markwatch"
)

// kindWords name a price's kind by the words before or after it. The first row
// that matches counts, so the narrower kinds stand first.
var kindWords = []struct {
	kind   markwatch.PriceKind
	struck bool
	before *words
	after  *words
}{
	{kind: markwatch.PriceShipping, before: newWords("运费", "邮费", "快递", "配送费", "送料", "배송비", "shipping", "postage", "delivery", "versand", "lieferung", "livraison", "frais de port", "spedizione", "envío", "envio", "gastos de", "frete", "dostawa", "doprava", "doručení", "доставка", "bezorg", "verzend", "frakt", "fragt", "toimitus", "szállítás", "livrare", "kargo", "ค่าส่ง", "phí vận chuyển", "ongkir", "דמי משלוח"), after: newWords("运费", "邮费", "shipping", "delivery fee", "postage", "di spedizione", "versand", "livraison", "de port", "frakt", "dostawa")},
	{kind: markwatch.PriceDeposit, before: newWords("定金", "订金", "押金", "首付", "预付", "每期", "分期", "deposit", "payments of", "monthly", "per month", "monatlich", "mensual", "rata", "mensilità", "cuotas de", "anzahlung", "borg", "kaution", "acompte", "caution"), after: newWords("定金", "订金", "押金", "/期", "每期", "deposit", "/month", "/mo", "/mes", "/mois", "/monat", "/mese", "per month", "a month", "monthly", "pro monat", "mtl", "al mese", "par mois", "al mes", "mies", "sem juros")},
	{kind: markwatch.PriceMember, before: newWords("会员价", "会员", "plus价", "plus", "vip价", "vip", "member", "粉丝价", "学生价"), after: newWords("会员价", "plus", "vip价", "с картой", "c картой", "with card", "with clubcard", "mit karte", "z kartą", "con tarjeta")},
	{kind: markwatch.PriceGroup, before: newWords("拼团", "团购", "拼单", "拼购", "成团", "group buy", "group price"), after: newWords("拼团", "人团")},
	{kind: markwatch.PricePrivate, before: newWords("私聊", "私信", "私价", "代理价", "内部价", "批发价", "拿货价"), after: newWords("私聊", "私信")},
	{kind: markwatch.PriceCoupon, before: newWords("券后", "到手", "领券", "折后", "秒杀价", "实付", "coupon", "after code", "活动价", "优惠价"), after: newWords("券后", "到手", "with coupon", "after coupon")},
	{kind: markwatch.PriceListed, struck: true, before: newWords("原价", "市场价", "吊牌价", "专柜价", "划线价", "门市价", "指导价", "定价", "参考价", "原價", "定価", "was", "rrp", "msrp", "list price", "regular price", "original", "statt", "uvp", "bisher", "antes", "běžná cena", "prima", "au lieu de", "compare at", "정가", "før", "ordinarie")},
}

var priceWords = newWords("价", "價", "价格", "售价", "仅需", "只要", "现价", "卖", "price", "preis", "prix", "precio", "prezzo", "cena", "цена", "가격", "only", "now", "from", "ab ", "vanaf", "toplam")

// kindOf names the kind of a price by its surroundings. Labels reports whether
// some word says that the number is a price at all.
func kindOf(before, after string) (kind markwatch.PriceKind, struck, labels bool) {
	if before == "" && after == "" {
		return markwatch.PriceListed, false, false
	}
	before, after = strings.ToLower(before), strings.ToLower(after)
	// only words near count: the last of a longer label, the first of what follows
	b, a := tail(before, 30), head(after, 14)
	for i := range kindWords {
		if row := &kindWords[i]; row.before.in(b) {
			return row.kind, row.struck, true
		}
	}
	for i := range kindWords {
		if row := &kindWords[i]; row.after != nil && row.after.in(a) {
			return row.kind, row.struck, true
		}
	}
	return markwatch.PriceListed, false, priceWords.in(b) && !strings.Contains(b, "评价")
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80 }

func tail(s string, n int) string {
	if len(s) <= n {
		return s
	}
	i := len(s) - n
	for i < len(s) && !utf8.RuneStart(s[i]) {
		i++
	}
	return s[i:]
}

func head(s string, n int) string { return clip(s, n) }

// chineseLabels name a price in Chinese as it is written in the People's
// Republic.
var chineseLabels = newWords("价", "券后", "到手", "领券", "折后", "实付", "仅需", "定金", "押金", "运费")

// netWords stand beside an amount before tax, which no consumer pays.
var netWords = newWords("ex vat", "excl", "ex. vat", "plus vat", "net price", "netto", "zzgl", "hors taxe", "sin iva", "+ iva", "bez vat", "bez dph", "税抜", "税别", "未税")

// savedAfter reports whether a text says that the amount before it is taken
// off: "$10 off".
func savedAfter(right string) bool {
	right = strings.ToLower(strings.TrimLeft(head(right, 16), " "))
	for _, word := range []string{"off", "discount", "rabatt", "günstiger", "taniej", "de réduction", "立减", "優惠券", "优惠券"} {
		if rest, ok := strings.CutPrefix(right, word); ok && (rest == "" || !isLetter(rest[0]) || rest[0] >= 0x80) {
			return true
		}
	}
	return false
}

// saved reports whether a text says that the amount after it is taken off:
// 领券减680, 立省 ¥20. Such an amount is nobody's price.
func saved(left string) bool {
	left = strings.TrimRight(left, " :")
	for _, word := range []string{"减", "省", "立返", "抵扣", "可抵", "满"} {
		if strings.HasSuffix(left, word) {
			return true
		}
	}
	left = strings.ToLower(tail(left, 24))
	for _, word := range []string{"save", "saving", "savings", "you save", "sparen", "spare", "ersparnis", "économisez", "economisez", "risparmi", "risparmia", "ahorra", "ahorras", "economize", "taniej o", "oszczędzasz", "spara", "spar", "cashback", "discount of"} {
		if rest, ok := strings.CutSuffix(left, word); ok && (rest == "" || !isLetter(rest[len(rest)-1])) {
			return true
		}
	}
	return false
}

// measures are units of weight, volume, length and area: a price for one of
// them is a unit price, and a number before one is a size.
var measures = []string{"kg", "g", "mg", "lb", "oz", "ml", "l", "cl", "dl", "m", "cm", "mm", "m2", "m²", "m³", "qm", "ft", "sqft", "斤", "公斤", "克", "千克", "两", "毫升", "升", "米", "平米", "平方", "吨", "kilogramm", "kilogram", "kilo", "liter", "litre", "stuk", "100g", "100ml", "500g"}

// perUnit reports whether the price is followed by "per measure".
func perUnit(after string) bool {
	after = strings.ToLower(after)
	for _, per := range []string{"/", "per ", "pro ", "je ", "al ", "每"} {
		rest, ok := strings.CutPrefix(after, per)
		if !ok {
			continue
		}
		rest = strings.TrimLeft(rest, " 0123456789.,")
		for _, m := range measures {
			if tailText, ok := strings.CutPrefix(rest, m); ok && (tailText == "" || m[0] >= 0x80 || !isLetter(tailText[0])) {
				return true
			}
		}
	}
	return false
}

// counters follow a number that counts something: it is no price without a
// currency of its own.
var counters = []string{"ml", "g ", "kg", "mg", "oz", "gb", "tb", "mb", "cm", "mm", "mah", "hz", "%", "°", "x ", "×", "w ", "v ",
	"件", "盒", "瓶", "片", "袋", "包", "箱", "支", "只", "双", "套", "条", "张", "本", "人", "次", "个", "枚", "粒", "颗", "罐", "桶", "斤", "克", "毫升", "升", "米", "厘米", "寸", "年", "月", "日", "天", "时", "小时", "分", "秒", "折", "号", "码", "岁", "后", "代", "期", "款", "星", "级", "页", "册", "卷", "集", "季", "楼", "层", "室", "笔", "评", "+人", "+条", "万+", "+",
	"개", "명", "인", "건", "회", "일", "월", "년", "점", "시간", "분", "권", "매", "병", "박스", "세트", "個", "点", "件", "回", "枚", "冊", "台", "stück", "stk", "szt", "pz", "pezzi", "ks", "pièces", "unidades", "шт",
	"pcs", "pieces", "items", "results", "reviews", "sold", "stars", "star", "years", "days", "hours", "min", "people", "watchers", "views", "von ", "of ", "out of", "off", "in stock", "available", "left"}

// notMoney judges a number without a currency and without a price word.
func notMoney(left, right string, num number) bool {
	if right != "" {
		lower := strings.ToLower(head(right, 16)) + " "
		for _, c := range counters {
			if strings.HasPrefix(lower, c) {
				return true
			}
		}
		if isLetter(right[0]) && right[0] < 0x80 && num.end > 0 && right[0] != ' ' && len(right) < 2 {
			return true
		}
		switch right[0] {
		case '/', ':', '*', '%':
			return true
		}
	}
	if left != "" {
		last := left[len(left)-1]
		if last == '*' || last == '/' || last == '#' || last == '_' || last == '@' || last == '=' {
			return true
		}
		if r, _ := utf8.DecodeLastRuneInString(left); r == '第' || r == '共' || r == '×' {
			return true
		}
	}
	return false
}

// unitBefore reports whether a measure and a word for "each" end the text
// before a price: 100ml당 2,797원, 100gあたり.
func unitBefore(left string) bool {
	left = strings.TrimRight(left, " :(")
	for _, per := range []string{"당", "あたり", "当たり"} {
		rest, ok := strings.CutSuffix(left, per)
		if !ok {
			continue
		}
		for _, m := range measures {
			if rest, ok := strings.CutSuffix(strings.ToLower(rest), m); ok && rest != "" && digit(rest[len(rest)-1]) {
				return true
			}
		}
	}
	return false
}

// instalment reports whether a price is one of several payments: 62,50 zł x 20
// rat, 12 x R$ 9,99, 12 pagos de $108.25, ¥108.25×12期.
func instalment(left, right string) bool {
	right = strings.ToLower(strings.TrimLeft(head(right, 24), " "))
	for _, times := range []string{"x", "×", "*"} {
		if rest, ok := strings.CutPrefix(right, times); ok {
			rest = strings.TrimLeft(rest, " ")
			if rest != "" && digit(rest[0]) {
				return instalmentWords.in(strings.TrimLeft(rest, "0123456789 "))
			}
		}
	}
	left = strings.ToLower(strings.TrimRight(tail(left, 28), " :"))
	for _, of := range []string{" de", " of", " von", " da", " po", " x", "x", "×"} {
		rest, ok := strings.CutSuffix(left, of)
		if !ok {
			continue
		}
		words := strings.TrimRight(rest, "0123456789 ")
		if of == "x" || of == "×" || of == " x" {
			// how many times before the amount: a sum in parts, where it is
			// more than a pair or two
			count := onlyDigits(rest[len(words):])
			return len(count) == 2 && words != rest
		}
		if last := strings.LastIndexAny(rest, "0123456789"); last >= 0 && instalmentWords.in(rest[last+1:]) {
			return true
		}
	}
	return false
}

var instalmentWords = newWords("rat", "raten", "rate", "期", "meses", "mensual", "cuotas", "mois", "mensualités", "pagos", "payments", "instalments", "installments", "months", "monate", "termijnen", "parcelas", "vezes", "splátek", "платеж", "taksit", "개월", "回払い")

func percentAfter(s string) bool {
	return strings.HasPrefix(s, "%") || strings.HasPrefix(s, "折")
}
