package web_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/web"
)

func TestStrangersSeeNothing(t *testing.T) {
	b := newBench(t, market()...)
	c := b.stranger()
	for _, path := range [...]string{"/", "/?q=耐克", "/leads/demo-1001", "/captures/demo-1001", "/captures/demo-1001/source", "/scans", "/scans/x", "/scans/events", "/scans/finished", "/sources", "/help", "/nowhere"} {
		res, body := c.get(path)
		if res.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s answers a stranger with %d", path, res.StatusCode)
		}
		if strings.Contains(body, "小白鞋") || strings.Contains(body, "东京小站") {
			t.Errorf("%s shows a stranger what was found", path)
		}
	}
	for _, path := range [...]string{"/triage", "/leads/demo-1001"} {
		if res, _ := c.post(path, url.Values{"id": {"demo-1001"}, "status": {"confirmed"}}); res.StatusCode != http.StatusUnauthorized {
			t.Errorf("POST %s answers a stranger with %d", path, res.StatusCode)
		}
	}
	if l, _ := b.store.Lead(t.Context(), "demo-1001"); l.Status != markwatch.LeadNew {
		t.Errorf("a stranger made the lead %s", l.Status)
	}
	if res, body := c.get("/healthz"); res.StatusCode != http.StatusOK || body != "{\"status\":\"ok\"}\n" {
		t.Errorf("/healthz: %d %q", res.StatusCode, body)
	}
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	b := newBench(t, market()...)
	b.pages["2026/1121.warc.gz#1001"] = &markwatch.Page{Header: http.Header{"Content-Type": {"text/html"}}, Body: []byte(capturedPage)}
	c := b.login()
	for _, path := range [...]string{"/", "/leads/demo-1001", "/scans", "/login?token=x", "/nowhere", "/healthz", "/static/desk.css", "/captures/demo-1001", "/captures/demo-1001/source"} {
		res, _ := c.get(path)
		csp := res.Header.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'none'") {
			t.Errorf("%s: policy %q", path, csp)
		}
		if strings.HasPrefix(path, "/captures/") {
			if !strings.HasPrefix(csp, "sandbox;") || strings.Contains(csp, "script-src") || strings.Contains(csp, "allow-") {
				t.Errorf("%s: policy %q", path, csp)
			}
		} else if strings.Contains(csp, "unsafe") || !strings.Contains(csp, "frame-ancestors 'none'") || !strings.Contains(csp, "base-uri 'none'") {
			t.Errorf("%s: policy %q", path, csp)
		}
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin",
		} {
			if got := res.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
	}
}

func TestPagesHaveNoInlineScriptOrStyle(t *testing.T) {
	b := newBench(t, market()...).operate(nights())
	c := b.login()
	for _, path := range [...]string{"/", "/?q=耐克", "/leads/demo-1001", "/scans", "/scans/sample-market-30", "/sources", "/help"} {
		_, body := c.get(path)
		for _, bad := range [...]string{" style=", "<style", " onclick=", "javascript:"} {
			if strings.Contains(body, bad) {
				t.Errorf("%s holds %q", path, bad)
			}
		}
		if n := strings.Count(body, "<script"); n == 0 || n != strings.Count(body, `<script src="/static/`) {
			t.Errorf("%s has %d scripts, some inline", path, n)
		}
	}
}

func TestRequestsOfOtherSitesAreRefused(t *testing.T) {
	b := newBench(t, market()...)
	c := b.login()
	form := url.Values{"status": {"confirmed"}, "id": {"demo-1001"}}
	for _, header := range [][]string{
		{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"},
	} {
		for _, path := range [...]string{"/leads/demo-1001", "/triage", "/logout", "/login"} {
			if res, _ := c.post(path, form, header...); res.StatusCode != http.StatusForbidden {
				t.Errorf("POST %s with %v answers %d", path, header, res.StatusCode)
			}
		}
	}
	if l, _ := b.store.Lead(t.Context(), "demo-1001"); l.Status != markwatch.LeadNew {
		t.Errorf("another site made the lead %s", l.Status)
	}
	if res, _ := c.post("/leads/demo-1001", form, "Sec-Fetch-Site", "same-origin", "Origin", b.server.URL); res.StatusCode != http.StatusSeeOther {
		t.Errorf("the desk's own form answers %d", res.StatusCode)
	}
}

func TestBodiesThatNoFormSends(t *testing.T) {
	b := newBench(t, market()...)
	c := b.login()
	if res, _ := c.post("/triage", url.Values{"id": {strings.Repeat("x", 100<<10)}}); res.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("a body that is too large answers %d", res.StatusCode)
	}
	if res, _ := c.post("/triage", nil, "Content-Type", "application/json"); res.StatusCode != http.StatusUnsupportedMediaType {
		t.Errorf("JSON answers %d", res.StatusCode)
	}
	if res, _ := c.post("/triage", nil, "Content-Type", "text/plain"); res.StatusCode != http.StatusUnsupportedMediaType {
		t.Errorf("plain text answers %d", res.StatusCode)
	}
}

