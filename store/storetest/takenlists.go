package storetest

import (
	"errors"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/store"
)

func testTakenLists(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{})
	list := func(holders ...string) markwatch.Lists {
		var l markwatch.Lists
		for i, h := range holders {
			l.Brands = append(l.Brands, markwatch.Brand{ID: string(rune('a' + i)), Names: map[string]string{"zh": "牌"}, Holder: h})
		}
		return l
	}
	take := func(process string, folder markwatch.Lists, replace bool) store.Taken {
		t.Helper()
		got, err := s.TakeLists(t.Context(), store.Take{Process: process, Folder: folder, Replace: replace, Actor: "anna", At: day(0)})
		if err != nil {
			t.Fatal(err)
		}
		held, versions, err := s.Lists(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "what is returned and what is stored", got.Lists.Brands, held.Brands)
		equal(t, "versions", got.Versions, versions)
		return got
	}
	holders := func(what string, got store.Taken, version int, want ...string) {
		t.Helper()
		var have []string
		for _, b := range got.Lists.Brands {
			have = append(have, b.Holder)
		}
		equal(t, what, have, want)
		equal(t, what+": version", got.Versions[markwatch.ListBrands], version)
	}
	desk := func(i int, holder string) {
		t.Helper()
		if _, err := s.EditLists(t.Context(), "zhang", day(1), func(l *markwatch.Lists) error { l.Brands[i].Holder = holder; return nil }); err != nil {
			t.Fatal(err)
		}
	}
	holders("the first folder", take("p", list("1", "1"), false), 1, "1", "1")
	holders("the same again", take("p", list("1", "1"), false), 1, "1", "1")
	desk(0, "desk")
	holders("a folder that did not change", take("p", list("1", "1"), false), 2, "desk", "1")
	holders("another machine with the same folder", take("q", list("1", "1"), false), 2, "desk", "1")
	holders("another entry changed", take("p", list("1", "2"), false), 3, "desk", "2")
	holders("a machine whose folder is behind", take("q", list("1", "1"), false), 3, "desk", "2")
	got := take("p", list("3", "2"), false)
	holders("both changed", got, 3, "desk", "2")
	equal(t, "conflicts", got.Conflicts, []markwatch.ListConflict{{Kind: markwatch.ListBrands, ID: "a"}})
	equal(t, "conflicts are told once", take("p", list("3", "2"), false).Conflicts, nil)
	holders("the folder is to hold", take("p", list("3", "2"), true), 4, "3", "2")

	_, err := s.EditLists(t.Context(), "zhang", day(2), func(l *markwatch.Lists) error { l.Brands = nil; return errors.New("no") })
	if err == nil {
		t.Error("an edit that failed is no error")
	}
	holders("after an edit that failed", take("p", list("3", "2"), false), 4, "3", "2")
}
