package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/web"
)

func TestFirstStart(t *testing.T) {
	b := newEmptyBench(t)
	token, err := b.people.NewLink(t.Context(), "", markwatch.LinkSetup, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	c := b.stranger()
	if _, body := c.get("/login?token=" + token); !strings.Contains(body, "首次设置") {
		t.Fatal("the link of the first start does not ask for an administrator")
	}
	form := url.Values{"token": {token}, "user": {"zhangmin"}, "name": {"张敏"}, "password": {password}, "again": {"something else"}}
	if res, body := c.post("/login", form); res.StatusCode != http.StatusForbidden || !strings.Contains(body, "两次输入的密码不一样") || !strings.Contains(body, `value="zhangmin"`) {
		t.Errorf("two passwords that differ: %d", res.StatusCode)
	}
	form.Set("again", password)
	if res, _ := c.post("/login", form); res.StatusCode != http.StatusSeeOther {
		t.Fatalf("the first administrator: %d", res.StatusCode)
	}
	if res, _ := c.get("/people"); res.StatusCode != http.StatusOK {
		t.Errorf("the first administrator's page of people answers %d", res.StatusCode)
	}
	if res, _ := b.stranger().post("/login", form); res.StatusCode != http.StatusForbidden {
		t.Errorf("the link's second use: %d", res.StatusCode)
	}
}

func TestLoginByPassword(t *testing.T) {
	b := newBench(t)
	c := b.stranger()
	res, _ := c.post("/login", url.Values{"name": {"zhangmin"}, "password": {password}, "next": {"/scans"}})
	if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/scans" {
		t.Fatalf("login: %d to %q", res.StatusCode, res.Header.Get("Location"))
	}
	cookie := res.Cookies()[0]
	if !cookie.HttpOnly || cookie.SameSite != http.SameSiteStrictMode || cookie.Domain != "" {
		t.Errorf("the session's cookie is %v", cookie)
	}
	if res, _ := c.get("/"); res.StatusCode != http.StatusOK {
		t.Errorf("logged in, the search page answers %d", res.StatusCode)
	}
	if res, _ := c.post("/logout", nil); res.StatusCode != http.StatusSeeOther {
		t.Errorf("logout: %d", res.StatusCode)
	}
	if res, _ := c.get("/"); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("after logout the search page answers %d", res.StatusCode)
	}
}

// A wrong name and a wrong password read the same, and too many of either lock.
func TestFailedLogins(t *testing.T) {
	b := newBench(t)
	var bodies []string
	for _, name := range [...]string{"zhangmin", "nobody"} {
		res, body := b.stranger().post("/login", url.Values{"name": {name}, "password": {"wrong password"}})
		if res.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %d", name, res.StatusCode)
		}
		bodies = append(bodies, strings.ReplaceAll(body, name, ""))
	}
	if bodies[0] != bodies[1] {
		t.Error("a wrong name can be told from a wrong password")
	}
	for i := range 4 {
		res, _ := b.stranger().post("/login", url.Values{"name": {"zhangmin"}, "password": {"wrong password"}})
		if want := http.StatusForbidden; i < 3 && res.StatusCode != want {
			t.Errorf("failure %d: %d", i+2, res.StatusCode)
		} else if i == 3 && (res.StatusCode != http.StatusTooManyRequests || res.Header.Get("Retry-After") != "900") {
			t.Errorf("the fifth failure: %d, Retry-After %q", res.StatusCode, res.Header.Get("Retry-After"))
		}
	}
	if res, body := b.stranger().post("/login", url.Values{"name": {"zhangmin"}, "password": {password}}); res.StatusCode != http.StatusTooManyRequests || !strings.Contains(body, "15 分钟") {
		t.Errorf("the right password of a locked name: %d", res.StatusCode)
	}
	if n := len(b.audits(web.AuditLoginFailed)); n != 7 {
		t.Errorf("%d failed logins in the audit log", n)
	}
}

func TestLoginLink(t *testing.T) {
	b := newBench(t)
	token := b.link("zhangmin")
	c := b.stranger()
	if _, body := c.get("/login?token=" + token); !strings.Contains(body, token) {
		t.Fatal("the login page does not carry the token on")
	}
	if res, _ := c.get("/"); res.StatusCode != http.StatusUnauthorized {
		t.Error("to look at the login page logged in")
	}
	if res, _ := c.post("/login", url.Values{"token": {token}}); res.StatusCode != http.StatusSeeOther {
		t.Fatalf("login: %d", res.StatusCode)
	}
	if res, _ := b.stranger().post("/login", url.Values{"token": {token}}); res.StatusCode != http.StatusForbidden {
		t.Errorf("the token's second use answers %d", res.StatusCode)
	}
}

// Whatever session a browser brings along, the login opens another, and ends
// the one that was open.
func TestLoginTakesNoSessionThatItIsGiven(t *testing.T) {
	b := newBench(t)
	c := b.stranger()
	u, _ := url.Parse(b.server.URL)
	c.Jar.SetCookies(u, []*http.Cookie{{Name: "markwatch", Value: "chosen-by-an-attacker", Path: "/"}})
	res, _ := c.post("/login", url.Values{"name": {"zhangmin"}, "password": {password}})
	first := res.Cookies()[0]
	if first.Value == "chosen-by-an-attacker" || len(first.Value) < 40 {
		t.Errorf("the session is %q", first.Value)
	}
	if res, _ = c.post("/login", url.Values{"name": {"zhangmin"}, "password": {password}}); res.Cookies()[0].Value == first.Value {
		t.Error("a second login keeps the session")
	}
	old := b.stranger()
	old.Jar.SetCookies(u, []*http.Cookie{first})
	if res, _ := old.get("/"); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("the session before a second login answers %d", res.StatusCode)
	}
}

func TestSessionsExpire(t *testing.T) {
	b := newBench(t)
	c := b.login()
	b.pass(110 * time.Minute)
	if res, _ := c.get("/scans"); res.StatusCode != http.StatusOK {
		t.Errorf("a session in use answers %d", res.StatusCode)
	}
	b.pass(2 * time.Hour)
	res, body := c.get("/leads/demo-1001?x=1")
	if res.StatusCode != http.StatusUnauthorized || !strings.Contains(body, "登录已过期") || !strings.Contains(body, `value="/leads/demo-1001?x=1"`) {
		t.Errorf("a session that was idle for two hours answers %d", res.StatusCode)
	}
}

func TestNobodyIsSentElsewhereAfterLogin(t *testing.T) {
	b := newBench(t)
	for _, next := range [...]string{"https://evil.example/", "//evil.example", `/\evil.example`, "/\r\nSet-Cookie: a=b", "javascript:alert(1)"} {
		res, _ := b.stranger().post("/login", url.Values{"name": {"zhangmin"}, "password": {password}, "next": {next}})
		if to := res.Header.Get("Location"); to != "/" || len(res.Cookies()) != 1 {
			t.Errorf("%q leads to %q with %d cookies", next, to, len(res.Cookies()))
		}
	}
}
