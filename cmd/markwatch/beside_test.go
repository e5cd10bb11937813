//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/store"
)

// TestCommandsBesideServe holds that whoever works at the command line does so
// while the desk is open, too, with the same output, exit codes and files.
func TestCommandsBesideServe(t *testing.T) {
	m := startSample(t, 80)
	dir := m.config(t)
	must(t, "scan", "--config", dir)
	alone := must(t, "search", "--config", dir, "--json", "--limit", "0")
	serve, _ := startServe(t, dir)
	zhang := colleague(t, dir, "zhangmin", markwatch.RoleInvestigator)

	if beside := must(t, "search", "--config", dir, "--json", "--limit", "0"); beside != alone {
		t.Errorf("search finds something else beside serve:\n%s\nthan alone:\n%s", beside, alone)
	}
	all := rows[markwatch.Lead](t, must(t, "leads", "list", "--config", dir, "--json"))
	must(t, "leads", "set", "--config", dir, "--token-file", zhang, all[0].Number, "--status", "confirmed")
	if o := must(t, "search", "--config", dir, "--json", "status:confirmed"); !strings.Contains(o, all[0].ID) {
		t.Errorf("what was confirmed beside serve is not found: %s", o)
	}
	// What is refused alone is refused here, with the same code.
	if o := program(t, "leads", "set", "--config", dir, "--token-file", zhang, all[1].Number, "--status", "dismissed"); o.code != exitInvalid || o.err == "" {
		t.Errorf("dismissed without a reason: code %d, %s", o.code, o.err)
	}
	if o := program(t, "leads", "show", "--config", dir, "1999-9999"); o.code != exitNotFound || strings.Count(o.err, "\n") != 1 {
		t.Errorf("an unknown lead: code %d, %s", o.code, o.err)
	}
	must(t, "reindex", "--config", dir)

	// Paths are meant from where the command is called.
	away := t.TempDir()
	export := process(t, "export", "--config", dir, "--format", "ndjson", "--query", "status:confirmed", "--output", "confirmed.ndjson")
	export.Dir = away
	if out, err := export.CombinedOutput(); err != nil {
		t.Fatalf("export: %v\n%s", err, out)
	}
	written, err := os.ReadFile(filepath.Join(away, "confirmed.ndjson"))
	if err != nil || len(rows[markwatch.Lead](t, string(written))) != 1 {
		t.Errorf("exported %q (%v)", written, err)
	}

	suspect := all[0].Listing
	suspect.ID, suspect.URL, suspect.Snapshot = "imported-1", "https://shop.example/item/1", ""
	line, err := json.Marshal(suspect)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(away, "goods.ndjson"), string(line)+"\n")
	take := process(t, "import", "--config", dir, "--json", "goods.ndjson")
	take.Dir = away
	var errs bytes.Buffer
	take.Stderr = &errs
	out, err := take.Output()
	if err != nil {
		t.Fatalf("import: %v\n%s", err, errs.String())
	}
	if sum := rows[markwatch.ScanSummary](t, string(out))[0]; sum.Listings.New != 1 || sum.Rows.Read != 1 {
		t.Errorf("imported %+v, rows %+v", sum.Listings, sum.Rows)
	}
	eventually(t, "the imported lead to be found", func() bool {
		return strings.Contains(must(t, "search", "--config", dir, "--json", "url:shop.example"), "item/1")
	})
	sum := rows[markwatch.ScanSummary](t, must(t, "scan", "--config", dir, "--json"))[0]
	if !sum.Complete || sum.Listings.Seen == 0 {
		t.Errorf("a scan beside serve: %+v", sum)
	}
	must(t, "config", "apply", dir)

	if err := serve.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := serve.Wait(); err != nil {
		t.Errorf("serve did not end in order: %v", err)
	}
	if o := must(t, "listings", "--config", dir, "--json"); len(rows[store.Record](t, o)) == 0 {
		t.Error("nothing is left after serve ended")
	}
}

// TestIndexDownDelaysSearchAlone holds that a search server which is away keeps
// no scan and no decision back, and says so.
func TestIndexDownDelaysSearchAlone(t *testing.T) {
	m := startSample(t, 60)
	dir := m.config(t)
	file := filepath.Join(dir, "markwatch.yaml")
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := strings.TrimPrefix(m.server.URL, "http://127.0.0.1") // no search server answers there
	write(t, file, string(content)+"\nengines: {index: 'http://127.0.0.1"+elsewhere+"/no-search-server'}\n")
	o := program(t, "scan", "--config", dir, "--json")
	if o.code != exitOK || !rows[markwatch.ScanSummary](t, o.out)[0].Complete || !strings.Contains(o.err, "out of reach") {
		t.Fatalf("scan: code %d\n%s%s", o.code, o.out, o.err)
	}
	zhang := colleague(t, dir, "zhangmin", markwatch.RoleInvestigator)
	all := rows[markwatch.Lead](t, must(t, "leads", "list", "--config", dir, "--json"))
	must(t, "leads", "set", "--config", dir, "--token-file", zhang, all[0].Number, "--status", "confirmed")
	if o := program(t, "search", "--config", dir, "高仿"); o.code != exitUnavailable {
		t.Errorf("search: code %d, %s", o.code, o.err)
	}
	// Back on the embedded index, all of it is there.
	write(t, file, string(content))
	if o := must(t, "search", "--config", dir, "--json", "status:confirmed"); !strings.Contains(o, all[0].ID) {
		t.Errorf("after the index is back: %s", o)
	}
}
