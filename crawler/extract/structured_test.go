package extract

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/markwatch/markwatch"
)

// leaves counts the properties with a text that an expectation of the
// syntaxes' own samples names, whatever the nesting: "name=Executive Anvil".
func leaves(v any, prop string, out map[string]int) {
	switch v := v.(type) {
	case []any:
		for _, inner := range v {
			leaves(inner, prop, out)
		}
	case map[string]any:
		if text, ok := v["@value"].(string); ok {
			leaves(text, prop, out)
			return
		}
		inner, wrapped := v["properties"].(map[string]any)
		if !wrapped {
			inner = v
		}
		for key, value := range inner {
			if strings.HasPrefix(key, "@") || key == "type" && wrapped {
				continue
			}
			leaves(value, localName(key), out)
		}
	case string:
		if s := squeeze(v); s != "" && prop != "" {
			out[prop+"="+s]++
		}
	}
}

func itemLeaves(it *item, depth int, out map[string]int) {
	if depth > 20 {
		return
	}
	for prop, values := range it.props {
		for _, v := range values {
			if v.item != nil {
				itemLeaves(v.item, depth+1, out)
			} else if s := squeeze(v.text); s != "" {
				out[prop+"="+s]++
			}
		}
	}
}

// TestStructuredExpectations holds what the readers of JSON-LD and microdata
// find against the expectations that come with the samples, property by
// property, whatever the nesting.
func TestStructuredExpectations(t *testing.T) {
	root := filepath.Join("..", "..", "..", "shared", "real", "structured-data")
	if _, err := os.Stat(root); err != nil {
		t.Skip("../shared is absent: " + root)
	}
	for _, c := range []struct {
		glob, suffix string
		least        float64
		items        func(d *Document) []*item
	}{
		{"*/*.jsonld", ".jsonld", 0.99, func(d *Document) []*item { d.jsonLDReadings(); return d.ldItems }},
		{"schema.org/*.json", ".json", 0.97, (*Document).microdata},
		{"w3c/microdata*.json", ".json", 0.97, (*Document).microdata},
	} {
		files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(c.glob)))
		if err != nil {
			t.Fatal(err)
		}
		all, found := 0, 0
		for _, path := range files {
			if _, err := os.Stat(strings.TrimSuffix(path, c.suffix) + ".jsonld"); err == nil && c.suffix == ".json" {
				continue // of the other syntax
			}
			body, err := os.ReadFile(strings.TrimSuffix(path, c.suffix) + ".html")
			if err != nil {
				continue // an expectation in another form
			}
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var want any
			if err := json.Unmarshal(raw, &want); err != nil {
				continue // not meant to be JSON
			}
			base := &url.URL{Scheme: "https", Host: "shop.example"}
			d, err := Parse(&markwatch.Page{URL: base.String(), Status: 200, Body: body})
			if err != nil {
				t.Fatal(path, err)
			}
			expected, got := map[string]int{}, map[string]int{}
			leaves(want, "", expected)
			for _, it := range c.items(d) {
				itemLeaves(it, 0, got)
			}
			for leaf, n := range expected {
				have := got[leaf]
				if prop, text, _ := strings.Cut(leaf, "="); have < n && strings.HasPrefix(text, "http") {
					// the expectations resolve addresses, readers do so later
					for other, m := range got {
						if p, ref, _ := strings.Cut(other, "="); p == prop && ref != "" && strings.HasSuffix(text, ref) {
							have += m
						}
					}
				}
				all += n
				found += min(n, have)
				if have < n {
					t.Logf("%s: %d of %d %.120q", filepath.Base(path), have, n, leaf)
				}
			}
		}
		t.Logf("%s: %d of %d values", c.glob, found, all)
		if all == 0 || float64(found) < c.least*float64(all) {
			t.Errorf("%s: %d of %d values are found", c.glob, found, all)
		}
	}
}
