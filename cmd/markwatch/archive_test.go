package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/store"
)

// TestRealPagesEndInTheStore scans an archive of captured shop pages with real
// lists, as an operator would scan an old night.
func TestRealPagesEndInTheStore(t *testing.T) {
	warc := shared(t, "real", "pages.warc.gz")
	dir := t.TempDir()
	for _, name := range []string{"brands.yaml", "works.yaml"} {
		content, err := os.ReadFile(shared(t, "devset", name))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, name), string(content))
	}
	write(t, filepath.Join(dir, "markwatch.yaml"), "version: 1\ndata: ./data\nindex: {scope: all}\n")
	write(t, filepath.Join(dir, "sources", "real.yaml"),
		"sources:\n  - id: real-pages\n    kind: archive\n    start: ["+yamlString(t, warc)+"]\n")

	summary := rows[markwatch.ScanSummary](t, must(t, "scan", "--config", dir, "--json"))[0]
	if summary.Pages.Fetched+summary.Pages.Empty != 38 || !summary.Complete {
		t.Errorf("summary %+v", summary)
	}
	seen := rows[store.Record](t, must(t, "listings", "--config", dir, "--json"))
	if len(seen) != summary.Listings.Seen {
		t.Errorf("%d listings are stored, the summary says %d", len(seen), summary.Listings.Seen)
	}
	byPage := map[string]int{}
	for _, r := range seen {
		byPage[r.Listing.Snapshot]++
		if r.Listing.Title == "" || !strings.HasPrefix(r.Listing.Snapshot, "pages.warc.gz#urn:uuid:") {
			t.Errorf("listing without title or capture: %+v", r.Listing)
		}
	}

	var truth map[string]struct{ URL string }
	content, err := os.ReadFile(shared(t, "real", "product-pages", "ground-truth.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(content, &truth); err != nil {
		t.Fatal(err)
	}
	products := 0
	for _, page := range truth {
		for _, r := range seen {
			if sameOffer(r.Listing.URL, page.URL) {
				products++
				break
			}
		}
	}
	if products < 18 {
		t.Errorf("%d of the %d product pages gave a listing, want 18", products, len(truth))
	}
	jd, taobao := 0, false
	for _, r := range seen {
		if strings.Contains(r.Listing.URL, "item.jd.com/") {
			jd++
		}
		taobao = taobao || strings.Contains(r.Listing.URL, "562283240178")
	}
	if jd != 54 {
		t.Errorf("the JD page gave %d tiles, it has 54", jd)
	}
	if !taobao {
		t.Error("the taobao page gave no offer")
	}

	found := rows[hit](t, must(t, "search", "--config", dir, "--json", "--limit", "0"))
	if len(found) != len(seen) {
		t.Errorf("search finds %d of %d listings", len(found), len(seen))
	}
	for _, r := range seen {
		if r.Verdict.Flagged {
			if o := must(t, "search", "--config", dir, "--json", "--limit", "0", "id:"+r.Listing.ID); !strings.Contains(o, r.Listing.ID) {
				t.Errorf("the flagged listing %s is not found", r.Listing.ID)
			}
		}
	}
}

// sameOffer compares addresses without scheme and trailing slash.
func sameOffer(a, b string) bool {
	norm := func(s string) string {
		_, rest, ok := strings.Cut(s, "://")
		if !ok {
			rest = s
		}
		return strings.TrimSuffix(rest, "/")
	}
	return norm(a) == norm(b)
}

// yamlString writes a path as a YAML string.
func yamlString(t *testing.T, s string) string {
	t.Helper()
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
