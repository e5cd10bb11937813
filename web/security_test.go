package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
)

// No address leads out of what the desk serves.
func TestPathsThatClimb(t *testing.T) {
	b, p := administered(t, nil)
	c := b.login()
	for _, climb := range [...]string{"../../../../etc/passwd", "..%2f..%2f..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd", "..%5c..%5cetc%5cpasswd", "%2fetc%2fpasswd", "..;/etc/passwd", "x%00/../etc/passwd"} {
		for _, under := range [...]string{"/static/", "/captures/", "/captures/demo-1001/pictures/", "/leads/", "/scans/", "/lists/", "/lists/brands/entry/", "/lists/brands/export/", "/sources/", "/saved/", "/api/v1/leads/", "/api/v1/brands/", "/api/v1/tables/"} {
			res, body := c.get(under + climb)
			if res.StatusCode == http.StatusOK || strings.Contains(body, "root:") {
				t.Errorf("%s answers %d", under+climb, res.StatusCode)
			}
			if res.StatusCode >= 500 {
				t.Errorf("%s is a fault: %d", under+climb, res.StatusCode)
			}
		}
		if res := p.call("POST", "/tables/"+climb, "id\nx\n", nil); res.StatusCode == http.StatusOK {
			t.Errorf("a table for %s is taken", climb)
		}
	}
}

// Nothing that somebody writes becomes a header of an answer.
func TestNothingTypedBecomesAHeader(t *testing.T) {
	b, p := administered(t, nil)
	c := b.login()
	evil := "x\r\nSet-Cookie: evil=1\r\nX-Evil: 1"
	check := func(what string, res *http.Response) {
		t.Helper()
		if res.Header.Get("X-Evil") != "" {
			t.Errorf("%s makes a header", what)
		}
		for _, cookie := range res.Cookies() {
			if cookie.Name == "evil" {
				t.Errorf("%s makes a cookie", what)
			}
		}
		for name, values := range res.Header {
			for _, v := range values {
				if strings.ContainsAny(v, "\r\n") {
					t.Errorf("%s: the header %s holds a line break", what, name)
				}
			}
		}
	}
	for _, path := range [...]string{
		"/?q=", "/?lang=", "/?sort=", "/login?next=", "/login?token=", "/lists/brands?version=", "/lists/brands?q=", "/export?format=", "/saved?done=", "/sellers?q=",
		"/leads/", "/lists/brands/entry/", "/captures/", "/api/v1/leads?q=", "/api/v1/tables/brands?format=", "/api/v1/leads/",
	} {
		res, _ := c.get(path + url.PathEscape(evil))
		check(path, res)
	}
	for path, form := range map[string]url.Values{
		"/login": {"name": {evil}, "password": {evil}, "next": {"/" + evil}}, "/triage": {"id": {"demo-1001"}, "status": {"review"}, "return": {"/?q=" + evil}},
		"/lists/brands/entry/+": {"id": {evil}, "name_zh": {evil}}, "/saved": {"name": {evil}, "q": {"耐克"}}, "/people": {"id": {evil}, "role": {"viewer"}},
		"/rules/" + url.PathEscape(evil): {"do": {"off"}},
	} {
		res, _ := c.post(path, form)
		check("POST "+path, res)
	}
	check("a token's name", p.call("POST", "/me/tokens", `{"name":"x\r\nX-Evil: 1","scopes":["see"],"days":1}`, nil))
}

// By the API too nobody reaches what is another's or lies beyond their bounds,
// whatever id they guess.
func TestAPIKeepsToOnesOwn(t *testing.T) {
	b, _ := administered(t, nil)
	owner, other := b.program("investigator", accounts.See, accounts.Decide), b.program("approver", accounts.See, accounts.Decide, accounts.Approve)
	var kept markwatch.SavedSearch
	owner.call("POST", "/saved", `{"name":"我的","query":"耐克"}`, &kept)
	var token struct{ ID string }
	owner.call("POST", "/me/tokens", `{"name":"x","scopes":["see"],"days":1}`, &token)
	if kept.ID == "" || token.ID == "" {
		t.Fatalf("%+v %+v", kept, token)
	}
	for _, c := range [][2]string{{"GET", "/saved/" + kept.ID + "/hits"}, {"DELETE", "/saved/" + kept.ID}, {"DELETE", "/me/tokens/" + token.ID}} {
		if res := other.call(c[0], c[1], "", nil); res.StatusCode != http.StatusNotFound {
			t.Errorf("another's %s %s: %d", c[0], c[1], res.StatusCode)
		}
	}
	fujian := b.program("fujian", accounts.See, accounts.Decide)
	for _, c := range [][3]string{
		{"GET", "/leads/demo-1002", ""}, {"GET", "/leads/demo-1002/events", ""}, {"GET", "/leads/demo-1002/prices", ""}, {"GET", "/leads/demo-1002/handling", ""},
		{"GET", "/leads/demo-1002/page", ""}, {"GET", "/leads/demo-1002/screenshot", ""}, {"GET", "/leads/demo-1002/pictures/0", ""},
		{"PATCH", "/leads/demo-1002", `{"note":"x"}`}, {"PUT", "/leads/demo-1002/addressee", `{"unit":"gy-scjg","reason":"x"}`},
	} {
		if res := fujian.call(c[0], c[1], c[2], nil); res.StatusCode != http.StatusNotFound {
			t.Errorf("beyond the bounds, %s %s: %d", c[0], c[1], res.StatusCode)
		}
	}
}
