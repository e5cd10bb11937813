package store_test

import (
	"sync"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/store"
	"github.com/markwatch/markwatch/store/storetest"
)

// TestProcessesThatStartTogetherStoreTheListsOnce: each puts what its
// configuration says, which is the same.
func TestProcessesThatStartTogetherStoreTheListsOnce(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, dsn func(testing.TB) string) {
		s := storetest.Open(t, dsn(t), store.Options{})
		lists := markwatch.Lists{
			Brands: []markwatch.Brand{{ID: "nike", Names: map[string]string{"en": "Nike"}}},
			Works:  []markwatch.Work{{ID: "novel", Type: markwatch.WorkNovel, Titles: []string{"三体"}}},
		}
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				versions, err := s.PutLists(t.Context(), lists, "test", time.Now())
				if err != nil || versions[markwatch.ListBrands] != 1 || versions[markwatch.ListWorks] != 1 {
					t.Errorf("versions %v, %v", versions, err)
				}
			})
		}
		all.Wait()
	})
}
