package accounts_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/store"
)

// fast keeps the tests from spending their time on hashing.
var fast = accounts.Argon2{Time: 1, Memory: 64, Threads: 1}

const good = "莆田的鞋不是耐克的鞋"

type rig struct {
	*accounts.Accounts
	store *store.Store
	clock time.Time
}

func newRig(t *testing.T) *rig {
	t.Helper()
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "people.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	r := &rig{store: s, clock: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)}
	r.Accounts = accounts.New(s, accounts.Options{Now: func() time.Time { return r.clock }, Argon2: fast})
	return r
}

func (r *rig) add(t *testing.T, id string, role markwatch.UserRole) markwatch.User {
	t.Helper()
	u := markwatch.User{ID: id, Role: role}
	if err := r.Add(t.Context(), u, good); err != nil {
		t.Fatal(err)
	}
	return u
}

func TestPasswordsThatAreRefused(t *testing.T) {
	r := newRig(t)
	for _, password := range []string{"", "short", "1234567890", "passwordpassword", "aaaaaaaaaaaa", "zhangmin-zhangmin", "markwatch123456789", strings.Repeat("长", 600)} {
		if err := r.Add(t.Context(), markwatch.User{ID: "zhangmin", Role: markwatch.RoleViewer}, password); password != "" && markwatch.ErrorCode(err) != markwatch.CodeInvalid {
			t.Errorf("%.30q: %v", password, err)
		}
	}
	for _, id := range []string{"", "a", "Zhang", "张敏", "a b", "../x", strings.Repeat("a", 41)} {
		if err := r.Add(t.Context(), markwatch.User{ID: id, Role: markwatch.RoleViewer}, good); markwatch.ErrorCode(err) != markwatch.CodeInvalid {
			t.Errorf("the id %q: %v", id, err)
		}
	}
}

func TestPasswordsAreKeptAsArgon2id(t *testing.T) {
	r := newRig(t)
	r.add(t, "anna", markwatch.RoleViewer)
	r.add(t, "ben", markwatch.RoleViewer)
	a, _ := r.store.User(t.Context(), "anna")
	b, _ := r.store.User(t.Context(), "ben")
	if !strings.HasPrefix(a.PasswordHash, "$argon2id$v=19$m=64,t=1,p=1$") || a.PasswordHash == b.PasswordHash {
		t.Errorf("kept are %q and %q", a.PasswordHash, b.PasswordHash)
	}
}

func TestLockOut(t *testing.T) {
	r := newRig(t)
	r.add(t, "anna", markwatch.RoleViewer)
	for _, name := range []string{"anna", "nobody"} {
		for i := range 5 {
			_, _, err := r.Login(t.Context(), name, "wrong password", "10.0.0.1")
			var locked *accounts.LockedError
			if want := i == 4; errors.As(err, &locked) != want {
				t.Errorf("%s, failure %d: %v", name, i+1, err)
			}
		}
	}
	var locked *accounts.LockedError
	if _, _, err := r.Login(t.Context(), "anna", good, "10.0.0.9"); !errors.As(err, &locked) {
		t.Errorf("the right password of a locked name: %v", err)
	}
	r.clock = r.clock.Add(16 * time.Minute)
	if _, _, err := r.Login(t.Context(), "anna", good, "10.0.0.9"); err != nil {
		t.Errorf("after the lock: %v", err)
	}
	for range 4 {
		r.Login(t.Context(), "anna", "wrong password", "10.0.0.9")
		r.clock = r.clock.Add(16 * time.Minute)
	}
	if _, _, err := r.Login(t.Context(), "anna", good, "10.0.0.9"); err != nil {
		t.Errorf("slips over an hour lock nobody: %v", err)
	}
}

func TestAnAddressThatTriesManyNamesIsLocked(t *testing.T) {
	r := newRig(t)
	r.add(t, "anna", markwatch.RoleViewer)
	for i := range 30 {
		r.Login(t.Context(), "name"+string(rune('a'+i%26))+string(rune('a'+i/26)), "wrong password", "10.0.0.1")
	}
	var locked *accounts.LockedError
	if _, _, err := r.Login(t.Context(), "anna", good, "10.0.0.1"); !errors.As(err, &locked) {
		t.Errorf("from the guesser's address: %v", err)
	}
	if _, _, err := r.Login(t.Context(), "anna", good, "10.0.0.2"); err != nil {
		t.Errorf("from another address: %v", err)
	}
}

