package dispatch

import (
	"context"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/leads"
)

// Joined is a case after a lead was merged into it or split from it.
type Joined struct{ Whole, Part markwatch.Lead }

// Merge makes one case of several leads: each part goes into the whole, one
// after the other, and the first that is refused ends it. What went in before
// stays.
func (o *Office) Merge(ctx context.Context, whole string, parts []string, reason, by string, takes Takes) ([]Joined, error) {
	return o.pairs(ctx, whole, parts, by, "lead-merge", takes, func(w, p markwatch.Lead) (markwatch.Lead, markwatch.Lead, []markwatch.LeadEvent, []markwatch.LeadEvent, error) {
		return leads.Merge(w, p, reason, by, o.cfg.Now())
	})
}

// Split undoes Merge for some parts.
func (o *Office) Split(ctx context.Context, whole string, parts []string, reason, by string, takes Takes) ([]Joined, error) {
	return o.pairs(ctx, whole, parts, by, "lead-split", takes, func(w, p markwatch.Lead) (markwatch.Lead, markwatch.Lead, []markwatch.LeadEvent, []markwatch.LeadEvent, error) {
		return leads.Split(w, p, reason, by, o.cfg.Now())
	})
}

// TryMerge says what Merge would make of leads: the case, or why not.
func (o *Office) TryMerge(ctx context.Context, whole string, parts []string, by string, takes Takes) (leads.Case, error) {
	w, err := o.lead(ctx, whole, takes)
	if err != nil {
		return leads.Case{}, err
	}
	all, err := o.Parts(ctx, w)
	if err != nil {
		return leads.Case{}, err
	}
	for _, id := range parts {
		p, err := o.lead(ctx, id, takes)
		if err == nil {
			w, p, _, _, err = leads.Merge(w, p, "try", by, o.cfg.Now())
		}
		if err != nil {
			return leads.Case{}, err
		}
		all = append(all, p)
	}
	return leads.NewCase(w, all), nil
}

// pairs changes a lead and each of others together.
func (o *Office) pairs(ctx context.Context, whole string, parts []string, by, action string, takes Takes,
	apply func(whole, part markwatch.Lead) (markwatch.Lead, markwatch.Lead, []markwatch.LeadEvent, []markwatch.LeadEvent, error)) ([]Joined, error) {
	var done []Joined
	for _, part := range parts {
		changed, err := o.cfg.Store.UpdateLeads(ctx, []string{whole, part}, func(old []markwatch.Lead) ([]markwatch.Lead, [][]markwatch.LeadEvent, error) {
			for i, id := range []string{whole, part} {
				if !takes.takes(&old[i]) {
					return nil, nil, noLead(id)
				}
			}
			w, p, we, pe, err := apply(old[0], old[1])
			return []markwatch.Lead{w, p}, [][]markwatch.LeadEvent{we, pe}, err
		})
		if err != nil {
			return done, err
		}
		if err := o.cfg.Audit(ctx, by, action, changed[1].ID, changed[0].Number); err != nil {
			return done, err
		}
		done = append(done, Joined{changed[0], changed[1]})
	}
	return done, o.cfg.Flush(ctx)
}
