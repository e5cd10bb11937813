package leads

import (
	"slices"
	"strings"

	"github.com/markwatch/markwatch"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Act is one thing that is done to a lead and takes it to a state.
type Act string

// The acts.
const (
	ActReview  Act = "review"  // look at it, or again
	ActReset   Act = "reset"   // put it back unread
	ActConfirm Act = "confirm" // it is suspect
	ActDismiss Act = "dismiss" // it is none
	ActApprove Act = "approve" // a second person lets it go out
	ActReturn  Act = "return"  // it is sent back before it left
	ActSend    Act = "send"    // it left in a batch
	ActRecall  Act = "recall"  // the batch was withdrawn
	ActReceive Act = "receive" // the unit signed for it
	ActOutcome Act = "outcome" // the unit reports
	ActMerge   Act = "merge"   // it is part of another lead
	ActSplit   Act = "split"   // it is none again
)

// Hand says who may do an act.
type Hand string

// The hands.
const (
	HandAnyone Hand = "anyone" // an investigator
	HandSecond Hand = "second" // another person than the one who confirmed
	HandBatch  Hand = "batch"  // the making of a batch, whose approver is known
	HandUnit   Hand = "unit"   // a unit, by a file or the API
)

// Step is one row of the table of a lead's life.
type Step struct {
	Act  Act
	From []markwatch.LeadStatus
	// To is the state after it; "" is the one before the merge.
	To   markwatch.LeadStatus
	Hand Hand
	// Why says that a reason must be written.
	Why bool
	// Plain says that the step is a mere change of state, as in a LeadChange.
	Plain bool
}

// Steps is the one table of a lead's life: every step that there is, who may
// take it, and whether it needs a reason. What is not in it is refused.
func Steps() []Step {
	type s = []markwatch.LeadStatus
	const (
		fresh, review, confirmed, dismissed = markwatch.LeadNew, markwatch.LeadReview, markwatch.LeadConfirmed, markwatch.LeadDismissed
		approved, sent, received, outcome   = markwatch.LeadApproved, markwatch.LeadSent, markwatch.LeadReceived, markwatch.LeadOutcome
	)
	return []Step{
		{Act: ActReview, From: s{fresh, confirmed, dismissed}, To: review, Hand: HandAnyone, Plain: true},
		{Act: ActReset, From: s{review}, To: fresh, Hand: HandAnyone, Plain: true},
		{Act: ActConfirm, From: s{fresh, review}, To: confirmed, Hand: HandAnyone, Plain: true},
		{Act: ActDismiss, From: s{fresh, review}, To: dismissed, Hand: HandAnyone, Why: true, Plain: true},
		{Act: ActApprove, From: s{confirmed}, To: approved, Hand: HandSecond},
		{Act: ActReturn, From: s{confirmed, approved}, To: review, Hand: HandAnyone, Why: true},
		{Act: ActSend, From: s{approved}, To: sent, Hand: HandBatch},
		{Act: ActRecall, From: s{sent}, To: approved, Hand: HandAnyone, Why: true},
		{Act: ActReceive, From: s{sent}, To: received, Hand: HandUnit},
		{Act: ActOutcome, From: s{sent, received, outcome}, To: outcome, Hand: HandUnit},
		{Act: ActMerge, From: s{fresh, review, confirmed, dismissed}, To: markwatch.LeadMerged, Hand: HandAnyone, Why: true},
		{Act: ActSplit, From: s{markwatch.LeadMerged}, Hand: HandAnyone, Why: true},
	}
}

// StepOf returns the step of an act from a state. The error has
// markwatch.CodeConflict where there is none and names the acts that there are;
// markwatch.CodeInvalid where the act is unknown.
func StepOf(act Act, from markwatch.LeadStatus) (Step, error) {
	var possible, all []string
	for _, step := range Steps() {
		all = append(all, string(step.Act))
		if slices.Contains(step.From, from) {
			if step.Act == act {
				return step, nil
			}
			possible = append(possible, string(step.Act))
		}
	}
	if !slices.Contains(all, string(act)) {
		list := strings.Join(all, ", ")
		return Step{}, markwatch.Errorf(markwatch.CodeInvalid, "没有操作 %q,可用:%s / there is no act %q, only %s", act, list, act, list)
	}
	list := strings.Join(possible, ", ")
	return Step{}, markwatch.Errorf(markwatch.CodeConflict, "线索%s,不能 %s;可以:%s / a lead that is %s takes no %s, only %s",
		StatusName(from).ZH, act, list, from, act, list)
}

// plainStep says that a mere change of state may go from one to another.
func plainStep(from, to markwatch.LeadStatus) bool {
	for _, step := range Steps() {
		if step.Plain && step.To == to && slices.Contains(step.From, from) {
			return true
		}
	}
	return false
}

// SamePerson says whether two names mean one person: letter case, width and
// blanks aside, and whichever door ("cli:", "web:", "api:") the name came by.
// It is strict rather than lenient, since four eyes stand on it.
func SamePerson(a, b string) bool { return person(a) == person(b) }

func person(name string) string {
	name = cases.Fold().String(norm.NFKC.String(name))
	if door, rest, ok := strings.Cut(name, ":"); ok {
		switch strings.TrimSpace(door) {
		case "cli", "web", "api":
			name = rest
		}
	}
	return strings.Join(strings.Fields(name), "")
}
