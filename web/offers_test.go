package web_test

import (
	"strings"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/markwatch/markwatch"
)

// offer is a listing with its verdict and the prices of seven nights.
type offer struct {
	Listing markwatch.Listing
	Verdict markwatch.Verdict
	prices  []string
}

func cny(amount string) markwatch.Money {
	return markwatch.Money{Amount: decimal.RequireFromString(amount), Currency: markwatch.CNY}
}

// quote finds a text in a field and makes evidence of it.
func quote(l markwatch.Listing, field, text string, role markwatch.Role) markwatch.Evidence {
	whole := l.Field(field)
	at := strings.Index(whole, text)
	if at < 0 {
		panic(field + " does not hold " + text)
	}
	start := utf8.RuneCountInString(whole[:at])
	return markwatch.Evidence{
		Field: field, Text: text, Role: role,
		Span: &markwatch.Span{Start: start, End: start + utf8.RuneCountInString(text)},
	}
}

// judged makes a verdict of findings that are in order of their scores.
func judged(l markwatch.Listing, findings ...markwatch.Finding) markwatch.Verdict {
	v := markwatch.Verdict{
		ID: l.ID, At: now, Knowledge: "brands@12 works@3 lexicons@2 rules@7",
		Violations: map[markwatch.Violation]markwatch.ViolationVerdict{}, Findings: findings,
	}
	for _, f := range findings {
		s := max(v.Violations[f.Violation].Score, f.Score)
		v.Violations[f.Violation] = markwatch.ViolationVerdict{Score: s, Flagged: s >= 0.5}
		v.Score = max(v.Score, s)
	}
	v.Flagged = v.Score >= 0.5
	return v
}

