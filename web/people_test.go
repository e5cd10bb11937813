package web_test

import (
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/web"
)

// crew adds one person of each role, and one who sees 福建 alone.
func (b *bench) crew() {
	b.add(markwatch.User{ID: "viewer", Role: markwatch.RoleViewer}, markwatch.User{ID: "investigator", Role: markwatch.RoleInvestigator},
		markwatch.User{ID: "approver", Role: markwatch.RoleApprover},
		markwatch.User{ID: "fujian", Role: markwatch.RoleInvestigator, Bounds: markwatch.Bounds{Regions: []string{"福建"}}},
		markwatch.User{ID: "unitless", Role: markwatch.RoleInvestigator, Bounds: markwatch.Bounds{Units: []string{"gy-scjg"}}})
}

// Every act asks for its role, whoever guesses its address.
func TestRoles(t *testing.T) {
	b := newBench(t, market()...)
	b.crew()
	acts := []struct {
		method, path string
		form         url.Values
		least        string
	}{
		{"GET", "/", nil, "viewer"}, {"GET", "/leads/demo-1001", nil, "viewer"}, {"GET", "/scans", nil, "viewer"}, {"GET", "/account", nil, "viewer"},
		{"POST", "/leads/demo-1001", url.Values{"note": {"x"}}, "investigator"},
		{"POST", "/triage", url.Values{"id": {"demo-1002"}, "status": {"review"}}, "investigator"},
		{"POST", "/leads/demo-1001/checks", url.Values{"have.place": {"x"}}, "investigator"},
		{"POST", "/leads/demo-1001/addressee", url.Values{"unit": {"gy-scjg"}, "reason": {"x"}}, "investigator"},
		{"POST", "/leads/demo-1001/steps", url.Values{"act": {"review"}}, "investigator"},
		{"POST", "/leads/demo-1001/approval", nil, "approver"},
		{"GET", "/people", nil, "zhangmin"}, {"POST", "/people", url.Values{"id": {"new"}, "role": {"administrator"}}, "zhangmin"},
		{"POST", "/people/viewer", url.Values{"role": {"administrator"}}, "zhangmin"}, {"POST", "/people/zhangmin/link", nil, "zhangmin"},
		{"GET", "/audit", nil, "zhangmin"},
	}
	order := []string{"viewer", "investigator", "approver", "zhangmin"}
	for i, who := range order {
		c := b.loginAs(who)
		for _, act := range acts {
			allowed := false
			for _, lower := range order[:i+1] {
				allowed = allowed || lower == act.least
			}
			var res *http.Response
			if act.method == "GET" {
				res, _ = c.get(act.path)
			} else {
				res, _ = c.post(act.path, act.form)
			}
			if refused := res.StatusCode == http.StatusForbidden; refused == allowed {
				t.Errorf("%s %s by %s answers %d", act.method, act.path, who, res.StatusCode)
			}
		}
	}
	if u, err := b.people.User(t.Context(), "viewer"); err != nil || u.Role == "" {
		t.Error(err)
	}
	if n := len(b.audits(web.AuditRefused)); n == 0 {
		t.Error("refusals are not in the audit log")
	}
}

func TestAViewerIsShownNothingToChange(t *testing.T) {
	b := newBench(t, market()...)
	b.crew()
	c := b.loginAs("viewer")
	for _, path := range [...]string{"/", "/leads/demo-1001"} {
		_, body := c.get(path)
		for _, form := range [...]string{`action="/triage"`, `id="decide"`, `type="checkbox" form=`, `name="note"`} {
			if strings.Contains(body, form) {
				t.Errorf("%s offers a viewer %s", path, form)
			}
		}
	}
	c.post("/leads/demo-1001", url.Values{"status": {"confirmed"}})
	c.post("/triage", url.Values{"id": {"demo-1001"}, "status": {"confirmed"}})
	if l, _ := b.store.Lead(t.Context(), "demo-1001"); l.Status != markwatch.LeadNew {
		t.Errorf("a viewer made the lead %s", l.Status)
	}
}

