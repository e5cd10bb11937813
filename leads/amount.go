package leads

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/markwatch/markwatch"
)

// Amount is what a case is about in yuan, from–to. To is the price times the
// displayed sales, an upper bound, since displayed sales hold fake orders;
// From counts only the share of them that is taken for real at least.
type Amount struct {
	Known    bool            `json:"known"`
	From     decimal.Decimal `json:"from"`
	To       decimal.Decimal `json:"to"`
	Currency string          `json:"currency"`
	// Partly says that some offers of the case have no price in yuan or no
	// sales, and count as nothing.
	Partly bool `json:"partly,omitempty"`
}

// String is 1200.00–4000.00 CNY(上限).
func (a Amount) String() string {
	if !a.Known {
		return ""
	}
	return fmt.Sprintf("%s–%s CNY(上限)", a.From.StringFixed(2), a.To.StringFixed(2))
}

// Estimate reckons the amount of a case. share is how much of displayed sales
// is taken for real at least, cny turns money into yuan.
func Estimate(offers []markwatch.Lead, share float64, cny func(markwatch.Money) (decimal.Decimal, bool)) Amount {
	a := Amount{Currency: markwatch.CNY}
	for _, l := range offers {
		price, ok := decimal.Zero, false
		if l.Listing.Price != nil {
			price, ok = cny(*l.Listing.Price)
		}
		if !ok || l.Listing.Sales <= 0 {
			a.Partly = true
			continue
		}
		a.Known = true
		a.To = a.To.Add(price.Mul(decimal.NewFromInt(l.Listing.Sales)))
	}
	a.From = a.To.Mul(decimal.NewFromFloat(share)).Round(2)
	a.To = a.To.Round(2)
	return a
}

// Add sums amounts of several cases.
func (a Amount) Add(b Amount) Amount {
	return Amount{Known: a.Known || b.Known, From: a.From.Add(b.From), To: a.To.Add(b.To), Currency: markwatch.CNY, Partly: a.Partly || b.Partly || a.Known != b.Known}
}

// Suspicion is a threshold of a crime that an amount reaches.
type Suspicion struct {
	Threshold markwatch.CrimeThreshold `json:"threshold"`
	// Likely says that the lower bound reaches it, else only the upper one.
	Likely bool `json:"likely"`
	// Documents are those that a transfer to the police needs, and which are
	// there.
	Documents []Document `json:"documents"`
}

// Suspicions returns the thresholds in force on a day that an amount reaches,
// each with the documents that a transfer needs and which of them the lead has.
// A lead so marked is to be considered for transfer; whether it is one, people
// decide.
func Suspicions(thresholds []markwatch.CrimeThreshold, lead *markwatch.Lead, violation markwatch.Violation, amount Amount, on time.Time) []Suspicion {
	var reached []Suspicion
	if !amount.Known {
		return nil
	}
	for _, t := range thresholds {
		if !inForce(t, violation, on) || amount.To.LessThan(t.Amount) {
			continue
		}
		reached = append(reached, Suspicion{Threshold: t, Likely: !amount.From.LessThan(t.Amount), Documents: Documents(lead, t.Documents)})
	}
	return reached
}
