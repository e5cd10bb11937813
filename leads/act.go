package leads

import (
	"slices"
	"strings"
	"time"

	"github.com/markwatch/markwatch"
)

// Order is what a person or a unit asks to be done with a lead.
type Order struct {
	Act Act
	// Reason is why; of a dismissal the id of a DismissReason.
	Reason string
	// Addressee, Violation and Waived belong to an approval.
	Addressee markwatch.Addressee
	Violation markwatch.Violation
	Waived    []markwatch.Waiver
	// Batch, Package and PackageHash belong to sending.
	Batch, Package, PackageHash string
	// Shown is what the page showed when it was fetched before sending.
	Shown   string
	Receipt markwatch.Receipt
	Outcome markwatch.Outcome
	// Into is the id of the lead to merge into.
	Into string
}

// ActionAct is the action of an event that an act brings: From and To are
// states, Note is the act with its reason or number.
const ActionAct = "act"

// Take returns the lead after an order, and the event that tells of it; no
// event where the order says what is so already (a receipt or an outcome that
// came twice). On error the lead is unchanged; the codes are
// markwatch.CodeConflict for a step that is not allowed or a person who may
// not take it, markwatch.CodeInvalid for an order that lacks something.
func Take(lead markwatch.Lead, order Order, actor string, at time.Time) (markwatch.Lead, []markwatch.LeadEvent, error) {
	actor = strings.TrimSpace(actor)
	if actor == "" {
		return lead, nil, markwatch.Errorf(markwatch.CodeInvalid, "须写明操作人 / a change needs to say who makes it")
	}
	if repeated(lead, order) {
		return lead, nil, nil
	}
	step, err := StepOf(order.Act, lead.Status)
	if err != nil {
		return lead, nil, err
	}
	reason, err := text(order.Reason, maxNote)
	if err != nil {
		return lead, nil, err
	}
	if step.Why && reason == "" && step.Act != ActDismiss {
		return lead, nil, markwatch.Errorf(markwatch.CodeInvalid, "%s 须写明理由 / needs a reason", step.Act)
	}
	if step.Hand == HandSecond {
		if err := secondPerson(lead, actor); err != nil {
			return lead, nil, err
		}
	}
	changed := lead
	changed.Handling = cloneHandling(lead.Handling)
	note, err := carryOut(&changed, step, order, reason, actor, at)
	if err != nil {
		return lead, nil, err
	}
	to := step.To
	if step.Act == ActSplit {
		to = lead.Handling.Before
	}
	enter(&changed, to, actor, at)
	if step.Act == ActSplit {
		changed.Handling.Before, changed.Handling.MergedInto = "", ""
	}
	event := markwatch.LeadEvent{At: at.UTC(), Actor: actor, Action: ActionAct, From: string(lead.Status), To: string(changed.Status), Note: note}
	return changed, []markwatch.LeadEvent{event}, nil
}

// secondPerson refuses the one who confirmed the lead, and a lead of which
// nobody knows who did.
func secondPerson(lead markwatch.Lead, actor string) error {
	switch finder := lead.Handling.ConfirmedBy; {
	case finder == "":
		return markwatch.Errorf(markwatch.CodeConflict,
			"不知何人确认,不能批准:请先退回核查再确认 / nobody is known to have confirmed this lead: send it back to review and confirm it")
	case SamePerson(finder, actor):
		return markwatch.Errorf(markwatch.CodeConflict,
			"批准须由确认人(%s)以外的人进行 / approval takes another person than the one who confirmed (%s)", finder, finder)
	}
	return nil
}

