package storetest

import (
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/store"
)

func testLead(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{})
	ctx := t.Context()
	one := startScan(t, s, "shop", day(0))
	// A result tile raises no suspicion, the offer's page in the same scan does.
	put(t, s, one, listing(1, "199"), verdict(1, false), store.PutOptions{})
	if _, err := s.Lead(ctx, id(1)); markwatch.ErrorCode(err) != markwatch.CodeNotFound {
		t.Errorf("a listing that is not flagged is a lead: %v", err)
	}
	p := put(t, s, one, listing(1, "199"), verdict(1, true), store.PutOptions{})
	equal(t, "flagged", p, store.Put{Flagged: true, LeadNew: true, Violations: []markwatch.Violation{markwatch.Counterfeit}})
	p = put(t, s, one, listing(1, "199"), verdict(1, true), store.PutOptions{})
	equal(t, "flagged again in the scan", p, store.Put{Flagged: true})
	// Another source sees the same offer.
	two := startScan(t, s, "archive", day(1))
	other := listing(1, "199")
	other.Source = "archive"
	p = put(t, s, two, other, verdict(1, true), store.PutOptions{At: day(1)})
	equal(t, "flagged in another scan", p, store.Put{FirstInScan: true, Flagged: true, LeadUpdated: true,
		Violations: []markwatch.Violation{markwatch.Counterfeit}, Fields: []string{"title", "price"}})
	finish(t, s, one, day(2))
	// The next night it is not flagged any more: the lead keeps why it was.
	three := startScan(t, s, "shop", day(24))
	p = put(t, s, three, listing(1, "799"), verdict(1, false), store.PutOptions{At: day(24)})
	equal(t, "not flagged any more", p, store.Put{FirstInScan: true, Changed: true, LeadUpdated: true, Fields: []string{"title", "price"}})
	lead, err := s.Lead(ctx, "2026-0001")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "lead", lead, markwatch.Lead{
		Number: "2026-0001", ID: id(1), Status: markwatch.LeadNew, Tags: []string{}, FirstSeen: day(0), LastSeen: day(24), Seen: 3,
		Listing: other, Verdict: verdict(1, true),
	})
	docs, err := s.IndexDocs(ctx, []string{id(1), "unknown"})
	if err != nil || len(docs) != 1 {
		t.Fatalf("%d documents for the index, %v", len(docs), err)
	}
	lead.Listing, lead.Verdict = markwatch.Listing{}, markwatch.Verdict{}
	equal(t, "indexed lead", docs[0].Lead, &lead)
	equal(t, "indexed verdict", docs[0].Verdict, verdict(1, false))
}

func testLeadNumbers(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{TimeZone: time.FixedZone("CST", 8*3600)})
	scan := startScan(t, s, "shop", day(0))
	year := time.Date(2026, 12, 31, 15, 59, 59, 0, time.UTC) // the last second of 2026 in Beijing
	for i, at := range []time.Time{year, year, year.Add(time.Second), year} {
		put(t, s, scan, listing(i, "1"), verdict(i, true), store.PutOptions{At: at})
	}
	var got []string
	for l, err := range s.Leads(t.Context(), store.LeadFilter{}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, l.Number)
	}
	equal(t, "numbers", got, []string{"2026-0003", "2027-0001", "2026-0002", "2026-0001"})
}

