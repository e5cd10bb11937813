package leads

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/markwatch/markwatch"
)

// The actions of a lead's events that a person's change brings.
const (
	ActionStatus = "status" // From and To are states, Note is the reason of a dismissal
	ActionReason = "reason" // From and To are reasons of a dismissal
	ActionAssign = "assign" // From and To are users; "" is nobody
	ActionNote   = "note"   // Note is the new note
	ActionTag    = "tag"    // To is a tag that was put on
	ActionUntag  = "untag"  // From is a tag that was taken off
)

// The longest texts that a change may bring, in code points.
const (
	maxNote     = 10_000
	maxAssignee = 200
)

// Apply returns the lead as it stands after a change, and what the change adds
// to its history: one event for each thing that became different, none where
// nothing did, so that a key pressed twice is no error. On error the lead is
// returned unchanged; the code is markwatch.CodeConflict for a step that is not
// allowed, markwatch.CodeInvalid for a change that makes no sense.
func Apply(lead markwatch.Lead, change markwatch.LeadChange, actor string, at time.Time) (markwatch.Lead, []markwatch.LeadEvent, error) {
	actor = strings.TrimSpace(actor)
	if actor == "" {
		return lead, nil, markwatch.Errorf(markwatch.CodeInvalid, "须写明操作人 / a change needs to say who makes it")
	}
	changed := lead
	changed.Tags = slices.Clone(lead.Tags)
	var events []markwatch.LeadEvent
	add := func(action, from, to, note string) {
		events = append(events, markwatch.LeadEvent{At: at.UTC(), Actor: actor, Action: action, From: from, To: to, Note: note})
	}
	if err := applyStatus(&changed, change, actor, at, add); err != nil {
		return lead, nil, err
	}
	if change.Assignee != nil {
		assignee, err := text(*change.Assignee, maxAssignee)
		if err != nil {
			return lead, nil, err
		}
		if assignee != changed.Assignee {
			add(ActionAssign, changed.Assignee, assignee, "")
			changed.Assignee = assignee
		}
	}
	note, err := text(change.Note, maxNote)
	if err != nil {
		return lead, nil, err
	}
	if note != "" && note != changed.Note {
		add(ActionNote, "", "", note)
		changed.Note = note
	}
	if err := applyTags(&changed, change, add); err != nil {
		return lead, nil, err
	}
	return changed, events, nil
}

// applyStatus sets the state and the reason of a dismissal, which belong
// together: a dismissed lead has one, no other lead does.
func applyStatus(lead *markwatch.Lead, change markwatch.LeadChange, actor string, at time.Time, add func(action, from, to, note string)) error {
	to := change.Status
	if to == "" {
		to = lead.Status
	}
	moved := to != lead.Status
	if moved {
		if err := CheckStep(lead.Status, to); err != nil {
			return err
		}
	}
	reason := strings.TrimSpace(change.Reason)
	switch {
	case to != markwatch.LeadDismissed:
		if reason != "" {
			return markwatch.Errorf(markwatch.CodeInvalid, "只有排除线索时才写原因 / a reason belongs to a dismissal only")
		}
	case moved || reason != "":
		if err := checkReason(reason); err != nil {
			return err
		}
	default:
		reason = lead.Reason
	}
	switch {
	case moved:
		add(ActionStatus, string(lead.Status), string(to), reason)
	case reason != lead.Reason:
		add(ActionReason, lead.Reason, reason, "")
	}
	if moved {
		enter(lead, to, actor, at)
	}
	lead.Reason = reason
	return nil
}

// text trims what a person wrote and bounds its length.
func text(s string, limit int) (string, error) {
	s = strings.TrimSpace(strings.ToValidUTF8(s, "\ufffd"))
	if n := utf8.RuneCountInString(s); n > limit {
		return "", markwatch.Errorf(markwatch.CodeInvalid, "文字过长:%d 字,最多 %d 字 / the text has %d characters, at most %d are kept", n, limit, n, limit)
	}
	return s, nil
}
