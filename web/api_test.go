package web_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/web"
)

// program is a program that calls the API with a token.
type program struct {
	*client
	token string
}

func (b *bench) program(user string, scopes ...accounts.Permission) *program {
	b.t.Helper()
	u, err := b.people.User(b.t.Context(), user)
	if err != nil {
		b.t.Fatal(err)
	}
	token, _, err := b.people.NewToken(b.t.Context(), u, "test", scopes, time.Hour)
	if err != nil {
		b.t.Fatal(err)
	}
	return &program{b.stranger(), token}
}

func (p *program) call(method, path, body string, into any) *http.Response {
	p.b.t.Helper()
	req, err := http.NewRequestWithContext(p.b.t.Context(), method, p.b.server.URL+"/api/v1"+path, strings.NewReader(body))
	if err != nil {
		p.b.t.Fatal(err)
	}
	if p.token != "" {
		req.Header.Set("Authorization", "Bearer "+p.token)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	res, text := p.do(req)
	if into != nil {
		if err := json.Unmarshal([]byte(text), into); err != nil {
			p.b.t.Fatalf("%s %s: %d %v in %.300s", method, path, res.StatusCode, err, text)
		}
	}
	return res
}

// problem is RFC 9457.
type problem struct {
	Type, Title, Detail string
	Status              int
}

func TestAPISearchAndChange(t *testing.T) {
	b := newBench(t, market()...)
	p := b.program("zhangmin", accounts.See, accounts.Decide)
	var found struct {
		Total int
		Hits  []struct {
			Lead  *markwatch.Lead
			Score float64
		}
		Facets map[string][]struct {
			Value string
			N     int
		}
	}
	p.call("GET", "/leads?q=price:%3C300&f=violation:counterfeit&facet=violation,region&size=1", "", &found)
	if found.Total != 2 || len(found.Hits) != 1 || found.Hits[0].Lead.ID != "demo-1001" || len(found.Facets["region"]) == 0 {
		t.Errorf("%+v", found)
	}
	var lead markwatch.Lead
	if res := p.call("PATCH", "/leads/demo-1001", `{"status":"dismissed","reason":"genuine","note":"核实过","add_tags":["授权店"],"assignee":"zhangmin"}`, &lead); res.StatusCode != http.StatusOK {
		t.Fatalf("%d %+v", res.StatusCode, lead)
	}
	if lead.Status != markwatch.LeadDismissed || lead.Note != "核实过" || lead.Assignee != "zhangmin" || len(lead.Tags) != 1 {
		t.Errorf("%+v", lead)
	}
	var events []markwatch.LeadEvent
	if p.call("GET", "/leads/"+lead.Number+"/events", "", &events); len(events) != 4 || events[0].Actor != "zhangmin" {
		t.Errorf("%+v", events)
	}
	var prices []map[string]any
	if p.call("GET", "/leads/demo-1001/prices", "", &prices); len(prices) == 0 {
		t.Error("no prices")
	}
	if n := len(b.audits(web.AuditLeadChange)) + len(b.audits(web.AuditLeadView)) + len(b.audits(web.AuditSearch)); n != 4 {
		t.Errorf("%d acts in the audit log", n)
	}
}

func TestAPIProblems(t *testing.T) {
	b := newBench(t, market()...)
	b.crew()
	p := b.program("zhangmin", accounts.See, accounts.Decide)
	nobody := &program{b.stranger(), ""}
	forged := &program{b.stranger(), "mwt_" + strings.Repeat("x", 43)}
	reader := b.program("zhangmin", accounts.See)
	fujian := b.program("fujian", accounts.See, accounts.Decide)
	for _, c := range []struct {
		by                 *program
		method, path, body string
		want               int
	}{
		{nobody, "GET", "/leads", "", 401}, {forged, "GET", "/leads", "", 401}, {reader, "PATCH", "/leads/demo-1001", `{"status":"confirmed"}`, 403},
		{p, "GET", "/people", "", 403}, {p, "GET", "/leads/none", "", 404}, {fujian, "GET", "/leads/demo-1002", "", 404}, {p, "GET", "/nothing", "", 404},
		{fujian, "PATCH", "/leads/demo-1002", `{"status":"confirmed"}`, 404}, {p, "DELETE", "/leads/demo-1001", "", 404},
		{p, "GET", "/leads?q=price:abc", "", 400}, {p, "GET", "/leads?f=nothing:x", "", 400}, {p, "GET", "/leads?size=100000", "", 422}, {p, "GET", "/leads?surprise=1", "", 422},
		{p, "PATCH", "/leads/demo-1001", `{"status":"confirmed","surprise":1}`, 422}, {p, "PATCH", "/leads/demo-1001", `{"status":`, 400},
		{p, "PATCH", "/leads/demo-1001", `{"status":"dismissed"}`, 400}, {p, "PATCH", "/leads/demo-1001", `{"status":"paid"}`, 400},
		{p, "PATCH", "/leads/demo-1001", `{"note":"` + strings.Repeat("x", 100<<10) + `"}`, 413},
	} {
		var got problem
		res := c.by.call(c.method, c.path, c.body, &got)
		if res.StatusCode != c.want || got.Status != c.want || got.Title == "" || res.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %s answers %d %q: %+v", c.method, c.path, res.StatusCode, res.Header.Get("Content-Type"), got)
		}
	}
	for _, id := range [...]string{"demo-1001", "demo-1002"} {
		if l, _ := b.store.Lead(t.Context(), id); l.Status != markwatch.LeadNew {
			t.Errorf("%s became %s", id, l.Status)
		}
	}
}

