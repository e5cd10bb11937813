package extract_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/extract"
)

// Chinese pages end a label with the full-width colon (U+FF1A) as often as
// with the ASCII one; both read alike, and so does what follows them.
func TestLabelsEndInEitherColon(t *testing.T) {
	for _, colon := range []string{":", "\uff1a", " \uff1a "} {
		d := parse(t, "https://shop.example/item/1", `<head><meta property="og:type" content="product"></head><body><h1>耐克跑步鞋</h1><p class="price">¥199</p><button>加入购物车</button>
<ul><li>品牌`+colon+`耐克</li><li>货号`+colon+`DZ2629-100</li></ul>
<table><tr><th>材质`+colon+`</th><td>网布</td></tr></table><dl><dt>鞋码`+colon+`</dt><dd>42</dd></dl>
<div><span>发货地`+colon+`</span><span>福建莆田</span></div><p>销量`+colon+`300件</p></body>`)
		found := d.Listings(extract.Options{})
		if len(found) != 1 {
			t.Fatalf("%q: %d listings", colon, len(found))
		}
		l := found[0]
		got := map[string]string{"brand": l.Brand, "sku": l.SKU, "ships from": l.ShipsFrom, "材质": l.Attributes["材质"], "鞋码": l.Attributes["鞋码"]}
		want := map[string]string{"brand": "耐克", "sku": "DZ2629-100", "ships from": "福建莆田", "材质": "网布", "鞋码": "42"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", colon, diff)
		}
		if l.Sales != 300 {
			t.Errorf("%q: sold %d, want 300", colon, l.Sales)
		}
	}
}

// A shared link ends where full-width punctuation begins, and its code may
// stand behind a full-width colon.
func TestSharesBesideFullWidthPunctuation(t *testing.T) {
	d := parse(t, "https://shop.example/item/2", "<body><h1>琅琊榜 全集</h1><p class=price>¥5</p><button>立即购买</button><p>链接\uff1ahttps://pan.baidu.com/s/1AbCdEf\uff0c提取码\uff1a8x2k\uff08长期有效\uff09</p></body>")
	found := d.Listings(extract.Options{})
	if len(found) != 1 {
		t.Fatalf("%d listings", len(found))
	}
	want := []markwatch.Share{{Kind: "netdisk", Host: "pan.baidu.com", URL: "https://pan.baidu.com/s/1AbCdEf", Code: "8x2k"}}
	if diff := cmp.Diff(want, found[0].Shares); diff != "" {
		t.Error(diff)
	}
}

// TestDeliveryInText: a promise that stands in running text is read with its
// condition; prices after coupons and shipping costs are no promise.
func TestDeliveryInText(t *testing.T) {
	for text, want := range map[string]string{
		"付款后三天内发出":         "付款后三天内发出",
		"现货 48小时内发货,顺丰":    "现货 48小时内发货",
		"预计次日达":            "预计次日达",
		"下单后5-7个工作日内送达":    "下单后5-7个工作日内送达",
		"拍下自动发货 请看清说明":     "自动发货",
		"到手价 89 元":         "",
		"用了一周来评价,没问题发货地不错": "",
	} {
		found := parse(t, "https://shop.example/item/12345", "<h1>编织手提袋</h1><b class=price>¥90</b><p>"+text+"</p>").Listings(extract.Options{Listing: true})
		if len(found) != 1 || found[0].Delivery != want {
			t.Errorf("%s: %q, want %q", text, found[0].Delivery, want)
		}
	}
}
