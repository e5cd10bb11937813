package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/markwatch/markwatch"
)

// TestASecondNightAsksForLess: at default settings a market that stayed as it
// was is asked at most half as often the next night, and loses nothing.
func TestASecondNightAsksForLess(t *testing.T) {
	m := startSample(t, 200)
	dir := m.config(t)
	first := rows[markwatch.ScanSummary](t, must(t, "scan", "--config", dir, "--json"))[0]
	asked := m.requests()
	second := rows[markwatch.ScanSummary](t, must(t, "scan", "--config", dir, "--json"))[0]
	if again := m.requests() - asked; 2*again > asked {
		t.Errorf("the second night asked %d times, the first %d", again, asked)
	}
	if second.Listings.Seen != first.Listings.Seen || second.Listings.Gone != 0 || second.Pages.NotDue == 0 || !second.Complete {
		t.Errorf("first night %+v\nsecond %+v", first, second)
	}
	if second.Leads.New != 0 {
		t.Errorf("%d leads are new over a market that stayed as it was", second.Leads.New)
	}
	if text := must(t, "scan", "--config", dir); !strings.Contains(text, "未到期 not due") {
		t.Errorf("the table does not tell of pages that were not due:\n%s", text)
	}
}

func TestSourcesBeforeTheFirstScan(t *testing.T) {
	dir := startSample(t, 50).config(t)
	state := rows[markwatch.SourceStatus](t, must(t, "sources", "--config", dir, "--json"))[0]
	if state.ID != "sample-market" || state.Health != markwatch.HealthNew || state.Last != nil || state.Names == nil || state.Names.Covered != 0 {
		t.Errorf("%+v", state)
	}
	if text := must(t, "sources", "--config", dir, "--names"); !strings.Contains(text, "未扫描 new") || !strings.Contains(text, "最近覆盖 last covered") {
		t.Errorf("table:\n%s", text)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "data", "*")); err != nil || len(left) > 0 {
		t.Errorf("looking at the sources left %v, %v", left, err)
	}
	if o := program(t, "sources", "--config", dir, "nobody"); o.code != exitNotFound || !strings.Contains(o.err, "sample-market") {
		t.Errorf("an unknown source: code %d, %s", o.code, o.err)
	}
}

func TestLogsAreAsTheFlagsSay(t *testing.T) {
	dir := startSample(t, 50).config(t)
	o := program(t, "scan", "--config", dir, "--log-level", "info", "--log-format", "json")
	if o.code != exitOK {
		t.Fatalf("code %d: %s", o.code, o.err)
	}
	told := map[string]map[string]any{}
	for line := range strings.Lines(o.err) {
		var entry map[string]any
		if json.Unmarshal([]byte(line), &entry) == nil {
			if msg, ok := entry["msg"].(string); ok {
				told[msg] = entry
			}
		}
	}
	for _, msg := range []string{"a scan runs", "a scan ended"} {
		if told[msg]["source"] != "sample-market" || told[msg]["level"] != "INFO" {
			t.Errorf("%q is not logged: %v\n%s", msg, told[msg], o.err)
		}
	}
	if o := program(t, "scan", "--config", dir); strings.Contains(o.err, "a scan ended") {
		t.Errorf("logged without being asked: %s", o.err)
	}
	for _, wrong := range [][]string{{"--log-level", "loud"}, {"--log-format", "xml"}} {
		if o := program(t, append([]string{"sources", "--config", dir}, wrong...)...); o.code != exitInvalid || !strings.Contains(o.err, "known are") {
			t.Errorf("%v: code %d, %s", wrong, o.code, o.err)
		}
	}
	if help := must(t, "scan", "--help"); !strings.Contains(help, "--log-level") || !strings.Contains(help, "--log-format") {
		t.Errorf("--help does not tell of the log:\n%s", help)
	}
}
