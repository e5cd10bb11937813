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

func TestSteps(t *testing.T) {
	allowed := map[string]bool{
		"new→review": true, "new→confirmed": true, "new→dismissed": true,
		"review→new": true, "review→confirmed": true, "review→dismissed": true,
		"confirmed→review": true, "dismissed→review": true,
	}
	for _, from := range leads.Statuses() {
		for _, to := range leads.Statuses() {
			err := leads.CheckStep(from, to)
			step := string(from + "→" + to)
			if allowed[step] != (err == nil) {
				t.Errorf("%s: %v", step, err)
			}
			if err != nil && markwatch.ErrorCode(err) != markwatch.CodeConflict {
				t.Errorf("%s has the code %s", step, markwatch.ErrorCode(err))
			}
			if got := slices.Contains(leads.Next(from), to); got != allowed[step] {
				t.Errorf("Next(%s) holds %s: %v", from, to, got)
			}
		}
	}
}

func TestStepNamesWhatIsAllowed(t *testing.T) {
	err := leads.CheckStep(markwatch.LeadConfirmed, markwatch.LeadDismissed)
	want := "线索已确认,不能改为已排除;可以改为:核查中 review / a lead that is confirmed cannot become dismissed, only review"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	err = leads.CheckStep(markwatch.LeadNew, "confirm")
	if markwatch.ErrorCode(err) != markwatch.CodeInvalid || !strings.Contains(err.Error(), "已确认 confirmed") {
		t.Errorf("an unknown state: %v", err)
	}
}

// TestStatesAreComplete fails where the root package has a state that the
// table lacks.
func TestStatesAreComplete(t *testing.T) {
	all := []markwatch.LeadStatus{markwatch.LeadNew, markwatch.LeadReview, markwatch.LeadConfirmed, markwatch.LeadDismissed,
		markwatch.LeadApproved, markwatch.LeadSent, markwatch.LeadReceived, markwatch.LeadOutcome, markwatch.LeadMerged}
	if !slices.Equal(leads.Statuses(), all) {
		t.Errorf("the table has %v", leads.Statuses())
	}
	for _, s := range all {
		if name := leads.StatusName(s); name.ZH == "" || name.ZH == string(s) {
			t.Errorf("%s has no Chinese name", s)
		}
	}
}

func TestDismissReasons(t *testing.T) {
	reasons := leads.DismissReasons()
	seen := map[string]bool{}
	for _, r := range reasons {
		if r.ID == "" || r.Text.ZH == "" || r.Text.EN == "" || seen[r.ID] {
			t.Errorf("%+v is empty or stands twice", r)
		}
		seen[r.ID] = true
	}
	if len(reasons) != 6 {
		t.Errorf("%d reasons", len(reasons))
	}
}

func TestApply(t *testing.T) {
	at := time.Date(2026, 11, 21, 9, 2, 0, 0, time.FixedZone("", 8*3600))
	ptr := func(s string) *string { return &s }
	event := func(action, from, to, note string) markwatch.LeadEvent {
		return markwatch.LeadEvent{At: at.UTC(), Actor: "张敏", Action: action, From: from, To: to, Note: note}
	}
	fresh := markwatch.Lead{Number: "2026-0412", Status: markwatch.LeadNew}
	dismissed := markwatch.Lead{Status: markwatch.LeadDismissed, Reason: "genuine"}
	for name, tt := range map[string]struct {
		lead   markwatch.Lead
		change markwatch.LeadChange
		want   markwatch.Lead
		events []markwatch.LeadEvent
		code   markwatch.Code
	}{
		"confirm with a note": {
			fresh, markwatch.LeadChange{Status: markwatch.LeadConfirmed, Note: " 已核价 "},
			markwatch.Lead{Number: "2026-0412", Status: markwatch.LeadConfirmed, Note: "已核价"},
			[]markwatch.LeadEvent{event("status", "new", "confirmed", ""), event("note", "", "", "已核价")}, "",
		},
		"dismiss with a reason": {
			fresh, markwatch.LeadChange{Status: markwatch.LeadDismissed, Reason: "resale"},
			markwatch.Lead{Number: "2026-0412", Status: markwatch.LeadDismissed, Reason: "resale"},
			[]markwatch.LeadEvent{event("status", "new", "dismissed", "resale")}, "",
		},
		"dismiss without a reason":      {lead: fresh, change: markwatch.LeadChange{Status: markwatch.LeadDismissed}, code: markwatch.CodeInvalid},
		"dismiss with another reason":   {lead: fresh, change: markwatch.LeadChange{Status: markwatch.LeadDismissed, Reason: "bored"}, code: markwatch.CodeInvalid},
		"a reason without a dismissal":  {lead: fresh, change: markwatch.LeadChange{Status: markwatch.LeadConfirmed, Reason: "resale"}, code: markwatch.CodeInvalid},
		"dismissed cannot be confirmed": {lead: dismissed, change: markwatch.LeadChange{Status: markwatch.LeadConfirmed}, code: markwatch.CodeConflict},
		"a note that is too long":       {lead: fresh, change: markwatch.LeadChange{Note: strings.Repeat("注", 10_001)}, code: markwatch.CodeInvalid},
		"reopening forgets the reason": {
			dismissed, markwatch.LeadChange{Status: markwatch.LeadReview},
			markwatch.Lead{Status: markwatch.LeadReview},
			[]markwatch.LeadEvent{event("status", "dismissed", "review", "")}, "",
		},
		"another reason": {
			dismissed, markwatch.LeadChange{Reason: "misread"},
			markwatch.Lead{Status: markwatch.LeadDismissed, Reason: "misread"},
			[]markwatch.LeadEvent{event("reason", "genuine", "misread", "")}, "",
		},
		"a note keeps the reason": {
			dismissed, markwatch.LeadChange{Note: "同店"},
			markwatch.Lead{Status: markwatch.LeadDismissed, Reason: "genuine", Note: "同店"},
			[]markwatch.LeadEvent{event("note", "", "", "同店")}, "",
		},
		"assign": {
			fresh, markwatch.LeadChange{Assignee: ptr("李强")},
			markwatch.Lead{Number: "2026-0412", Status: markwatch.LeadNew, Assignee: "李强"},
			[]markwatch.LeadEvent{event("assign", "", "李强", "")}, "",
		},
		"the same again is no event": {
			dismissed, markwatch.LeadChange{Status: markwatch.LeadDismissed, Assignee: ptr("")},
			dismissed, nil, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			before := tt.lead
			got, events, err := leads.Apply(tt.lead, tt.change, "张敏", at)
			if markwatch.ErrorCode(err) != tt.code {
				t.Fatalf("error %v, want code %q", err, tt.code)
			}
			if err != nil {
				tt.want = before
			}
			if tt.want.Status != before.Status {
				tt.want.Handling.Since = at.UTC()
				if tt.want.Status == markwatch.LeadConfirmed {
					tt.want.Handling.ConfirmedBy, tt.want.Handling.ConfirmedAt = "张敏", at.UTC()
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("lead (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.events, events); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
		})
	}
	if _, _, err := leads.Apply(fresh, markwatch.LeadChange{Note: "x"}, " ", at); markwatch.ErrorCode(err) != markwatch.CodeInvalid {
		t.Errorf("a change by nobody: %v", err)
	}
}
