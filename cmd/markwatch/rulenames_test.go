package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// TestEveryRuleHasANameOnTheDesk holds the desk's words against the rules that
// can accuse: context rules only lower a score and are told within the reasons.
func TestEveryRuleHasANameOnTheDesk(t *testing.T) {
	read := func(into any, parts ...string) {
		content, err := os.ReadFile(filepath.Join(append([]string{"..", ".."}, parts...)...))
		if err != nil {
			t.Fatal(err)
		}
		if err := yaml.Unmarshal(content, into); err != nil {
			t.Fatal(err)
		}
	}
	var weights struct {
		Rules map[string]map[string]float64
	}
	read(&weights, "matchers", "weights.yaml")
	messages := map[string]map[string]string{}
	read(&messages, "web", "messages.yaml")
	n := 0
	for _, rules := range weights.Rules {
		for rule := range rules {
			n++
			if strings.HasPrefix(rule, "context/") {
				continue
			}
			if name := messages["rule."+rule]; name["zh"] == "" || name["en"] == "" {
				t.Errorf("rule %s has no name on the desk", rule)
			}
		}
	}
	if n == 0 {
		t.Fatal("no rules were read")
	}
}
