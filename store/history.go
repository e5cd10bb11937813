package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/markwatch/markwatch"
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

// putHistory begins a new stretch where the listing is new or changed.
func putHistory(ctx context.Context, tx *sql.Tx, scan, id, watched string, k known, at time.Time) error {
	if k.exists && k.watched == watched {
		return nil
	}
	if k.exists {
		if _, err := tx.ExecContext(ctx, `UPDATE listing_history SET last_seen = $2 WHERE listing = $1 AND last_seen = 0`,
			id, k.lastSeen); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO listing_history (listing, first_seen, scan, watched) VALUES ($1, $2, $3, $4)`,
		id, millis(at), scan, watched)
	return err
}

// History returns the stretches of a listing, oldest first; none where the
// listing is unknown.
func (s *Store) History(ctx context.Context, id string) ([]Change, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT h.first_seen, CASE WHEN h.last_seen = 0 THEN l.last_seen ELSE h.last_seen END, h.scan, h.watched
		FROM listing_history h JOIN listings l ON l.id = h.listing WHERE h.listing = $1 ORDER BY h.seq`, id)
	changes, err := collect(rows, err, func(rows *sql.Rows) (Change, error) {
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
