package storetest

import (
	"database/sql"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/store"
)

// A picture is found on the offers of other sellers by a piece of its
// fingerprint, and the captures that leads stand on stay.
func testPictures(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{})
	scan := startScan(t, s, "shop", day(0))
	show := func(n int, seller, snapshot string, flagged bool, cited []string, pieces ...int64) markwatch.Listing {
		t.Helper()
		l := listing(n, "1")
		l.Platform, l.Seller = "shop", &markwatch.Seller{Name: seller}
		put(t, s, scan, l, verdict(n, flagged), store.PutOptions{})
		do(t, s, func(tx *sql.Tx) error {
			return s.PutPictures(t.Context(), tx, &l, []store.FetchedPicture{{Picture: markwatch.Picture{URL: "u" + id(n), Hash: "h", Snapshot: snapshot}, Pieces: pieces}}, cited, day(n))
		})
		return l
	}
	first := show(1, "甲", "p.warc.gz#1", false, nil, 7, 1<<17)
	show(2, "乙", "p.warc.gz#2", true, []string{"p.warc.gz#1"}, 7, 8)
	show(3, "丙", "p.warc.gz#3", false, nil, 9)
	show(4, "甲", "p.warc.gz#4", false, nil, 7)
	like := func(l markwatch.Listing, limit int, pieces ...int64) (out []string) {
		t.Helper()
		known, err := s.PicturesLike(t.Context(), &l, pieces, limit)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range known {
			out = append(out, k.Listing)
		}
		return out
	}
	// Neither the same offer nor another of the same seller counts.
	equal(t, "the first's picture elsewhere", like(first, 10, 7, 1<<17), []string{id(2)})
	other := listing(9, "1")
	other.Seller = &markwatch.Seller{Name: "丁"}
	equal(t, "on all offers, the newest first", like(other, 10, 7, 9), []string{id(4), id(3), id(2), id(1)})
	equal(t, "at most two", like(other, 2, 7, 9), []string{id(4), id(3)})
	equal(t, "of no piece", like(other, 10), nil)
	referred, err := s.Referred(t.Context(), "p.warc.gz")
	if err != nil {
		t.Fatal(err)
	}
	// The lead's own picture stays, and the innocent one that its verdict cites.
	equal(t, "captures of pictures that stay", referred, map[string]bool{"1": true, "2": true})
}
