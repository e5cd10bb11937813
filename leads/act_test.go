package leads_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/leads"
)

var noon = time.Date(2026, 11, 20, 4, 0, 0, 0, time.UTC)

// order is an order of an act with all that it may need.
func order(act leads.Act) leads.Order {
	o := leads.Order{Act: act, Reason: "核对", Batch: "标移〔2026〕1号", Into: "other", Addressee: markwatch.Addressee{Unit: "samr-guiyang"},
		Outcome: markwatch.Outcome{Code: markwatch.OutcomeOpened}}
	if act == leads.ActDismiss {
		o.Reason = "genuine"
	}
	return o
}

// TestEveryStepThatIsNotInTheTableIsRefused tries every act on every state.
func TestEveryStepThatIsNotInTheTableIsRefused(t *testing.T) {
	const want = `new: review confirm dismiss merge
review: reset confirm dismiss merge
confirmed: review approve return merge
dismissed: review merge
approved: return send
sent: recall receive outcome
received: outcome
outcome: outcome
merged: split
`
	var got strings.Builder
	for _, status := range leads.Statuses() {
		got.WriteString(string(status) + ":")
		for _, step := range leads.Steps() {
			lead := markwatch.Lead{ID: "one", Status: status, Handling: markwatch.Handling{ConfirmedBy: "李强"}}
			next, events, err := leads.Take(lead, order(step.Act), "张敏", noon)
			if err != nil {
				if markwatch.ErrorCode(err) != markwatch.CodeConflict || !cmp.Equal(next, lead) || events != nil {
					t.Errorf("%s of a lead that is %s: %v, %v, changed %v", step.Act, status, err, events, !cmp.Equal(next, lead))
				}
				continue
			}
			if len(events) != 1 || events[0].Actor != "张敏" || events[0].From != string(status) || events[0].To != string(next.Status) || !events[0].At.Equal(noon) {
				t.Errorf("%s of %s is told as %+v", step.Act, status, events)
			}
			got.WriteString(" " + string(step.Act))
		}
		got.WriteString("\n")
	}
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}

func TestStepsThatNeedAReasonRefuseNone(t *testing.T) {
	for _, step := range leads.Steps() {
		o := order(step.Act)
		o.Reason = "  "
		lead := markwatch.Lead{ID: "one", Status: step.From[0], Handling: markwatch.Handling{ConfirmedBy: "李强"}}
		_, _, err := leads.Take(lead, o, "张敏", noon)
		if step.Why != (markwatch.ErrorCode(err) == markwatch.CodeInvalid) {
			t.Errorf("%s without a reason: %v", step.Act, err)
		}
	}
}

