package leads

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/markwatch/markwatch"
)

// The actions of events that tell what people stated and decided.
const (
	ActionChecked = "checked" // From and To are texts, Note the requirement
	ActionRoute   = "route"   // From and To are units, Note the reason
)

// State writes down what people found out of a lead by the keys of
// requirements; an empty text takes a statement back. The error has
// markwatch.CodeInvalid for an unknown key, markwatch.CodeConflict for a lead
// that left already.
func State(lead markwatch.Lead, stated map[string]string, actor string, at time.Time) (markwatch.Lead, []markwatch.LeadEvent, error) {
	if len(stated) == 0 {
		return lead, nil, nil
	}
	if err := open(lead); err != nil {
		return lead, nil, err
	}
	changed := lead
	changed.Handling.Checked = maps.Clone(lead.Handling.Checked)
	if changed.Handling.Checked == nil {
		changed.Handling.Checked = map[string]string{}
	}
	var events []markwatch.LeadEvent
	for _, key := range slices.Sorted(maps.Keys(stated)) {
		if !slices.ContainsFunc(markwatch.Requirements(), func(r markwatch.Requirement) bool { return r.Key == key }) {
			var keys []string
			for _, r := range markwatch.Requirements() {
				keys = append(keys, r.Key)
			}
			list := strings.Join(keys, ", ")
			return lead, nil, markwatch.Errorf(markwatch.CodeInvalid, "没有要素 %q,可用:%s / there is no requirement %q, only %s", key, list, key, list)
		}
		value, err := text(stated[key], maxNote)
		if err != nil {
			return lead, nil, err
		}
		old := lead.Handling.Checked[key]
		if value == old {
			continue
		}
		changed.Handling.Checked[key] = value
		if value == "" {
			delete(changed.Handling.Checked, key)
		}
		events = append(events, markwatch.LeadEvent{At: at.UTC(), Actor: actor, Action: ActionChecked, From: old, To: value, Note: key})
	}
	if len(changed.Handling.Checked) == 0 {
		changed.Handling.Checked = nil
	}
	return changed, events, nil
}

// Decide is a person's word where a lead goes, past the routes.
func Decide(lead markwatch.Lead, unit, reason, actor string, at time.Time) (markwatch.Lead, []markwatch.LeadEvent, error) {
	if err := open(lead); err != nil {
		return lead, nil, err
	}
	reason, err := text(reason, maxNote)
	if err != nil {
		return lead, nil, err
	}
	if reason == "" {
		return lead, nil, markwatch.Errorf(markwatch.CodeInvalid, "须写明移送到该单位的理由 / say why the lead goes to this unit")
	}
	changed := lead
	changed.Handling.Addressee = markwatch.Addressee{Unit: unit, DecidedBy: actor, Reason: reason}
	return changed, []markwatch.LeadEvent{{At: at.UTC(), Actor: actor, Action: ActionRoute, From: lead.Handling.Addressee.Unit, To: unit, Note: reason}}, nil
}

// open says that a lead has neither been approved nor left.
func open(lead markwatch.Lead) error {
	switch lead.Status {
	case markwatch.LeadNew, markwatch.LeadReview, markwatch.LeadConfirmed:
		return nil
	}
	return markwatch.Errorf(markwatch.CodeConflict, "线索%s,须先退回核查 / the lead is %s: send it back to review first", StatusName(lead.Status).ZH, lead.Status)
}
