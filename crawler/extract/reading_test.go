package extract_test

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/extract"
)

func parse(t *testing.T, url, body string) *extract.Document {
	t.Helper()
	d, err := extract.Parse(page(url, []byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestLinks(t *testing.T) {
	d := parse(t, "https://shop.example/list/page1", `<head><base href="https://shop.example/goods/"><link rel="next" href="../list/page2"><meta http-equiv="refresh" content="5; url='/moved'"></head>
<a href="1.html#reviews">One</a><a href="1.html">again</a><a rel="nofollow" href="//other.example/x?b=2&a=1"> Two </a>
<a href="javascript:void(0)">no</a><a href="mailto:a@b.example">no</a><a href="#top">no</a><a href="ftp://f.example/">no</a><area href="/map" alt="Map">`)
	want := []extract.Link{
		{URL: "https://shop.example/list/page2"},
		{URL: "https://shop.example/moved"},
		{URL: "https://shop.example/goods/1.html", Text: "One"},
		{URL: "https://other.example/x?a=1&b=2", Text: "Two", NoFollow: true},
		{URL: "https://shop.example/map", Text: "Map"},
	}
	if diff := cmp.Diff(want, d.Links()); diff != "" {
		t.Error(diff)
	}
}

func TestSelectors(t *testing.T) {
	d := parse(t, "https://shop.example/s?q=x", `<div class="g" data-u="/item/1"><b class="n">Shoe one</b><i class="p" data-price="12.50">call us</i><u class="s">Shop A</u></div>
<div class="g" data-u="/item/2"><b class="n">Shoe two</b><i class="p" data-price="13"></i></div><div class="g"><b class="n">Shoe three</b></div>`)
	src := &markwatch.Source{ID: "src", Platform: markwatch.Platform{ID: "mall"}, Fields: map[string]string{
		"items": ".g", "title": ".n", "price": ".p@data-price", "url": "@data-u", "seller.name": ".s", "attributes.店": ".s"}}
	found := d.Listings(extract.Options{Source: src})
	if len(found) != 3 {
		t.Fatalf("%d listings", len(found))
	}
	l := found[0]
	if l.Title != "Shoe one" || l.Price == nil || l.Price.AmountText() != "12.50" || l.URL != "https://shop.example/item/1" || l.Seller.Name != "Shop A" || l.Platform != "mall" || l.Source != "src" || l.Attributes["店"] != "Shop A" {
		t.Errorf("%+v", l)
	}
	if l.Origins["price"] != markwatch.OriginSelector {
		t.Errorf("origins %v", l.Origins)
	}
	if found[2].ID == found[0].ID || found[2].URL != "https://shop.example/s?q=x" {
		t.Errorf("an offer without an address of its own: %+v", found[2])
	}
}

// TestSiteProfiles: the address alone names platform and item.
func TestSiteProfiles(t *testing.T) {
	for address, want := range map[string]string{
		"https://item.taobao.com/item.htm?spm=a1&id=562283240178":   "taobao-562283240178",
		"https://detail.tmall.com/item.htm?id=12345678&skuId=99":    "tmall-12345678",
		"https://item.jd.com/100105483276.html":                     "jd-100105483276",
		"https://item.m.jd.com/product/100105483276.html":           "jd-100105483276",
		"https://detail.1688.com/offer/6543210.html":                "1688-6543210",
		"https://mobile.yangkeduo.com/goods.html?goods_id=98765":    "pinduoduo-98765",
		"https://www.goofish.com/item?id=7788&categoryId=1":         "xianyu-7788",
		"https://product.suning.com/0000000000/11223344.html":       "suning-11223344",
		"http://product.dangdang.com/29123456.html":                 "dangdang-29123456",
		"https://goods.kaola.com/product/5566.html":                 "kaola-5566",
		"https://www.amazon.co.jp/some-name/dp/B00ABCDEFG/ref=sr_1": "amazon-B00ABCDEFG",
		"https://www.ebay.de/itm/Name-of-it/381228738769":           "ebay-381228738769",
		"https://www.aliexpress.com/item/1005001.html":              "aliexpress-1005001",
		"https://www.etsy.com/de/listing/230389421/name":            "etsy-230389421",
		"https://shopee.sg/Nice-shoe-i.123.456":                     "shopee-123.456",
		"https://www.lazada.com.my/products/nice-shoe-i12-s34.html": "lazada-12",
	} {
		d := parse(t, address, `<h1>Running shoe 42</h1><span class="price">$12.00</span>`)
		found := d.Listings(extract.Options{})
		if len(found) != 1 || found[0].ID != want {
			t.Errorf("%s: %+v, want %s", address, found, want)
		}
	}
}

// TestReadings: each kind of markup alone gives the product.
func TestReadings(t *testing.T) {
	for name, c := range map[string]struct {
		body   string
		origin markwatch.Origin
	}{
		"unclosed JSON-LD":     {`<script type="application/ld+json">{"@type":"Product","name":"Shoe 42","offers":{"price":"12.00","priceCurrency":"EUR"</script>`, markwatch.OriginJSONLD},
		"escaped JSON-LD":      {`<script type="application/ld+json">{&quot;@type&quot;:&quot;Product&quot;,&quot;name&quot;:&quot;Shoe 42&quot;,&quot;offers&quot;:{&quot;price&quot;:12.00,&quot;priceCurrency&quot;:&quot;EUR&quot;}}</script>`, markwatch.OriginJSONLD},
		"CDATA around JSON-LD": {"<script type=\"application/ld+json\">//<![CDATA[\n{\"@type\":\"Product\",\"name\":\"Shoe\t42\",\"offers\":{\"price\":\"12.00\",\"priceCurrency\":\"EUR\"}}\n//]]></script>", markwatch.OriginJSONLD},
		"RDFa":                 {`<div vocab="https://schema.org/" typeof="Product"><span property="name">Shoe 42</span><div property="offers" typeof="Offer"><span property="price" content="12.00">12</span><meta property="priceCurrency" content="EUR"></div></div>`, markwatch.OriginRDFa},
		"Open Graph":           {`<meta property="og:type" content="product"><meta property="og:title" content="Shoe 42"><meta property="product:price:amount" content="12.00"><meta property="product:price:currency" content="EUR">`, markwatch.OriginOpenGraph},
		"embedded state":       {`<title>Shoe 42</title><script>window.__INITIAL_STATE__ = {now: +new Date(), goods: {goodsName: 'Shoe 42', salePrice: "12.00", currency: 'EUR', goodsId: 77, shopName: "S"}};</script><meta property="og:type" content="product">`, markwatch.OriginState},
	} {
		found := parse(t, "https://shop.example/item/12345", c.body).Listings(extract.Options{Listing: true})
		if len(found) != 1 || found[0].Title != "Shoe 42" || found[0].Price == nil || found[0].Price.String() != "12.00 EUR" && found[0].Price.String() != "12 EUR" {
			t.Errorf("%s: %+v", name, found)
			continue
		}
		if found[0].Origins["price"] != c.origin {
			t.Errorf("%s: price from %s", name, found[0].Origins["price"])
		}
	}
}

func TestContactsAndShares(t *testing.T) {
	d := parse(t, "https://shop.example/item/12345", `<h1>教程合集</h1><span class="price">¥9.90</span>
<p>加V:abc_12345</p><p>扣扣:12345678</p><p>联系 138-0013-8000</p><p>mail A.B@c-d.example.com</p>
<p>magnet:?xt=urn:btih:0123456789abcdef0123456789abcdef01234567</p><p>链接 https://www.aliyundrive.com/s/AbCdEf 提取码: 1a2b</p><p>https://pan.quark.cn/s/ffee?pwd=zz99</p>`)
	found := d.Listings(extract.Options{Listing: true})
	if len(found) != 1 {
		t.Fatal(found)
	}
	wantAccounts := []markwatch.Account{{Kind: "wechat", Value: "abc_12345"}, {Kind: "qq", Value: "12345678"}, {Kind: "phone", Value: "+8613800138000"}, {Kind: "email", Value: "a.b@c-d.example.com"}}
	if diff := cmp.Diff(wantAccounts, found[0].Seller.Accounts); diff != "" {
		t.Error(diff)
	}
	wantShares := []markwatch.Share{
		{Kind: "netdisk", Host: "www.aliyundrive.com", URL: "https://www.aliyundrive.com/s/AbCdEf", Code: "1a2b"},
		{Kind: "netdisk", Host: "pan.quark.cn", URL: "https://pan.quark.cn/s/ffee?pwd=zz99", Code: "zz99"},
		{Kind: "magnet", URL: "magnet:?xt=urn:btih:0123456789abcdef0123456789abcdef01234567"},
	}
	if diff := cmp.Diff(wantShares, found[0].Shares); diff != "" {
		t.Error(diff)
	}
}

// TestStructuredData runs the syntaxes' own samples through the readers, and
// asks the samples of products for their product.
func TestStructuredData(t *testing.T) {
	root := shared(t, "structured-data")
	products := map[string]string{"schema.org/product.html": "", "schema.org/product-ref.html": "", "misc/product_microdata.html": "", "misc/opengraph_ns_product_test.html": ""}
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".html") {
			return err
		}
		d, err := extract.Parse(page("https://shop.example/", readFile(t, path)))
		if err != nil {
			t.Errorf("%s: %v", path, err)
			return nil
		}
		found := d.Listings(extract.Options{})
		rel, _ := filepath.Rel(root, path)
		if _, ok := products[filepath.ToSlash(rel)]; ok && len(found) == 0 {
			t.Errorf("%s gives no product", rel)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
