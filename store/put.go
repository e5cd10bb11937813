package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/markwatch/markwatch"

	"github.com/markwatch/markwatch/store/sqlform"
)

// PutOptions say how PutListing works.
type PutOptions struct {
	// IndexAll puts every listing into the index's queue, not leads alone.
	IndexAll bool
	// At is when the offer was seen; the listing's FetchedAt where zero.
	At time.Time
}

// Put says what storing a listing changed. PageDelta.Count adds it up.
type Put struct {
	// FirstInScan is set the first time the scan stores this listing.
	FirstInScan bool
	// CarriedBefore is set where the scan had counted an earlier reading of the
	// listing until now.
	CarriedBefore bool
	// New and Changed are set at most once a scan; a listing that is new to
	// the scan is not also changed.
	New, Changed bool
	Flagged      bool
	// LeadNew is set where the listing became a lead, LeadUpdated where the
	// scan saw an old lead's offer for the first time.
	LeadNew, LeadUpdated bool
	// Violations and Fields are those that the scan had not yet counted for
	// this listing.
	Violations []markwatch.Violation
	Fields     []string
}

// seen says that the scan really saw the listing for the first time.
func (p *Put) seen() bool { return p.FirstInScan || p.CarriedBefore }

// known is what the tables say of a listing before it is stored again.
type known struct {
	exists                 bool
	flagged                bool
	watched                string
	firstScan, changedScan string
	lastSeen               int64
	counted                counted // by this source's newest scan
	lead                   bool
}

// Prior returns the stored readings of those of the ids that are known, for
// Merge and for matchers that look back. No other transaction stores any of the
// ids until this one ends.
func (s *Store) Prior(ctx context.Context, tx *sql.Tx, ids []string) (map[string]markwatch.Listing, error) {
	if err := s.lockListings(ctx, tx, ids); err != nil {
		return nil, fault(err, "locking the listings of a page")
	}
	prior := make(map[string]markwatch.Listing, len(ids))
	for chunk := range slices.Chunk(ids, 500) {
		var w where
		in(&w, "id", chunk)
		rows, err := tx.QueryContext(ctx, `SELECT listing FROM listings`+w.String(), w.args...)
		docs, err := sqlform.Collect(rows, err, scanDocument[markwatch.Listing])
		if err != nil {
			return nil, fault(err, "reading what is known of the listings")
		}
		for _, l := range docs {
			prior[l.ID] = l
		}
	}
	return prior, nil
}

// PutListing stores a listing and its verdict: the newest reading, a line of
// history where a watched field changed, the lead where it is or was flagged,
// and the index's work. l is what Merge returned and v was computed on. A page
// with several listings stores them in the order of their ids, so that two
// pages do not wait for each other.
func (s *Store) PutListing(ctx context.Context, tx *sql.Tx, scan string, l markwatch.Listing, v markwatch.Verdict, opts PutOptions) (Put, error) {
	p, err := s.putListing(ctx, tx, scan, l, v, opts)
	return p, fault(err, "storing listing "+l.ID)
}

