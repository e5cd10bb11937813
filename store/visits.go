package store

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/markwatch/markwatch"

	"github.com/markwatch/markwatch/store/sqlform"
)

// Visit is what is remembered of an address between scans. Its zero parts
// mean that there is nothing to compare with, so that the next visit is in
// full.
type Visit struct {
	Source, Key, URL string
	// ETag and LastModified are for a conditional request; empty where the
	// answer came through a redirect or had none.
	ETag, LastModified string
	// Digest is "sha256:<hex>" of the decoded body.
	Digest string
	// Capture is that of the last full answer.
	Capture markwatch.Capture
	// CheckedAt is the last visit, ChangedAt the last that found something
	// new, DueAt the time before which the page need not be asked for.
	CheckedAt, ChangedAt, DueAt time.Time
	// Interval is the present wait between two visits.
	Interval time.Duration
	// Unchanged is how often in a row the page was found unchanged.
	Unchanged int
	// Always pages are asked for in every scan: they show the way to offers.
	Always bool
	// Flagged pages hold a flagged offer.
	Flagged bool
	// Knowledge is the caller's word for how the page was read; a visit of
	// another form says nothing of what the page would give now.
	Knowledge string
	// Links are the addresses in scope that the page links to, Listings the
	// ids of the listings on it, both in the page's order.
	Links    []string
	Listings []string
}

// visitChunk is how many addresses one statement names.
const visitChunk = 500

const visitColumns = `source, url_key, checked_at, changed_at, due_at, wait, unchanged, always, flagged, url,
	etag, last_modified, digest, knowledge, snapshot, capture_url, capture_at, capture_digest, found`

// Visits returns what is remembered of those of the addresses (by their key)
// that are known, as it is committed.
func (s *Store) Visits(ctx context.Context, source string, keys []string) (map[string]Visit, error) {
	visits := make(map[string]Visit, len(keys))
	for chunk := range slices.Chunk(keys, visitChunk) {
		var w where
		w.add("source = ?", source)
		in(&w, "url_key", chunk)
		rows, err := s.read.QueryContext(ctx, `SELECT `+visitColumns+` FROM visits`+w.String(), w.args...)
		found, err := sqlform.Collect(rows, err, s.scanVisit)
		if err != nil {
			return nil, fault(err, "reading what is remembered of addresses")
		}
		for _, v := range found {
			visits[v.Key] = v
		}
	}
	return visits, nil
}

func (s *Store) scanVisit(rows *sql.Rows) (Visit, error) {
	var v Visit
	var checked, changed, due, wait, captured int64
	var always, flagged int
	var found []byte
	if err := rows.Scan(&v.Source, &v.Key, &checked, &changed, &due, &wait, &v.Unchanged, &always, &flagged, &v.URL,
		&v.ETag, &v.LastModified, &v.Digest, &v.Knowledge, &v.Capture.Snapshot, &v.Capture.URL, &captured, &v.Capture.PayloadDigest, &found); err != nil {
		return v, err
	}
	v.CheckedAt, v.ChangedAt, v.DueAt, v.Capture.At = fromMillis(checked), fromMillis(changed), fromMillis(due), fromMillis(captured)
	v.Interval, v.Always, v.Flagged = time.Duration(wait)*time.Millisecond, always == 1, flagged == 1
	if captured == 0 {
		v.Capture = markwatch.Capture{} // released
	}
	if v.Capture.URL == "" && v.Capture.Snapshot != "" {
		v.Capture.URL = v.URL
	}
	lists, err := s.pack.unpack(found)
	if err != nil {
		s.log.Warn("what is remembered of an address is damaged, it is asked for in full", "url", v.URL, "error", err)
		v.bare()
		return v, nil
	}
	v.Links, v.Listings = lists[0], lists[1]
	return v, nil
}

// bare takes away what an unchanged page would be known by.
func (v *Visit) bare() {
	v.ETag, v.LastModified, v.Digest, v.Knowledge, v.Links, v.Listings = "", "", "", "", nil, nil
}

