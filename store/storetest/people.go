package storetest

import (
	"sync"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/store"
)

func testPeople(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{Now: func() time.Time { return day(0) }})
	ctx := t.Context()
	_, err := s.User(ctx, "zhangmin")
	wantCode(t, err, markwatch.CodeNotFound)
	first := markwatch.User{ID: "zhangmin", Name: "张敏", Role: markwatch.RoleAdministrator, PasswordHash: "h"}
	if err := s.AddFirstUser(ctx, first); err != nil {
		t.Fatal(err)
	}
	wantCode(t, s.AddFirstUser(ctx, markwatch.User{ID: "second", Role: markwatch.RoleAdministrator}), markwatch.CodeConflict)
	wantCode(t, s.AddUser(ctx, first), markwatch.CodeConflict)
	li := markwatch.User{
		ID: "lili", Role: markwatch.RoleViewer, Disabled: true,
		Bounds: markwatch.Bounds{Units: []string{"gy-scjg"}, Regions: []string{"贵州", "福建"}},
	}
	if err := s.AddUser(ctx, li); err != nil {
		t.Fatal(err)
	}
	users, err := s.Users(ctx)
	if err != nil {
		t.Fatal(err)
	}
	first.Created, li.Created = day(0), day(0)
	first.Units, first.Regions = []string{}, []string{}
	equal(t, "users", users, []markwatch.User{li, first})

	_, err = s.UserBySubject(ctx, "")
	wantCode(t, err, markwatch.CodeNotFound)
	subject := func(id, subject string) error {
		_, err := s.UpdateUser(ctx, id, func(u markwatch.User) (markwatch.User, error) {
			u.Subject = subject
			return u, nil
		})
		return err
	}
	if err := subject("lili", "7f3a"); err != nil {
		t.Fatal(err)
	}
	if u, err := s.UserBySubject(ctx, "7f3a"); err != nil || u.ID != "lili" {
		t.Errorf("by subject: %+v, %v", u, err)
	}
	wantCode(t, subject("zhangmin", "7f3a"), markwatch.CodeConflict)
	wantCode(t, s.AddUser(ctx, markwatch.User{ID: "third", Role: markwatch.RoleViewer, Subject: "7f3a"}), markwatch.CodeConflict)

	_, err = s.UpdateUser(ctx, "zhangmin", func(u markwatch.User) (markwatch.User, error) {
		u.Role = markwatch.RoleViewer
		return u, nil
	})
	wantCode(t, err, markwatch.CodeConflict)
	_, err = s.UpdateUser(ctx, "zhangmin", func(u markwatch.User) (markwatch.User, error) {
		u.Disabled = true
		return u, nil
	})
	wantCode(t, err, markwatch.CodeConflict)
	if u, err := s.User(ctx, "zhangmin"); err != nil || u.Role != markwatch.RoleAdministrator || u.Disabled {
		t.Errorf("the last administrator is %+v, %v", u, err)
	}
	if _, err = s.UpdateUser(ctx, "lili", func(u markwatch.User) (markwatch.User, error) {
		u.ID, u.Name, u.Role, u.Disabled = "other", "李丽", markwatch.RoleAdministrator, false
		return u, nil
	}); err != nil {
		t.Fatal(err)
	}
	if _, err = s.UpdateUser(ctx, "zhangmin", func(u markwatch.User) (markwatch.User, error) {
		u.Role = markwatch.RoleInvestigator
		return u, nil
	}); err != nil {
		t.Errorf("one of two administrators steps back: %v", err)
	}
}

