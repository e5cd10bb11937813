package matchers

import "testing"

func TestNamesNobody(t *testing.T) {
	for letters, want := range map[string]bool{"other其他": true, "无": true, "其他无": true, "耐克": false, "无印良品": false, "": false} {
		if got := namesNobody(letters); got != want {
			t.Errorf("namesNobody(%q) = %v", letters, got)
		}
	}
}

func TestModelNumber(t *testing.T) {
	for name, want := range map[string]bool{"X100VI": true, "IW371605": true, "RB2140": true, "mini12": false, "A6700": false, "I27": false, "Air 3S": false, "2077": false, "羽翼900ab": false} {
		if got := modelNumber(name); got != want {
			t.Errorf("modelNumber(%q) = %v", name, got)
		}
	}
}

func TestWithoutRelease(t *testing.T) {
	for title, want := range map[string]string{"赛博朋克2077": "赛博朋克", "cyberpunk 2077": "cyberpunk", "gb50011": "gb50011", "流浪地球2": "流浪地球2", "1984": "1984", "cdr2024": "cdr2024"} {
		if got := withoutRelease(title); got != want {
			t.Errorf("withoutRelease(%q) = %q, want %q", title, got, want)
		}
	}
}

func TestCodedName(t *testing.T) {
	for title, want := range map[string]bool{"L🏇家水饺包": true, "G家同款": true, "女包 lu家": true, "A家居服": false, "国家标准": false} {
		if got := codedName.MatchString(title); got != want {
			t.Errorf("codedName %q: %v", title, got)
		}
	}
}

func TestCountryBehindTown(t *testing.T) {
	for place, want := range map[string]bool{"Yangjiang, CN": true, "Dongguan (China)": true, "CNY Tower": false, "Los Angeles": false} {
		if got := countryCN.MatchString(place); got != want {
			t.Errorf("countryCN %q: %v", place, got)
		}
	}
}
