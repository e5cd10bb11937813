package storetest

import (
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/store"
)

func testOffers(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{})
	scan := startScan(t, s, "shop", day(0))
	// More than are read at once.
	const n = 430
	for i := 1; i <= n; i++ {
		l := listing(i, "199")
		l.Platform, l.SKU, l.Brand, l.Description, l.Images = "shop.example", "S1", "耐克", "原单<&>\u2028", []string{"https://img.example/1.jpg"}
		l.Seller = &markwatch.Seller{ID: "7", Name: "某店", License: "91350100M000100Y43", Accounts: []markwatch.Account{{Kind: "wechat", Value: "abc123"}}}
		put(t, s, scan, l, verdict(i, true), store.PutOptions{})
	}
	outcomes := []markwatch.Outcome{{Code: markwatch.OutcomePenalty, At: day(2), Penalty: yuan("10")}}
	for i, status := range map[int]markwatch.LeadStatus{2: markwatch.LeadDismissed, 3: markwatch.LeadOutcome, 4: markwatch.LeadConfirmed} {
		if _, err := s.UpdateLead(t.Context(), id(i), func(l markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error) {
			l.Status, l.Handling = status, markwatch.Handling{ConfirmedBy: "张敏"}
			if status == markwatch.LeadOutcome {
				l.Handling.Outcomes = outcomes
			}
			return l, nil, nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	var want []markwatch.Lead
	for l, err := range s.Leads(t.Context(), store.LeadFilter{}) {
		if err != nil {
			t.Fatal(err)
		}
		if l.Status == markwatch.LeadDismissed {
			continue
		}
		from := l.Listing
		want = append(want, markwatch.Lead{ID: l.ID, Number: l.Number, Status: l.Status, Handling: markwatch.Handling{Outcomes: l.Handling.Outcomes}, Listing: markwatch.Listing{
			ID: from.ID, Source: from.Source, URL: from.URL, Platform: from.Platform, SKU: from.SKU, Title: from.Title, Description: from.Description,
			Brand: from.Brand, Images: from.Images, Seller: from.Seller,
		}})
	}
	var got []markwatch.Lead
	for l, err := range s.Offers(t.Context(), markwatch.LeadDismissed) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, l)
	}
	equal(t, "offers", got, want)
	if len(got) != n-1 {
		t.Errorf("%d offers", len(got))
	}
}
