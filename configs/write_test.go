package configs_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/configs"
)

// What is written out is read back as the same lists, whatever they hold.
func TestWrittenListsAreReadBackAlike(t *testing.T) {
	before, err := configs.Load(fullStarter(t))
	if err != nil {
		t.Fatal(err)
	}
	lists := before.Lists
	lists.Lexicons = append(lists.Lexicons, markwatch.Lexicon{ID: "zz-own", Title: "自己的: \"词\"", Terms: []markwatch.Term{
		{Term: "yes", Weight: 1}, {Term: "1:1", Weight: 0.5, Not: []string{"1:100 模型", "# 号"}}, {Term: "null", Weight: 1}, {Term: "两\n行", Weight: 0.25},
	}})
	dir := t.TempDir()
	files, err := configs.Write(dir, lists, []byte("version: 1\n"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 7 {
		t.Errorf("%d files were written: %v", len(files), files)
	}
	after, err := configs.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(lists, after.Lists, cmpopts.EquateEmpty()); d != "" {
		t.Errorf("-before +after:\n%s", d)
	}
}

func TestWritingOverwritesNothing(t *testing.T) {
	dir := folder(t, map[string]string{"works.yaml": "works: []\n"})
	_, err := configs.Write(dir, markwatch.Lists{
		Brands: []markwatch.Brand{{ID: "b", Names: map[string]string{"zh": "牌"}}},
		Works:  []markwatch.Work{{ID: "w", Type: markwatch.WorkFilm, Titles: []string{"片"}}},
	}, nil)
	if markwatch.ErrorCode(err) != markwatch.CodeConflict {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "brands.yaml")); err == nil {
		t.Error("a file was written beside the one that stood in the way")
	}
}
