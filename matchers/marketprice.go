package matchers

import (
	"math"
	"strconv"
	"time"

	"github.com/markwatch/markwatch"
)

const (
	// marketFar is how many times the robust spread a price must lie below the
	// market's median, marketShare the share of the median that it must be
	// under as well: where all ask the same, a small step is no sign.
	marketFar   = 3.5
	marketShare = 0.6
	// madToSigma makes the median of distances comparable with a standard
	// deviation of normally distributed prices (Rousseeuw and Croux, 1993).
	madToSigma = 1.4826
	// leastSpread is the least spread of a market, as a share of its median.
	leastSpread = 0.05
)

// againstMarket holds a price against what sellers asked for the same product
// line. The market is recorded in the facts, since it changes every night.
func againstMarket(r *reading, st standing, price offerPrice, line markwatch.LinePrice) []signal {
	market, known := r.in.Market[line.Line]
	if !known || market.Median <= 0 {
		return nil
	}
	share := line.CNY / market.Median
	spread := math.Max(market.MAD*madToSigma, leastSpread*market.Median)
	far := (market.Median - line.CNY) / spread
	if far < marketFar || share >= marketShare {
		return nil
	}
	return []signal{{
		matcher: "pricing", rule: "below-market", violation: markwatch.Counterfeit, subject: st.brand.ID,
		strength: math.Min(1, (marketShare+0.2-share)/0.5),
		reason: markwatch.Text{
			ZH: "单价" + yuan(line.CNY) + "元,仅为" + strconv.Itoa(market.Sellers) + "家卖家中位价" + yuan(market.Median) + "元的" + percent(share),
			EN: "the unit price of " + yuan(line.CNY) + " CNY is " + percent(share) + " of the median " + yuan(market.Median) + " CNY that " + strconv.Itoa(market.Sellers) + " sellers ask",
		},
		facts: map[string]string{
			"unit_price_cny": yuan(line.CNY), "product": line.Product, "market_median_cny": yuan(market.Median), "market_mad_cny": yuan(market.MAD),
			"market_sellers": strconv.Itoa(market.Sellers), "market_since": market.Since.Format(time.DateOnly), "market_until": market.Until.Format(time.DateOnly),
			"ratio": percent(share), "price_from": price.from,
		},
		evidence: []markwatch.Evidence{r.quote(st.names[0], markwatch.RoleSubject), price.evid},
	}}
}
