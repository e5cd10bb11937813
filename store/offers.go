package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"iter"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/store/sqlform"
)

// offerColumns are what Offers reads. What units found is read of those leads
// alone of which they said something.
const offerColumns = `seq, id, number, status, listing, CASE WHEN status = '` + string(markwatch.LeadOutcome) + `' THEN handling ELSE '{}' END`

// offerDocument is as much of a listing's document as tells sellers and goods
// apart; the rest is passed over unread.
type offerDocument struct {
	ID          string            `json:"id"`
	Source      string            `json:"source"`
	URL         string            `json:"url"`
	Platform    string            `json:"platform"`
	SKU         string            `json:"sku"`
	Title       string            `json:"title"`
	Description string            `json:"description"`
	Brand       string            `json:"brand"`
	Images      []string          `json:"images"`
	Seller      *markwatch.Seller `json:"seller"`
}

// Offers streams what tells the sellers and the goods of leads apart, the
// newest number first, without the leads that are in one of some states: id,
// number, status, of the listing who offers what where under which title, text,
// pictures and SKU, and the outcomes that units reported. It costs a part of
// what Leads does, which matters where all leads are looked through for one.
func (s *Store) Offers(ctx context.Context, without ...markwatch.LeadStatus) iter.Seq2[markwatch.Lead, error] {
	var w where
	for _, status := range without {
		w.add("status <> ?", string(status))
	}
	return stream(0, func(before int64, limit int) ([]keyed[markwatch.Lead], error) {
		rows, err := s.page(ctx, offerColumns, "leads", w, before, limit)
		return sqlform.Collect(rows, err, scanOffer)
	})
}

func scanOffer(rows *sql.Rows) (keyed[markwatch.Lead], error) {
	var k keyed[markwatch.Lead]
	var status string
	var listing, handling sql.RawBytes
	l := &k.value
	if err := rows.Scan(&k.seq, &l.ID, &l.Number, &status, &listing, &handling); err != nil {
		return k, err
	}
	l.Status = markwatch.LeadStatus(status)
	var d offerDocument
	var h struct {
		Outcomes []markwatch.Outcome `json:"outcomes"`
	}
	err := errors.Join(json.Unmarshal(listing, &d), json.Unmarshal(handling, &h))
	l.Handling.Outcomes = h.Outcomes
	l.Listing = markwatch.Listing{ID: d.ID, Source: d.Source, URL: d.URL, Platform: d.Platform, SKU: d.SKU, Title: d.Title, Description: d.Description,
		Brand: d.Brand, Images: d.Images, Seller: d.Seller}
	return k, err
}
