package crawler

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestDocumentedFaults holds the table of faults in docs/crawling.md against
// the tests: each row names one at least, and each that is named exists.
func TestDocumentedFaults(t *testing.T) {
	doc, err := os.ReadFile(filepath.Join("..", "docs", "crawling.md"))
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]bool{}
	declared := regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\)`)
	err = filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range declared.FindAllSubmatch(source, -1) {
			tests[string(m[1])] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("`(Test\\w+)`")
	_, table, found := strings.Cut(string(doc), "\n## Faults\n")
	if !found {
		t.Fatal("the document has no section of faults")
	}
	table, _, _ = strings.Cut(table, "\n## ")
	rows := 0
	for line := range strings.Lines(table) {
		if !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "| what happens") || strings.HasPrefix(line, "|---") {
			continue
		}
		rows++
		if cells := strings.Count(line, "|"); cells != 7 {
			t.Errorf("%d columns: %s", cells-1, line)
		}
		if !named.MatchString(line) {
			t.Errorf("no test is named: %s", line)
		}
	}
	if rows < 50 {
		t.Errorf("%d faults are documented", rows)
	}
	for _, m := range named.FindAllStringSubmatch(string(doc), -1) {
		if name := m[1]; !tests[name] {
			t.Errorf("%s is named and does not exist", name)
		}
	}
}
