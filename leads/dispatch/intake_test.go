package dispatch_test

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/leads"
	"github.com/markwatch/markwatch/leads/dispatch"
	"github.com/markwatch/markwatch/leads/intake"
	"github.com/markwatch/markwatch/store"
)

// TestReceiptsAndOutcomesAreTakenRowByRow: what does not fit is told and keeps
// nothing else back, a look before takes nothing in, and what comes twice is
// taken once.
func TestReceiptsAndOutcomesAreTakenRowByRow(t *testing.T) {
	onEngines(t, func(t *testing.T, r *rig) {
		numbers := r.seen(1, 3)
		r.approved("u-market", numbers[:2]...)
		if _, _, err := r.Send(t.Context(), order("u-market", numbers[:2]...), unwatched); err != nil {
			t.Fatal(err)
		}
		receipt := &markwatch.Receipt{By: "赵某", At: now, Number: "回执9"}
		penalty := &markwatch.Outcome{Code: markwatch.OutcomePenalty, At: now, Unit: "u-market", Document: "罚1号", Penalty: &markwatch.Money{Amount: decimal.NewFromInt(5000), Currency: markwatch.CNY}}
		rows := []intake.Feedback{
			{Row: 2, Lead: numbers[0], Receipt: receipt},
			{Row: 3, Lead: "1999-0001", Receipt: receipt},
			{Row: 4, Lead: numbers[0], Outcome: penalty},
			{Row: 5, Lead: numbers[2], Receipt: receipt}, // was never sent
			{Row: 6, Lead: numbers[1]},
			{Row: 7, Lead: numbers[1], Receipt: receipt},
		}
		mine := func(l *markwatch.Lead) bool { return l.Number != numbers[1] }
		want := []markwatch.Code{"", markwatch.CodeNotFound, "", markwatch.CodeConflict, markwatch.CodeNotFound, markwatch.CodeNotFound}
		for _, dry := range []bool{true, false} {
			got, err := r.TakeFeedback(t.Context(), rows, "王丽", dry, mine)
			if err != nil {
				t.Fatal(err)
			}
			for i, one := range got {
				code(t, fmt.Sprintf("row %d, dry %v", one.Row, dry), one.Err, want[i])
			}
			if got[0].To != markwatch.LeadReceived || got[2].From != markwatch.LeadReceived || got[2].To != markwatch.LeadOutcome {
				t.Errorf("dry %v: %+v", dry, got)
			}
			status := markwatch.LeadSent
			if !dry {
				status = markwatch.LeadOutcome
			}
			if l := r.lead(numbers[0]); l.Status != status {
				t.Errorf("dry %v: the lead is %s", dry, l.Status)
			}
		}
		again, err := r.TakeFeedback(t.Context(), rows[:1], "王丽", false, nil)
		if err != nil || again[0].Err != nil || len(again[0].Acts) > 0 {
			t.Errorf("what came twice: %+v, %v", again, err)
		}
		if got, err := r.TakeFeedback(t.Context(), rows[4:5], "王丽", false, nil); err != nil || markwatch.ErrorCode(got[0].Err) != markwatch.CodeInvalid {
			t.Errorf("a row that says nothing: %+v, %v", got, err)
		}
		if n := slices.Index(r.audited, "王丽 lead-outcome "+r.lead(numbers[0]).ID); n < 0 {
			t.Errorf("the audit log has %v", r.audited)
		}
	})
}