func (s *Store) putListing(ctx context.Context, tx *sql.Tx, scan string, l markwatch.Listing, v markwatch.Verdict, opts PutOptions) (Put, error) {
	if l.ID == "" {
		return Put{}, markwatch.Errorf(markwatch.CodeInvalid, "a listing without an id cannot be stored")
	}
	at := opts.At
	if at.IsZero() {
		at = l.FetchedAt
	}
	if at.IsZero() {
		at = s.now()
	}
	if err := s.lockListings(ctx, tx, []string{l.ID}); err != nil {
		return Put{}, err
	}
	listing, err := document(l)
	if err != nil {
		return Put{}, err
	}
	verdict, err := document(v)
	if err != nil {
		return Put{}, err
	}
	fields := watchedOf(&l)
	watched, err := document(fields)
	if err != nil {
		return Put{}, err
	}
	violations, stated := violationSet(&v), statedSet(&l)
	var k known
	p := Put{Flagged: v.Flagged}
	for !k.exists && !p.New {
		if k, err = s.known(ctx, tx, l.ID, l.Source); err != nil {
			return Put{}, err
		}
		if k.exists {
			break
		}
		// Another page may bring the same new listing at this moment; then
		// nothing is inserted and the row is there to be read.
		res, err := tx.ExecContext(ctx, `INSERT INTO listings
			(id, source, url, flagged, watched, first_seen, last_seen, first_scan, seen, listing, verdict, violations, stated, knowledge, snapshot)
			VALUES ($1, $2, $3, $4, $5, $6, $6, $7, 1, $8, $9, $10, $11, $12, $13) ON CONFLICT (id) DO NOTHING`,
			l.ID, l.Source, sqlform.Plain(l.URL), flag(v.Flagged), watched, sqlform.Millis(at), scan, listing, verdict,
			violations, stated, sqlform.Plain(v.Knowledge), sqlform.Plain(l.Snapshot))
		if err != nil {
			return Put{}, err
		}
		n, err := res.RowsAffected()
		if err != nil {
			return Put{}, err
		}
		p.New = n == 1
	}
	p.FirstInScan, p.CarriedBefore = k.counted.scan != scan, k.counted.carriedBy(scan)
	changed, err := k.changed(fields, watched)
	if err != nil {
		return Put{}, err
	}
	if k.exists {
		p.Changed = changed && k.firstScan != scan && k.changedScan != scan
		if changed {
			k.changedScan = scan
		}
		if _, err := tx.ExecContext(ctx, `UPDATE listings SET source = $2, url = $3, flagged = $4, watched = $5,
			last_seen = $6, changed_scan = $7, seen = seen + $8, listing = $9, verdict = $10, violations = $11, stated = $12,
			knowledge = $13, snapshot = $14, gone = 0 WHERE id = $1`,
			l.ID, l.Source, sqlform.Plain(l.URL), flag(v.Flagged), watched, max(k.lastSeen, sqlform.Millis(at)), k.changedScan,
			flag(p.seen()), listing, verdict, violations, stated, sqlform.Plain(v.Knowledge), sqlform.Plain(l.Snapshot)); err != nil {
			return Put{}, err
		}
	}
	if err := putHistory(ctx, tx, scan, &l, &v, watched, k, changed, at); err != nil {
		return Put{}, err
	}
	now := k.counted.add(scan, violations, stated, &p)
	if now != k.counted {
		if err := putCounted(ctx, tx, l.Source, map[string]counted{l.ID: now}); err != nil {
			return Put{}, err
		}
	}
	if err := s.putLead(ctx, tx, &l, &v, listing, verdict, k, at, &p); err != nil {
		return Put{}, err
	}
	if opts.IndexAll || v.Flagged || k.lead {
		err = enqueue(ctx, tx, s.now(), l.ID)
	}
	return p, err
}

func (s *Store) known(ctx context.Context, tx *sql.Tx, id, source string) (known, error) {
	var k known
	var lead sql.NullString
	var flagged int
	c := countedRow{}
	err := tx.QueryRowContext(ctx, `SELECT l.flagged, l.watched, l.first_scan, l.changed_scan, l.last_seen, d.id, `+countedColumns+`
		FROM listings l
		LEFT JOIN listing_scans c ON c.listing = l.id AND c.source = $2
		LEFT JOIN leads d ON d.id = l.id
		WHERE l.id = $1`, id, source).Scan(append([]any{
		&flagged, &k.watched, &k.firstScan, &k.changedScan, &k.lastSeen, &lead}, c.to()...)...)
	if errors.Is(err, sql.ErrNoRows) {
		return known{}, nil
	}
	k.exists, k.flagged, k.lead, k.counted = true, flagged == 1, lead.Valid, c.counted()
	return k, err
}
