package configs_test

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/configs"
)

func documentation(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestDocumentation loads the examples of the documentation as one folder.
func TestDocumentation(t *testing.T) {
	files := map[string]string{}
	for _, m := range regexp.MustCompile("(?s)```yaml\n# file: (\\S+)\n(.*?)```").FindAllStringSubmatch(documentation(t), -1) {
		files[m[1]] = m[2]
	}
	if len(files) != 10 {
		t.Errorf("%d examples, want one for each kind of file", len(files))
	}
	c := load(t, files)
	if len(c.Lists.Brands) != 1 || len(c.Lists.Sources) != 3 || len(c.Lists.Rules) != 1+len(shipped(t).Lists.Rules) || len(c.Lists.Units.Routes) != 2 || len(c.Rates.CNY) != 3 {
		t.Errorf("not all was read: %+v", c.Lists)
	}
	kinds := map[string]bool{}
	for _, n := range c.Deployment.Notices {
		kinds[n.Kind] = true
	}
	if len(kinds) != 5 {
		t.Errorf("the examples show notices of the kinds %v, want each", kinds)
	}
}

// TestDocumentationNamesEveryKey holds the page against the types that the
// files are read into: no key goes without an example, or a line in the table
// of notices and events.
func TestDocumentationNamesEveryKey(t *testing.T) {
	page := documentation(t)
	keys := map[string]bool{}
	for _, top := range []any{
		configs.Deployment{}, markwatch.Brand{}, markwatch.Work{}, markwatch.Source{}, markwatch.Lexicon{}, markwatch.Rule{},
		markwatch.Unit{}, markwatch.Route{},
	} {
		keysOf(reflect.TypeOf(top), keys, map[reflect.Type]bool{})
	}
	if len(keys) < 100 {
		t.Fatalf("only %d keys are known", len(keys))
	}
	for key := range keys {
		if !regexp.MustCompile(`[\s{,` + "`" + `.]` + key + `[:` + "`" + `.]`).MatchString(page) {
			t.Errorf("docs/configuration.md does not name the key %s", key)
		}
	}
	for _, event := range []string{
		"scan-finished", "scan-failed", "source-blocked", "source-degraded", "grave-lead", "disk-quota", "saved-search",
	} {
		if !strings.Contains(page, "`"+event+"`") {
			t.Errorf("docs/configuration.md does not name the event %s", event)
		}
	}
}

func keysOf(t reflect.Type, keys map[string]bool, seen map[reflect.Type]bool) {
	for slices.Contains([]reflect.Kind{reflect.Pointer, reflect.Slice, reflect.Map}, t.Kind()) {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || seen[t] {
		return
	}
	seen[t] = true
	for i := range t.NumField() {
		f := t.Field(i)
		if name, _, _ := strings.Cut(f.Tag.Get("yaml"), ","); name != "" && name != "-" {
			keys[name] = true
			keysOf(f.Type, keys, seen)
		}
	}
}