// carryOut sets what an act brings beside the state and returns the event's
// note.
func carryOut(lead *markwatch.Lead, step Step, order Order, reason, actor string, at time.Time) (note string, err error) {
	h := &lead.Handling
	note = strings.TrimSpace(string(step.Act) + " " + reason)
	switch step.Act {
	case ActReview, ActReset, ActConfirm:
		lead.Reason = ""
	case ActDismiss:
		if err := checkReason(reason); err != nil {
			return "", err
		}
		lead.Reason = reason
	case ActApprove:
		if order.Addressee.Unit == "" {
			return "", markwatch.Errorf(markwatch.CodeInvalid, "批准须有接收单位,见 leads route / an approval needs an addressee, see leads route")
		}
		h.Addressee, h.ApprovedBy, h.ApprovedAt = order.Addressee, actor, at.UTC()
		h.Waived = slices.Clone(order.Waived)
		if order.Violation != "" {
			h.Violation = order.Violation
		}
		note += " → " + order.Addressee.Unit
	case ActReturn:
		h.ApprovedBy, h.ApprovedAt, h.Waived = "", time.Time{}, nil
	case ActSend:
		if order.Batch == "" {
			return "", markwatch.Errorf(markwatch.CodeInvalid, "移送须有批次编号 / a lead is sent with the number of a batch")
		}
		h.Batch, h.SentAt, h.Package, h.PackageHash, h.ShownOnSending = order.Batch, at.UTC(), order.Package, order.PackageHash, order.Shown
		note += " " + order.Batch
	case ActRecall:
		note += " " + h.Batch
		h.Batch, h.SentAt, h.Package, h.PackageHash, h.ShownOnSending = "", time.Time{}, "", "", ""
	case ActReceive:
		h.Receipt = order.Receipt
		if h.Receipt.At.IsZero() {
			h.Receipt.At = at.UTC()
		}
		if h.Receipt.By == "" {
			h.Receipt.By = actor
		}
		note += strings.TrimRight(" "+h.Receipt.By+" "+h.Receipt.Number, " ")
	case ActOutcome:
		if err := addOutcome(h, order.Outcome, at); err != nil {
			return "", err
		}
		note += " " + string(order.Outcome.Code) + strings.TrimRight(" "+order.Outcome.Document, " ")
	case ActMerge:
		switch order.Into {
		case "":
			return "", markwatch.Errorf(markwatch.CodeInvalid, "并案须写明并入哪条线索 / a merge needs the lead to merge into")
		case lead.ID:
			return "", markwatch.Errorf(markwatch.CodeInvalid, "不能并入自身 / a lead cannot be merged into itself")
		}
		h.MergedInto, h.Before = order.Into, lead.Status
		note += " → " + order.Into
	case ActSplit:
		note += " ← " + h.MergedInto
	}
	return note, nil
}

// enter sets a state with what belongs to entering it.
func enter(lead *markwatch.Lead, to markwatch.LeadStatus, actor string, at time.Time) {
	if to == markwatch.LeadConfirmed && lead.Status != markwatch.LeadMerged {
		lead.Handling.ConfirmedBy, lead.Handling.ConfirmedAt = actor, at.UTC()
	}
	lead.Status, lead.Handling.Since = to, at.UTC()
}

// repeated says that an order brings word of what is known already, as a
// receipt or an outcome that is imported twice.
func repeated(lead markwatch.Lead, order Order) bool {
	h := lead.Handling
	switch order.Act {
	case ActReceive:
		return !h.Receipt.At.IsZero() && (lead.Status == markwatch.LeadReceived || lead.Status == markwatch.LeadOutcome)
	case ActOutcome:
		return slices.ContainsFunc(h.Outcomes, func(o markwatch.Outcome) bool {
			return o.Code == order.Outcome.Code && o.Document == order.Outcome.Document
		})
	}
	return false
}

func cloneHandling(h markwatch.Handling) markwatch.Handling {
	h.Waived, h.Outcomes, h.Merged, h.Complaints = slices.Clone(h.Waived), slices.Clone(h.Outcomes), slices.Clone(h.Merged), slices.Clone(h.Complaints)
	h.Documents = slices.Clone(h.Documents)
	return h
}

// Routed is the gravest flagged violation of a lead, or the one that people
// chose for it.
func Routed(lead *markwatch.Lead) markwatch.Violation {
	if lead.Handling.Violation != "" {
		return lead.Handling.Violation
	}
	if flagged := flaggedViolations(&lead.Verdict); len(flagged) > 0 {
		return flagged[0]
	}
	return ""
}
