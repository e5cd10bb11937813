package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/notices"
)

// What a webhook is reached and signed with: neither may be seen.
const (
	hookToken  = "token-that-nobody-may-see"
	hookSecret = "secret-that-nobody-may-see"
)

// hook gathers what a webhook is told.
type hook struct {
	mu     sync.Mutex
	told   []notices.Event
	refuse int // so many are refused first
	wrong  []string
}

func startHook(t *testing.T) *hook {
	t.Helper()
	h := &hook{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		mac := hmac.New(sha256.New, []byte(hookSecret))
		mac.Write(body)
		h.mu.Lock()
		defer h.mu.Unlock()
		var e notices.Event
		switch {
		case h.refuse > 0:
			h.refuse--
			http.Error(w, "not now", http.StatusServiceUnavailable)
			return
		case err != nil, r.URL.Path != "/"+hookToken, r.Header.Get("X-Markwatch-Signature") != "sha256="+hex.EncodeToString(mac.Sum(nil)), json.Unmarshal(body, &e) != nil:
			h.wrong = append(h.wrong, string(body))
		}
		h.told = append(h.told, e)
	}))
	t.Cleanup(server.Close)
	t.Setenv("MARKWATCH_TEST_HOOK", server.URL+"/"+hookToken)
	t.Setenv("MARKWATCH_TEST_HOOK_SECRET", hookSecret)
	return h
}

const hookSetting = "notices: [{kind: webhook, url: '${MARKWATCH_TEST_HOOK}', secret: '${MARKWATCH_TEST_HOOK_SECRET}', " +
	"on: [scan-finished, scan-failed, source-blocked, source-degraded, grave-lead]}]"

// kinds are those of what was told since the last call, sorted.
func (h *hook) kinds(t *testing.T) []string {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	var kinds []string
	for _, e := range h.told {
		kinds = append(kinds, string(e.Kind))
		if e.Source == "" || e.Title.ZH == "" || e.Title.EN == "" {
			t.Errorf("a notice says too little: %+v", e)
		}
	}
	h.told = nil
	if len(h.wrong) > 0 {
		t.Errorf("unsigned or unreadable: %q", h.wrong)
	}
	slices.Sort(kinds)
	return kinds
}

func secretsAreKept(t *testing.T, o outcome) {
	t.Helper()
	for _, secret := range []string{hookToken, hookSecret} {
		if strings.Contains(o.out+o.err, secret) {
			t.Errorf("a secret is told:\n%s%s", o.out, o.err)
		}
	}
}

func TestScansAndGraveLeadsAreToldOnce(t *testing.T) {
	h := startHook(t)
	dir := startSample(t, 200).config(t)
	setting(t, dir, hookSetting)
	grave := false
	h.refuse = 1 // a channel that is away for a moment is told a little later
	o := program(t, "scan", "--config", dir, "--log-level", "debug")
	if o.code != exitOK {
		t.Fatalf("code %d: %s", o.code, o.err)
	}
	secretsAreKept(t, o)
	for _, l := range rows[markwatch.Lead](t, must(t, "leads", "list", "--config", dir, "--json")) {
		grave = grave || l.Verdict.Score >= graveScore
	}
	if !grave {
		t.Fatal("the market has no grave lead")
	}
	if got := h.kinds(t); !slices.Equal(got, []string{"grave-lead", "scan-finished"}) {
		t.Errorf("told were %v", got)
	}
	secretsAreKept(t, program(t, "scan", "--config", dir))
	if got := h.kinds(t); !slices.Equal(got, []string{"scan-finished"}) {
		t.Errorf("told of the second night were %v", got)
	}
}

func TestABlockedSourceIsTold(t *testing.T) {
	h := startHook(t)
	wall := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, "<title>百度安全验证</title><p>网络不给力,请稍后重试</p>")
	}))
	defer wall.Close()
	dir := starter(t)
	setting(t, dir, hookSetting)
	write(t, filepath.Join(dir, "sources", "wall.yaml"), fmt.Sprintf("sources:\n  - id: wall\n    kind: marketplace\n    start: ['%[1]s/a', '%[1]s/b', '%[1]s/c']\n    allow: ['%[2]s/*']\n"+
		"    private_addresses: allow\n    politeness: {delay: 10ms}\n", wall.URL, strings.TrimPrefix(wall.URL, "http://")))
	o := program(t, "scan", "--config", dir, "--json")
	secretsAreKept(t, o)
	sum := rows[markwatch.ScanSummary](t, o.out)[0]
	if o.code != exitUnavailable || sum.Complete || sum.Pages.Blocked == 0 || len(sum.Warnings) == 0 {
		t.Errorf("code %d: %+v\n%s", o.code, sum, o.err)
	}
	if got := h.kinds(t); !slices.Equal(got, []string{"scan-finished", "source-blocked"}) {
		t.Errorf("told were %v", got)
	}
	state := sourceState(t, dir)
	if state.Health != markwatch.HealthBlocked {
		t.Errorf("health %s", state.Health)
	}
	if o := program(t, "search", "--config", dir); !strings.Contains(o.err, "拦截 blocked") {
		t.Errorf("a search without hits does not tell of the wall: %s", o.err)
	}
}
