package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/store"
)

func TestTheStarterFolderIsAccepted(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "watch")
	must(t, "init", dir)
	must(t, "config", "check", dir)
	if o := program(t, "init", dir); o.code != exitInvalid && o.code != exitConflict {
		t.Errorf("a second init: code %d, %s", o.code, o.err)
	}
}

func TestConfigCheckTellsEveryMistakeInOneGo(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "watch")
	must(t, "init", dir)
	write(t, filepath.Join(dir, "brands.yaml"), "brands:\n  - id: nike\n    names: {en: Nike}\n    catagories: [鞋]\n  - id: nike\n    names: {en: Nike}\n")
	write(t, filepath.Join(dir, "sources", "broken.yaml"), "sources: [\n")
	o := program(t, "config", "check", dir)
	if o.code != exitInvalid {
		t.Fatalf("code %d: %s", o.code, o.err)
	}
	for _, want := range []string{"brands.yaml:4:", "catagories", "categories", "brands.yaml:5:", "broken.yaml:"} {
		if !strings.Contains(o.err, want) {
			t.Errorf("%q is not in\n%s", want, o.err)
		}
	}
}

func TestConfigCheckRunsTheRulesOverTheirExamples(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "watch")
	must(t, "init", dir)
	write(t, filepath.Join(dir, "lexicons", "tobacco.yaml"), "lexicons:\n  - id: tobacco-goods\n    terms: [{term: 香烟}]\n")
	rule := func(miss string) string {
		return "rules:\n  - id: online-tobacco\n    violation: tobacco\n    all: [tobacco-goods]\n    where: 'price_cny > 100'\n    score: 0.8\n    reason: 出售烟草\n    examples:\n" +
			"      hit: [{title: 一手香烟批发, price: ¥120/条}]\n      miss: [" + miss + "]\n"
	}
	file := filepath.Join(dir, "rules", "tobacco.yaml")
	write(t, file, rule("{title: 香烟形状的糖果, price: ¥9.9}, 烟台苹果"))
	must(t, "config", "check", dir)
	write(t, file, rule("{title: 香烟礼盒, price: ¥900}"))
	o := program(t, "config", "check", dir)
	if o.code != exitInvalid || !strings.Contains(o.err, "online-tobacco") || !strings.Contains(o.err, "香烟礼盒") {
		t.Errorf("code %d: %s", o.code, o.err)
	}
}

// What somebody changed in the store outlives the next start with the same
// folder, a change of the folder is taken, and a change of both is told.
func TestListsAreVersionsThatFoldersChange(t *testing.T) {
	m := startSample(t, 20)
	dir := m.config(t)
	brands := func(holder string) {
		write(t, filepath.Join(dir, "brands.yaml"), "brands:\n  - id: nike\n    names: {zh: 耐克}\n    holder: "+holder+"\n")
	}
	out := filepath.Join(t.TempDir(), "out")
	exported := func(name string, args ...string) string {
		t.Helper()
		to := filepath.Join(out, name)
		must(t, append([]string{"config", "export", "--config", dir, to}, args...)...)
		must(t, "config", "check", to)
		content, err := os.ReadFile(filepath.Join(to, "brands.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	brands("first")
	must(t, "scan", "--config", dir)
	if got := exported("first"); !strings.Contains(got, "holder: first") {
		t.Errorf("exported:\n%s", got)
	}
	s, err := store.Open(t.Context(), filepath.Join(dir, "data", "markwatch.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.EditLists(t.Context(), "张敏", time.Now(), func(l *markwatch.Lists) error { l.Brands[0].Holder = "desk"; return nil }); err != nil {
		t.Fatal(err)
	}
	s.Close()
	must(t, "scan", "--config", dir)
	if got := exported("kept"); !strings.Contains(got, "holder: desk") {
		t.Errorf("a start with the same folder undid what the desk had changed:\n%s", got)
	}
	brands("folder")
	if o := program(t, "scan", "--config", dir); !strings.Contains(o.err, "brands/nike") {
		t.Errorf("a change of both is not told:\n%s", o.err)
	}
	if got := exported("conflict"); !strings.Contains(got, "holder: desk") {
		t.Errorf("the folder undid what the desk had changed:\n%s", got)
	}
	must(t, "config", "apply", dir)
	if got := exported("applied"); !strings.Contains(got, "holder: folder") {
		t.Errorf("the folder was not applied:\n%s", got)
	}
	if got := exported("old", "--at", "brands@1 rates@2026-01-01"); !strings.Contains(got, "holder: first") {
		t.Errorf("version 1 is not what it was:\n%s", got)
	}
	if o := program(t, "config", "export", "--config", dir, "--at", "brand@1", filepath.Join(out, "wrong")); o.code != exitInvalid {
		t.Errorf("an unknown list: code %d", o.code)
	}
	if o := program(t, "config", "export", "--config", dir, "--at", "brands@99", filepath.Join(out, "wrong")); o.code != exitNotFound {
		t.Errorf("a version that never was: code %d", o.code)
	}
}
