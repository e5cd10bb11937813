package storetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/store"
)

// newBatch sends leads under the code 标移.
func newBatch(ids ...string) store.NewBatch {
	return store.NewBatch{
		Code: "标移", Unit: "u", At: day(3), Leads: ids,
		Number: func(year, serial int) string { return fmt.Sprintf("标移〔%d〕%d号", year, serial) },
		Apply: func(number string, old []markwatch.Lead) ([]markwatch.Lead, [][]markwatch.LeadEvent, error) {
			for i := range old {
				if old[i].Status == markwatch.LeadSent {
					return nil, nil, markwatch.Errorf(markwatch.CodeConflict, "sent")
				}
				old[i].Status, old[i].Handling.Batch = markwatch.LeadSent, number
			}
			return old, make([][]markwatch.LeadEvent, len(old)), nil
		},
		Freeze: func(number string, sent []markwatch.Lead) (any, []any, error) {
			rows := make([]any, len(sent))
			for i, l := range sent {
				rows[i] = l.Number
			}
			return map[string]string{"number": number}, rows, nil
		},
	}
}

func testBatches(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{})
	leadsOf(t, s, 12)
	b, err := s.CreateBatch(t.Context(), newBatch(id(2), id(1)))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "number", b.Number, "标移〔2026〕1号")
	// What fails takes no number and sends nothing.
	crash := newBatch(id(3))
	crash.Freeze = func(string, []markwatch.Lead) (any, []any, error) { return nil, nil, errors.New("crash") }
	if _, err := s.CreateBatch(t.Context(), crash); err == nil {
		t.Error("a batch that could not be kept was made")
	}
	_, err = s.CreateBatch(t.Context(), newBatch(id(3), id(1)))
	wantCode(t, err, markwatch.CodeConflict)
	if l, err := s.Lead(t.Context(), id(3)); err != nil || l.Status != markwatch.LeadNew {
		t.Errorf("lead 3 is %s, %v", l.Status, err)
	}
	_, err = s.CreateBatch(t.Context(), newBatch())
	wantCode(t, err, markwatch.CodeInvalid)
	var wg sync.WaitGroup
	var mu sync.Mutex
	var numbers []string
	for n := 3; n <= 12; n++ {
		wg.Go(func() {
			b, err := s.CreateBatch(t.Context(), newBatch(id(n)))
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			numbers = append(numbers, b.Number)
		})
	}
	wg.Wait()
	slices.Sort(numbers)
	if len(slices.Compact(numbers)) != 10 || slices.Contains(numbers, b.Number) || !slices.Contains(numbers, "标移〔2026〕11号") {
		t.Errorf("numbers %v", numbers)
	}
	again, err := s.Batch(t.Context(), b.Number)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "kept", again, b)
	var rows []string
	for doc, err := range s.BatchLeads(t.Context(), b.Number) {
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, string(doc))
	}
	equal(t, "its leads in their order", rows, []string{`"2026-0002"`, `"2026-0001"`})
	all, err := s.Batches(t.Context(), "u")
	if err != nil || len(all) != 11 {
		t.Errorf("%d batches, %v", len(all), err)
	}
	next := newBatch(id(12))
	next.At, next.Apply = day(24*365), func(_ string, old []markwatch.Lead) ([]markwatch.Lead, [][]markwatch.LeadEvent, error) {
		return old, make([][]markwatch.LeadEvent, len(old)), nil
	}
	if b, err := s.CreateBatch(t.Context(), next); err != nil || b.Number != "标移〔2027〕1号" {
		t.Errorf("the first of the next year: %+v %v", b, err)
	}
	_, err = s.Batch(t.Context(), "none")
	wantCode(t, err, markwatch.CodeNotFound)
}

func testDeliveries(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{Now: func() time.Time { return day(9) }})
	leadsOf(t, s, 1)
	b, err := s.CreateBatch(t.Context(), newBatch(id(1)))
	if err != nil {
		t.Fatal(err)
	}
	d := store.Delivery{Batch: b.Number, Target: "folder:/out", Actor: "anna"}
	end := func(state string) {
		t.Helper()
		d := d
		d.State = state
		if err := s.EndDelivery(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // one that was begun and never ended may be tried again
		if err := s.BeginDelivery(t.Context(), d, false); err != nil {
			t.Fatal(err)
		}
	}
	end(store.DeliveryFailed)
	if err := s.BeginDelivery(t.Context(), d, false); err != nil {
		t.Fatal(err)
	}
	end(store.DeliveryDone)
	wantCode(t, s.BeginDelivery(t.Context(), d, false), markwatch.CodeConflict)
	if err := s.BeginDelivery(t.Context(), d, true); err != nil {
		t.Error(err)
	}
	other := d
	other.Target = "s3:bucket"
	if err := s.BeginDelivery(t.Context(), other, false); err != nil {
		t.Error(err)
	}
	other.Batch = "none"
	wantCode(t, s.BeginDelivery(t.Context(), other, false), markwatch.CodeNotFound)
	log, err := s.Deliveries(t.Context(), b.Number)
	var states []string
	for _, d := range log {
		states = append(states, d.State)
	}
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "log", states, []string{"begun", "begun", "failed", "begun", "done", "begun", "begun"})
}

