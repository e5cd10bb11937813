package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"iter"
	"time"

	"github.com/markwatch/markwatch"

	"github.com/markwatch/markwatch/store/sqlform"
)

// BatchRecord is a batch as it is kept: Document is its form, of which the
// store knows nothing.
type BatchRecord struct {
	Number   string
	Unit     string
	At       time.Time
	Leads    int
	Document json.RawMessage
}

// NewBatch is what a batch is made of. Leads are ids in the order of the
// list.
type NewBatch struct {
	Code, Unit string
	At         time.Time
	Leads      []string
	// Number makes the number of a year and a serial.
	Number func(year, serial int) string
	// Apply takes the leads through the step of being sent, as in UpdateLeads.
	Apply func(number string, old []markwatch.Lead) ([]markwatch.Lead, [][]markwatch.LeadEvent, error)
	// Freeze returns the batch's document and those of its leads, of the leads
	// as they are after the step.
	Freeze func(number string, sent []markwatch.Lead) (batch any, rows []any, err error)
}

// CreateBatch takes the next number, sends the leads and keeps what they were
// in one transaction: a process killed in the middle leaves no number taken,
// no lead sent and no half batch.
func (s *Store) CreateBatch(ctx context.Context, b NewBatch) (BatchRecord, error) {
	if len(b.Leads) == 0 {
		return BatchRecord{}, markwatch.Errorf(markwatch.CodeInvalid, "没有可移送的线索 / there is no lead to send")
	}
	var record BatchRecord
	err := s.Tx(ctx, func(tx *sql.Tx) error {
		year := b.At.In(s.zone).Year()
		var serial int
		if err := tx.QueryRowContext(ctx, `INSERT INTO batch_numbers (code, year, last) VALUES ($1, $2, 1)
			ON CONFLICT (code, year) DO UPDATE SET last = batch_numbers.last + 1 RETURNING last`, sqlform.Plain(b.Code), year).Scan(&serial); err != nil {
			return fault(err, "numbering the batch")
		}
		number := b.Number(year, serial)
		sent, err := s.UpdateLeadsTx(ctx, tx, b.Leads, func(old []markwatch.Lead) ([]markwatch.Lead, [][]markwatch.LeadEvent, error) {
			return b.Apply(number, old)
		})
		if err != nil {
			return err
		}
		batch, rows, err := b.Freeze(number, sent)
		if err != nil {
			return err
		}
		doc, err := document(batch)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO batches (number, unit, at, leads, document) VALUES ($1, $2, $3, $4, $5)`,
			number, b.Unit, sqlform.Millis(b.At), len(sent), doc); err != nil {
			return fault(err, "keeping batch "+number)
		}
		for i, row := range rows {
			rowDoc, err := document(row)
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, `INSERT INTO batch_leads (batch, position, lead, document) VALUES ($1, $2, $3, $4)`,
				number, i, sent[i].ID, rowDoc); err != nil {
				return fault(err, "keeping the leads of batch "+number)
			}
		}
		record = BatchRecord{Number: number, Unit: b.Unit, At: b.At.UTC(), Leads: len(sent), Document: json.RawMessage(doc)}
		return nil
	})
	return record, err
}

// Batch returns a batch; CodeNotFound where there is none.
func (s *Store) Batch(ctx context.Context, number string) (BatchRecord, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT number, unit, at, leads, document FROM batches WHERE number = $1`, number)
	found, err := sqlform.Collect(rows, err, scanBatch)
	if err != nil {
		return BatchRecord{}, fault(err, "reading batch "+number)
	}
	if len(found) == 0 {
		return BatchRecord{}, markwatch.Errorf(markwatch.CodeNotFound, "没有批次 %s / there is no batch %s", number, number)
	}
	return found[0], nil
}

// Batches returns the batches of a unit, all where unit is empty, the newest
// first.
func (s *Store) Batches(ctx context.Context, unit string) ([]BatchRecord, error) {
	var w where
	if unit != "" {
		w.add("unit = ?", unit)
	}
	rows, err := s.read.QueryContext(ctx, `SELECT number, unit, at, leads, document FROM batches`+w.String()+` ORDER BY seq DESC`, w.args...)
	found, err := sqlform.Collect(rows, err, scanBatch)
	return found, fault(err, "reading the batches")
}

func scanBatch(rows *sql.Rows) (BatchRecord, error) {
	var b BatchRecord
	var at int64
	var doc string
	err := rows.Scan(&b.Number, &b.Unit, &at, &b.Leads, &doc)
	b.At, b.Document = fromMillis(at), json.RawMessage(doc)
	return b, err
}

// batchPage is how many leads of a batch are read at a time.
const batchPage = 200

// BatchLeads streams the documents of a batch's leads in their order.
func (s *Store) BatchLeads(ctx context.Context, number string) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		for from := 0; ; from += batchPage {
			rows, err := s.read.QueryContext(ctx, `SELECT document FROM batch_leads WHERE batch = $1 AND position >= $2 AND position < $3 ORDER BY position`,
				number, from, from+batchPage)
			docs, err := sqlform.Collect(rows, err, scanString)
			if err != nil {
				yield(nil, fault(err, "reading the leads of batch "+number))
				return
			}
			for _, doc := range docs {
				if !yield(json.RawMessage(doc), nil) {
					return
				}
			}
			if len(docs) < batchPage {
				return
			}
		}
	}
}

