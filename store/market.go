package store

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/markwatch/markwatch"

	"github.com/markwatch/markwatch/store/sqlform"
)

// PutPrices stores what an offer asks at a time; a later reading of the same
// offer takes the place of the earlier one.
func (s *Store) PutPrices(ctx context.Context, tx *sql.Tx, l *markwatch.Listing, prices []markwatch.LinePrice, at time.Time) error {
	for _, p := range prices {
		if _, err := tx.ExecContext(ctx, `INSERT INTO market_prices (listing, brand, product, seller, cny, at) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (listing, brand, product) DO UPDATE SET seller = excluded.seller, cny = excluded.cny, at = excluded.at`,
			l.ID, sqlform.Plain(p.Brand), sqlform.Plain(p.Product), sqlform.Plain(sellerKey(l)), p.CNY, at.UnixMilli()); err != nil {
			return fault(err, "storing the prices of listing "+l.ID)
		}
	}
	return nil
}

// sellerKey tells sellers apart on all platforms.
func sellerKey(l *markwatch.Listing) string {
	if seller := l.Seller; seller != nil {
		if name := cmp.Or(seller.ID, seller.Name, seller.URL); name != "" {
			return l.Platform + "\x1f" + name
		}
	}
	return "offer\x1f" + l.ID
}

// Market returns the market of every product line that at least so many sellers
// offered since a time. A seller speaks once, with the median of what they ask.
func (s *Store) Market(ctx context.Context, since time.Time, sellers int) (map[markwatch.Line]markwatch.LineMarket, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT brand, product, seller, cny, at FROM market_prices WHERE at >= $1 ORDER BY brand, product, seller, cny`, since.UnixMilli())
	if err != nil {
		return nil, fault(err, "reading the market's prices")
	}
	defer rows.Close()
	markets := map[markwatch.Line]markwatch.LineMarket{}
	var line markwatch.Line
	var seller string
	var of, asked []float64
	var last int64
	closeSeller := func() {
		if len(of) > 0 {
			asked, of = append(asked, middleOf(of)), of[:0]
		}
	}
	closeLine := func() {
		closeSeller()
		if len(asked) >= max(sellers, 1) {
			slices.Sort(asked)
			middle := middleOf(asked)
			away := make([]float64, len(asked))
			for i, a := range asked {
				away[i] = max(a-middle, middle-a)
			}
			slices.Sort(away)
			markets[line] = markwatch.LineMarket{Median: middle, MAD: middleOf(away), Sellers: len(asked), Since: since, Until: fromMillis(last)}
		}
		asked, last = asked[:0], 0
	}
	for rows.Next() {
		var l markwatch.Line
		var name string
		var cny float64
		var at int64
		if err := rows.Scan(&l.Brand, &l.Product, &name, &cny, &at); err != nil {
			return nil, fault(err, "reading the market's prices")
		}
		if l != line {
			closeLine()
			line, seller = l, name
		} else if name != seller {
			closeSeller()
			seller = name
		}
		of = append(of, cny)
		last = max(last, at)
	}
	closeLine()
	return markets, fault(rows.Err(), "reading the market's prices")
}

// middleOf is the median of sorted values.
func middleOf(sorted []float64) float64 {
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	return (sorted[n/2-1] + sorted[n/2]) / 2
}

// ForgetPrices drops what was last asked before a time.
func (s *Store) ForgetPrices(ctx context.Context, before time.Time) error {
	_, err := s.write.ExecContext(ctx, `DELETE FROM market_prices WHERE at < $1`, before.UnixMilli())
	return fault(err, "dropping old prices of the market")
}
