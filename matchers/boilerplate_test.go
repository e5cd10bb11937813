package matchers_test

import (
	"strings"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/matchers"
)

// What every shop writes beneath every article makes no offence of it.
func TestPacksPassOverWhatEveryShopWrites(t *testing.T) {
	_, set := packs(t)
	builtin := map[markwatch.Violation]bool{markwatch.Counterfeit: true, markwatch.FakeOverseas: true, markwatch.Piracy: true}
	sentences := []string{
		"次日达,假一赔十,支持七天无理由退换,破损包赔,运费险", "现货,当天发货,量大从优,支持批发,起订十件,来图定制,可开发票",
		"同系列还有其他规格,年费会员另享九五折,售后走绿色通道", "官方质检,扫码可查真伪,支持专柜验货,全国联保", "收藏加购优先发货,好评返现,老顾客回购,主播推荐",
		"工厂直销,源头厂家,拿货联系客服,支持一件代发,内部渠道价", "in stock, same day dispatch, instant shipping, bulk orders welcome, moq 100 pcs, custom logo",
		"家里人都在用,朋友介绍来的,用了三天很满意,坚持使用,效果看得见", "未拆封,包装随机,以实物为准,图片仅供参考,偏远地区不发货",
	}
	goods := []markwatch.Listing{
		{Title: "充电宝 3C认证 20000mAh 快充 CCC证书编号2024010914612345", Seller: &markwatch.Seller{Name: "数码专营店", Kind: "shop", Region: "广东深圳"}},
		{Title: "儿童安全座椅 3C认证 0-12岁", Attributes: map[string]string{"3C证书编号": "2024012207612345"}},
		{Title: "电热毯 双人 水暖 3C认证", Attributes: map[string]string{"证书编号": "2024010706612345"}},
		{Title: "USB charger UL listed 65W"},
		{Title: "LED灯带 CE认证"},
		{Title: "儿童积木玩具 3C认证 100粒", Attributes: map[string]string{"CCC证书": "2024012202612345"}},
		{Title: "翡翠A货手镯 附国检证书 可复检"},
		{Title: "五常大米 10斤 产地黑龙江五常", ShipsFrom: "黑龙江哈尔滨五常", Attributes: map[string]string{"产地": "黑龙江五常"}},
		{Title: "赣南脐橙 10斤 现摘现发", ShipsFrom: "湖北武汉", Seller: &markwatch.Seller{Name: "水果行", Region: "湖北武汉"}, Attributes: map[string]string{"产地": "江西赣州"}},
		{Title: "汾酒 青花20 500ml 53度", ShipsFrom: "浙江杭州", Seller: &markwatch.Seller{Name: "佳佳百货店", Kind: "shop", Region: "浙江杭州"}},
		{Title: "大益 7542 普洱茶 生茶", ShipsFrom: "广东广州", Seller: &markwatch.Seller{Name: "老茶客茶行", Kind: "shop", Region: "广东广州"}},
		{Title: "草铵膦 除草剂 百草枯替代 登记证号PD20121234", Seller: &markwatch.Seller{Name: "农资店", Kind: "shop"}, Attributes: map[string]string{"登记证号": "PD20121234"}},
		{Title: "布洛芬缓释胶囊 24粒 国药准字H10900089", Seller: &markwatch.Seller{Name: "某某大药房旗舰店", Kind: "flagship"}},
		{Title: "切菜器 家用 专利号ZL201510123456.1", Attributes: map[string]string{"专利号": "ZL201510123456.1"}},
		{Title: "胶原蛋白饮 口服液 10支"}, {Title: "烟熏三文鱼 100g 即食"}, {Title: "打火机 防风 金属"}, {Title: "雪茄色真皮沙发 三人位"},
		{Title: "运动护膝 薄款 跑步"}, {Title: "洗发水 控油蓬松 500ml"}, {Title: "钢化膜 适用多机型 2片"}, {Title: "猫粮 全价成猫 10kg"}, {Title: "玫瑰花苗 盆栽 四季开花"},
		{Title: "白色亚麻衬衫 男 短袖"}, {Title: "龙井茶 明前 250g 西湖区梅家坞", ShipsFrom: "浙江杭州", Attributes: map[string]string{"产地": "浙江杭州"}}, {Title: "电子秤 厨房 0.1g"},
	}
	for _, l := range goods {
		l.Price = cny("99")
		for _, text := range append(sentences, strings.Join(sentences, "。")) {
			l.Description = text
			for v, one := range set.Check(matchers.Input{Listing: l, At: at}).Violations {
				if one.Flagged && !builtin[v] {
					var why []string
					for _, f := range set.Check(matchers.Input{Listing: l, At: at}).Findings {
						if f.Violation == v {
							why = append(why, f.Rule)
						}
					}
					t.Errorf("%s / %s: %s %.2f by %v", l.Title, text, v, one.Score, why)
				}
			}
		}
	}
}
