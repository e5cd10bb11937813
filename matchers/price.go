package matchers

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/markwatch/markwatch"
)

// offerPrice is what a buyer pays for the offer, in renminbi, and why that is,
// or is not, the price of the goods.
type offerPrice struct {
	cny float64
	// shown is the amount as the listing states it.
	shown markwatch.Money
	// from says which price was taken: price, coupon, private, ….
	from string
	// perUnit says that the price is that of one piece of many.
	perUnit bool
	// unfit says why the price cannot be compared: deposit, placeholder,
	// no-rate; empty where it can.
	unfit string
	// list is the struck-out price in renminbi; listRatio is the price as a
	// fraction of it, which needs no exchange rate, 0 where there is none.
	list      float64
	listRatio float64
	evid      markwatch.Evidence
}

// nines are amounts that stand for no price: 99999, 12345.
var nines = regexp.MustCompile(`^(9{4,}|8{5,}|6{6,}|12345\d*|1{5,})$`)

// placeholder says that an amount is one that nobody asks in earnest.
func placeholder(m markwatch.Money) bool {
	return m.Amount.InexactFloat64() >= 9998.5 && nines.MatchString(strings.TrimSuffix(m.Amount.StringFixed(0), ".00"))
}

// offered reads the price of the listing. ok is false where it states none.
func (r *reading) offered(rates markwatch.Rates) (p offerPrice, ok bool) {
	if !r.priced {
		r.price, r.hasPrice = r.readPrice(rates)
		r.priced = true
	}
	return r.price, r.hasPrice
}

func (r *reading) readPrice(rates markwatch.Rates) (p offerPrice, ok bool) {
	l := r.listing
	if l.Price != nil {
		p.shown, p.from, ok = *l.Price, "price", true
		p.evid = markwatch.Evidence{Field: "price", Text: l.Price.String(), Role: markwatch.RoleFact}
	}
	for i, sp := range l.Prices {
		switch sp.Kind {
		case markwatch.PriceCoupon, markwatch.PricePrivate, markwatch.PriceGroup:
			if !ok || sp.Currency == p.shown.Currency && sp.Amount.LessThan(p.shown.Amount) && sp.Amount.IsPositive() {
				p.shown, p.from, ok = sp.Money, string(sp.Kind), true
				p.evid = markwatch.Evidence{Field: "prices[" + strconv.Itoa(i) + "]", Text: sp.String(), Role: markwatch.RoleFact}
			}
		case markwatch.PriceDeposit:
			if ok && sp.Amount.Equal(p.shown.Amount) {
				p.unfit = "deposit"
			}
		case markwatch.PriceUnit:
			p.perUnit = p.perUnit || ok && sp.Amount.Equal(p.shown.Amount)
		}
	}
	if (!ok || placeholder(p.shown) || p.shown.Amount.IsZero()) && len(r.brands)+len(r.products) > 0 && len(r.within(r.all("news", "education"), "title", "description")) == 0 {
		if m, evidence, written := r.written(); written {
			p.shown, p.from, p.evid, ok = m, "written", evidence, true
		}
	}
	if !ok {
		return p, false
	}
	if m, evidence, promised := r.promised(p.shown); promised {
		p.shown, p.from, p.evid = m, "promised", evidence
	}
	cny, known := rates.ToCNY(p.shown)
	if !known {
		p.unfit = "no-rate"
	}
	p.cny = cny.InexactFloat64()
	if l.ListPrice != nil {
		if v, known := rates.ToCNY(*l.ListPrice); known {
			p.list = v.InexactFloat64()
		}
		if l.ListPrice.Currency == p.shown.Currency && l.ListPrice.Amount.IsPositive() {
			p.listRatio = p.shown.Amount.InexactFloat64() / l.ListPrice.Amount.InexactFloat64()
		}
	}
	p.perUnit = p.perUnit || perUnit(l.PriceText) || perUnit(l.Title)
	switch {
	case p.unfit != "":
	case p.cny <= 0 || placeholder(p.shown):
		p.unfit = "placeholder"
	case len(r.within(r.all("deposit"), "title", "price_text", "prices[")) > 0:
		p.unfit = "deposit"
	case p.cny <= 1.01 && p.list == 0 && len(r.within(r.all("contact"), "title", "price_text")) > 0:
		p.unfit = "placeholder"
	}
	return p, true
}