// One who is bounded to a region finds, counts, opens and changes nothing
// beyond it, whatever is asked for.
func TestBounds(t *testing.T) {
	b := newBench(t, market()...)
	b.crew()
	c := b.loginAs("fujian")
	_, all := b.login().get("/")
	_, body := c.get("/")
	if !strings.Contains(body, "空军一号") || strings.Contains(body, "东京小站") || !strings.Contains(all, "东京小站") {
		t.Fatal("the search shows what lies beyond the bounds, or not what lies within")
	}
	for _, path := range [...]string{"/?f=region:日本", "/?f=region:广东", "/?q=region:广东", "/?q=id:demo-1002", "/?x=region:福建", "/?q=东京"} {
		_, body := c.get(path)
		if strings.Contains(body, `class="card"`) {
			t.Errorf("%s shows cards", path)
		}
		if strings.Contains(body, "region%3A%E5%B9%BF%E4%B8%9C") && !strings.Contains(path, "广东") {
			t.Errorf("%s counts other regions", path)
		}
	}
	for _, path := range [...]string{"/leads/demo-1002", "/captures/demo-1002", "/captures/demo-1002/source"} {
		if res, _ := c.get(path); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s answers %d", path, res.StatusCode)
		}
	}
	c.post("/leads/demo-1002", url.Values{"status": {"confirmed"}})
	c.post("/triage", url.Values{"id": {"demo-1002"}, "status": {"confirmed"}})
	if l, _ := b.store.Lead(t.Context(), "demo-1002"); l.Status != markwatch.LeadNew {
		t.Errorf("a lead beyond the bounds became %s", l.Status)
	}
	if res, _ := c.post("/leads/demo-1001", url.Values{"status": {"confirmed"}}); res.StatusCode != http.StatusSeeOther {
		t.Errorf("a lead within the bounds: %d", res.StatusCode)
	}
	if _, body := b.loginAs("unitless").get("/"); strings.Contains(body, `class="card"`) {
		t.Error("one who is bounded to a unit is shown leads of no unit")
	}
}

func TestAddingPeople(t *testing.T) {
	b := newBench(t)
	c := b.login()
	form := url.Values{"id": {"lili"}, "name": {"李丽 <b>"}, "role": {"viewer"}, "regions": {"福建省、贵州"}}
	res, body := c.post("/people", form)
	link := regexp.MustCompile(`/login\?token=([\w-]+)`).FindStringSubmatch(body)
	if res.StatusCode != http.StatusOK || link == nil || strings.Contains(body, "李丽 <b>") {
		t.Fatalf("adding: %d", res.StatusCode)
	}
	guest := b.stranger()
	if res, _ := guest.post("/login", url.Values{"token": {link[1]}, "password": {password}, "again": {password}}); res.StatusCode != http.StatusSeeOther {
		t.Fatalf("choosing a password: %d", res.StatusCode)
	}
	u, err := b.people.User(t.Context(), "lili")
	if err != nil || strings.Join(u.Regions, " ") != "福建 贵州" || u.Role != markwatch.RoleViewer {
		t.Errorf("%+v, %v", u, err)
	}
	for name, bad := range map[string]url.Values{
		"twice": form, "a role": {"id": {"x1"}, "role": {"root"}}, "a region": {"id": {"x1"}, "role": {"viewer"}, "regions": {"火星"}},
		"a unit": {"id": {"x1"}, "role": {"viewer"}, "units": {"none"}}, "an id": {"id": {"<script>"}, "role": {"viewer"}},
	} {
		if res, body := c.post("/people", bad); res.StatusCode < 400 || res.StatusCode >= 500 || strings.Contains(body, "<script>") {
			t.Errorf("%s: %d", name, res.StatusCode)
		}
	}
	if res, _ := c.post("/people/lili", url.Values{"role": {"viewer"}, "disabled": {"1"}}); res.StatusCode != http.StatusSeeOther {
		t.Errorf("keeping out: %d", res.StatusCode)
	}
	if res, _ := guest.get("/"); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("one who is kept out: %d", res.StatusCode)
	}
	if res, _ := c.post("/people/zhangmin", url.Values{"role": {"viewer"}}); res.StatusCode != http.StatusConflict {
		t.Errorf("locking oneself out: %d", res.StatusCode)
	}
}

