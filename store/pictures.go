package store

import (
	"context"
	"database/sql"
	"strconv"
	"time"

	"github.com/markwatch/markwatch"

	"github.com/markwatch/markwatch/store/sqlform"
)

// FetchedPicture is a picture of a listing as it is kept, with the pieces of
// its fingerprint by which it is looked for.
type FetchedPicture struct {
	markwatch.Picture
	Pieces []int64
}

// KnownPicture is a picture of some listing.
type KnownPicture struct {
	Listing, Seller, URL, Snapshot, Hash string
	At                                   time.Time
}

// PutPictures remembers the pictures of a listing and the captures of other
// offers' pictures that its verdict cites. Earlier ones stay: a lead may stand
// on them.
func (s *Store) PutPictures(ctx context.Context, tx *sql.Tx, l *markwatch.Listing, pictures []FetchedPicture, cited []string, at time.Time) error {
	const put = `INSERT INTO listing_pictures (listing, snapshot, url, hash, seller, at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (listing, snapshot) DO UPDATE SET at = excluded.at`
	seller := sqlform.Plain(sellerKey(l))
	for _, p := range pictures {
		if p.Snapshot == "" {
			continue
		}
		if _, err := tx.ExecContext(ctx, put, l.ID, sqlform.Plain(p.Snapshot), sqlform.Plain(p.URL), p.Hash, seller, at.UnixMilli()); err != nil {
			return fault(err, "remembering the pictures of listing "+l.ID)
		}
		for _, piece := range p.Pieces {
			if _, err := tx.ExecContext(ctx, `INSERT INTO picture_pieces (piece, listing, snapshot) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
				piece, l.ID, sqlform.Plain(p.Snapshot)); err != nil {
				return fault(err, "remembering the pictures of listing "+l.ID)
			}
		}
	}
	for _, snapshot := range cited {
		if _, err := tx.ExecContext(ctx, put, l.ID, sqlform.Plain(snapshot), "", "", seller, at.UnixMilli()); err != nil {
			return fault(err, "remembering the pictures that the verdict on "+l.ID+" cites")
		}
	}
	return nil
}

// PicturesLike returns pictures on offers of other sellers than that of a
// listing that share one of the pieces, the newest first, at most so many.
func (s *Store) PicturesLike(ctx context.Context, l *markwatch.Listing, pieces []int64, limit int) ([]KnownPicture, error) {
	if len(pieces) == 0 {
		return nil, nil
	}
	var w where
	in(&w, "piece", pieces)
	w.add("p.listing <> ?", l.ID)
	w.add("p.seller <> ?", sqlform.Plain(sellerKey(l)))
	rows, err := s.read.QueryContext(ctx, `SELECT DISTINCT p.listing, p.seller, p.url, p.snapshot, p.hash, p.at
		FROM picture_pieces s JOIN listing_pictures p ON p.listing = s.listing AND p.snapshot = s.snapshot`+w.String()+`
		ORDER BY p.at DESC, p.listing, p.snapshot LIMIT `+strconv.Itoa(limit), w.args...)
	all, err := sqlform.Collect(rows, err, func(rows *sql.Rows) (KnownPicture, error) {
		var k KnownPicture
		var at int64
		err := rows.Scan(&k.Listing, &k.Seller, &k.URL, &k.Snapshot, &k.Hash, &at)
		k.At = fromMillis(at)
		return k, err
	})
	return all, fault(err, "looking for pictures that show the same")
}
