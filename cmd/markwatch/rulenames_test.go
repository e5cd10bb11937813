package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/markwatch/markwatch/matchers"
)

// TestEveryRuleHasANameOnTheDesk holds the desk's words against every rule that
// the program can find, as its source and its weights say them. Context rules only lower a
// score and are told within the reasons; those of rule packs bring a title of
// their own.
func TestEveryRuleHasANameOnTheDesk(t *testing.T) {
	read := func(into any, path string) {
		t.Helper()
		content, err := os.ReadFile(filepath.FromSlash(path))
		if err != nil {
			t.Fatal(err)
		}
		if err := yaml.Unmarshal(content, into); err != nil {
			t.Fatal(err)
		}
	}
	messages := map[string]map[string]string{}
	read(&messages, "../../web/messages.yaml")
	var weights struct {
		Rules map[string]map[string]float64
	}
	read(&weights, "../../matchers/weights.yaml")
	rules := map[string]bool{}
	for _, violation := range weights.Rules {
		for rule := range violation {
			rules[rule] = true
		}
	}
	for _, pattern := range []string{"../../matchers/*.go", "../../leads/dispatch/*.go", "*.go"} {
		files, err := filepath.Glob(filepath.FromSlash(pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if !strings.HasSuffix(file, "_test.go") {
				rulesIn(t, file, rules)
			}
		}
	}
	// One of each way in which rules are written, so that none goes unread.
	for _, sure := range []string{"overseas/service", "pricing/below-floor", "repeat/blacklisted", "wording/unlike-known-cases", "trace/no-clearance", "complaint/hotline"} {
		if !rules[sure] {
			t.Errorf("the rule %s was not read from the source", sure)
		}
	}
	for _, rule := range slices.Sorted(maps.Keys(rules)) {
		matcher, _, _ := strings.Cut(rule, "/")
		if matcher == "context" {
			continue
		}
		for _, key := range [...]string{"rule." + rule, "matcher." + matcher} {
			if name := messages[key]; name["zh"] == "" || name["en"] == "" {
				t.Errorf("%s has no name on the desk", key)
			}
		}
	}
	for _, matcher := range matchers.Names() {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(rules)), func(rule string) bool { return strings.HasPrefix(rule, matcher+"/") }) && matcher != "rules" {
			t.Errorf("no rule of the matcher %s was read from the source", matcher)
		}
	}
}

// rulesIn adds the rules that a source file names: fields called rule or Rule,
// variables called rule, literals that begin with a matcher and a rule, and
// calls of a function add that begin with a rule. Where no matcher is written beside a rule, it is the file's own.
func rulesIn(t *testing.T, file string, rules map[string]bool) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	own := ""
	ast.Inspect(parsed, func(n ast.Node) bool {
		if lit, ok := n.(*ast.CompositeLit); ok && own == "" {
			fields := keyed(lit)
			if id, ok := lit.Type.(*ast.Ident); ok && id.Name == "Matcher" {
				own = fields["Name"]
			} else {
				own = fields["matcher"]
			}
		}
		return true
	})
	add := func(matcher, rule string) {
		if matcher == "" {
			matcher = own
		}
		if rule != "" && matcher != "" {
			rules[matcher+"/"+rule] = true
		}
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CompositeLit:
			fields := keyed(n)
			add(fields["matcher"]+fields["Matcher"], fields["rule"]+fields["Rule"])
			if len(n.Elts) >= 2 {
				if matcher := quoted(n.Elts[0]); slices.Contains(matchers.Names(), matcher) {
					add(matcher, quoted(n.Elts[1]))
				}
			}
		case *ast.CallExpr:
			if called, ok := n.Fun.(*ast.Ident); ok && called.Name == "add" && len(n.Args) > 1 {
				add("", quoted(n.Args[0]))
			}
		case *ast.AssignStmt:
			for i, to := range n.Lhs {
				name := ""
				switch to := to.(type) {
				case *ast.Ident:
					name = to.Name
				case *ast.SelectorExpr:
					name = to.Sel.Name
				}
				if name == "rule" && len(n.Lhs) == len(n.Rhs) {
					add("", quoted(n.Rhs[i]))
				}
			}
		}
		return true
	})
}

// keyed are the string fields of a literal.
func keyed(lit *ast.CompositeLit) map[string]string {
	fields := map[string]string{}
	for _, e := range lit.Elts {
		if pair, ok := e.(*ast.KeyValueExpr); ok {
			if key, ok := pair.Key.(*ast.Ident); ok {
				fields[key.Name] = quoted(pair.Value)
			}
		}
	}
	return fields
}

// quoted is a string literal's text, "" where the expression is none.
func quoted(e ast.Expr) string {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return ""
	}
	s, err := strconv.Unquote(lit.Value)
	if err != nil {
		return ""
	}
	return s
}
