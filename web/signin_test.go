package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/accounts/oidc"
	"github.com/markwatch/markwatch/accounts/oidc/oidctest"
	"github.com/markwatch/markwatch/web"
)

// provided is a desk with a provider of logins.
func provided(t *testing.T, how accounts.SignIn, change func(*oidc.Config)) (*bench, *oidctest.Server) {
	t.Helper()
	b := newBench(t)
	b.add(markwatch.User{ID: "lili", Name: "李丽", Role: markwatch.RoleInvestigator, Subject: "7f3a"})
	idp := oidctest.New(t, b.now)
	b.people = accounts.New(b.store, accounts.Options{Now: b.now, SignIn: how, Argon2: accounts.Argon2{Time: 1, Memory: 64, Threads: 1}})
	oc := oidc.Config{
		Issuer: idp.URL, ClientID: oidctest.ClientID, ClientSecret: oidctest.ClientSecret,
		Redirect: b.server.URL + web.SignInReturn, Now: b.now,
	}
	if change != nil {
		change(&oc)
	}
	cfg := b.config()
	cfg.Accounts, cfg.SignIn, cfg.PublicURL = b.people, oidc.New(oc), b.server.URL
	h, err := web.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	b.server.Config.Handler = h
	return b, idp
}

// atProvider begins a login and returns the address with which the provider
// sends the browser back.
func atProvider(t *testing.T, c *client, next string) string {
	t.Helper()
	res, _ := c.get("/login/provider?" + url.Values{"next": {next}}.Encode())
	if res.StatusCode != http.StatusSeeOther {
		t.Fatalf("the way to the provider: %d", res.StatusCode)
	}
	asked, err := url.Parse(res.Header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	q := asked.Query()
	if q.Get("nonce") == "" || q.Get("state") == "" || q.Get("nonce") == q.Get("state") || q.Get("code_challenge_method") != "S256" {
		t.Errorf("the request to the provider is %v", q)
	}
	back, err := c.Get(asked.String())
	if err != nil {
		t.Fatal(err)
	}
	back.Body.Close()
	if back.StatusCode != http.StatusFound {
		t.Fatalf("the provider answers %d", back.StatusCode)
	}
	return strings.TrimPrefix(back.Header.Get("Location"), c.b.server.URL)
}

// letIn is a whole login; who is the name on the page that follows, empty where
// it was refused.
func letIn(t *testing.T, b *bench) (who string, code int) {
	t.Helper()
	c := b.stranger()
	res, _ := c.get(atProvider(t, c, "/account"))
	if res.StatusCode != http.StatusOK {
		if r, _ := c.get("/account"); r.StatusCode != http.StatusUnauthorized {
			t.Errorf("refused with %d, the account answers %d", res.StatusCode, r.StatusCode)
		}
		return "", res.StatusCode
	}
	_, body := c.get("/account")
	_, rest, _ := strings.Cut(body, `class="actor"`)
	_, rest, _ = strings.Cut(rest, "<bdi>")
	who, _, _ = strings.Cut(rest, "</bdi>")
	return who, res.StatusCode
}

func TestLoginAtAProvider(t *testing.T) {
	b, idp := provided(t, accounts.SignIn{}, nil)
	idp.LetIn(map[string]any{"sub": "7f3a", "name": "Somebody"})
	c := b.stranger()
	if _, body := c.get("/login?next=/scans"); !strings.Contains(body, `href="/login/provider?next=%2Fscans"`) {
		t.Error("the login page does not lead to the provider")
	}
	answer := atProvider(t, c, "/scans")
	res, body := c.get(answer)
	if res.StatusCode != http.StatusOK || res.Header.Get("Refresh") != "0; url=/scans" || !strings.Contains(body, `<a href="/scans">`) {
		t.Fatalf("%d, Refresh %q", res.StatusCode, res.Header.Get("Refresh"))
	}
	for _, cookie := range res.Cookies() {
		if cookie.Value != "" && (!cookie.HttpOnly || cookie.SameSite != http.SameSiteStrictMode) {
			t.Errorf("the session's cookie is %v", cookie)
		}
	}
	if res, _ := c.get("/scans"); res.StatusCode != http.StatusOK {
		t.Errorf("logged in, the page answers %d", res.StatusCode)
	}
	logins := b.audits(web.AuditLogin)
	if len(logins) != 1 || logins[0].Actor != "lili" || logins[0].Detail != "provider 7f3a" {
		t.Errorf("in the audit log: %+v", logins)
	}
	if res, _ := c.get(answer); res.StatusCode != http.StatusForbidden {
		t.Errorf("the same answer again: %d", res.StatusCode)
	}

	res, _ = c.post("/logout", nil)
	if res.Header.Get("Location") != "/login?out=1" {
		t.Errorf("logout leads to %q", res.Header.Get("Location"))
	}
	out := idp.URL + "/logout?client_id=markwatch&amp;post_logout_redirect_uri=" + url.QueryEscape(b.server.URL+"/login")
	if _, body := c.get("/login?out=1"); !strings.Contains(body, `href="`+out+`"`) {
		t.Error("the page after a logout does not lead to the provider's own")
	}
}

// What must not open a session.
func TestAnswersOfAProviderThatAreRefused(t *testing.T) {
	b, idp := provided(t, accounts.SignIn{}, nil)
	known := map[string]any{"sub": "7f3a"}
	for _, c := range []struct {
		name  string
		spoil func(claims map[string]any)
	}{
		{"another nonce", func(c map[string]any) { c["nonce"] = "another" }},
		{"no nonce", func(c map[string]any) { delete(c, "nonce") }},
		{"another audience", func(c map[string]any) { c["aud"] = "another" }},
		{"several audiences and no party", func(c map[string]any) { c["aud"] = []string{oidctest.ClientID, "another"} }},
		{"another party", func(c map[string]any) { c["aud"], c["azp"] = []string{oidctest.ClientID, "another"}, "another" }},
		{"another issuer", func(c map[string]any) { c["iss"] = "https://id.example" }},
		{"expired", func(c map[string]any) { c["exp"] = b.now().Add(-10 * time.Minute).Unix() }},
		{"no subject", func(c map[string]any) { delete(c, "sub") }},
		{"a subject that is no text", func(c map[string]any) { c["sub"] = []string{"7f3a"} }},
		{"an unknown person", func(c map[string]any) { c["sub"] = "unknown" }},
		{"a login name, which is no subject", func(c map[string]any) { c["sub"] = "zhangmin" }},
	} {
		idp.LetIn(known)
		idp.Spoil(c.spoil)
		if who, code := letIn(t, b); who != "" || code != http.StatusForbidden {
			t.Errorf("%s: %d lets %q in", c.name, code, who)
		}
	}
	idp.Spoil(nil)
	if who, _ := letIn(t, b); who != "李丽" {
		t.Errorf("what was not spoilt lets %q in", who)
	}
	if n := len(b.audits(web.AuditLoginFailed)); n != 11 {
		t.Errorf("%d refusals in the audit log", n)
	}

	// Another's answer, an answer that was not asked for, a login that is too old.
	mine, other := b.stranger(), b.stranger()
	atProvider(t, mine, "/")
	if res, _ := mine.get(atProvider(t, other, "/")); res.StatusCode != http.StatusForbidden {
		t.Errorf("another browser's answer: %d", res.StatusCode)
	}
	if res, _ := b.stranger().get(atProvider(t, other, "/")); res.StatusCode != http.StatusForbidden {
		t.Errorf("an answer without a login under way: %d", res.StatusCode)
	}
	old := b.stranger()
	late := atProvider(t, old, "/")
	b.pass(10 * time.Minute)
	if res, _ := old.get(late); res.StatusCode != http.StatusForbidden {
		t.Errorf("an answer after ten minutes: %d", res.StatusCode)
	}
	wrong := b.stranger()
	if res, _ := wrong.get(atProvider(t, wrong, "/") + "&iss=x"); res.StatusCode != http.StatusOK {
		t.Errorf("a second iss behind the right one: %d", res.StatusCode)
	}
	mixed := b.stranger()
	answer, err := url.Parse(atProvider(t, mixed, "/"))
	if err != nil {
		t.Fatal(err)
	}
	q := answer.Query()
	q.Set("iss", "https://id.example")
	if res, _ := mixed.get(answer.Path + "?" + q.Encode()); res.StatusCode != http.StatusForbidden {
		t.Errorf("the answer of another provider: %d", res.StatusCode)
	}

	// Somebody who is kept out, and a key that the provider does not have.
	u, _ := b.people.User(t.Context(), "lili")
	u.Disabled = true
	if err := b.people.Change(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	if who, code := letIn(t, b); who != "" || code != http.StatusForbidden {
		t.Errorf("one who is kept out: %d lets %q in", code, who)
	}
	u.Disabled = false
	if err := b.people.Change(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	idp.Forge(t)
	if who, code := letIn(t, b); who != "" || code != http.StatusForbidden {
		t.Errorf("a forged signature: %d lets %q in", code, who)
	}
}

func TestWhoIsRecognisedAtAProvider(t *testing.T) {
	b, idp := provided(t, accounts.SignIn{Names: true, Create: true}, nil)
	b.add(markwatch.User{ID: "wang", Role: markwatch.RoleApprover})
	idp.LetIn(map[string]any{"sub": "wang"})
	if who, _ := letIn(t, b); who != "wang" {
		t.Errorf("a subject that is a login name lets %q in", who)
	}
	if u, _ := b.people.User(t.Context(), "wang"); u.Subject != "wang" || u.Role != markwatch.RoleApprover {
		t.Errorf("the account became %+v", u)
	}
	idp.LetIn(map[string]any{"sub": "lili", "preferred_username": "lili", "name": "另一位"})
	if who, _ := letIn(t, b); who != "另一位" {
		t.Errorf("the name of an account that has another subject lets %q in", who)
	}
	made, err := b.store.UserBySubject(t.Context(), "lili")
	if err != nil || made.ID == "lili" || made.Role != markwatch.RoleViewer || len(made.Units)+len(made.Regions) > 0 {
		t.Errorf("made was %+v, %v", made, err)
	}
	idp.LetIn(map[string]any{"sub": "a b/c", "email": "Zhao.Wei@unit.example"})
	letIn(t, b)
	letIn(t, b)
	if u, err := b.people.User(t.Context(), "zhao.wei"); err != nil || u.Subject != "a b/c" {
		t.Errorf("made by address: %+v, %v", u, err)
	}
}

func TestRolesByGroups(t *testing.T) {
	roles := map[string]markwatch.UserRole{"staff": markwatch.RoleInvestigator, "chiefs": markwatch.RoleApprover}
	b, idp := provided(t, accounts.SignIn{}, func(c *oidc.Config) { c.Roles = roles })
	role := func() markwatch.UserRole {
		u, _ := b.people.User(t.Context(), "lili")
		return u.Role
	}
	idp.LetIn(map[string]any{"sub": "7f3a", "groups": []string{"staff", "chiefs", "choir"}})
	if who, _ := letIn(t, b); who != "李丽" || role() != markwatch.RoleApprover {
		t.Errorf("%q is %s", who, role())
	}
	idp.LetIn(map[string]any{"sub": "7f3a", "groups": "staff"})
	if who, _ := letIn(t, b); who != "李丽" || role() != markwatch.RoleInvestigator {
		t.Errorf("without the higher group %q is %s", who, role())
	}
	idp.LetIn(map[string]any{"sub": "7f3a", "groups": []string{"choir"}})
	if who, code := letIn(t, b); who != "" || code != http.StatusForbidden {
		t.Errorf("in no group: %d lets %q in", code, who)
	}
	idp.LetIn(map[string]any{"sub": "7f3a"})
	idp.Tell(map[string]any{"sub": "7f3a", "groups": []string{"chiefs"}})
	if who, _ := letIn(t, b); who != "李丽" || role() != markwatch.RoleApprover {
		t.Errorf("by UserInfo %q is %s", who, role())
	}
	idp.Tell(map[string]any{"sub": "another", "groups": []string{"chiefs"}})
	if who, code := letIn(t, b); who != "" || code != http.StatusForbidden {
		t.Errorf("by another's UserInfo: %d lets %q in", code, who)
	}
	// The last administrator is not lost to a group.
	u, _ := b.people.User(t.Context(), "zhangmin")
	u.Subject = "boss"
	if err := b.people.Change(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	idp.LetIn(map[string]any{"sub": "boss", "groups": []string{"staff"}})
	if who, _ := letIn(t, b); who != "张敏" {
		t.Errorf("the last administrator: %q", who)
	}
	if u, _ := b.people.User(t.Context(), "zhangmin"); u.Role != markwatch.RoleAdministrator {
		t.Errorf("the last administrator became %s", u.Role)
	}
}

func TestAProviderThatIsAway(t *testing.T) {
	b, idp := provided(t, accounts.SignIn{}, nil)
	idp.Close()
	if res, body := b.stranger().get("/login/provider"); res.StatusCode != http.StatusServiceUnavailable || !strings.Contains(body, "没有应答") || !strings.Contains(body, `name="password"`) {
		t.Errorf("%d", res.StatusCode)
	}
	if res, _ := b.stranger().post("/login", url.Values{"name": {"lili"}, "password": {password}}); res.StatusCode != http.StatusSeeOther {
		t.Errorf("a password meanwhile: %d", res.StatusCode)
	}
}

func TestWithoutAProvider(t *testing.T) {
	b := newBench(t)
	for _, path := range [...]string{"/login/provider", web.SignInReturn + "?code=x&state=y"} {
		if res, _ := b.stranger().get(path); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
}

// testLoginAtAProvider holds that a browser's rules on cookies let the login
// through: the provider is another site.
func testLoginAtAProvider(t *testing.T, ctx context.Context) {
	b, idp := provided(t, accounts.SignIn{}, nil)
	idp.LetIn(map[string]any{"sub": "7f3a"})
	if err := chromedp.Do(ctx,
		chromedp.Navigate(b.server.URL+"/scans"),
		chromedp.Click(chromedp.CSS(`a[href^="/login/provider"]`)),
		chromedp.WaitVisible(chromedp.CSS(`body[data-page="scans"]`))); err != nil {
		t.Error(err)
	}
}
