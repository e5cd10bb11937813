package configs_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/configs"
)

var update = flag.Bool("update", false, "write the messages of testdata/mistakes anew")

// TestMistakes loads a folder for each file of testdata/mistakes. The head of
// a file says where it stands in the folder and which messages it brings; the
// head counts in their line numbers.
func TestMistakes(t *testing.T) {
	files, err := filepath.Glob("testdata/mistakes/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no testdata", err)
	}
	shipped, err := configs.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			at, want, body := splitMistake(t, string(data))
			if *update {
				n := len(messages(t, shipped, at, string(data)))
				want = messages(t, shipped, at, joinMistake(at, make([]string, n), body))
				if err := os.WriteFile(file, []byte(joinMistake(at, want, body)), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, messages(t, shipped, at, string(data))); diff != "" {
				t.Errorf("messages (-want +got):\n%s", diff)
			}
		})
	}
}

func splitMistake(t *testing.T, data string) (at string, want []string, body string) {
	head, body, _ := strings.Cut(data, "\n")
	at, ok := strings.CutPrefix(head, "# at: ")
	if !ok {
		t.Fatal("the first line says no place")
	}
	for strings.HasPrefix(body, "# want: ") {
		var line string
		line, body, _ = strings.Cut(body, "\n")
		want = append(want, strings.TrimPrefix(line, "# want: "))
	}
	return at, want, body
}

func joinMistake(at string, want []string, body string) string {
	head := "# at: " + at + "\n"
	for _, w := range want {
		head += "# want: " + w + "\n"
	}
	return head + body
}

func messages(t *testing.T, shipped *configs.Config, at, data string) []string {
	t.Helper()
	_, err := configs.LoadFS(fstest.MapFS{at: {Data: []byte(data)}}, shipped)
	var problems configs.Problems
	if !errors.As(err, &problems) {
		t.Fatalf("Load returned %v, want Problems", err)
	}
	if markwatch.ErrorCode(err) != markwatch.CodeInvalid {
		t.Errorf("the code is %s", markwatch.ErrorCode(err))
	}
	var list []string
	for _, p := range problems {
		list = append(list, p.Error())
	}
	return list
}

// folder writes files into a new folder.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
