package clusters_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/leads/clusters"
)

func TestTheSameGoodsUnderOtherAddresses(t *testing.T) {
	offer := func(n int, shop, title string, change func(*markwatch.Listing)) markwatch.Lead {
		l := lead(n, shop, change)
		l.ID, l.Listing.URL, l.Listing.Title = fmt.Sprintf("id-%d", n), fmt.Sprintf("https://m.example/%d", n), title
		return l
	}
	sku := func(brand, sku string) func(*markwatch.Listing) {
		return func(l *markwatch.Listing) { l.Brand, l.SKU = brand, sku }
	}
	phone := account("phone", "13800000000")
	for name, c := range map[string]struct {
		leads []markwatch.Lead
		cuts  []clusters.Cut
		want  string
	}{
		"one shop, one title":          {[]markwatch.Lead{offer(1, "a", "耐克 空军一号 AF1", nil), offer(2, "a", "【耐克】空军一号 ＡＦ1!", nil)}, nil, "1→2(seller,title) 2→1(seller,title)"},
		"one shop, other goods":        {[]markwatch.Lead{offer(1, "a", "耐克 空军一号 AF1", nil), offer(2, "a", "耐克 空军一号 AF2", nil)}, nil, ""},
		"other shops, one title":       {[]markwatch.Lead{offer(1, "a", "耐克 空军一号 AF1", nil), offer(2, "b", "耐克 空军一号 AF1", nil)}, nil, ""},
		"two shops of one hand":        {[]markwatch.Lead{offer(1, "a", "耐克 空军一号 AF1", phone), offer(2, "b", "耐克 空军一号 AF1", phone)}, nil, "1→2(account,title) 2→1(account,title)"},
		"shops linked by a third":      {[]markwatch.Lead{offer(1, "a", "耐克 空军一号 AF1", phone), offer(2, "b", "别的", phone), offer(3, "b", "又一个", account("qq", "1234567")), offer(4, "c", "耐克 空军一号 AF1", account("qq", "1234567"))}, nil, "1→4(cluster,title) 4→1(cluster,title)"},
		"a short title tells no goods": {[]markwatch.Lead{offer(1, "a", "耐克鞋", nil), offer(2, "a", "耐克鞋", nil)}, nil, ""},
		"a picture":                    {[]markwatch.Lead{offer(1, "a", "一", func(l *markwatch.Listing) { l.Images = []string{"https://i/1", "https://i/2"} }), offer(2, "a", "二", func(l *markwatch.Listing) { l.Images = []string{"https://i/2"} })}, nil, "1→2(seller,picture) 2→1(seller,picture)"},
		"a number of the shop":         {[]markwatch.Lead{offer(1, "a", "一", sku("Nike", "CW2288")), offer(2, "a", "二", sku("Nike", "CW2288"))}, nil, "1→2(seller,sku) 2→1(seller,sku)"},
		"the number of another brand":  {[]markwatch.Lead{offer(1, "a", "一", sku("Nike", "1")), offer(2, "a", "二", sku("Puma", "1"))}, nil, ""},
		"cut by a person":              {[]markwatch.Lead{offer(1, "a", "耐克 空军一号 AF1", nil), offer(2, "a", "耐克 空军一号 AF1", nil)}, []clusters.Cut{{A: "id-2", B: "id-1"}}, ""},
		"a part of another lead": {[]markwatch.Lead{offer(1, "a", "耐克 空军一号 AF1", nil), func() markwatch.Lead {
			l := offer(2, "a", "耐克 空军一号 AF1", nil)
			l.Status = markwatch.LeadMerged
			return l
		}()}, nil, ""},
		"no seller": {[]markwatch.Lead{{ID: "x", Listing: markwatch.Listing{Title: "耐克 空军一号"}}, {ID: "y", Listing: markwatch.Listing{Title: "耐克 空军一号"}}}, nil, ""},
	} {
		var all []string
		goods := clusters.Goods(c.leads, clusters.Build(c.leads, nil), c.cuts)
		for _, l := range c.leads {
			for _, twin := range goods[l.ID] {
				var reasons []string
				for _, r := range twin.Reasons {
					reasons = append(reasons, r.Reason)
					if r.Value == "" {
						t.Errorf("%s: a reason without what is shared: %+v", name, twin)
					}
				}
				all = append(all, fmt.Sprintf("%s→%s(%s)", strings.TrimPrefix(l.ID, "id-"), strings.TrimPrefix(twin.ID, "id-"), strings.Join(reasons, ",")))
			}
		}
		if diff := cmp.Diff(c.want, strings.Join(all, " ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	// What very many offers share tells nothing.
	var many []markwatch.Lead
	for n := range 300 {
		many = append(many, offer(n, "a", "同一个标题的商品", nil))
	}
	if goods := clusters.Goods(many, clusters.Build(many, nil), nil); len(goods) != 0 {
		t.Errorf("%d leads are linked by what all share", len(goods))
	}
}

func TestHeads(t *testing.T) {
	list := clusters.Build([]markwatch.Lead{lead(1, "a", account("wechat", "first1")), lead(2, "b", account("wechat", "first1")), lead(3, "c", nil)}, nil)
	heads := clusters.Heads(list)
	if heads["m/a"] != heads["m/b"] || heads["m/c"] == heads["m/a"] || !slices.Contains([]string{"m/a", "m/b"}, heads["m/a"]) {
		t.Errorf("%v", heads)
	}
}
