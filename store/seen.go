package store

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/markwatch/markwatch/store/sqlform"
)

// standing is a stored reading that is counted again without its documents.
type standing struct {
	id, source         string
	flagged, lead      bool
	violations, stated string
	counted            counted // by the source's newest scan
}

// TouchListings stores that a page was found unchanged: its listings are seen
// again, counted as PutListing would count the same reading, and their
// documents stay as they are. Listings that are unknown or gone are passed
// over. source is whose scan it is.
func (s *Store) TouchListings(ctx context.Context, tx *sql.Tx, scan, source string, ids []string, at time.Time, opts PutOptions) (PageDelta, error) {
	var d PageDelta
	listings, err := s.standing(ctx, tx, source, ids)
	if err != nil {
		return d, fault(err, "reading what is known of a page's listings")
	}
	now := map[string]counted{}
	var moved, told []string
	seen, leads := map[bool][]string{}, map[leadTouch][]string{}
	for _, l := range listings {
		p := Put{FirstInScan: l.counted.scan != scan, CarriedBefore: l.counted.carriedBy(scan)}
		if c := l.counted.add(scan, l.violations, l.stated, &p); c != l.counted {
			now[l.id] = c
		}
		p.LeadUpdated = l.lead && p.seen()
		d.Count(p)
		seen[p.seen()] = append(seen[p.seen()], l.id)
		if l.source != source {
			moved = append(moved, l.id)
		}
		if l.lead {
			touch := leadTouch{seen: p.seen(), flagged: l.flagged}
			leads[touch] = append(leads[touch], l.id)
		}
		if opts.IndexAll || l.flagged || l.lead {
			told = append(told, l.id)
		}
	}
	err = s.touch(ctx, tx, source, at, seen, moved, leads)
	if err == nil {
		err = putCounted(ctx, tx, source, now)
	}
	if err == nil {
		err = enqueue(ctx, tx, s.now(), told...)
	}
	return d, fault(err, "storing that a page's listings were seen again")
}

// leadTouch tells leads apart that are touched in different ways.
type leadTouch struct{ seen, flagged bool }

// touch sets when listings and leads were last seen, and how often.
func (s *Store) touch(ctx context.Context, tx *sql.Tx, source string, at time.Time, seen map[bool][]string, moved []string, leads map[leadTouch][]string) error {
	const sighting = ` SET last_seen = CASE WHEN last_seen > $1 THEN last_seen ELSE $1 END, seen = seen + $2`
	for first, ids := range seen {
		if err := update(ctx, tx, `UPDATE listings`+sighting, []any{sqlform.Millis(at), flag(first)}, ids); err != nil {
			return err
		}
	}
	if err := update(ctx, tx, `UPDATE listings SET source = $1`, []any{source}, moved); err != nil {
		return err
	}
	for touch, ids := range leads {
		query, args := `UPDATE leads`+sighting, []any{sqlform.Millis(at), flag(touch.seen)}
		if touch.flagged {
			query, args = query+`, source = $3`, append(args, source)
		}
		if err := update(ctx, tx, query, args, ids); err != nil {
			return err
		}
	}
	return nil
}

// update runs an UPDATE on the rows with the ids.
func update(ctx context.Context, tx *sql.Tx, query string, args []any, ids []string) error {
	for chunk := range slices.Chunk(ids, 500) {
		w := where{args: slices.Clone(args)}
		in(&w, "id", chunk)
		if _, err := tx.ExecContext(ctx, query+w.String(), w.args...); err != nil {
			return err
		}
	}
	return nil
}

// CarryListings counts listings whose page was not due: their last reading
// stands in for this scan, when they were last seen does not change. Those that
// are unknown or gone, and those that the scan has counted already, are passed
// over. A listing that is really seen later in the scan is no longer carried.
func (s *Store) CarryListings(ctx context.Context, tx *sql.Tx, scan, source string, ids []string) (PageDelta, error) {
	var d PageDelta
	listings, err := s.standing(ctx, tx, source, ids)
	if err != nil {
		return d, fault(err, "reading what is known of listings that are not due")
	}
	now := map[string]counted{}
	for _, l := range listings {
		if l.counted.scan == scan {
			continue
		}
		p := Put{FirstInScan: true}
		c := l.counted.add(scan, l.violations, l.stated, &p)
		c.carried = true
		now[l.id] = c
		d.Count(p)
		d.Listings.Carried++
	}
	return d, fault(putCounted(ctx, tx, source, now), "counting listings that are not due")
}

// standing returns those of the listings that are known and not gone, with
// what the source's newest scan has counted of them. No other transaction
// stores any of them until this one ends.
func (s *Store) standing(ctx context.Context, tx *sql.Tx, source string, ids []string) ([]standing, error) {
	if err := s.lockListings(ctx, tx, ids); err != nil {
		return nil, err
	}
	var all []standing
	for chunk := range slices.Chunk(slices.Compact(slices.Sorted(slices.Values(ids))), 500) {
		w := where{args: []any{source}, conditions: []string{"l.gone = 0"}}
		in(&w, "l.id", chunk)
		rows, err := tx.QueryContext(ctx, `SELECT l.id, l.source, l.flagged, l.violations, l.stated, d.id, `+countedColumns+`
			FROM listings l
			LEFT JOIN listing_scans c ON c.listing = l.id AND c.source = $1
			LEFT JOIN leads d ON d.id = l.id`+w.String(), w.args...)
		some, err := sqlform.Collect(rows, err, func(rows *sql.Rows) (standing, error) {
			var l standing
			var flagged int
			var lead sql.NullString
			var c countedRow
			err := rows.Scan(append([]any{&l.id, &l.source, &flagged, &l.violations, &l.stated, &lead}, c.to()...)...)
			l.flagged, l.lead, l.counted = flagged == 1, lead.Valid, c.counted()
			return l, err
		})
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	slices.SortFunc(all, func(a, b standing) int { return cmp.Compare(a.id, b.id) })
	return all, nil
}
