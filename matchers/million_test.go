package matchers

import (
	"flag"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/markwatch/markwatch"
)

var million = flag.Int("million", 5_000, "how many varied listings the sanity run judges; 1000000 for the whole")

// TestManyListings judges listings put together at random from real titles and
// labelled texts, and holds that memory does not grow and that every quote
// stands where it says.
func TestManyListings(t *testing.T) {
	lists := everyList(t)
	s := compiledSet(t, lists)
	var texts []string
	all := realTitles(t)
	for _, name := range []string{"ecommerce", "lazada", "shein", "taobao", "video"} {
		for _, l := range all[name] {
			texts = append(texts, l.Title)
		}
	}
	var labelled []markwatch.Listing
	for _, set := range readSets {
		rows, _ := set.load(t)
		for _, row := range rows {
			labelled = append(labelled, row.Listing)
			texts = append(texts, row.Listing.Title, row.Listing.Description, row.Listing.Text)
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	piece := func() string {
		rs := []rune(texts[random.IntN(len(texts))])
		if len(rs) < 2 {
			return ""
		}
		from := random.IntN(len(rs))
		return string(rs[from : from+random.IntN(len(rs)-from)])
	}
	var heap [2]uint64
	for i := range *million {
		l := labelled[random.IntN(len(labelled))]
		l.Title, l.Description = piece()+piece()+piece(), piece()+"。"+piece()
		if random.IntN(4) == 0 {
			l.Text = piece() + "\x00\u202e" + piece() + "\xff"
		}
		v := s.Check(Input{Listing: l})
		for _, f := range v.Findings {
			for _, e := range f.Evidence {
				if e.Span == nil {
					continue
				}
				if field := l.Field(e.Field); cut(field, e.Start, e.End) != e.Text {
					t.Fatalf("%s/%s quotes %q as %s[%d:%d] of %q", f.Matcher, f.Rule, e.Text, e.Field, e.Start, e.End, field)
				}
			}
		}
		if i == *million/2 || i == *million-1 {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			heap[min(1, i/(*million-1))] = m.HeapAlloc
		}
	}
	t.Logf("%d listings; %d MiB in use after the half, %d MiB after all", *million, heap[0]>>20, heap[1]>>20)
	if heap[1] > heap[0]+8<<20 {
		t.Errorf("memory grows: %d MiB, then %d MiB", heap[0]>>20, heap[1]>>20)
	}
}
