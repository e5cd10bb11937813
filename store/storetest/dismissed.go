package storetest

import (
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/store"
)

// A dismissed lead stays dismissed through the daily play of an offer, and
// returns to review when the offer changes in a way that matters.
func testDismissed(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{})
	ctx := t.Context()
	scan := startScan(t, s, "shop", day(0))
	first := listing(1, "100")
	first.Seller = &markwatch.Seller{ID: "7", Name: "一家店"}
	put(t, s, scan, first, verdict(1, true), store.PutOptions{})
	dismiss := func() {
		t.Helper()
		_, err := s.UpdateLead(ctx, id(1), func(l markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error) {
			l.Status, l.Reason = markwatch.LeadDismissed, "genuine"
			return l, []markwatch.LeadEvent{{Actor: "a", Action: "status", To: "dismissed"}}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	status := func() markwatch.LeadStatus {
		t.Helper()
		l, err := s.Lead(ctx, id(1))
		if err != nil {
			t.Fatal(err)
		}
		return l.Status
	}
	changed := func(change func(*markwatch.Listing, *markwatch.Verdict)) markwatch.LeadStatus {
		t.Helper()
		l, v := first, verdict(1, true)
		seller := *first.Seller
		l.Seller = &seller
		change(&l, &v)
		put(t, s, scan, l, v, store.PutOptions{})
		return status()
	}
	dismiss()
	for name, change := range map[string]func(*markwatch.Listing, *markwatch.Verdict){
		"nothing":              func(*markwatch.Listing, *markwatch.Verdict) {},
		"a coupon":             func(l *markwatch.Listing, _ *markwatch.Verdict) { l.Price = yuan("85") },
		"a dearer price":       func(l *markwatch.Listing, _ *markwatch.Verdict) { l.Price = yuan("300") },
		"spaces and marks":     func(l *markwatch.Listing, _ *markwatch.Verdict) { l.Title = "耐克  Air-Force 1!" },
		"a score":              func(_ *markwatch.Listing, v *markwatch.Verdict) { v.Score = 0.7 },
		"less known of seller": func(l *markwatch.Listing, _ *markwatch.Verdict) { l.Seller = nil },
	} {
		equal(t, "status after "+name, changed(change), markwatch.LeadDismissed)
	}
	for name, change := range map[string]func(*markwatch.Listing, *markwatch.Verdict){
		"a price a quarter lower": func(l *markwatch.Listing, _ *markwatch.Verdict) { l.Price = yuan("75") },
		"another title":           func(l *markwatch.Listing, _ *markwatch.Verdict) { l.Title = "耐克 顶级复刻" },
		"another seller":          func(l *markwatch.Listing, _ *markwatch.Verdict) { l.Seller.ID = "8" },
		"another violation": func(_ *markwatch.Listing, v *markwatch.Verdict) {
			v.Violations[markwatch.Piracy] = markwatch.ViolationVerdict{Score: 0.8, Flagged: true}
		},
	} {
		equal(t, "status after "+name, changed(change), markwatch.LeadReview)
		events, err := s.LeadEvents(ctx, id(1))
		if err != nil {
			t.Fatal(err)
		}
		last := events[len(events)-1]
		if last.Action != store.ActionReopened || last.Note == "" {
			t.Errorf("%s: the history ends with %+v", name, last)
		}
		changed(func(*markwatch.Listing, *markwatch.Verdict) {})
		dismiss()
	}
}

// The blacklist takes an entry again in the place of the older, gives the
// sellers of confirmed leads beside it, and refuses whom nothing recognises.
func testBlacklist(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{})
	ctx := t.Context()
	if err := s.PutBlacklist(ctx, []markwatch.KnownSeller{{Platform: "mall", ID: "7", Reason: "a"}, {License: "91110000600037341L"}}, "who"); err != nil {
		t.Fatal(err)
	}
	if err := s.PutBlacklist(ctx, []markwatch.KnownSeller{{Platform: "mall", ID: "7", Reason: "b"}}, "who"); err != nil {
		t.Fatal(err)
	}
	err := s.PutBlacklist(ctx, []markwatch.KnownSeller{{Platform: "mall", ID: "9"}, {Name: "只有名字"}}, "who")
	equal(t, "code", markwatch.ErrorCode(err), markwatch.CodeInvalid)
	entries, err := s.Blacklist(ctx)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "entries", len(entries), 2)
	for _, e := range entries {
		if e.Seller.ID == "7" {
			equal(t, "reason", e.Seller.Reason, "b")
		}
	}
	scan := startScan(t, s, "shop", day(0))
	l := listing(1, "1")
	l.Platform, l.Seller = "mall", &markwatch.Seller{ID: "5", Name: "店"}
	put(t, s, scan, l, verdict(1, true), store.PutOptions{})
	if _, err := s.UpdateLead(ctx, id(1), func(l markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error) {
		l.Status = markwatch.LeadConfirmed
		return l, nil, nil
	}); err != nil {
		t.Fatal(err)
	}
	known, err := s.KnownSellers(ctx, []markwatch.LeadStatus{markwatch.LeadConfirmed}, func(*markwatch.Lead) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "known", len(known), 3)
	equal(t, "leads of the last", len(known[2].Leads), 1)
	equal(t, "unknown key", markwatch.ErrorCode(s.RemoveBlacklist(ctx, "0")), markwatch.CodeNotFound)
	if err := s.RemoveBlacklist(ctx, entries[0].Key); err != nil {
		t.Fatal(err)
	}
}
