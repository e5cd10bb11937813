package dispatch

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/leads"
	"github.com/markwatch/markwatch/leads/batch"
	"github.com/markwatch/markwatch/store"
)

// Order asks for one batch to one unit.
type Order struct {
	Unit string
	// Leads are numbers or ids of approved leads that go to the unit.
	Leads []string
	// By is who sends.
	By string
	// Recheck fetches the pages again, Pictures takes pictures of them then,
	// Packages makes evidence packages.
	Recheck, Packages, Pictures bool
}

// The stages of a batch.
const (
	StagePack    = "pack"
	StageNumber  = "number"
	StageFiles   = "files"
	StageDeliver = "deliver"
)

// Progress is a step of the work on a batch.
type Progress struct {
	Stage       string
	Done, Total int
	// Lead and Note tell of one lead that was packed, Batch and Dir of the
	// batch once they are there, Delivery of one that ended.
	Lead, Note, Batch, Dir string
	Leads                  int
	Delivery               *Delivery
}

// Watch is told of each step, one after the other.
type Watch func(Progress)

// Approved are the numbers of the approved leads that wait for a batch, by
// their unit.
func (o *Office) Approved(ctx context.Context, unit string, takes Takes) (map[string][]string, error) {
	byUnit := map[string][]string{}
	for l, err := range o.cfg.Store.Leads(ctx, store.LeadFilter{Status: []markwatch.LeadStatus{markwatch.LeadApproved}, Unit: unit}) {
		if err != nil {
			return nil, err
		}
		if takes.takes(&l) {
			byUnit[l.Handling.Addressee.Unit] = append(byUnit[l.Handling.Addressee.Unit], l.Number)
		}
	}
	for _, numbers := range byUnit {
		slices.Sort(numbers)
	}
	return byUnit, nil
}

// Send makes one unit's batch and delivers it. Packages are made first, since
// they take long; one that no batch came to name harms nobody. Then one
// transaction takes the number, and the files follow from what it kept, now or
// the next time. The record is returned also where what came after its number
// failed.
func (o *Office) Send(ctx context.Context, order Order, watch Watch) (Record, batch.Manifest, error) {
	unit, err := o.unit(order.Unit)
	if err != nil {
		return Record{}, batch.Manifest{}, err
	}
	judge, err := o.cfg.Judge(ctx)
	if err != nil {
		return Record{}, batch.Manifest{}, err
	}
	made, err := o.pack(ctx, judge, order, watch)
	if err != nil {
		return Record{}, batch.Manifest{}, err
	}
	watch(Progress{Stage: StageNumber, Total: len(order.Leads)})
	kept, err := o.number(ctx, judge, unit, order, made)
	if err != nil {
		return Record{}, batch.Manifest{}, err
	}
	watch(Progress{Stage: StageFiles, Batch: kept.Number})
	if err := o.cfg.Audit(ctx, order.By, "batch", kept.Number, fmt.Sprintf("%s %d", unit.ID, kept.Leads)); err != nil {
		return kept, batch.Manifest{}, err
	}
	dir, manifest, err := o.Write(ctx, kept)
	if err != nil {
		return kept, manifest, fmt.Errorf("批次 %s 已编号,文件未生成,可用 leads batch %s 重做 / batch %s has its number, its files can be made with leads batch: %w", kept.Number, kept.Number, kept.Number, err)
	}
	watch(Progress{Stage: StageDeliver, Batch: kept.Number, Dir: dir, Leads: kept.Leads})
	return kept, manifest, o.Deliver(ctx, kept, dir, order.By, false, watch)
}

// Pack makes packages of leads without a batch, by their ids.
func (o *Office) Pack(ctx context.Context, order Order, watch Watch) (map[string]Package, error) {
	judge, err := o.cfg.Judge(ctx)
	if err != nil {
		return nil, err
	}
	made, err := o.pack(ctx, judge, order, watch)
	list := make(map[string]Package, len(made))
	for id, one := range made {
		list[id] = one.Package
	}
	return list, err
}

// packed is a lead's package with the leads that were merged into it.
type packed struct {
	Package
	parts []markwatch.Lead
}

func (o *Office) pack(ctx context.Context, judge Judge, order Order, watch Watch) (_ map[string]packed, err error) {
	packer, err := o.cfg.Packer(ctx, order)
	if err != nil {
		return nil, err
	}
	defer func() {
		if closeErr := packer.Close(); err == nil {
			err = closeErr
		}
	}()
	made := map[string]packed{}
	for i, number := range order.Leads {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		lead, err := o.cfg.Store.Lead(ctx, number)
		if err != nil {
			return nil, err
		}
		one := packed{}
		if one.parts, err = o.Parts(ctx, lead); err != nil {
			return nil, err
		}
		if one.Package, err = packer.Pack(ctx, judge.Row(lead, one.parts)); err != nil {
			return nil, fmt.Errorf("线索 %s 的证据包 / the package of lead %s: %w", number, number, err)
		}
		made[lead.ID] = one
		watch(Progress{Stage: StagePack, Done: i + 1, Total: len(order.Leads), Lead: number, Note: one.Note})
	}
	return made, nil
}

