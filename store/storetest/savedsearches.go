package storetest

import (
	"context"
	"database/sql"
	"errors"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/store"
)

func testSavedSearches(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{})
	put := func(owner, name, query string, notify bool) markwatch.SavedSearch {
		t.Helper()
		f, err := s.PutSavedSearch(t.Context(), markwatch.SavedSearch{Owner: owner, Name: name, Query: query, Notify: notify, CreatedAt: day(0)})
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	note := func(f markwatch.SavedSearch, n int, hits ...string) []string {
		t.Helper()
		fresh, err := s.NoteSavedHits(t.Context(), f.ID, hits, day(n), nil)
		if err != nil {
			t.Fatal(err)
		}
		return fresh
	}
	shoes := put("anna", "鞋", "高仿 鞋", true)
	put("anna", "表", "手表\x00", false)
	put("zhang", "鞋", "鞋", false)

	equal(t, "at the first look nothing is new", note(shoes, 1, "a", "b"), nil)
	equal(t, "nothing new", note(shoes, 2, "b", "a"), nil)
	equal(t, "one new, one lost, in the order of the hits", note(shoes, 3, "d", "a", "c", "d"), []string{"d", "c"})
	equal(t, "what was lost is new again", note(shoes, 4, "a", "b", "c", "d"), []string{"b"})
	since, err := s.SavedHitsSince(t.Context(), shoes.ID, day(2))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "found since", since, []string{"b", "c", "d"})

	// What fails in the transaction leaves everything as it was.
	no := errors.New("no")
	_, err = s.NoteSavedHits(t.Context(), shoes.ID, []string{"x"}, day(5), func(_ context.Context, _ *sql.Tx, fresh []string) error {
		equal(t, "told in the transaction", fresh, []string{"x"})
		return no
	})
	if !errors.Is(err, no) {
		t.Errorf("a failure in the transaction: %v", err)
	}
	got, err := s.SavedSearch(t.Context(), "anna", "鞋")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "as it stands", got, markwatch.SavedSearch{
		ID: shoes.ID, Owner: "anna", Name: "鞋", Query: "高仿 鞋", Notify: true, CreatedAt: day(0), CheckedAt: day(4), Total: 4, Fresh: 1,
	})
	equal(t, "saved again without a change", put("anna", "鞋", "高仿 鞋", true), got)
	changed := put("anna", "鞋", "高仿", false)
	if changed.ID != shoes.ID || !changed.CheckedAt.IsZero() || changed.Notify {
		t.Errorf("another query under the same name: %+v", changed)
	}
	equal(t, "the first look at another query", note(changed, 6, "z"), nil)

	var names []string
	list, err := s.SavedSearches(t.Context(), "anna")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		names = append(names, f.Name)
	}
	equal(t, "an owner's, by name", names, []string{"表", "鞋"})
	if list, err = s.SavedSearches(t.Context(), ""); err != nil || len(list) != 3 {
		t.Errorf("everybody's: %d (%v)", len(list), err)
	}
	if err := s.DropSavedSearch(t.Context(), shoes.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.SavedSearch(t.Context(), "anna", shoes.ID); markwatch.ErrorCode(err) != markwatch.CodeNotFound {
		t.Errorf("a dropped search: %v", err)
	}
	if _, err := s.NoteSavedHits(t.Context(), shoes.ID, nil, day(7), nil); markwatch.ErrorCode(err) != markwatch.CodeNotFound {
		t.Errorf("hits of a dropped search: %v", err)
	}
	if _, err := s.PutSavedSearch(t.Context(), markwatch.SavedSearch{Owner: "anna", Name: " "}); markwatch.ErrorCode(err) != markwatch.CodeInvalid {
		t.Errorf("a search without a name: %v", err)
	}
}
