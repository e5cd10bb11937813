package storetest

import (
	"database/sql"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/store"
)

func testNames(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{})
	ctx := t.Context()
	var many []string
	for n := range 1100 {
		many = append(many, fmt.Sprint("name ", n))
	}
	covered := func(source string) map[string]time.Time {
		t.Helper()
		got, err := s.NamesCovered(ctx, source)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	equal(t, "at first", covered("shop"), map[string]time.Time{})
	for _, c := range []struct {
		source string
		names  []string
		at     time.Time
	}{
		{"shop", []string{"耐克", "Nike", "耐克"}, day(0)}, {"shop", []string{"Nike"}, day(24)},
		{"shop", []string{"Nike"}, day(12)}, {"other", many, day(0)}, {"shop", nil, day(0)},
	} {
		do(t, s, func(tx *sql.Tx) error { return s.CoverNames(ctx, tx, c.source, c.names, c.at) })
	}
	equal(t, "shop", covered("shop"), map[string]time.Time{"耐克": day(0), "Nike": day(24)})
	equal(t, "other", len(covered("other")), 1100)
	do(t, s, func(tx *sql.Tx) error {
		return s.AskNames(ctx, tx, "shop", []string{"耐克", "阿迪达斯"}, day(48))
	})
	equal(t, "covered after asking", covered("shop"), map[string]time.Time{"耐克": day(0), "Nike": day(24)})
	asked, err := s.NamesAsked(ctx, "shop")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "asked", asked, map[string]time.Time{"耐克": day(48), "阿迪达斯": day(48)})
	do(t, s, func(tx *sql.Tx) error {
		if err := s.KeepNames(ctx, tx, "shop", []string{"Nike", "new"}); err != nil {
			return err
		}
		return s.KeepNames(ctx, tx, "other", many[:1])
	})
	equal(t, "shop, kept", covered("shop"), map[string]time.Time{"Nike": day(24)})
	equal(t, "other, kept", covered("other"), map[string]time.Time{many[0]: day(0)})
}

func testSourceState(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{})
	ctx := t.Context()
	blocked := func(yes bool) (nights int) {
		t.Helper()
		do(t, s, func(tx *sql.Tx) (err error) {
			nights, err = s.CountBlocked(ctx, tx, "shop", yes)
			return err
		})
		return nights
	}
	for i, want := range []int{1, 2, 0, 1} {
		equal(t, "blocked nights", blocked(want > 0), want)
		if i == 0 {
			do(t, s, func(tx *sql.Tx) error { return s.SetSourceError(ctx, tx, "shop", "no such file\x00", day(1)) })
		}
	}
	do(t, s, func(tx *sql.Tx) error { return s.SetSourceError(ctx, tx, "other", "no route", day(1)) })
	do(t, s, func(tx *sql.Tx) error { return s.SetSourceError(ctx, tx, "other", "", day(2)) })
	states, err := s.SourceStates(ctx)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "states", states, map[string]store.SourceState{
		"shop": {LastError: "no such file\uFFFD", ErrorAt: day(1), BlockedNights: 1}, "other": {},
	})
	one, err := s.SourceState(ctx, "shop")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "one state", one, states["shop"])
}

// However many processes see a tick, one fires it.
func testTick(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{})
	ctx := t.Context()
	if at, err := s.LastTick(ctx, "shop"); err != nil || !at.IsZero() {
		t.Errorf("last tick %s, %v", at, err)
	}
	for _, c := range []struct {
		at   int
		want int32
	}{{0, 1}, {24, 1}, {12, 0}, {24, 0}, {25, 1}} {
		var fired atomic.Int32
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				first := false
				err := s.Tx(ctx, func(tx *sql.Tx) (err error) {
					first, err = s.Tick(ctx, tx, "shop", day(c.at))
					return err
				})
				if err != nil {
					t.Error(err)
				}
				if first {
					fired.Add(1)
				}
			})
		}
		wg.Wait()
		if fired.Load() != c.want {
			t.Errorf("the tick at %s fired %d times, want %d", day(c.at), fired.Load(), c.want)
		}
	}
	if at, err := s.LastTick(ctx, "shop"); err != nil || !at.Equal(day(25)) {
		t.Errorf("last tick %s, %v", at, err)
	}
	do(t, s, func(tx *sql.Tx) error {
		first, err := s.Tick(ctx, tx, "other", day(0))
		equal(t, "another source's tick", first, true)
		return err
	})
}

func testBaseline(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{})
	ctx := t.Context()
	baseline := func(n int) store.Baseline {
		t.Helper()
		b, err := s.Baseline(ctx, "shop", n)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	night := 0
	scanned := func(complete bool, listings, priced, pages int) {
		night++
		scan := startScan(t, s, "shop", day(24*night))
		d := store.PageDelta{Listings: markwatch.ListingCounts{Seen: listings}, Fields: map[string]int{"price": priced, "title": listings}}
		d.Add(markwatch.PageFetched, pages/2)
		d.Add(markwatch.PageNotDue, pages-pages/2)
		d.Add(markwatch.PageBlocked, 1000)
		do(t, s, func(tx *sql.Tx) error {
			if err := s.CountPage(ctx, tx, scan, d); err != nil {
				return err
			}
			_, err := s.FinishScan(ctx, tx, scan, store.Finish{Complete: complete, At: day(24*night + 1)})
			return err
		})
	}
	scanned(true, 9000, 0, 9000) // too old to count
	scanned(true, 100, 90, 50)
	scanned(false, 1, 0, 1)
	if got := baseline(2); got.Scans != 0 {
		t.Errorf("two scans are no baseline: %+v", got)
	}
	scanned(true, 120, 120, 70)
	scanned(true, 10, 1, 60)
	startScan(t, s, "shop", day(24*night+12)) // is not finished
	equal(t, "of three", baseline(3), store.Baseline{Scans: 3, Listings: 100, Pages: 60, Fields: map[string]float64{"price": 0.9, "title": 1}})
	equal(t, "of four", baseline(10), store.Baseline{Scans: 4, Listings: 110, Pages: 65, Fields: map[string]float64{"price": 0.5, "title": 1}})
	equal(t, "of an unknown source", func() store.Baseline { b, _ := s.Baseline(ctx, "other", 5); return b }(), store.Baseline{})
}
