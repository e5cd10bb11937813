package storetest

import (
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/store"
)

// counting runs f in a transaction and counts what it returns.
func counting(t *testing.T, s *store.Store, scan string, f func(tx *sql.Tx) (store.PageDelta, error)) store.PageDelta {
	t.Helper()
	var d store.PageDelta
	do(t, s, func(tx *sql.Tx) (err error) {
		if d, err = f(tx); err != nil {
			return err
		}
		return s.CountPage(t.Context(), tx, scan, d)
	})
	return d
}

func touch(t *testing.T, s *store.Store, scan, source string, at time.Time, opts store.PutOptions, ids ...string) store.PageDelta {
	t.Helper()
	return counting(t, s, scan, func(tx *sql.Tx) (store.PageDelta, error) {
		return s.TouchListings(t.Context(), tx, scan, source, ids, at, opts)
	})
}

func carry(t *testing.T, s *store.Store, scan string, ids ...string) store.PageDelta {
	t.Helper()
	return counting(t, s, scan, func(tx *sql.Tx) (store.PageDelta, error) {
		return s.CarryListings(t.Context(), tx, scan, "shop", ids)
	})
}

// countedPut stores a listing and counts it.
func countedPut(t *testing.T, s *store.Store, scan string, l markwatch.Listing, v markwatch.Verdict, at time.Time) store.PageDelta {
	t.Helper()
	return counting(t, s, scan, func(tx *sql.Tx) (d store.PageDelta, err error) {
		p, err := s.PutListing(t.Context(), tx, scan, l, v, store.PutOptions{At: at})
		d.Count(p)
		return d, err
	})
}

