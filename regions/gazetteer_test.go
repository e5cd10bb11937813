package regions_test

import (
	"slices"
	"testing"

	"github.com/markwatch/markwatch/regions"
)

func TestFindInText(t *testing.T) {
	g, err := regions.NewGazetteer()
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
	if !regions.Covers("2301", "230184") || regions.Covers("230184", "2301") {
		t.Error("a county lies in its city, not the other way")
	}
}

// A gazetteer takes a region by its name without suffix, where that is a place
// name in running text too.
func TestShortNamesInText(t *testing.T) {
	g, err := regions.NewGazetteer()
	if err != nil {
		t.Fatal(err)
	}
	for short, code := range map[string]string{
		"莆田": "3503", "恩施": "4228", "围场": "130828", "内蒙古": "15", "新疆": "65", "东城区": "110101", "道县": "431124", "黑龙江": "23", "大兴安岭": "2327",
	} {
		if codes := g.Codes(short); !slices.Contains(codes, code) {
			t.Errorf("%s is %v, want %s among them", short, codes, code)
		}
	}
	if codes := g.Codes("东城"); len(codes) > 0 {
		t.Errorf("东城 is an ordinary word, and %v", codes)
	}
}
