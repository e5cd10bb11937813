package matchers

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/markwatch/markwatch"
)

// maxFalseAlarms is the share of real, mostly innocent titles that may be
// flagged.
const maxFalseAlarms = 0.005

// TestFalseAlarms checks real titles with all brands and works of the labelled
// sets active: every second one, since the weights were fitted with the
// others.
func TestFalseAlarms(t *testing.T) {
	check := checker(compiledSet(t, everyList(t)))
	for name, listings := range realTitles(t) {
		flagged := 0
		for i, l := range listings {
			if i%2 == 0 {
				continue
			}
			if v := check(l); v.Flagged {
				flagged++
				if *mistakes {
					t.Logf("%s %.2f %s | %s", name, v.Score, l.Title, v.Findings[0].Reason.ZH)
				}
			}
		}
		share := float64(flagged) / float64(max(1, len(listings)/2))
		t.Logf("%s: %d of %d titles flagged (%.2f%%)", name, flagged, len(listings)/2, 100*share)
		if share > maxFalseAlarms {
			t.Errorf("%s: more than %.1f%% of the titles are flagged", name, 100*maxFalseAlarms)
		}
	}
}

// everyList has the brands and works of all labelled sets.
func everyList(t testing.TB) markwatch.Lists {
	lists := markwatch.Lists{Lexicons: shippedLexicons(t)}
	seen := map[string]bool{}
	for _, set := range slices.Concat(trainingSets(), heldSets) {
		if seen[set.lists] {
			continue
		}
		seen[set.lists] = true
		_, l := set.load(t)
		lists.Brands = append(lists.Brands, l.Brands...)
		lists.Works = append(lists.Works, l.Works...)
	}
	return lists
}

func realTitles(t testing.TB) map[string][]markwatch.Listing {
	return map[string][]markwatch.Listing{
		"taobao":    taobaoTitles(t),
		"ecommerce": taggedTitles(t, "ecommerce-ner.train.txt"),
		"video":     taggedTitles(t, "video-ner.train.txt"),
		"lazada":    tableTitles(t, "lazada-products.csv", "title"),
		"shein":     tableTitles(t, "shein-products.csv", "product_name"),
	}
}

func taobaoTitles(t testing.TB) []markwatch.Listing {
	f := openShared(t, "/real/titles/taobao-adidas-lining-2017.ndjson")
	var out []markwatch.Listing
	for sc := bufio.NewScanner(f); sc.Scan(); {
		var row struct{ Price, Seller, Title string }
		if json.Unmarshal(sc.Bytes(), &row) != nil || row.Title == "" {
			continue
		}
		l := markwatch.Listing{ID: row.Title, Title: row.Title, Seller: &markwatch.Seller{Name: row.Seller}}
		if m, err := markwatch.ParseMoney(row.Price, markwatch.CNY); err == nil {
			l.Price = &m
		}
		out = append(out, l)
	}
	return out
}

// taggedTitles joins the characters of a tagged corpus.
func taggedTitles(t testing.TB, name string) []markwatch.Listing {
	var out []markwatch.Listing
	var b strings.Builder
	for sc := bufio.NewScanner(openShared(t, "/real/titles/"+name)); sc.Scan(); {
		if c, _, ok := strings.Cut(sc.Text(), " "); ok {
			b.WriteString(c)
			continue
		}
		if b.Len() > 0 {
			out = append(out, markwatch.Listing{ID: b.String(), Title: b.String()})
			b.Reset()
		}
	}
	return out
}

func tableTitles(t testing.TB, name, column string) []markwatch.Listing {
	r := csv.NewReader(openShared(t, "/real/marketplace-tables/"+name))
	r.FieldsPerRecord = -1
	r.LazyQuotes = true
	head, err := r.Read()
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for i, h := range head {
		at[h] = i
	}
	var out []markwatch.Listing
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil || len(row) < len(head) {
			continue
		}
		l := markwatch.Listing{ID: row[at[column]], Title: row[at[column]], Brand: row[at["brand"]]}
		if m, err := markwatch.ParseMoney(row[at["final_price"]], row[at["currency"]]); err == nil {
			l.Price = &m
		}
		if i, ok := at["description"]; ok {
			l.Description = row[i]
		}
		out = append(out, l)
	}
}

func openShared(t testing.TB, path string) *os.File {
	t.Helper()
	f, err := os.Open(shared + path)
	if err != nil {
		t.Skipf("../shared is absent: %s", path)
	}
	t.Cleanup(func() { f.Close() })
	return f
}