// PutVisit stores what is remembered of an address. Of a page with more links
// than can be kept (4 MiB of text) only its capture and times are, so that the
// next visit is in full.
func (s *Store) PutVisit(ctx context.Context, tx *sql.Tx, v Visit) error {
	if v.Source == "" || v.Key == "" {
		return markwatch.Errorf(markwatch.CodeInvalid, "a visit without source and key cannot be stored")
	}
	found, ok := s.pack.pack(v.Links, v.Listings)
	if !ok {
		v.bare()
		found, _ = s.pack.pack(nil, nil)
	}
	if v.Capture.URL == v.URL {
		v.Capture.URL = ""
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO visits (`+visitColumns+`)
		VALUES (`+sqlform.Placeholders(1, 19)+`) ON CONFLICT (source, url_key) DO UPDATE SET
		checked_at = EXCLUDED.checked_at, changed_at = EXCLUDED.changed_at, due_at = EXCLUDED.due_at, wait = EXCLUDED.wait,
		unchanged = EXCLUDED.unchanged, always = EXCLUDED.always, flagged = EXCLUDED.flagged, url = EXCLUDED.url,
		etag = EXCLUDED.etag, last_modified = EXCLUDED.last_modified, digest = EXCLUDED.digest, knowledge = EXCLUDED.knowledge,
		snapshot = EXCLUDED.snapshot, capture_url = EXCLUDED.capture_url, capture_at = EXCLUDED.capture_at,
		capture_digest = EXCLUDED.capture_digest, found = EXCLUDED.found`,
		v.Source, v.Key, sqlform.Millis(v.CheckedAt), sqlform.Millis(v.ChangedAt), sqlform.Millis(v.DueAt), v.Interval.Milliseconds(),
		v.Unchanged, flag(v.Always), flag(v.Flagged), sqlform.Plain(v.URL),
		sqlform.Plain(v.ETag), sqlform.Plain(v.LastModified), sqlform.Plain(v.Digest), sqlform.Plain(v.Knowledge), sqlform.Plain(v.Capture.Snapshot),
		sqlform.Plain(v.Capture.URL), sqlform.Millis(v.Capture.At), sqlform.Plain(v.Capture.PayloadDigest), found)
	return fault(err, "remembering "+v.URL)
}

// ConfirmVisit notes that a page was found unchanged, for the unchanged-th
// time in a row. An address that is not remembered stays so.
func (s *Store) ConfirmVisit(ctx context.Context, tx *sql.Tx, source, key string, checkedAt, dueAt time.Time, interval time.Duration, unchanged int) error {
	_, err := tx.ExecContext(ctx, `UPDATE visits SET checked_at = $3, due_at = $4, wait = $5, unchanged = $6 WHERE source = $1 AND url_key = $2`,
		source, key, sqlform.Millis(checkedAt), sqlform.Millis(dueAt), interval.Milliseconds(), unchanged)
	return fault(err, "remembering an unchanged page")
}

// HastenVisits makes pages due now, by their key: those that were checked
// before the time that stands beside the key, such as the date that a sitemap
// gives, and unconditionally where that is zero. It returns how many were not
// due before.
func (s *Store) HastenVisits(ctx context.Context, tx *sql.Tx, source string, keys map[string]time.Time) (n int, err error) {
	type news struct {
		key    string
		before int64
	}
	all := make([]news, 0, len(keys))
	for key, before := range keys {
		ms := int64(math.MaxInt64)
		if !before.IsZero() {
			ms = sqlform.Millis(before)
		}
		all = append(all, news{key, ms})
	}
	// One order for all, so that two pages do not wait for each other.
	slices.SortFunc(all, func(a, b news) int { return strings.Compare(a.key, b.key) })
	for chunk := range slices.Chunk(all, visitChunk) {
		args := []any{source, sqlform.Millis(s.now())}
		var values, named strings.Builder
		for i, c := range chunk {
			if i > 0 {
				values.WriteString(", ")
				named.WriteString(", ")
			}
			args = append(args, c.key, c.before)
			fmt.Fprintf(&values, "($%d, CAST($%d AS BIGINT))", len(args)-1, len(args))
			fmt.Fprintf(&named, "$%d", len(args)-1)
		}
		// The keys are named twice so that the index is used whatever the
		// planner believes of the table.
		res, err := tx.ExecContext(ctx, `WITH news (url_key, since) AS (VALUES `+values.String()+`)
			UPDATE visits SET due_at = $2 FROM news
			WHERE visits.source = $1 AND visits.url_key IN (`+named.String()+`) AND visits.url_key = news.url_key
			AND visits.due_at > $2 AND visits.checked_at < news.since`, args...)
		if err != nil {
			return n, fault(err, "bringing pages forward")
		}
		some, err := res.RowsAffected()
		if err != nil {
			return n, fault(err, "bringing pages forward")
		}
		n += int(some)
	}
	return n, nil
}

// DelayVisits lets pages wait until a time, by their key, because their offers
// were seen unchanged elsewhere. No page waits longer than most since it was
// checked itself, and none is due earlier than it was.
func (s *Store) DelayVisits(ctx context.Context, tx *sql.Tx, source string, keys []string, until time.Time, most time.Duration) error {
	keys = slices.Compact(slices.Sorted(slices.Values(keys)))
	for chunk := range slices.Chunk(keys, visitChunk) {
		w := where{args: []any{sqlform.Millis(until), most.Milliseconds()}}
		w.add("source = ?", source)
		in(&w, "url_key", chunk)
		// $1 and $2 are named in arithmetic, where PostgreSQL cannot tell their type.
		const wanted = `CASE WHEN CAST($1 AS BIGINT) < checked_at + CAST($2 AS BIGINT) THEN CAST($1 AS BIGINT) ELSE checked_at + CAST($2 AS BIGINT) END`
		if _, err := tx.ExecContext(ctx, `UPDATE visits SET due_at = `+wanted+w.String()+` AND due_at < `+wanted, w.args...); err != nil {
			return fault(err, "letting pages wait")
		}
	}
	return nil
}

// ForgetCaptures makes the next visit one in full, and due now, where the last
// full answer is one of the snapshots: there is no capture any more that an
// unchanged answer could stand on.
func (s *Store) ForgetCaptures(ctx context.Context, tx *sql.Tx, snapshots []string) error {
	for chunk := range slices.Chunk(snapshots, visitChunk) {
		w := where{conditions: []string{"snapshot <> ''"}}
		in(&w, "snapshot", chunk)
		if _, err := tx.ExecContext(ctx, `UPDATE visits SET etag = '', last_modified = '', digest = '', snapshot = '',
			capture_url = '', capture_at = 0, capture_digest = '', due_at = 0`+w.String(), w.args...); err != nil {
			return fault(err, "forgetting captures")
		}
	}
	return nil
}

// ReleaseCaptures notes that the snapshots were dropped: an answer that
// confirms one of them stands on its validators and digest alone from now on.
// ForgetCaptures still finds the visits by them.
func (s *Store) ReleaseCaptures(ctx context.Context, tx *sql.Tx, snapshots []string) error {
	for chunk := range slices.Chunk(snapshots, visitChunk) {
		var w where
		in(&w, "snapshot", chunk)
		if _, err := tx.ExecContext(ctx, `UPDATE visits SET capture_at = 0`+w.String(), w.args...); err != nil {
			return fault(err, "releasing captures")
		}
	}
	return nil
}

// DropVisits forgets addresses that were not checked since a time and returns
// how many there were.
func (s *Store) DropVisits(ctx context.Context, before time.Time) (n int, err error) {
	last := int64(0)
	for {
		rows, err := s.read.QueryContext(ctx, `SELECT seq FROM visits WHERE seq > $1 AND checked_at < $2 ORDER BY seq LIMIT $3`,
			last, sqlform.Millis(before), visitChunk)
		seqs, err := sqlform.Collect(rows, err, func(rows *sql.Rows) (seq int64, err error) {
			err = rows.Scan(&seq)
			return seq, err
		})
		if err != nil || len(seqs) == 0 {
			return n, fault(err, "looking for old visits")
		}
		last = seqs[len(seqs)-1]
		var some int64
		err = s.Tx(ctx, func(tx *sql.Tx) error {
			w := where{}
			in(&w, "seq", seqs)
			w.add("checked_at < ?", sqlform.Millis(before))
			res, err := tx.ExecContext(ctx, `DELETE FROM visits`+w.String(), w.args...)
			if err != nil {
				return fault(err, "forgetting old visits")
			}
			some, err = res.RowsAffected()
			return fault(err, "forgetting old visits")
		})
		if err != nil {
			return n, err
		}
		n += int(some)
	}
}
