package text_test

import (
	"testing"

	"github.com/markwatch/markwatch/matchers/text"
)

func TestFindWrittenNames(t *testing.T) {
	f := folder(t)
	s := text.NewSearcher(f, []text.Pattern{
		{Text: "耐克", Loose: true}, {Text: "始祖鸟", Loose: true}, {Text: "苹果", Loose: true}, {Text: "李宁", Loose: true},
		{Text: "阿迪达斯", Loose: true}, {Text: "流浪地球", Loose: true}, {Text: "高仿"},
	})
	for _, c := range []struct {
		in, want string
		disguise text.Disguise
	}{
		{"而寸克 空军", "而寸克", text.DisguiseSplit},
		{"而+寸 克", "而+寸 克", text.DisguiseSplit},
		{"新款女台祖鸟冲锋衣", "女台祖鸟", text.DisguiseSplit},
		{"始祖🐦冲锋衣", "始祖🐦", text.DisguisePicture},
		{"流🌊地球 4K", "流🌊地球", text.DisguisePicture},
		{"🍎手机", "🍎", text.DisguisePicture | text.DisguiseUnsure},
		{"阿di达斯", "阿di达斯", text.DisguisePinyin},
		{"阿di达si", "阿di达si", text.DisguisePinyin},
		{"木子ning 跑鞋", "木子ning", text.DisguiseSplit | text.DisguisePinyin | text.DisguiseUnsure},
		{"而且，寸克", "", 0},
		{"而。寸克", "", 0},
		{"🐦笼 鸟食", "", 0},
		{"可打印 di达斯", "", 0},
	} {
		hits := longest(s.Find(f.Fold(c.in), nil))
		got := ""
		var d text.Disguise
		if len(hits) > 0 {
			got, d = string([]rune(c.in)[hits[0].Start:hits[0].End]), hits[0].Disguise
		}
		if got != c.want || d != c.disguise {
			t.Errorf("%q: found %q disguise %b, want %q %b", c.in, got, d, c.want, c.disguise)
		}
	}
}

func TestNear(t *testing.T) {
	f := folder(t)
	n := text.NewNear(f, []text.Pattern{{Text: "耐克", ID: 1}, {Text: "李宁", ID: 2}, {Text: "阿迪达斯", ID: 3}, {Text: "庆余年", ID: 4}, {Text: "茅台", ID: 5}, {Text: "nike", ID: 6}})
	const unsure = text.DisguiseUnsure
	for _, c := range []struct {
		in   string
		id   int
		want string
		how  text.Disguise
	}{
		{"奈克 跑鞋", 1, "奈克", text.DisguiseSound | unsure},
		{"耐刻跑鞋", 1, "耐刻", text.DisguiseSound | unsure},
		{"季宁跑鞋", 2, "季宁", text.DisguiseShape | unsure},
		{"啊迪答丝鞋", 3, "啊迪答丝", text.DisguiseSound | unsure},
		{"庆于年全集", 4, "庆于年", text.DisguiseSound | unsure},
		{"矛台飞天", 5, "矛台", text.DisguiseSound | text.DisguiseShape | unsure},
		{"耐克 李宁", 0, "", 0},
		{"奈刻跑鞋", 0, "", 0}, // two characters that are both others are chance
		{"耐 刻", 0, "", 0},
		{"耐心 克服", 0, "", 0},
	} {
		hits := n.Find(f.Fold(c.in), nil)
		switch {
		case c.id == 0:
			if len(hits) != 0 {
				t.Errorf("%q: found %+v, want nothing", c.in, hits)
			}
		case len(hits) != 1:
			t.Errorf("%q: found %+v, want one", c.in, hits)
		default:
			got := string([]rune(c.in)[hits[0].Start:hits[0].End])
			// A character may be alike in both ways; the sound is told first.
			if hits[0].ID != c.id || got != c.want || hits[0].Disguise&^text.DisguiseShape != c.how&^text.DisguiseShape {
				t.Errorf("%q: found %d %q disguise %b, want %d %q %b", c.in, hits[0].ID, got, hits[0].Disguise, c.id, c.want, c.how)
			}
		}
	}
}
