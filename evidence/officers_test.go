package evidence_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/markwatch/markwatch/evidence"
)

// TestOfficersOwnCapturesAreFoundByAddress: files of other formats that lie in
// the folder are looked through like WARC files.
func TestOfficersOwnCapturesAreFoundByAddress(t *testing.T) {
	for _, readOnly := range []bool{false, true} {
		dir := t.TempDir()
		for _, name := range []string{"saved.har", "saved.mhtml"} {
			content, err := os.ReadFile(filepath.Join("testdata", name))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		a, err := evidence.OpenArchive(dir, evidence.ArchiveOptions{ReadOnly: readOnly, Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		// The second look reads the indexes that the first left.
		for range 2 {
			found, err := a.Find(t.Context(), "https://market.example/item/1", time.Time{}, time.Time{})
			files := map[string]bool{}
			for _, e := range found {
				files[e.File] = true
				if d, err := a.Describe(t.Context(), e.Snapshot()); err != nil || d.URL != "https://market.example/item/1" {
					t.Errorf("%s: %+v, %v", e.Snapshot(), d, err)
				}
			}
			if err != nil || len(files) != 2 {
				t.Errorf("read-only %v: found in %v, %v", readOnly, files, err)
			}
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}
}
