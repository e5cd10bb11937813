package main

import (
	"context"
	"errors"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/leads"
	"github.com/markwatch/markwatch/leads/batch"
	"github.com/markwatch/markwatch/leads/delivery"
	"github.com/markwatch/markwatch/leads/dispatch"
)

// office wires what sends leads and takes in what comes back. audit writes
// down who did what.
func (a *app) office(audit func(ctx context.Context, who, action, object, detail string) error) *dispatch.Office {
	sender := a.cfg.Handling.Sender
	return dispatch.New(dispatch.Config{
		Store: a.store, Data: a.data, Code: sender.Code, Sender: batch.Sender{Name: sender.Name, Contact: sender.Contact, Phone: sender.Phone},
		Location: a.cfg.Deployment.Location(),
		Units:    func() []markwatch.Unit { return a.known.Load().lists.Units.Units },
		Judge: func(ctx context.Context) (dispatch.Judge, error) {
			h := a.handler()
			return rowJudge{h}, h.countRight(ctx)
		},
		Packer:  a.packing,
		Targets: a.targets,
		Platform: func(source string) string {
			if src := a.source(source); src != nil {
				return src.Platform.Operator
			}
			return ""
		},
		IndexAll: a.indexesAll,
		Audit:    audit,
		Flush:    a.feeder.Flush,
		Now:      time.Now,
	})
}

// ownOffice is the office of a command: the audit log has this machine's user.
func (a *app) ownOffice() *dispatch.Office {
	return a.office(func(ctx context.Context, _, action, object, detail string) error {
		return a.audit(ctx, action, object, detail)
	})
}

// rowJudge shows the office what a handler knows.
type rowJudge struct{ *handler }

// Row is a lead with what is known beside it.
func (j rowJudge) Row(lead markwatch.Lead, parts []markwatch.Lead) *leads.Row {
	return j.row(lead, parts)
}

// packing makes packages and fetches pages again, as an order asks.
type packing struct {
	app   *app
	pack  *packer    // nil where there are no packages
	again *rechecker // nil where pages are not fetched again
}

func (a *app) packing(ctx context.Context, o dispatch.Order) (_ dispatch.Packer, err error) {
	if err := a.openArchive(); err != nil {
		return nil, err
	}
	p := packing{app: a.lend(a.console)} // which closes what the work opens
	defer func() {
		if err != nil {
			err = errors.Join(err, p.Close())
		}
	}()
	if o.Packages {
		if p.pack, err = p.app.packer(ctx, o.By); err != nil {
			return nil, err
		}
	}
	if o.Recheck {
		if p.again, err = p.app.rechecker(ctx, o.Pictures); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// Pack fetches a lead's page again and makes its package.
func (p packing) Pack(ctx context.Context, row *leads.Row) (out dispatch.Package, err error) {
	var shown second
	if p.again != nil {
		shown = p.again.again(ctx, &row.Lead)
		out.Shown, out.Note = shown.shown, shown.note
	}
	if p.pack != nil {
		out.Path, out.Sum, err = p.pack.make(ctx, row, shown)
	}
	return out, err
}

// Close closes what the work opened.
func (p packing) Close() error { return p.app.Close() }

// targets are the ways in which a unit gets its batches. One that cannot be
// had does not keep the others back.
func (a *app) targets(unit string) ([]delivery.Target, error) {
	var list []delivery.Target
	var failed error
	for _, way := range a.cfg.Handling.Deliveries {
		if way.Unit != unit {
			continue
		}
		target, err := a.target(way)
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		list = append(list, target)
	}
	return list, failed
}

// watching tells a command's user of the work on a batch.
func (a *app) watching(unit markwatch.Unit) dispatch.Watch {
	return func(p dispatch.Progress) {
		switch {
		case p.Delivery != nil:
			a.say("%s %s %s", p.Batch, p.Delivery.Target, p.Delivery.State)
		case p.Dir != "":
			a.say("%s → %s:%d 条线索 leads,%s", p.Batch, unit.Name, p.Leads, p.Dir)
		case p.Stage == dispatch.StagePack && p.Note != "":
			a.say("%s %s", p.Lead, p.Note)
		case p.Stage == dispatch.StageDeliver && p.Note != "":
			a.say("%s", p.Note)
		}
	}
}
