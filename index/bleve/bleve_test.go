package bleve_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/index"
	"github.com/markwatch/markwatch/index/bleve"
	"github.com/markwatch/markwatch/index/indextest"
)

var _ = flag.Bool("update", false, "write the golden files anew")

func open(t testing.TB, dir string) *bleve.Index {
	t.Helper()
	x, err := bleve.Open(bleve.Options{Dir: dir, Fold: indextest.Fold})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = x.Close() })
	return x
}

func total(t *testing.T, x index.Index, query string) int {
	t.Helper()
	q, err := index.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	r, err := x.Search(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return r.Total
}

func TestConformance(t *testing.T) {
	indextest.Run(t, func(t *testing.T) index.Index { return open(t, t.TempDir()) })
}

func TestRanking(t *testing.T) {
	indextest.RunRanking(t, open(t, t.TempDir()), "testdata/ranking.golden")
}

// TestReopen holds that what Put, Delete and Rebuild said is there after the
// program ends, and nothing that a broken rebuild left.
func TestReopen(t *testing.T) {
	dir := t.TempDir()
	x := open(t, dir)
	if !x.Fresh() {
		t.Error("a new index does not say that it is empty")
	}
	if err := x.Put(t.Context(), indextest.Documents()); err != nil {
		t.Fatal(err)
	}
	if err := x.Delete(t.Context(), []string{"b"}); err != nil {
		t.Fatal(err)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "gen-broken"), 0o700); err != nil {
		t.Fatal(err)
	}

	x = open(t, dir)
	if x.Fresh() || total(t, x, "耐克") != 2 || total(t, x, "") != 7 {
		t.Errorf("opened again: fresh %v, %d hits of 耐克, %d documents", x.Fresh(), total(t, x, "耐克"), total(t, x, ""))
	}
	if _, err := os.Stat(filepath.Join(dir, "gen-broken")); !os.IsNotExist(err) {
		t.Errorf("the rest of a broken rebuild is still there: %v", err)
	}
	err := x.Rebuild(t.Context(), func(yield func(index.Document, error) bool) {
		yield(index.Document{ID: "only", Title: "重建"}, nil)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := x.Search(t.Context(), index.Query{}); markwatch.ErrorCode(err) != markwatch.CodeUnavailable {
		t.Errorf("Search after Close: %v", err)
	}
	if err := x.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
	if x = open(t, dir); total(t, x, "") != 1 || total(t, x, "重建") != 1 {
		t.Errorf("after the rebuild %d documents", total(t, x, ""))
	}
}

func TestOtherVersion(t *testing.T) {
	dir := t.TempDir()
	x := open(t, dir)
	if err := x.Put(t.Context(), indextest.Documents()); err != nil {
		t.Fatal(err)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	o := bleve.Options{Dir: dir, Fold: indextest.Fold, FoldVersion: "2"}
	_, err := bleve.Open(o)
	if markwatch.ErrorCode(err) != markwatch.CodeConflict || !strings.Contains(err.Error(), "reindex") {
		t.Errorf("Open with another folding: %v", err)
	}
	o.Renew = true
	x, err = bleve.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	if n, err := x.Count(context.Background()); !x.Fresh() || n != 0 || err != nil {
		t.Errorf("renewed: fresh %v, %d documents (%v), want an empty one", x.Fresh(), n, err)
	}
}

func TestHeldByAnother(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	if _, err := bleve.Open(bleve.Options{Dir: dir}); markwatch.ErrorCode(err) != markwatch.CodeLocked {
		t.Errorf("Open of a folder in use: %v", err)
	}
}
