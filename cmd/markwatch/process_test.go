//go:build unix

package main

import (
	"bufio"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/markwatch/markwatch"
)

// fileLimit bounds, in bytes, every file that such a process writes: a disk
// that is full.
const fileLimit = "MARKWATCH_TEST_FILE_LIMIT"

// init sets the limit before the test binary runs as the program, which
// TestMain makes it do.
func init() {
	limit, err := strconv.ParseUint(os.Getenv(fileLimit), 10, 64)
	if err != nil {
		return
	}
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: limit, Max: limit}); err != nil {
		panic(err)
	}
}

// process starts markwatch as a process of its own.
func process(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe, args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	return cmd
}

// startServe starts the desk on a free port and returns its login link.
func startServe(t *testing.T, dir string) (*exec.Cmd, string) {
	t.Helper()
	cmd := process(t, "serve", "--config", dir, "--listen", "127.0.0.1:0")
	messages, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	link := regexp.MustCompile(`http://127\.0\.0\.1:\d+/login\?token=\S+`)
	lines := bufio.NewScanner(messages)
	for lines.Scan() {
		if found := link.FindString(lines.Text()); found != "" {
			go func() { _, _ = io.Copy(io.Discard, messages) }()
			return cmd, found
		}
	}
	t.Fatalf("serve printed no link: %v", cmd.Wait())
	return nil, ""
}

// starter makes a configuration folder without sources.
func starter(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "markwatch.yaml"), "version: 1\ndata: ./data\n")
	return dir
}

func TestASecondProcessIsToldWhoHoldsTheData(t *testing.T) {
	dir := starter(t)
	serve, _ := startServe(t, dir)
	o := program(t, "serve", "--config", dir, "--listen", "127.0.0.1:0")
	if o.code != exitLocked || !strings.Contains(o.err, "serve") || !strings.Contains(o.err, "PID") {
		t.Errorf("code %d: %s", o.code, o.err)
	}
	if err := serve.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := serve.Wait(); err != nil {
		t.Errorf("serve did not end in order: %v", err)
	}
	must(t, "search", "--config", dir)
}

func TestALockOutlivesNoKilledProcess(t *testing.T) {
	dir := starter(t)
	serve, _ := startServe(t, dir)
	if err := serve.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = serve.Wait()
	must(t, "search", "--config", dir)
}

func TestAPortInUseIsNamed(t *testing.T) {
	busy := httptest.NewServer(http.NotFoundHandler())
	defer busy.Close()
	o := program(t, "serve", "--config", starter(t), "--listen", busy.Listener.Addr().String())
	if o.code != exitUnavailable || !strings.Contains(o.err, "--listen") {
		t.Errorf("code %d: %s", o.code, o.err)
	}
}

func TestAFullDiskStopsAScanThatGoesOnLater(t *testing.T) {
	m := startSample(t, 150)
	dir := m.config(t)
	for _, limit := range []string{"40000", "200000", "900000"} {
		cmd := process(t, "scan", "--config", dir)
		cmd.Env = append(cmd.Env, fileLimit+"="+limit)
		out, err := cmd.CombinedOutput()
		if code := cmd.ProcessState.ExitCode(); code != exitUnavailable || strings.Contains(string(out), "goroutine ") {
			t.Fatalf("files of at most %s bytes: %v\n%s", limit, err, out)
		}
	}
	sum := rows[markwatch.ScanSummary](t, must(t, "scan", "--config", dir, "--json"))[0]
	want := rows[markwatch.ScanSummary](t, must(t, "scan", "--config", startSample(t, 150).config(t), "--json"))[0]
	if sum.Listings.Seen != want.Listings.Seen || sum.Pages != want.Pages || !sum.Complete {
		t.Errorf("after full disks %+v, undisturbed %+v", sum, want)
	}
	if found := rows[hit](t, must(t, "search", "--config", dir, "--json", "--limit", "0")); len(found) != sum.Leads.New {
		t.Errorf("search finds %d of %d leads", len(found), sum.Leads.New)
	}
}

func TestTheDeskShowsWhatAScanFound(t *testing.T) {
	m := startSample(t, 150)
	dir := m.config(t)
	must(t, "scan", "--config", dir)
	leads := rows[markwatch.Lead](t, must(t, "leads", "list", "--config", dir, "--json"))
	if len(leads) == 0 {
		t.Fatal("no leads")
	}
	_, link := startServe(t, dir)
	base, _, _ := strings.Cut(link, "/login")
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, Timeout: patience()}
	get := func(address string) (int, string, http.Header) {
		resp, err := client.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(body), resp.Header
	}
	if status, body, _ := get(base + "/"); status == http.StatusOK && strings.Contains(body, leads[0].Number) {
		t.Error("leads are shown without a login")
	}
	login := func(client *http.Client) *http.Response {
		_, token, _ := strings.Cut(link, "token=")
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
		return resp
	}
	if resp := login(client); resp.StatusCode != http.StatusOK {
		t.Fatalf("login: %s", resp.Status)
	}
	status, body, header := get(base + "/?q=" + leads[0].Number)
	if status != http.StatusOK || !strings.Contains(body, leads[0].Number) {
		t.Errorf("search: %d\n%.2000s", status, body)
	}
	if csp := header.Get("Content-Security-Policy"); csp == "" || strings.Contains(csp, "unsafe") {
		t.Errorf("Content-Security-Policy %q", csp)
	}
	if resp := login(&http.Client{Timeout: patience()}); resp.StatusCode != http.StatusForbidden || len(resp.Cookies()) > 0 {
		t.Errorf("a spent link opens a session: %s", resp.Status)
	}
}
