package extract_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/markwatch/markwatch/crawler/extract"
)

var update = flag.Bool("update", false, "write the golden files")

// TestGolden reads the pages of testdata; the listings stand beside each.
func TestGolden(t *testing.T) {
	pages, err := filepath.Glob(filepath.Join("testdata", "*.html"))
	if err != nil || len(pages) == 0 {
		t.Fatal("no pages", err)
	}
	for _, path := range pages {
		name := strings.TrimSuffix(filepath.Base(path), ".html")
		t.Run(name, func(t *testing.T) {
			p := page("https://shop.example/goods/"+name+".html", readFile(t, path))
			p.Source, p.Snapshot, p.FetchedAt = "shop", "a.warc.gz#1", time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
			d, err := extract.Parse(p)
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			enc := json.NewEncoder(&got)
			enc.SetIndent("", "  ")
			enc.SetEscapeHTML(false)
			if err := enc.Encode(d.Listings(extract.Options{})); err != nil {
				t.Fatal(err)
			}
			golden := strings.TrimSuffix(path, ".html") + ".json"
			if *update {
				if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(readFile(t, golden)), got.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}