// number is the transaction that sends the leads.
func (o *Office) number(ctx context.Context, judge Judge, unit markwatch.Unit, order Order, made map[string]packed) (Record, error) {
	at := o.cfg.Now()
	return o.cfg.Store.CreateBatch(ctx, store.NewBatch{
		Code: o.cfg.Code, Unit: unit.ID, At: at.Truncate(time.Second), Leads: order.Leads,
		Number: func(year, serial int) string { return batch.Number(o.cfg.Code, year, serial) },
		Apply: func(number string, old []markwatch.Lead) ([]markwatch.Lead, [][]markwatch.LeadEvent, error) {
			next, events := make([]markwatch.Lead, len(old)), make([][]markwatch.LeadEvent, len(old))
			for i, l := range old {
				if l.Handling.Addressee.Unit != unit.ID {
					return nil, nil, markwatch.Errorf(markwatch.CodeConflict, "线索 %s 不移送 %s / lead %s does not go to %s", l.Number, unit.ID, l.Number, unit.ID)
				}
				one := made[l.ID]
				var err error
				next[i], events[i], err = leads.Take(l, leads.Order{
					Act: leads.ActSend, Batch: number, Package: filepath.Base(one.Path), PackageHash: one.Sum, Shown: one.Shown,
				}, order.By, at)
				if err != nil {
					return nil, nil, err
				}
				if one.Path == "" {
					next[i].Handling.Package = ""
				}
			}
			return next, events, nil
		},
		Freeze: func(number string, sent []markwatch.Lead) (any, []any, error) {
			rows := make([]any, len(sent))
			for i, l := range sent {
				rows[i] = judge.Row(l, made[l.ID].parts)
			}
			return o.newBatch(number, unit, sent, order.By, at), rows, nil
		},
	})
}

func (o *Office) newBatch(number string, unit markwatch.Unit, sent []markwatch.Lead, who string, now time.Time) batch.Batch {
	b := batch.Batch{
		Format: batch.Format, Number: number, Unit: unit.ID, Name: unit.Name, To: unit.Contact, Sender: o.cfg.Sender,
		At: now.UTC().Truncate(time.Second), By: who, Fields: unit.Fields, Formats: unit.Formats, Leads: len(sent),
	}
	if len(b.Formats) == 0 {
		b.Formats = []string{"xlsx", "csv"}
	}
	for _, l := range sent {
		for _, id := range l.Handling.Addressee.Copies {
			if u, err := o.unit(id); err == nil && !slices.Contains(b.Copies, u.Name) {
				b.Copies = append(b.Copies, u.Name)
			}
		}
	}
	slices.Sort(b.Copies)
	return b
}

// Batches returns the batches of a unit, all where unit is empty, the newest
// first; Batch one of them.
func (o *Office) Batches(ctx context.Context, unit string) ([]Record, error) {
	return o.cfg.Store.Batches(ctx, unit)
}

// Batch returns a batch; CodeNotFound where there is none.
func (o *Office) Batch(ctx context.Context, number string) (Record, error) {
	return o.cfg.Store.Batch(ctx, number)
}

// BatchLeads streams the leads of a batch as they were when its number was
// taken.
func (o *Office) BatchLeads(ctx context.Context, number string) iter.Seq2[*leads.Row, error] {
	return func(yield func(*leads.Row, error) bool) {
		for doc, err := range o.cfg.Store.BatchLeads(ctx, number) {
			var r leads.Row
			if err == nil {
				err = json.Unmarshal(doc, &r)
			}
			if !yield(&r, err) || err != nil {
				return
			}
		}
	}
}

// Write makes the files of a batch of what the record kept of it; where they
// are there already, it compares them.
func (o *Office) Write(ctx context.Context, kept Record) (dir string, m batch.Manifest, err error) {
	var b batch.Batch
	if err := json.Unmarshal(kept.Document, &b); err != nil {
		return "", m, fmt.Errorf("reading batch %s: %w", kept.Number, err)
	}
	rows := func() iter.Seq2[*leads.Row, error] { return o.BatchLeads(ctx, kept.Number) }
	var packages []string
	for r, err := range rows() {
		if err != nil {
			return "", m, err
		}
		if r.Handling.Package != "" {
			packages = append(packages, filepath.Join(o.cfg.Data, "packages", filepath.Base(r.Handling.Package)))
		}
	}
	dir = o.dir(kept.Number)
	m, err = batch.Write(dir, b, rows, packages)
	return dir, m, err
}

func (o *Office) dir(number string) string {
	return filepath.Join(o.cfg.Data, "batches", filepath.Base(number))
}

// Manifest reads the list of a batch's files; CodeNotFound where they were not
// made.
func (o *Office) Manifest(number string) (batch.Manifest, error) {
	var m batch.Manifest
	data, err := os.ReadFile(filepath.Join(o.dir(number), batch.ManifestName))
	if os.IsNotExist(err) {
		return m, markwatch.Errorf(markwatch.CodeNotFound, "批次 %s 的文件尚未生成 / the files of batch %s were not made yet", number, number)
	}
	if err == nil {
		err = json.Unmarshal(data, &m)
	}
	if err != nil {
		return m, fmt.Errorf("reading the manifest of batch %s: %w", number, err)
	}
	return m, nil
}

// Open opens a file that the manifest of a batch names, or the manifest.
func (o *Office) Open(number, name string) (*os.File, error) {
	m, err := o.Manifest(number)
	if err != nil {
		return nil, err
	}
	if name != batch.ManifestName && !slices.ContainsFunc(m.Files, func(f batch.File) bool { return f.Name == name }) {
		return nil, markwatch.Errorf(markwatch.CodeNotFound, "批次 %s 没有文件 %s / batch %s has no file %s", number, name, number, name)
	}
	f, err := os.OpenInRoot(o.dir(number), filepath.FromSlash(name))
	if err != nil {
		return nil, markwatch.WrapError(markwatch.CodeUnavailable, err, "不能读取文件 / the file cannot be read")
	}
	return f, nil
}

// Zip writes the files of a batch as one ZIP file, the same each time.
func (o *Office) Zip(w io.Writer, kept Record) error {
	return batch.Zip(w, o.dir(kept.Number), kept.At)
}
