package matchers_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/configs"
	"github.com/markwatch/markwatch/matchers"
)

var at = time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC)

func cny(amount string) *markwatch.Money {
	m, err := markwatch.ParseMoney(amount, markwatch.CNY)
	if err != nil {
		panic(err)
	}
	return &m
}

func fraction(s string) *decimal.Decimal {
	d := decimal.RequireFromString(s)
	return &d
}

// someLists are about a made-up shoe and a made-up novel, with the shipped
// lexicons.
func someLists(t testing.TB) matchers.Knowledge {
	t.Helper()
	shipped, err := configs.Shipped()
	if err != nil {
		t.Skipf("the shipped packs cannot be read: %v", err)
	}
	return matchers.Knowledge{
		Lists: markwatch.Lists{
			Lexicons: shipped.Lists.Lexicons,
			Brands: []markwatch.Brand{{
				ID: "suyun", Names: map[string]string{"zh": "速云", "en": "Suvento"}, Aliases: []string{"云朵"}, Ambiguous: []string{"云朵"},
				Categories: []string{"跑步鞋", "运动鞋"}, Floor: fraction("0.5"),
				Products:   []markwatch.Product{{Name: "Feather 9", Aliases: []string{"羽翼9"}, Price: cny("1000")}},
				Authorized: markwatch.Authorized{Shops: []markwatch.ShopRef{{Name: "速云官方旗舰店"}}, Domains: []string{"suvento.example"}},
			}},
			Works: []markwatch.Work{{ID: "yeyuan", Type: markwatch.WorkNovel, Titles: []string{"夜原纪事"}, Creators: []string{"林不换"}, Price: cny("48")}},
		},
		Versions:   markwatch.Versions{markwatch.ListBrands: 12, markwatch.ListWorks: 3, markwatch.ListLexicons: 2, markwatch.ListRules: 7},
		Rates:      markwatch.Rates{Date: markwatch.Date{Time: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)}, CNY: map[string]decimal.Decimal{"USD": decimal.RequireFromString("7.1")}},
		Thresholds: map[string]float64{"default": 0.5},
	}
}

