package extract_test

import (
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
