package routing_test

import (
	"strings"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/leads/routing"
	"github.com/markwatch/markwatch/regions"
)

func date(t testing.TB, s string) (d markwatch.Date) {
	t.Helper()
	if err := d.UnmarshalText([]byte(s)); err != nil {
		t.Fatal(err)
	}
	return d
}

func router(t testing.TB) *routing.Router {
	t.Helper()
	table, err := regions.New()
	if err != nil {
		t.Fatal(err)
	}
	r, err := routing.New(table, markwatch.Units{
		Units: []markwatch.Unit{
			{ID: "m-guiyang", Authority: markwatch.AuthorityMarket, Regions: []string{"520100"}},
			{ID: "m-gy-baiyun", Authority: markwatch.AuthorityMarket, Regions: []string{"520113"}},
			{ID: "m-putian", Authority: markwatch.AuthorityMarket, Regions: []string{"3503"}},
			{ID: "m-guangzhou", Authority: markwatch.AuthorityMarket, Regions: []string{"440100"}},
			{ID: "m-shenzhen", Authority: markwatch.AuthorityMarket, Regions: []string{"440300"}},
			{ID: "m-yiwu", Authority: markwatch.AuthorityMarket, Regions: []string{"330782"}},
			{ID: "m-zhejiang", Authority: markwatch.AuthorityMarket, Regions: []string{"33"}},
			{ID: "m-beijing", Authority: markwatch.AuthorityMarket, Regions: []string{"11"}},
			{ID: "m-shanghai", Authority: markwatch.AuthorityMarket, Regions: []string{"310000"}},
			{ID: "m-jiangsu", Authority: markwatch.AuthorityMarket, Regions: []string{"32"}},
			{ID: "m-hainan", Authority: markwatch.AuthorityMarket, Regions: []string{"46"}},
			{ID: "m-dongguan", Authority: markwatch.AuthorityMarket, Regions: []string{"441900"}},
			{ID: "m-xian-a", Authority: markwatch.AuthorityMarket, Regions: []string{"6101"}},
			{ID: "m-xian-b", Authority: markwatch.AuthorityMarket, Regions: []string{"6101"}},
			{ID: "c-guizhou", Authority: markwatch.AuthorityCulture, Regions: []string{"52"}},
			{ID: "p-guizhou", Authority: markwatch.AuthorityPost, Regions: []string{"52"}},
			{ID: "p-fujian", Authority: markwatch.AuthorityPost, Regions: []string{"35"}},
			{ID: "tobacco", Authority: markwatch.AuthorityTobacco, Regions: []string{"52", "35"}},
		},
		Routes: []markwatch.Route{
			{Violation: markwatch.Counterfeit, Authority: markwatch.AuthorityMarket, Place: markwatch.PlaceOperator, When: `platform_kind == "own-site"`, Basis: "所在地", Since: date(t, "2020-01-01")},
			{Violation: markwatch.Counterfeit, Authority: markwatch.AuthorityMarket, Place: markwatch.PlaceSeller, When: `platform_kind != "own-site"`, Basis: "旧", Since: date(t, "2016-01-01")},
			{Violation: markwatch.Counterfeit, Authority: markwatch.AuthorityMarket, Place: markwatch.PlaceSeller, When: `platform_kind != "own-site"`, Basis: "第25条", Since: date(t, "2020-01-01")},
			{Violation: markwatch.Counterfeit, Authority: markwatch.AuthorityMarket, Place: markwatch.PlaceSeller, When: `platform_kind != "own-site"`, Basis: "将来", Since: date(t, "2030-01-01")},
			{Violation: markwatch.FakeOverseas, Authority: markwatch.AuthorityMarket, Place: markwatch.PlaceSeller, Copy: []markwatch.Authority{markwatch.AuthorityPost}},
			{Violation: markwatch.FakeOverseas, Authority: markwatch.AuthorityPost, Place: markwatch.PlacePosting},
			{Violation: markwatch.Piracy, Authority: markwatch.AuthorityCulture, To: markwatch.RouteTarget{Region: "520100"}},
			{Violation: "tobacco", To: markwatch.RouteTarget{Unit: "tobacco"}},
			{Violation: "medicine", Authority: markwatch.AuthorityMarket, Place: markwatch.PlaceSeller, When: "sales > 100"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var on = time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)

// TestUnitByPlace is the routing table: a place as a page writes it, and the
// unit; one that begins with "?" is unmapped, and what follows is said to be
// missing.
func TestUnitByPlace(t *testing.T) {
	r := router(t)
	for place, want := range map[string]string{
		"福建莆田": "m-putian", "福建 莆田": "m-putian", "福建省莆田市": "m-putian", "莆田": "m-putian", "福建莆田荔城区": "m-putian", "福建·莆田": "m-putian",
		"福建省/莆田市/城厢区": "m-putian", "中国福建莆田": "m-putian", "350300": "m-putian", "350304": "m-putian", "莆田市荔城区黄石镇": "m-putian",
		"广州白云": "m-guangzhou", "广东广州": "m-guangzhou", "广东省广州市白云区": "m-guangzhou", "广州市荔湾区站西路": "m-guangzhou", "廣州": "?不是可识别的地名",
		"贵州贵阳": "m-guiyang", "贵阳": "m-guiyang", "贵阳白云": "m-gy-baiyun", "贵州省贵阳市白云区": "m-gy-baiyun", "贵阳南明区": "m-guiyang", "520100": "m-guiyang", "520113": "m-gy-baiyun",
		"浙江省义乌市": "m-yiwu", "义乌": "m-yiwu", "浙江金华义乌": "m-yiwu", "浙江": "m-zhejiang", "浙江杭州": "m-zhejiang", "杭州西湖区": "m-zhejiang", "温州": "m-zhejiang", "浙江台州路桥": "m-zhejiang",
		"深圳": "m-shenzhen", "深圳华强北": "m-shenzhen", "广东深圳福田": "m-shenzhen", "深圳市龙岗区": "m-shenzhen", "东莞虎门": "m-dongguan", "广东东莞": "m-dongguan", "东莞市长安镇": "m-dongguan",
		"北京": "m-beijing", "北京朝阳": "m-beijing", "北京市通州区": "m-beijing", "上海": "m-shanghai", "上海浦东新区": "m-shanghai", "上海市": "m-shanghai",
		"江苏": "m-jiangsu", "江苏鼓楼区": "m-jiangsu", "苏州昆山": "m-jiangsu", "江苏南通通州": "m-jiangsu", "南京": "m-jiangsu", "海南": "m-hainan", "海南三亚": "m-hainan", "文昌": "m-hainan",
		// Ambiguous, unless all readings lie with one unit.
		"白云区": "?地名有歧义", "朝阳区": "?没有", "鼓楼区": "?没有", "西湖区": "?没有", "通州": "?地名有歧义", "北京广州": "?地名有歧义",
		// Known too roughly, or without a unit.
		"福建": "?地点只到 福建省", "广东": "?地点只到 广东省", "贵州": "?地点只到 贵州省", "四川成都": "?没有 market 单位", "香港": "?没有 market 单位", "台湾台北": "?没有 market 单位",
		"西安": "?有多个 market 单位",
		// Unknown and foreign.
		"": "?不知卖家实际经营地", "华强北": "?不是可识别的地名", "包邮": "?不是可识别的地名", "日本东京": "?在境外(JP)", "美国": "?在境外(US)", "海外": "?在境外(ZZ)",
	} {
		lead := &markwatch.Lead{Listing: markwatch.Listing{Seller: &markwatch.Seller{Region: place}}}
		a := r.Route(routing.Question{Lead: lead, Violation: markwatch.Counterfeit, On: on})
		missing, unmapped := strings.CutPrefix(want, "?")
		switch {
		case unmapped && (a.Mapped || len(a.Missing) == 0 || !strings.Contains(a.Missing[0].ZH, missing) || a.Missing[0].EN == ""):
			t.Errorf("%q goes to %q, missing %v; want it unmapped with %q", place, a.Addressee.Unit, a.Missing, missing)
		case !unmapped && (!a.Mapped || a.Addressee.Unit != want || a.Addressee.Basis != "第25条"):
			t.Errorf("%q goes to %+v, missing %v; want %q", place, a.Addressee, a.Missing, want)
		}
	}
}

func TestWhatDecides(t *testing.T) {
	r := router(t)
	at := func(hours int, place string) markwatch.TraceEvent {
		return markwatch.TraceEvent{At: on.Add(time.Duration(hours) * time.Hour), Place: place}
	}
	for name, c := range map[string]struct {
		violation markwatch.Violation
		listing   markwatch.Listing
		checked   string
		source    *markwatch.Source
		unit      string
		copies    string
		note      string
	}{
		"the seller's place before that of dispatch": {markwatch.Counterfeit,
			markwatch.Listing{ShipsFrom: "浙江义乌", Seller: &markwatch.Seller{Region: "福建莆田"}}, "", nil, "m-putian", "", "发货地「浙江义乌」与店铺所在地「福建莆田」不同"},
		"the place of dispatch where the seller says abroad": {markwatch.Counterfeit,
			markwatch.Listing{ShipsFrom: "福建莆田", Seller: &markwatch.Seller{Region: "日本东京"}}, "", nil, "m-putian", "", "在境外(JP)"},
		"the licence where no place is shown": {markwatch.Counterfeit,
			markwatch.Listing{Seller: &markwatch.Seller{License: "91350304MA2XXXXX0X"}}, "", nil, "m-putian", "", "登记机关"},
		"what people found out before all": {markwatch.Counterfeit,
			markwatch.Listing{Seller: &markwatch.Seller{Region: "福建莆田"}}, "贵阳白云", nil, "m-gy-baiyun", "", ""},
		"an own site goes to its seat": {markwatch.Counterfeit,
			markwatch.Listing{Seller: &markwatch.Seller{Region: "福建莆田"}}, "", &markwatch.Source{Region: "440300", Platform: markwatch.Platform{Kind: "own-site"}}, "m-shenzhen", "", ""},
		"a copy goes to the nearest of its authority": {markwatch.FakeOverseas,
			markwatch.Listing{Seller: &markwatch.Seller{Region: "贵阳"}}, "", nil, "m-guiyang", "p-guizhou", ""},
		"a copy without a unit is noted": {markwatch.FakeOverseas,
			markwatch.Listing{Seller: &markwatch.Seller{Region: "深圳"}}, "", nil, "m-shenzhen", "", "抄送"},
		"the next route where the first leads nowhere": {markwatch.FakeOverseas,
			markwatch.Listing{Tracking: []markwatch.Tracking{{Events: []markwatch.TraceEvent{at(0, "福建省泉州市"), at(30, "香港")}}}}, "", nil, "p-fujian", "", ""},
		"a fixed region":            {markwatch.Piracy, markwatch.Listing{}, "", nil, "c-guizhou", "", ""},
		"a fixed unit":              {"tobacco", markwatch.Listing{}, "", nil, "tobacco", "", ""},
		"a condition that holds":    {"medicine", markwatch.Listing{Sales: 200, ShipsFrom: "莆田"}, "", nil, "m-putian", "", ""},
		"a condition that does not": {"medicine", markwatch.Listing{Sales: 1, ShipsFrom: "莆田"}, "", nil, "", "", ""},
		"no route":                  {"forestry", markwatch.Listing{ShipsFrom: "莆田"}, "", nil, "", "", ""},
	} {
		lead := &markwatch.Lead{Listing: c.listing}
		if c.checked != "" {
			lead.Handling.Checked = map[string]string{routing.PlaceKey: c.checked}
		}
		a := r.Route(routing.Question{Lead: lead, Violation: c.violation, Source: c.source, On: on})
		if a.Addressee.Unit != c.unit || a.Mapped != (c.unit != "") || strings.Join(a.Addressee.Copies, " ") != c.copies {
			t.Errorf("%s: %+v, missing %v", name, a.Addressee, a.Missing)
		}
		told := ""
		for _, n := range a.Notes {
			told += n.ZH
		}
		if !strings.Contains(told, c.note) {
			t.Errorf("%s: notes %q, want %q among them", name, told, c.note)
		}
		if !a.Mapped && len(a.Missing) == 0 {
			t.Errorf("%s: nothing is said to be missing", name)
		}
	}
}

func TestAWrongConditionIsNamed(t *testing.T) {
	table, err := regions.New()
	if err != nil {
		t.Fatal(err)
	}
	_, err = routing.New(table, markwatch.Units{Routes: []markwatch.Route{{}, {When: "sales >"}}})
	if markwatch.ErrorCode(err) != markwatch.CodeInvalid || !strings.Contains(err.Error(), "routes[1].when") {
		t.Error(err)
	}
}
