package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/store"
)

// A warning list is previewed, refused whole where a row cannot be read, and
// imported into the list of works, whose dates then hold.
func TestWarningListIsImported(t *testing.T) {
	m := startSample(t, 30)
	dir := m.config(t)
	must(t, "scan", "--config", dir)
	list := filepath.Join(t.TempDir(), "list.csv")
	if err := os.WriteFile(list, []byte("序号,作品名称,权利人\n1,《晚风里的灯塔》,某影业\n2,,某影业\n3,好东西,某影业\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	works := func() map[string]markwatch.Work {
		t.Helper()
		s, err := store.Open(t.Context(), filepath.Join(dir, "data", "markwatch.db"), store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		lists, _, err := s.Lists(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		all := map[string]markwatch.Work{}
		for _, w := range lists.Works {
			all[w.Titles[0]] = w
		}
		return all
	}
	args := []string{"works", "import", "--config", dir, "--batch", "2026年第3批", "--from", "2026-01-10", "--to", "2026-06-30", "--type", "film"}
	before := len(works())
	preview := program(t, append(args, "--preview", list)...)
	if said := preview.out + preview.err; preview.code != exitOK || !strings.Contains(said, "晚风里的灯塔") || !strings.Contains(said, "缺作品名称") || !strings.Contains(said, "第3行") {
		t.Errorf("preview: code %d\n%s", preview.code, said)
	}
	if o := program(t, append(args, list)...); o.code == exitOK {
		t.Error("a list with a row that cannot be read was imported")
	}
	if n := len(works()); n != before {
		t.Fatalf("%d works after a preview and a refusal, %d before", n, before)
	}
	must(t, append(args, "--partly", list)...)
	all := works()
	w, ok := all["晚风里的灯塔"]
	if !ok || len(all) != before+2 || w.Batch != "2026年第3批" || w.Protect.To.Day() != 30 || w.Type != markwatch.WorkFilm || len(w.Ambiguous) != 0 {
		t.Errorf("imported: %+v of %d", w, len(all))
	}
	if a := all["好东西"].Ambiguous; len(a) != 1 {
		t.Errorf("a title that is a word is not listed as ambiguous: %v", a)
	}
}
