package text_test

import (
	"testing"
	"testing/quick"

	"golang.org/x/text/unicode/norm"

	"github.com/markwatch/markwatch/matchers/text"
)

func folder(t testing.TB) *text.Folder {
	t.Helper()
	f, err := text.NewFolder()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestFold(t *testing.T) {
	f := folder(t)
	for in, want := range map[string]string{
		"ＮＩＫＥ飞马４１":               "nike飞马41",
		"Аpple Sеries":           "apple series",
		"阿\u200b迪\u200b达\u200b斯": "阿迪达斯",
		"𝓖𝓾𝓬𝓬𝓲":                  "gucci",
		"🅽🅸🅺🅴 🇱🇻":                "nike lv",
		"Ⓖⓤⓒⓒⓘ":                  "gucci",
		"Lancôme Estée":          "lancome estee",
		"n\u0336i\u0336k\u0336":  "nik",
		"進擊的巨人 漫畫":               "进击的巨人 漫画",
		"乾隆 乾燥":                  "乾隆 干燥",
		"ﬁne ㎖ ½":                "fine ml 1 2",
		"НІКЕ":                   "hike",
		"耐★克":                    "耐 克",
	} {
		if got := f.Fold(in).String(); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestFoldIsIdempotent(t *testing.T) {
	f := folder(t)
	if err := quick.Check(func(s string) bool { return idempotent(f, s) }, &quick.Config{MaxCount: 5000}); err != nil {
		t.Error(err)
	}
	for r := rune(0); r <= 0x10ffff; r++ {
		if s := "a" + string(r) + "b"; !idempotent(f, s) {
			t.Errorf("%U folds to %q and again to %q", r, f.Fold(s), f.Fold(f.Fold(s).String()))
		}
	}
}

func idempotent(f *text.Folder, s string) bool {
	once := f.Fold(s).String()
	return f.Fold(once).String() == once
}

func TestFoldSeesNoDifferenceBetweenCompositions(t *testing.T) {
	f := folder(t)
	for _, s := range []string{"Estée Lauder", "ガンダム", "ﾃﾞｨｵｰﾙ", "Å Å"} {
		if a, b := f.Fold(s).String(), f.Fold(norm.NFD.String(s)).String(); a != b {
			t.Errorf("%q folds to %q, decomposed to %q", s, a, b)
		}
	}
}

func FuzzFold(f *testing.F) {
	fold := folder(f)
	for _, s := range []string{"耐★克", "乾隆", "\xff\xfe", "ﷺ", "🇨🇳", "a\u0301\u200db", "㌀"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		folded := fold.Fold(s)
		n, last := len([]rune(s)), 0
		for i := range folded.Len() {
			start, end := folded.Span(i, i+1)
			if start < last || end <= start || end > n {
				t.Fatalf("letter %d of %q spans [%d,%d) of %d", i, s, start, end, n)
			}
			last = start
		}
		if once := folded.String(); fold.Fold(once).String() != once {
			t.Fatalf("%q folds to %q, and that to %q", s, once, fold.Fold(once))
		}
	})
}
