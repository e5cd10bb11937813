package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/markwatch/markwatch"

	"github.com/markwatch/markwatch/store/sqlform"
)

// IndexItem is one listing that the index must be told about.
type IndexItem struct {
	Seq int64
	ID  string
}

// IndexRecord is what the index is told of a listing. Lead is nil where the
// listing is no lead; its own Listing and Verdict, as they were when it was
// flagged, are left out, since the index holds what the offer is now.
type IndexRecord struct {
	Listing   markwatch.Listing
	Verdict   markwatch.Verdict
	FirstSeen time.Time
	LastSeen  time.Time
	Lead      *markwatch.Lead
}

// enqueue puts listings into the index's queue.
func enqueue(ctx context.Context, tx *sql.Tx, at time.Time, ids ...string) error {
	for chunk := range slices.Chunk(ids, 500) {
		args := []any{sqlform.Millis(at)}
		var values strings.Builder
		for i, id := range chunk {
			if i > 0 {
				values.WriteString(", ")
			}
			args = append(args, id)
			fmt.Fprintf(&values, "($%d, $1)", len(args))
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO index_queue (listing, at) VALUES `+values.String(), args...); err != nil {
			return err
		}
	}
	return nil
}

// IndexQueue returns the oldest items of the index's work, at most limit. The
// same listing may stand in several.
func (s *Store) IndexQueue(ctx context.Context, limit int) ([]IndexItem, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT seq, listing FROM index_queue ORDER BY seq LIMIT $1`, limit)
	items, err := sqlform.Collect(rows, err, func(rows *sql.Rows) (i IndexItem, err error) {
		err = rows.Scan(&i.Seq, &i.ID)
		return i, err
	})
	return items, fault(err, "reading the index's work")
}

// IndexDone takes items off the queue, exactly those: one with a lower Seq
// may become visible later than one with a higher.
func (s *Store) IndexDone(ctx context.Context, items []IndexItem) error {
	return s.Tx(ctx, func(tx *sql.Tx) error {
		for chunk := range slices.Chunk(items, 500) {
			seqs := make([]int64, len(chunk))
			for i, item := range chunk {
				seqs[i] = item.Seq
			}
			var w where
			in(&w, "seq", seqs)
			if _, err := tx.ExecContext(ctx, `DELETE FROM index_queue`+w.String(), w.args...); err != nil {
				return fault(err, "shortening the index's work")
			}
		}
		return nil
	})
}

// IndexLag is how many items wait and since when the oldest does; the time is
// zero where none waits.
func (s *Store) IndexLag(ctx context.Context) (items int, oldest time.Time, err error) {
	var at sql.NullInt64
	err = s.read.QueryRowContext(ctx, `SELECT count(*), min(at) FROM index_queue`).Scan(&items, &at)
	return items, fromMillis(at.Int64), fault(err, "measuring the index's work")
}

const indexColumns = `l.seq, l.first_seen, l.last_seen, l.listing, l.verdict,
	d.seq, d.id, d.number, d.status, d.reason, d.assignee, d.tags, d.note, d.first_seen, d.last_seen, d.seen`

// IndexDocs returns what the index is told of the ids, in the order of their
// discovery; ids that are unknown are left out.
func (s *Store) IndexDocs(ctx context.Context, ids []string) ([]IndexRecord, error) {
	var all []IndexRecord
	for chunk := range slices.Chunk(ids, 500) {
		var w where
		in(&w, "l.id", chunk)
		rows, err := s.read.QueryContext(ctx, `SELECT `+indexColumns+` FROM listings l LEFT JOIN leads d ON d.id = l.id`+
			w.String()+` ORDER BY l.seq`, w.args...)
		docs, err := sqlform.Collect(rows, err, scanIndex)
		if err != nil {
			return nil, fault(err, "reading documents for the index")
		}
		for _, d := range docs {
			all = append(all, d.value)
		}
	}
	return all, nil
}

// AllIndexDocs streams every lead for a rebuild of the index, or every listing
// where listings is set, the latest discovered first.
func (s *Store) AllIndexDocs(ctx context.Context, listings bool) iter.Seq2[IndexRecord, error] {
	join := " LEFT JOIN "
	if !listings {
		join = " JOIN "
	}
	return stream(0, func(before int64, limit int) ([]keyed[IndexRecord], error) {
		var w where
		if before > 0 {
			w.add("l.seq < ?", before)
		}
		w.args = append(w.args, limit)
		rows, err := s.read.QueryContext(ctx, `SELECT `+indexColumns+` FROM listings l`+join+`leads d ON d.id = l.id`+
			w.String()+` ORDER BY l.seq DESC LIMIT `+sqlform.Placeholders(len(w.args), 1), w.args...)
		return sqlform.Collect(rows, err, scanIndex)
	})
}

func scanIndex(rows *sql.Rows) (keyed[IndexRecord], error) {
	var k keyed[IndexRecord]
	r := &k.value
	var first, last int64
	var listing, verdict string
	var seq, leadFirst, leadLast, seen sql.NullInt64
	var id, number, status, reason, assignee, tags, note sql.NullString
	if err := rows.Scan(&k.seq, &first, &last, &listing, &verdict, &seq, &id, &number, &status, &reason, &assignee, &tags, &note,
		&leadFirst, &leadLast, &seen); err != nil {
		return k, err
	}
	r.FirstSeen, r.LastSeen = fromMillis(first), fromMillis(last)
	err := errors.Join(json.Unmarshal([]byte(listing), &r.Listing), json.Unmarshal([]byte(verdict), &r.Verdict))
	if !seq.Valid || err != nil {
		return k, err
	}
	r.Lead = &markwatch.Lead{
		ID: id.String, Number: number.String, Status: markwatch.LeadStatus(status.String), Reason: reason.String,
		Assignee: assignee.String, Note: note.String, Seen: int(seen.Int64),
		FirstSeen: fromMillis(leadFirst.Int64), LastSeen: fromMillis(leadLast.Int64),
	}
	return k, json.Unmarshal([]byte(tags.String), &r.Lead.Tags)
}