func testUpdateLead(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{Now: func() time.Time { return day(5) }})
	ctx := t.Context()
	scan := startScan(t, s, "shop", day(0))
	put(t, s, scan, listing(1, "1"), verdict(1, true), store.PutOptions{})
	drain(t, s)
	lead, err := s.UpdateLead(ctx, "2026-0001", func(l markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error) {
		l.Status, l.Assignee, l.Tags, l.Note = markwatch.LeadReview, "anna", []string{"重点"}, "问过平台"
		l.Listing.Title = "not for people to change"
		return l, []markwatch.LeadEvent{{Actor: "anna", Action: "status", From: "new", To: "review", Note: "n"}, {At: day(4), Actor: "anna", Action: "note"}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	stored, err := s.Lead(ctx, id(1))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "stored and returned", stored, lead)
	if stored.Status != markwatch.LeadReview || stored.Assignee != "anna" || stored.Listing.Title != listing(1, "1").Title {
		t.Errorf("lead %+v", stored)
	}
	events, err := s.LeadEvents(ctx, "2026-0001")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "events", events, []markwatch.LeadEvent{
		{At: day(5), Actor: "anna", Action: "status", From: "new", To: "review", Note: "n"}, {At: day(4), Actor: "anna", Action: "note"},
	})
	equal(t, "index told", drain(t, s), []string{id(1)})
	refused := errors.New("refused")
	_, err = s.UpdateLead(ctx, id(1), func(l markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error) {
		l.Status = markwatch.LeadDismissed
		return l, nil, refused
	})
	if !errors.Is(err, refused) {
		t.Error(err)
	}
	_, err = s.UpdateLead(ctx, "2026-9999", func(l markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error) { return l, nil, nil })
	wantCode(t, err, markwatch.CodeNotFound)
	// A later scan does not undo what people set.
	put(t, s, scan, listing(1, "2"), verdict(1, true), store.PutOptions{})
	if after, err := s.Lead(ctx, id(1)); err != nil || after.Status != markwatch.LeadReview || after.Note != "问过平台" {
		t.Errorf("after a scan: %+v %v", after, err)
	}
}

