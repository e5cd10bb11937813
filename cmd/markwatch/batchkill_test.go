//go:build unix

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/leads/batch"
)

// TestKillingTheMakingOfABatch kills `leads send` at ever later instants until
// it ends by itself: there is never half a batch, no number is used twice, and
// no lead is sent twice or without a batch.
func TestKillingTheMakingOfABatch(t *testing.T) {
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
	kills := 0
	for wait := 60 * time.Millisecond; ; wait += wait / 3 {
		cmd, ended := start(t, "leads", "send", "--config", dir, "--token-file", li, "--no-recheck")
		select {
		case err := <-ended:
			if err != nil {
				t.Fatalf("%v: %s", err, said(cmd))
			}
		case <-time.After(wait):
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			<-ended
			kills++
			wholeOrNothing(t, dir, numbers)
			continue
		}
		break
	}
	made := wholeOrNothing(t, dir, numbers)
	if len(made) != 1 {
		t.Fatalf("batches %v", made)
	}
	must(t, "leads", "batch", "--config", dir, made[0])
	for _, folder := range []string{filepath.Join(dir, "data", "batches"), filepath.Join(dir, "out")} {
		if _, err := os.Stat(filepath.Join(folder, made[0], batch.ManifestName)); err != nil {
			t.Error(err)
		}
	}
	t.Logf("%d kills", kills)
}

// wholeOrNothing looks at what is there after a kill and returns the numbers
// of the batches.
func wholeOrNothing(t *testing.T, dir string, numbers []string) (made []string) {
	t.Helper()
	leadsOf := map[string]int{}
	for _, line := range rows[struct {
		Batch      batch.Batch       `json:"batch"`
		Deliveries []json.RawMessage `json:"deliveries"`
	}](t, must(t, "leads", "batch", "--config", dir, "--json")) {
		if leadsOf[line.Batch.Number] > 0 {
			t.Errorf("the number %s was used twice", line.Batch.Number)
		}
		leadsOf[line.Batch.Number] = line.Batch.Leads
		made = append(made, line.Batch.Number)
	}
	sent := map[string]int{}
	for _, l := range rows[markwatch.Lead](t, must(t, "leads", "list", "--config", dir, "--json")) {
		if !slices.Contains(numbers, l.Number) {
			continue
		}
		if (l.Status == markwatch.LeadSent) != (l.Handling.Batch != "") || l.Status != markwatch.LeadSent && l.Status != markwatch.LeadApproved {
			t.Errorf("lead %s is %s in batch %q", l.Number, l.Status, l.Handling.Batch)
		}
		if l.Handling.Batch != "" {
			sent[l.Handling.Batch]++
		}
	}
	for number, n := range leadsOf {
		if sent[number] != n {
			t.Errorf("batch %s has %d leads, %d say so", number, n, sent[number])
		}
	}
	for _, folder := range []string{filepath.Join(dir, "data", "batches"), filepath.Join(dir, "out")} {
		entries, err := os.ReadDir(folder)
		if err != nil {
			continue // not made yet
		}
		for _, e := range entries {
			if strings.HasPrefix(e.Name(), ".") {
				continue // what a killed process left beside
			}
			data, err := os.ReadFile(filepath.Join(folder, e.Name(), batch.ManifestName))
			var manifest batch.Manifest
			if err != nil || json.Unmarshal(data, &manifest) != nil || leadsOf[e.Name()] == 0 {
				t.Errorf("half a batch: %s %v", e.Name(), err)
			}
			for _, f := range manifest.Files {
				if info, err := os.Stat(filepath.Join(folder, e.Name(), f.Name)); err != nil || info.Size() != f.Bytes {
					t.Errorf("batch %s lacks %s: %v", e.Name(), f.Name, err)
				}
			}
		}
	}
	return made
}
