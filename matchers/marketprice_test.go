package matchers_test

import (
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/matchers"
)

func TestMarket(t *testing.T) {
	s := compile(t, someLists(t))
	line := markwatch.Line{Brand: "suyun", Product: "Feather 9"}
	market := func(median, mad float64) map[markwatch.Line]markwatch.LineMarket {
		return map[markwatch.Line]markwatch.LineMarket{line: {Median: median, MAD: mad, Sellers: 12, Since: at.AddDate(0, 0, -30), Until: at}}
	}
	for _, c := range []struct {
		name   string
		price  string
		market map[markwatch.Line]markwatch.LineMarket
		want   bool
	}{
		{"far below what all others ask", "560", market(980, 30), true},
		{"prices that differ widely", "560", market(980, 250), false},
		{"near the median", "900", market(980, 10), false},
		{"a market of one price", "700", market(980, 0), false},
		{"no market", "560", nil, false},
	} {
		v, prices := s.Judge(matchers.Input{Listing: markwatch.Listing{Title: "速云羽翼9跑步鞋", Price: cny(c.price)}, At: at, Market: c.market})
		if len(prices) != 1 || prices[0].Line != line || strconv.FormatFloat(prices[0].CNY, 'f', -1, 64) != c.price {
			t.Errorf("%s: prices %+v", c.name, prices)
		}
		found := false
		for _, f := range v.Findings {
			if f.Rule != "below-market" {
				continue
			}
			found = true
			want := map[string]string{
				"unit_price_cny": "560", "product": "Feather 9", "market_median_cny": "980", "market_mad_cny": "30", "market_sellers": "12",
				"market_since": "2026-10-22", "market_until": "2026-11-21", "ratio": "57%", "price_from": "price",
			}
			for key := range f.Facts {
				if _, named := want[key]; !named {
					delete(f.Facts, key)
				}
			}
			if diff := cmp.Diff(want, f.Facts); diff != "" {
				t.Errorf("%s: facts %s", c.name, diff)
			}
		}
		if found != c.want {
			t.Errorf("%s: found %v, want %v: %+v", c.name, found, c.want, v.Findings)
		}
	}
}

// A used pair says nothing of what new ones cost.
func TestUsedGoodsMakeNoMarket(t *testing.T) {
	s := compile(t, someLists(t))
	l := markwatch.Listing{Title: "速云羽翼9跑步鞋", Price: cny("300"), Condition: markwatch.ConditionUsed}
	if _, prices := s.Judge(matchers.Input{Listing: l, At: at}); len(prices) != 0 {
		t.Errorf("prices %+v", prices)
	}
}