func TestAuditLogHasWhatWasDone(t *testing.T) {
	b := newBench(t, market()...).operate(nights())
	b.pages["2026/1121.warc.gz#1001"] = &markwatch.Page{Header: http.Header{"Content-Type": {"text/html"}}, Body: []byte(capturedPage)}
	c := b.login()
	c.get("/?q=耐克")
	c.get("/leads/demo-1001")
	c.get("/captures/demo-1001")
	c.post("/leads/demo-1001", url.Values{"status": {"confirmed"}})
	for _, path := range [...]string{"/scans", "/scans/sample-market-1", "/sources"} {
		c.get(path)
	}
	var pages []string
	for _, e := range b.audits(web.AuditPageView) {
		pages = append(pages, e.Object)
	}
	if strings.Join(pages, " ") != "/scans /scans/sample-market-1 /sources" {
		t.Errorf("views of pages: %v", pages)
	}
	for action, object := range map[web.AuditAction]string{
		web.AuditLogin: "", web.AuditSearch: "/?q=%E8%80%90%E5%85%8B", web.AuditLeadView: "demo-1001",
		web.AuditCaptureView: "demo-1001", web.AuditLeadChange: "demo-1001",
	} {
		got := b.audits(action)
		if len(got) != 1 || got[0].Actor != "zhangmin" || got[0].Remote != "127.0.0.1" || got[0].Object != object || !got[0].At.Equal(now) {
			t.Errorf("%s: %+v", action, got)
		}
	}
}

func TestWhatCannotBeAuditedIsNotShown(t *testing.T) {
	b := newBench(t, market()...)
	cfg := b.config()
	full := false
	cfg.Audit = func(context.Context, markwatch.AuditEntry) error {
		if full {
			return errors.New("disk full")
		}
		return nil
	}
	h, err := web.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	b.server.Config.Handler = h
	c := b.login()
	full = true
	for _, path := range [...]string{"/", "/leads/demo-1001"} {
		if res, body := c.get(path); res.StatusCode != http.StatusServiceUnavailable || strings.Contains(body, "小白鞋") || strings.Contains(body, "disk full") {
			t.Errorf("%s without an audit log: %d", path, res.StatusCode)
		}
	}
	c.post("/leads/demo-1001", url.Values{"status": {"confirmed"}})
	if l, _ := b.store.Lead(t.Context(), "demo-1001"); l.Status != markwatch.LeadNew {
		t.Errorf("without an audit log the lead became %s", l.Status)
	}
}

func TestErrorsSpeakTheReadersLanguage(t *testing.T) {
	b := newBench(t, market()...)
	c := b.login()
	for _, test := range []struct {
		path string
		code int
		text string
	}{
		{"/leads/nothing", 404, "没有找到"}, {"/leads/nothing?lang=en", 404, "Not found"}, {"/nowhere", 404, "Not found"}, // the cookie stays
		{"/?p=0&lang=zh", 400, "看不懂"}, {"/?f=score:1", 400, "看不懂"}, {"/?sort=odd", 400, "看不懂"}, {"/?q=price:abc", 400, `<mark class="wrong">a</mark>`},
		{"/captures/demo-1004", 404, "没有找到"}, {"/static/none.css", 404, "没有找到"},
		{"/?q=" + strings.Repeat("a", 1001), 400, "看不懂"},
	} {
		if res, body := c.get(test.path); res.StatusCode != test.code || !strings.Contains(body, test.text) {
			t.Errorf("%.60s: %d, want %d with %q", test.path, res.StatusCode, test.code, test.text)
		}
	}
}

func TestServerHasLimits(t *testing.T) {
	s := web.Server("127.0.0.1:0", http.NotFoundHandler())
	if s.ReadHeaderTimeout == 0 || s.ReadTimeout == 0 || s.WriteTimeout == 0 || s.IdleTimeout == 0 || s.MaxHeaderBytes == 0 {
		t.Errorf("a limit is missing: %+v", s)
	}
}

func TestNewNamesWhatIsMissing(t *testing.T) {
	if _, err := web.New(web.Config{}); markwatch.ErrorCode(err) != markwatch.CodeInvalid {
		t.Errorf("an empty configuration: %v", err)
	}
}