func testSessions(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{})
	ctx := t.Context()
	for _, id := range []string{"anna", "ben"} {
		if err := s.AddUser(ctx, markwatch.User{ID: id, Role: markwatch.RoleViewer}); err != nil {
			t.Fatal(err)
		}
	}
	for _, n := range []markwatch.Session{
		{ID: "a1", User: "anna", Opened: day(0), Used: day(0)}, {ID: "a2", User: "anna", Opened: day(1), Used: day(1)},
		{ID: "b1", User: "ben", Opened: day(0), Used: day(5)},
	} {
		if err := s.AddSession(ctx, n); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.UseSession(ctx, "a1", day(2)); err != nil {
		t.Fatal(err)
	}
	n, u, err := s.Session(ctx, "a1")
	if err != nil || u.ID != "anna" || !n.Used.Equal(day(2)) {
		t.Errorf("session %+v of %+v, %v", n, u, err)
	}
	if err := s.EndSessions(ctx, "anna", "a2"); err != nil {
		t.Fatal(err)
	}
	gone := func(id string) {
		t.Helper()
		_, _, err := s.Session(ctx, id)
		wantCode(t, err, markwatch.CodeNotFound)
	}
	gone("a1")
	if err := s.DropSessions(ctx, day(6), day(4), day(0)); err != nil {
		t.Fatal(err)
	}
	gone("a2")
	if _, _, err := s.Session(ctx, "b1"); err != nil {
		t.Errorf("a session in use was dropped: %v", err)
	}
	if err := s.EndSession(ctx, "b1"); err != nil {
		t.Fatal(err)
	}
	gone("b1")

	if err := s.AddLink(ctx, markwatch.Link{ID: "l", User: "anna", Purpose: markwatch.LinkLogin, Expires: day(9)}); err != nil {
		t.Fatal(err)
	}
	if l, err := s.Link(ctx, "l"); err != nil || l.User != "anna" || l.Purpose != markwatch.LinkLogin || !l.Expires.Equal(day(9)) {
		t.Errorf("link %+v, %v", l, err)
	}
	var taken sync.Map
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			if _, err := s.TakeLink(ctx, "l"); err == nil {
				taken.Store(i, true)
			}
		})
	}
	wg.Wait()
	times := 0
	taken.Range(func(any, any) bool { times++; return true })
	equal(t, "times a link was taken", times, 1)
}

func testTokens(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{})
	ctx := t.Context()
	if err := s.AddUser(ctx, markwatch.User{ID: "anna", Role: markwatch.RoleInvestigator}); err != nil {
		t.Fatal(err)
	}
	want := markwatch.AccessToken{ID: "t1", Digest: "d1", User: "anna", Name: "日报", Scopes: []string{"see"}, Created: day(0), Expires: day(99)}
	if err := s.AddToken(ctx, want); err != nil {
		t.Fatal(err)
	}
	if err := s.UseToken(ctx, "t1", day(1)); err != nil {
		t.Fatal(err)
	}
	want.Used = day(1)
	got, u, err := s.Token(ctx, "d1")
	if err != nil || u.ID != "anna" {
		t.Fatalf("%+v %v", u, err)
	}
	equal(t, "token", got, want)
	all, err := s.Tokens(ctx, "anna")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "tokens", all, []markwatch.AccessToken{want})
	wantCode(t, s.DropToken(ctx, "ben", "t1"), markwatch.CodeNotFound)
	if err := s.DropToken(ctx, "anna", "t1"); err != nil {
		t.Fatal(err)
	}
	_, _, err = s.Token(ctx, "d1")
	wantCode(t, err, markwatch.CodeNotFound)
}

func testAttempts(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{})
	ctx := t.Context()
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			_, err := s.CountAttempt(ctx, "name anna", func(a markwatch.Attempts) markwatch.Attempts {
				return markwatch.Attempts{Failures: a.Failures + 1, Last: day(1), Until: day(2)}
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	got, err := s.Attempts(ctx, "name anna")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "guesses at once", got, markwatch.Attempts{Failures: 10, Last: day(1), Until: day(2)})
	if err := s.ClearAttempts(ctx, "name anna"); err != nil {
		t.Fatal(err)
	}
	if got, err = s.Attempts(ctx, "name anna"); err != nil || got != (markwatch.Attempts{}) {
		t.Errorf("cleared: %+v, %v", got, err)
	}
}