// TestComplaintsFindTheirLeads by what was linked before, by address, by the
// shop; what has an address and no lead becomes one.
func TestComplaintsFindTheirLeads(t *testing.T) {
	onEngines(t, func(t *testing.T, r *rig) {
		numbers := r.seen(1, 3)
		const elsewhere = "https://other.example/item/9.html"
		list := []intake.Complaint{
			{Row: 1, Number: "A1", Hotline: "12315", URL: strings.Replace(offer(1).URL, "https", "HTTPS", 1) + "#top"},
			{Row: 2, Number: "A2", Seller: "店2"},
			{Row: 3, Number: "A3", URL: elsewhere, Title: "假鞋", Seller: "某人"},
			{Row: 4, Number: "A4", URL: elsewhere},
			{Row: 5, Number: "A5", Text: "什么都没写"},
			{Row: 6, Number: "A6", URL: offer(3).URL},
		}
		mine := func(l *markwatch.Lead) bool { return l.Number != numbers[2] }
		fates := []dispatch.Fate{dispatch.FateLinked, dispatch.FateLinked, dispatch.FateNew, dispatch.FateLinked, dispatch.FateOpen, dispatch.FateOpen}
		by := []string{"address", "seller", "", "address", "", ""}
		for _, dry := range []bool{true, false} {
			got, err := r.TakeComplaints(t.Context(), list, "王丽", dry, mine)
			if err != nil {
				t.Fatal(err)
			}
			for i, one := range got {
				want := markwatch.Code("")
				if i == 5 {
					want = markwatch.CodeNotFound
				}
				if one.Fate != fates[i] || one.By != by[i] || markwatch.ErrorCode(one.Err) != want {
					t.Errorf("dry %v: %s is %s by %q, %v; want %s by %q", dry, one.Number, one.Fate, one.By, one.Err, fates[i], by[i])
				}
			}
			open, err := r.Complaints(t.Context(), "")
			if err != nil || len(open) != map[bool]int{true: 0, false: 1}[dry] {
				t.Errorf("dry %v: left to people %+v, %v", dry, open, err)
			}
		}
		if l := r.lead(numbers[0]); !slices.Equal(l.Handling.Complaints, []string{"A1"}) {
			t.Errorf("the lead has complaints %v", l.Handling.Complaints)
		}
		if l := r.lead(numbers[2]); len(l.Handling.Complaints) > 0 {
			t.Errorf("another's lead has complaints %v", l.Handling.Complaints)
		}
		var made markwatch.Lead
		for l, err := range r.store.Leads(t.Context(), store.LeadFilter{Source: dispatch.ComplaintSource}) {
			if err != nil {
				t.Fatal(err)
			}
			made = l
		}
		if made.Listing.Title != "假鞋" || !slices.Equal(made.Handling.Complaints, []string{"A3", "A4"}) {
			t.Errorf("the new lead %+v", made)
		}
		// The same file once more says what is known.
		got, err := r.TakeComplaints(t.Context(), list[:4], "王丽", false, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range got {
			if one.Fate != dispatch.FateLinked || one.By != "number" {
				t.Errorf("once more: %s is %s by %q", one.Number, one.Fate, one.By)
			}
		}
		// A person links what was left.
		if err := r.LinkComplaint(t.Context(), "A5", numbers[1], "王丽", nil); err != nil {
			t.Fatal(err)
		}
		code(t, "linked to another", r.LinkComplaint(t.Context(), "A5", numbers[0], "王丽", nil), markwatch.CodeConflict)
		code(t, "to a lead of others", r.LinkComplaint(t.Context(), "A5", numbers[2], "王丽", mine), markwatch.CodeNotFound)
		if list, err := r.Complaints(t.Context(), r.lead(numbers[1]).ID); err != nil || len(list) != 2 {
			t.Errorf("the complaints of a lead: %+v, %v", list, err)
		}
	})
}

// TestAPlatformIsAskedAndAnswers: the answer's files are kept by what they
// are, whatever their names.
func TestAPlatformIsAskedAndAnswers(t *testing.T) {
	onEngines(t, func(t *testing.T, r *rig) {
		numbers := r.seen(1, 1)
		none := func(*markwatch.Lead) bool { return false }
		asked, err := r.Ask(t.Context(), numbers[0], " ", "王丽", nil)
		if err != nil || asked.Platform != "示例商城有限公司" || asked.Number == "" {
			t.Fatalf("%+v, %v", asked, err)
		}
		_, err = r.Ask(t.Context(), numbers[0], "", "王丽", none)
		code(t, "about a lead of others", err, markwatch.CodeNotFound)
		_, err = r.Answer(t.Context(), asked.Number, nil, nil, "王丽", nil)
		code(t, "an empty answer", err, markwatch.CodeInvalid)
		_, err = r.Answer(t.Context(), asked.Number, []dispatch.Upload{{Name: "x", Data: strings.NewReader("x")}}, nil, "王丽", none)
		code(t, "to a request of others", err, markwatch.CodeNotFound)
		answered, err := r.Answer(t.Context(), asked.Number, []dispatch.Upload{
			{Name: "../../etc/账户.PDF", Data: strings.NewReader("one")},
			{Name: `C:\x\..`, Data: strings.NewReader("two")},
			{Name: "again.pdf", Data: strings.NewReader("one")},
		}, map[string]string{"seller": "某店"}, "王丽", nil)
		if err != nil {
			t.Fatal(err)
		}
		var read []string
		for _, a := range answered.Files {
			if strings.ContainsAny(a.Name+a.File, `/\`) {
				t.Errorf("kept as %+v", a)
			}
			f, err := r.OpenAttachment(a)
			if err != nil {
				t.Fatal(err)
			}
			content, err := io.ReadAll(f)
			f.Close()
			if err != nil {
				t.Fatal(err)
			}
			read = append(read, string(content))
		}
		if !slices.Equal(read, []string{"one", "two", "one"}) || answered.Files[0].File != answered.Files[2].File || answered.Answered.IsZero() {
			t.Errorf("kept %q as %+v", read, answered.Files)
		}
		list, err := r.Requests(t.Context(), "")
		if err != nil || len(list) != 1 || len(list[0].Files) != 3 || list[0].By != "王丽" {
			t.Errorf("requests %+v, %v", list, err)
		}
	})
}

// TestCasesKeepToBounds: a lead of others can be made part of nothing, and what
// is tried changes nothing.
func TestCasesKeepToBounds(t *testing.T) {
	onEngines(t, func(t *testing.T, r *rig) {
		numbers := r.seen(1, 3)
		mine := func(l *markwatch.Lead) bool { return l.Number != numbers[2] }
		tried, err := r.TryMerge(t.Context(), numbers[0], numbers[1:2], "王丽", nil)
		if err != nil || len(tried.Offers()) != 2 || r.lead(numbers[1]).Status != markwatch.LeadNew {
			t.Errorf("tried: %+v, %v", tried, err)
		}
		_, err = r.TryMerge(t.Context(), numbers[0], numbers[2:], "王丽", mine)
		code(t, "tried with a lead of others", err, markwatch.CodeNotFound)
		done, err := r.Merge(t.Context(), numbers[0], numbers[1:], "同一店铺", "王丽", mine)
		code(t, "with a lead of others", err, markwatch.CodeNotFound)
		if len(done) != 1 || r.lead(numbers[1]).Status != markwatch.LeadMerged || r.lead(numbers[2]).Status != markwatch.LeadNew {
			t.Errorf("merged %d", len(done))
		}
		parts, err := r.Parts(t.Context(), r.lead(numbers[0]))
		if err != nil || len(parts) != 1 || parts[0].Number != numbers[1] {
			t.Errorf("parts %+v, %v", parts, err)
		}
		// The whole goes with its parts.
		r.approved("u-market", numbers[0])
		kept, _, err := r.Send(t.Context(), order("u-market", numbers[0]), unwatched)
		if err != nil {
			t.Fatal(err)
		}
		for row, err := range r.BatchLeads(t.Context(), kept.Number) {
			if err != nil || len(row.Parts) != 1 || row.Parts[0].Number != numbers[1] {
				t.Errorf("in the batch: %+v, %v", row, err)
			}
		}
		code(t, "a part by itself", r.take(numbers[1], "张敏", leads.Order{Act: leads.ActConfirm}), markwatch.CodeConflict)
	})
}
