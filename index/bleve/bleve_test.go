package bleve_test

import (
	"testing"

	"github.com/markwatch/markwatch/index"
	"github.com/markwatch/markwatch/index/bleve"
	"github.com/markwatch/markwatch/index/indextest"
)

func open(t testing.TB, dir string) *bleve.Index {
	t.Helper()
	x, err := bleve.Open(bleve.Options{Dir: dir, Fold: indextest.Fold})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestConformance(t *testing.T) {
	indextest.Run(t, func(t *testing.T) index.Index { return open(t, t.TempDir()) })
}
