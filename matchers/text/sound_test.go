package text_test

import (
	"testing"

	"github.com/markwatch/markwatch/matchers/text"
)

func TestSpelt(t *testing.T) {
	f := folder(t)
	s := text.NewSearcher(f, []text.Pattern{{Text: "戴森", Loose: true}, {Text: "耐克", Loose: true}, {Text: "小天鹅", Loose: true}, {Text: "女王", Loose: true}, {Text: "高仿"}})
	for in, want := range map[string]string{
		"买dai森吹风机": "dai森", "耐ke鞋": "耐ke", "耐KE": "耐KE", "小tian鹅洗衣机": "小tian鹅", "xiao天鹅": "xiao天鹅", "nv王": "nv王",
		"dai 森": "", "daisen": "", "耐kelly": "", "高fang": "", "她dai森林": "dai森", "耐 ke": "", "ke": "",
	} {
		got := ""
		for _, h := range s.Find(f.Fold(in), nil) {
			if h.Disguise == text.DisguisePinyin {
				got = string([]rune(in)[h.Start:h.End])
			}
		}
		if got != want {
			t.Errorf("%q: found %q, want %q", in, got, want)
		}
	}
}

func TestSounds(t *testing.T) {
	f := folder(t)
	s := text.NewSounds(f, []text.Pattern{{Text: "耐克", ID: 7}, {Text: "阿迪达斯"}, {Text: "Nike"}, {Text: "李"}})
	for in, want := range map[string]string{
		"奈克运动鞋": "奈克", "耐克": "", "奈 克": "", "阿迪打斯 特价": "阿迪打斯", "買奈尅": "奈尅", "naike 正品": "naike", "naikes": "", "nike": "", "里": "",
	} {
		got := ""
		for _, h := range s.Find(f.Fold(in), nil) {
			got = string([]rune(in)[h.Start:h.End])
			if h.Disguise != text.DisguiseSound {
				t.Errorf("%q: disguise %b", in, h.Disguise)
			}
		}
		if got != want {
			t.Errorf("%q: found %q, want %q", in, got, want)
		}
	}
	var none *text.Sounds
	if got := none.Find(f.Fold("耐克"), nil); got != nil {
		t.Errorf("nothing found %v", got)
	}
}
