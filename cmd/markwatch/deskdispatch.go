package main

import (
	"bufio"
	"context"
	"io"
	"iter"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/leads"
	"github.com/markwatch/markwatch/leads/dispatch"
	"github.com/markwatch/markwatch/leads/report"
	"github.com/markwatch/markwatch/store"
)

// deskOffice is the office behind the pages: the audit log has the person who
// is logged in.
func (a *app) deskOffice() *dispatch.Office {
	return a.office(func(ctx context.Context, who, action, object, detail string) error {
		return a.store.Audit(ctx, store.AuditEntry{At: time.Now(), Actor: who, Action: action, Object: object, Detail: detail})
	})
}

// deskReports shows the desk the figures that units must report, and what is
// due.
type deskReports struct{ *app }

// Report has the figures of a period.
func (d deskReports) Report(ctx context.Context, period, unit string, takes dispatch.Takes) (report.Report, error) {
	p, err := report.ParsePeriod(period, d.cfg.Deployment.Location())
	if err != nil {
		return report.Report{}, err
	}
	return d.report(ctx, p, unit, takes)
}

// Disclose writes the public fields of the cases of a period.
func (d deskReports) Disclose(ctx context.Context, w io.Writer, period, format string, takes dispatch.Takes) error {
	p, err := report.ParsePeriod(period, d.cfg.Deployment.Location())
	if err != nil {
		return err
	}
	buffered := bufio.NewWriter(w)
	if err := d.writeDisclosure(ctx, buffered, p, format == "xlsx", takes); err != nil {
		return err
	}
	return buffered.Flush()
}

// Due is what is due or about to be.
func (d deskReports) Due(ctx context.Context, takes dispatch.Takes) ([]leads.Due, int, error) {
	list, err := d.dueLeads(ctx, time.Now(), takes)
	return list, d.cfg.Handling.Monthly.Unit, err
}

// disclosed are the cases that came to a penalty in a period, with nothing of
// private persons.
func (a *app) disclosed(ctx context.Context, period report.Period, takes dispatch.Takes) iter.Seq2[*leads.Row, error] {
	return func(yield func(*leads.Row, error) bool) {
		for l, err := range a.store.Leads(ctx, store.LeadFilter{Status: []markwatch.LeadStatus{markwatch.LeadOutcome}}) {
			if err == nil && takes != nil && !takes(&l) {
				continue
			}
			if last, ok := l.Handling.LastOutcome(); err == nil && (!ok || last.Code != markwatch.OutcomePenalty || !period.Holds(last.At)) {
				continue
			}
			if l.Listing.Seller != nil && l.Listing.Seller.Kind == markwatch.SellerPersonal {
				l.Listing.Seller = &markwatch.Seller{Name: "(个人)"}
			}
			if !yield(&leads.Row{Lead: l}, err) {
				return
			}
		}
	}
}
