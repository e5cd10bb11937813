package storetest

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/markwatch/markwatch/store"
)

func testReminders(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{})
	remind := func(want []string, about ...string) {
		t.Helper()
		called := false
		fresh, err := s.Remind(t.Context(), about, day(1), func(_ context.Context, _ *sql.Tx, f []string) error {
			called = true
			if !slices.Equal(f, want) {
				t.Errorf("told of %v, want %v", f, want)
			}
			return nil
		})
		if err != nil || !slices.Equal(fresh, want) || called != (len(want) > 0) {
			t.Errorf("%v: %v %v, called %v", about, fresh, err, called)
		}
	}
	remind([]string{"a", "b"}, "a", "b", "a")
	remind([]string{"c"}, "b", "c")
	remind(nil, "a", "b", "c")
	remind(nil)
	// What could not be told is told the next time.
	broken := errors.New("no channel")
	if _, err := s.Remind(t.Context(), []string{"d"}, day(1), func(context.Context, *sql.Tx, []string) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	remind([]string{"d"}, "d")
	// Of several that find the same at once, one tells.
	var told atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := s.Remind(context.Background(), []string{"e"}, day(1), func(context.Context, *sql.Tx, []string) error {
				told.Add(1)
				return nil
			}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if told.Load() != 1 {
		t.Errorf("told %d times", told.Load())
	}
	if err := s.ForgetReminders(t.Context(), day(2)); err != nil {
		t.Fatal(err)
	}
	remind([]string{"a"}, "a")
}