// market is a small market: shoes, cosmetics, a film, and an innocent offer.
func market() []offer {
	shoes := markwatch.Listing{
		ID: "demo-1001", Source: "sample-market", Platform: "demo", ItemID: "1001", URL: "https://market.example/item/1001",
		Title:       "「耐 克」空军一号 莆田「纯原」 男女同款小白鞋 支持专柜验货",
		Description: "莆田工厂直发,纯原公司级,鞋盒小票齐全。男女同款,支持专柜验货,七天无理由。介意勿拍,懂的来。",
		Category:    "运动鞋 > 板鞋", Brand: "其他", PriceText: "券后¥199起", SalesText: "1.2万+人付款", Sales: 12000,
		ShipsFrom: "福建莆田", Delivery: "48小时内发货", Quantity: "1双",
		Seller: &markwatch.Seller{
			ID: "s77", Name: "鞋坊小李", URL: "https://market.example/shop/77", Kind: markwatch.SellerPersonal, Region: "福建省莆田市",
			Contacts: []string{"加薇 xf_li88"}, Accounts: []markwatch.Account{{Kind: "wechat", Value: "xf_li88"}},
		},
		Attributes: map[string]string{"产地": "福建莆田", "鞋面材质": "头层牛皮", "货号": "CW2288-111"},
		Text:       "掌柜:老客户加薇有优惠。买家评价:和专柜的一模一样,鞋标二维码都能扫。", Snapshot: "2026/1121.warc.gz#1001",
		Origins: map[string]markwatch.Origin{"title": markwatch.OriginJSONLD, "price": markwatch.OriginJSONLD, "ships_from": markwatch.OriginText},
	}
	listPrice := cny("899")
	shoes.ListPrice = &listPrice
	cream := markwatch.Listing{
		ID: "demo-1002", Source: "sample-market", Platform: "demo", ItemID: "1002", URL: "https://market.example/item/1002",
		Title: "SK-II 神仙水 230ml 日本专柜直邮 海外代购 小票齐全", ShipsFrom: "广东广州", Delivery: "当天发货,次日达", Sales: 3560,
		Seller:   &markwatch.Seller{Name: "东京小站", Kind: markwatch.SellerShop, Region: "广东省广州市"},
		Tracking: []markwatch.Tracking{{Carrier: "某国际快递", Number: "JP0012233", Events: []markwatch.TraceEvent{{Place: "广州白云", Text: "【广州白云】已揽收"}, {Text: "到达香港跨境仓公司已收件"}}}},
		Snapshot: "2026/1121.warc.gz#1002",
	}
	film := markwatch.Listing{
		ID: "demo-1003", Source: "second-hand", Platform: "old", ItemID: "1003", URL: "https://old.example/i/1003",
		Title: "流浪地球2 4K 高清资源 自动发货 永久更新 网盘秒发", Seller: &markwatch.Seller{Name: "影视资源站", Kind: markwatch.SellerPersonal, Region: "贵州省贵阳市"}, Sales: 899,
		Shares: []markwatch.Share{{Kind: "netdisk", Host: "pan.example", URL: "https://pan.example/s/1abc", Code: "8k2q"}},
	}
	dryer := markwatch.Listing{
		ID: "demo-1004", Source: "sample-market", Platform: "demo", ItemID: "1004", URL: "https://market.example/item/1004",
		Title: "戴森吹风机 HD15 平替 高速负离子 同款不同厂 送五件套风嘴", ShipsFrom: "浙江义乌", Sales: 45210,
		Seller: &markwatch.Seller{Name: "鞋坊小李", ID: "s77", Region: "福建省莆田市"},
	}
	book := markwatch.Listing{
		ID: "demo-1005", Source: "second-hand", Platform: "old", ItemID: "1005", URL: "https://old.example/i/1005",
		Title: "二手 流浪地球 小说 九成新 自己看过", Seller: &markwatch.Seller{Name: "读书人", Region: "北京"},
	}
	return []offer{
		{Listing: shoes, prices: []string{"259", "259", "239", "239", "219", "199", "199"}, Verdict: judged(shoes,
			markwatch.Finding{
				Matcher: "pricing", Rule: "below-floor", Version: 3, Violation: markwatch.Counterfeit, Subject: "nike", Score: 0.94,
				Reason: markwatch.Text{ZH: "标价199元,仅为官方价799元的25%,低于该品牌的最低正品折扣50%", EN: "At ¥199 it costs 25% of the official ¥799, below the brand's lowest genuine 50%"},
				Facts:  map[string]string{"price_cny": "199.00", "reference_cny": "799.00", "reference_from": "brands@12", "ratio": "25%", "floor": "50%", "market_cny": "689", "product": "Air Force 1"},
				Evidence: []markwatch.Evidence{
					quote(shoes, "title", "耐 克", markwatch.RoleSubject), quote(shoes, "title", "空军一号", markwatch.RoleSubject),
					{Field: "price", Text: "199.00 CNY", Role: markwatch.RoleFact}, quote(shoes, "price_text", "¥199", markwatch.RoleFact),
				},
			},
			markwatch.Finding{
				Matcher: "replica", Rule: "wording", Version: 5, Violation: markwatch.Counterfeit, Subject: "nike", Score: 0.71,
				Reason: markwatch.Text{ZH: "复刻行话「莆田」「纯原」「公司级」", EN: "Words of the replica trade: 莆田, 纯原, 公司级"},
				Facts:  map[string]string{"terms": "莆田 纯原 公司级"},
				Evidence: []markwatch.Evidence{
					quote(shoes, "title", "莆田", markwatch.RoleContext), quote(shoes, "title", "纯原", markwatch.RoleClaim), quote(shoes, "description", "纯原公司级", markwatch.RoleClaim),
				},
			},
			markwatch.Finding{
				Matcher: "replica", Rule: "disguised-name", Version: 1, Violation: markwatch.Counterfeit, Subject: "nike", Score: 0.42,
				Reason:   markwatch.Text{ZH: "品牌名被拆写", EN: "The brand's name is split"},
				Evidence: []markwatch.Evidence{quote(shoes, "title", "耐 克", markwatch.RoleSubject)},
			})},
		{Listing: cream, prices: []string{"689", "689", "659", "659", "629", "599", "599"}, Verdict: judged(cream,
			markwatch.Finding{
				Matcher: "trace", Rule: "first-scan-at-home", Version: 2, Violation: markwatch.FakeOverseas, Subject: "sk-ii", Score: 0.91,
				Reason: markwatch.Text{ZH: "声称「日本专柜直邮」,首次扫描却在「广州白云」", EN: "Claims direct mail from Japan, first scanned in Guangzhou"},
				Facts:  map[string]string{"claimed": "日本", "first_scan": "广州白云"},
				Evidence: []markwatch.Evidence{
					quote(cream, "title", "日本专柜直邮", markwatch.RoleClaim), quote(cream, "tracking[0].events[0].text", "广州白云", markwatch.RoleFact), quote(cream, "delivery", "次日达", markwatch.RoleFact),
				},
			},
			markwatch.Finding{
				Matcher: "pricing", Rule: "below-floor", Version: 3, Violation: markwatch.Counterfeit, Subject: "sk-ii", Score: 0.66,
				Reason: markwatch.Text{ZH: "标价599元,为官方价1,590元的38%,低于下限50%", EN: "At ¥599 it costs 38% of the official ¥1,590, below the floor of 50%"},
				Facts:  map[string]string{"price_cny": "599", "reference_cny": "1590", "ratio": "0.377", "floor": "0.5"},
			})},
		{Listing: film, prices: []string{"1.99"}, Verdict: judged(film,
			markwatch.Finding{
				Matcher: "piracy", Rule: "share", Version: 1, Violation: markwatch.Piracy, Subject: "wandering-earth-2", Score: 0.88,
				Reason:   markwatch.Text{ZH: "受保护作品与网盘、提取码、「自动发货」同时出现", EN: "A protected work beside a share link, its code and instant delivery"},
				Facts:    map[string]string{"price_cny": "1.99", "reference_cny": "25", "ratio": "0.08"},
				Evidence: []markwatch.Evidence{quote(film, "title", "流浪地球2", markwatch.RoleSubject), quote(film, "title", "自动发货", markwatch.RoleClaim), quote(film, "shares[0].code", "8k2q", markwatch.RoleFact)},
			})},
		{Listing: dryer, prices: []string{"329", "329", "299"}, Verdict: judged(dryer,
			markwatch.Finding{
				Matcher: "replica", Rule: "wording", Version: 5, Violation: markwatch.Counterfeit, Subject: "dyson", Score: 0.63,
				Reason:   markwatch.Text{ZH: "复刻行话「同款不同厂」与品牌名同时出现", EN: "“Same goods, other factory” beside the brand's name"},
				Evidence: []markwatch.Evidence{quote(dryer, "title", "戴森", markwatch.RoleSubject), quote(dryer, "title", "同款不同厂", markwatch.RoleClaim)},
			})},
		{Listing: book, prices: []string{"15"}, Verdict: judged(book)},
	}
}

// capturedPage is a page of the sample market with everything that must not
// work when it is shown.
const capturedPage = `<!doctype html><html><head><meta charset="utf-8"><title>x</title>
<meta http-equiv="refresh" content="0;url=https://evil.example/"><base href="https://evil.example/">
<link rel="stylesheet" href="https://evil.example/a.css"><script>document.title='ran'</script>
<style>h1{color:#c00} @import url(https://evil.example/b.css); body{background:u\72l(https://evil.example/c.png)}</style></head>
<body onload="alert(1)"><h1 style="background:url('https://evil.example/d.png');font-size:20px">「耐 克」空军一号 莆田「纯原」</h1>
<p>券后 <b>¥199</b> 起,1.2万+人付款</p><img src="https://evil.example/p.png" alt="主图" onerror="alert(2)">
<img src="data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=" alt=""><svg><script>alert(3)</script></svg>
<a href="javascript:alert(4)" ping="https://evil.example/ping">立即购买</a><form action="https://evil.example/f"><input name="a"><button>提交</button></form>
<iframe src="https://evil.example/g"></iframe><object data="https://evil.example/h"></object><noscript><p>没有脚本也看得到</p></noscript>
<table><tr><td>产地</td><td>福建莆田</td></tr></table></body></html>`
