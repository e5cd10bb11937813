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
}

var profiles = []profile{
	{platform: "taobao", hosts: []string{"taobao.com"}, item: `^(?:item|world|h5\.m|market\.m|2|s\.2)\.?[a-z.]*taobao\.com/(?:item/(\d+)|item\.htm|item_o\.htm|item/detail|awp/core/detail\.htm)`, itemKey: "id", skuKey: "skuId", list: `^(?:s|list|shop\d*|[\w-]+)\.taobao\.com/(?:search|list|category|shop)`, address: "https://item.taobao.com/item.htm?id=%s", currency: "CNY"},
	{platform: "tmall", hosts: []string{"tmall.com", "tmall.hk"}, item: `^(?:detail|chaoshi\.detail|world)\.(?:m\.)?tmall\.(?:com|hk)/(?:item\.htm|hk/item\.htm|item/(\d+)\.htm)`, itemKey: "id", skuKey: "skuId", list: `^(?:list|[\w-]+)\.tmall\.(?:com|hk)/(?:search|category|shop)`, address: "https://detail.tmall.com/item.htm?id=%s", currency: "CNY"},
	{platform: "jd", hosts: []string{"jd.com", "jd.hk"}, item: `^(?:item|item\.m|npcitem|i-item|mitem|paipai\.m)\.(?:m\.)?jd\.(?:com|hk)/(?:product/|ware/view\.action)?(\d+)?`, itemKey: "wareId", list: `^(?:search|list|mall|so\.m)\.jd\.(?:com|hk)/`, address: "https://item.jd.com/%s.html", currency: "CNY"},
	{platform: "jd", hosts: []string{"e.jd.com"}, item: `^e\.jd\.com/(\d+)\.html`, currency: "CNY"},
	{platform: "1688", hosts: []string{"1688.com"}, item: `^(?:detail|m|detail\.m)\.1688\.com/(?:page/index\.htm|offer/(\d+)\.html)`, itemKey: "offerId", list: `^s\.1688\.com/`, address: "https://detail.1688.com/offer/%s.html", currency: "CNY"},
	{platform: "pinduoduo", hosts: []string{"yangkeduo.com", "pinduoduo.com"}, item: `^(?:[\w-]+\.)?(?:yangkeduo|pinduoduo)\.com/(?:goods\d*\.html|goods/detail)`, itemKey: "goods_id", list: `/(?:search_result|mall_page)\.html`, address: "https://mobile.yangkeduo.com/goods.html?goods_id=%s", currency: "CNY"},
	{platform: "xianyu", hosts: []string{"goofish.com", "xianyu.com"}, item: `^(?:www|h5\.m|m)?\.?(?:goofish|xianyu)\.com/item`, itemKey: "id", list: `/search`, address: "https://www.goofish.com/item?id=%s", currency: "CNY"},
	{platform: "suning", hosts: []string{"suning.com"}, item: `^(?:product|m|dc)\.suning\.com/(?:product/)?(?:\d+/)?(\d+)\.html`, list: `^(?:search|list)\.suning\.com/`, currency: "CNY"},
	{platform: "dangdang", hosts: []string{"dangdang.com"}, item: `^(?:product|e|m)\.dangdang\.com/(?:product\.php|products/)?(\d+)?`, itemKey: "product_id", list: `^(?:search|category)\.dangdang\.com/`, address: "http://product.dangdang.com/%s.html", currency: "CNY"},
	{platform: "kaola", hosts: []string{"kaola.com", "kaola.com.hk"}, item: `^(?:goods|m-goods|www)\.kaola\.com(?:\.hk)?/product/(\d+)\.html`, list: `^(?:search|www)\.kaola\.com(?:\.hk)?/search`, address: "https://goods.kaola.com/product/%s.html", currency: "CNY"},
	{platform: "vip", hosts: []string{"vip.com"}, item: `^(?:detail|m|item\.m)\.vip\.com/(?:detail|product)-\d+-(\d+)\.html`, currency: "CNY"},
	{platform: "xiaohongshu", hosts: []string{"xiaohongshu.com"}, item: `^www\.xiaohongshu\.com/goods-detail/([0-9a-f]+)`, currency: "CNY"},
	{platform: "youzan", hosts: []string{"youzan.com"}, item: `youzan\.com/(?:wscgoods/detail|v2/goods)/(\w+)`, currency: "CNY"},
	{platform: "weidian", hosts: []string{"weidian.com"}, item: `weidian\.com/item\.html`, itemKey: "itemID", currency: "CNY"},
	{platform: "kongfz", hosts: []string{"kongfz.com"}, item: `^(?:book|item)\.kongfz\.com/(\d+/\d+)`, list: `^search\.kongfz\.com/`, currency: "CNY"},
	{platform: "amazon", hosts: []string{"amazon.com", "amazon.cn", "amazon.co.jp", "amazon.co.uk", "amazon.de", "amazon.fr", "amazon.it", "amazon.es", "amazon.ca", "amazon.in", "amazon.com.mx", "amazon.com.br", "amazon.com.au", "amazon.nl", "amazon.pl", "amazon.se", "amazon.sg", "amazon.ae", "amazon.sa", "amazon.com.tr"}, item: `/(?:dp|gp/product|gp/aw/d|exec/obidos/asin)/(\w{10})(?:/|$)`, list: `/(?:s|gp/search|b)(?:/|$)`},
	{platform: "ebay", hosts: []string{"ebay.com", "ebay.co.uk", "ebay.de", "ebay.it", "ebay.fr", "ebay.es", "ebay.at", "ebay.ch", "ebay.ca", "ebay.com.au", "ebay.com.hk", "ebay.nl", "ebay.pl", "ebay.ie"}, item: `/itm/(?:[^/]+/)?(\d{9,15})(?:/|$)`, list: `/(?:sch|b|str)/`},
	{platform: "aliexpress", hosts: []string{"aliexpress.com", "aliexpress.us", "aliexpress.ru"}, item: `/(?:item|i)/(?:[^/]+/)?(\d+)\.html`, list: `/(?:wholesale|w/wholesale|category|store)`, currency: ""},
	{platform: "alibaba", hosts: []string{"alibaba.com"}, item: `/product-detail/[^/]*_(\d+)\.html`, list: `/(?:trade/search|showroom/)`, currency: "USD"},
	{platform: "dhgate", hosts: []string{"dhgate.com"}, item: `/product/[^/]+/(\d+)\.html`, list: `/wholesale/`, currency: "USD"},
	{platform: "etsy", hosts: []string{"etsy.com"}, item: `/listing/(\d+)`, list: `/(?:search|shop|c|market)(?:/|$)`},
	{platform: "shopee", hosts: []string{"shopee.sg", "shopee.tw", "shopee.com.my", "shopee.co.th", "shopee.vn", "shopee.ph", "shopee.co.id", "shopee.com.br"}, item: `(?:-i\.(\d+\.\d+)|/product/(\d+/\d+))`, list: `/(?:search|shop)`},
	{platform: "lazada", hosts: []string{"lazada.sg", "lazada.com.my", "lazada.co.th", "lazada.vn", "lazada.com.ph", "lazada.co.id"}, item: `/products/(?:pdp-)?(?:[^/]*-)?i(\d+)(?:-s\d+)?\.html`, list: `/(?:catalog|tag|shop-)`},
	{platform: "rakuten", hosts: []string{"rakuten.co.jp"}, item: `^item\.rakuten\.co\.jp/([^/]+/[^/]+)`, list: `^search\.rakuten\.co\.jp/`, currency: "JPY"},
	{platform: "mercari", hosts: []string{"mercari.com"}, item: `/item/(m\d+)`, list: `/search`, currency: "JPY"},
	{platform: "carousell", hosts: []string{"carousell.com", "carousell.sg", "carousell.com.hk", "carousell.com.my"}, item: `/p/(?:[^/]*-)?(\d+)(?:/|$)`, list: `/(?:search|categories)/`},
	{platform: "wish", hosts: []string{"wish.com"}, item: `/(?:c|product)/([0-9a-f]{24})`, currency: "USD"},
	{platform: "temu", hosts: []string{"temu.com"}, item: `-g-(\d+)\.html`, list: `/search_result`},
	{platform: "newegg", hosts: []string{"newegg.com"}, item: `/(?:p/|product/product\.aspx)([\w-]+)?$`, itemKey: "item", list: `/p/pl`, currency: "USD"},
	{platform: "olx", hosts: []string{"olx.com.pk", "olx.pl", "olx.in", "olx.com.br", "olx.ua", "olx.ro", "olx.pt", "olx.bg"}, item: `/(?:item|d/oferta)/.*?-?(?:iid-|ID)(\w+)`},
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
