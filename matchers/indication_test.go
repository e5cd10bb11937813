package matchers_test

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/matchers"
)

// Where fresh goods were taken in by the carrier counts against their name,
// and a county's name that is only the beginning of another place's does not.
func TestOriginOfIndicatedGoods(t *testing.T) {
	_, set := packs(t)
	price := &markwatch.Money{Amount: decimal.NewFromInt(238), Currency: "CNY"}
	from := func(place string) []markwatch.Tracking {
		return []markwatch.Tracking{{Carrier: "顺丰", Number: "SF0261800989870", Events: []markwatch.TraceEvent{
			{At: time.Date(2025, 10, 11, 6, 0, 0, 0, time.UTC), Place: place, Text: "已揽收"},
			{At: time.Date(2025, 10, 12, 6, 0, 0, 0, time.UTC), Place: "上海浦东", Text: "派送中"},
		}}}
	}
	for _, c := range []struct {
		what    string
		listing markwatch.Listing
		want    bool
	}{
		{"crab taken in elsewhere", markwatch.Listing{Title: "阳澄湖大闸蟹 8只", Tracking: from("江苏高邮")}, true},
		{"crab taken in at the lake", markwatch.Listing{Title: "阳澄湖大闸蟹 8只", Tracking: from("江苏苏州阳澄湖镇")}, false},
		{"rice from a storehouse", markwatch.Listing{Title: "五常大米 5kg", Attributes: map[string]string{"产地": "黑龙江五常"}, Tracking: from("上海青浦")}, false},
		{"an island of a county's name", markwatch.Listing{Title: "阳澄湖大闸蟹 莲花岛围网 8只", ShipsFrom: "江苏苏州"}, false},
		{"the county itself", markwatch.Listing{Title: "阳澄湖大闸蟹 8只", Description: "江西莲花养殖"}, true},
		{"a label and its colon", markwatch.Listing{Title: "金华火腿 整腿", Text: "评论:袋子背面厂址:安徽黄山"}, true},
		{"a place in pinyin", markwatch.Listing{Title: "Jingdezhen porcelain tea set", Description: "made in Chaozhou"}, true},
		{"the town of a tea's name", markwatch.Listing{Title: "龙井茶 越州产区 500g", Attributes: map[string]string{"产地": "浙江新昌", "产区": "龙井茶越州产区"}}, false},
		{"seedlings from elsewhere", markwatch.Listing{Title: "正安白茶 125g", Description: "苗来自浙江安吉", Attributes: map[string]string{"产地": "贵州正安"}}, false},
	} {
		c.listing.ID, c.listing.Price = "x", price
		v := set.Check(matchers.Input{Listing: c.listing, At: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)})
		if got := v.Violations["geographic-indication"].Flagged; got != c.want {
			t.Errorf("%s: flagged %v, want %v: %+v", c.what, got, c.want, v.Findings)
		}
	}
}
