package storetest

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/store"
)

// do runs f in a transaction.
func do(t testing.TB, s *store.Store, f func(tx *sql.Tx) error) {
	t.Helper()
	if err := s.Tx(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

// visit is the n-th page of a shop, checked at noon and due a day later.
func visit(n int) store.Visit {
	url := fmt.Sprintf("https://shop.example/item/%d", n)
	return store.Visit{
		Source: "shop", Key: fmt.Sprintf("key-%d", n), URL: url, ETag: `W/"x"`, LastModified: "Fri, 20 Nov 2026 12:00:00 GMT",
		Digest:    "sha256:00",
		Capture:   markwatch.Capture{Snapshot: fmt.Sprintf("a.warc.gz#%d", n), URL: url, At: day(-24), PayloadDigest: "sha256:11"},
		CheckedAt: day(0), ChangedAt: day(-24), DueAt: day(24), Interval: 24 * time.Hour, Unchanged: 1, Always: n%2 == 0, Flagged: n%2 == 1,
		Knowledge: "form-1", Links: []string{url + "/a", url + "/b", url, "https://other.example/?q=耐克"}, Listings: []string{id(n), id(n + 1)},
	}
}

func putVisits(t *testing.T, s *store.Store, visits ...store.Visit) {
	t.Helper()
	do(t, s, func(tx *sql.Tx) error {
		for _, v := range visits {
			if err := s.PutVisit(t.Context(), tx, v); err != nil {
				return err
			}
		}
		return nil
	})
}

func visits(t *testing.T, s *store.Store, source string, keys ...string) map[string]store.Visit {
	t.Helper()
	got, err := s.Visits(t.Context(), source, keys)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func testVisits(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{})
	ctx := t.Context()
	one, two := visit(1), visit(2)
	two.Capture.URL, two.Links, two.Listings = "https://www.shop.example/", nil, nil
	other := one
	other.Source = "other"
	putVisits(t, s, one, two, other)
	equal(t, "visits", visits(t, s, "shop", one.Key, two.Key, "unknown"), map[string]store.Visit{one.Key: one, two.Key: two})
	one.ETag, one.Links, one.Unchanged, one.Capture = "", one.Links[1:], 0, markwatch.Capture{}
	putVisits(t, s, one)
	do(t, s, func(tx *sql.Tx) error {
		if err := s.ConfirmVisit(ctx, tx, "shop", "unknown", day(30), day(60), time.Hour, 1); err != nil {
			return err
		}
		return s.ConfirmVisit(ctx, tx, "shop", two.Key, day(30), day(66), 36*time.Hour, 2)
	})
	two.CheckedAt, two.DueAt, two.Interval, two.Unchanged = day(30), day(66), 36*time.Hour, 2
	equal(t, "visits changed", visits(t, s, "shop", one.Key, two.Key, "unknown"), map[string]store.Visit{one.Key: one, two.Key: two})
	equal(t, "another source's visit", visits(t, s, "other", one.Key), map[string]store.Visit{other.Key: other})
	wantCode(t, s.Tx(ctx, func(tx *sql.Tx) error { return s.PutVisit(ctx, tx, store.Visit{Source: "shop"}) }), markwatch.CodeInvalid)
	n, err := s.DropVisits(ctx, day(1))
	if err != nil || n != 2 {
		t.Errorf("%d visits dropped, %v", n, err)
	}
	equal(t, "visits left", visits(t, s, "shop", one.Key, two.Key), map[string]store.Visit{two.Key: two})
}

// More addresses than one statement names.
func testManyVisits(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{Now: func() time.Time { return day(2) }})
	const all = 1203
	var keys []string
	hasten := map[string]time.Time{}
	do(t, s, func(tx *sql.Tx) error {
		for n := range all {
			v := visit(n)
			keys, hasten[v.Key] = append(keys, v.Key), time.Time{}
			if err := s.PutVisit(t.Context(), tx, v); err != nil {
				return err
			}
		}
		return nil
	})
	if got := len(visits(t, s, "shop", keys...)); got != all {
		t.Errorf("%d visits of %d", got, all)
	}
	do(t, s, func(tx *sql.Tx) error {
		if err := s.DelayVisits(t.Context(), tx, "shop", keys, day(48), 72*time.Hour); err != nil {
			return err
		}
		n, err := s.HastenVisits(t.Context(), tx, "shop", hasten)
		if n != all {
			t.Errorf("%d pages brought forward", n)
		}
		return err
	})
	if n, err := s.DropVisits(t.Context(), day(1)); err != nil || n != all {
		t.Errorf("%d visits dropped, %v", n, err)
	}
}

func testVisitDates(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{Now: func() time.Time { return day(3) }})
	ctx := t.Context()
	for i, c := range []struct {
		name string
		do   func(tx *sql.Tx, key string) error
		due  int // hours after noon
	}{
		{"nothing", func(*sql.Tx, string) error { return nil }, 24},
		{"another source's news", func(tx *sql.Tx, key string) error {
			_, err := s.HastenVisits(ctx, tx, "other", map[string]time.Time{key: {}})
			return err
		}, 24},
		{"a change after the check", func(tx *sql.Tx, key string) error {
			n, err := s.HastenVisits(ctx, tx, "shop", map[string]time.Time{key: day(1), "unknown": {}})
			equal(t, "brought forward", n, 1)
			return err
		}, 3},
		{"a change before the check", func(tx *sql.Tx, key string) error {
			n, err := s.HastenVisits(ctx, tx, "shop", map[string]time.Time{key: day(-1)})
			equal(t, "brought forward", n, 0)
			return err
		}, 24},
		{"news whenever it was checked, told twice", func(tx *sql.Tx, key string) error {
			if _, err := s.HastenVisits(ctx, tx, "shop", map[string]time.Time{key: {}}); err != nil {
				return err
			}
			n, err := s.HastenVisits(ctx, tx, "shop", map[string]time.Time{key: {}})
			equal(t, "brought forward again", n, 0)
			return err
		}, 3},
		{"seen unchanged elsewhere", func(tx *sql.Tx, key string) error {
			return s.DelayVisits(ctx, tx, "shop", []string{key, key}, day(40), 72*time.Hour)
		}, 40},
		{"but not for ever", func(tx *sql.Tx, key string) error {
			return s.DelayVisits(ctx, tx, "shop", []string{key}, day(100), 72*time.Hour)
		}, 72},
		{"and never sooner", func(tx *sql.Tx, key string) error {
			return s.DelayVisits(ctx, tx, "shop", []string{key}, day(20), 72*time.Hour)
		}, 24},
		{"a wait that is longer than any", func(tx *sql.Tx, key string) error {
			return s.DelayVisits(ctx, tx, "shop", []string{key}, day(40), 12*time.Hour)
		}, 24},
	} {
		v := visit(i)
		putVisits(t, s, v)
		do(t, s, func(tx *sql.Tx) error { return c.do(tx, v.Key) })
		if got := visits(t, s, "shop", v.Key)[v.Key].DueAt; !got.Equal(day(c.due)) {
			t.Errorf("%s: due at %s, want %s", c.name, got, day(c.due))
		}
	}
}

