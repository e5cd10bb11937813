package leads

import (
	"slices"
	"strings"

	"github.com/markwatch/markwatch"
)

// state is a lead's state with its names.
type state struct {
	status markwatch.LeadStatus
	name   markwatch.Text
}

// states in the order of a lead's life; Steps says what leads from one to
// another.
var states = []state{
	{markwatch.LeadNew, markwatch.Text{ZH: "待核", EN: "new"}},
	{markwatch.LeadReview, markwatch.Text{ZH: "核查中", EN: "review"}},
	{markwatch.LeadConfirmed, markwatch.Text{ZH: "已确认", EN: "confirmed"}},
	{markwatch.LeadDismissed, markwatch.Text{ZH: "已排除", EN: "dismissed"}},
	{markwatch.LeadApproved, markwatch.Text{ZH: "已批准", EN: "approved"}},
	{markwatch.LeadSent, markwatch.Text{ZH: "已移送", EN: "sent"}},
	{markwatch.LeadReceived, markwatch.Text{ZH: "已签收", EN: "received"}},
	{markwatch.LeadOutcome, markwatch.Text{ZH: "已反馈", EN: "outcome"}},
	{markwatch.LeadMerged, markwatch.Text{ZH: "已并案", EN: "merged"}},
}

func stateOf(s markwatch.LeadStatus) (state, bool) {
	i := slices.IndexFunc(states, func(st state) bool { return st.status == s })
	if i < 0 {
		return state{}, false
	}
	return states[i], true
}

// Statuses returns every state in the order of a lead's life.
func Statuses() []markwatch.LeadStatus {
	list := make([]markwatch.LeadStatus, len(states))
	for i, st := range states {
		list[i] = st.status
	}
	return list
}

// StatusName is a state's name for people; an unknown state goes by its id.
func StatusName(s markwatch.LeadStatus) markwatch.Text {
	if st, ok := stateOf(s); ok {
		return st.name
	}
	return markwatch.Text{ZH: string(s), EN: string(s)}
}

// Next returns the states that a mere change of state may lead to, the
// likeliest first: those for which nothing but a person's word is needed.
func Next(from markwatch.LeadStatus) []markwatch.LeadStatus {
	var next []markwatch.LeadStatus
	for _, to := range []markwatch.LeadStatus{markwatch.LeadReview, markwatch.LeadConfirmed, markwatch.LeadDismissed, markwatch.LeadNew} {
		if plainStep(from, to) {
			next = append(next, to)
		}
	}
	return next
}

// CheckStep says whether a mere change of state may take a lead from one to
// another. The error has markwatch.CodeConflict where the step is not allowed,
// and its message names those that are; markwatch.CodeInvalid where a state is
// unknown.
func CheckStep(from, to markwatch.LeadStatus) error {
	for _, s := range []markwatch.LeadStatus{from, to} {
		if _, ok := stateOf(s); !ok {
			all := listStates(Statuses())
			return markwatch.Errorf(markwatch.CodeInvalid, "没有状态 %q,可用:%s / there is no state %q, only %s", s, all, s, all)
		}
	}
	if plainStep(from, to) {
		return nil
	}
	next := Next(from)
	if len(next) == 0 {
		return markwatch.Errorf(markwatch.CodeConflict, "线索%s,不能再改状态,见 leads act / a lead that is %s changes by acts alone, see leads act",
			StatusName(from).ZH, from)
	}
	return markwatch.Errorf(markwatch.CodeConflict,
		"线索%s,不能改为%s;可以改为:%s / a lead that is %s cannot become %s, only %s",
		StatusName(from).ZH, StatusName(to).ZH, listStates(next), from, to, listIDs(next))
}

// listStates writes 已确认 confirmed、已排除 dismissed.
func listStates(list []markwatch.LeadStatus) string {
	names := make([]string, len(list))
	for i, s := range list {
		names[i] = StatusName(s).ZH + " " + string(s)
	}
	return strings.Join(names, "、")
}

func listIDs(list []markwatch.LeadStatus) string {
	names := make([]string, len(list))
	for i, s := range list {
		names[i] = string(s)
	}
	return strings.Join(names, ", ")
}
