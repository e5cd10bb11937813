package leads_test

import (
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/leads"
)

func TestDocumentsAreHeldAndReleased(t *testing.T) {
	names := []string{"涉嫌犯罪案件移送书", "其他有关涉嫌犯罪的材料"}
	at := time.Date(2026, 11, 26, 3, 0, 0, 0, time.UTC)
	there := func(l markwatch.Lead) (list [2]bool) {
		for i, d := range leads.Documents(&l, names) {
			list[i] = d.There
		}
		return list
	}
	bare := markwatch.Lead{Status: markwatch.LeadReview}
	if there(bare) != [2]bool{} {
		t.Errorf("of nothing: %v", there(bare))
	}
	captured := bare
	captured.Listing.Snapshot = "a.warc.gz#1"
	if there(captured) != [2]bool{false, true} {
		t.Errorf("of a capture: %v", there(captured))
	}
	held, events, err := leads.Hold(captured, markwatch.HeldDocument{Name: names[0], Note: " 在卷 "}, names, "zhangmin", at)
	if err != nil || len(events) != 1 || there(held) != [2]bool{true, true} {
		t.Fatalf("%v %v %v", there(held), events, err)
	}
	if d := leads.Documents(&held, names)[0].Held; d.By != "zhangmin" || !d.At.Equal(at) || d.Note != "在卷" {
		t.Errorf("%+v", d)
	}
	again, _, err := leads.Hold(held, markwatch.HeldDocument{Name: names[0]}, names, "liqiang", at)
	if err != nil || len(again.Handling.Documents) != 1 || again.Handling.Documents[0].By != "liqiang" || held.Handling.Documents[0].By != "zhangmin" {
		t.Errorf("a later word: %+v %v", again.Handling.Documents, err)
	}
	released, _, err := leads.Release(again, names[0], "系另一案", names, "zhangmin", at)
	if err != nil || there(released) != [2]bool{false, true} || released.Handling.Documents != nil {
		t.Errorf("released: %v %v", there(released), err)
	}
	dismissed := captured
	dismissed.Status = markwatch.LeadDismissed
	for name, c := range map[string]struct {
		err  error
		code markwatch.Code
	}{
		"another document":  {second(leads.Hold(captured, markwatch.HeldDocument{Name: "收条"}, names, "a", at)), markwatch.CodeInvalid},
		"a dismissed lead":  {second(leads.Hold(dismissed, markwatch.HeldDocument{Name: names[0]}, names, "a", at)), markwatch.CodeConflict},
		"without a reason":  {second(leads.Release(again, names[0], " ", names, "a", at)), markwatch.CodeInvalid},
		"what nobody noted": {second(leads.Release(captured, names[0], "x", names, "a", at)), markwatch.CodeConflict},
	} {
		if markwatch.ErrorCode(c.err) != c.code {
			t.Errorf("%s: %v", name, c.err)
		}
	}
}

func second(_ markwatch.Lead, _ []markwatch.LeadEvent, err error) error { return err }

// TestTheLastWordOnALead holds that what a unit found out counts before what was
// thought here, and that a lead does not fall out of the count when it leaves.
func TestTheLastWordOnALead(t *testing.T) {
	with := func(status markwatch.LeadStatus, codes ...markwatch.OutcomeCode) markwatch.Lead {
		l := outcome(status, "", 1)
		for _, c := range codes {
			l.Handling.Outcomes = append(l.Handling.Outcomes, markwatch.Outcome{Code: c})
		}
		return l
	}
	for name, c := range map[string]struct {
		lead markwatch.Lead
		want int
	}{
		"new":                  {with(markwatch.LeadNew), 0},
		"confirmed":            {with(markwatch.LeadConfirmed), 1},
		"approved":             {with(markwatch.LeadApproved), 1},
		"sent":                 {with(markwatch.LeadSent), 1},
		"signed for":           {with(markwatch.LeadReceived), 1},
		"a case":               {with(markwatch.LeadOutcome, markwatch.OutcomeOpened), 1},
		"no case":              {with(markwatch.LeadOutcome, markwatch.OutcomeNotOpen), -1},
		"nobody found":         {with(markwatch.LeadOutcome, markwatch.OutcomeNotFound), 1},
		"passed on":            {with(markwatch.LeadOutcome, markwatch.OutcomeReferred), 1},
		"no case, then one":    {with(markwatch.LeadOutcome, markwatch.OutcomeNotOpen, markwatch.OutcomeOpened), 1},
		"a case, nobody found": {with(markwatch.LeadOutcome, markwatch.OutcomeOpened, markwatch.OutcomeNotFound), 1},
		"genuine":              {outcome(markwatch.LeadDismissed, "genuine", 1), -1},
		"not enough to go on":  {outcome(markwatch.LeadDismissed, "insufficient", 1), 0},
	} {
		if got := leads.Judged(&c.lead); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
		counted, err := leads.Precision(func(yield func(markwatch.Lead, error) bool) { yield(c.lead, nil) })
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, p := range counted {
			n += p.Confirmed - p.Dismissed
		}
		if n != c.want {
			t.Errorf("%s counts %d, want %d", name, n, c.want)
		}
	}
}
