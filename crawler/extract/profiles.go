package extract

import (
	"net/url"
	"regexp"
	"strings"
)

// profile is what is known of a market beforehand: who it is and what its
// addresses mean. A market is one row of profiles; nothing else in the package
// speaks of a site.
type profile struct {
	platform string
	// hosts are the registered domains, each with its subdomains.
	hosts []string
	// item matches host+path of a page of one offer; its first group, or the
	// query key of itemKey, is the item's number.
	item    string
	itemKey string
	skuKey  string
	// list matches host+path of result and shop pages.
	list string
	// address writes the canonical address of an item, %s its number; empty
	// where the found address stays.
	address string
	// currency is what the market's prices are in where nothing says it.
	currency string
	// state are marks before the data that the market's pages hand to their own
	// scripts, beside those that many sites use.
	state []string
	// example is the address of an item and its number, for the test of the row.
	example, number string
}

var profiles = []profile{
	{platform: "taobao", hosts: []string{"taobao.com"}, item: `^(?:item|world|h5\.m|market\.m|2|s\.2)\.?[a-z.]*taobao\.com/(?:item/(\d+)|item\.htm|item_o\.htm|item/detail|awp/core/detail\.htm)`, itemKey: "id", skuKey: "skuId", list: `^(?:s|list|shop\d*|[\w-]+)\.taobao\.com/(?:search|list|category|shop)`, address: "https://item.taobao.com/item.htm?id=%s", currency: "CNY", state: []string{"g_config", "rawData"}, example: "https://item.taobao.com/item.htm?spm=a1&id=562283240178&skuId=5", number: "562283240178"},
	{platform: "tmall", hosts: []string{"tmall.com", "tmall.hk"}, item: `^(?:detail|chaoshi\.detail|world)\.(?:m\.)?tmall\.(?:com|hk)/(?:item\.htm|hk/item\.htm|item/(\d+)\.htm)`, itemKey: "id", skuKey: "skuId", list: `^(?:list|[\w-]+)\.tmall\.(?:com|hk)/(?:search|category|shop)`, address: "https://detail.tmall.com/item.htm?id=%s", currency: "CNY", state: []string{"TShop.Setup(", "rawData", "g_config"}, example: "https://detail.tmall.com/item.htm?id=12345678&skuId=99", number: "12345678"},
	{platform: "jd", hosts: []string{"jd.com", "jd.hk"}, item: `^(?:item|item\.m|npcitem|i-item|mitem|paipai\.m)\.(?:m\.)?jd\.(?:com|hk)/(?:product/|ware/view\.action)?(\d+)?`, itemKey: "wareId", list: `^(?:search|list|mall|so\.m)\.jd\.(?:com|hk)/`, address: "https://item.jd.com/%s.html", currency: "CNY", state: []string{"pageConfig"}, example: "https://item.jd.com/100105483276.html", number: "100105483276"},
	{platform: "jd", hosts: []string{"e.jd.com"}, item: `^e\.jd\.com/(\d+)\.html`, currency: "CNY", example: "https://e.jd.com/30123456.html", number: "30123456"},
	{platform: "1688", hosts: []string{"1688.com"}, item: `^(?:detail|m|detail\.m)\.1688\.com/(?:page/index\.htm|offer/(\d+)\.html)`, itemKey: "offerId", list: `^s\.1688\.com/`, address: "https://detail.1688.com/offer/%s.html", currency: "CNY", state: []string{"iDetailData", "__GLOBAL_DATA", "__INIT_DATA"}, example: "https://detail.1688.com/offer/6543210.html", number: "6543210"},
	{platform: "pinduoduo", hosts: []string{"yangkeduo.com", "pinduoduo.com"}, item: `^(?:[\w-]+\.)?(?:yangkeduo|pinduoduo)\.com/(?:goods\d*\.html|goods/detail)`, itemKey: "goods_id", list: `/(?:search_result|mall_page)\.html`, address: "https://mobile.yangkeduo.com/goods.html?goods_id=%s", currency: "CNY", state: []string{"rawData"}, example: "https://mobile.yangkeduo.com/goods.html?goods_id=98765", number: "98765"},
	{platform: "xianyu", hosts: []string{"goofish.com", "xianyu.com"}, item: `^(?:www|h5\.m|m)?\.?(?:goofish|xianyu)\.com/item`, itemKey: "id", list: `/search`, address: "https://www.goofish.com/item?id=%s", currency: "CNY", example: "https://www.goofish.com/item?id=7788&categoryId=1", number: "7788"},
	{platform: "suning", hosts: []string{"suning.com"}, item: `^(?:product|m|dc)\.suning\.com/(?:product/)?(?:\d+/)?(\d+)\.html`, list: `^(?:search|list)\.suning\.com/`, currency: "CNY", example: "https://product.suning.com/0000000000/11223344.html", number: "11223344"},
	{platform: "dangdang", hosts: []string{"dangdang.com"}, item: `^(?:product|e|m)\.dangdang\.com/(?:product\.php|products/)?(\d+)?`, itemKey: "product_id", list: `^(?:search|category)\.dangdang\.com/`, address: "http://product.dangdang.com/%s.html", currency: "CNY", example: "http://product.dangdang.com/29123456.html", number: "29123456"},
	{platform: "kaola", hosts: []string{"kaola.com", "kaola.com.hk"}, item: `^(?:goods|m-goods|www)\.kaola\.com(?:\.hk)?/product/(\d+)\.html`, list: `^(?:search|www)\.kaola\.com(?:\.hk)?/search`, address: "https://goods.kaola.com/product/%s.html", currency: "CNY", example: "https://goods.kaola.com/product/5566.html", number: "5566"},
	{platform: "vip", hosts: []string{"vip.com"}, item: `^(?:detail|m|item\.m)\.vip\.com/(?:detail|product)-\d+-(\d+)\.html`, currency: "CNY", example: "https://detail.vip.com/detail-1710612345-6918012345678901234.html", number: "6918012345678901234"},
	{platform: "xiaohongshu", hosts: []string{"xiaohongshu.com"}, item: `^www\.xiaohongshu\.com/goods-detail/([0-9a-f]+)`, currency: "CNY", example: "https://www.xiaohongshu.com/goods-detail/60a1b2c3d4e5f60001234567", number: "60a1b2c3d4e5f60001234567"},
	{platform: "youzan", hosts: []string{"youzan.com"}, item: `youzan\.com/(?:wscgoods/detail|v2/goods)/(\w+)`, currency: "CNY", example: "https://shop123.youzan.com/wscgoods/detail/2x5abcd", number: "2x5abcd"},
	{platform: "weidian", hosts: []string{"weidian.com"}, item: `weidian\.com/item\.html`, itemKey: "itemID", currency: "CNY", example: "https://weidian.com/item.html?itemID=4412345678", number: "4412345678"},
	{platform: "kongfz", hosts: []string{"kongfz.com"}, item: `^(?:book|item)\.kongfz\.com/(\d+/\d+)`, list: `^search\.kongfz\.com/`, currency: "CNY", example: "https://book.kongfz.com/12345/678901234", number: "12345.678901234"},
	{platform: "amazon", hosts: []string{"amazon.com", "amazon.cn", "amazon.co.jp", "amazon.co.uk", "amazon.de", "amazon.fr", "amazon.it", "amazon.es", "amazon.ca", "amazon.in", "amazon.com.mx", "amazon.com.br", "amazon.com.au", "amazon.nl", "amazon.pl", "amazon.se", "amazon.sg", "amazon.ae", "amazon.sa", "amazon.com.tr"}, item: `/(?:dp|gp/product|gp/aw/d|exec/obidos/asin)/(\w{10})(?:/|$)`, list: `/(?:s|gp/search|b)(?:/|$)`, example: "https://www.amazon.co.jp/some-name/dp/B00ABCDEFG/ref=sr_1", number: "B00ABCDEFG"},
	{platform: "ebay", hosts: []string{"ebay.com", "ebay.co.uk", "ebay.de", "ebay.it", "ebay.fr", "ebay.es", "ebay.at", "ebay.ch", "ebay.ca", "ebay.com.au", "ebay.com.hk", "ebay.nl", "ebay.pl", "ebay.ie"}, item: `/itm/(?:[^/]+/)?(\d{9,15})(?:/|$)`, list: `/(?:sch|b|str)/`, example: "https://www.ebay.de/itm/Name-of-it/381228738769", number: "381228738769"},
	{platform: "aliexpress", hosts: []string{"aliexpress.com", "aliexpress.us", "aliexpress.ru"}, item: `/(?:item|i)/(?:[^/]+/)?(\d+)\.html`, list: `/(?:wholesale|w/wholesale|category|store)`, currency: "", state: []string{"runParams"}, example: "https://www.aliexpress.com/item/1005001.html", number: "1005001"},
	{platform: "alibaba", hosts: []string{"alibaba.com"}, item: `/product-detail/[^/]*_(\d+)\.html`, list: `/(?:trade/search|showroom/)`, currency: "USD", example: "https://www.alibaba.com/product-detail/Nice-Bag_1600123456789.html", number: "1600123456789"},
	{platform: "dhgate", hosts: []string{"dhgate.com"}, item: `/product/[^/]+/(\d+)\.html`, list: `/wholesale/`, currency: "USD", example: "https://www.dhgate.com/product/nice-bag/412345678.html", number: "412345678"},
	{platform: "etsy", hosts: []string{"etsy.com"}, item: `/listing/(\d+)`, list: `/(?:search|shop|c|market)(?:/|$)`, example: "https://www.etsy.com/de/listing/230389421/name", number: "230389421"},
	{platform: "shopee", hosts: []string{"shopee.sg", "shopee.tw", "shopee.com.my", "shopee.co.th", "shopee.vn", "shopee.ph", "shopee.co.id", "shopee.com.br"}, item: `(?:-i\.(\d+\.\d+)|/product/(\d+/\d+))`, list: `/(?:search|shop)`, example: "https://shopee.sg/Nice-shoe-i.123.456", number: "123.456"},
	{platform: "lazada", hosts: []string{"lazada.sg", "lazada.com.my", "lazada.co.th", "lazada.vn", "lazada.com.ph", "lazada.co.id"}, item: `/products/(?:pdp-)?(?:[^/]*-)?i(\d+)(?:-s\d+)?\.html`, list: `/(?:catalog|tag|shop-)`, state: []string{"__moduleData__", "pdpTrackingData"}, example: "https://www.lazada.com.my/products/nice-shoe-i12-s34.html", number: "12"},
	{platform: "rakuten", hosts: []string{"rakuten.co.jp"}, item: `^item\.rakuten\.co\.jp/([^/]+/[^/]+)`, list: `^search\.rakuten\.co\.jp/`, currency: "JPY", example: "https://item.rakuten.co.jp/shopname/abc-123/", number: "shopname.abc-123"},
	{platform: "mercari", hosts: []string{"mercari.com"}, item: `/item/(m\d+)`, list: `/search`, currency: "JPY", example: "https://jp.mercari.com/item/m12345678901", number: "m12345678901"},
	{platform: "carousell", hosts: []string{"carousell.com", "carousell.sg", "carousell.com.hk", "carousell.com.my"}, item: `/p/(?:[^/]*-)?(\d+)(?:/|$)`, list: `/(?:search|categories)/`, example: "https://www.carousell.sg/p/nice-bag-1234567/", number: "1234567"},
	{platform: "wish", hosts: []string{"wish.com"}, item: `/(?:c|product)/([0-9a-f]{24})`, currency: "USD", example: "https://www.wish.com/product/5d8a1b2c3d4e5f6a7b8c9d0e", number: "5d8a1b2c3d4e5f6a7b8c9d0e"},
	{platform: "temu", hosts: []string{"temu.com"}, item: `-g-(\d+)\.html`, list: `/search_result`, state: []string{"rawData"}, example: "https://www.temu.com/nice-bag-g-601099512345678.html", number: "601099512345678"},
	{platform: "newegg", hosts: []string{"newegg.com"}, item: `/(?:p/|product/product\.aspx)([\w-]+)?$`, itemKey: "item", list: `/p/pl`, currency: "USD", example: "https://www.newegg.com/p/N82E16828840014", number: "N82E16828840014"},
	{platform: "coupang", hosts: []string{"coupang.com"}, item: `/(?:vp|vm)/products/(\d+)`, list: `/np/(?:search|categories)`, currency: "KRW", example: "https://www.coupang.com/vp/products/6512345678?itemId=1", number: "6512345678"},
	{platform: "gmarket", hosts: []string{"gmarket.co.kr"}, item: `^(?:item|mitem)\.gmarket\.co\.kr/item`, itemKey: "goodscode", currency: "KRW", example: "https://item.gmarket.co.kr/Item?goodscode=2012345678", number: "2012345678"},
	{platform: "mercadolibre", hosts: []string{"mercadolibre.com.ar", "mercadolibre.com.mx", "mercadolibre.cl", "mercadolibre.com.co", "mercadolivre.com.br"}, item: `/(?:p/)?(M[A-Z]{2}-?\d{6,})`, list: `^(?:lista|listado)\.`, example: "https://articulo.mercadolibre.com.mx/MLM-712345678-mochila-_JM", number: "MLM-712345678"},
	{platform: "allegro", hosts: []string{"allegro.pl"}, item: `/oferta/(?:[^/]*-)?(\d{8,})`, list: `/(?:listing|kategoria)`, currency: "PLN", example: "https://allegro.pl/oferta/wiertarka-udarowa-10123456789", number: "10123456789"},
	{platform: "ozon", hosts: []string{"ozon.ru"}, item: `/product/(?:[^/]*-)?(\d{5,})`, list: `/(?:search|category)/`, currency: "RUB", example: "https://www.ozon.ru/product/chaynik-148812340/", number: "148812340"},
	{platform: "wildberries", hosts: []string{"wildberries.ru"}, item: `/catalog/(\d+)/detail\.aspx`, list: `/catalog/0/search`, currency: "RUB", example: "https://www.wildberries.ru/catalog/12345678/detail.aspx", number: "12345678"},
	{platform: "douyin", hosts: []string{"jinritemai.com"}, item: `/views/product/(?:item2?|detail)`, itemKey: "id", currency: "CNY", example: "https://haohuo.jinritemai.com/views/product/item2?id=3512345678901234567", number: "3512345678901234567"},
	{platform: "olx", hosts: []string{"olx.com.pk", "olx.pl", "olx.in", "olx.com.br", "olx.ua", "olx.ro", "olx.pt", "olx.bg"}, item: `/(?:item|d/oferta)/.*?-?(?:iid-|ID)(\w+)`, example: "https://www.olx.com.pk/item/suzuki-alto-iid-1024643167", number: "1024643167"},
}

