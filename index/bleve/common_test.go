package bleve

import (
	"fmt"
	"testing"

	"github.com/markwatch/markwatch/index"
)

// TestCommonCharacters holds that a common character that was gathered finds
// what it found before, and that only common ones of large segments are.
func TestCommonCharacters(t *testing.T) {
	x, err := Open(Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	err = x.Rebuild(t.Context(), func(yield func(index.Document, error) bool) {
		for i := range 2 * commonDocs {
			d := index.Document{ID: fmt.Sprint(i), Title: fmt.Sprintf("高仿 %d", i)}
			switch {
			case i%3 == 0:
				d.Seller, d.Reasons = "仓库", []string{"理由"}
			case i%100 == 0:
				d.Title = "罕见"
			}
			if !yield(d, nil) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := x.Delete(t.Context(), []string{"0"}); err != nil {
		t.Fatal(err)
	}
	totals := func() (out []int) {
		for _, char := range []string{"高", "仿", "仓", "库", "罕", "理", "无"} {
			r, err := x.Search(t.Context(), index.Query{Terms: []index.Term{{Text: char}}})
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, r.Total)
		}
		return out
	}
	before := totals()
	s, err := x.acquire()
	if err != nil {
		t.Fatal(err)
	}
	defer s.release()
	large := 0
	for _, seg := range s.segments {
		if err := seg.gatherCommon(nil); err != nil {
			t.Fatal(err)
		}
		seg.mu.Lock()
		common := seg.common
		seg.mu.Unlock()
		if seg.count < commonDocs {
			if common != nil {
				t.Errorf("gathered in a segment of %d documents", seg.count)
			}
			continue
		}
		large++
		for char, want := range map[string]bool{"高": true, "仿": true, "仓": true, "库": true, "罕": false, "理": false} {
			if got := common[char] != nil; got != want {
				t.Errorf("%s is gathered: %v, want %v", char, got, want)
			}
		}
		seg.mu.Lock()
		clear(seg.verified)
		seg.mu.Unlock()
	}
	if large == 0 {
		t.Fatal("the engine made no segment of the size that this is about")
	}
	if after := totals(); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("hits %v, before it %v", after, before)
	}
}
