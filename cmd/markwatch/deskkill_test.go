//go:build unix

package main

import (
	"bufio"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/leads/batch"
)

// serveAt starts the desk of a deployment that has people and returns its
// address.
func serveAt(t *testing.T, dir string, more ...string) (*exec.Cmd, string) {
	t.Helper()
	cmd := process(t, append([]string{"serve", "--config", dir, "--listen", "127.0.0.1:0"}, more...)...)
	messages, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	address := regexp.MustCompile(`http://127\.0\.0\.1:\d+`)
	lines := bufio.NewScanner(messages)
	for lines.Scan() {
		if found := address.FindString(lines.Text()); found != "" {
			go func() { _, _ = io.Copy(io.Discard, messages) }()
			return cmd, found
		}
	}
	t.Fatalf("serve printed no address: %v", cmd.Wait())
	return nil, ""
}

// TestKillingTheDeskWhileItMakesABatch kills serve at ever later instants of a
// batch that was begun on its page, until one comes to its end: there is never
// half a batch, no number is used twice, the page says what was broken off, and
// the batch's files can be made from its page.
func TestKillingTheDeskWhileItMakesABatch(t *testing.T) {
	m := startSample(t, 100)
	dir := m.config(t)
	write(t, filepath.Join(dir, "units.yaml"), "version: 1\nunits:\n  - {id: u, name: 某局, authority: market}\nroutes:\n  - {violation: counterfeit, to: {unit: u}}\n")
	write(t, filepath.Join(dir, "gates.yaml"), "version: 1\ngates: []\n")
	write(t, filepath.Join(dir, "handling.yaml"), "version: 1\ndeliveries:\n  - {unit: u, kind: folder, path: out}\n")
	must(t, "scan", "--config", dir, "--json")
	var numbers []string
	for _, l := range rows[markwatch.Lead](t, must(t, "leads", "list", "--config", dir, "--json")) {
		if v := l.Verdict.Violations[markwatch.Counterfeit]; v.Flagged && v.Score == l.Verdict.Score {
			numbers = append(numbers, l.Number)
		}
	}
	zhang, li := colleague(t, dir, "zhangmin", markwatch.RoleInvestigator), colleague(t, dir, "liqiang", markwatch.RoleApprover)
	must(t, append([]string{"leads", "act", "confirm", "--config", dir, "--token-file", zhang}, numbers...)...)
	must(t, append([]string{"leads", "approve", "--config", dir, "--token-file", li}, numbers...)...)
	must(t, "user", "add", "wangli", "--role", "approver", "--config", dir)

	broken, done := 0, false
	for wait := 10 * time.Millisecond; !done; wait *= 3 {
		cmd, base := serveAt(t, dir, "--no-scan")
		ask := deskClient(t, base, dir)
		if page := ask("GET", "/batches", nil); strings.Contains(page, "中断,可重新开始") {
			broken++
		}
		ask("POST", "/batches", url.Values{"unit": {"u"}, "packages": {"1"}, "recheck": {"1"}})
		for end := time.Now().Add(wait); time.Now().Before(end) && !done; time.Sleep(5 * time.Millisecond) {
			done = wait > time.Second && strings.Contains(ask("GET", "/batches", nil), `data-state="done"`)
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // it was killed
		made := wholeOrNothing(t, dir, numbers)
		if len(made) > 1 {
			t.Fatalf("batches %v", made)
		}
		if len(made) == 0 {
			continue
		}
		// The number is taken: what is missing is made from the batch's page.
		_, base = serveAt(t, dir, "--no-scan")
		ask = deskClient(t, base, dir)
		ask("POST", "/batches/"+url.PathEscape(made[0])+"/deliver", url.Values{})
		eventually(t, "the batch's delivery", func() bool {
			return !strings.Contains(ask("GET", "/batches/"+url.PathEscape(made[0]), nil), `data-state="running"`)
		})
		for _, folder := range []string{filepath.Join(dir, "data", "batches"), filepath.Join(dir, "out")} {
			if _, err := os.Stat(filepath.Join(folder, made[0], batch.ManifestName)); err != nil {
				t.Error(err)
			}
		}
		done = true
	}
	if broken == 0 {
		t.Error("no page said that a batch was broken off")
	}
}

// deskClient logs in at a desk and returns what asks it for pages.
func deskClient(t *testing.T, base, dir string) func(method, path string, form url.Values) string {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, Timeout: patience()}
	ask := func(method, path string, form url.Values) string {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, base+path, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		if method == http.MethodPost {
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.Header.Set("Origin", base)
		}
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode >= http.StatusBadRequest {
			t.Fatalf("%s %s: %s %v %.500s", method, path, res.Status, err, body)
		}
		return string(body)
	}
	_, token, _ := strings.Cut(must(t, "user", "link", "wangli", "--login", "--config", dir), "/login?token=")
	token, _, _ = strings.Cut(token, "\n")
	ask(http.MethodPost, "/login", url.Values{"token": {strings.TrimSpace(token)}})
	return ask
}
