package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/markwatch/markwatch"

	"github.com/markwatch/markwatch/store/sqlform"
)

// MarkGone notes that an offer's address answers no more (404, 410): the
// listings that stand on it become gone, with a line of history and word to the
// index; their verdicts stay. It counts those that no page said to be gone
// before. None of them is seen again or carried until a page shows it.
func (s *Store) MarkGone(ctx context.Context, tx *sql.Tx, scan, url string, at time.Time, opts PutOptions) (PageDelta, error) {
	type pair struct{ listing, verdict string }
	var d PageDelta
	rows, err := tx.QueryContext(ctx, `SELECT listing, verdict FROM listings WHERE url = $1 AND gone = 0 ORDER BY id`, sqlform.Plain(url))
	pairs, err := sqlform.Collect(rows, err, func(rows *sql.Rows) (p pair, err error) {
		err = rows.Scan(&p.listing, &p.verdict)
		return p, err
	})
	if err != nil {
		return d, fault(err, "looking for the listings of "+url)
	}
	opts.At = at
	for _, p := range pairs {
		var l markwatch.Listing
		var v markwatch.Verdict
		if err := json.Unmarshal([]byte(p.listing), &l); err != nil {
			return d, fault(err, "reading a listing")
		}
		if err := json.Unmarshal([]byte(p.verdict), &v); err != nil {
			return d, fault(err, "reading a verdict")
		}
		k, err := s.known(ctx, tx, l.ID, l.Source)
		if err != nil {
			return d, fault(err, "reading what is known of "+l.ID)
		}
		if l.Availability != markwatch.Gone {
			d.Listings.Gone++
		}
		l.Availability = markwatch.Gone
		put, err := s.PutListing(ctx, tx, scan, l, v, opts)
		if err != nil {
			return d, err
		}
		if put.CarriedBefore {
			d.uncount(k.counted)
		}
		if _, err := tx.ExecContext(ctx, `UPDATE listings SET gone = 1 WHERE id = $1`, l.ID); err != nil {
			return d, fault(err, "storing that listing "+l.ID+" is gone")
		}
	}
	return d, nil
}

// uncount takes back what a scan counted of a listing that it carried.
func (d *PageDelta) uncount(c counted) {
	d.Listings.Seen--
	d.Listings.Carried--
	for v := range members(c.violations) {
		tally(&d.Violations, markwatch.Violation(v), -1)
	}
	for f := range members(c.fields) {
		tally(&d.Fields, f, -1)
	}
}