func testPapers(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{})
	put := func(p store.Paper) string {
		t.Helper()
		p.At, p.Actor = day(1), "anna"
		kept, err := s.PutPaper(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		return kept.Number
	}
	doc := json.RawMessage(`{"a":1}`)
	equal(t, "numbers", []string{
		put(store.Paper{Kind: store.PaperRequest, Lead: "x", Document: doc}), put(store.Paper{Kind: store.PaperRequest, Lead: "y", Document: doc}),
		put(store.Paper{Kind: store.PaperComplaint, Number: "12315-7", Document: doc}), put(store.Paper{Kind: store.PaperComplaint, Number: "12315-7", Lead: "x", Document: doc}),
	}, []string{"2026-0001", "2026-0002", "12315-7", "12315-7"})
	list, err := s.Papers(t.Context(), store.PaperComplaint, "")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "replaced", list, []store.Paper{{Kind: store.PaperComplaint, Number: "12315-7", Lead: "x", At: day(1), Actor: "anna", Document: doc}})
	if list, err := s.Papers(t.Context(), store.PaperRequest, "y"); err != nil || len(list) != 1 || list[0].Number != "2026-0002" {
		t.Errorf("papers of a lead: %+v %v", list, err)
	}
	_, err = s.PaperByNumber(t.Context(), store.PaperRequest, "2026-0009")
	wantCode(t, err, markwatch.CodeNotFound)
}

func testBatchRuns(t *testing.T, dsn func(testing.TB) string) {
	now := day(1)
	s := Open(t, dsn(t), store.Options{Now: func() time.Time { return now }})
	begin := func(unit string) (store.BatchRun, error) {
		return s.StartBatchRun(t.Context(), store.BatchRun{Kind: store.RunSend, Unit: unit, Actor: "anna", Stage: "pack", Total: 3})
	}
	states := func() []string {
		t.Helper()
		list, err := s.BatchRuns(t.Context(), 10)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, r := range list {
			out = append(out, r.Unit+" "+r.State)
		}
		return out
	}
	first, err := begin("u")
	if err != nil {
		t.Fatal(err)
	}
	_, err = begin("u")
	wantCode(t, err, markwatch.CodeConflict)
	if _, err := begin("v"); err != nil {
		t.Errorf("another unit waits: %v", err)
	}
	// A sign of life keeps it; silence does not.
	now = now.Add(store.BatchRunSilence * 3 / 4)
	first.Done, first.Batch, first.Note = 2, "标移〔2026〕1号", "仍在售"
	if err := s.UpdateBatchRun(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	now = now.Add(store.BatchRunSilence * 3 / 4)
	_, err = begin("u")
	wantCode(t, err, markwatch.CodeConflict)
	equal(t, "silent", states(), []string{"v broken", "u running"})
	now = now.Add(store.BatchRunSilence)
	second, err := begin("u")
	if err != nil {
		t.Fatalf("after one that broke off: %v", err)
	}
	if err := s.BreakBatchRuns(t.Context()); err != nil {
		t.Fatal(err)
	}
	equal(t, "broken off", states(), []string{"u broken", "v broken", "u broken"})
	second.State = store.RunDone
	if err := s.UpdateBatchRun(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	list, err := s.BatchRuns(t.Context(), 1)
	if err != nil || len(list) != 1 || list[0].State != store.RunDone || !list[0].EndedAt.Equal(now) {
		t.Errorf("ended: %+v %v", list, err)
	}
	// Of several that begin at once one does.
	errs := make(chan error, 8)
	for range cap(errs) {
		go func() { _, err := begin("w"); errs <- err }()
	}
	began := 0
	for range cap(errs) {
		if err := <-errs; err == nil {
			began++
		} else {
			wantCode(t, err, markwatch.CodeConflict)
		}
	}
	if began != 1 {
		t.Errorf("%d runs of a unit began at once", began)
	}
}