func TestUnlock(t *testing.T) {
	r := newRig(t)
	r.add(t, "anna", markwatch.RoleViewer)
	for range 5 {
		r.Login(t.Context(), "anna", "wrong password", "10.0.0.1")
	}
	if err := r.Unlock(t.Context(), "anna"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.Login(t.Context(), "anna", good, "10.0.0.1"); err != nil {
		t.Error(err)
	}
}

func TestSessionsEnd(t *testing.T) {
	r := newRig(t)
	boss := r.add(t, "boss", markwatch.RoleAdministrator)
	anna := r.add(t, "anna", markwatch.RoleViewer)
	login := func() string {
		t.Helper()
		id, _, err := r.Login(t.Context(), "anna", good, "10.0.0.1")
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	open := func(id string) bool {
		_, err := r.Opened(t.Context(), id, true)
		return err == nil
	}
	idle := login()
	r.clock = r.clock.Add(119 * time.Minute)
	if !open(idle) {
		t.Error("a session in use ended")
	}
	r.clock = r.clock.Add(119 * time.Minute)
	if !open(idle) {
		t.Error("the use of a session did not count")
	}
	r.clock = r.clock.Add(2 * time.Hour)
	if open(idle) {
		t.Error("a session that was idle for two hours is open")
	}
	long := login()
	for range 12 {
		r.clock = r.clock.Add(time.Hour)
		open(long)
	}
	if open(long) {
		t.Error("a session is open after twelve hours")
	}
	out := login()
	if err := r.Close(t.Context(), out); err != nil || open(out) {
		t.Errorf("a closed session: %v", err)
	}
	one, two := login(), login()
	if err := r.ChangePassword(t.Context(), one, anna, good, "一句更长也更好记的话", "10.0.0.1"); err != nil {
		t.Fatal(err)
	}
	if !open(one) || open(two) {
		t.Error("a new password does not end the other sessions, or ends one's own")
	}
	if err := r.ChangePassword(t.Context(), one, anna, good, "又一句更长更好记的话", "10.0.0.1"); markwatch.ErrorCode(err) != markwatch.CodeInvalid {
		t.Errorf("a new password by a wrong old one: %v", err)
	}
	anna.Disabled = true
	if err := r.Change(t.Context(), anna); err != nil || open(one) {
		t.Errorf("one who is kept out is still in: %v", err)
	}
	boss.Disabled = true
	if err := r.Change(t.Context(), boss); markwatch.ErrorCode(err) != markwatch.CodeConflict {
		t.Errorf("the last administrator is kept out: %v", err)
	}
}

func TestFirstStart(t *testing.T) {
	r := newRig(t)
	link, err := r.NewLink(t.Context(), "", markwatch.LinkSetup, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	second, _ := r.NewLink(t.Context(), "", markwatch.LinkSetup, time.Hour)
	if _, _, err := r.Setup(t.Context(), link, markwatch.User{ID: "zhangmin"}, "weak"); markwatch.ErrorCode(err) != markwatch.CodeInvalid {
		t.Errorf("a weak password: %v", err)
	}
	session, u, err := r.Setup(t.Context(), link, markwatch.User{ID: "zhangmin", Name: "张敏", Role: markwatch.RoleViewer, Bounds: markwatch.Bounds{Units: []string{"x"}}}, good)
	if err != nil || u.Role != markwatch.RoleAdministrator || len(u.Units) > 0 {
		t.Fatalf("%+v, %v", u, err)
	}
	if _, err := r.Opened(t.Context(), session, false); err != nil {
		t.Error(err)
	}
	if _, _, err := r.Setup(t.Context(), link, markwatch.User{ID: "other"}, good); markwatch.ErrorCode(err) != markwatch.CodeInvalid {
		t.Errorf("the link's second use: %v", err)
	}
	if _, _, err := r.Setup(t.Context(), second, markwatch.User{ID: "other"}, good); markwatch.ErrorCode(err) != markwatch.CodeConflict {
		t.Errorf("a second first administrator: %v", err)
	}
}

func TestLinks(t *testing.T) {
	r := newRig(t)
	r.add(t, "anna", markwatch.RoleViewer)
	link := func(p markwatch.LinkPurpose) string {
		t.Helper()
		l, err := r.NewLink(t.Context(), "anna", p, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	login, password, late := link(markwatch.LinkLogin), link(markwatch.LinkPassword), link(markwatch.LinkLogin)
	if _, _, err := r.Enter(t.Context(), password); markwatch.ErrorCode(err) != markwatch.CodeInvalid {
		t.Errorf("a link for a password opens a session: %v", err)
	}
	if _, _, err := r.ChoosePassword(t.Context(), login, "一句更长也更好记的话"); markwatch.ErrorCode(err) != markwatch.CodeInvalid {
		t.Errorf("a link to log in sets a password: %v", err)
	}
	if _, u, err := r.Enter(t.Context(), login); err != nil || u.ID != "anna" {
		t.Errorf("%+v, %v", u, err)
	}
	if _, _, err := r.ChoosePassword(t.Context(), password, "一句更长也更好记的话"); err != nil {
		t.Error(err)
	}
	if _, _, err := r.Login(t.Context(), "anna", "一句更长也更好记的话", "10.0.0.1"); err != nil {
		t.Errorf("the password that was chosen: %v", err)
	}
	r.clock = r.clock.Add(time.Hour)
	for name, l := range map[string]string{"used": login, "old": late, "made up": "x"} {
		if _, _, err := r.Enter(t.Context(), l); markwatch.ErrorCode(err) != markwatch.CodeInvalid {
			t.Errorf("a link that is %s: %v", name, err)
		}
	}
}

func TestTokens(t *testing.T) {
	r := newRig(t)
	r.add(t, "boss", markwatch.RoleAdministrator)
	anna := r.add(t, "anna", markwatch.RoleInvestigator)
	if _, _, err := r.NewToken(t.Context(), anna, "x", []accounts.Permission{accounts.Administer}, 0); markwatch.ErrorCode(err) != markwatch.CodeInvalid {
		t.Errorf("a token with more than the person has: %v", err)
	}
	secret, kept, err := r.NewToken(t.Context(), anna, "日报", []accounts.Permission{accounts.See}, time.Hour)
	if err != nil || !strings.HasPrefix(secret, "mwt_") || strings.Contains(kept.Digest, secret) {
		t.Fatalf("%q %+v %v", secret, kept, err)
	}
	token, u, err := r.Bearer(t.Context(), secret)
	if err != nil || u.ID != "anna" || !accounts.Granted(token.Scopes, accounts.See) || accounts.Granted(token.Scopes, accounts.Decide) {
		t.Errorf("%+v %+v %v", token, u, err)
	}
	if err := r.Revoke(t.Context(), "boss", kept.ID); markwatch.ErrorCode(err) != markwatch.CodeNotFound {
		t.Errorf("another's token is taken back: %v", err)
	}
	r.clock = r.clock.Add(time.Hour)
	if _, _, err := r.Bearer(t.Context(), secret); markwatch.ErrorCode(err) != markwatch.CodeNotFound {
		t.Errorf("a token that is too old: %v", err)
	}
	ever, _, err := r.NewToken(t.Context(), anna, "接口", []accounts.Permission{accounts.See}, 0)
	if err != nil {
		t.Fatal(err)
	}
	anna.Disabled = true
	if err := r.Change(t.Context(), anna); err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.Bearer(t.Context(), ever); markwatch.ErrorCode(err) != markwatch.CodeNotFound {
		t.Errorf("the token of one who is kept out: %v", err)
	}
}

func TestPermissions(t *testing.T) {
	want := map[markwatch.UserRole][]accounts.Permission{
		markwatch.RoleViewer:        {accounts.See},
		markwatch.RoleInvestigator:  {accounts.See, accounts.Decide},
		markwatch.RoleApprover:      {accounts.See, accounts.Decide, accounts.Approve},
		markwatch.RoleAdministrator: accounts.Permissions(),
		"":                          nil,
		"root":                      nil,
	}
	for role, may := range want {
		for _, p := range append(accounts.Permissions(), "", "all") {
			has := false
			for _, m := range may {
				has = has || m == p
			}
			if accounts.May(role, p) != has {
				t.Errorf("%q may %q: %v", role, p, !has)
			}
		}
	}
}
