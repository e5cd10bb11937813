package extract

import (
	"net/url"
	"slices"
	"strings"
	"testing"
)

// TestEachProfileKnowsItsExample: every row is checked by the address that it
// gives, and the address that it writes leads to the same item.
func TestEachProfileKnowsItsExample(t *testing.T) {
	var platforms []string
	for _, row := range profiles {
		platforms = append(platforms, row.platform)
		if row.example == "" || row.number == "" {
			t.Errorf("%s has no example", row.platform)
			continue
		}
		id := identifyText(row.example)
		if id.platform != row.platform || id.item != row.number || id.list {
			t.Errorf("%s: %s is %+v", row.platform, row.example, id)
		}
		if row.address != "" {
			if again := identifyText(strings.Replace(row.address, "%s", row.number, 1)); again.item != row.number || again.platform != row.platform {
				t.Errorf("%s: its address is read as %+v", row.platform, again)
			}
		}
		for _, host := range row.hosts {
			if _, id := identify(&url.URL{Scheme: "https", Host: "www." + host, Path: "/help/about"}); id.item != "" {
				t.Errorf("%s: a page of help is item %q", host, id.item)
			}
		}
	}
	for _, market := range []string{"taobao", "tmall", "jd", "1688", "pinduoduo", "xianyu", "suning", "dangdang", "kaola", "amazon", "ebay", "aliexpress", "etsy", "shopee", "lazada"} {
		if !slices.Contains(platforms, market) {
			t.Errorf("no profile of %s", market)
		}
	}
}

// TestListAddresses: searches of the markets are lists, not items.
func TestListAddresses(t *testing.T) {
	for _, address := range []string{
		"https://s.taobao.com/search?q=x", "https://list.tmall.com/search_product.htm?q=x", "https://search.jd.com/Search?keyword=x", "https://s.1688.com/selloffer/offer_search.htm?keywords=x", "https://mobile.yangkeduo.com/search_result.html?search_key=x",
		"https://www.goofish.com/search?q=x", "https://search.suning.com/x/", "http://search.dangdang.com/?key=x", "https://www.amazon.de/s?k=x", "https://www.ebay.com/sch/i.html?_nkw=x", "https://www.aliexpress.com/wholesale?SearchText=x", "https://www.etsy.com/search?q=x", "https://shopee.vn/search?keyword=x", "https://www.lazada.sg/catalog/?q=x",
	} {
		if id := identifyText(address); !id.list || id.item != "" {
			t.Errorf("%s: %+v", address, id)
		}
	}
}
