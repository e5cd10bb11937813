package matchers

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/markwatch/markwatch"
)

// Whoever sells the goods at their price, uses them up, fits them or brings
// them in lawfully stays innocent, whatever the brand and its products.
func TestGenuineOffersOfEveryProduct(t *testing.T) {
	lists := everyList(t)
	// Sets know one brand by different names, which would disguise one another.
	seen := map[string]bool{}
	lists.Brands = slices.DeleteFunc(lists.Brands, func(b markwatch.Brand) bool {
		name := strings.ToLower(cmp.Or(b.Names["en"], b.ID))
		again := seen[name]
		seen[name] = true
		return again
	})
	s := compiledSet(t, lists)
	check := checker(s)
	said := [...]string{
		"次日达,假一赔十,支持七天无理由退换,破损包赔,运费险", "现货,当天发货,支持批发,可开发票", "官方质检,扫码可查真伪,支持专柜验货,全国联保",
		"收藏加购优先发货,好评返现,老顾客回购", "未拆封,包装随机,以实物为准", "全新正品,专柜小票齐全,支持验货",
	}
	type shop = markwatch.Seller
	of := func(m markwatch.Money, share string) *markwatch.Money {
		return &markwatch.Money{Amount: m.Amount.Mul(decimal.RequireFromString(share)).Round(2), Currency: m.Currency}
	}
	n := 0
	for _, b := range lists.Brands {
		name := cmp.Or(b.Names["zh"], b.Names["en"])
		category := ""
		if len(b.Categories) > 0 {
			category = b.Categories[0]
		}
		for _, p := range b.Products {
			if p.Price == nil {
				continue
			}
			called := name + " " + p.Name + " "
			offers := []markwatch.Listing{
				{Title: called + category + " 活动价", Price: of(*p.Price, "0.85"), ListPrice: p.Price, Description: said[0], Seller: &shop{Name: "某某专营店", Kind: "shop", Region: "江苏南京"}},
				{Title: "二手 " + called + category + " 自用闲置", Price: of(*p.Price, "0.45"), Description: "九成新,不退不换", Seller: &shop{Name: "小王", Kind: "personal", Region: "上海"}, Condition: markwatch.ConditionUsed},
				{Title: "适用" + called + "保护套 配件", Price: &markwatch.Money{Amount: decimal.RequireFromString("19.9"), Currency: markwatch.CNY}, Description: said[1], Seller: &shop{Name: "配件店", Kind: "shop", Region: "广东深圳"}},
				{Title: called + category + " 保税仓直发", Price: of(*p.Price, "0.95"), Description: "保税仓发货,海关监管,含税", Seller: &shop{Name: "海外购专营店", Kind: "shop", Region: "浙江宁波"}, ShipsFrom: "宁波保税区"},
				{Title: "香港代购 " + called + category, Price: of(*p.Price, "0.93"), Description: "香港代购直邮,7-15天到货,清关需身份证", Seller: &shop{Name: "港区小姐姐", Kind: "personal", Region: "中国香港"}, ShipsFrom: "中国香港", Delivery: "7-15天"},
			}
			for _, text := range said {
				offers = append(offers, markwatch.Listing{Title: called + category + " 正品", Price: of(*p.Price, "0.97"), Description: text, Seller: &shop{Name: "佳佳百货店", Kind: "shop", Region: "浙江杭州"}, ShipsFrom: "浙江杭州"})
			}
			for _, l := range offers {
				n++
				if v := check(l); v.Flagged {
					t.Errorf("%s / %s / %s: %.2f %+v", l.Title, l.Price, l.Description, v.Score, v.Findings[0].Reason.ZH)
				}
			}
		}
	}
	t.Logf("%d offers", n)
}