// A session's cookie serves calls of the desk's own pages, and of no other site.
func TestAPIWithASession(t *testing.T) {
	b := newBench(t, market()...)
	c := b.login()
	if res, body := c.get("/api/v1/me"); res.StatusCode != http.StatusOK || !strings.Contains(body, "zhangmin") || strings.Contains(body, "argon2") {
		t.Errorf("%d %s", res.StatusCode, body)
	}
	for _, origin := range [...]string{"https://evil.example", "null"} {
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodPatch, b.server.URL+"/api/v1/leads/demo-1001", strings.NewReader(`{"status":"confirmed"}`))
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Origin", origin)
		if res, _ := c.do(req); res.StatusCode != http.StatusForbidden || res.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("a call of %s answers %d", origin, res.StatusCode)
		}
	}
}

func TestAPIPace(t *testing.T) {
	b := newBench(t)
	p := b.program("zhangmin", accounts.See)
	for range 60 {
		if res := p.call("GET", "/me", "", nil); res.StatusCode != http.StatusOK {
			t.Fatalf("within the pace: %d", res.StatusCode)
		}
	}
	var got problem
	if res := p.call("GET", "/me", "", &got); res.StatusCode != http.StatusTooManyRequests || res.Header.Get("Retry-After") != "1" || got.Type != "urn:markwatch:problem:too-many" {
		t.Errorf("beyond the pace: %d %+v", res.StatusCode, got)
	}
}

func TestAPIPeople(t *testing.T) {
	b := newBench(t)
	p := b.program("zhangmin", accounts.Permissions()...)
	var link struct{ Link string }
	if res := p.call("POST", "/people", `{"id":"lili","role":"viewer","regions":["福建省"]}`, &link); res.StatusCode != http.StatusOK || !strings.Contains(link.Link, "/login?token=") {
		t.Errorf("%d %+v", res.StatusCode, link)
	}
	var u markwatch.User
	if p.call("PUT", "/people/lili", `{"role":"approver","disabled":true}`, &u); u.Role != markwatch.RoleApprover || !u.Disabled {
		t.Errorf("%+v", u)
	}
	var entries []markwatch.AuditEntry
	if p.call("GET", "/audit?action=user-change", "", &entries); len(entries) != 1 || entries[0].Object != "lili" || entries[0].Hash == "" {
		t.Errorf("%+v", entries)
	}
	var made struct{ ID, Token string }
	p.call("POST", "/me/tokens", `{"name":"x","scopes":["see"],"days":1}`, &made)
	if res := p.call("DELETE", "/me/tokens/"+made.ID, "", nil); made.Token == "" || res.StatusCode != http.StatusNoContent {
		t.Errorf("%+v %d", made, res.StatusCode)
	}
	var got problem
	if res := b.program("zhangmin", accounts.See).call("POST", "/me/tokens", `{"name":"x","scopes":["administer"],"days":1}`, &got); res.StatusCode != http.StatusBadRequest {
		t.Errorf("a token that makes itself more: %d", res.StatusCode)
	}
}

// The description is OpenAPI 3.1, names every call with its scope, and the page
// shows each of them.
func TestAPIDescription(t *testing.T) {
	b := newBench(t)
	c := b.login()
	_, body := c.get("/api/openapi.json")
	var doc struct {
		OpenAPI string
		Paths   map[string]map[string]struct{ OperationID, Summary, Description string }
	}
	if err := json.Unmarshal([]byte(body), &doc); err != nil || !strings.HasPrefix(doc.OpenAPI, "3.1") || len(doc.Paths) < 10 {
		t.Fatalf("%v, %q, %d paths", err, doc.OpenAPI, len(doc.Paths))
	}
	_, page := c.get("/api/docs")
	for path, calls := range doc.Paths {
		for method, call := range calls {
			if !strings.Contains(page, `id="`+call.OperationID+`"`) || !strings.Contains(call.Summary, " / ") || !strings.HasPrefix(call.Description, "scope: ") {
				t.Errorf("%s %s is not described: %+v", method, path, call)
			}
		}
	}
	if strings.Contains(body, "PasswordHash") || strings.Contains(body, "Digest") {
		t.Error("the description speaks of secrets")
	}
	if res, _ := b.stranger().get("/api/openapi.json"); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("a stranger's description: %d", res.StatusCode)
	}
}
