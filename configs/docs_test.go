package configs_test

import (
	"os"
	"regexp"
	"testing"
)

// TestDocumentation loads the examples of the documentation as one folder.
func TestDocumentation(t *testing.T) {
	data, err := os.ReadFile("../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, m := range regexp.MustCompile("(?s)```yaml\n# file: (\\S+)\n(.*?)```").FindAllStringSubmatch(string(data), -1) {
		files[m[1]] = m[2]
	}
	if len(files) != 7 {
		t.Errorf("%d examples, want one for each kind of file", len(files))
	}
	c := load(t, files)
	if len(c.Lists.Brands) != 1 || len(c.Lists.Sources) != 3 || len(c.Lists.Rules) != 1 || len(c.Lists.Units.Routes) != 2 || len(c.Rates.CNY) != 3 {
		t.Errorf("not all was read: %+v", c.Lists)
	}
}
