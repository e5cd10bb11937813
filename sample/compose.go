package sample

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/markwatch/markwatch"
)

// offer is one offer as its pages show it.
type offer struct {
	Serial      int
	ID          string
	Title       string
	Category    []string
	Slug        string
	Price       string // what is paid
	Before      string // before the coupon; empty without one
	Shown       string // what is paid, as shown
	BeforeShown string
	ListShown   string
	CouponText  string
	Currency    string
	Condition   markwatch.Condition
	Seller      shop
	ShopID      string
	Ships       string
	Delivery    string
	Sales       string
	Brand       string
	Specs       [][2]string
	About       []string
	Notice      string
	Reviews     []string
	Promises    []string
	Trace       *trace
	Rating      string
	RatingCount int
}

// random is a source of its own for an offer, so that offers can be made in
// any order.
func (m *Market) random(serial int, purpose uint64) *rand.Rand {
	// Neighbouring numbers would give alike first draws; the golden ratio
	// spreads them.
	return rand.New(rand.NewPCG(m.seed^purpose<<48, uint64(serial+1)*0x9E3779B97F4A7C15))
}

// seller returns who sells an offer. Repetitions are sold by other shops of
// the same kind in the same place, so that what the text says of the place
// stays true.
func (m *Market) seller(serial int) shop {
	s := m.offers[serial]
	t := &m.texts[s.text]
	r := m.random(serial, 1)
	var who shop
	if t.Seller != nil {
		who = *t.Seller
		if s.repetition == 0 || who.Fixed {
			return who
		}
	} else {
		who = shop{Kind: markwatch.SellerShop, Region: pick(r, m.words.Regions)}
	}
	names := m.words.Shops
	if who.Kind == markwatch.SellerPersonal {
		names = m.words.PersonalShops
	}
	who.Name = pick(r, names)
	return who
}

// compose makes an offer of its text.
func (m *Market) compose(serial int) *offer {
	s := m.offers[serial]
	t := &m.texts[s.text]
	r := m.random(serial, 2)
	o := &offer{
		Serial: serial, ID: itemID(serial), Title: t.Title, Category: strings.Split(t.Category, " > "), Slug: m.slug(t.Category),
		Currency: t.Currency, Condition: t.Condition, Seller: m.seller(serial),
		Ships: t.Ships, Delivery: t.Delivery, Sales: t.Sales, Notice: t.Notice, Trace: t.Trace,
		About: []string{t.About}, Promises: m.words.Promises[:1+r.IntN(len(m.words.Promises))],
		Rating: fmt.Sprintf("4.%d", r.IntN(10)), RatingCount: 3 + r.IntN(4000),
	}
	o.ShopID = shopID(o.Seller.Name)
	if o.Currency == "" {
		o.Currency = markwatch.CNY
	}
	for _, spec := range t.Specs {
		name, value, _ := strings.Cut(spec, "=")
		o.Specs = append(o.Specs, [2]string{name, value})
		if name == "品牌" && value != "无" {
			o.Brand = value
		}
	}
	if t.Seller == nil {
		o.Ships, o.Delivery, o.Sales = o.Seller.Region, pick(r, m.words.Deliveries), pick(r, m.words.Sales)
	}
	o.Reviews = append(o.Reviews, t.Reviews...)
	for range r.IntN(4) {
		o.Reviews = append(o.Reviews, pick(r, m.words.Reviews))
	}
	m.price(o, t, r, s.repetition)
	if s.repetition > 0 || t.Seller == nil {
		m.vary(o, r, s.repetition)
	}
	return o
}

// vary makes a repetition differ from the text, without touching what the
// truth about the offer rests on.
func (m *Market) vary(o *offer, r *rand.Rand, repetition uint16) {
	switch r.IntN(3) {
	case 0:
		o.Title = pick(r, m.words.Marks) + " " + o.Title
	case 1:
		o.Title += " " + pick(r, m.words.Tails)
	default:
		o.Title = pick(r, m.words.Marks) + " " + o.Title + " " + pick(r, m.words.Tails)
	}
	o.Specs = append(o.Specs, [2]string{"店内编号", fmt.Sprintf("%c%d-%04d", 'A'+rune(r.IntN(26)), repetition, r.IntN(10000))})
	if r.IntN(2) == 0 {
		o.About = append(o.About, "下单前可咨询客服，"+pick(r, m.words.Promises)+"。")
	}
}

// price fills in what is paid and how it is shown. Prices of repetitions lie
// a few hundredths apart; fixed shops keep theirs.
func (m *Market) price(o *offer, t *text, r *rand.Rand, repetition uint16) {
	factor := decimal.NewFromInt(1)
	if repetition > 0 && t.Shown == "" && (t.Seller == nil || !t.Seller.Fixed) {
		factor = decimal.New(int64(96+r.IntN(7)), -2)
	}
	scale := func(s string) decimal.Decimal {
		d, err := decimal.NewFromString(s)
		if err != nil {
			return decimal.Zero
		}
		if d.GreaterThanOrEqual(decimal.NewFromInt(100)) {
			return d.Mul(factor).Round(0)
		}
		return d.Mul(factor).Round(2)
	}
	paid := scale(t.Price)
	o.Price = paid.StringFixed(2)
	o.Shown = symbol(o.Currency) + o.Price
	if t.Shown != "" {
		o.Shown = strings.ReplaceAll(t.Shown, "{price}", paid.String())
	}
	if t.List != "" {
		o.ListShown = symbol(o.Currency) + scale(t.List).StringFixed(2)
	}
	if t.Coupon != nil {
		before := scale(t.Coupon.Before)
		o.Before = before.StringFixed(2)
		o.BeforeShown = symbol(o.Currency) + o.Before
		o.CouponText = strings.ReplaceAll(t.Coupon.Text, "{cut}", before.Sub(paid).String())
	}
}

// symbol is how shops write a currency before an amount.
func symbol(currency string) string {
	switch currency {
	case markwatch.CNY:
		return "¥"
	case "HKD":
		return "HK$"
	case "USD":
		return "US $"
	case "EUR":
		return "€"
	}
	return currency + " "
}

// Offered is the price that markup declares: shops put the one before the
// coupon there.
func (o *offer) Offered() string {
	if o.Before != "" {
		return o.Before
	}
	return o.Price
}

// shopID makes a number of a shop's name.
func shopID(name string) string {
	h := fnv.New32a()
	h.Write([]byte(name))
	return fmt.Sprintf("%09d", h.Sum32()%1_000_000_000)
}

func pick(r *rand.Rand, words []string) string { return words[r.IntN(len(words))] }
