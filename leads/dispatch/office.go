// Package dispatch takes leads to their units and takes in what comes back:
// batches with their files and deliveries, receipts and outcomes, complaints,
// requests to platforms, cases of several leads. It sequences what the
// packages beside it do, on the record; the command line and the pages are its
// two callers.
package dispatch

import (
	"context"
	"iter"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/leads"
	"github.com/markwatch/markwatch/leads/batch"
	"github.com/markwatch/markwatch/leads/delivery"
	"github.com/markwatch/markwatch/store"
)

// What the record keeps, by the names that callers of this package know.
type (
	// Record is a batch as it is kept.
	Record = store.BatchRecord
	// Run is the making or the delivery of a batch under way, or ended.
	Run = store.BatchRun
	// Delivery is one try to hand a batch over.
	Delivery = store.Delivery
	// Paper is a complaint or a request to a platform as it is kept.
	Paper = store.Paper
)

// Judge tells what is known of leads, all at one moment.
type Judge interface {
	// Row is a lead with what is known beside it; parts are those that were
	// merged into it.
	Row(lead markwatch.Lead, parts []markwatch.Lead) *leads.Row
}

// Package is the evidence package of a lead. Path is empty where none was
// made, Shown (on-sale, changed, gone, not-checked) where the page was not
// fetched again; Note says in Chinese what was seen.
type Package struct{ Path, Sum, Shown, Note string }

// Packer fetches pages again and makes evidence packages.
type Packer interface {
	Pack(ctx context.Context, row *leads.Row) (Package, error)
	Close() error
}

// Config is what an office works with. Every field but Flush is required.
type Config struct {
	Store *store.Store
	// Data is the folder of batches, packages and attachments.
	Data string
	// Code stands in numbers (发文机关代字).
	Code     string
	Sender   batch.Sender
	Location *time.Location
	// Units are all there are.
	Units func() []markwatch.Unit
	// Judge knows what is known now.
	Judge func(ctx context.Context) (Judge, error)
	// Packer is opened for one batch.
	Packer func(ctx context.Context, o Order) (Packer, error)
	// Targets are the ways in which a unit gets its batches.
	Targets func(unit string) ([]delivery.Target, error)
	// Platform is the operator of a source's platform, "" where unknown.
	Platform func(source string) string
	// IndexAll says that listings that are no lead are indexed too.
	IndexAll func() bool
	// Audit writes down what was done, and by whom.
	Audit func(ctx context.Context, who, action, object, detail string) error
	// Flush feeds the index with what changed.
	Flush func(ctx context.Context) error
	Now   func() time.Time
}

// Office does it.
type Office struct{ cfg Config }

// New returns an office.
func New(cfg Config) *Office {
	if cfg.Flush == nil {
		cfg.Flush = func(context.Context) error { return nil }
	}
	return &Office{cfg}
}

// Takes says whether a lead is one of those that somebody may work on. What
// it does not take does not exist for them; nil takes every lead.
type Takes func(*markwatch.Lead) bool

func (t Takes) takes(l *markwatch.Lead) bool { return t == nil || t(l) }

// Leads streams the leads of some states that are taken, the newest number
// first.
func (o *Office) Leads(ctx context.Context, takes Takes, states ...markwatch.LeadStatus) iter.Seq2[markwatch.Lead, error] {
	return func(yield func(markwatch.Lead, error) bool) {
		for l, err := range o.cfg.Store.Leads(ctx, store.LeadFilter{Status: states}) {
			if err == nil && !takes.takes(&l) {
				continue
			}
			if !yield(l, err) || err != nil {
				return
			}
		}
	}
}

// Parts are the leads that were merged into one.
func (o *Office) Parts(ctx context.Context, lead markwatch.Lead) ([]markwatch.Lead, error) {
	var parts []markwatch.Lead
	for _, id := range lead.Handling.Merged {
		part, err := o.cfg.Store.Lead(ctx, id)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	return parts, nil
}

// lead reads a lead that is taken; CodeNotFound where it is not.
func (o *Office) lead(ctx context.Context, id string, takes Takes) (markwatch.Lead, error) {
	l, err := o.cfg.Store.Lead(ctx, id)
	if err == nil && !takes.takes(&l) {
		return markwatch.Lead{}, noLead(id)
	}
	return l, err
}

func noLead(id string) error {
	return markwatch.Errorf(markwatch.CodeNotFound, "没有线索 %s / there is no lead %s", id, id)
}

func (o *Office) unit(id string) (markwatch.Unit, error) {
	for _, u := range o.cfg.Units() {
		if u.ID == id {
			return u, nil
		}
	}
	return markwatch.Unit{}, markwatch.Errorf(markwatch.CodeNotFound, "没有单位 %q / there is no unit %q", id, id)
}
