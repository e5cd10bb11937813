package main

import (
	"context"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/leads"
	"github.com/markwatch/markwatch/web"
)

// unitsOf are the ids of the units that are competent for a listing: of a lead
// the one that it goes to.
func (a *app) unitsOf(l markwatch.Listing, v markwatch.Verdict, lead *markwatch.Lead) []string {
	one := markwatch.Lead{}
	if lead != nil {
		one = *lead
	}
	one.Listing, one.Verdict = l, v
	if answer := a.handler().route(&one); answer.Mapped {
		return []string{answer.Addressee.Unit}
	}
	return nil
}

// deskHandling shows the desk what leads need before they leave.
type deskHandling struct{ *app }

// Outlook says what stands between a lead and its unit.
func (d deskHandling) Outlook(ctx context.Context, lead markwatch.Lead) (web.Outlook, error) {
	h := d.handler()
	parts, err := h.parts(ctx, lead)
	if err != nil {
		return web.Outlook{}, err
	}
	known := h.known(&lead, parts)
	answer := h.route(&lead)
	out := web.Outlook{
		Violation: leads.Routed(&lead), Missing: answer.Missing, Notes: answer.Notes, Amount: known.Amount,
		Checklist: h.gates.Checklist(&lead, leads.Routed(&lead), known),
	}
	if answer.Mapped {
		out.Addressee, out.Place = answer.Addressee, h.table.Name(answer.Addressee.Region)
	}
	out.Suspicions = h.suspicions(&lead, out.Amount)
	return out, nil
}

// Approve lets a lead go where its gate and its route allow it.
func (d deskHandling) Approve(ctx context.Context, lead markwatch.Lead, waive map[string]string, who string) (markwatch.Lead, []markwatch.LeadEvent, error) {
	return d.handler().approve(ctx, lead, waive, who)
}
