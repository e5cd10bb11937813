package storetest

import (
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/store"
	"github.com/shopspring/decimal"
)

// Run runs the suite on an engine; dsn makes an empty database.
func Run(t *testing.T, dsn func(testing.TB) string) {
	for _, c := range []struct {
		name string
		test func(*testing.T, func(testing.TB) string)
	}{
		{"lists are numbered versions", testLists},
		{"what changed in a configuration folder is taken", testTakenLists},
		{"a scan opens once, counts and finishes", testScan},
		{"counts go with their transaction", testCountsRollBack},
		{"a listing is new, seen again, changed", testPut},
		{"an offer is gone", testGone},
		{"a flagged listing becomes one lead", testLead},
		{"lead numbers follow the deployment's year", testLeadNumbers},
		{"many writers of one listing make one lead", testConcurrentPut},
		{"readings that arrive together count once", testTogether},
		{"people's changes to a lead", testUpdateLead},
		{"nobody's change to a lead is lost", testConcurrentUpdate},
		{"what people and units did with a lead", testHandling},
		{"several leads change together or not at all", testUpdateLeads},
		{"a batch is made whole or not at all", testBatches},
		{"a batch is delivered once", testDeliveries},
		{"what tells sellers and goods apart", testOffers},
		{"papers are numbered and replaced", testPapers}, {"runs of batches", testBatchRuns},
		{"filters and paging", testFilters},
		{"the index's queue loses nothing", testIndexQueue},
		{"hostile text is stored", testHostileText},
		{"what is committed is there after opening again", testReopen},
		{"what a scan did not see", testFaults},
		{"the audit log", testAudit},
		{"the audit log is chained", testAuditChain},
		{"the index is told of units", testIndexOfUnits},
		{"people", testPeople},
		{"sessions and links", testSessions},
		{"access tokens", testTokens},
		{"failed logins", testAttempts},
		{"what is remembered of an address", testVisits},
		{"many addresses at once", testManyVisits},
		{"pages are brought forward and wait", testVisitDates},
		{"a capture that was dropped is asked for again", testForgetCaptures},
		{"hostile pages are remembered", testHostileVisits},
		{"an unchanged page counts like one read again", testTouch},
		{"listings that are not due are carried", testCarry},
		{"what is gone is neither seen nor carried", testGoneAgain},
		{"counts of batches, corrections and the end", testCounts},
		{"names are covered and forgotten", testNames},
		{"the state of sources", testSourceState},
		{"a tick fires once", testTick},
		{"what a source's scans usually bring", testBaseline},
		{"listings judged by other knowledge", testOutdated},
		{"a new verdict on a stored listing", testPutVerdict},
		{"evidence that is referred to", testReferred},
		{"saved searches and what they find anew", testSavedSearches},
		{"a dismissed lead and what reopens it", testDismissed},
		{"reminders are told once", testReminders},
		{"the blacklist", testBlacklist},
		{"the market of a product line", testMarket},
		{"pictures of offers", testPictures},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, dsn) })
	}
}

func yuan(amount string) *markwatch.Money {
	return &markwatch.Money{Amount: decimal.RequireFromString(amount), Currency: markwatch.CNY}
}

func listing(n int, price string) markwatch.Listing {
	return markwatch.Listing{
		ID: id(n), Source: "shop", URL: "https://shop.example/item/" + id(n), Title: "耐克 Air Force 1",
		Price: yuan(price), FetchedAt: day(0), Snapshot: "a.warc.gz#1",
		Origins: map[string]markwatch.Origin{"title": markwatch.OriginJSONLD, "price": markwatch.OriginJSONLD},
	}
}

func verdict(n int, flagged bool) markwatch.Verdict {
	v := markwatch.Verdict{ID: id(n), Score: 0.1, Violations: map[markwatch.Violation]markwatch.ViolationVerdict{}, Findings: []markwatch.Finding{}}
	if flagged {
		v.Score, v.Flagged = 0.9, true
		v.Violations[markwatch.Counterfeit] = markwatch.ViolationVerdict{Score: 0.9, Flagged: true}
	}
	return v
}

func startScan(t *testing.T, s *store.Store, source string, at time.Time) string {
	t.Helper()
	scan, err := s.StartScan(t.Context(), source, at)
	if err != nil {
		t.Fatal(err)
	}
	return scan
}

func finish(t *testing.T, s *store.Store, scan string, at time.Time) {
	t.Helper()
	do(t, s, func(tx *sql.Tx) error {
		_, err := s.FinishScan(t.Context(), tx, scan, store.Finish{Complete: true, At: at})
		return err
	})
}

