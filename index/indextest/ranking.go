package indextest

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/markwatch/markwatch/index"
)

// rankedQueries are those whose order by relevance is kept in a golden file.
func rankedQueries() []string {
	return []string{
		"耐克", "nike", "nikee", "鞋", "莆田 鞋", "正品", "克", `"空军一号"`, "包邮 -耐克", "潮鞋", "addidas", "photoshop 破解", "seller:nike", "日本", "sk-ii", "神仙水 海外",
	}
}

// RunRanking holds an engine's order by relevance against a golden file, one
// line a query; with -update it is written anew.
func RunRanking(t *testing.T, x index.Index, golden string) {
	put(t, x, Documents())
	var b strings.Builder
	for _, s := range rankedQueries() {
		q := parse(t, s)
		q.Sort = index.SortRelevance
		fmt.Fprintf(&b, "%s\t%s\n", s, hits(search(t, x, q)))
	}
	if f := flag.Lookup("update"); f != nil && f.Value.String() == "true" {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("ranking (-want +got):\n%s", diff)
	}
}
