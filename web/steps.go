package web

import (
	"slices"
	"strings"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/leads"
)

// reason is one of the reasons for which a lead may be dismissed.
type reason struct{ ID, Name string }

func reasons(l lang) []reason {
	var out []reason
	for _, r := range leads.DismissReasons() {
		out = append(out, reason{ID: r.ID, Name: pick(l, r.Text)})
	}
	return out
}

// reasonName is a reason's name for people, or the text itself where it is
// the id of none.
func reasonName(l lang, id string) string {
	for _, r := range reasons(l) {
		if r.ID == id {
			return r.Name
		}
	}
	return id
}

// allowed says whether a lead may go from one state to another.
func allowed(from, to markwatch.LeadStatus) bool { return slices.Contains(leads.Next(from), to) }

func statusName(l lang, s markwatch.LeadStatus) string { return pick(l, leads.StatusName(s)) }

// event words one line of a lead's history. What its From and To are depends
// on the action.
func (d *desk) event(l lang, e markwatch.LeadEvent) eventView {
	name := func(s string) string { return s }
	switch e.Action {
	case leads.ActionStatus:
		name = func(s string) string { return statusName(l, markwatch.LeadStatus(s)) }
		e.Note = reasonName(l, e.Note)
	case leads.ActionAct:
		name = func(s string) string { return statusName(l, markwatch.LeadStatus(s)) }
		act, rest, _ := strings.Cut(e.Note, " ")
		if act == string(leads.ActDismiss) {
			rest = reasonName(l, rest)
		}
		if act == string(leads.ActOutcome) {
			code, document, _ := strings.Cut(rest, " ")
			rest = pick(l, leads.OutcomeName(markwatch.OutcomeCode(code))) + " " + document
		}
		e.Note = strings.TrimSpace(d.cat.word(l, "act", act) + " " + rest)
	case leads.ActionChecked:
		for _, need := range markwatch.Requirements() {
			if need.Key == e.Note {
				e.Note = pick(l, need.Name)
			}
		}
	case leads.ActionRoute:
		name = d.unitName
	case leads.ActionReason:
		name = func(s string) string { return reasonName(l, s) }
	}
	v := eventView{At: e.At, Actor: e.Actor, Action: d.cat.word(l, "action", e.Action), Note: e.Note}
	switch {
	case e.From != "" && e.To != "":
		v.Action += d.cat.text(l, "event.from-to", name(e.From), name(e.To))
	case e.To != "":
		v.Action += d.cat.text(l, "event.to", name(e.To))
	}
	return v
}
