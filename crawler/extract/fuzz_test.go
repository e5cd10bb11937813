package extract_test

import (
	"html"
	"os"
	"path/filepath"
	"testing"

	"github.com/markwatch/markwatch/crawler/extract"
)

func FuzzListings(f *testing.F) {
	pages, _ := filepath.Glob(filepath.Join("testdata", "*.html"))
	for _, path := range pages {
		body, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body, true)
		f.Add(body, false)
	}
	f.Add([]byte(`<div itemscope itemref="a"><div id=a itemscope itemref="b"><p id=b itemprop=name itemref=a>`), true)
	f.Add([]byte(`<ul><li><a href=/1>a</a>¥1<li><a href=/2>b</a>¥2<li><a href=/3>c</a>¥3<sup>99</sup>`), false)
	f.Fuzz(func(t *testing.T, body []byte, one bool) {
		d, err := extract.Parse(page("https://shop.example/item/12345", body))
		if err != nil {
			return
		}
		for _, l := range d.Listings(extract.Options{Listing: one}) {
			if l.ID == "" || l.Title == "" {
				t.Errorf("a listing without id or title: %+v", l)
			}
			for field := range l.Origins {
				if field == "" {
					t.Error("an origin of no field")
				}
			}
		}
		d.Links()
		d.Text()
	})
}

func FuzzParsePrice(f *testing.F) {
	for _, s := range []string{"¥1,299.00起", "1.2万", "八十九元", "US $12.99 - 15.99", "1250€ 60", "$..75,333", "29元/2盒", "1 299,00 zł", "119. 95", "٣٫٥ ريال"} {
		f.Add(s, "CNY")
	}
	f.Fuzz(func(t *testing.T, text, hint string) {
		p, ok := extract.ParsePrice(text, hint)
		if ok && p.Money.Amount.IsNegative() {
			t.Errorf("%q is %s", text, p.Money)
		}
		if p.Max != nil && !p.Max.Amount.GreaterThan(p.Money.Amount) {
			t.Errorf("%q is %s to %s", text, p.Money, *p.Max)
		}
	})
}

func FuzzJSONLD(f *testing.F) {
	for _, s := range []string{
		`{"@type":"Product","name":"a","offers":{"price":"1"}}`, `{"@graph":[{"@type":"Product","@id":"#p","name":"a"},{"@id":"#p"}]}`,
		`// c` + "\n" + `{"@type":'Product',name:"a "quoted" word",}`, `<!--{"@type":"Product","name":"a`, `{"a":[{"b":[`, `{"a":+new Date(),"b":function(){return {}}}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, block string) {
		d, err := extract.Parse(page("https://shop.example/", []byte(`<script type="application/ld+json">`+block+`</script><h1>a</h1>`)))
		if err == nil {
			d.Listings(extract.Options{})
		}
	})
}

// FuzzVisibleText puts hostile text where labels, contacts, licences, parcels
// and shares are looked for.
func FuzzVisibleText(f *testing.F) {
	for _, s := range []string{
		"发货地：北京 配送：次日达", "加V:shoes_8801 一三八零零一三八零零零", "1️⃣3️⃣8️⃣", "+44 20 7946 0958", "统一社会信用代码：91350100M000100Y43",
		"顺路快递 运单号：SL7731200045", "2026-11-02 19:20 【香港】 到达", "已售 1600+人付款", "领券减680 券后价 ¥119", "链接 https://pan.quark.cn/s/8c1f 访问码 tide", "京ICP备08010314号-6",
	} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		body := "<h1>编织手提袋</h1><b class=price>¥90</b><p>" + html.EscapeString(a) + "</p><ul><li>" + html.EscapeString(b) + "<li><i>" + html.EscapeString(a) + "</i> <span>" + html.EscapeString(b) + "</span></ul>"
		d, err := extract.Parse(page("https://shop.example/item/12345", []byte(body)))
		if err != nil {
			return
		}
		for _, l := range d.Listings(extract.Options{Listing: true}) {
			if l.Sales < 0 || len(l.Text) > 8000 {
				t.Errorf("sales %d, text of %d bytes", l.Sales, len(l.Text))
			}
		}
		extract.ParseBrand(a)
	})
}
