package matchers

import (
	"slices"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/markwatch/markwatch"
)

func TestParsePack(t *testing.T) {
	for _, c := range []struct {
		text string
		want pack
		ok   bool
	}{
		{"230ml*2", pack{amount{230, "ml"}, 2}, true},
		{"18g×4条", pack{amount{18, "g"}, 4}, true},
		{"2 x 50 ML", pack{amount{50, "ml"}, 2}, true},
		{"3x200g", pack{amount{200, "g"}, 3}, true},
		{"茅台 500ml 6瓶", pack{amount{500, "ml"}, 6}, true},
		{"两双装", pack{count: 2}, true},
		{"1.25.5kg", pack{amount{25500, "g"}, 1}, true},
		{"50g x3", pack{amount{50, "g"}, 3}, true},
		{"230MLx2", pack{amount{230, "ml"}, 2}, true},
		{"10片x2盒", pack{count: 2}, true},
		{"面膜x5片", pack{count: 5}, true},
		{"Hi nova X50 新品5G手机", pack{count: 1}, false},
		{"荣耀X50 GT", pack{count: 1}, false},
		{"MatePad X2 12英寸", pack{count: 1}, false},
		{"5G手机 8g", pack{amount{8, "g"}, 1}, true},
		{"3克拉", pack{count: 1}, false},
		{"S925包", pack{count: 1}, false},
		{"720包邮", pack{count: 1}, false},
		{"123456只", pack{count: 1}, false},
		{"400粒", pack{amount{400, "pieces"}, 1}, true},
		{"羽翼9跑步鞋", pack{count: 1}, false},
		{"10*20.5cm", pack{count: 1}, false},
		{"", pack{count: 1}, false},
		{"12GB+256GB 5G手机", pack{amount{256, "GB"}, 1}, true},
		{"U盘512G 2T", pack{amount{2048, "GB"}, 1}, true},
		{"microSDXC 2 TB", pack{amount{2048, "GB"}, 1}, true},
		{"重300G", pack{amount{300, "g"}, 1}, true},
		{"3-Pack leggings", pack{count: 3}, true},
	} {
		if got, ok := parsePack(c.text); got != c.want || ok != c.ok {
			t.Errorf("parsePack(%q) = %+v, %v; want %+v, %v", c.text, got, ok, c.want, c.ok)
		}
	}
}

func TestPerUnit(t *testing.T) {
	for text, want := range map[string]bool{
		"¥4.20/支": true, "¥4.20 / piece": true, "72支起批": true, "一瓶 30": true,
		"一瓶好酒": false, "1/2": false, "起床": false, "": false,
	} {
		if got := perUnit(text); got != want {
			t.Errorf("perUnit(%q) = %v", text, got)
		}
	}
}

func FuzzMeasure(f *testing.F) {
	f.Add("230ml*2 18g×4条 两双装 ¥4/支 一瓶3")
	f.Add("12345678只\xe4\xb8")
	f.Fuzz(func(t *testing.T, s string) {
		if p, ok := parsePack(s); ok && p.count <= 0 {
			t.Errorf("parsePack(%q) = %+v", s, p)
		}
		perUnit(s)
	})
}

// A number in a product's name counts no pieces, however it goes on.
func TestNumbersOfProductsCountNothing(t *testing.T) {
	price := func(yuan string) *markwatch.Money {
		return &markwatch.Money{Amount: decimal.RequireFromString(yuan), Currency: markwatch.CNY}
	}
	s := compiledSet(t, markwatch.Lists{Brands: []markwatch.Brand{{
		ID: "hermes", Names: map[string]string{"zh": "爱马仕"}, Categories: []string{"包"},
		Products: []markwatch.Product{{Name: "Birkin 30", Price: price("102400")}},
	}}})
	for title, below := range map[string]bool{"爱马仕 Birkin 30 包 正品": false, "爱马仕 Birkin 30 30包": true} {
		v := s.Check(Input{Listing: markwatch.Listing{ID: "x", Title: title, Price: price("102000")}})
		found := slices.ContainsFunc(v.Findings, func(f markwatch.Finding) bool { return f.Rule == "below-floor" })
		if found != below {
			t.Errorf("%s: below the floor %v, want %v", title, found, below)
		}
	}
}
