package clusters_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/leads/clusters"
)

const long = "正品保证 支持专柜验货 假一赔十 厂家直销 量大从优 欢迎咨询 全国包邮 七天无理由退换 主播同款 限时特惠"

func lead(n int, shop string, change func(*markwatch.Listing)) markwatch.Lead {
	l := markwatch.Lead{Number: fmt.Sprintf("2026-%04d", n), Listing: markwatch.Listing{Platform: "m", Seller: &markwatch.Seller{ID: shop, Name: shop}}}
	if change != nil {
		change(&l.Listing)
	}
	return l
}

func account(kind, value string) func(*markwatch.Listing) {
	return func(l *markwatch.Listing) { l.Seller.Accounts = []markwatch.Account{{Kind: kind, Value: value}} }
}

// shape writes clusters as "a+b(account) c".
func shape(list []clusters.Cluster) string {
	var all []string
	for _, c := range list {
		var names, reasons []string
		for _, s := range c.Sellers {
			names = append(names, s.Name)
		}
		for _, l := range c.Links {
			reasons = append(reasons, l.Reason)
		}
		one := strings.Join(names, "+")
		if len(reasons) > 0 {
			one += "(" + strings.Join(reasons, ",") + ")"
		}
		all = append(all, one)
	}
	return strings.Join(all, " ")
}

func TestSellersAreLinkedByWhatTheyShare(t *testing.T) {
	many := func() (list []markwatch.Lead) {
		for i := range 30 {
			list = append(list, lead(i, fmt.Sprintf("s%02d", i), account("phone", "400-8888")))
		}
		return list
	}()
	for name, c := range map[string]struct {
		leads []markwatch.Lead
		cuts  []clusters.Cut
		want  string
	}{
		"nothing shared":                   {[]markwatch.Lead{lead(1, "a", nil), lead(2, "b", nil)}, nil, "a b"},
		"one shop on two pages":            {[]markwatch.Lead{lead(1, "a", nil), lead(2, "a", nil), lead(3, "b", nil)}, nil, "a b"},
		"a contact in another case":        {[]markwatch.Lead{lead(1, "a", account("wechat", "ABC123")), lead(2, "b", account("wechat", "abc123"))}, nil, "a+b(account)"},
		"the same value of another kind":   {[]markwatch.Lead{lead(1, "a", account("qq", "123456")), lead(2, "b", account("wechat", "123456"))}, nil, "a b"},
		"a licence":                        {[]markwatch.Lead{lead(1, "a", func(l *markwatch.Listing) { l.Seller.License = "91350304MA2XXXXX0X" }), lead(2, "b", func(l *markwatch.Listing) { l.Seller.License = "91350304ma2xxxxx0x" })}, nil, "a+b(license)"},
		"a picture":                        {[]markwatch.Lead{lead(1, "a", func(l *markwatch.Listing) { l.Images = []string{"https://i/1.jpg"} }), lead(2, "b", func(l *markwatch.Listing) { l.Images = []string{"https://i/2.jpg", "https://i/1.jpg"} })}, nil, "a+b(picture)"},
		"a text but for signs and numbers": {[]markwatch.Lead{lead(1, "a", func(l *markwatch.Listing) { l.Description = long }), lead(2, "b", func(l *markwatch.Listing) { l.Description = strings.ReplaceAll(long, " ", "!!1") })}, nil, "a+b(text)"},
		"a short text links nobody":        {[]markwatch.Lead{lead(1, "a", func(l *markwatch.Listing) { l.Description = "正品保证" }), lead(2, "b", func(l *markwatch.Listing) { l.Description = "正品保证" })}, nil, "a b"},
		"a chain":                          {[]markwatch.Lead{lead(1, "a", account("wechat", "first1")), lead(2, "b", account("wechat", "first1")), lead(3, "b", account("qq", "second2")), lead(4, "c", account("qq", "second2"))}, nil, "b+a+c(account,account)"},
		"a chain that was cut":             {[]markwatch.Lead{lead(1, "a", account("wechat", "first1")), lead(2, "b", account("wechat", "first1")), lead(3, "b", account("qq", "second2")), lead(4, "c", account("qq", "second2"))}, []clusters.Cut{{A: "m/c", B: "m/b"}}, "b+a(account) c"},
		"no seller":                        {[]markwatch.Lead{{Number: "x"}}, nil, ""},
		"what everybody shows": {many, nil, strings.Join(func() (n []string) {
			for i := range 30 {
				n = append(n, fmt.Sprintf("s%02d", i))
			}
			return n
		}(), " ")},
	} {
		if diff := cmp.Diff(c.want, shape(clusters.Build(c.leads, c.cuts))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