// Delivery is one try to hand a batch over.
type Delivery struct {
	Batch  string    `json:"batch"`
	Target string    `json:"target"`
	State  string    `json:"state"` // begun, done or failed
	At     time.Time `json:"at"`
	Actor  string    `json:"actor"`
	Detail string    `json:"detail,omitempty"`
}

// The states of a delivery.
const (
	DeliveryBegun  = "begun"
	DeliveryDone   = "done"
	DeliveryFailed = "failed"
)

// BeginDelivery notes that a batch is about to be delivered. It is a
// CodeConflict where it was delivered to the target already, unless again says
// that a person wants it once more.
func (s *Store) BeginDelivery(ctx context.Context, d Delivery, again bool) error {
	return s.Tx(ctx, func(tx *sql.Tx) error {
		var number string
		err := tx.QueryRowContext(ctx, `SELECT number FROM batches WHERE number = $1`+s.forUpdate("batches"), d.Batch).Scan(&number)
		if errors.Is(err, sql.ErrNoRows) {
			return markwatch.Errorf(markwatch.CodeNotFound, "没有批次 %s / there is no batch %s", d.Batch, d.Batch)
		}
		if err != nil {
			return fault(err, "reading batch "+d.Batch)
		}
		var done int
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM deliveries WHERE batch = $1 AND target = $2 AND state = $3`, d.Batch, d.Target, DeliveryDone).Scan(&done); err != nil {
			return fault(err, "reading the deliveries")
		}
		if done > 0 && !again {
			return markwatch.Errorf(markwatch.CodeConflict, "批次 %s 已送达 %s;确需再送请加 --again / batch %s was delivered to %s already; --again delivers it once more", d.Batch, d.Target, d.Batch, d.Target)
		}
		d.State = DeliveryBegun
		return s.putDelivery(ctx, tx, d)
	})
}

// EndDelivery notes how a delivery ended.
func (s *Store) EndDelivery(ctx context.Context, d Delivery) error {
	return s.Tx(ctx, func(tx *sql.Tx) error { return s.putDelivery(ctx, tx, d) })
}

func (s *Store) putDelivery(ctx context.Context, tx *sql.Tx, d Delivery) error {
	if d.At.IsZero() {
		d.At = s.now()
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO deliveries (batch, target, state, at, actor, detail) VALUES ($1, $2, $3, $4, $5, $6)`,
		d.Batch, d.Target, d.State, sqlform.Millis(d.At), sqlform.Plain(d.Actor), sqlform.Plain(d.Detail))
	return fault(err, "noting the delivery")
}

// Deliveries returns every try to hand a batch over, oldest first.
func (s *Store) Deliveries(ctx context.Context, batch string) ([]Delivery, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT batch, target, state, at, actor, detail FROM deliveries WHERE batch = $1 ORDER BY seq`, batch)
	list, err := sqlform.Collect(rows, err, func(rows *sql.Rows) (Delivery, error) {
		var d Delivery
		var at int64
		err := rows.Scan(&d.Batch, &d.Target, &d.State, &at, &d.Actor, &d.Detail)
		d.At = fromMillis(at)
		return d, err
	})
	return list, fault(err, "reading the deliveries")
}