func testForgetCaptures(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{})
	one, two, none := visit(1), visit(2), visit(3)
	none.Capture = markwatch.Capture{}
	putVisits(t, s, one, two, none)
	do(t, s, func(tx *sql.Tx) error {
		return s.ForgetCaptures(t.Context(), tx, []string{one.Capture.Snapshot, "b.warc.gz#1", ""})
	})
	one.ETag, one.LastModified, one.Digest, one.Capture, one.DueAt = "", "", "", markwatch.Capture{}, time.Time{}
	equal(t, "visits", visits(t, s, "shop", one.Key, two.Key, none.Key),
		map[string]store.Visit{one.Key: one, two.Key: two, none.Key: none})
}

// What a page brings must not keep it, or others, from being remembered.
func testHostileVisits(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{})
	odd, huge, damaged, good := visit(1), visit(2), visit(3), visit(4)
	odd.URL, odd.ETag, odd.Capture = "https://shop.example/\x00\xff", "\"\x00\xff\"", markwatch.Capture{}
	odd.Links = []string{"", "a\nb\x00\xff", "", strings.Repeat("耐", 5000), "a\nb"}
	for n := range 60_000 {
		huge.Links = append(huge.Links, fmt.Sprintf("https://shop.example/%s/%d", strings.Repeat("x", 90), n))
	}
	putVisits(t, s, odd, huge, damaged, good)
	if _, err := s.DB().ExecContext(t.Context(), `UPDATE visits SET found = $1 WHERE url_key = $2`, []byte{0x28, 0xb5, 0x2f, 0xfd, 0xff}, damaged.Key); err != nil {
		t.Fatal(err)
	}
	got := visits(t, s, "shop", odd.Key, huge.Key, damaged.Key, good.Key)
	odd.URL, odd.ETag = "https://shop.example/\uFFFD\uFFFD", "\"\uFFFD\uFFFD\""
	for _, v := range []*store.Visit{&huge, &damaged} {
		v.ETag, v.LastModified, v.Digest, v.Knowledge, v.Links, v.Listings = "", "", "", "", nil, nil
	}
	equal(t, "visits", got, map[string]store.Visit{odd.Key: odd, huge.Key: huge, damaged.Key: damaged, good.Key: good})
}