func summary(t *testing.T, s *store.Store, scan string) markwatch.ScanSummary {
	t.Helper()
	sum, err := s.Scan(t.Context(), scan)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

func record(t *testing.T, s *store.Store, id string) store.Record {
	t.Helper()
	r, err := s.Listing(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// offers are a plain listing, a flagged one, and one whose lead is flagged no
// more, as shop's first scan leaves them.
func offers(t *testing.T, s *store.Store) []string {
	t.Helper()
	scan := startScan(t, s, "shop", day(0))
	full := listing(2, "199")
	full.Description, full.Seller = "高仿", &markwatch.Seller{Name: "小王"}
	countedPut(t, s, scan, listing(1, "9"), verdict(1, false), day(0))
	countedPut(t, s, scan, full, verdict(2, true), day(0))
	countedPut(t, s, scan, listing(3, "9"), verdict(3, true), day(0))
	countedPut(t, s, scan, listing(3, "9"), verdict(3, false), day(0))
	finish(t, s, scan, day(1))
	drain(t, s)
	return []string{id(1), id(2), id(3)}
}

// A page that was found unchanged counts exactly as its listings stored again
// would.
func testTouch(t *testing.T, dsn func(testing.TB) string) {
	for _, c := range []struct {
		name   string
		source string
		steps  int // how often the page is seen in the scan
		opts   store.PutOptions
	}{
		{"once", "shop", 1, store.PutOptions{}},
		{"twice", "shop", 2, store.PutOptions{}},
		{"by another source", "archive", 2, store.PutOptions{}},
		{"with all listings in the index", "shop", 1, store.PutOptions{IndexAll: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			type result struct {
				Summary  markwatch.ScanSummary
				Deltas   []store.PageDelta
				Records  []store.Record
				Leads    []markwatch.Lead
				Told     []string
				BySource int
			}
			var results [2]result
			for way := range results {
				s := Open(t, dsn(t), store.Options{})
				ids := offers(t, s)
				scan := startScan(t, s, c.source, day(24))
				r := &results[way]
				for step := range c.steps {
					at := day(24 + step)
					if way == 0 {
						r.Deltas = append(r.Deltas, touch(t, s, scan, c.source, at, c.opts, append(ids, "unknown", ids[0])...))
						continue
					}
					r.Deltas = append(r.Deltas, counting(t, s, scan, func(tx *sql.Tx) (d store.PageDelta, err error) {
						for _, id := range ids {
							stored := record(t, s, id)
							stored.Listing.Source = c.source
							opts := c.opts
							opts.At = at
							p, err := s.PutListing(t.Context(), tx, scan, stored.Listing, stored.Verdict, opts)
							if err != nil {
								return d, err
							}
							d.Count(p)
						}
						return d, nil
					}))
				}
				finish(t, s, scan, day(30))
				r.Summary = summary(t, s, scan)
				for _, id := range ids {
					rec := record(t, s, id)
					rec.Listing.Source = "" // the document of an unchanged page names the source that read it
					r.Records = append(r.Records, rec)
				}
				for l, err := range s.Leads(t.Context(), store.LeadFilter{}) {
					if err != nil {
						t.Fatal(err)
					}
					l.Listing.Source = ""
					r.Leads = append(r.Leads, l)
				}
				r.BySource = count(t, s, s.Leads(t.Context(), store.LeadFilter{Source: c.source})) +
					10*count(t, s, s.Listings(t.Context(), store.ListingFilter{Source: c.source}))
				r.Told = drain(t, s)
			}
			equal(t, "touched against stored again", results[0], results[1])
			if got := results[0].Summary; got.Listings.Seen != 3 || got.Leads.Updated != 2 || got.Violations[markwatch.Counterfeit] != 1 || got.Fields["description"] != 1./3 {
				t.Errorf("counted %+v", got)
			}
		})
	}
}

func testCarry(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{})
	ids := offers(t, s)
	before := record(t, s, id(2))
	scan := startScan(t, s, "shop", day(24))
	d := carry(t, s, scan, append(ids, "unknown")...)
	equal(t, "carried", d, store.PageDelta{
		Listings: markwatch.ListingCounts{Seen: 3, Carried: 3}, Violations: map[markwatch.Violation]int{markwatch.Counterfeit: 1},
		Fields: map[string]int{"title": 3, "price": 3, "description": 1, "seller": 1},
	})
	equal(t, "carried twice", carry(t, s, scan, ids...), store.PageDelta{})
	equal(t, "a carried listing", record(t, s, id(2)), before)
	equal(t, "index told", drain(t, s), []string(nil))
	// A tile shows one of them after all, an unchanged page another.
	tile := before.Listing
	tile.Sales = 7
	equal(t, "really seen", countedPut(t, s, scan, tile, verdict(2, true), day(25)),
		store.PageDelta{Listings: markwatch.ListingCounts{Carried: -1}, Leads: markwatch.LeadCounts{Updated: 1}, Fields: map[string]int{"sales": 1}})
	equal(t, "really seen twice", countedPut(t, s, scan, tile, verdict(2, true), day(25)), store.PageDelta{})
	equal(t, "touched", touch(t, s, scan, "shop", day(26), store.PutOptions{}, id(3)),
		store.PageDelta{Listings: markwatch.ListingCounts{Carried: -1}, Leads: markwatch.LeadCounts{Updated: 1}})
	equal(t, "carried after it was seen", carry(t, s, scan, id(2), id(3)), store.PageDelta{})
	finish(t, s, scan, day(27))
	sum := summary(t, s, scan)
	equal(t, "listings", sum.Listings, markwatch.ListingCounts{Seen: 3, Carried: 1})
	equal(t, "leads", sum.Leads, markwatch.LeadCounts{Updated: 2})
	equal(t, "fields", sum.Fields, map[string]float64{"title": 1, "price": 1, "description": 1. / 3, "seller": 1. / 3, "sales": 1. / 3})
	for n, want := range map[int]string{1: "1 20T12", 2: "2 21T13", 3: "2 21T14"} {
		r := record(t, s, id(n))
		equal(t, "seen", fmt.Sprint(r.Seen, r.LastSeen.Format(" 02T15")), want)
	}
	if lead, err := s.Lead(t.Context(), id(2)); err != nil || lead.Seen != 2 || !lead.LastSeen.Equal(day(25)) {
		t.Errorf("lead %+v, %v", lead, err)
	}
}

// What is gone is neither seen nor carried until a page shows it again.
func testGoneAgain(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{})
	ids := offers(t, s)
	scan := startScan(t, s, "shop", day(24))
	carry(t, s, scan, ids...)
	gone := func(scan string) store.PageDelta {
		return counting(t, s, scan, func(tx *sql.Tx) (store.PageDelta, error) {
			return s.MarkGone(t.Context(), tx, scan, listing(2, "1").URL, day(25), store.PutOptions{})
		})
	}
	equal(t, "a carried listing is gone", gone(scan), store.PageDelta{
		Listings:   markwatch.ListingCounts{Seen: -1, Carried: -1, Gone: 1},
		Violations: map[markwatch.Violation]int{markwatch.Counterfeit: -1},
		Fields:     map[string]int{"title": -1, "price": -1, "description": -1, "seller": -1},
	})
	finish(t, s, scan, day(26))
	equal(t, "listings", summary(t, s, scan).Listings, markwatch.ListingCounts{Seen: 2, Carried: 2, Gone: 1})
	scan = startScan(t, s, "shop", day(48))
	equal(t, "touched", touch(t, s, scan, "shop", day(48), store.PutOptions{}, id(2)), store.PageDelta{})
	equal(t, "carried", carry(t, s, scan, id(2)), store.PageDelta{})
	equal(t, "gone again", gone(scan), store.PageDelta{})
	back := listing(2, "199")
	back.Availability = markwatch.InStock
	equal(t, "back", countedPut(t, s, scan, back, verdict(2, true), day(49)).Listings, markwatch.ListingCounts{Seen: 1, Changed: 1})
	equal(t, "back and touched", touch(t, s, scan, "shop", day(50), store.PutOptions{}, id(2)), store.PageDelta{})
	// A page that says so itself is a page that is seen.
	scan2 := startScan(t, s, "archive", day(49))
	sold := listing(1, "9")
	sold.Source, sold.Availability = "archive", markwatch.Gone
	countedPut(t, s, scan2, sold, verdict(1, false), day(49))
	equal(t, "seen with its word", touch(t, s, scan, "shop", day(50), store.PutOptions{}, id(1)).Listings, markwatch.ListingCounts{Seen: 1})
}

func testCounts(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{})
	ctx := t.Context()
	scan := startScan(t, s, "shop", day(0))
	d := store.PageDelta{Outcome: markwatch.PageFetched, Left: 3, Rows: markwatch.RowCounts{Read: 7}}
	d.Add(markwatch.PageNotDue, 40)
	d.Add(markwatch.PageFetched, 1)
	more := store.PageDelta{Outcome: markwatch.PageNotDue, Listings: markwatch.ListingCounts{Seen: 5, Carried: 4, New: 1, Changed: 1, Gone: 1},
		Leads: markwatch.LeadCounts{New: 1, Updated: 1}, Rows: markwatch.RowCounts{Broken: 1}, Left: 1,
		Violations: map[markwatch.Violation]int{markwatch.Piracy: 1}, Fields: map[string]int{"price": 5}}
	d.Merge(more)
	correction := store.PageDelta{}
	correction.Add(markwatch.PageNotDue, -1)
	for _, d := range []store.PageDelta{d, correction} {
		do(t, s, func(tx *sql.Tx) error { return s.CountPage(ctx, tx, scan, d) })
	}
	want := markwatch.ScanSummary{
		Scan: scan, Source: "shop", StartedAt: day(0), Pages: markwatch.PageCounts{Fetched: 2, NotDue: 40, Left: 4},
		Listings: more.Listings, Leads: more.Leads, Rows: &markwatch.RowCounts{Read: 7, Broken: 1},
		Violations: more.Violations, Fields: map[string]float64{"price": 1}, Warnings: []string{},
	}
	equal(t, "running", summary(t, s, scan), want)
	if ids, err := s.OpenScans(ctx); err != nil || len(ids) != 1 || ids[0] != scan {
		t.Errorf("open scans %v, %v", ids, err)
	}
	for i, wantFirst := range []bool{true, false} {
		do(t, s, func(tx *sql.Tx) error {
			first, err := s.FinishScan(ctx, tx, scan, store.Finish{
				At: day(2 + i), Complete: i == 0, Failed: 2, Left: 5, Warnings: []string{"one", "two"},
				Names: &markwatch.NameCoverage{Total: 9, Covered: 4, Oldest: day(-48)},
			})
			equal(t, "first", first, wantFirst)
			return err
		})
	}
	want.Pages.Failed, want.Pages.Left, want.FinishedAt, want.Complete = 2, 9, day(2), true
	want.Names, want.Warnings = &markwatch.NameCoverage{Total: 9, Covered: 4, Oldest: day(-48)}, []string{"one", "two"}
	equal(t, "finished", summary(t, s, scan), want)
	if ids, err := s.OpenScans(ctx); err != nil || len(ids) != 0 {
		t.Errorf("open scans %v, %v", ids, err)
	}
	wantCode(t, s.Tx(ctx, func(tx *sql.Tx) error {
		_, err := s.FinishScan(ctx, tx, "nothing", store.Finish{})
		return err
	}), markwatch.CodeNotFound)
	// A source none of whose names was ever covered.
	scan = startScan(t, s, "shop", day(24))
	do(t, s, func(tx *sql.Tx) error {
		_, err := s.FinishScan(ctx, tx, scan, store.Finish{Names: &markwatch.NameCoverage{Total: 2}})
		return err
	})
	equal(t, "names", summary(t, s, scan).Names, &markwatch.NameCoverage{Total: 2})
}
