package matchers_test

import (
	"slices"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/matchers"
)

// rulesOf are the rules of a verdict, with their matchers.
func rulesOf(v markwatch.Verdict) []string {
	var out []string
	for _, f := range v.Findings {
		out = append(out, f.Matcher+"/"+f.Rule)
	}
	return out
}

// What a buyer really pays may stand in words, or in the text where the price
// field holds a number that nobody asks.
func TestPricesInWords(t *testing.T) {
	s := compile(t, someLists(t))
	for _, c := range []struct {
		name, title, description, price string
		paid                            string
	}{
		{"words behind the private price", "速云 羽翼9 跑步鞋", "私聊两百八", "980", "280"},
		{"the number of digits", "速云 羽翼9 跑步鞋 到手价两位数", "", "980", "99"},
		{"notes of a hundred", "速云 羽翼9 跑步鞋", "老客一张半", "980", "150"},
		{"a placeholder and the price in the text", "速云 羽翼9 跑步鞋 260包邮", "", "99999", "260"},
		{"of several prices the highest", "速云 羽翼9 跑步鞋", "黑色260元 白色320元", "99999", "320"},
		{"as shown", "速云 羽翼9 跑步鞋 两百多双现货", "", "980", "980"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := s.Check(matchers.Input{Listing: markwatch.Listing{Title: c.title, Description: c.description, Price: cny(c.price), Attributes: map[string]string{"货号": "A货"}}, At: at})
			var paid []string
			for _, f := range v.Findings {
				if p := f.Facts["price_cny"]; p != "" {
					paid = append(paid, p)
				}
			}
			if c.paid == c.price {
				if len(paid) > 0 {
					t.Errorf("paid %v, the price is as shown", paid)
				}
				return
			}
			if !slices.Equal(paid, []string{c.paid}) {
				t.Errorf("paid %v, want %s", paid, c.paid)
			}
		})
	}
}

func TestBrandsByInitialsAndMisspelt(t *testing.T) {
	k := someLists(t)
	k.Lists.Brands = append(k.Lists.Brands, markwatch.Brand{
		ID: "rowan", Names: map[string]string{"en": "Rowan-Hill"}, Categories: []string{"太阳镜"}, Floor: fraction("0.5"),
		Products: []markwatch.Product{{Name: "Glider", Price: cny("1200")}},
	})
	s := compile(t, k)
	for title, want := range map[string]bool{
		"太阳镜 镜腿刻字RH 偏光 五副装":    true,
		"偏光太阳镜 R.H logo 复古":    true,
		"太阳镜 RH型 偏光 复古":        false, // nothing says that it is a mark
		"RH阴性血知识 字样":           false, // none of its goods
		"Suvennto 跑步鞋 男款 轻便":   true,
		"Suvent0o 跑步鞋 男款":      false,
		"Suventors 乐队唱片 黑胶":    false,
		"Suvento 跑步鞋 男款 轻便透气 ": true,
	} {
		v := s.Check(matchers.Input{Listing: markwatch.Listing{Title: title, Price: cny("39")}, At: at})
		if got := slices.ContainsFunc(v.Findings, func(f markwatch.Finding) bool { return f.Violation == markwatch.Counterfeit && f.Subject != "" }); got != want {
			t.Errorf("%s: a brand is found: %v, want %v (%v)", title, got, want, rulesOf(v))
		}
	}
}
