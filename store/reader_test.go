package store_test

import (
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/store"
	"github.com/markwatch/markwatch/store/storetest"
)

// TestALookAtNothing: a database that nothing was put into yet is told from
// one that cannot be read.
func TestALookAtNothing(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, dsn func(testing.TB) string) {
		s, err := store.OpenReader(t.Context(), dsn(t), store.Options{})
		if markwatch.ErrorCode(err) != markwatch.CodeNotFound {
			t.Errorf("%v", err)
		}
		if s != nil {
			s.Close()
		}
	})
}
