package indextest

import (
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/markwatch/markwatch/index"
)

// Fold is the folding that the suite's index must be opened with: NFKC,
// lower case, and two characters that stand for others.
func Fold(s string) string {
	s = strings.ToLower(norm.NFKC.String(s))
	return strings.ReplaceAll(strings.ReplaceAll(s, "奈", "耐"), "龍", "龙")
}

// day is an instant in November 2026, noon in UTC+8.
func day(d int) time.Time { return time.Date(2026, 11, d, 4, 0, 0, 0, time.UTC) }

func yuan(v float64) *float64 { return &v }

// Documents are what the suite's queries are asked of. The ids are single
// letters, so that expected hits read as a word.
func Documents() []index.Document {
	return []index.Document{
		{
			ID: "a", Number: "2026-0001", Title: "耐 克 空军一号 莆田纯原 男女同款", Description: "支持专柜验货,微信 nike8888", Text: "评论:质量不错",
			Seller: "鞋坊小李", SellerRegion: "福建省莆田市", Place: "福建莆田", Source: "taobao", Platform: "taobao", URL: "https://item.example.com/a?id=1001",
			Names: []string{"耐克", "Nike"}, Subjects: []string{"nike"}, Violations: []string{"counterfeit"}, Rules: []string{"pricing/below-floor", "jargon/replica"},
			Units: []string{"gy-scjg"}, Reasons: []string{"标价低于最低正品价"}, Status: "new", Lead: true, Flagged: true, Score: 0.94, PriceCNY: yuan(199), Sales: 12000,
			FirstSeen: day(3), LastSeen: day(20),
		},
		{
			ID: "b", Number: "2026-0002", Title: "奈克 板鞋 高仿 Nike Air Force 1", Description: "顺丰包邮",
			Seller: "潮鞋仓库", SellerRegion: "福建 莆田", Source: "taobao", Platform: "taobao", URL: "https://item.example.com/b?id=1002",
			Names: []string{"耐克", "Nike"}, Subjects: []string{"nike"}, Violations: []string{"counterfeit"}, Rules: []string{"jargon/replica"},
			Units: []string{"gy-scjg"}, Status: "confirmed", Assignee: "zhangmin", Lead: true, Flagged: true, Score: 0.91, PriceCNY: yuan(159.5), Sales: 300,
			FirstSeen: day(5), LastSeen: day(21),
		},
		{
			ID: "c", Number: "2026-0003", Title: "耐克儿童运动鞋 官方授权", Description: "克重 500 克,耐磨",
			Seller: "Nike官方旗舰店", SellerRegion: "上海", Source: "jd", Platform: "jd", URL: "https://jd.example.com/c",
			Brand: "Nike", Status: "dismissed", Lead: true, Score: 0.31, PriceCNY: yuan(599), Sales: 80000, FirstSeen: day(1), LastSeen: day(20),
		},
		{
			ID: "d", Number: "2026-0004", Title: "日本直邮 SK-II 神仙水 230ml", Description: "海外仓发货 正品保证", Text: "快递显示从广州揽收",
			Seller: "东京小铺", SellerRegion: "广东广州", Place: "日本东京", Source: "wechat", Platform: "wechat", URL: "https://shop.example.org/d",
			Names: []string{"SK-II", "美之匙"}, Subjects: []string{"sk-ii"}, Violations: []string{"counterfeit", "fake-overseas"}, Rules: []string{"overseas/trace", "pricing/below-floor"},
			Units: []string{"gz-haiguan"}, Status: "new", Lead: true, Flagged: true, Score: 0.88, PriceCNY: yuan(499), Sales: 45, FirstSeen: day(10), LastSeen: day(19),
		},
		{
			ID: "e", Number: "2026-0005", Title: "流浪地球 4K 蓝光 网盘资源 Photoshop 破解版", Description: "自动发货,拍下秒发链接", Text: "提取码 x8k2",
			Seller: "资源达人", SellerRegion: "四川成都", Source: "xianyu", Platform: "xianyu", URL: "https://x.example.net/e",
			Names: []string{"流浪地球", "Adobe Photoshop"}, Subjects: []string{"wandering-earth", "photoshop"}, Violations: []string{"piracy"}, Rules: []string{"piracy/share"},
			Units: []string{"cd-banquan"}, Status: "review", Assignee: "lihua", Lead: true, Flagged: true, Score: 0.97, PriceCNY: yuan(3.9), Sales: 5600, FirstSeen: day(12), LastSeen: day(21),
		},
		{
			ID: "f", Title: "Adidas 三叶草 贝壳头 Superstar", Description: "爱迪达斯 正品代购 iPhone15 手机壳赠送",
			Seller: "潮鞋仓库", SellerRegion: "福建莆田", Source: "taobao", Platform: "taobao", URL: "https://item.example.com/f?id=1006",
			Score: 0.42, PriceCNY: yuan(399), Sales: 77, FirstSeen: day(15), LastSeen: day(18),
		},
		{
			ID: "g", Title: "保温杯 304 不锈钢 500ml 龍年纪念", Description: "全新 包邮",
			Seller: "杯具人生", SellerRegion: "浙江永康", Source: "jd", Platform: "jd", URL: "https://jd.example.com/g",
			Score: 0.05, Sales: 9, FirstSeen: day(2), LastSeen: day(2),
		},
		{
			ID: "h", Title: "<script>alert(1)</script> \x00\u202e=cmd|' /C calc'!A0 \xff", Description: strings.Repeat("套娃", 4000),
			Seller: `"; DROP TABLE leads; --`, Source: "hostile", URL: "javascript:alert(1)", Rules: []string{"norule"}, Score: 1, Flagged: true, PriceCNY: yuan(0),
		},
	}
}