func compile(t testing.TB, k matchers.Knowledge) *matchers.Set {
	t.Helper()
	s, err := matchers.Compile(k)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func flags(v markwatch.Verdict) []markwatch.Violation {
	var out []markwatch.Violation
	for name, x := range v.Violations {
		if x.Flagged {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

func TestCheck(t *testing.T) {
	s := compile(t, someLists(t))
	for _, c := range []struct {
		name string
		l    markwatch.Listing
		want []markwatch.Violation
	}{
		{"far below the floor", markwatch.Listing{Title: "速云羽翼9跑步鞋 莆田纯原 支持过验", Price: cny("180"), ShipsFrom: "福建莆田"}, []markwatch.Violation{markwatch.Counterfeit}},
		{"disguised and cheap", markwatch.Listing{Title: "速★云 羽翼9 跑步鞋 懂的来", Price: cny("150"), ShipsFrom: "福建莆田"}, []markwatch.Violation{markwatch.Counterfeit}},
		{"authorised shop, below the floor", markwatch.Listing{Title: "速云羽翼9跑步鞋 清仓", Price: cny("299"), Seller: &markwatch.Seller{Name: "速云官方旗舰店", Kind: markwatch.SellerFlagship}}, nil},
		{"official price", markwatch.Listing{Title: "速云 羽翼9 跑步鞋", Price: cny("980")}, nil},
		{"second-hand", markwatch.Listing{Title: "自用速云羽翼9 穿过十几次 有磨损", Price: cny("200"), Condition: markwatch.ConditionUsed, Seller: &markwatch.Seller{Kind: markwatch.SellerPersonal}}, nil},
		{"accessory", markwatch.Listing{Title: "适用速云羽翼9 鞋垫替换 自有品牌足之道", Brand: "足之道", Price: cny("19.9")}, nil},
		{"the cloud in the sky", markwatch.Listing{Title: "云朵抱枕 客厅沙发靠垫", Category: "家居 > 抱枕", Price: cny("39")}, nil},
		{"claim against dispatch", markwatch.Listing{Title: "日本直邮 眼药水 大阪药妆店采购", Price: cny("49"), ShipsFrom: "广东汕头", Delivery: "当天发,次日达"}, []markwatch.Violation{markwatch.FakeOverseas}},
		{"posted from a tracking page of no carrier", markwatch.Listing{
			Title: "日本直邮 药妆代购 眼药水", Price: cny("49"),
			Tracking: []markwatch.Tracking{{Carrier: "日本邮政", Number: "YT7508213340917", URL: "https://japanpost-ems.top/q?no=1", Events: []markwatch.TraceEvent{{Place: "日本大阪", Text: "引受", At: at}}}},
		}, []markwatch.Violation{markwatch.FakeOverseas}},
		{"slow agent", markwatch.Listing{Title: "人在大阪 药妆代购 EMS 约14天 需要身份证清关 税费自理", Price: cny("89"), ShipsFrom: "日本大阪", Delivery: "10-18天", Seller: &markwatch.Seller{Region: "日本大阪", Kind: markwatch.SellerPersonal}}, nil},
		{"net disk", markwatch.Listing{Title: "夜原纪事 林不换 TXT精校 百度网盘 自动发货 提取码", Price: cny("1.5")}, []markwatch.Violation{markwatch.Piracy}},
		{"used book", markwatch.Listing{Title: "夜原纪事 二手 九成新 有笔记", Price: cny("25"), Condition: markwatch.ConditionUsed}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := s.Check(matchers.Input{Listing: c.l, At: at})
			if got := flags(v); !slices.Equal(got, c.want) {
				t.Errorf("flagged %v, want %v\nfindings: %+v", got, c.want, v.Findings)
			}
			if (len(c.want) > 0) != v.Flagged {
				t.Errorf("Flagged = %v", v.Flagged)
			}
			if !slices.IsSortedFunc(v.Findings, func(a, b markwatch.Finding) int { return int(1000*b.Score) - int(1000*a.Score) }) {
				t.Error("the findings are not ordered by score")
			}
			for _, f := range v.Findings {
				if f.Score <= 0 || f.Score > 1 || f.Reason.ZH == "" || f.Reason.EN == "" {
					t.Errorf("finding %s/%s: score %v, reason %+v", f.Matcher, f.Rule, f.Score, f.Reason)
				}
				checkSpans(t, &c.l, f)
			}
		})
	}
}

// checkSpans holds every quote against the field that it was taken from.
func checkSpans(t testing.TB, l *markwatch.Listing, f markwatch.Finding) {
	t.Helper()
	for _, e := range f.Evidence {
		if e.Span == nil {
			continue
		}
		field := []rune(l.Field(e.Field))
		if e.Start < 0 || e.End <= e.Start || e.End > len(field) || string(field[e.Start:e.End]) != e.Text {
			t.Errorf("%s/%s quotes %q as %s[%d:%d] of %q", f.Matcher, f.Rule, e.Text, e.Field, e.Start, e.End, string(field))
		}
	}
}

func TestPriceFacts(t *testing.T) {
	s := compile(t, someLists(t))
	v := s.Check(matchers.Input{Listing: markwatch.Listing{Title: "速云羽翼9跑步鞋 两双装", Price: cny("300")}, At: at})
	for _, f := range v.Findings {
		if f.Rule != "below-floor" {
			continue
		}
		for key, want := range map[string]string{"unit_price_cny": "150", "reference_cny": "1000", "reference_from": "brands@12", "ratio": "15%", "product": "Feather 9"} {
			if f.Facts[key] != want {
				t.Errorf("%s = %q, want %q", key, f.Facts[key], want)
			}
		}
		return
	}
	t.Fatalf("no finding below the floor: %+v", v)
}

func TestKnowledgeIsCited(t *testing.T) {
	s := compile(t, someLists(t))
	want := "brands@12 works@3 lexicons@2 rules@7 rates@2026-11-20"
	if s.Knowledge() != want || s.Check(matchers.Input{At: at}).Knowledge != want {
		t.Errorf("Knowledge() = %q, want %q", s.Knowledge(), want)
	}
}

func TestThresholdOfAViolation(t *testing.T) {
	k := someLists(t)
	l := markwatch.Listing{Title: "夜原纪事 TXT精校 百度网盘 提取码", Price: cny("1.5")}
	score := compile(t, k).Check(matchers.Input{Listing: l}).Score
	k.Thresholds = map[string]float64{"default": 0.1, "piracy": score + 0.001}
	if v := compile(t, k).Check(matchers.Input{Listing: l}); v.Violations[markwatch.Piracy].Flagged {
		t.Errorf("flagged at %v below the threshold of piracy", v.Score)
	}
}

func TestRules(t *testing.T) {
	k := matchers.Knowledge{Lists: markwatch.Lists{
		Lexicons: []markwatch.Lexicon{
			{ID: "smoke", Terms: []markwatch.Term{{Term: "香烟", Not: []string{"香烟盒"}}}},
			{ID: "wholesale", Terms: []markwatch.Term{{Term: "批发"}}},
			{ID: "report", Terms: []markwatch.Term{{Term: "新闻"}}},
		},
		Rules: []markwatch.Rule{{
			ID: "online-tobacco", Violation: "tobacco", Title: "互联网销售烟草", All: []string{"smoke"}, Any: []string{"wholesale"}, None: []string{"report"},
			Where: `price_cny > 0 and not (seller contains "博物馆")`, Score: 0.8, Reason: "出售烟草制品:{smoke}",
			Basis: []markwatch.Basis{{Law: "烟草专卖法实施条例", Article: "23"}},
		}},
	}}
	s := compile(t, k)
	for title, want := range map[string]bool{"一手香烟批发": true, "香烟盒批发": false, "香烟批发 新闻": false, "香烟": false} {
		v := s.Check(matchers.Input{Listing: markwatch.Listing{Title: title, Price: cny("120")}, At: at})
		if got := v.Violations["tobacco"].Flagged; got != want {
			t.Errorf("%q: flagged %v, want %v", title, got, want)
		}
		if want && (v.Score != 0.8 || v.Findings[0].Reason.ZH != "出售烟草制品:香烟" || v.Findings[0].Facts["basis"] != "烟草专卖法实施条例 23") {
			t.Errorf("%q: %+v", title, v)
		}
	}
	if v := s.Check(matchers.Input{Listing: markwatch.Listing{Title: "一手香烟批发"}}); len(v.Findings) != 0 {
		t.Errorf("an offer without a price was found: %+v", v.Findings)
	}
}

func TestCompileNamesWhatIsWrong(t *testing.T) {
	lexicon := markwatch.Lexicon{ID: "a", Terms: []markwatch.Term{{Term: "词"}}}
	for _, c := range []struct {
		lists markwatch.Lists
		want  string
	}{
		{markwatch.Lists{Lexicons: []markwatch.Lexicon{{ID: "a", Terms: []markwatch.Term{{Term: "★"}}}}}, `lexicon a: terms: "★"`},
		{markwatch.Lists{Lexicons: []markwatch.Lexicon{{ID: "a", Terms: []markwatch.Term{{Term: "词", Weight: 2}}}}}, "lexicon a: terms: 词: weight"},
		{markwatch.Lists{Rules: []markwatch.Rule{{ID: "r", Violation: "x", Score: 0.5, All: []string{"b"}}}}, `rule r: all: there is no lexicon "b"`},
		{markwatch.Lists{Lexicons: []markwatch.Lexicon{lexicon}, Rules: []markwatch.Rule{{ID: "r", Violation: "x", Score: 0.5, All: []string{"a"}, Where: "price >"}}}, "rule r: where"},
		{markwatch.Lists{Lexicons: []markwatch.Lexicon{lexicon}, Rules: []markwatch.Rule{{ID: "r", Violation: "x", Score: 0.5, Where: "nonsense > 1"}}}, "rule r: where"},
		{markwatch.Lists{Lexicons: []markwatch.Lexicon{lexicon}, Rules: []markwatch.Rule{{ID: "r", Score: 0.5, All: []string{"a"}}}}, "rule r: violation"},
		{markwatch.Lists{Lexicons: []markwatch.Lexicon{lexicon}, Rules: []markwatch.Rule{{ID: "r", Violation: "x", All: []string{"a"}}}}, "rule r: score"},
	} {
		_, err := matchers.Compile(matchers.Knowledge{Lists: c.lists})
		if err == nil || !strings.Contains(err.Error(), c.want) || markwatch.ErrorCode(err) != markwatch.CodeInvalid {
			t.Errorf("error %v, want %q of code invalid", err, c.want)
		}
	}
}

func TestCheckIsConcurrent(t *testing.T) {
	s := compile(t, someLists(t))
	l := markwatch.Listing{Title: "速★云羽翼9 莆田纯原", Price: cny("99")}
	want := s.Check(matchers.Input{Listing: l, At: at})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 50 {
				if v := s.Check(matchers.Input{Listing: l, At: at}); v.Score != want.Score || len(v.Findings) != len(want.Findings) {
					t.Errorf("a verdict differs: %v, %v", v.Score, want.Score)
					return
				}
			}
		})
	}
	wg.Wait()
}

func FuzzCheck(f *testing.F) {
	s := compile(f, someLists(f))
	f.Add("速★云 s.u.v.e.n.t.o 羽翼9", "日本直邮 230ml*2", "券后¥9.9", "福建莆田", "24小时")
	f.Add("夜原纪事 网盘 pwd=", "\xff\xfe不做高仿", "999999", "保税仓", "2-3天")
	f.Fuzz(func(t *testing.T, title, text, priceText, from, delivery string) {
		l := markwatch.Listing{
			Title: title, Description: text, Text: text, PriceText: priceText, ShipsFrom: from, Delivery: delivery, Quantity: priceText, Price: cny("9.9"),
			Tracking: []markwatch.Tracking{{Carrier: from, Number: title, Events: []markwatch.TraceEvent{{Place: from, Text: text}, {Place: title, Text: delivery, At: at}}}},
		}
		for _, finding := range s.Check(matchers.Input{Listing: l, At: at}).Findings {
			checkSpans(t, &l, finding)
		}
	})
}
