package leads

import (
	"slices"
	"strings"
	"time"

	"github.com/markwatch/markwatch"
)

// ActionDocument is the action of an event that says that a document for a
// transfer to the police is there (To) or is not any more (From).
const ActionDocument = "document"

// Document is one that a transfer needs.
type Document struct {
	Name  string `json:"name"`
	There bool   `json:"there"`
	// From says what it was seen in, where the program sees it for itself.
	From string `json:"from,omitempty"`
	// Held is a person's word, with the file where one was attached.
	Held *markwatch.HeldDocument `json:"held,omitempty"`
}

// Documents are those of a list, in its order, and which of them are there: what
// a person ticked, and what the program sees for itself. That is no more than
// the material about the suspicion at large (国务院令第310号第六条:其他有关涉嫌
// 犯罪的材料), which the lead's package or capture is. A letter and a report are
// written, and goods are listed and examined, by officers.
func Documents(lead *markwatch.Lead, names []string) []Document {
	var list []Document
	for _, name := range names {
		d := Document{Name: name}
		if i := slices.IndexFunc(lead.Handling.Documents, func(h markwatch.HeldDocument) bool { return h.Name == name }); i >= 0 {
			held := lead.Handling.Documents[i]
			d.Held = &held
		} else if strings.Contains(name, "其他") && strings.Contains(name, "材料") {
			switch {
			case lead.Handling.Package != "":
				d.From = lead.Handling.Package
			case lead.Listing.Snapshot != "":
				d.From = lead.Listing.Snapshot
			}
		}
		d.There = d.Held != nil || d.From != ""
		list = append(list, d)
	}
	return list
}

// Hold notes a person's word that a document of names is there; a later word
// takes an earlier one's place. The error is of CodeInvalid for a document that
// no transfer needs, of CodeConflict for a lead that is dismissed or part of
// another.
func Hold(lead markwatch.Lead, doc markwatch.HeldDocument, names []string, actor string, at time.Time) (markwatch.Lead, []markwatch.LeadEvent, error) {
	if err := documented(lead, doc.Name, names); err != nil {
		return lead, nil, err
	}
	note, err := text(doc.Note, maxNote)
	if err != nil {
		return lead, nil, err
	}
	doc.Note, doc.By, doc.At = note, actor, at.UTC()
	changed := lead
	changed.Handling.Documents = append(withoutDocument(lead, doc.Name), doc)
	event := markwatch.LeadEvent{At: at.UTC(), Actor: actor, Action: ActionDocument, To: doc.Name, Note: strings.TrimSpace(doc.File + " " + note)}
	return changed, []markwatch.LeadEvent{event}, nil
}

// Release takes a person's word back, for a reason.
func Release(lead markwatch.Lead, name, reason string, names []string, actor string, at time.Time) (markwatch.Lead, []markwatch.LeadEvent, error) {
	if err := documented(lead, name, names); err != nil {
		return lead, nil, err
	}
	reason, err := text(reason, maxNote)
	if err != nil {
		return lead, nil, err
	}
	if reason == "" {
		return lead, nil, markwatch.Errorf(markwatch.CodeInvalid, "须写明理由 / say why")
	}
	changed := lead
	changed.Handling.Documents = withoutDocument(lead, name)
	if len(changed.Handling.Documents) == len(lead.Handling.Documents) {
		return lead, nil, markwatch.Errorf(markwatch.CodeConflict, "没有人标注过「%s」 / nobody noted that document", name)
	}
	return changed, []markwatch.LeadEvent{{At: at.UTC(), Actor: actor, Action: ActionDocument, From: name, Note: reason}}, nil
}

func documented(lead markwatch.Lead, name string, names []string) error {
	switch {
	case lead.Status == markwatch.LeadDismissed || lead.Status == markwatch.LeadMerged:
		return markwatch.Errorf(markwatch.CodeConflict, "线索%s,不收移送文书 / a lead that is %s takes no documents", StatusName(lead.Status).ZH, lead.Status)
	case !slices.Contains(names, name):
		list := strings.Join(names, "、")
		return markwatch.Errorf(markwatch.CodeInvalid, "移送不需要「%s」,可用:%s / no transfer needs that document, only %s", name, list, list)
	}
	return nil
}

func withoutDocument(lead markwatch.Lead, name string) []markwatch.HeldDocument {
	kept := slices.DeleteFunc(slices.Clone(lead.Handling.Documents), func(h markwatch.HeldDocument) bool { return h.Name == name })
	if len(kept) == 0 {
		return nil
	}
	return kept
}

// TransferDocuments are the names of the documents that transfers for a
// violation need, by thresholds in force on a day, each once.
func TransferDocuments(thresholds []markwatch.CrimeThreshold, violation markwatch.Violation, on time.Time) []string {
	var names []string
	for _, t := range thresholds {
		if !inForce(t, violation, on) {
			continue
		}
		for _, name := range t.Documents {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// inForce says whether a threshold is one for a violation on a day.
func inForce(t markwatch.CrimeThreshold, violation markwatch.Violation, on time.Time) bool {
	day := on.Format(time.DateOnly)
	return t.Violation == violation && t.Since.Format(time.DateOnly) <= day && (t.Until.IsZero() || t.Until.Format(time.DateOnly) >= day)
}
