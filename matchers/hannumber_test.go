package matchers

import "testing"

func TestHanNumber(t *testing.T) {
	for s, want := range map[string]int{
		"两百八": 280, "三百五": 350, "一千二": 1200, "一千零二": 1002, "一百二十": 120, "十五": 15, "二十": 20, "三万五": 35000,
		"八": 8, "九百九十九": 999, "两千": 2000, "": 0, "百": 0, "一二": 0, "百十": 0, "十百": 0,
	} {
		got, ok := hanNumber(s)
		if got != want || ok != (want > 0) {
			t.Errorf("hanNumber(%q) = %d, %v, want %d", s, got, ok, want)
		}
	}
	if n, ok := roundFigure("三位数"); n != 999 || !ok {
		t.Errorf("三位数 is read as %d, %v", n, ok)
	}
	if _, ok := roundFigure("九位数"); ok {
		t.Error("nobody asks nine digits")
	}
}
