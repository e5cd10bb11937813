package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/web"
)

// What the desk says of switching a rule off is what markwatch backtest says of
// the lists without it.
func TestTryingARuleAgreesWithBacktest(t *testing.T) {
	m := startSample(t, 120)
	dir := m.config(t)
	const rule = "test.new"
	write(t, filepath.Join(dir, "rules", "test.yaml"), `version: 1
lexicons: [{id: test-words, terms: [新款, 正品, 现货, 包邮, 2026]}]
rules:
  - id: test.new
    violation: tobacco
    title: 试
    basis: [{law: 某办法, article: "1", since: 2020-01-01}]
    all: [test-words]
    score: 0.8
    reason: "试:{test-words}"
    examples: {hit: [新款], miss: [旧款]}
`)
	must(t, "scan", "--config", dir)
	var trial web.RuleTrial
	err := console{out: io.Discard, err: io.Discard}.with(t.Context(), dir, "try", func(ctx context.Context, a *app) error {
		for _, r := range a.known.Load().lists.Rules {
			if r.ID == rule {
				r.Off = true
				var err error
				trial, err = deskRules{a, &sync.Mutex{}}.TryRule(ctx, r)
				return err
			}
		}
		return markwatch.Errorf(markwatch.CodeNotFound, "no rule %s", rule)
	})
	if err != nil {
		t.Fatal(err)
	}

	draft := filepath.Join(t.TempDir(), "draft")
	must(t, "config", "export", "--config", dir, draft)
	files, err := filepath.Glob(filepath.Join(draft, "rules", "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	head := regexp.MustCompile(`(?m)^(\s*)- id: ` + regexp.QuoteMeta(rule) + `$`)
	found := false
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		changed := head.ReplaceAllString(string(text), "$0\n$1  off: true")
		found = found || changed != string(text)
		write(t, file, changed)
	}
	if !found {
		t.Fatalf("no file of %v has the rule %s", files, rule)
	}
	lines := strings.Split(strings.TrimSpace(must(t, "backtest", "--config", dir, "--rules", draft, "--json")), "\n")
	report := rows[backtestReport](t, lines[len(lines)-1])[0]
	if trial.Hits == 0 || trial.Vanished+trial.Other == 0 {
		t.Errorf("switching %s off changes nothing: %+v", rule, trial)
	}
	if trial.Looked != report.Listings || trial.Flagged != report.Flagged || trial.Would != report.Would || trial.New != report.New || trial.Vanished != report.Vanished || trial.Other != report.Other {
		t.Errorf("the desk says %+v, backtest %+v", trial, report)
	}
	if len(trial.Changes) != min(trial.New+trial.Vanished+trial.Other, triedSamples) {
		t.Errorf("%d changes are shown of %+v", len(trial.Changes), report)
	}
}
