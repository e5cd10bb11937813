package indextest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"testing"

	"github.com/markwatch/markwatch/index"
)

func count(t *testing.T, x index.Index, want int) {
	t.Helper()
	if n, err := x.Count(t.Context()); err != nil || n != want {
		t.Errorf("Count: %d (%v), want %d", n, err, want)
	}
}

func testWriting(t *testing.T, x index.Index) {
	docs := Documents()
	put(t, x, docs)
	put(t, x, docs)
	count(t, x, len(docs))

	changed := docs[0]
	changed.Title, changed.Status, changed.Names = "普通运动鞋", "dismissed", nil
	put(t, x, []index.Document{changed})
	count(t, x, len(docs))
	if got := sorted(hits(search(t, x, parse(t, "耐克")))); got != "bc" {
		t.Errorf("after the change 耐克 finds %q, want %q", got, "bc")
	}
	if got := hits(search(t, x, parse(t, "status:dismissed"))); sorted(got) != "ac" {
		t.Errorf("after the change status:dismissed finds %q, want %q", got, "ac")
	}

	if err := x.Delete(t.Context(), []string{"a", "b", "nowhere"}); err != nil {
		t.Fatalf("Delete: %v", err)
	}
	if err := x.Delete(t.Context(), nil); err != nil {
		t.Fatalf("Delete of nothing: %v", err)
	}
	count(t, x, len(docs)-2)
	if got := sorted(hits(search(t, x, parse(t, "鞋")))); got != "cf" {
		t.Errorf("after the deletion 鞋 finds %q, want %q", got, "cf")
	}
	q := index.Query{Facets: []index.Field{index.FieldSeller, index.FieldViolation}}
	r := search(t, x, q)
	for f, values := range r.Facets {
		for _, v := range values {
			if v.N != 1 {
				t.Errorf("after the deletion %s %s is counted %d times, want once", f, v.Value, v.N)
			}
		}
	}
	put(t, x, docs[:2])
	count(t, x, len(docs))

	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := x.Search(canceled, index.Query{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Search with a canceled context: %v", err)
	}
}

// documents yields the given ones and calls between before each.
func documents(docs []index.Document, between func(i int)) iter.Seq2[index.Document, error] {
	return func(yield func(index.Document, error) bool) {
		for i, d := range docs {
			between(i)
			if !yield(d, nil) {
				return
			}
		}
	}
}

func testRebuild(t *testing.T, x index.Index) {
	var fresh []index.Document
	for i := range 300 {
		fresh = append(fresh, index.Document{ID: fmt.Sprintf("r%03d", i), Title: "重建 高仿", Score: 0.5})
	}
	// What a rebuild says of a document that is put or deleted meanwhile is
	// older than that.
	fresh = append(fresh, index.Document{ID: "put", Title: "旧"}, index.Document{ID: "deleted", Title: "旧"})

	stop := make(chan struct{})
	var searchers sync.WaitGroup
	for range 2 {
		searchers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				r, err := x.Search(t.Context(), index.Query{Terms: []index.Term{{Text: "高仿"}}, Facets: index.Facets()})
				if err != nil {
					t.Errorf("Search while rebuilding: %v", err)
					return
				}
				if r.Total != 1 && r.Total != 300 {
					t.Errorf("Search while rebuilding: %d hits, want the 1 of before or the 300 of after", r.Total)
					return
				}
			}
		})
	}
	err := x.Rebuild(t.Context(), documents(fresh, func(i int) {
		if i == 100 {
			put(t, x, []index.Document{{ID: "put", Title: "新写入"}, {ID: "deleted", Title: "新写入"}})
			if err := x.Delete(t.Context(), []string{"deleted"}); err != nil {
				t.Errorf("Delete while rebuilding: %v", err)
			}
			if r := search(t, x, parse(t, "新写入")); hits(r) != "put" {
				t.Errorf("while rebuilding, what was put is found as %q", hits(r))
			}
		}
	}))
	close(stop)
	searchers.Wait()
	if err != nil {
		t.Fatalf("Rebuild: %v", err)
	}
	count(t, x, 301)
	if r := search(t, x, parse(t, "耐克")); r.Total != 0 {
		t.Errorf("after the rebuild %d documents of before are there", r.Total)
	}
	if r := search(t, x, parse(t, "新写入")); hits(r) != "put" {
		t.Errorf("after the rebuild, what was put meanwhile is found as %q", hits(r))
	}
	if r := search(t, x, parse(t, "旧")); r.Total != 0 {
		t.Errorf("the rebuild brought back %d older states", r.Total)
	}
	put(t, x, Documents())
	count(t, x, 309)
}

func testRebuildFails(t *testing.T, x index.Index) {
	broken := errors.New("the record is out of reach")
	err := x.Rebuild(t.Context(), func(yield func(index.Document, error) bool) {
		_ = yield(index.Document{ID: "z", Title: "半途"}, nil) && yield(index.Document{}, broken)
	})
	if !errors.Is(err, broken) {
		t.Errorf("Rebuild: %v, want %v", err, broken)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = x.Rebuild(ctx, documents(Documents(), func(i int) {
		if i == 3 {
			cancel()
		}
	}))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Rebuild with a canceled context: %v", err)
	}
	count(t, x, 8)
	put(t, x, []index.Document{{ID: "z"}})
	count(t, x, 9)
	// A failed one does not stand in the way of the next.
	if err := x.Rebuild(t.Context(), documents(Documents(), func(int) {})); err != nil {
		t.Fatalf("Rebuild: %v", err)
	}
	count(t, x, 8)
}
