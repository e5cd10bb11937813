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
