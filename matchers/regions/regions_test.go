package regions_test

import (
	"slices"
	"testing"

	"github.com/markwatch/markwatch/matchers/regions"
)

func TestFind(t *testing.T) {
	g, err := regions.New()
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string][]string{
		"安徽滁州": {"34", "3411"},
		"黑龙江省哈尔滨市五常市民意乡":           {"23", "2301", "230184"},
		"产地吉林松原":                   {"22", "2207"},
		"恩施土家族苗族自治州":               {"4228"},
		"Place of origin: Sichuan": {"51"},
		"Sichuanese food":          {},
		"":                         {},
		"今天天气不错":                   {},
		"江苏泰州兴化":                   {"32", "3212", "321281"},
		"宁夏中宁":                     {"64", "640521"},
	} {
		places := g.Find(text)
		runes := []rune(text)
		last := 0
		var got []string
		for _, p := range places {
			if p.Start < last || p.End <= p.Start || p.End > len(runes) {
				t.Fatalf("%s: %+v lies wrong", text, p)
			}
			last = p.End
			got = append(got, p.Codes...)
		}
		for _, code := range want {
			if !slices.Contains(got, code) {
				t.Errorf("%s: %v, want %s among them", text, got, code)
			}
		}
		if len(want) == 0 && len(got) > 0 {
			t.Errorf("%s: %v", text, got)
		}
	}
	if !regions.Within("230184", "2301") || regions.Within("2301", "230184") {
		t.Error("a county lies in its city, not the other way")
	}
}

func TestShort(t *testing.T) {
	for name, want := range map[string]string{
		"莆田市": "莆田", "恩施土家族苗族自治州": "恩施", "围场满族蒙古族自治县": "围场", "内蒙古自治区": "内蒙古",
		"新疆维吾尔自治区": "新疆", "东城区": "东城区", "道县": "道县", "黑龙江省": "黑龙江", "大兴安岭地区": "大兴安岭",
	} {
		if got := regions.Short(name); got != want {
			t.Errorf("%s is %s for short, want %s", name, got, want)
		}
	}
}
