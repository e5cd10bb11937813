package storetest

import (
	"database/sql"
	"sync"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/store"
)

// testTogether lets a result tile and the offer's own page arrive at the same
// moment, night after night: each scan counts the offer once, and the tile
// never erodes what the page said.
func testTogether(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{})
	page := listing(1, "199.00")
	page.ShipsFrom, page.Origins["ships_from"] = "福建莆田", markwatch.OriginText
	tile := listing(1, "199.00")
	tile.Origins = map[string]markwatch.Origin{"title": markwatch.OriginTile, "price": markwatch.OriginTile}
	const nights, readings = 12, 6
	for night := range nights {
		scan := startScan(t, s, "shop", day(24*night))
		var wg sync.WaitGroup
		errs := make([]error, readings)
		for i := range readings {
			l := tile
			if i == 0 {
				l = page
			}
			wg.Go(func() {
				errs[i] = s.Tx(t.Context(), func(tx *sql.Tx) error {
					prior, err := s.Prior(t.Context(), tx, []string{l.ID})
					if err != nil {
						return err
					}
					if known, ok := prior[l.ID]; ok {
						l = store.Merge(known, l)
					}
					p, err := s.PutListing(t.Context(), tx, scan, l, verdict(1, true), store.PutOptions{At: day(24 * night)})
					if err != nil {
						return err
					}
					var delta store.PageDelta
					delta.Count(p)
					return s.CountPage(t.Context(), tx, scan, delta)
				})
			})
		}
		wg.Wait()
		for _, err := range errs {
			if err != nil {
				t.Fatal(err)
			}
		}
		finish(t, s, scan, day(24*night+1))
		sum, err := s.Scan(t.Context(), scan)
		if err != nil {
			t.Fatal(err)
		}
		if sum.Listings.Seen != 1 || sum.Leads.New+sum.Leads.Updated != 1 || sum.Listings.Changed != 0 {
			t.Fatalf("night %d: %+v, leads %+v", night, sum.Listings, sum.Leads)
		}
	}
	r, err := s.Listing(t.Context(), page.ID)
	if err != nil {
		t.Fatal(err)
	}
	if r.Seen != nights || r.Listing.ShipsFrom != page.ShipsFrom {
		t.Errorf("seen in %d scans, ships from %q", r.Seen, r.Listing.ShipsFrom)
	}
}
