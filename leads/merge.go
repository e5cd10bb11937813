package leads

import (
	"cmp"
	"slices"
	"time"

	"github.com/markwatch/markwatch"
)

// Merge makes one case of two leads: part stays in the record as it is, in the
// state merged, and whole lists it. Nothing of either is overwritten, so that
// Split gives both back; what leaves is the union, see Offers.
func Merge(whole, part markwatch.Lead, reason, actor string, at time.Time) (newWhole, newPart markwatch.Lead, wholeEvents, partEvents []markwatch.LeadEvent, err error) {
	switch {
	case whole.Status == markwatch.LeadMerged:
		err = markwatch.Errorf(markwatch.CodeConflict, "%s 已并入另一条线索,请并入那一条 / %s is part of another lead: merge into that one", whole.Number, whole.Number)
	case whole.Status != markwatch.LeadNew && whole.Status != markwatch.LeadReview && whole.Status != markwatch.LeadConfirmed:
		err = markwatch.Errorf(markwatch.CodeConflict, "%s 已%s,不能再并入 / %s is %s and takes no other in", whole.Number, StatusName(whole.Status).ZH, whole.Number, whole.Status)
	case len(part.Handling.Merged) > 0:
		err = markwatch.Errorf(markwatch.CodeConflict, "%s 自身有并入的线索,请先拆分 / %s has leads of its own merged into it: split them first", part.Number, part.Number)
	}
	if err != nil {
		return whole, part, nil, nil, err
	}
	newPart, partEvents, err = Take(part, Order{Act: ActMerge, Into: whole.ID, Reason: reason}, actor, at)
	if err != nil {
		return whole, part, nil, nil, err
	}
	newWhole = whole
	newWhole.Handling = cloneHandling(whole.Handling)
	newWhole.Handling.Merged = append(newWhole.Handling.Merged, part.ID)
	wholeEvents = []markwatch.LeadEvent{{At: at.UTC(), Actor: actor, Action: string(ActMerge), From: part.Number, Note: reason}}
	return newWhole, newPart, wholeEvents, partEvents, nil
}

// Split undoes Merge.
func Split(whole, part markwatch.Lead, reason, actor string, at time.Time) (newWhole, newPart markwatch.Lead, wholeEvents, partEvents []markwatch.LeadEvent, err error) {
	if part.Handling.MergedInto != whole.ID || !slices.Contains(whole.Handling.Merged, part.ID) {
		return whole, part, nil, nil, markwatch.Errorf(markwatch.CodeConflict, "%s 没有并入 %s / %s is no part of %s", part.Number, whole.Number, part.Number, whole.Number)
	}
	if whole.Status == markwatch.LeadSent || whole.Status == markwatch.LeadReceived || whole.Status == markwatch.LeadOutcome {
		return whole, part, nil, nil, markwatch.Errorf(markwatch.CodeConflict, "%s 已移送,不能再拆分 / %s was sent and cannot be split any more", whole.Number, whole.Number)
	}
	newPart, partEvents, err = Take(part, Order{Act: ActSplit, Reason: reason}, actor, at)
	if err != nil {
		return whole, part, nil, nil, err
	}
	newWhole = whole
	newWhole.Handling = cloneHandling(whole.Handling)
	newWhole.Handling.Merged = slices.DeleteFunc(newWhole.Handling.Merged, func(id string) bool { return id == part.ID })
	if len(newWhole.Handling.Merged) == 0 {
		newWhole.Handling.Merged = nil
	}
	wholeEvents = []markwatch.LeadEvent{{At: at.UTC(), Actor: actor, Action: string(ActSplit), From: part.Number, Note: reason}}
	return newWhole, newPart, wholeEvents, partEvents, nil
}

// Case is a lead with those that were merged into it, as it leaves.
type Case struct {
	markwatch.Lead
	// Parts are the merged leads, by number.
	Parts []markwatch.Lead `json:"parts,omitempty"`
}

// NewCase joins a lead and its parts.
func NewCase(lead markwatch.Lead, parts []markwatch.Lead) Case {
	parts = slices.Clone(parts)
	slices.SortFunc(parts, func(a, b markwatch.Lead) int { return cmp.Compare(a.Number, b.Number) })
	return Case{Lead: lead, Parts: parts}
}

// Offers are the lead and its parts.
func (c Case) Offers() []markwatch.Lead { return append([]markwatch.Lead{c.Lead}, c.Parts...) }
