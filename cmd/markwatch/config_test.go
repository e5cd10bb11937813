package main

import (
	"path/filepath"
	"strings"
	"testing"
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
