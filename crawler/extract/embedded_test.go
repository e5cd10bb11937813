package extract_test

import (
	"testing"

	"github.com/markwatch/markwatch/crawler/extract"
)

// TestEmbeddedData: the data that pages hand to their scripts, in the manners of
// markets and shop systems; the visible page has the title alone.
func TestEmbeddedData(t *testing.T) {
	for name, c := range map[string]struct{ address, script, want string }{
		"TShop.Setup":                      {"https://detail.tmall.com/item.htm?id=612345", `<script>(function(){var l;TShop.Setup({"itemDO":{"title":"帆布双肩包 大容量","itemId":"612345","reservePrice":"299.00","brand":"x"},"sellerNickName":"某某旗舰店","api":{}});})();</script>`, "299.00 CNY"},
		"pageConfig":                       {"https://item.jd.com/100012345.html", `<script>var pageConfig = {compatible: true, product: {skuid: 100012345, name: '帆布双肩包 大容量', jdPrice: '199.00', src: 'jfs/t1/a.jpg', venderId:1000}, try_it: function(){ return {} }};</script>`, "199.00 CNY"},
		"rawData of a mobile app":          {"https://mobile.yangkeduo.com/goods.html?goods_id=98765", `<script>window.rawData={"store":{"initDataObj":{"goods":{"goodsID":98765,"goodsName":"帆布双肩包 大容量","minGroupPrice":"39.9","linePrice":"99"},"mall":{"mallName":"箱包工厂店","mallID":77}}}};document.dispatchEvent(new Event("x"));</script>`, "39.9 CNY"},
		"offer data in a data attribute":   {"https://shop.example/goods/12345", `<div class="app" data-product='{"id":12345,"title":"帆布双肩包 大容量","price":"129.00","currency":"CNY"}'></div>`, "129.00 CNY"},
		"JSON in a string":                 {"https://shop.example/goods/12345", `<script>window.__data__=JSON.parse("{\"goods\":{\"name\":\"帆布双肩包 大容量\",\"salePrice\":\"88.00\",\"currency\":\"CNY\"}}")</script>`, "88.00 CNY"},
		"a data layer of ecommerce events": {"https://shop.example/goods/12345", `<script>window.dataLayer=window.dataLayer||[];dataLayer.push({ecommerce:null});dataLayer.push({event:"view_item",ecommerce:{currency:"EUR",value:49.5,items:[{item_name:"帆布双肩包 大容量",item_id:"B-1",item_brand:"Nordbag",price:49.50}]}});</script>`, "49.50 EUR"},
		"the older data layer":             {"https://shop.example/goods/12345", `<script>dataLayer = [{'ecommerce':{'currencyCode':'PLN','detail':{'products':[{'name':'帆布双肩包 大容量','id':'77','price':'149.00','brand':'x'}]}}}];</script>`, "149.00 PLN"},
		"a flat tag object":                {"https://shop.example/goods/12345", `<script>var utag_data = {"page_type":"product","product_name":["帆布双肩包 大容量"],"product_price":["75.00"],"currency_code":"GBP"};</script>`, "75.00 GBP"},
		"a framework's page data":          {"https://shop.example/goods/12345", `<script id="__NEXT_DATA__" type="application/json">{"props":{"pageProps":{"initialData":{"product":{"productName":"帆布双肩包 大容量","prices":{"x":1},"price":{"value":64.9,"currency":"SGD"},"storeName":"Bag House"},"related":[{"productName":"另一个包 小号","price":{"value":1}}]}}}}</script>`, "64.9 SGD"},
		"streamed page data":               {"https://shop.example/goods/12345", `<script>self.__next_f.push([1,"5:[\"$\",\"div\",null,{\"product\":{\"title\":\"帆布双肩包 大容量\",\"price\":\"31.00\",\"currency\":\"USD\"}}]\n"])</script>`, "31.00 USD"},
	} {
		d, err := extract.Parse(page(c.address, []byte(`<!doctype html><html><head><title>帆布双肩包 大容量</title></head><body><h1>帆布双肩包 大容量</h1>`+c.script+`</body></html>`)))
		if err != nil {
			t.Fatal(err)
		}
		found := d.Listings(extract.Options{Listing: true})
		if len(found) != 1 || found[0].Price == nil || found[0].Price.String() != c.want {
			t.Errorf("%s: %+v, want %s", name, found, c.want)
		}
	}
}
