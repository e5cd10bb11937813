package text_test

import (
	"cmp"
	"slices"
	"testing"

	"github.com/markwatch/markwatch/matchers/text"
)

func TestFind(t *testing.T) {
	f := folder(t)
	names := []string{"耐克", "Nike", "LV", "The North Face", "阿迪达斯", "Moncler", "1:1", "庆余年2", "AJ", "New Balance", "999", "SK-II", "神仙水", "3M", "高仿", "Gucci", "Ray-Ban"}
	var ps []text.Pattern
	for i, n := range names {
		ps = append(ps, text.Pattern{Text: n, ID: i, Loose: true})
	}
	s := text.NewSearcher(f, ps)
	for _, c := range []struct {
		in       string
		want     string
		disguise text.Disguise
	}{
		{"全新耐克鞋", "耐克", 0},
		{"耐★克 鞋", "耐★克", text.DisguiseMarks},
		{"耐 克 鞋", "耐 克", text.DisguiseSpaces},
		{"买耐 克服", "", 0},
		{"耐，克", "", 0},
		{"nike2024", "nike", 0},
		{"uni keyboard", "", 0},
		{"snike", "", 0},
		{"N-i-k-e", "N-i-k-e", text.DisguiseMarks},
		{"N i k e shoes", "N i k e", text.DisguiseSpaces},
		{"n1ke", "n1ke", text.DisguiseLeet},
		{"niiiike", "niiiike", text.DisguiseRepeat},
		{"ＮＩＫＥ", "ＮＩＫＥ", text.DisguiseLookalike},
		{"TheNorthFace", "TheNorthFace", 0},
		{"the north  face", "the north  face", 0},
		{"(L.V. bag)", "L.V", text.DisguiseMarks},
		{"阿\u200b迪\u200b达\u200b斯", "阿\u200b迪\u200b达\u200b斯", text.DisguiseHidden},
		{"M0nc1er", "M0nc1er", text.DisguiseLeet},
		{"一比一 1：1 复刻", "1：1", 0},
		{"11月 1.1", "", 0},
		{"庆余年 2", "庆余年 2", 0},
		{"庆余年20", "", 0},
		{"AJ1高帮", "", 0},
		{"NewBalance", "NewBalance", 0},
		{"编号19996", "", 0},
		{"S.K—⓶ 神·仙·水", "神·仙·水", text.DisguiseMarks},
		{"2.3m 3m", "3m", 0},
		{"buy G*cci bag", "G*cci", text.DisguiseMasked},
		{"g**ci", "g**ci", text.DisguiseMasked},
		{"R*y B*n classic", "R*y B*n", text.DisguiseMasked},
		{"g*cciolo", "", 0},
		{"a*b*c 3*4", "", 0},
	} {
		folded := f.Fold(c.in)
		hits := longest(s.Find(folded, nil))
		got := ""
		var d text.Disguise
		if len(hits) > 0 {
			h := hits[len(hits)-1]
			got, d = string([]rune(c.in)[h.Start:h.End]), h.Disguise
		}
		if got != c.want || d != c.disguise {
			t.Errorf("%q: found %q disguise %b, want %q %b", c.in, got, d, c.want, c.disguise)
		}
	}
}

func TestFindOverlapping(t *testing.T) {
	f := folder(t)
	s := text.NewSearcher(f, []text.Pattern{{Text: "高仿", ID: 1}, {Text: "高仿真", ID: 2}, {Text: "仿真花", ID: 3}, {Text: "高仿", ID: 4}, {Text: "★"}})
	var ids []int
	for _, h := range s.Find(f.Fold("高仿真花"), nil) {
		ids = append(ids, h.ID)
	}
	slices.Sort(ids)
	if want := []int{1, 2, 3, 4}; !slices.Equal(ids, want) {
		t.Errorf("found %v, want %v", ids, want)
	}
}

// longest keeps, of hits that overlap, the longest, in the order of the text.
func longest(hits []text.Hit) []text.Hit {
	slices.SortStableFunc(hits, func(a, b text.Hit) int { return cmp.Or((b.To-b.At)-(a.To-a.At), a.At-b.At) })
	kept := hits[:0]
	for _, h := range hits {
		if !slices.ContainsFunc(kept, func(k text.Hit) bool { return h.At < k.To && k.At < h.To }) {
			kept = append(kept, h)
		}
	}
	slices.SortStableFunc(kept, func(a, b text.Hit) int { return a.At - b.At })
	return kept
}

func FuzzFind(f *testing.F) {
	fold := folder(f)
	s := text.NewSearcher(fold, []text.Pattern{{Text: "耐克", Loose: true}, {Text: "nike", Loose: true}, {Text: "1:1"}, {Text: "the north face", Loose: true}})
	for _, seed := range []string{"耐★克 n1ke $nike", "T h e n o r t h f a c e", "1:1 ni!!ike"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		n := len([]rune(in))
		for _, h := range s.Find(fold.Fold(in), nil) {
			if h.Start < 0 || h.End <= h.Start || h.End > n {
				t.Fatalf("%q: hit [%d,%d) of %d", in, h.Start, h.End, n)
			}
		}
	})
}
