package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/leads"
	"github.com/markwatch/markwatch/leads/routing"
	"github.com/markwatch/markwatch/regions"
)

// handler knows what is needed to judge whether a lead may go, and where.
type handler struct {
	app    *app
	table  *regions.Table
	router *routing.Router
	gates  leads.Gates
	brands map[string]*markwatch.Brand
	works  map[string]*markwatch.Work
	now    time.Time
	// offenders are nil where nobody asked for them.
	offenders *offenders
}

func (a *app) handler() *handler {
	k := a.known.Load()
	return &handler{app: a, table: k.regions, router: k.router, gates: leads.Gates(a.cfg.Gates), now: time.Now(), brands: k.brands, works: k.works}
}

// suspicions are the crimes that a lead may be, with the documents that a
// transfer needs.
func (h *handler) suspicions(lead *markwatch.Lead, amount leads.Amount) []leads.Suspicion {
	return leads.Suspicions(h.app.cfg.Thresholds, lead, leads.Routed(lead), amount, h.now)
}

// cny turns money into yuan by the rates of the configuration.
func (h *handler) cny(m markwatch.Money) (decimal.Decimal, bool) {
	if m.Currency == markwatch.CNY {
		return m.Amount, true
	}
	rate, ok := h.app.cfg.Rates.CNY[m.Currency]
	return m.Amount.Mul(rate), ok
}

// parts are the leads that were merged into one.
func (h *handler) parts(ctx context.Context, lead markwatch.Lead) ([]markwatch.Lead, error) {
	return h.app.ownOffice().Parts(ctx, lead)
}

// row is a lead with what is known beside it.
func (h *handler) row(lead markwatch.Lead, parts []markwatch.Lead) *leads.Row {
	r := &leads.Row{Lead: lead, Parts: parts}
	known := h.known(&lead, parts)
	r.Amount, r.PlaceName = known.Amount, h.table.Name(lead.Handling.Addressee.Region)
	if known.Brand != nil {
		r.Holder, r.Registration = known.Brand.Holder, strings.Join(known.Brand.Registrations, "、")
	}
	if known.Work != nil && r.Holder == "" {
		r.Holder = known.Work.Publisher
	}
	if h.offenders != nil {
		r.Repeat, r.SameGoods = h.offenders.mark(&lead), h.offenders.twins[lead.ID]
	}
	r.Suspicions = h.suspicions(&lead, r.Amount)
	for _, s := range r.Suspicions {
		degree := "可能"
		if s.Likely {
			degree = "很可能"
		}
		r.Crimes = append(r.Crimes, fmt.Sprintf("%s(%s达到 %s 元,%s)", s.Threshold.Crime, degree, s.Threshold.Amount, s.Threshold.Basis))
	}
	return r
}

func (h *handler) known(lead *markwatch.Lead, parts []markwatch.Lead) leads.Known {
	k := leads.Known{Amount: leads.Estimate(leads.NewCase(*lead, parts).Offers(), h.app.cfg.Handling.Amounts.DisplayedShare, h.cny)}
	for _, f := range lead.Verdict.Findings {
		if b := h.brands[f.Subject]; b != nil && k.Brand == nil {
			k.Brand = b
		}
		if w := h.works[f.Subject]; w != nil && k.Work == nil {
			k.Work = w
		}
	}
	if a := h.route(lead); a.Mapped {
		k.Place = h.table.Name(a.Addressee.Region)
	}
	return k
}

// route is where a lead goes: where a person said or it was let go to, else
// where the routes lead.
func (h *handler) route(lead *markwatch.Lead) routing.Answer {
	approved := lead.Handling.ApprovedBy != "" && lead.Handling.Addressee.Unit != ""
	if approved || lead.Handling.Addressee.DecidedBy != "" {
		return routing.Answer{Addressee: lead.Handling.Addressee, Mapped: true}
	}
	price := 0.0
	if lead.Listing.Price != nil {
		if cny, ok := h.cny(*lead.Listing.Price); ok {
			price, _ = cny.Float64()
		}
	}
	return h.router.Route(routing.Question{Lead: lead, Violation: leads.Routed(lead), Source: h.app.source(lead.Listing.Source), PriceCNY: price, On: h.now})
}