func TestFourEyes(t *testing.T) {
	confirm := func(by string) markwatch.Lead {
		l, _, err := leads.Apply(markwatch.Lead{Status: markwatch.LeadNew}, markwatch.LeadChange{Status: markwatch.LeadConfirmed}, by, noon)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	for _, c := range []struct {
		finder, approver string
		ok               bool
	}{
		{"张敏", "李强", true},
		{"张敏", "张敏", false},
		{"张敏", " 张 敏 ", false},
		{"cli:zhang", "web:Zhang", false},
		{"cli:zhang", "ｚｈａｎｇ", false},
		{"zhang", "zhang2", true},
	} {
		l, _, err := leads.Take(confirm(c.finder), order(leads.ActApprove), c.approver, noon)
		if (err == nil) != c.ok {
			t.Errorf("confirmed by %q, approved by %q: %v", c.finder, c.approver, err)
		}
		if c.ok && (l.Handling.ApprovedBy != c.approver || l.Handling.Addressee.Unit != "samr-guiyang") {
			t.Errorf("approval noted as %+v", l.Handling)
		}
	}
	if _, _, err := leads.Take(markwatch.Lead{Status: markwatch.LeadConfirmed}, order(leads.ActApprove), "李强", noon); markwatch.ErrorCode(err) != markwatch.CodeConflict {
		t.Errorf("a lead that nobody is known to have confirmed: %v", err)
	}
	// Sent back and confirmed by the one who approved, it takes another again.
	l := confirm("张敏")
	for _, step := range []struct {
		act leads.Act
		by  string
	}{{leads.ActApprove, "李强"}, {leads.ActReturn, "李强"}, {leads.ActConfirm, "李强"}} {
		var err error
		if l, _, err = leads.Take(l, order(step.act), step.by, noon); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := leads.Take(l, order(leads.ActApprove), "李强", noon); err == nil {
		t.Error("the one who confirmed last approved")
	}
}

func TestReceiptsAndOutcomesThatComeTwiceChangeNothing(t *testing.T) {
	l := markwatch.Lead{Status: markwatch.LeadSent}
	take := func(o leads.Order) []markwatch.LeadEvent {
		t.Helper()
		next, events, err := leads.Take(l, o, "samr-guiyang", noon)
		if err != nil {
			t.Fatal(err)
		}
		l = next
		return events
	}
	opened := leads.Order{Act: leads.ActOutcome, Outcome: markwatch.Outcome{Code: markwatch.OutcomeOpened, Document: "贵市监立〔2026〕3号"}}
	penalty := leads.Order{Act: leads.ActOutcome, Outcome: markwatch.Outcome{Code: markwatch.OutcomePenalty, Document: "贵市监罚〔2026〕9号"}}
	for i, c := range []struct {
		order leads.Order
		news  bool
	}{{leads.Order{Act: leads.ActReceive}, true}, {leads.Order{Act: leads.ActReceive}, false}, {opened, true}, {opened, false}, {penalty, true}, {opened, false}} {
		if events := take(c.order); (len(events) == 1) != c.news {
			t.Errorf("order %d: %d events", i, len(events))
		}
	}
	if len(l.Handling.Outcomes) != 2 || leads.Says(&l) != 1 {
		t.Errorf("outcomes %+v", l.Handling.Outcomes)
	}
	_, _, err := leads.Take(l, leads.Order{Act: leads.ActOutcome, Outcome: markwatch.Outcome{Code: markwatch.OutcomeNotFound}}, "x", noon)
	if markwatch.ErrorCode(err) != markwatch.CodeConflict {
		t.Errorf("not found after a penalty: %v", err)
	}
}

// TestSplitGivesBackWhatMergeTook: nothing of either lead is lost.
func TestSplitGivesBackWhatMergeTook(t *testing.T) {
	for _, status := range []markwatch.LeadStatus{markwatch.LeadNew, markwatch.LeadReview, markwatch.LeadConfirmed, markwatch.LeadDismissed} {
		whole := markwatch.Lead{ID: "a", Number: "2026-0001", Status: markwatch.LeadConfirmed, Note: "一", Tags: []string{"重点"}, Handling: markwatch.Handling{ConfirmedBy: "张敏"}}
		part := markwatch.Lead{ID: "b", Number: "2026-0002", Status: status, Reason: "", Assignee: "王五", Note: "二", Tags: []string{"同店"},
			Listing: markwatch.Listing{URL: "https://x.example/2"}, Handling: markwatch.Handling{ConfirmedBy: "李强", ConfirmedAt: noon, Checked: map[string]string{"reason": "对比"}}}
		w, p, we, pe, err := leads.Merge(whole, part, "同一店铺", "张敏", noon)
		if err != nil {
			t.Fatal(err)
		}
		if len(we) != 1 || len(pe) != 1 || p.Status != markwatch.LeadMerged || !slices.Equal(w.Handling.Merged, []string{"b"}) {
			t.Errorf("merged: %+v %+v", w.Handling, p)
		}
		if c := leads.NewCase(w, []markwatch.Lead{p}); len(c.Offers()) != 2 || c.Offers()[1].Listing.URL != part.Listing.URL {
			t.Errorf("the case has %d offers", len(c.Offers()))
		}
		if _, _, _, _, err := leads.Merge(p, whole, "绕圈", "张敏", noon); err == nil {
			t.Error("a lead was merged into its own part")
		}
		w, p, _, _, err = leads.Split(w, p, "不是同一店铺", "李强", noon.Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		p.Handling.Since = time.Time{}
		for _, d := range []string{cmp.Diff(whole, w), cmp.Diff(part, p)} {
			if d != "" {
				t.Errorf("%s: after the split (-before +after):\n%s", status, d)
			}
		}
	}
}

func TestDue(t *testing.T) {
	var off, on markwatch.Date
	for d, s := range map[*markwatch.Date]string{&off: "2026-10-01", &on: "2026-09-27"} {
		if err := d.UnmarshalText([]byte(s)); err != nil {
			t.Fatal(err)
		}
	}
	zone := time.FixedZone("CST", 8*3600)
	d := leads.Deadlines{Location: zone, Calendar: leads.Calendar{Off: []markwatch.Date{off}, On: []markwatch.Date{on}}, Terms: []markwatch.StateTerm{
		{Status: markwatch.LeadNew, Days: 7, Remind: 2}, {Status: markwatch.LeadSent, Days: 5, Count: "working", Remind: 1},
		{Status: markwatch.LeadOutcome, Days: 30},
	}}
	at := func(s string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04", s, zone)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	sent := markwatch.Lead{Status: markwatch.LeadSent, Handling: markwatch.Handling{Since: at("2026-09-25 23:50")}} // a Friday
	for _, c := range []struct {
		lead    markwatch.Lead
		now     string
		told    bool
		days    int
		overdue bool
	}{
		{markwatch.Lead{Status: markwatch.LeadNew, FirstSeen: at("2026-11-01 10:00")}, "2026-11-05 10:00", false, 3, false},
		{markwatch.Lead{Status: markwatch.LeadNew, FirstSeen: at("2026-11-01 10:00")}, "2026-11-06 23:59", true, 2, false},
		{markwatch.Lead{Status: markwatch.LeadNew, FirstSeen: at("2026-11-01 10:00")}, "2026-11-08 23:59", true, 0, false},
		{markwatch.Lead{Status: markwatch.LeadNew, FirstSeen: at("2026-11-01 10:00")}, "2026-11-09 00:00", true, -1, true},
		// Sunday 27th is worked on, October 1st is not: 27, 28, 29, 30 and Friday the 2nd.
		{sent, "2026-09-30 12:00", false, 2, false},
		{sent, "2026-10-01 12:00", true, 1, false},
		{sent, "2026-10-03 00:00", true, -1, true},
		{markwatch.Lead{Status: markwatch.LeadOutcome, Handling: markwatch.Handling{Since: at("2026-01-01 00:00"), Outcomes: []markwatch.Outcome{{Code: markwatch.OutcomePenalty}}}}, "2026-11-01 00:00", false, 0, false},
		{markwatch.Lead{Status: markwatch.LeadDismissed}, "2026-11-01 00:00", false, 0, false},
	} {
		due, told := d.Due(c.lead, at(c.now))
		if told != c.told || due.Days != c.days || due.Overdue != c.overdue {
			t.Errorf("%s at %s: told %v, %d days, overdue %v; want %v, %d, %v (end %s)", c.lead.Status, c.now, told, due.Days, due.Overdue, c.told, c.days, c.overdue, due.At)
		}
	}
}
