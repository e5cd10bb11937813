package storetest

import (
	"database/sql"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/markwatch/markwatch/store"
)

func testFaults(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{})
	scan := startScan(t, s, "shop", day(0))
	want := []store.PageFault{
		{URL: "https://shop.example/a", Outcome: "dead", Reason: "the worker died"},
		{URL: "https://shop.example/b", Outcome: "failed", Reason: "http-503: \x00"},
	}
	err := s.Tx(t.Context(), func(tx *sql.Tx) error {
		if err := s.PutFaults(t.Context(), tx, scan, want); err != nil {
			return err
		}
		_, err := s.FinishScan(t.Context(), tx, scan, store.Finish{At: day(1)})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	faults := func(limit int) []store.PageFault {
		t.Helper()
		got, err := s.Faults(t.Context(), scan, limit)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := faults(10); len(got) != 2 || !cmp.Equal(got[0], want[0]) {
		t.Errorf("faults %v", got)
	}
	if got := faults(1); len(got) != 1 {
		t.Errorf("limited to one: %v", got)
	}
	if err := s.DropFaults(t.Context(), day(0)); err != nil {
		t.Fatal(err)
	}
	if got := faults(10); len(got) != 2 {
		t.Errorf("faults of a newer scan were forgotten: %v", got)
	}
	if err := s.DropFaults(t.Context(), day(2)); err != nil {
		t.Fatal(err)
	}
	if got := faults(10); len(got) != 0 {
		t.Errorf("faults of an old scan are still there: %v", got)
	}
}
