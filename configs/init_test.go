package configs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/configs"
)

func TestInit(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "neu", "配置")
	files, err := configs.Init(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !strings.HasPrefix(file, dir) {
			t.Errorf("%s lies elsewhere", file)
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if first, _, _ := strings.Cut(string(data), "\n"); !regexp.MustCompile(`^# .*\p{Han}`).MatchString(first) {
			t.Errorf("%s does not begin with a comment in Chinese: %s", file, first)
		}
	}
	c, err := configs.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Lists.Brands) == 0 || len(c.Lists.Works) == 0 || len(c.Lists.Units.Routes) == 0 {
		t.Error("the starter folder is empty")
	}
}

// fullStarter is the starter folder with the comment signs of its examples
// taken away, as a user does.
func fullStarter(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	files, err := configs.Init(dir)
	if err != nil {
		t.Fatal(err)
	}
	commented, empty := regexp.MustCompile(`(?m)^#(  .*)$`), regexp.MustCompile(`(?m)^(\w+): \[\]$`)
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text := empty.ReplaceAllString(commented.ReplaceAllString(string(data), "$1"), "$1:")
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestInitExamples(t *testing.T) {
	c, err := configs.Load(fullStarter(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Lists.Sources) != 3 || len(c.Lists.Rules) != 1+len(shipped(t).Lists.Rules) || len(c.Deployment.Notices) != 3 {
		t.Errorf("%d sources, %d rules, %d notices", len(c.Lists.Sources), len(c.Lists.Rules), len(c.Deployment.Notices))
	}
}

func TestInitOverwritesNothing(t *testing.T) {
	dir := folder(t, map[string]string{"units.yaml": "units: []\n"})
	_, err := configs.Init(dir)
	if markwatch.ErrorCode(err) != markwatch.CodeConflict || !strings.Contains(err.Error(), "units.yaml") {
		t.Errorf("got %v", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("%d files after a refusal, %v", len(entries), err)
	}
}
