package text_test

import (
	"testing"

	"github.com/markwatch/markwatch/matchers/text"
)

func TestInitials(t *testing.T) {
	f := folder(t)
	s := text.NewSearcher(f, []text.Pattern{{Text: "芬迪", Loose: true}, {Text: "爱马仕", Loose: true}, {Text: "Dior", Loose: true}, {Text: "高仿"}})
	for in, want := range map[string]string{
		"双F老花 芬d 包": "芬d", "芬D腋下包": "芬D", "爱m仕丝巾": "爱m仕", "爱马s": "爱马s",
		"芬d2": "", "芬dior": "", "芬 d": "", "f迪": "", "芬k": "", "高f": "", "爱m": "", "m仕": "", "芬": "",
	} {
		got := ""
		for _, h := range s.Find(f.Fold(in), nil) {
			if h.Disguise == text.DisguiseInitial {
				got = string([]rune(in)[h.Start:h.End])
			}
		}
		if got != want {
			t.Errorf("%q: found %q, want %q", in, got, want)
		}
	}
}
