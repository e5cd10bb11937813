package storetest

import (
	"database/sql"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/store"
)

func judgedBy(v markwatch.Verdict, knowledge string) markwatch.Verdict {
	v.Knowledge = knowledge
	return v
}

func outdated(t *testing.T, s *store.Store, knowledge string, after int64, limit int) []store.Outdated {
	t.Helper()
	all, err := s.Outdated(t.Context(), knowledge, after, limit)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Every listing that was judged by other knowledge is found once, page by
// page, however many kinds of knowledge there are.
func testOutdated(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{})
	scan := startScan(t, s, "shop", day(0))
	const all = 40
	for n := range all {
		put(t, s, scan, listing(n, "1"), judgedBy(verdict(n, false), []string{"", "rules@1", "rules@2", "rules@3"}[n%4]), store.PutOptions{})
	}
	var got []string
	after := int64(0)
	for {
		page := outdated(t, s, "rules@2", after, 7)
		if len(page) == 0 {
			break
		}
		for _, o := range page {
			got, after = append(got, o.Listing.ID), o.Seq
			equal(t, "verdict", o.Verdict.ID, o.Listing.ID)
		}
	}
	var want []string
	for n := range all {
		if n%4 != 2 {
			want = append(want, id(n))
		}
	}
	equal(t, "outdated", got, want)
}

func testPutVerdict(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{})
	ctx := t.Context()
	scan := startScan(t, s, "shop", day(0))
	countedPut(t, s, scan, listing(1, "1"), judgedBy(verdict(1, false), "rules@1"), day(1))
	countedPut(t, s, scan, listing(2, "1"), judgedBy(verdict(2, true), "rules@1"), day(1))
	odd := listing(3, "1")
	odd.Title = "a\x00\xff"
	countedPut(t, s, scan, odd, judgedBy(verdict(3, false), "rules@1"), day(1))
	finish(t, s, scan, day(2))
	before := summary(t, s, scan)
	if _, err := s.UpdateLead(ctx, id(2), func(l markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error) {
		l.Status, l.Reason = markwatch.LeadDismissed, "genuine"
		return l, []markwatch.LeadEvent{{Actor: "anna", Action: "status", To: "dismissed"}}, nil
	}); err != nil {
		t.Fatal(err)
	}
	drain(t, s)
	judge := func(flagged bool, knowledge string) (puts []store.Put) {
		t.Helper()
		for _, o := range outdated(t, s, knowledge, 0, 10) {
			v := verdict(1, flagged)
			v.ID, v.Knowledge = o.Listing.ID, knowledge
			do(t, s, func(tx *sql.Tx) error {
				p, err := s.PutVerdict(ctx, tx, o.Listing, v, store.PutOptions{})
				puts = append(puts, p)
				return err
			})
		}
		if left := outdated(t, s, knowledge, 0, 10); len(left) > 0 {
			t.Errorf("%d listings are outdated still", len(left))
		}
		return puts
	}
	equal(t, "flagged by new rules", judge(true, "rules@2"), []store.Put{{Flagged: true, LeadNew: true}, {Flagged: true, LeadUpdated: true}, {Flagged: true, LeadNew: true}})
	equal(t, "index told", drain(t, s), []string{id(1), id(2), id(3)})
	lead, err := s.Lead(ctx, id(1))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "new lead", lead, markwatch.Lead{
		Number: "2026-0002", ID: id(1), Status: markwatch.LeadNew, Tags: []string{}, FirstSeen: day(1), LastSeen: day(1), Seen: 1,
		Listing: listing(1, "1"), Verdict: judgedBy(verdict(1, true), "rules@2"),
	})
	equal(t, "cleared by newer rules", judge(false, "rules@3"), []store.Put{{LeadUpdated: true}, {LeadUpdated: true}, {LeadUpdated: true}})
	equal(t, "judged the same again", judge(false, "rules@4"), []store.Put{{}, {}, {}})
	lead, err = s.Lead(ctx, id(2))
	if err != nil {
		t.Fatal(err)
	}
	if lead.Status != markwatch.LeadDismissed || lead.Reason != "genuine" || lead.Verdict.Knowledge != "rules@2" || lead.Seen != 1 {
		t.Errorf("lead %+v", lead)
	}
	events, err := s.LeadEvents(ctx, id(2))
	if err != nil || len(events) != 2 {
		t.Fatalf("events %+v, %v", events, err)
	}
	events[1].At = day(0)
	equal(t, "event", events[1], markwatch.LeadEvent{At: day(0), Actor: "markwatch", Action: store.ActionJudged, From: "0.90", To: "0.10", Note: "rules@3"})
	r := record(t, s, id(2))
	if r.Verdict.Flagged || r.Verdict.Knowledge != "rules@4" || r.Seen != 1 || !r.LastSeen.Equal(day(1)) {
		t.Errorf("record %+v", r)
	}
	equal(t, "the scan's counts", summary(t, s, scan), before)

	stale := outdated(t, s, "rules@5", 0, 1)[0]
	changed := listing(1, "2")
	put(t, s, startScan(t, s, "shop", day(24)), changed, judgedBy(verdict(1, false), "rules@4"), store.PutOptions{})
	wantCode(t, s.Tx(ctx, func(tx *sql.Tx) error {
		_, err := s.PutVerdict(ctx, tx, stale.Listing, verdict(1, true), store.PutOptions{})
		return err
	}), markwatch.CodeConflict)
	wantCode(t, s.Tx(ctx, func(tx *sql.Tx) error {
		_, err := s.PutVerdict(ctx, tx, listing(9, "1"), verdict(9, true), store.PutOptions{})
		return err
	}), markwatch.CodeNotFound)
	// A touch counts what the newest verdict says.
	v := verdict(2, true)
	v.Violations[markwatch.Piracy] = markwatch.ViolationVerdict{Score: 0.8, Flagged: true}
	do(t, s, func(tx *sql.Tx) error {
		_, err := s.PutVerdict(ctx, tx, record(t, s, id(2)).Listing, v, store.PutOptions{})
		return err
	})
	open, _, err := s.OpenScan(ctx, "shop")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "touched", touch(t, s, open, "shop", day(25), store.PutOptions{}, id(2)).Violations,
		map[markwatch.Violation]int{markwatch.Counterfeit: 1, markwatch.Piracy: 1})
}