func TestOwnAccount(t *testing.T) {
	b := newBench(t)
	b.crew()
	c, elsewhere := b.loginAs("viewer"), b.loginAs("viewer")
	next := url.Values{"old": {password}, "password": {"另一句更长也更好记的话"}, "again": {"另一句更长也更好记的话"}}
	if res, _ := c.post("/account/password", next); res.StatusCode != http.StatusSeeOther {
		t.Fatalf("a new password: %d", res.StatusCode)
	}
	if res, _ := elsewhere.get("/"); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("a session elsewhere answers %d", res.StatusCode)
	}
	if res, _ := c.post("/account/password", next); res.StatusCode != http.StatusBadRequest {
		t.Errorf("by a wrong old one: %d", res.StatusCode)
	}
	if res, body := c.post("/account/tokens", url.Values{"name": {"日报"}, "scope": {"see"}, "days": {"30"}}); res.StatusCode != http.StatusOK || !strings.Contains(body, "mwt_") {
		t.Errorf("a token: %d", res.StatusCode)
	}
	if res, _ := c.post("/account/tokens", url.Values{"name": {"日报"}, "scope": {"administer"}}); res.StatusCode != http.StatusBadRequest {
		t.Errorf("a token beyond the role: %d", res.StatusCode)
	}
	_, body := c.get("/account")
	id := regexp.MustCompile(`/account/tokens/([\w-]+)`).FindStringSubmatch(body)
	if id == nil || strings.Contains(body, "mwt_") {
		t.Fatal("the token is not listed, or its secret is")
	}
	if res, _ := b.loginAs("investigator").post("/account/tokens/"+id[1], nil); res.StatusCode != http.StatusNotFound {
		t.Errorf("another's token is taken back: %d", res.StatusCode)
	}
	if res, _ := c.post("/account/tokens/"+id[1], nil); res.StatusCode != http.StatusSeeOther {
		t.Errorf("taking back: %d", res.StatusCode)
	}
}

func TestAuditPage(t *testing.T) {
	b := newBench(t, market()...)
	c := b.login()
	c.get("/?q=耐克")
	c.get("/leads/demo-1001")
	_, body := c.get("/audit")
	for _, want := range [...]string{"查看线索", "q=耐克", "127.0.0.1", "/leads/demo-1001", "zhangmin"} {
		if !strings.Contains(body, want) {
			t.Errorf("the log does not show %q", want)
		}
	}
	if _, body := c.get("/audit?what=lead-view&who=zhangmin"); strings.Contains(body, "q=耐克") || !strings.Contains(body, "demo-1001") {
		t.Error("the log cannot be narrowed")
	}
	if res, _ := c.get("/audit?since=yesterday"); res.StatusCode != http.StatusBadRequest {
		t.Errorf("a day that is none: %d", res.StatusCode)
	}
	if checked, err := b.store.VerifyAudit(t.Context(), ""); err != nil || checked.Broken != 0 || checked.Entries == 0 {
		t.Errorf("%+v, %v", checked, err)
	}
}

// Behind a proxy that is named, the client is who the proxy says, and TLS is
// what the proxy speaks; anybody else's word counts for nothing.
func TestBehindAProxy(t *testing.T) {
	for _, c := range []struct {
		name, trusted, forwarded string
		remote                   string
		secure                   bool
	}{
		{"trusted", "127.0.0.0/8", "6.6.6.6, 10.9.8.7", "10.9.8.7", true},
		{"a chain of our own", "127.0.0.0/8", "10.9.8.7, 127.0.0.9", "10.9.8.7", true},
		{"not trusted", "10.0.0.0/8", "10.9.8.7", "127.0.0.1", false},
		{"nonsense", "127.0.0.0/8", "<script>", "127.0.0.1", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			cfg := b.config()
			cfg.Proxies = []netip.Prefix{netip.MustParsePrefix(c.trusted)}
			h, err := web.New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			b.server.Config.Handler = h
			res, _ := b.stranger().post("/login", url.Values{"token": {b.link("zhangmin")}}, "X-Forwarded-For", c.forwarded, "X-Forwarded-Proto", "https")
			cookie := res.Cookies()[0]
			if cookie.Secure != c.secure || (cookie.Name == "__Host-markwatch") != c.secure || (res.Header.Get("Strict-Transport-Security") != "") != c.secure {
				t.Errorf("the cookie is %v", cookie)
			}
			if got := b.audits(web.AuditLogin)[0].Remote; got != c.remote {
				t.Errorf("the login came from %q, want %q", got, c.remote)
			}
		})
	}
}
