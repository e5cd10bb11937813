package extract

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/markwatch/markwatch"
)

// Price is a price as a text writes it.
type Price struct {
	// Text is the part of the text that was read.
	Text  string
	Money markwatch.Money
	// Max is the upper end where the text shows a range.
	Max  *markwatch.Money
	Kind markwatch.PriceKind
}

// maxPriceText bounds a text that is read as prices, in bytes.
const maxPriceText = 4096

// ParsePrice reads the price that a text shows. The hint is a currency (ISO
// 4217 code or sign) or a text that shows one, and counts where the text has
// none of its own. Where a text shows several, the one that a buyer pays is
// chosen: a coupon's before the listed one, the listed one before a struck,
// shipping, deposit or unit price. It returns false where the text holds no
// price; Money.Currency is then still what text and hint say.
func ParsePrice(text, currencyHint string) (Price, bool) {
	return choosePrice(text, hintLocale(currencyHint))
}

// hintLocale reads a hint; a text that is no currency is no hint.
func hintLocale(hint string) priceHint {
	hint = fold(clip(hint, maxPriceText))
	if found, ok := table.anywhere(hint); ok {
		h := priceHint{assume: found.code}
		if found.family == "" {
			h.locale.currency = found.code
		}
		return h
	}
	return priceHint{}
}

// priceHint is what is known before a price text is read.
type priceHint struct {
	locale locale
	assume string // currency of a number without a sign
}

func choosePrice(text string, h priceHint) (Price, bool) {
	found := findPrices(text, h)
	best := -1
	for i := range found {
		if best < 0 || found[i].rank() < found[best].rank() {
			best = i
		}
	}
	if best >= 0 {
		return found[best].Price, true
	}
	folded := fold(clip(text, maxPriceText))
	if free(folded) {
		return Price{Text: squeeze(text), Kind: markwatch.PriceListed}, true
	}
	p := Price{Text: squeeze(text)}
	if s, ok := table.anywhere(folded); ok {
		p.Money.Currency = s.resolve(h.locale)
	} else {
		p.Money.Currency = h.assume
	}
	return p, false
}

// foundPrice is one price in a text.
type foundPrice struct {
	Price
	struck bool // named as a list price
	signed bool // written with a currency of its own
	labels bool // named as a price ("到手价 89")
	weak   bool // its sign is also a word or a letter: R, kn, TOP
	net    bool // named as without tax
	at     int  // byte offset in the folded text
}

// rank orders the prices of one text: lower is more what a buyer pays.
func (f *foundPrice) rank() int {
	var r int
	switch f.Kind {
	case markwatch.PriceCoupon:
		r = 0
	case markwatch.PriceListed:
		r = 1
	case markwatch.PriceGroup, markwatch.PriceMember:
		r = 3
	case markwatch.PricePrivate:
		r = 4
	case markwatch.PriceUnit:
		r = 5
	case markwatch.PriceDeposit:
		r = 6
	default:
		r = 7
	}
	if f.struck || f.net && r == 1 {
		r = 2
	}
	if !f.signed && !f.labels {
		r += 10
	} else if !f.signed {
		r++
	}
	return r
}

// findPrices reads every price in a text, in order. Numbers without a currency
// count only where nothing says that they are something else.
func findPrices(text string, h priceHint) []foundPrice {
	s := fold(clip(text, maxPriceText))
	var out []foundPrice
	for pos := 0; pos < len(s) && len(out) < 64; {
		num, ok := nextNumber(s, pos)
		if !ok {
			break
		}
		pos = num.end
		if f, end, ok := readPrice(s, num, h); ok {
			if n := len(out); n > 0 && rangeBetween(s[out[n-1].at:num.start]) && out[n-1].Max == nil && joinRange(&out[n-1], f) {
				pos = max(pos, end)
				continue
			}
			f.at = end
			out = append(out, f)
			pos = max(pos, end)
		}
	}
	return out
}

// rangeBetween reports whether the text between two prices says "to".
func rangeBetween(s string) bool {
	s = strings.TrimSpace(s)
	for _, c := range []string{"US", "HK", "NT"} {
		s = strings.TrimSpace(strings.TrimSuffix(s, c+"$"))
	}
	s = strings.TrimSpace(strings.TrimRightFunc(s, func(r rune) bool { return unicode.Is(unicode.Sc, r) }))
	for _, code := range []string{"EUR", "USD", "CHF", "PLN"} {
		s = strings.TrimSpace(strings.TrimSuffix(s, code))
	}
	switch strings.ToLower(s) {
	case "-", "~", "–", "—", "至", "到", "--", "to", "bis", "à":
		return true
	}
	return false
}

func joinRange(low *foundPrice, high foundPrice) bool {
	if high.Money.Amount.LessThanOrEqual(low.Money.Amount) {
		return false
	}
	if !high.signed || high.Money.Currency == "" {
		high.Money.Currency = low.Money.Currency
	}
	if !low.signed && high.signed {
		low.Money.Currency, low.signed = high.Money.Currency, true
	}
	if low.Money.Currency != high.Money.Currency {
		return false
	}
	low.Max = &high.Money
	low.Text += " - " + high.Text
	low.at = high.at
	return true
}

