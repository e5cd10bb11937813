package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/store"
)

// tried runs a backtest and returns its changes and totals.
func tried(t *testing.T, dir, draft string) (changes []backtestChange, report backtestReport) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(must(t, "backtest", "--config", dir, "--rules", draft, "--since", "30d", "--json")), "\n")
	for i, line := range lines {
		if i == len(lines)-1 {
			if err := json.Unmarshal([]byte(line), &report); err != nil {
				t.Fatal(err)
			}
			break
		}
		var c backtestChange
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			t.Fatal(err)
		}
		changes = append(changes, c)
	}
	return changes, report
}

func writeDraft(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// A draft is tried on a night of the sample market: what it would add and what
// it would lose is told, of the lost what people had confirmed, and nothing of
// the record changes.
func TestBacktestOnASampleNight(t *testing.T) {
	m := startSample(t, 120)
	dir := m.config(t)
	must(t, "scan", "--config", dir)
	type stored struct {
		flagged bool
		score   float64
	}
	read := func() (all map[string]stored, records []store.Record, confirm string) {
		t.Helper()
		s, err := store.Open(t.Context(), filepath.Join(dir, "data", "markwatch.db"), store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		all = map[string]stored{}
		for r, err := range s.Listings(t.Context(), store.ListingFilter{}) {
			if err != nil {
				t.Fatal(err)
			}
			all[r.Listing.ID] = stored{r.Verdict.Flagged, r.Verdict.Score}
			records = append(records, r)
			if v := flaggedOf(r.Verdict); len(v) == 1 && v[0] == markwatch.Piracy {
				confirm = r.Listing.ID
			}
		}
		return all, records, confirm
	}
	before, records, pirated := read()
	if pirated == "" {
		t.Fatal("the night has no lead of piracy alone")
	}
	must(t, "leads", "act", "confirm", "--config", dir, "--token-file", colleague(t, dir, "zhangmin", markwatch.RoleInvestigator), pirated)

	// A draft that is what holds changes nothing.
	works, err := os.ReadFile(filepath.Join(dir, "works.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if changes, report := tried(t, dir, writeDraft(t, map[string]string{"works.yaml": string(works)})); len(changes) != 0 || report.Listings != len(before) || report.Flagged != report.Would {
		t.Errorf("the present lists: %+v, %+v", report, changes)
	}

	// Without protected works their leads vanish, and only those change.
	changes, report := tried(t, dir, writeDraft(t, map[string]string{"works.yaml": "works: []\n"}))
	lost := 0
	for _, r := range records {
		for _, v := range flaggedOf(r.Verdict) {
			if v == markwatch.Piracy {
				lost++
			}
		}
	}
	if len(changes) != lost || report.Vanished+report.Other != lost || report.New != 0 || report.Confirmed != 1 {
		t.Errorf("without works: %+v with %d changes, want %d", report, len(changes), lost)
	}
	for _, c := range changes {
		if c.ID == pirated && (c.Change != "vanished" || c.Status != markwatch.LeadConfirmed || len(c.Would) != 0 || c.ScoreWould >= c.ScoreWas) {
			t.Errorf("the confirmed lead: %+v", c)
		}
	}

	// A new rule of the unit's own flags what was innocent.
	var innocent store.Record
	for _, r := range records {
		if !r.Verdict.Flagged && innocent.Listing.ID == "" && len([]rune(r.Listing.Title)) >= 6 && !strings.ContainsAny(r.Listing.Title, `"'{}[]:#&*`) {
			innocent = r
		}
	}
	draft := writeDraft(t, map[string]string{
		"lexicons/own.yaml": "lexicons:\n  - {id: own.goods, terms: ['" + innocent.Listing.Title + "']}\n",
		"rules/own.yaml": `rules:
  - id: own-goods
    violation: own-violation
    title: 试用
    basis: [{law: 试用办法, since: 2024-01-01}]
    all: [own.goods@title]
    score: 0.9
    reason: 试用“{own.goods}”
    examples: {hit: ['` + innocent.Listing.Title + `'], miss: [别的东西]}
`})
	changes, report = tried(t, dir, draft)
	found := false
	for _, c := range changes {
		found = found || c.ID == innocent.Listing.ID && c.Change == "new" && len(c.Rules) > 0 && c.ScoreWould > c.ScoreWas
		if c.Change == "vanished" {
			t.Errorf("a rule more loses a lead: %+v", c)
		}
	}
	if !found || report.New == 0 || report.Would != report.Flagged+report.New {
		t.Errorf("with a rule more: %+v, %+v", report, changes)
	}
	after, _, _ := read()
	for id, was := range before {
		if after[id] != was {
			t.Errorf("%s was %v and is %v after trials", id, was, after[id])
		}
	}
	if o := program(t, "backtest", "--config", dir); o.code == exitOK || !strings.Contains(o.err, "--rules") {
		t.Errorf("without rules to try: code %d, %s", o.code, o.err)
	}
}
