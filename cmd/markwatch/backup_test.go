//go:build unix

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/markwatch/markwatch"
)

// restored restores a backup into a new folder.
func restored(t *testing.T, file string, args ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "restored")
	must(t, append([]string{"restore", "--config", dir, file}, args...)...)
	return dir
}

// stored is what people see of a deployment: its leads, the hits of a search
// and how many offers it knows.
func stored(t *testing.T, dir string) (leads, hits string) {
	t.Helper()
	return must(t, "leads", "list", "--config", dir, "--json"), must(t, "search", "--config", dir, "--json", "--limit", "0")
}

func TestABackupHoldsEverything(t *testing.T) {
	m := startSample(t, 200)
	dir := m.config(t)
	first := rows[markwatch.ScanSummary](t, must(t, "scan", "--config", dir, "--json"))[0]
	asked := m.requests()
	leads, hits := stored(t, dir)
	file := filepath.Join(t.TempDir(), "night.tar")
	must(t, "backup", "--config", dir, file)
	if o := program(t, "backup", "--config", dir, file); o.code != exitConflict || !strings.Contains(o.err, "--force") {
		t.Errorf("a backup over another: code %d, %s", o.code, o.err)
	}
	must(t, "backup", "--config", dir, "--force", file)

	again := restored(t, file)
	if l, h := stored(t, again); l != leads || h != hits {
		t.Error("the restored deployment shows other leads or hits")
	}
	capturesHold(t, again)
	serve, _ := startServe(t, again)
	_ = serve.Process.Kill()
	_ = serve.Wait()
	second := rows[markwatch.ScanSummary](t, must(t, "scan", "--config", again, "--json"))[0]
	if n := m.requests() - asked; 2*n > asked || second.Listings.Seen != first.Listings.Seen || second.Leads.New != 0 || second.Listings.Gone != 0 {
		t.Errorf("after the restore a scan asked %d times, the first %d: %+v", n, asked, second)
	}

	if o := program(t, "restore", "--config", again, file); o.code != exitConflict {
		t.Errorf("a restore over data: code %d, %s", o.code, o.err)
	}
	if o := program(t, "restore", "--config", filepath.Join(t.TempDir(), "new"), "absent.tar"); o.code != exitNotFound {
		t.Errorf("no such backup: code %d, %s", o.code, o.err)
	}
	damagedIsRefused(t, file)
}

// damagedIsRefused changes a backup in several ways, of which none may leave
// anything behind.
func damagedIsRefused(t *testing.T, file string) {
	t.Helper()
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	altered := bytes.Clone(whole)
	altered[len(altered)/3] ^= 1
	for name, content := range map[string][]byte{
		"cut in the middle": whole[:len(whole)/2], "without its end": whole[:len(whole)-8<<10], "altered": altered,
		"empty": nil, "something else": []byte("no tar at all"),
	} {
		damaged := filepath.Join(t.TempDir(), "damaged.tar")
		if err := os.WriteFile(damaged, content, 0o600); err != nil {
			t.Fatal(err)
		}
		dir := filepath.Join(t.TempDir(), "restored")
		o := program(t, "restore", "--config", dir, damaged)
		if _, err := os.Stat(dir); o.code != exitInvalid || err == nil {
			t.Errorf("a backup %s: code %d, folder written: %v\n%s", name, o.code, err == nil, o.err)
		}
	}
}

// capturesHold looks at the capture of every lead.
func capturesHold(t *testing.T, dir string) {
	t.Helper()
	all := rows[markwatch.Lead](t, must(t, "leads", "list", "--config", dir, "--json"))
	if len(all) == 0 {
		t.Error("no leads")
	}
	for _, l := range all {
		if o := program(t, "evidence", "show", "--config", dir, l.Listing.Snapshot); o.code != exitOK {
			t.Errorf("lead %s: code %d, %s", l.Number, o.code, o.err)
		}
	}
}

func TestABackupGoesToPostgreSQLAndBack(t *testing.T) {
	dsn := serverDSN(t)
	m := startSample(t, 120)
	dir := m.config(t)
	must(t, "scan", "--config", dir)
	leads, hits := stored(t, dir)
	file := filepath.Join(t.TempDir(), "sqlite.tar")
	must(t, "backup", "--config", dir, file)

	onServer := restored(t, file, "--store", dsn)
	setting(t, onServer, "engines: {store: "+yamlString(t, dsn)+"}")
	if l, h := stored(t, onServer); l != leads || h != hits {
		t.Error("on PostgreSQL there are other leads or hits")
	}
	if o := program(t, "restore", "--config", filepath.Join(t.TempDir(), "new"), "--store", dsn, file); o.code != exitConflict {
		t.Errorf("a restore into a database that holds data: code %d, %s", o.code, o.err)
	}
	back := filepath.Join(t.TempDir(), "postgres.tar")
	must(t, "backup", "--config", onServer, back)
	dir = filepath.Join(t.TempDir(), "restored")
	must(t, "restore", "--config", dir, "--store", filepath.Join(dir, "data", "markwatch.db"), back)
	deployment := filepath.Join(dir, "markwatch.yaml")
	content, err := os.ReadFile(deployment)
	if err != nil {
		t.Fatal(err)
	}
	write(t, deployment, regexp.MustCompile(`(?m)^engines:.*$`).ReplaceAllString(string(content), ""))
	if l, h := stored(t, dir); l != leads || h != hits {
		t.Error("back on SQLite there are other leads or hits")
	}
	if sum := rows[markwatch.ScanSummary](t, must(t, "scan", "--config", dir, "--json"))[0]; sum.Pages.NotDue == 0 || sum.Pages.Fetched > 0 || sum.Listings.New != 0 {
		t.Errorf("a scan after both has forgotten what was visited: %+v", sum)
	}
}

// TestABackupOfARunningScan is taken beside serve while it goes on with a
// scan; what it holds goes on where it was.
func TestABackupOfARunningScan(t *testing.T) {
	const pages = 200
	whole := startSample(t, pages)
	wholeDir := whole.config(t)
	must(t, "scan", "--config", wholeDir)
	wanted := flaggedItems(t, wholeDir)

	m := startSample(t, pages)
	dir := m.config(t)
	m.hold(100)
	cmd, ended := start(t, "scan", "--config", dir)
	eventually(t, "the scan to begin", func() bool { return m.requests() >= 30 })
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-ended
	at := m.requests() + 20
	m.hold(at + 40)
	_, _ = startServe(t, dir)
	eventually(t, "serve to go on with it", func() bool { return m.requests() >= at })
	file := filepath.Join(t.TempDir(), "running.tar")
	must(t, "backup", "--config", dir, file)
	if o := program(t, "evidence", "show", "--config", dir, m.server.URL+"/"); o.code != exitOK {
		t.Errorf("evidence beside serve: code %d, %s", o.code, o.err)
	}

	m.release()

	again := restored(t, file)
	sum := rows[markwatch.ScanSummary](t, must(t, "scan", "--config", again, "--json"))[0]
	if !sum.Complete || !sum.Resumed {
		t.Errorf("%+v", sum)
	}
	got := flaggedItems(t, again)
	for id, flagged := range wanted {
		if also, ok := got[id]; !ok || also != flagged {
			t.Errorf("listing %s: stored %v flagged %v, undisturbed flagged %v", id, ok, also, flagged)
		}
	}
	capturesHold(t, again)
}
