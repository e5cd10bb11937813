//go:build unix

package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/store"
	"github.com/markwatch/markwatch/store/storetest"
)

// serverDSN is a schema of its own on the server of the environment.
func serverDSN(t *testing.T) string {
	t.Helper()
	if os.Getenv(storetest.PostgresURL) == "" {
		t.Skip("no PostgreSQL to test on: " + storetest.PostgresURL + " is not set")
	}
	return storetest.Postgres(t)
}

// setting adds lines to the deployment of a configuration folder.
func setting(t *testing.T, dir, lines string) {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(dir, "markwatch.yaml"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("\n" + lines + "\n"); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// sourceSetting adds a setting to every source of a sample market's folder.
func sourceSetting(t *testing.T, dir, line string) {
	t.Helper()
	file := filepath.Join(dir, "sources", "sample-market.yaml")
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	id := regexp.MustCompile(`(?m)^( *)- id: .*$`)
	write(t, file, id.ReplaceAllString(string(content), "$0\n$1  "+line))
}

// yearly is a schedule whose newest tick is long ago.
const yearly = `schedule: "0 0 1 1 *"`

// tickedLast notes in a deployment's record that sources ticked years ago.
func tickedLast(t *testing.T, dsn string, sources ...string) {
	t.Helper()
	if !strings.Contains(dsn, "://") {
		if err := os.MkdirAll(filepath.Dir(dsn), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	s, err := store.Open(t.Context(), dsn, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	err = s.Tx(t.Context(), func(tx *sql.Tx) error {
		for _, source := range sources {
			if _, err := s.Tick(t.Context(), tx, source, time.Now().AddDate(-3, 0, 0)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// scansOf counts the scans that a deployment's record holds.
func scansOf(t *testing.T, dsn string) (open, done int) {
	t.Helper()
	s, err := store.OpenReader(t.Context(), dsn, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	all, err := s.Scans(t.Context(), store.ScanFilter{})
	if err != nil {
		t.Fatal(err)
	}
	for _, sum := range all {
		if sum.FinishedAt.IsZero() {
			open++
		} else {
			done++
		}
	}
	return open, done
}

// stop ends a process in order.
func stop(t *testing.T, cmd *exec.Cmd, ended <-chan error) {
	t.Helper()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Errorf("it ended by itself: %v\n%s", err, said(cmd))
	}
	if err := <-ended; err != nil {
		t.Errorf("it did not end in order: %v\n%s", err, said(cmd))
	}
}

func TestAMissedTickIsMadeUpForWhereTheSourceSaysSo(t *testing.T) {
	for _, c := range []struct {
		catchUp string
		scans   int
	}{{"run", 1}, {"skip", 0}} {
		t.Run(c.catchUp, func(t *testing.T) {
			m := startSample(t, 120)
			dir := m.config(t)
			sourceSetting(t, dir, yearly)
			sourceSetting(t, dir, "catch_up: "+c.catchUp)
			dsn := filepath.Join(dir, "data", "markwatch.db")
			tickedLast(t, dsn, "sample-market")
			cmd, ended := start(t, "serve", "--config", dir, "--listen", "127.0.0.1:0")
			eventually(t, "the tick to be dealt with", func() bool {
				time.Sleep(100 * time.Millisecond)
				open, done := scansOf(t, dsn)
				return open == 0 && done == c.scans && lastTick(t, dsn).After(time.Now().AddDate(-2, 0, 0))
			})
			stop(t, cmd, ended)
			if _, done := scansOf(t, dsn); done != c.scans || c.scans == 0 && m.requests() > 0 {
				t.Errorf("%d scans, %d requests", done, m.requests())
			}
			// What was dealt with does not come again.
			cmd, ended = start(t, "serve", "--config", dir, "--listen", "127.0.0.1:0")
			eventually(t, "the desk", func() bool { return strings.Contains(said(cmd), "/login?token=") })
			stop(t, cmd, ended)
			if open, done := scansOf(t, dsn); open+done != c.scans {
				t.Errorf("a second start made it %d scans", open+done)
			}
		})
	}
}

func lastTick(t *testing.T, dsn string) time.Time {
	t.Helper()
	s, err := store.OpenReader(t.Context(), dsn, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	at, err := s.LastTick(t.Context(), "sample-market")
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestATickFiresOnceHoweverManyProcessesShareTheRecord(t *testing.T) {
	dsn := serverDSN(t)
	m := startSample(t, 120)
	tickedLast(t, dsn, "sample-market")
	type running struct {
		process *exec.Cmd
		ended   <-chan error
	}
	var all []running
	for _, args := range [][]string{{"worker"}, {"worker"}, {"serve", "--listen", "127.0.0.1:0"}} {
		dir := m.config(t)
		sourceSetting(t, dir, yearly)
		sourceSetting(t, dir, "catch_up: run")
		setting(t, dir, "engines: {store: "+yamlString(t, dsn)+"}")
		cmd, ended := start(t, append(args, "--config", dir)...)
		all = append(all, running{cmd, ended})
	}
	eventually(t, "the scan to end", func() bool {
		time.Sleep(100 * time.Millisecond)
		open, done := scansOf(t, dsn)
		return open == 0 && done > 0
	})
	for _, r := range all {
		stop(t, r.process, r.ended)
	}
	if _, done := scansOf(t, dsn); done != 1 {
		t.Errorf("one tick made %d scans", done)
	}
	if n := m.again(); n > 0 {
		t.Errorf("%d pages were fetched twice", n)
	}
}

// TestWorkersMayStartTogetherOnAnEmptyServer: whoever comes first makes the
// tables, the others wait for them.
func TestWorkersMayStartTogetherOnAnEmptyServer(t *testing.T) {
	dsn := serverDSN(t)
	m := startSample(t, 50)
	type running struct {
		process *exec.Cmd
		ended   <-chan error
	}
	var all []running
	for range 3 {
		dir := m.config(t)
		setting(t, dir, "engines: {store: "+yamlString(t, dsn)+"}")
		cmd, ended := start(t, "worker", "--config", dir)
		all = append(all, running{cmd, ended})
	}
	for _, r := range all {
		eventually(t, "a worker to start", func() bool {
			select {
			case err := <-r.ended:
				t.Fatalf("%v\n%s", err, said(r.process))
			default:
			}
			return strings.Contains(said(r.process), "crawling; Ctrl-C ends")
		})
	}
	for _, r := range all {
		stop(t, r.process, r.ended)
	}
}

func TestAWorkerNeedsAServer(t *testing.T) {
	if o := program(t, "worker", "--config", starter(t)); o.code != exitInvalid || !strings.Contains(o.err, "engines.store") {
		t.Errorf("code %d: %s", o.code, o.err)
	}
}

// strip is a host with a front page and pages behind it for each of two
// sources, which notes when it was asked and how many requests were open.
type strip struct {
	server *httptest.Server
	mu     sync.Mutex
	asked  map[string]int
	at     []arrival
	awake  time.Time // when this process was last seen to run
	open   int
	most   int
}

// arrival is when a request came: not before the one instant, at which nothing
// of it was there yet, and not after the other, at which it was dealt with. The
// two are milliseconds apart, unless the machine let this process wait.
type arrival struct{ after, by time.Time }

func startStrip(t *testing.T, pages int) *strip {
	t.Helper()
	s := &strip{asked: map[string]int{}, awake: time.Now()}
	ticks := time.NewTicker(2 * time.Millisecond)
	t.Cleanup(ticks.Stop)
	go func() {
		for {
			select {
			case <-t.Context().Done():
				return
			case <-ticks.C:
			}
			s.mu.Lock()
			s.awake = time.Now()
			s.mu.Unlock()
		}
	}()
	s.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			return
		}
		s.mu.Lock()
		s.asked[r.URL.Path]++
		s.at = append(s.at, arrival{s.awake, time.Now()})
		s.open++
		s.most = max(s.most, s.open)
		s.mu.Unlock()
		time.Sleep(stripAnswer)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		shop := strings.Split(r.URL.Path, "/")[1]
		fmt.Fprintf(w, "<title>%s</title><h1>%[1]s</h1>", r.URL.Path)
		if r.URL.Path == "/"+shop+"/" {
			for i := range pages {
				fmt.Fprintf(w, `<p><a href="/%s/%d.html">page %[2]d</a></p>`, shop, i)
			}
		}
		s.mu.Lock()
		s.open--
		s.mu.Unlock()
	}))
	t.Cleanup(s.server.Close)
	return s
}

func (s *strip) requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.at)
}

func (s *strip) idle() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open == 0
}

const (
	stripParallel = 2
	stripDelay    = 150 * time.Millisecond
	// stripAnswer is longer than the delay, so that requests overlap.
	stripAnswer = 250 * time.Millisecond
)

// config writes a folder whose two sources stand on the strip.
func (s *strip) config(t *testing.T, dsn string) string {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "markwatch.yaml"), "version: 1\ndata: ./data\nengines: {store: "+yamlString(t, dsn)+"}\n")
	host := strings.TrimPrefix(s.server.URL, "http://")
	var b strings.Builder
	b.WriteString("sources:\n")
	for _, shop := range []string{"a", "b"} {
		fmt.Fprintf(&b, "  - id: shop-%[1]s\n    kind: site\n    start: [\"%[2]s/%[1]s/\"]\n    allow: [\"%[3]s/%[1]s/*\"]\n    %[4]s\n    catch_up: run\n"+
			"    private_addresses: allow\n    politeness: {delay: %[5]s, parallel: %[6]d}\n", shop, s.server.URL, host, yearly, stripDelay, stripParallel)
	}
	write(t, filepath.Join(dir, "sources", "strip.yaml"), b.String())
	return dir
}

// TestThreeWorkersKeepToOneHostsTerms: two sources on one host, three
// processes, of which one is killed while it works on the host.
func TestThreeWorkersKeepToOneHostsTerms(t *testing.T) {
	dsn := serverDSN(t)
	const pages = 50
	s := startStrip(t, pages)
	tickedLast(t, dsn, "shop-a", "shop-b")
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	doomed, died := start(t, "worker", "--config", s.config(t, dsn))
	var client string
	eventually(t, "the first worker to work", func() bool {
		time.Sleep(20 * time.Millisecond)
		err := db.QueryRowContext(t.Context(), `SELECT attempted_by[array_length(attempted_by, 1)] FROM river_job
			WHERE kind = 'crawl_host' AND state = 'running'`).Scan(&client)
		return err == nil && s.requests() > 0
	})
	left := s.config(t, dsn)
	for _, dir := range []string{left, s.config(t, dsn)} {
		cmd, ended := start(t, "worker", "--config", dir)
		defer stop(t, cmd, ended)
	}
	eventually(t, "a third of the pages", func() bool { return s.requests() >= 2*pages/3 })
	if err := doomed.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-died
	eventually(t, "the killed worker's requests to be answered", func() bool { return s.idle() })
	// What River's rescuer does when it has waited long enough.
	if _, err := db.ExecContext(context.WithoutCancel(t.Context()), `UPDATE river_job SET state = 'available', scheduled_at = now()
		WHERE state = 'running' AND attempted_by[array_length(attempted_by, 1)] = $1`, client); err != nil {
		t.Fatal(err)
	}
	eventually(t, "both scans to end", func() bool {
		time.Sleep(100 * time.Millisecond)
		open, done := scansOf(t, dsn)
		return open == 0 && done == 2
	})
	for _, state := range rows[markwatch.SourceStatus](t, must(t, "sources", "--config", left, "--json")) {
		if state.Last == nil || !state.Last.Complete || state.Last.Pages.Fetched+state.Last.Pages.Empty+state.Last.Pages.Unchanged != pages+1 {
			t.Errorf("%+v", state.Last)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.most > stripParallel {
		t.Errorf("%d requests were open at once", s.most)
	}
	again := 0
	for _, n := range s.asked {
		again += n - 1
	}
	if len(s.asked) != 2*(pages+1) || again > stripParallel {
		t.Errorf("%d pages of %d were asked for, %d again", len(s.asked), 2*(pages+1), again)
	}
	// A single gap may be short by what the server's own clock and scheduling
	// lose; over ten requests that evens out.
	const run = 10
	for i := range s.at {
		if i >= 1 && s.at[i].by.Sub(s.at[i-1].after) < stripDelay/2 {
			t.Errorf("request %d came %s after the one before, the delay is %s", i, s.at[i].by.Sub(s.at[i-1].after), stripDelay)
		}
		if i >= run && s.at[i].by.Sub(s.at[i-run].after) < run*stripDelay*9/10 {
			t.Errorf("%d requests came within %s, the delay is %s", run, s.at[i].by.Sub(s.at[i-run].after), stripDelay)
		}
	}
}
