package regions_test

import (
	"strings"
	"testing"

	"github.com/markwatch/markwatch/regions"
)

func open(t testing.TB) *regions.Table {
	t.Helper()
	table, err := regions.New()
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func TestReadPlacesAsPagesWriteThem(t *testing.T) {
	table := open(t)
	for text, want := range map[string]string{
		// Province and city without suffix, with and without separators.
		"福建莆田": "3503", "福建 莆田": "3503", "福建·莆田": "3503", "福建/莆田": "3503", "福建-莆田": "3503", "福建省莆田市": "3503",
		"莆田": "3503", "福建": "35", "福建省": "35", "中国 福建省 莆田市": "3503", "发货地:福建莆田": "3503", "ＦＪ福建莆田": "3503",
		"福建莆田荔城区": "350304", "福建省莆田市城厢区": "350302", "广州白云": "440111", "广东广州白云区": "440111", "广东省广州市白云区太和镇": "440111",
		"贵阳白云": "520113", "贵州省贵阳市": "5201", "浙江省义乌市": "330782", "浙江金华义乌": "330782", "义乌": "330782", "浙江义乌小商品城": "330782",
		"深圳": "4403", "广东深圳华强北": "4403", "深圳南山": "440305", "广东 深圳 宝安区": "440306", "东莞虎门": "4419", "广东东莞": "4419", "东莞市长安镇": "4419", "广东中山": "4420", "中山": "4420", "西安": "6101", "大同": "1402", "莆田市荔城区黄石镇": "350304", "广州市北京路": "4401",
		// Municipalities.
		"北京": "11", "北京市朝阳区": "110105", "北京朝阳": "110105", "上海浦东": "310115", "上海市浦东新区": "310115", "天津河北区": "120105", "天津河北": "120105",
		"重庆江北": "500105", "重庆市渝中区": "500103", "天津滨海新区": "120116",
		// Provinces that are cities or counties as well.
		"海南": "46", "海南三亚": "4602", "河北": "13", "吉林": "22", "吉林省吉林市": "2202", "吉林市": "2202", "河北石家庄": "1301",
		// Autonomous regions, prefectures and counties.
		"广西南宁": "4501", "内蒙古呼和浩特": "1501", "内蒙": "15", "新疆乌鲁木齐": "6501", "新疆石河子": "659001", "黔南州": "5227", "贵州黔南": "5227", "延边朝鲜族自治州": "2224",
		"云南西双版纳": "5328", "恩施": "4228", "大理": "5329", "双江": "530925",
		// Counties directly under a province.
		"湖北仙桃": "429004", "河南济源": "419001", "海南文昌": "469005",
		// Same names told apart by what stands beside them, in any order.
		"江苏徐州鼓楼": "320302", "南京鼓楼区": "320106", "福州鼓楼": "350102", "鼓楼区,南京": "320106", "江苏南通通州": "320612", "北京通州": "110112", "杭州西湖区": "330106",
		"西安长安区": "610116", "大同市城区": "1402", "晋城市城区": "140502",
		// The special ones and codes.
		"香港": "81", "中国香港": "81", "香港特别行政区": "81", "澳门": "82", "台湾": "71", "台湾台北": "71", "520100": "5201", "350300": "3503", "52": "52",
		// Ambiguous: people decide.
		"白云区": "440111 520113", "白云": "440111 520113", "朝阳区": "110105 220104", "鼓楼区": "320106 320302 350102 410204", "西湖区": "330106 360103",
		"江苏鼓楼区": "320106 320302", "通州": "110112 320612", "福建广州市": "35 4401", "广东莆田": "3503 44",
		// Unknown and no place at all.
		"": "", "华强北": "", "城区": "", "包邮": "", "48小时内发货": "", "保税仓": "", "看详情": "", "火星": "",
		// Foreign.
		"日本": "JP", "日本东京": "JP", "韩国首尔": "KR", "美国 洛杉矶": "US", "澳洲": "AU", "法国巴黎": "FR", "Japan": "JP", "United States": "US", "海外": "ZZ",
		"新西兰奥克兰": "NZ", "德国": "DE",
		// A foreign claim beside a place of dispatch.
		"日本直邮 福建莆田发出": "3503 JP",
	} {
		r := table.Read(text)
		if got := strings.TrimSpace(strings.Join(append(r.Codes, r.Foreign), " ")); got != want {
			t.Errorf("%q is read as %q (%s), want %q", text, got, names(table, r), want)
		}
	}
}

func names(table *regions.Table, r regions.Reading) string {
	var list []string
	for _, code := range r.Codes {
		list = append(list, table.Name(code))
	}
	return strings.Join(list, "、")
}

// TestEveryRegionIsReadByItsWholeName: province, prefecture and county written
// out give back the very region.
func TestEveryRegionIsReadByItsWholeName(t *testing.T) {
	table := open(t)
	n := 0
	for code := range regions.Codes(table) {
		n++
		if code == "620201" {
			continue // the table lists the prefecture without counties once more, as its only county
		}
		if r := table.Read(table.Name(code)); !r.Certain() || r.Codes[0] != regions.Trim(code) {
			t.Errorf("%s %s is read as %v", code, table.Name(code), r.Codes)
		}
	}
	if n < 3000 {
		t.Errorf("only %d regions", n)
	}
}

func TestNames(t *testing.T) {
	table := open(t)
	for code, want := range map[string]string{"520100": "贵州省贵阳市", "110105": "北京市朝阳区", "441900": "广东省东莞市", "429004": "湖北省仙桃市", "99": "99"} {
		if got := table.Name(code); got != want {
			t.Errorf("%s is %s, want %s", code, got, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	table := open(f)
	for _, s := range []string{"福建莆田", "白云区", "日本\x00东京", strings.Repeat("朝阳", 300)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, code := range table.Read(s).Codes {
			if !table.Known(code) {
				t.Errorf("%q gives the unknown code %q", s, code)
			}
		}
	})
}
