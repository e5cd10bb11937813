package dispatch

import (
	"context"
	"strings"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/leads"
	"github.com/markwatch/markwatch/leads/intake"
)

// Taken is what became of one row of receipts and outcomes.
type Taken struct {
	Row int
	// Lead is the number that the row names, ID and Title those of the lead
	// where there is one.
	Lead, ID, Title string
	// From and To are the lead's state before and after, Acts what was done to
	// it; none where the row says what is known already.
	From, To markwatch.LeadStatus
	Acts     []leads.Act
	// Err says why the row was not taken in.
	Err error
}

// TakeFeedback takes in receipts and outcomes, a row after the other; what does
// not fit is told and the rest goes in. dry only says what would become of
// them: rows of the same lead are reckoned one after the other all the same.
func (o *Office) TakeFeedback(ctx context.Context, rows []intake.Feedback, by string, dry bool, takes Takes) ([]Taken, error) {
	seen := map[string]markwatch.Lead{} // what leads would be, by id
	list := make([]Taken, 0, len(rows))
	for _, f := range rows {
		one := Taken{Row: f.Row, Lead: f.Lead}
		apply := func(l markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error) {
			if !takes.takes(&l) {
				return l, nil, noLead(f.Lead)
			}
			one.ID, one.Title, one.From, one.To, one.Acts = l.ID, l.Listing.Title, l.Status, l.Status, nil
			next, events, acts, err := o.feedBack(l, f, by)
			if err == nil {
				one.To, one.Acts = next.Status, acts
			}
			return next, events, err
		}
		var err error
		if dry {
			err = o.tryFeedback(ctx, f.Lead, seen, apply)
		} else {
			var lead markwatch.Lead
			lead, err = o.cfg.Store.UpdateLead(ctx, f.Lead, apply)
			if err == nil && len(one.Acts) > 0 {
				if err := o.cfg.Audit(ctx, by, "lead-outcome", lead.ID, string(lead.Status)); err != nil {
					return list, err
				}
			}
		}
		if fatal(err) {
			return list, err
		}
		if markwatch.ErrorCode(err) == markwatch.CodeNotFound {
			err = noLead(f.Lead)
		}
		one.Err = err
		list = append(list, one)
	}
	if dry {
		return list, nil
	}
	return list, o.cfg.Flush(ctx)
}

func (o *Office) tryFeedback(ctx context.Context, number string, seen map[string]markwatch.Lead, apply func(markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error)) error {
	l, err := o.cfg.Store.Lead(ctx, number)
	if err != nil {
		return err
	}
	if as, ok := seen[l.ID]; ok {
		l = as
	}
	next, _, err := apply(l)
	if err == nil {
		seen[l.ID] = next
	}
	return err
}

// fatal says that an error is the program's, and no row's.
func fatal(err error) bool {
	switch markwatch.ErrorCode(err) {
	case markwatch.CodeInvalid, markwatch.CodeNotFound, markwatch.CodeConflict:
		return false
	}
	return err != nil
}

// feedBack takes a lead through the receipt and the outcome of a row.
func (o *Office) feedBack(l markwatch.Lead, f intake.Feedback, who string) (markwatch.Lead, []markwatch.LeadEvent, []leads.Act, error) {
	var orders []leads.Order
	if f.Receipt != nil {
		orders = append(orders, leads.Order{Act: leads.ActReceive, Receipt: *f.Receipt})
	}
	if f.Outcome != nil {
		orders = append(orders, leads.Order{Act: leads.ActOutcome, Outcome: *f.Outcome})
	}
	if len(orders) == 0 {
		return l, nil, nil, markwatch.Errorf(markwatch.CodeInvalid, "既无签收也无结果 / there is neither a receipt nor an outcome")
	}
	next, now := l, o.cfg.Now()
	var events []markwatch.LeadEvent
	var acts []leads.Act
	for _, order := range orders {
		changed, told, err := leads.Take(next, order, strings.TrimSpace(who), now)
		if err != nil {
			return l, nil, nil, err
		}
		if len(told) > 0 {
			acts = append(acts, order.Act)
		}
		next, events = changed, append(events, told...)
	}
	return next, events, acts, nil
}
