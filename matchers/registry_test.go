package matchers_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/markwatch/markwatch/matchers"
)

// Every variable of type Matcher in the package's files must be listed.
func TestEveryMatcherIsListed(t *testing.T) {
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	found := 0
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, f.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range declaredMatchers(t, file) {
			found++
			if !slices.Contains(matchers.Names(), name) {
				t.Errorf("%s declares the matcher %q, which registry.go does not list", f.Name(), name)
			}
		}
	}
	if found != len(matchers.Names()) {
		t.Errorf("%d matchers are declared and %d listed", found, len(matchers.Names()))
	}
}

// declaredMatchers returns the names of the Matcher values of a file, and
// checks that each explains itself.
func declaredMatchers(t *testing.T, file *ast.File) []string {
	var names []string
	ast.Inspect(file, func(n ast.Node) bool {
		lit, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		if id, ok := lit.Type.(*ast.Ident); !ok || id.Name != "Matcher" {
			return true
		}
		fields := map[string]string{}
		for _, e := range lit.Elts {
			kv, ok := e.(*ast.KeyValueExpr)
			if !ok {
				continue
			}
			if v, ok := kv.Value.(*ast.BasicLit); ok {
				fields[kv.Key.(*ast.Ident).Name], _ = strconv.Unquote(v.Value)
			}
		}
		if fields["Name"] == "" || fields["Doc"] == "" {
			t.Errorf("a matcher at %d lacks its name or doc", lit.Pos())
		}
		names = append(names, fields["Name"])
		return true
	})
	return names
}
