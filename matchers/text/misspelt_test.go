package text_test

import (
	"testing"

	"github.com/markwatch/markwatch/matchers/text"
)

func TestMisspelt(t *testing.T) {
	f, err := text.NewFolder()
	if err != nil {
		t.Fatal(err)
	}
	m, err := text.NewMisspelt(f, []text.Pattern{{Text: "Adidas", ID: 1}, {Text: "Nike", ID: 2}, {Text: "Gucci", ID: 3}, {Text: "Chanel", ID: 4}, {Text: "耐克", ID: 5}, {Text: "Casio", ID: 6}, {Text: "Lancôme", ID: 7}})
	if err != nil {
		t.Fatal(err)
	}
	for s, want := range map[string]int{
		"Addidas 运动鞋": 1, "Adiddas shoes": 1, "Adidsa 鞋": 1, "新款Nlke空军": 2, "Guccci 包": 3, "Chanell 香水": 4, "Lancme 小黑瓶": 7,
		"Adidas 鞋": 0, "Nikes": 0, "a bike": 0, "night casino": 0, "Adidas's": 0, "Bdidas": 0, "channel": 0, "nile": 0, "panel": 0, "Guccci123": 0,
	} {
		folded := f.Fold(s)
		hits := m.Find(folded, nil)
		switch {
		case want == 0 && len(hits) > 0:
			t.Errorf("%q is taken for name %d", s, hits[0].ID)
		case want > 0 && (len(hits) != 1 || hits[0].ID != want):
			t.Errorf("%q gives %v, want name %d", s, hits, want)
		case want > 0 && hits[0].Disguise&text.DisguiseUnsure == 0:
			t.Errorf("%q is no sure name", s)
		}
	}
}
