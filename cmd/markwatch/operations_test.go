//go:build unix

package main

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/markwatch/markwatch"
)

// longPassword is that of the administrator whom a first start makes.
const longPassword = "a phrase that nobody guesses"

// loggedIn opens a session at the desk of a login link, or of the link of a
// first start.
func loggedIn(t *testing.T, link string) (client *http.Client, base string) {
	t.Helper()
	base, token, _ := strings.Cut(link, "/login?token=")
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client = &http.Client{Jar: jar, Timeout: patience()}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/login", strings.NewReader(url.Values{"token": {token}, "user": {"boss"}, "password": {longPassword}, "again": {longPassword}}.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", base)
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("login: %s", resp.Status)
	}
	return client, base
}

func fetched(t *testing.T, client *http.Client, address string) (status int, body string) {
	t.Helper()
	resp, err := client.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(content)
}

// figures adds up what a scrape holds, by the names of its metrics.
func figures(t *testing.T, base string) map[string]float64 {
	t.Helper()
	status, body := fetched(t, http.DefaultClient, base+"/metrics")
	if status != http.StatusOK {
		t.Fatalf("/metrics: %d\n%s", status, body)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string]float64{}
	for name, family := range families {
		for _, m := range family.Metric {
			switch family.GetType() {
			case dto.MetricType_COUNTER:
				sums[name] += m.GetCounter().GetValue()
			case dto.MetricType_GAUGE:
				sums[name] += m.GetGauge().GetValue()
			}
		}
	}
	return sums
}

// TestServeShowsTheScanThatItGoesOnWith looks at the operator's pages and
// figures while serve ends what a killed scan began.
func TestServeShowsTheScanThatItGoesOnWith(t *testing.T) {
	m := startSample(t, 200)
	dir := m.config(t)
	setting(t, dir, "archive: {quota: 1GiB, rotate: 64MiB}")
	m.hold(100)
	cmd, ended := start(t, "scan", "--config", dir)
	eventually(t, "the scan to begin", func() bool { return m.requests() >= 20 })
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-ended
	m.release()
	_, link := startServe(t, dir)
	client, base := loggedIn(t, link)
	var got map[string]float64
	eventually(t, "the scan to end", func() bool {
		time.Sleep(100 * time.Millisecond)
		got = figures(t, base)
		if running := got["markwatch_scan_running"]; running < 0 || running > 1 {
			t.Fatalf("%v scans run", running)
		}
		return got["markwatch_scans_total"] == 1 && got["markwatch_scan_running"] == 0
	})
	for _, name := range []string{"markwatch_pages_total", "markwatch_requests_total", "markwatch_received_bytes_total", "markwatch_listings_total", "markwatch_captures_bytes"} {
		if got[name] <= 0 {
			t.Errorf("%s is %v", name, got[name])
		}
	}
	if got["markwatch_capture_quota_bytes"] != 1<<30 || got["markwatch_frontier_queued"] != 0 {
		t.Errorf("quota %v, queued %v", got["markwatch_capture_quota_bytes"], got["markwatch_frontier_queued"])
	}
	last := sourceState(t, dir).Last
	stranger := &http.Client{Timeout: patience(), CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for path, want := range map[string]string{"/scans": last.Scan, "/scans/" + last.Scan: last.Scan, "/sources": "sample-market"} {
		if status, body := fetched(t, client, base+path); status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s: %d\n%.1000s", path, status, body)
		}
		if status, _ := fetched(t, stranger, base+path); status == http.StatusOK {
			t.Errorf("%s is shown without a login", path)
		}
	}
	if text := must(t, "sources", "--config", dir, "--names"); !strings.Contains(text, "正常 good") || !strings.Contains(text, "最近覆盖 last covered") {
		t.Errorf("sources beside serve:\n%s", text)
	}
}

func TestAFullQuotaStopsAScanThatGoesOnWhenItIsRaised(t *testing.T) {
	dir := startSample(t, 300).config(t)
	deployment := filepath.Join(dir, "markwatch.yaml")
	plain, err := os.ReadFile(deployment)
	if err != nil {
		t.Fatal(err)
	}
	setting(t, dir, "archive: {quota: 1MiB, rotate: 1MiB}")
	o := program(t, "scan", "--config", dir)
	if o.code != exitUnavailable || !strings.Contains(o.err, "raise the quota") {
		t.Errorf("code %d\n%s", o.code, o.err)
	}
	state := rows[markwatch.SourceStatus](t, must(t, "sources", "--config", dir, "--json"))[0]
	if state.Running == nil || state.Running.Queued == 0 {
		t.Errorf("what was not seen is not left: %+v", state)
	}
	write(t, deployment, string(plain))
	setting(t, dir, "archive: {quota: 64MiB, rotate: 1MiB}")
	sum := rows[markwatch.ScanSummary](t, must(t, "scan", "--config", dir, "--json"))[0]
	if !sum.Resumed || !sum.Complete || sum.Pages.Failed > 0 {
		t.Errorf("%+v", sum)
	}
}

func TestWithoutABrowserTheRestRuns(t *testing.T) {
	dir := startSample(t, 50).config(t)
	setting(t, dir, "engines: {browser: none}")
	sourceSetting(t, dir, "render: auto")
	o := program(t, "scan", "--config", dir)
	if o.code != exitOK || !strings.Contains(o.err, "浏览器") || !strings.Contains(o.err, "browser") {
		t.Errorf("code %d\n%s", o.code, o.err)
	}
	if sum := sourceState(t, dir).Last; sum.Listings.Seen == 0 {
		t.Errorf("%+v", sum)
	}
}