// readPrice judges one number by what stands around it.
func readPrice(s string, num number, h priceHint) (foundPrice, int, bool) {
	left := strings.TrimRight(s[:num.start], " :")
	right := s[num.end:]
	trimmed := strings.TrimLeft(right, " ")
	gap := len(right) - len(trimmed)
	end := num.end

	f := foundPrice{}
	start := num.start
	currency := ""
	shared := false
	if sg, n, ok := table.before(left); ok && num.start-len(left) <= 3 {
		currency, shared, f.signed, f.weak = sg.resolve(h.locale), sg.family == "$", true, sg.weak || wordCodes[sg.text]
		start = len(left) - n
		if sg.family == "$" {
			if code, _, ok := table.before(strings.TrimRight(left[:start], " ")); ok && inFamily("$", code.code) && table.iso[strings.ToUpper(code.text)] != "" {
				currency, shared = code.code, false
			}
		}
	}
	// 1.2万: ten thousands, where a currency or the end follows
	myriad := false
	if rest, ok := strings.CutPrefix(trimmed, "万"); ok {
		if sg, _, after := table.after(rest); f.signed || after && sg.text != "" || rest == "" || strings.HasPrefix(rest, "起") {
			myriad = true
			end += gap + len("万")
			right = rest
			trimmed = strings.TrimLeft(right, " ")
			gap = len(right) - len(trimmed)
		} else {
			return f, end, false
		}
	}
	if percentAfter(trimmed) {
		return f, end, false
	}
	shift := int32(0)
	if places, n := multiplier(right, f.signed); n > 0 {
		shift = places
		end += n
		right = right[n:]
		trimmed = strings.TrimLeft(right, " ")
		gap = len(right) - len(trimmed)
	}
	if n := roundMark(right); n > 0 { // 12,- € and EUR 12.-
		end += n
		right = right[n:]
		trimmed = strings.TrimLeft(right, " ")
		gap = len(right) - len(trimmed)
	}
	if sg, n, ok := table.after(trimmed); ok && (!f.signed || shared) && gap <= 2 {
		if !f.signed || inFamily("$", sg.code) && !sg.weak && sg.family == "" {
			// "20元/2盒" and "2 € 3": the sign belongs to the number before it
			// unless a number follows that has none
			currency, f.signed, f.weak = sg.resolve(h.locale), true, sg.weak || wordCodes[sg.text]
			end += gap + n
			if cents, after, ok := centsAfter(s, end, num); ok && currency != "" {
				num.fraction = cents
				end = after
			}
			trimmed = strings.TrimLeft(s[end:], " ")
		}
	}
	if f.signed && num.start-start == 1 && num.start < len(s) && s[start] < 0x80 && isLetter(s[start]) && modelAfter(s[num.end:]) {
		return f, end, false // R2-9149 is a model, R 2 is money
	}
	if saved(s[:start]) || savedAfter(s[end:]) {
		return f, end, false
	}
	before, after := context(s, start, true), context(s, end, false)
	f.Kind, f.struck, f.labels = kindOf(before, after)
	if f.Kind == markwatch.PriceListed && instalment(s[:start], s[end:]) {
		f.Kind = markwatch.PriceDeposit
	}
	if !f.signed {
		if num.start > 0 && isLetter(s[num.start-1]) && s[num.start-1] < 0x80 {
			return f, end, false // a part of a code
		}
		if num.chinese || notMoney(left, trimmed, num) && !f.labels {
			return f, end, false
		}
		currency = firstText(h.assume, h.locale.currency)
		if currency == "" && f.labels && chineseLabels.in(tail(before, 30)) {
			currency = markwatch.CNY // nobody else calls a price so
		}
	}
	amount, ok := num.value(currency)
	if !ok {
		return f, end, false
	}
	if myriad {
		amount = amount.Shift(4)
	}
	amount = amount.Shift(shift)
	behind := start > len(before) && digit(s[start-len(before)-1]) // the words belong to the price before
	f.net = !behind && netWords.in(strings.ToLower(tail(before, 16))) || netWords.in(strings.ToLower(head(s[end:], 10)))
	if f.Kind == markwatch.PriceListed && (perUnit(trimmed) || unitBefore(s[:start])) {
		f.Kind = markwatch.PriceUnit
	}
	f.Money = markwatch.Money{Amount: amount, Currency: currency}
	f.Text = strings.TrimSpace(s[start:end])
	return f, end, true
}

// modelAfter reports whether what follows a number makes it part of a model's
// name or a date: a dash or slash and more of it.
func modelAfter(s string) bool {
	return len(s) >= 2 && (s[0] == '-' || s[0] == '/' || s[0] == '_') && (digit(s[1]) || isLetter(s[1]))
}

// context is the text beside a price that can name its kind: up to the next
// number or sign, at most a few words.
func context(s string, at int, left bool) string {
	const reach = 36
	if left {
		from := max(0, at-reach)
		for from < at && !utf8.RuneStart(s[from]) {
			from++
		}
		part := s[from:at]
		if i := strings.LastIndexAny(part, "0123456789;。|!?"); i >= 0 {
			part = part[i+1:]
		}
		return part
	}
	to := min(len(s), at+reach)
	for to < len(s) && !utf8.RuneStart(s[to]) {
		to++
	}
	part := s[at:to]
	if i := strings.IndexAny(part, "0123456789$€£¥;。|!?"); i >= 0 {
		if part[i] != ';' && part[i] != '|' && part[i] != '!' && part[i] != '?' {
			return "" // what stands before the next price is its label
		}
		part = part[:i]
	}
	return part
}