// identity is what an address says of its offer.
type identity struct {
	platform, item, sku string
	address             string // canonical address of the item, where the profile knows it
	list                bool   // a result or shop page
}

// compiledProfile holds the patterns of a row.
type compiledProfile struct {
	profile
	item, list *regexp.Regexp
}

// byHost finds the row of a registered domain; read-only after it was made.
var byHost = compileProfiles(profiles)

func compileProfiles(rows []profile) map[string]*compiledProfile {
	m := map[string]*compiledProfile{}
	for _, row := range rows {
		c := &compiledProfile{profile: row}
		c.item = regexp.MustCompile(`(?i)` + row.item)
		if row.list != "" {
			c.list = regexp.MustCompile(`(?i)` + row.list)
		}
		for _, host := range row.hosts {
			m[host] = c
		}
	}
	return m
}

// identify reads platform and item number off an address.
func identify(u *url.URL) (profile, identity) {
	if u == nil {
		return profile{}, identity{}
	}
	host := strings.ToLower(u.Hostname())
	var row *compiledProfile
	for h := host; h != "" && row == nil; {
		row = byHost[h]
		_, h, _ = strings.Cut(h, ".")
	}
	if row == nil {
		return profile{}, identity{}
	}
	id := identity{platform: row.platform}
	at := host + u.EscapedPath()
	m := row.item.FindStringSubmatch(at)
	if m != nil {
		for _, g := range m[1:] {
			if g != "" {
				id.item = strings.ReplaceAll(g, "/", ".")
			}
		}
		if id.item == "" && row.itemKey != "" {
			id.item = queryFold(u.Query(), row.itemKey)
		}
	}
	if id.item != "" {
		if row.skuKey != "" {
			id.sku = queryFold(u.Query(), row.skuKey)
		}
		if row.address != "" {
			id.address = strings.Replace(row.address, "%s", id.item, 1)
		}
	}
	id.list = id.item == "" && row.list != nil && row.list.MatchString(at)
	return row.profile, id
}

func queryFold(q url.Values, key string) string {
	for k, v := range q {
		if strings.EqualFold(k, key) && len(v) > 0 && len(v[0]) <= 64 {
			return v[0]
		}
	}
	return ""
}

// identifyText is identify for an address that is still text.
func identifyText(raw string) identity {
	u, err := url.Parse(raw)
	if err != nil {
		return identity{}
	}
	_, id := identify(u)
	return id
}
