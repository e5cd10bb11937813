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
// index; their verdicts stay. It returns the ids of those that were not gone
// before, which the scan counts.
func (s *Store) MarkGone(ctx context.Context, tx *sql.Tx, scan, url string, at time.Time, opts PutOptions) ([]string, error) {
	type pair struct{ listing, verdict string }
	rows, err := tx.QueryContext(ctx, `SELECT listing, verdict FROM listings WHERE url = $1 ORDER BY id`, sqlform.Plain(url))
	pairs, err := sqlform.Collect(rows, err, func(rows *sql.Rows) (p pair, err error) {
		err = rows.Scan(&p.listing, &p.verdict)
		return p, err
	})
	if err != nil {
		return nil, fault(err, "looking for the listings of "+url)
	}
	opts.At = at
	var gone []string
	for _, p := range pairs {
		var l markwatch.Listing
		var v markwatch.Verdict
		if err := json.Unmarshal([]byte(p.listing), &l); err != nil {
			return nil, fault(err, "reading a listing")
		}
		if err := json.Unmarshal([]byte(p.verdict), &v); err != nil {
			return nil, fault(err, "reading a verdict")
		}
		if l.Availability == markwatch.Gone {
			continue
		}
		l.Availability = markwatch.Gone
		if _, err := s.PutListing(ctx, tx, scan, l, v, opts); err != nil {
			return nil, err
		}
		gone = append(gone, l.ID)
	}
	return gone, nil
}
