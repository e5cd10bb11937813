package extract_test

import (
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/extract"
)

func TestParsePack(t *testing.T) {
	for text, want := range map[string]string{ // count, content of one
		"230ml*2": "2 230 ml", "50g×3": "3 50 g", "50g×3袋": "3 50 g", "洗发水 230ml*2瓶": "2 230 ml", "酱油 1.9L*6桶": "6 1900 ml",
		"两瓶装": "2 0 ", "三支装": "3 0 ", "十二枚装": "12 0 ", "一箱6瓶": "6 0 ", "整箱24瓶 250ml": "24 250 ml", "24瓶/箱": "24 0 ", "2盒装": "2 0 ",
		"6 x 33 cl": "6 330 ml", "4x100g": "4 100 g", "pack of 3": "3 0 ", "12-pack": "12 0 ", "Set of 2": "2 0 ", "3er-Pack": "3 0 ", "lot de 6": "6 0 ",
		"500g": "1 500 g", "大米 5斤": "1 2500 g", "国产 320ml 2병": "2 320 ml", "お茶 500ml×24本": "24 500 ml", "净含量：1,5 L": "1 1500 ml",
		"每箱十二瓶": "12 0 ", "16 fl oz": "1 473.176 ml",
		// no packs
		"iPhone 12 128GB": "", "2024新款": "", "第三代骁龙8": "", "": "",
	} {
		p, ok := extract.ParsePack(text)
		got := ""
		if ok {
			got = p.Count.String() + " " + p.Size.String() + " " + p.Unit
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestUnitPrice: what one article costs is told from pack and price.
func TestUnitPrice(t *testing.T) {
	p, ok := extract.ParsePack("230ml*4")
	price, err := markwatch.ParseMoney("99.90", "CNY")
	if !ok || err != nil {
		t.Fatal(ok, err)
	}
	if got := p.UnitPrice(price).String(); got != "24.975000 CNY" && got != "24.975 CNY" {
		t.Error(got)
	}
	if got := p.Content().String(); got != "920" {
		t.Error(got)
	}
}
