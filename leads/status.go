package leads

import (
	"slices"
	"strings"

	"github.com/markwatch/markwatch"
)

// state is a lead's state with the states that may follow it.
type state struct {
	status markwatch.LeadStatus
	name   markwatch.Text
	next   []markwatch.LeadStatus
}

// states is the one table of a lead's life. Every step has a way back, since
// people err; only a look at the lead (review) leads out of a decision.
var states = []state{
	{markwatch.LeadNew, markwatch.Text{ZH: "待核", EN: "new"},
		[]markwatch.LeadStatus{markwatch.LeadReview, markwatch.LeadConfirmed, markwatch.LeadDismissed}},
	{markwatch.LeadReview, markwatch.Text{ZH: "核查中", EN: "review"},
		[]markwatch.LeadStatus{markwatch.LeadConfirmed, markwatch.LeadDismissed, markwatch.LeadNew}},
	{markwatch.LeadConfirmed, markwatch.Text{ZH: "已确认", EN: "confirmed"},
		[]markwatch.LeadStatus{markwatch.LeadReview}},
	{markwatch.LeadDismissed, markwatch.Text{ZH: "已排除", EN: "dismissed"},
		[]markwatch.LeadStatus{markwatch.LeadReview}},
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

// Next returns the states that may follow one, the likeliest first.
func Next(from markwatch.LeadStatus) []markwatch.LeadStatus {
	st, _ := stateOf(from)
	return slices.Clone(st.next)
}

// Step says whether a lead may go from one state to another. The error has
// markwatch.CodeConflict where the step is not allowed, and its message names
// those that are; markwatch.CodeInvalid where a state is unknown.
func Step(from, to markwatch.LeadStatus) error {
	for _, s := range []markwatch.LeadStatus{from, to} {
		if _, ok := stateOf(s); !ok {
			all := listStates(Statuses())
			return markwatch.Errorf(markwatch.CodeInvalid, "没有状态 %q,可用:%s / there is no state %q, only %s", s, all, s, all)
		}
	}
	next := Next(from)
	if slices.Contains(next, to) {
		return nil
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
