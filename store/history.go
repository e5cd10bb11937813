package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/markwatch/markwatch"

	"github.com/markwatch/markwatch/store/sqlform"
)

// Watched are the fields of a listing whose changes are kept.
type Watched struct {
	Title        string                 `json:"title"`
	Price        *markwatch.Money       `json:"price,omitempty"`
	ListPrice    *markwatch.Money       `json:"list_price,omitempty"`
	PriceMax     *markwatch.Money       `json:"price_max,omitempty"`
	Availability markwatch.Availability `json:"availability,omitempty"`
	Condition    markwatch.Condition    `json:"condition,omitempty"`
	Quantity     string                 `json:"quantity,omitempty"`
	SellerID     string                 `json:"seller_id,omitempty"`
	SellerName   string                 `json:"seller_name,omitempty"`
	ShipsFrom    string                 `json:"ships_from,omitempty"`
}

func watchedOf(l *markwatch.Listing) Watched {
	w := Watched{
		Title: l.Title, Price: l.Price, ListPrice: l.ListPrice, PriceMax: l.PriceMax,
		Availability: l.Availability, Condition: l.Condition, Quantity: l.Quantity, ShipsFrom: l.ShipsFrom,
	}
	if l.Seller != nil {
		w.SellerID, w.SellerName = l.Seller.ID, l.Seller.Name
	}
	return w
}

// Change is a stretch of time in which an offer's watched fields stayed the
// same.
type Change struct {
	FirstSeen time.Time `json:"first_seen"`
	LastSeen  time.Time `json:"last_seen"`
	// Scan is the scan that saw it first.
	Scan string `json:"scan,omitempty"`
	Watched
}

// changedFrom says that a field which both know has another value. A field
// that only one of them knows is knowledge won or lost, no change of the offer:
// a result tile says less than the offer's own page.
func (w Watched) changedFrom(old Watched) bool {
	money := func(a, b *markwatch.Money) bool { return a != nil && b != nil && !samePrice(a, b) }
	text := func(a, b string) bool { return a != "" && b != "" && a != b }
	if (w.Availability == markwatch.Gone) != (old.Availability == markwatch.Gone) {
		return true
	}
	return text(w.Title, old.Title) || money(w.Price, old.Price) || money(w.ListPrice, old.ListPrice) ||
		money(w.PriceMax, old.PriceMax) || text(string(w.Availability), string(old.Availability)) ||
		text(string(w.Condition), string(old.Condition)) || text(w.Quantity, old.Quantity) ||
		text(w.SellerID, old.SellerID) || text(w.SellerName, old.SellerName) || text(w.ShipsFrom, old.ShipsFrom)
}

// Differs says that an offer changed between two readings of it: a watched
// field that both know has another value.
func Differs(old, now markwatch.Listing) bool { return watchedOf(&now).changedFrom(watchedOf(&old)) }

// changed compares a listing's watched fields with those that are stored.
func (k known) changed(now Watched, document string) (bool, error) {
	if !k.exists || k.watched == document {
		return false, nil
	}
	var old Watched
	if err := json.Unmarshal([]byte(k.watched), &old); err != nil {
		return false, fmt.Errorf("stored fields: %w", err)
	}
	return now.changedFrom(old), nil
}

// putHistory begins a new stretch where the listing is new or changed; where
// only more is known of it, the open stretch says so. A stretch names the page
// of its first flagged reading, so that what a lead once showed stays.
func putHistory(ctx context.Context, tx *sql.Tx, scan string, l *markwatch.Listing, v *markwatch.Verdict, watched string, k known, changed bool, at time.Time) error {
	snapshot := ""
	if v.Flagged {
		snapshot = sqlform.Plain(l.Snapshot)
	}
	if k.exists && !changed {
		if k.watched == watched && (k.flagged || snapshot == "") {
			return nil
		}
		_, err := tx.ExecContext(ctx, `UPDATE listing_history SET watched = $2, snapshot = CASE WHEN snapshot = '' THEN $3 ELSE snapshot END
			WHERE listing = $1 AND last_seen = 0`, l.ID, watched, snapshot)
		return err
	}
	if k.exists {
		if _, err := tx.ExecContext(ctx, `UPDATE listing_history SET last_seen = $2 WHERE listing = $1 AND last_seen = 0`,
			l.ID, k.lastSeen); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO listing_history (listing, first_seen, scan, watched, snapshot) VALUES ($1, $2, $3, $4, $5)`,
		l.ID, sqlform.Millis(at), scan, watched, snapshot)
	return err
}

// History returns the stretches of a listing, oldest first; none where the
// listing is unknown.
func (s *Store) History(ctx context.Context, id string) ([]Change, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT h.first_seen, CASE WHEN h.last_seen = 0 THEN l.last_seen ELSE h.last_seen END, h.scan, h.watched
		FROM listing_history h JOIN listings l ON l.id = h.listing WHERE h.listing = $1 ORDER BY h.seq`, id)
	changes, err := sqlform.Collect(rows, err, func(rows *sql.Rows) (Change, error) {
		var c Change
		var first, last int64
		var watched string
		if err := rows.Scan(&first, &last, &c.Scan, &watched); err != nil {
			return c, err
		}
		c.FirstSeen, c.LastSeen = fromMillis(first), fromMillis(last)
		return c, json.Unmarshal([]byte(watched), &c.Watched)
	})
	return changes, fault(err, "reading the history of "+id)
}
