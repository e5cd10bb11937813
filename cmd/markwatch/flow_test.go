package main

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/leads"
)

func TestFromAScanToAnExport(t *testing.T) {
	m := startSample(t, 150)
	dir := m.config(t)
	first := rows[markwatch.ScanSummary](t, must(t, "scan", "--config", dir, "--json"))[0]
	second := rows[markwatch.ScanSummary](t, must(t, "scan", "--config", dir, "--json"))[0]
	if second.Listings != (markwatch.ListingCounts{Seen: first.Listings.Seen}) || second.Leads.New != 0 {
		t.Errorf("a second night over the same market: %+v", second)
	}
	all := rows[markwatch.Lead](t, must(t, "leads", "list", "--config", dir, "--json"))
	if len(all) < 3 {
		t.Fatalf("%d leads", len(all))
	}
	reason := leads.DismissReasons()[0].ID
	zhang := colleague(t, dir, "zhangmin", markwatch.RoleInvestigator)
	must(t, "leads", "set", "--config", dir, "--token-file", zhang, all[0].Number, "--status", "confirmed", "--note", "已核实")
	must(t, "leads", "set", "--config", dir, "--token-file", zhang, all[1].Number, "--status", "dismissed", "--reason", reason)
	if o := program(t, "leads", "set", "--config", dir, "--token-file", zhang, all[2].Number, "--status", "dismissed"); o.code == exitOK {
		t.Error("a lead was dismissed without a reason")
	}
	if o := program(t, "leads", "set", "--config", dir, "--token-file", zhang, "1999-9999", "--status", "confirmed"); o.code != exitNotFound {
		t.Errorf("an unknown lead: code %d", o.code)
	}
	show := must(t, "leads", "show", "--config", dir, all[0].Number)
	for _, want := range []string{all[0].Listing.Title, all[0].Verdict.Findings[0].Reason.ZH, "confirmed"} {
		if !strings.Contains(show, want) {
			t.Errorf("leads show lacks %q:\n%s", want, show)
		}
	}
	// The index follows: the confirmed lead is found by its state at once.
	if o := must(t, "search", "--config", dir, "--json", "status:confirmed"); !strings.Contains(o, all[0].ID) || strings.Contains(o, all[2].ID) {
		t.Errorf("search by state:\n%s", o)
	}

	file := filepath.Join(t.TempDir(), "leads.csv")
	must(t, "export", "--config", dir, "--format", "csv", "--status", "confirmed", "--output", file)
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	table, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(content), "\ufeff"))).ReadAll()
	if err != nil || len(table) != 2 || !strings.Contains(strings.Join(table[1], "|"), all[0].Number) {
		t.Errorf("%d rows, %v", len(table), err)
	}
	exported := rows[markwatch.Lead](t, must(t, "export", "--config", dir, "--format", "ndjson"))
	if len(exported) != len(all) {
		t.Errorf("%d of %d leads were exported", len(exported), len(all))
	}
	byQuery := rows[markwatch.Lead](t, must(t, "export", "--config", dir, "--format", "ndjson", "--query", "status:dismissed"))
	if len(byQuery) != 1 || byQuery[0].ID != all[1].ID {
		t.Errorf("export by query: %d leads", len(byQuery))
	}

	before := must(t, "search", "--config", dir, "--json", "--limit", "0")
	if err := os.RemoveAll(filepath.Join(dir, "data", "index")); err != nil {
		t.Fatal(err)
	}
	must(t, "reindex", "--config", dir)
	if after := must(t, "search", "--config", dir, "--json", "--limit", "0"); after != before {
		t.Error("a rebuilt index finds something else")
	}
}

func TestAMarketThatIsDownIsToldAndNotTakenForEmpty(t *testing.T) {
	t.Parallel() // it mostly waits
	m := startSample(t, 50)
	dir := m.config(t)
	m.server.Close()
	o := program(t, "scan", "--config", dir, "--json")
	sum := rows[markwatch.ScanSummary](t, o.out)[0]
	if o.code != exitUnavailable || sum.Complete || sum.Pages.Failed == 0 || len(sum.Warnings) == 0 {
		t.Errorf("code %d, %+v\n%s", o.code, sum, o.err)
	}
	if o := program(t, "search", "--config", dir); !strings.Contains(o.err, "失败") {
		t.Errorf("a search without hits does not tell of the failed pages: %s", o.err)
	}
}
