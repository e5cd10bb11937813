package main

import (
	"context"
	"iter"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/index"
	"github.com/markwatch/markwatch/store"
)

// outbox shows the store's outbox to the index's feeder.
type outbox struct{ *store.Store }

// IndexQueue returns the oldest entries.
func (o outbox) IndexQueue(ctx context.Context, limit int) ([]index.Work, error) {
	items, err := o.Store.IndexQueue(ctx, limit)
	work := make([]index.Work, 0, len(items))
	for _, it := range items {
		work = append(work, index.Work{Seq: it.Seq, ID: it.ID})
	}
	return work, err
}

// IndexDone takes entries out.
func (o outbox) IndexDone(ctx context.Context, done []index.Work) error {
	items := make([]store.IndexItem, 0, len(done))
	for _, w := range done {
		items = append(items, store.IndexItem{Seq: w.Seq, ID: w.ID})
	}
	return o.Store.IndexDone(ctx, items)
}

// subjectNames finds all names of a protected brand or work by its id.
type subjectNames map[string][]string

func newSubjectNames(lists markwatch.Lists) subjectNames {
	names := subjectNames{}
	for _, b := range lists.Brands {
		for _, n := range b.Names {
			names[b.ID] = append(names[b.ID], n)
		}
		names[b.ID] = append(names[b.ID], b.Aliases...)
	}
	for _, w := range lists.Works {
		names[w.ID] = append(names[w.ID], w.Titles...)
	}
	return names
}

// documents makes search documents of the store's records.
type documents struct {
	store  *store.Store
	inputs index.Inputs
	// current sees to it that documents are made by the units that hold now.
	current func(context.Context) error
}

func (a *app) documents() documents {
	return documents{store: a.store, current: a.currentUnits, inputs: index.Inputs{
		Fold:         a.fold,
		SubjectNames: func(id string) []string { return a.known.Load().names[id] },
		PriceCNY:     a.cfg.Rates.ToCNY,
		Units:        a.unitsOf,
	}}
}

func (d documents) of(r store.IndexRecord) index.Document {
	return index.NewDocument(r.Listing, r.Verdict, r.Lead, d.inputs)
}

// load is the feeder's Loader.
func (d documents) load(ctx context.Context, ids []string) ([]index.Document, error) {
	if err := d.current(ctx); err != nil {
		return nil, err
	}
	records, err := d.store.IndexDocs(ctx, ids)
	docs := make([]index.Document, 0, len(records))
	for _, r := range records {
		docs = append(docs, d.of(r))
	}
	return docs, err
}

// all yields everything that the index holds by the deployment's scope.
func (d documents) all(ctx context.Context, everything bool) iter.Seq2[index.Document, error] {
	return func(yield func(index.Document, error) bool) {
		if err := d.current(ctx); err != nil {
			yield(index.Document{}, err)
			return
		}
		for r, err := range d.store.AllIndexDocs(ctx, everything) {
			var doc index.Document
			if err == nil {
				doc = d.of(r)
			}
			if !yield(doc, err) || err != nil {
				return
			}
		}
	}
}