// privateShare is the fraction of the shown price below which a price for those
// who ask is a trick: no shop gives three quarters away in private.
const privateShare = 0.5

// privatePrice is the price that is told to those who ask, where it is a
// fraction of the one that is shown to all.
func (r *reading) privatePrice() (evidence markwatch.Evidence, share float64, ok bool) {
	shown := r.listing.Price
	if shown == nil || !shown.Amount.IsPositive() {
		return evidence, 0, false
	}
	for i, p := range r.listing.Prices {
		if p.Kind != markwatch.PricePrivate || p.Currency != shown.Currency || !p.Amount.IsPositive() {
			continue
		}
		if s := p.Amount.InexactFloat64() / shown.Amount.InexactFloat64(); s < privateShare && (!ok || s < share) {
			evidence, share, ok = markwatch.Evidence{Field: "prices[" + strconv.Itoa(i) + "]", Text: p.String(), Role: markwatch.RoleFact}, s, true
		}
	}
	return evidence, share, ok
}

// usedGoods says that the offer is second-hand, whose price says little of the
// price of the new article.
func (r *reading) usedGoods() bool {
	if r.listing.Condition == markwatch.ConditionUsed {
		return true
	}
	m, ok := strongest(r.asserted(r.within(r.all("second-hand"), "title")))
	return ok && m.entry.weight >= 0.8
}

// usedPrice is how much a low price still says of second-hand goods.
const usedPrice = 0.4

// packOf reads the pack from the quantity, else from the title, once.
func (r *reading) packOf() pack {
	if !r.packed {
		r.pack, r.packed = r.readPack(), true
	}
	return r.pack
}

func (r *reading) readPack() pack {
	q, ok := parsePack(r.listing.Quantity)
	t, tok := parsePack(r.listing.Title, r.productSpans()...)
	if !r.memoryGoods() {
		// A telephone with twice the memory does not cost twice as much.
		q, t = q.withoutCapacity(), t.withoutCapacity()
	}
	switch {
	case ok && q.size.value == 0 && tok && t.size.value > 0 && t.size.unit != "pieces":
		q.size = t.size
		return q
	case ok:
		return q
	case tok:
		return t
	}
	return pack{count: 1}
}

// productSpans are where products are named in the title, in bytes.
func (r *reading) productSpans() [][2]int {
	var spans [][2]int
	for _, ms := range r.products {
		for _, m := range ms {
			if f := &r.fields[m.field]; f.path == "title" {
				start, end := f.folded.Span(m.hit.At, m.hit.To)
				spans = append(spans, [2]int{byteAt(f.text, start), byteAt(f.text, end)})
			}
		}
	}
	return spans
}

// byteAt is the offset in bytes of a code point.
func byteAt(s string, n int) int {
	for i := range s {
		if n == 0 {
			return i
		}
		n--
	}
	return len(s)
}

// memoryWords name goods whose capacity is what is paid for.
var memoryWords = [...]string{"存储卡", "内存卡", "储存卡", "闪存卡", "tf卡", "sd卡", "u盘", "优盘", "硬盘", "固态", "闪存盘", "ssd", "microsd", "sdxc", "sdhc", "memory card", "flash drive", "usb stick", "hard drive", "thumb drive"}

func (r *reading) memoryGoods() bool {
	for _, s := range [...]string{r.listing.Title, r.listing.Category} {
		s = strings.ToLower(s)
		for _, w := range memoryWords {
			if strings.Contains(s, w) {
				return true
			}
		}
	}
	return false
}

// yuan writes an amount for people.
func yuan(v float64) string { return decimal.NewFromFloat(v).Round(2).String() }

// percent writes a ratio for people.
func percent(v float64) string {
	if v < 0.0995 {
		return strconv.FormatFloat(v*100, 'f', 1, 64) + "%"
	}
	return strconv.FormatFloat(v*100, 'f', 0, 64) + "%"
}
