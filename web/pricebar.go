package web

import (
	"math"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/markwatch/markwatch"
)

// barWidth is the width of a price bar in its own units.
const barWidth = 240

// priceBar is the geometry of one line that holds a paid price against the
// floor, the official price and the market's middle. Positions are in units
// of barWidth; what is not known is negative.
type priceBar struct {
	Paid, Floor, Official, Market float64
	PaidText                      string
	OfficialText                  string
	FloorText                     string
	MarketText                    string
	// Ratio is the paid price as a fraction of the official one.
	Ratio string
	// Below is set where the paid price is under the floor.
	Below bool
}

// Keys of Finding.Facts that prices are read from, in order of trust.
var (
	paidFacts     = [...]string{"unit_price_cny", "price_cny", "effective_cny"}
	officialFacts = [...]string{"reference_cny", "official_cny"}
	floorFacts    = [...]string{"floor_cny"}
	floorRatios   = [...]string{"floor", "floor_ratio"}
	marketFacts   = [...]string{"market_cny", "median_cny", "market_median_cny"}
)

// newPriceBar reads the prices that the findings were computed from; the
// first finding that holds a paid price against an official one wins. Where
// none does, the subject's official price serves. ok is false where there is
// nothing to compare.
func newPriceBar(l markwatch.Listing, v markwatch.Verdict, subject func(string) (Subject, bool)) (bar priceBar, ok bool) {
	for _, f := range v.Findings {
		paid, okPaid := fact(f, paidFacts[:])
		official, okOfficial := fact(f, officialFacts[:])
		if !okPaid || !okOfficial {
			continue
		}
		return layBar(paid, official, optional(floorOf(f, official, subject)), optional(fact(f, marketFacts[:])))
	}
	if l.Price == nil || l.Price.Currency != markwatch.CNY || !sized(l.Price.Amount) {
		return priceBar{}, false
	}
	for _, f := range v.Findings {
		s, known := subject(f.Subject)
		if !known || s.Official == nil || s.Official.Currency != markwatch.CNY || !sized(s.Official.Amount) {
			continue
		}
		var floor *decimal.Decimal
		if s.Floor != nil {
			d := s.Official.Amount.Mul(*s.Floor)
			floor = &d
		}
		return layBar(l.Price.Amount, s.Official.Amount, floor, nil)
	}
	return priceBar{}, false
}

// floorOf is the lowest genuine price that a finding was held against: as an
// amount, as a fraction of the official price, or as the subject's own.
func floorOf(f markwatch.Finding, official decimal.Decimal, subject func(string) (Subject, bool)) (decimal.Decimal, bool) {
	if floor, ok := fact(f, floorFacts[:]); ok {
		return floor, true
	}
	if ratio, ok := fact(f, floorRatios[:]); ok {
		return official.Mul(ratio).Round(2), true
	}
	if s, known := subject(f.Subject); known && s.Floor != nil {
		return official.Mul(*s.Floor).Round(2), true
	}
	return decimal.Decimal{}, false
}

// layBar places the prices on a line that ends a little after the highest.
func layBar(paid, official decimal.Decimal, floor, market *decimal.Decimal) (priceBar, bool) {
	if !official.IsPositive() || paid.IsNegative() {
		return priceBar{}, false
	}
	top := decimal.Max(paid, official)
	if market != nil {
		top = decimal.Max(top, *market)
	}
	place := func(d decimal.Decimal) float64 {
		x := d.Div(top).InexactFloat64() * (barWidth - 2)
		return math.Round(min(max(x, 0), barWidth-2)*10) / 10
	}
	bar := priceBar{
		Paid: max(place(paid), 2), PaidText: amount(paid),
		Official: place(official), OfficialText: amount(official),
		Floor: -1, Market: -1,
		Ratio: percent(paid.Div(official)),
	}
	if floor != nil && floor.IsPositive() {
		bar.Floor, bar.FloorText = place(*floor), percent(floor.Div(official))
		bar.Below = paid.LessThan(*floor)
	}
	if market != nil && market.IsPositive() {
		bar.Market, bar.MarketText = place(*market), amount(*market)
	}
	return bar, true
}

// fact reads the first of the keys that holds a number.
func fact(f markwatch.Finding, keys []string) (decimal.Decimal, bool) {
	for _, k := range keys {
		if d, err := boundedDecimal(f.Facts[k]); err == nil {
			return d, true
		}
	}
	return decimal.Decimal{}, false
}

// boundedDecimal reads a number of a size that money has; 35% is 0.35.
func boundedDecimal(s string) (decimal.Decimal, error) {
	if p, ok := strings.CutSuffix(s, "%"); ok {
		d, err := boundedDecimal(strings.TrimSpace(p))
		return d.Shift(-2), err
	}
	if s == "" || len(s) > 40 {
		return decimal.Decimal{}, strconv.ErrSyntax
	}
	d, err := decimal.NewFromString(s)
	if err != nil {
		return decimal.Decimal{}, err
	}
	if !sized(d) {
		return decimal.Decimal{}, strconv.ErrRange
	}
	return d, nil
}

func optional(d decimal.Decimal, ok bool) *decimal.Decimal {
	if !ok {
		return nil
	}
	return &d
}