func testConcurrentUpdate(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{})
	scan := startScan(t, s, "shop", day(0))
	put(t, s, scan, listing(1, "1"), verdict(1, true), store.PutOptions{})
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			for range 10 {
				_, err := s.UpdateLead(t.Context(), id(1), func(l markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error) {
					l.Note += "x"
					return l, []markwatch.LeadEvent{{Action: "note"}}, nil
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	lead, err := s.Lead(t.Context(), id(1))
	if err != nil || len(lead.Note) != 60 {
		t.Errorf("%d of 60 notes are there, %v", len(lead.Note), err)
	}
}

// count runs through a stream and reads the store meanwhile, which must not
// wait for the stream.
func count[T any](t *testing.T, s *store.Store, seq iter.Seq2[T, error]) int {
	t.Helper()
	n := 0
	for _, err := range seq {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n%100 == 1 {
			if err := s.Audit(t.Context(), store.AuditEntry{Action: "view"}); err != nil {
				t.Fatal(err)
			}
		}
	}
	return n
}

func testFilters(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{})
	ctx := t.Context()
	scan := startScan(t, s, "shop", day(0))
	const all = 450
	err := s.Tx(ctx, func(tx *sql.Tx) error {
		for n := range all {
			l, v := listing(n, "1"), verdict(n, n%3 == 0)
			if n%2 == 0 {
				l.Source = "other"
			}
			if n%3 == 0 && n%5 == 0 {
				v.Violations[markwatch.Piracy] = markwatch.ViolationVerdict{Score: 0.95, Flagged: true}
				v.Score = 0.95
			}
			if _, err := s.PutListing(ctx, tx, scan, l, v, store.PutOptions{At: day(n)}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	yes, no := true, false
	for name, c := range map[string]struct {
		f    store.ListingFilter
		want int
	}{
		"all": {store.ListingFilter{}, 450}, "a source": {store.ListingFilter{Source: "other"}, 225},
		"flagged": {store.ListingFilter{Flagged: &yes}, 150}, "not flagged": {store.ListingFilter{Flagged: &no}, 300},
		"since": {store.ListingFilter{Since: day(440)}, 10}, "limit": {store.ListingFilter{Limit: 201}, 201},
		"a page exactly": {store.ListingFilter{Limit: 200}, 200}, "flagged of a source": {store.ListingFilter{Source: "other", Flagged: &yes}, 75},
	} {
		if got := count(t, s, s.Listings(ctx, c.f)); got != c.want {
			t.Errorf("listings, %s: %d, want %d", name, got, c.want)
		}
	}
	for name, c := range map[string]struct {
		f    store.LeadFilter
		want int
	}{
		"all": {store.LeadFilter{}, 150}, "a source": {store.LeadFilter{Source: "other"}, 75},
		"violation": {store.LeadFilter{Violation: markwatch.Piracy}, 30}, "part of a violation's name": {store.LeadFilter{Violation: "pira"}, 0},
		"wildcard": {store.LeadFilter{Violation: "%"}, 0}, "status": {store.LeadFilter{Status: []markwatch.LeadStatus{markwatch.LeadNew, markwatch.LeadReview}}, 150},
		"other status": {store.LeadFilter{Status: []markwatch.LeadStatus{markwatch.LeadDismissed}}, 0},
		"score":        {store.LeadFilter{MinScore: 0.92}, 30}, "since": {store.LeadFilter{Since: day(447)}, 1}, "limit": {store.LeadFilter{Limit: 7}, 7},
		"assignee": {store.LeadFilter{Assignee: "anna"}, 0},
	} {
		if got := count(t, s, s.Leads(ctx, c.f)); got != c.want {
			t.Errorf("leads, %s: %d, want %d", name, got, c.want)
		}
	}
	if got := count(t, s, s.AllIndexDocs(ctx, false)); got != 150 {
		t.Errorf("%d leads for the index", got)
	}
	if got := count(t, s, s.AllIndexDocs(ctx, true)); got != all {
		t.Errorf("%d listings for the index", got)
	}
	// The order is that of discovery, the newest first, over all pages.
	last := all
	for r, err := range s.Listings(ctx, store.ListingFilter{}) {
		if err != nil {
			t.Fatal(err)
		}
		if last--; r.Listing.ID != id(last) {
			t.Fatalf("listing %s stands where %s should", r.Listing.ID, id(last))
		}
	}
}

func testIndexQueue(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{Now: func() time.Time { return day(1) }})
	ctx := t.Context()
	scan := startScan(t, s, "shop", day(0))
	put(t, s, scan, listing(1, "1"), verdict(1, false), store.PutOptions{})
	put(t, s, scan, listing(2, "1"), verdict(2, true), store.PutOptions{})
	put(t, s, scan, listing(3, "1"), verdict(3, false), store.PutOptions{IndexAll: true})
	n, oldest, err := s.IndexLag(ctx)
	if err != nil || n != 2 || !oldest.Equal(day(1)) {
		t.Errorf("lag %d since %s, %v", n, oldest, err)
	}
	items, err := s.IndexQueue(ctx, 1)
	if err != nil || len(items) != 1 || items[0].ID != id(2) {
		t.Fatalf("queue %v %v", items, err)
	}
	// The listing changes while the index is being told of it.
	put(t, s, scan, listing(2, "2"), verdict(2, true), store.PutOptions{})
	if err := s.IndexDone(ctx, items); err != nil {
		t.Fatal(err)
	}
	equal(t, "what is left", strings.Join(drain(t, s), " "), fmt.Sprint(id(3), " ", id(2)))
	// A seq that was taken off is not used for other work.
	put(t, s, scan, listing(4, "2"), verdict(4, true), store.PutOptions{})
	if err := s.IndexDone(ctx, items); err != nil {
		t.Fatal(err)
	}
	equal(t, "new work", drain(t, s), []string{id(4)})
	if n, oldest, err := s.IndexLag(ctx); err != nil || n != 0 || !oldest.IsZero() {
		t.Errorf("lag of an empty queue %d since %s, %v", n, oldest, err)
	}
	if err := s.IndexDone(ctx, nil); err != nil {
		t.Error(err)
	}
}

// drain empties the index's queue and returns its ids.
func drain(t *testing.T, s *store.Store) []string {
	t.Helper()
	items, err := s.IndexQueue(t.Context(), 1000)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, i := range items {
		ids = append(ids, i.ID)
	}
	if err := s.IndexDone(t.Context(), items); err != nil {
		t.Fatal(err)
	}
	return ids
}
