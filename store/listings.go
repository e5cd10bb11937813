package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/markwatch/markwatch"

	"github.com/markwatch/markwatch/store/sqlform"
)

// Record is a listing as it was read last, with its newest verdict.
type Record struct {
	Listing   markwatch.Listing `json:"listing"`
	Verdict   markwatch.Verdict `json:"verdict"`
	FirstSeen time.Time         `json:"first_seen"`
	LastSeen  time.Time         `json:"last_seen"`
	// Seen counts the scans that saw the offer.
	Seen int `json:"seen"`
}

// ListingFilter selects listings; zero fields select all.
type ListingFilter struct {
	Source string
	// Since leaves out listings that were last seen before.
	Since time.Time
	// Flagged selects by the newest verdict.
	Flagged *bool
	// Limit bounds the answer, 0 is all.
	Limit int
}

const recordColumns = `seq, first_seen, last_seen, seen, listing, verdict`

func scanRecord(row interface{ Scan(...any) error }) (seq int64, r Record, err error) {
	var first, last int64
	var listing, verdict string
	if err := row.Scan(&seq, &first, &last, &r.Seen, &listing, &verdict); err != nil {
		return 0, r, err
	}
	r.FirstSeen, r.LastSeen = fromMillis(first), fromMillis(last)
	return seq, r, errors.Join(json.Unmarshal([]byte(listing), &r.Listing), json.Unmarshal([]byte(verdict), &r.Verdict))
}

// scanDocument reads a row of one JSON column.
func scanDocument[T any](rows *sql.Rows) (v T, err error) {
	var text string
	if err := rows.Scan(&text); err != nil {
		return v, err
	}
	return v, json.Unmarshal([]byte(text), &v)
}

// Listing returns one listing; CodeNotFound where it was never seen.
func (s *Store) Listing(ctx context.Context, id string) (Record, error) {
	_, r, err := scanRecord(s.read.QueryRowContext(ctx, `SELECT `+recordColumns+` FROM listings WHERE id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return Record{}, markwatch.Errorf(markwatch.CodeNotFound, "listing %s was never seen", id)
	}
	return r, fault(err, "reading listing "+id)
}

// Listings streams listings, the latest discovered first. It holds no
// connection while the caller works on a record.
func (s *Store) Listings(ctx context.Context, f ListingFilter) iter.Seq2[Record, error] {
	base := where{}
	if f.Source != "" {
		base.add("source = ?", f.Source)
	}
	if !f.Since.IsZero() {
		base.add("last_seen >= ?", sqlform.Millis(f.Since))
	}
	if f.Flagged != nil {
		base.conditions = append(base.conditions, fmt.Sprintf("flagged = %d", flag(*f.Flagged)))
	}
	return stream(f.Limit, func(before int64, limit int) ([]keyed[Record], error) {
		rows, err := s.page(ctx, recordColumns, "listings", base, before, limit)
		return sqlform.Collect(rows, err, func(rows *sql.Rows) (keyed[Record], error) {
			seq, r, err := scanRecord(rows)
			return keyed[Record]{seq, r}, err
		})
	})
}

// page reads the rows of a table before a seq, the newest first.
func (s *Store) page(ctx context.Context, columns, table string, base where, before int64, limit int) (*sql.Rows, error) {
	w := where{conditions: append([]string(nil), base.conditions...), args: append([]any(nil), base.args...)}
	if before > 0 {
		w.add("seq < ?", before)
	}
	return s.read.QueryContext(ctx, fmt.Sprintf(`SELECT %s FROM %s%s ORDER BY seq DESC LIMIT %d`, columns, table, w.String(), limit), w.args...)
}

// keyed is a row with its key in the table's order.
type keyed[T any] struct {
	seq   int64
	value T
}

// streamPage is how many rows stream reads at once.
const streamPage = 200

// stream yields what read returns page by page until a page comes short or
// limit rows were yielded (0 is no limit).
func stream[T any](limit int, read func(before int64, limit int) ([]keyed[T], error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		before, left := int64(0), limit
		for {
			n := streamPage
			if limit > 0 {
				n = min(n, left)
			}
			rows, err := read(before, n)
			if err != nil {
				var none T
				yield(none, fault(err, "reading the store"))
				return
			}
			for _, row := range rows {
				if !yield(row.value, nil) {
					return
				}
				before = row.seq
			}
			left -= len(rows)
			if len(rows) < n || limit > 0 && left == 0 {
				return
			}
		}
	}
}
