package extract

import (
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/markwatch/markwatch"
)

func fuzzPage(address, contentType string, body []byte) *markwatch.Page {
	return &markwatch.Page{URL: address, FinalURL: address, Status: 200, Header: http.Header{"Content-Type": {contentType}}, Body: body}
}

// FuzzDecode: whatever the bytes and the declared charset, the text is valid
// UTF-8 and not much longer than the bytes.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{"", "<meta charset=gbk>\xb1\xea\xc9\xda", "\xff\xfeh\x00i\x00", "\xfe\xff\x00h", "\xef\xbb\xbfa", "\xa4\xa4\xa4\xe5", "h\x00e\x00l\x00l\x00o\x00 \x00w\x00o\x00r\x00l\x00d\x00", "\x1b$B8\x5c\x1b(B"} {
		f.Add([]byte(s), "text/html; charset=gb2312")
		f.Add([]byte(s), "text/html")
	}
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		text, name, err := decode(body, contentType)
		if err != nil {
			return
		}
		if name == "" || !utf8.Valid(text) || len(text) > 4*len(body)+4 {
			t.Errorf("charset %q, %d bytes become %d", name, len(body), len(text))
		}
		SniffCharset(body)
	})
}

// FuzzMarkup reads hostile microdata, RDFa and meta tags.
func FuzzMarkup(f *testing.F) {
	for _, s := range []string{
		`<div itemscope itemtype="https://schema.org/Product" itemref="x"><b itemprop=name>a</b><div itemprop=offers itemscope itemtype=Offer><meta itemprop=price content=5></div></div><i id=x itemprop=brand itemscope><b itemprop=name>b</b></i>`,
		`<div vocab="https://schema.org/" typeof=Product resource="#p"><b property=name>a</b><div property=offers typeof=Offer><i property=price content=1,5>x</i></div></div>`,
		`<meta property="og:type" content="og:product"><meta property="product:price:amount" content="1.299"><meta name=twitter:label1 content=Price><meta name=twitter:data1 content="$5">`,
		`<a itemprop=brand itemscope itemref=b id=a></a><a id=b itemprop=brand itemscope itemref=a></a>`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, fragment string) {
		d, err := Parse(fuzzPage("https://shop.example/", "text/html; charset=utf-8", []byte("<title>a - b</title>"+fragment+"<h1>a</h1>")))
		if err != nil {
			return
		}
		found := append(d.jsonLDReadings(), append(d.microdataReadings(), d.rdfaReadings()...)...)
		for i := range found {
			if p := found[i].Price; p != nil && p.Amount.IsNegative() {
				t.Errorf("a negative price %s", p)
			}
		}
		d.openGraph()
		d.Listings(Options{})
	})
}

// FuzzState puts hostile data where pages keep what their scripts need.
func FuzzState(f *testing.F) {
	for _, s := range []string{
		`{"props":{"pageProps":{"product":{"title":"Shoe one","price":{"value":12.5,"currency":"USD"},"id":"1"}}}}`,
		`{title:'Shoe one',price:"1,299.00",shopName:'某店',images:["//a/b.jpg"],}`, `{"title":"Shoe one","price":1e999999999}`, `{"a":` + strings.Repeat(`[`, 200),
		`{"event":"view_item","ecommerce":{"currency":"EUR","items":[{"item_name":"Shoe one","item_brand":"b","price":5}]}}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, data string) {
		body := `<title>Shoe one</title><h1>Shoe one</h1><script>window.__INITIAL_STATE__=` + data + `</script><script>dataLayer.push(` + data + `)</script><script type="application/json">` + data + `</script>`
		d, err := Parse(fuzzPage("https://shop.example/item/12345", "text/html; charset=utf-8", []byte(body)))
		if err != nil {
			return
		}
		for _, l := range d.Listings(Options{Listing: true}) {
			if l.Price != nil && l.Price.Amount.IsNegative() {
				t.Errorf("a negative price %s", l.Price)
			}
		}
	})
}

// FuzzTiles repeats a hostile block as the rows of a result page.
func FuzzTiles(f *testing.F) {
	for _, s := range []string{
		`<a href="/item/1"><img alt="Shoe"><h3>Shoe</h3></a><span class=price>¥1</span><a class=shop href=/s>某店</a>`,
		`<a href=/2>Bag</a><del>€2</del><b>€1,50</b><i>广告</i>`, `<div><a href=/3>c</a>¥3<sup>99</sup></div><div><a href=/4>d</a>¥4</div>`,
	} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		row := `<li class=item data-sku=1>` + a + `</li><li class=item data-sku=2>` + b + `</li>`
		d, err := Parse(fuzzPage("https://shop.example/search?q=a", "text/html; charset=utf-8", []byte("<ul>"+strings.Repeat(row, 3)+"</ul>")))
		if err != nil {
			return
		}
		seen := map[string]bool{}
		for _, l := range d.Listings(Options{}) {
			if l.Title == "" || seen[l.ID] {
				t.Errorf("no title or twice the same id: %+v", l)
			}
			seen[l.ID] = true
		}
	})
}

// FuzzTexts reads hostile text as contacts, shares, licences, counts and pack
// sizes.
func FuzzTexts(f *testing.F) {
	for _, s := range []string{"加V:shoes_8801 一三八零零一三八零零零", "+44 20 7946 0958 (021) 6123-4567", "pan.baidu.com/s/1abc 提取码:8x2k", "91350100M000100Y43", "已售1.2万+件", "230ml*2 两瓶装 50g×3 一箱6瓶", "ZL201810123456.7 ISBN 978-7-02-004249-4", "SF1234567890123"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		shown, accounts := contactsIn(text, "")
		if len(shown) != len(accounts) || len(accounts) > maxContacts {
			t.Errorf("%d shown, %d accounts", len(shown), len(accounts))
		}
		if n := len(sharesIn(text)); n > maxShares {
			t.Errorf("%d shares", n)
		}
		if _, n, ok := salesOf(text); ok && n < 0 {
			t.Errorf("%d sold", n)
		}
		licenseIn(text)
		quantityOf(text)
	})
}
