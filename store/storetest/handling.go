package storetest

import (
	"errors"
	"sync"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/store"
)

// leadsOf stores n leads, 2026-0001 and so on.
func leadsOf(t *testing.T, s *store.Store, n int) (scan string) {
	t.Helper()
	scan = startScan(t, s, "shop", day(0))
	for i := 1; i <= n; i++ {
		put(t, s, scan, listing(i, "1"), verdict(i, true), store.PutOptions{})
	}
	return scan
}

func testHandling(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{})
	scan := leadsOf(t, s, 2)
	h := markwatch.Handling{
		ConfirmedBy: "张敏", ConfirmedAt: day(1), Checked: map[string]string{"authorisation": "未授权"},
		Addressee: markwatch.Addressee{Unit: "samr-guiyang", Region: "520100"}, Batch: "标移〔2026〕1号",
		Outcomes: []markwatch.Outcome{{Code: markwatch.OutcomeOpened, At: day(2), Document: "3号", Amount: yuan("10")}},
	}
	_, err := s.UpdateLead(t.Context(), id(1), func(l markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error) {
		l.Status, l.Handling = markwatch.LeadOutcome, h
		return l, nil, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	// A later scan does not undo it.
	put(t, s, scan, listing(1, "2"), verdict(1, true), store.PutOptions{})
	l, err := s.Lead(t.Context(), id(1))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "handling", l.Handling, h)
	for _, f := range []store.LeadFilter{{Unit: "samr-guiyang"}, {Batch: "标移〔2026〕1号"}, {Unit: "samr-guiyang", Batch: "标移〔2026〕1号"}} {
		var got []string
		for l, err := range s.Leads(t.Context(), f) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, l.ID)
		}
		equal(t, "found by unit and batch", got, []string{id(1)})
	}
}

func testUpdateLeads(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{})
	leadsOf(t, s, 3)
	note := func(text string) func([]markwatch.Lead) ([]markwatch.Lead, [][]markwatch.LeadEvent, error) {
		return func(old []markwatch.Lead) ([]markwatch.Lead, [][]markwatch.LeadEvent, error) {
			events := make([][]markwatch.LeadEvent, len(old))
			for i := range old {
				old[i].Note += text
				events[i] = []markwatch.LeadEvent{{Actor: "anna", Action: "note", Note: text}}
			}
			return old, events, nil
		}
	}
	changed, err := s.UpdateLeads(t.Context(), []string{"2026-0003", id(1)}, note("a"))
	if err != nil || len(changed) != 2 || changed[0].ID != id(3) || changed[1].ID != id(1) {
		t.Fatalf("changed %+v, %v", changed, err)
	}
	_, err = s.UpdateLeads(t.Context(), []string{id(1), "2026-0001"}, note("b"))
	wantCode(t, err, markwatch.CodeInvalid)
	_, err = s.UpdateLeads(t.Context(), []string{id(1), "2026-0009"}, note("b"))
	wantCode(t, err, markwatch.CodeNotFound)
	refused := errors.New("refused")
	_, err = s.UpdateLeads(t.Context(), []string{id(1), id(2)}, func(old []markwatch.Lead) ([]markwatch.Lead, [][]markwatch.LeadEvent, error) {
		return nil, nil, refused
	})
	if !errors.Is(err, refused) {
		t.Error(err)
	}
	// Two that take the same leads in another order do not block each other.
	var wg sync.WaitGroup
	for _, order := range [][]string{{id(1), id(2), id(3)}, {id(3), id(2), id(1)}} {
		wg.Go(func() {
			for range 10 {
				if _, err := s.UpdateLeads(t.Context(), order, note("x")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for i, n := range []int{21, 20, 21} {
		l, err := s.Lead(t.Context(), id(i+1))
		if err != nil || len(l.Note) != n {
			t.Errorf("lead %d has %d notes, want %d, %v", i+1, len(l.Note), n, err)
		}
	}
}