// Evidence stays as long as a lead, what a lead once showed, or a flagged
// listing stands on it.
func testReferred(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{})
	scan := startScan(t, s, "shop", day(0))
	read := func(n int, price, snapshot string, flagged bool) {
		l := listing(n, price)
		l.Snapshot = snapshot
		put(t, s, scan, l, verdict(n, flagged), store.PutOptions{})
	}
	referred := func(file string, want ...string) {
		t.Helper()
		got, err := s.Referred(t.Context(), file)
		if err != nil {
			t.Fatal(err)
		}
		all := map[string]bool{}
		for _, id := range want {
			all[id] = true
		}
		equal(t, "referred in "+file, got, all)
	}
	read(1, "1", "a.warc.gz#innocent", false)
	read(2, "1", "a.warc.gz#first", true)
	read(2, "2", "a.warc.gz#second", true)
	read(2, "3", "b.warc.gz#third", true)
	read(2, "4", "b.warc.gz#cleared", false)
	read(3, "1", "a.warc.gz#before", false)
	read(3, "1", "a.warc.gz#suspect", true)
	read(3, "1", "B.warc.gz#newer", true)
	// Names that a range in another order than that of bytes would confuse.
	read(4, "1", "a.warc.gz!#x", true)
	read(5, "1", "a.warc.gz-2#x", true)
	read(6, "1", "A.warc.gz#x", true)
	read(7, "1", "a.warc.gz", true)
	read(8, "1", "", true)
	read(9, "1", "耐克.warc.gz#urn:uuid:1", true)
	referred("a.warc.gz", "first", "second", "suspect")
	referred("b.warc.gz", "third")
	referred("B.warc.gz", "newer")
	referred("A.warc.gz", "x")
	referred("耐克.warc.gz", "urn:uuid:1")
	referred("c.warc.gz")
	referred("")
	// New rules find what old ones did not.
	do(t, s, func(tx *sql.Tx) error {
		_, err := s.PutVerdict(t.Context(), tx, record(t, s, id(1)).Listing, verdict(1, true), store.PutOptions{})
		return err
	})
	referred("a.warc.gz", "innocent", "first", "second", "suspect")
	read(1, "5", "c.warc.gz#later", true)
	referred("a.warc.gz", "innocent", "first", "second", "suspect")
}