// put stores one listing in a transaction of its own.
func put(t *testing.T, s *store.Store, scan string, l markwatch.Listing, v markwatch.Verdict, opts store.PutOptions) store.Put {
	t.Helper()
	var p store.Put
	err := s.Tx(t.Context(), func(tx *sql.Tx) (err error) {
		p, err = s.PutListing(t.Context(), tx, scan, l, v, opts)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func wantCode(t *testing.T, err error, code markwatch.Code) {
	t.Helper()
	if got := markwatch.ErrorCode(err); got != code {
		t.Errorf("error code %q (%v), want %q", got, err, code)
	}
}

func equal[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func testLists(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{})
	_, versions, err := s.Lists(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "versions of an empty store", versions.String(), "brands@0 works@0 lexicons@0 rules@0")
	one := markwatch.Lists{Brands: []markwatch.Brand{{ID: "nike", Names: map[string]string{"zh": "耐克", "en": "Nike"}}}}
	steps := []struct {
		name   string
		change func(*markwatch.Lists)
		want   string
	}{
		{"first", func(*markwatch.Lists) {}, "brands@1 works@0 lexicons@0 rules@0"},
		{"the same again", func(*markwatch.Lists) {}, "brands@1 works@0 lexicons@0 rules@0"},
		{"another list", func(l *markwatch.Lists) { l.Works = []markwatch.Work{{ID: "w", Titles: []string{"流浪地球"}}} }, "brands@1 works@1 lexicons@0 rules@0"},
		{"changed", func(l *markwatch.Lists) { l.Brands[0].Holder = "Nike Innovate C.V." }, "brands@2 works@1 lexicons@0 rules@0"},
		{"emptied", func(l *markwatch.Lists) { l.Works = nil }, "brands@2 works@2 lexicons@0 rules@0"},
	}
	for _, step := range steps {
		step.change(&one)
		got, err := s.PutLists(t.Context(), one, "anna", day(0))
		if err != nil {
			t.Fatal(step.name, err)
		}
		equal(t, step.name, got.String(), step.want)
	}
	lists, versions, err := s.Lists(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "versions", versions.String(), "brands@2 works@2 lexicons@0 rules@0")
	equal(t, "brands", lists.Brands, one.Brands)
	old, _, err := s.ListsAt(t.Context(), markwatch.Versions{markwatch.ListBrands: 1, markwatch.ListWorks: 1})
	if err != nil {
		t.Fatal(err)
	}
	if old.Brands[0].Holder != "" || len(old.Works) != 1 {
		t.Errorf("the old versions are not what they were: %+v", old)
	}
	_, _, err = s.ListsAt(t.Context(), markwatch.Versions{markwatch.ListBrands: 7})
	wantCode(t, err, markwatch.CodeNotFound)
}

func testScan(t *testing.T, dsn func(testing.TB) string) {
	zone := time.FixedZone("CST", 8*3600)
	s := Open(t, dsn(t), store.Options{TimeZone: zone})
	scan := startScan(t, s, "shop", day(0))
	equal(t, "id", scan, "shop-20261120-200000")
	_, err := s.StartScan(t.Context(), "shop", day(1))
	wantCode(t, err, markwatch.CodeConflict)
	startScan(t, s, "other", day(0))
	open, ok, err := s.OpenScan(t.Context(), "shop")
	if err != nil || !ok || open != scan {
		t.Fatalf("open scan %q %v %v", open, ok, err)
	}
	if err := s.ResumeScan(t.Context(), scan); err != nil {
		t.Fatal(err)
	}
	deltas := []store.PageDelta{
		{Outcome: markwatch.PageFetched, Listings: markwatch.ListingCounts{Seen: 4, New: 3, Changed: 1}, Leads: markwatch.LeadCounts{New: 1},
			Violations: map[markwatch.Violation]int{markwatch.Piracy: 1}, Fields: map[string]int{"price": 3, "title": 4}},
		{Outcome: markwatch.PageFetched}, {Outcome: markwatch.PageUnchanged}, {Outcome: markwatch.PageBlocked}, {Outcome: markwatch.PageRobots},
		{Outcome: markwatch.PageFailed}, {Outcome: markwatch.PageUndecodable}, {Outcome: markwatch.PageEmpty},
		{Listings: markwatch.ListingCounts{Gone: 2}, Leads: markwatch.LeadCounts{Updated: 5}},
	}
	for _, d := range deltas {
		err := s.Tx(t.Context(), func(tx *sql.Tx) error {
			return errors.Join(s.WarnScan(t.Context(), tx, scan, "slow"), s.CountPage(t.Context(), tx, scan, d))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	finish(t, s, scan, day(2))
	wantCode(t, s.ResumeScan(t.Context(), scan), markwatch.CodeConflict)
	wantCode(t, s.ResumeScan(t.Context(), "nothing"), markwatch.CodeNotFound)
	got, err := s.Scan(t.Context(), scan)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "summary", got, markwatch.ScanSummary{
		Scan: scan, Source: "shop", StartedAt: day(0), FinishedAt: day(2), Resumed: true, Complete: true,
		Pages:      markwatch.PageCounts{Fetched: 2, Unchanged: 1, Blocked: 1, Robots: 1, Failed: 1, Undecodable: 1, Empty: 1},
		Listings:   markwatch.ListingCounts{Seen: 4, New: 3, Changed: 1, Gone: 2},
		Leads:      markwatch.LeadCounts{New: 1, Updated: 5},
		Violations: map[markwatch.Violation]int{markwatch.Piracy: 1},
		Fields:     map[string]float64{"price": 0.75, "title": 1},
		Warnings:   []string{"slow (×9)"},
	})
	again := startScan(t, s, "shop", day(0))
	equal(t, "id of a scan in the same second", again, "shop-20261120-200000-2")
	all, err := s.Scans(t.Context(), store.ScanFilter{Source: "shop"})
	if err != nil || len(all) != 2 || all[0].Scan != again {
		t.Errorf("scans of the shop: %v %v", all, err)
	}
	live, err := s.Scans(t.Context(), store.ScanFilter{Open: true, Limit: 5})
	if err != nil || len(live) != 2 {
		t.Errorf("open scans: %v %v", live, err)
	}
}

func testCountsRollBack(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{})
	scan := startScan(t, s, "shop", day(0))
	crash := errors.New("crash")
	err := s.Tx(t.Context(), func(tx *sql.Tx) error {
		p, err := s.PutListing(t.Context(), tx, scan, listing(1, "199"), verdict(1, true), store.PutOptions{})
		if err != nil {
			return err
		}
		d := store.PageDelta{Outcome: markwatch.PageFetched}
		d.Count(p)
		if err := s.CountPage(t.Context(), tx, scan, d); err != nil {
			return err
		}
		return crash
	})
	if !errors.Is(err, crash) {
		t.Fatal(err)
	}
	sum, err := s.Scan(t.Context(), scan)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "pages", sum.Pages, markwatch.PageCounts{})
	_, err = s.Listing(t.Context(), id(1))
	wantCode(t, err, markwatch.CodeNotFound)
	if n, _, err := s.IndexLag(t.Context()); err != nil || n != 0 {
		t.Errorf("index queue %d %v", n, err)
	}
	// The number that the rolled back lead had is given to the next.
	put(t, s, scan, listing(2, "199"), verdict(2, true), store.PutOptions{})
	lead, err := s.Lead(t.Context(), "2026-0001")
	if err != nil || lead.ID != id(2) {
		t.Errorf("lead %+v %v", lead, err)
	}
}

func testPut(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{})
	ctx := t.Context()
	first := startScan(t, s, "shop", day(0))
	p := put(t, s, first, listing(1, "199.00"), verdict(1, false), store.PutOptions{})
	equal(t, "new", p, store.Put{FirstInScan: true, New: true, Fields: []string{"title", "price"}})
	more := listing(1, "189.00")
	more.Description = "全新"
	p = put(t, s, first, more, verdict(1, false), store.PutOptions{At: day(1)})
	equal(t, "again in the scan that found it", p, store.Put{Fields: []string{"description"}})
	finish(t, s, first, day(2))
	second := startScan(t, s, "shop", day(24))
	p = put(t, s, second, more, verdict(1, false), store.PutOptions{At: day(24)})
	equal(t, "seen in the next scan", p, store.Put{FirstInScan: true, Fields: []string{"title", "description", "price"}})
	more.Price = yuan("99.00")
	p = put(t, s, second, more, verdict(1, false), store.PutOptions{At: day(25)})
	equal(t, "changed", p, store.Put{Changed: true})
	more.Price = yuan("98.00")
	p = put(t, s, second, more, verdict(1, false), store.PutOptions{At: day(26)})
	equal(t, "changed again in the scan", p, store.Put{})

	r, err := s.Listing(ctx, id(1))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "listing", r.Listing, more)
	if r.Seen != 2 || !r.FirstSeen.Equal(day(0)) || !r.LastSeen.Equal(day(26)) {
		t.Errorf("seen %d from %s to %s", r.Seen, r.FirstSeen, r.LastSeen)
	}
	history, err := s.History(ctx, id(1))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range history {
		got = append(got, fmt.Sprintf("%s %s–%s", c.Price, c.FirstSeen.Format("02T15"), c.LastSeen.Format("02T15")))
	}
	equal(t, "history", got, []string{"199.00 CNY 20T12–20T12", "189.00 CNY 20T13–21T12", "99.00 CNY 21T13–21T13", "98.00 CNY 21T14–21T14"})
	err = s.Tx(ctx, func(tx *sql.Tx) error {
		prior, err := s.Prior(ctx, tx, []string{id(1), id(2)})
		if err == nil {
			equal(t, "prior", prior, map[string]markwatch.Listing{id(1): more})
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	err = s.Tx(ctx, func(tx *sql.Tx) error {
		_, err := s.PutListing(ctx, tx, second, markwatch.Listing{Title: "x"}, markwatch.Verdict{}, store.PutOptions{})
		return err
	})
	wantCode(t, err, markwatch.CodeInvalid)
}

func testGone(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{})
	scan := startScan(t, s, "shop", day(0))
	put(t, s, scan, listing(1, "1"), verdict(1, true), store.PutOptions{})
	drain(t, s)
	for _, want := range []int{1, 0} {
		do(t, s, func(tx *sql.Tx) error {
			got, err := s.MarkGone(t.Context(), tx, scan, listing(1, "1").URL, day(1), store.PutOptions{})
			equal(t, "gone", got, store.PageDelta{Listings: markwatch.ListingCounts{Gone: want}})
			return err
		})
	}
	lead, err := s.Lead(t.Context(), id(1))
	if err != nil || lead.Listing.Availability != markwatch.Gone || !lead.Verdict.Flagged {
		t.Errorf("lead %+v, %v", lead, err)
	}
	equal(t, "index told", drain(t, s), []string{id(1)})
	history, err := s.History(t.Context(), id(1))
	if err != nil || len(history) != 2 || history[1].Availability != markwatch.Gone {
		t.Errorf("history %+v, %v", history, err)
	}
}

func testConcurrentPut(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{})
	scan := startScan(t, s, "shop", day(0))
	var wg sync.WaitGroup
	var mu sync.Mutex
	var fresh, leads, seen int
	for range 8 {
		wg.Go(func() {
			for n := range 10 {
				var p store.Put
				err := s.Tx(t.Context(), func(tx *sql.Tx) (err error) {
					if p, err = s.PutListing(t.Context(), tx, scan, listing(n, "9"), verdict(n, true), store.PutOptions{}); err != nil {
						return err
					}
					d := store.PageDelta{Outcome: markwatch.PageFetched}
					d.Count(p)
					return s.CountPage(t.Context(), tx, scan, d)
				})
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				for _, c := range []struct {
					n   *int
					yes bool
				}{{&fresh, p.New}, {&leads, p.LeadNew}, {&seen, p.FirstInScan}} {
					if c.yes {
						*c.n++
					}
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if fresh != 10 || leads != 10 || seen != 10 {
		t.Errorf("%d new, %d leads, %d seen first, want 10 of each", fresh, leads, seen)
	}
	sum, err := s.Scan(t.Context(), scan)
	if err != nil {
		t.Fatal(err)
	}
	if sum.Pages.Fetched != 80 || sum.Listings.Seen != 10 || sum.Violations[markwatch.Counterfeit] != 10 {
		t.Errorf("counted %+v", sum)
	}
	if l, err := s.Lead(t.Context(), "2026-0010"); err != nil || l.Number != "2026-0010" {
		t.Errorf("the tenth lead: %v %v", l, err)
	}
}

func testHostileText(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{})
	scan := startScan(t, s, "shop", day(0))
	l := listing(1, "1")
	l.Title, l.URL = "a\x00b\xff耐克'; DROP TABLE leads; --", "https://x.example/\x00\xff"
	v := verdict(1, true)
	v.Violations["rule\x00|%_"] = markwatch.ViolationVerdict{Score: 1, Flagged: true}
	put(t, s, scan, l, v, store.PutOptions{IndexAll: true})
	r, err := s.Listing(t.Context(), id(1))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "title", r.Listing.Title, "a\x00b\uFFFD耐克'; DROP TABLE leads; --")
	if err := s.Audit(t.Context(), store.AuditEntry{Actor: "a\x00", Action: "search", Detail: "\xff"}); err != nil {
		t.Error(err)
	}
	if _, err := s.UpdateLead(t.Context(), id(1), func(l markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error) {
		l.Note = "x\x00"
		return l, []markwatch.LeadEvent{{Actor: "\x00", Action: "note"}}, nil
	}); err != nil {
		t.Error(err)
	}
	err = s.Tx(t.Context(), func(tx *sql.Tx) error { return s.WarnScan(t.Context(), tx, scan, "bad \x00 byte") })
	if err != nil {
		t.Error(err)
	}
}

func testReopen(t *testing.T, dsn func(testing.TB) string) {
	at := dsn(t)
	s, err := store.Open(t.Context(), at, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	scan := startScan(t, s, "shop", day(0))
	put(t, s, scan, listing(1, "1"), verdict(1, true), store.PutOptions{})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = Open(t, at, store.Options{})
	if open, ok, err := s.OpenScan(t.Context(), "shop"); err != nil || !ok || open != scan {
		t.Errorf("open scan %q %v %v", open, ok, err)
	}
	if _, err := s.Lead(t.Context(), "2026-0001"); err != nil {
		t.Error(err)
	}
}
