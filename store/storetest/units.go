package storetest

import (
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/store"
)

// testIndexOfUnits holds that every lead goes to the index again when the units
// change, and only then.
func testIndexOfUnits(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{})
	ctx := t.Context()
	scan := startScan(t, s, "market", day(0))
	var ids []string
	for n := range 3 {
		l := listing(n, "9")
		ids = append(ids, l.ID)
		put(t, s, scan, l, verdict(n, true), store.PutOptions{})
	}
	innocent := listing(3, "9") // no lead
	put(t, s, scan, innocent, verdict(3, false), store.PutOptions{})
	done := func() (queued []string) {
		t.Helper()
		items, err := s.IndexQueue(ctx, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range items {
			queued = append(queued, i.ID)
		}
		if err := s.IndexDone(ctx, items); err != nil {
			t.Fatal(err)
		}
		return queued
	}
	done()
	edit := func(change func(*markwatch.Lists)) {
		t.Helper()
		if _, err := s.EditLists(ctx, "test", day(0), func(l *markwatch.Lists) error { change(l); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	units := func(l *markwatch.Lists) {
		l.Units.Units = []markwatch.Unit{{ID: "u-market", Name: "某市市场监督管理局"}}
	}
	edit(units)
	equal(t, "told when units came", done(), ids)
	edit(units)
	edit(func(l *markwatch.Lists) { l.Works = []markwatch.Work{{ID: "w", Titles: []string{"书"}}} })
	if queued := done(); len(queued) > 0 {
		t.Errorf("told of %v where no unit changed", queued)
	}
	edit(func(l *markwatch.Lists) { l.Units.Routes = []markwatch.Route{{Violation: markwatch.Piracy}} })
	equal(t, "told when routes came", done(), ids)
}
