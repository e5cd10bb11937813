package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strconv"

	"github.com/markwatch/markwatch"

	"github.com/markwatch/markwatch/store/sqlform"
)

// ActionJudged is the action of the event that PutVerdict adds to a lead's
// history: From and To are scores, Note is the knowledge that it was judged by.
const ActionJudged = "judged"

// actorProgram stands for markwatch itself in a lead's history.
const actorProgram = "markwatch"

// Outdated is a listing whose verdict stands on other knowledge.
type Outdated struct {
	Seq     int64
	Listing markwatch.Listing
	Verdict markwatch.Verdict
}

// Outdated returns listings that were judged by other knowledge than this, in
// the order of their discovery, at most limit of those behind the Seq after.
func (s *Store) Outdated(ctx context.Context, knowledge string, after int64, limit int) ([]Outdated, error) {
	knowledge = sqlform.Plain(knowledge)
	seqs, err := s.outdatedSeqs(ctx, knowledge, after, limit)
	if err != nil {
		return nil, fault(err, "looking for listings to judge again")
	}
	var all []Outdated
	for chunk := range slices.Chunk(seqs, 500) {
		var w where
		in(&w, "seq", chunk)
		w.add("knowledge <> ?", knowledge)
		rows, err := s.read.QueryContext(ctx, `SELECT seq, listing, verdict FROM listings`+w.String()+` ORDER BY seq`, w.args...)
		some, err := sqlform.Collect(rows, err, func(rows *sql.Rows) (Outdated, error) {
			var o Outdated
			var listing, verdict string
			if err := rows.Scan(&o.Seq, &listing, &verdict); err != nil {
				return o, err
			}
			return o, errors.Join(json.Unmarshal([]byte(listing), &o.Listing), json.Unmarshal([]byte(verdict), &o.Verdict))
		})
		if err != nil {
			return nil, fault(err, "reading listings to judge again")
		}
		all = append(all, some...)
	}
	return all, nil
}

// outdatedSeqs goes through the few values of knowledge that there are, each
// by the index, so that nothing is read where nothing is outdated.
func (s *Store) outdatedSeqs(ctx context.Context, knowledge string, after int64, limit int) ([]int64, error) {
	var seqs []int64
	var value sql.NullString
	err := s.read.QueryRowContext(ctx, `SELECT min(knowledge) FROM listings`).Scan(&value)
	for err == nil && value.Valid {
		if value.String != knowledge {
			rows, err := s.read.QueryContext(ctx, `SELECT seq FROM listings WHERE knowledge = $1 AND seq > $2 ORDER BY seq LIMIT $3`,
				value.String, after, limit)
			some, err := sqlform.Collect(rows, err, func(rows *sql.Rows) (seq int64, err error) {
				err = rows.Scan(&seq)
				return seq, err
			})
			if err != nil {
				return nil, err
			}
			seqs = append(seqs, some...)
		}
		err = s.read.QueryRowContext(ctx, `SELECT min(knowledge) FROM listings WHERE knowledge > $1`, value.String).Scan(&value)
	}
	slices.Sort(seqs)
	return seqs[:min(len(seqs), limit)], err
}

// PutVerdict stores a new verdict on a listing as it is stored; nothing was
// seen and no scan counts it. A listing that is flagged now becomes a lead as
// of when the offer was last seen, or brings its lead up to date; what people
// decided stays. A lead whose listing is not flagged any more keeps why it was,
// and its history says so. l is the listing as Outdated returned it: where it
// was read anew meanwhile, nothing is stored and the answer is CodeConflict.
func (s *Store) PutVerdict(ctx context.Context, tx *sql.Tx, l markwatch.Listing, v markwatch.Verdict, opts PutOptions) (Put, error) {
	p, err := s.putVerdict(ctx, tx, l, v, opts)
	return p, fault(err, "storing a new verdict on listing "+l.ID)
}

// judged is what the tables say of a listing before it is judged again.
type judged struct {
	listing  string
	flagged  bool
	score    float64
	lead     bool
	lastSeen int64
}

func (s *Store) putVerdict(ctx context.Context, tx *sql.Tx, l markwatch.Listing, v markwatch.Verdict, opts PutOptions) (Put, error) {
	p := Put{Flagged: v.Flagged}
	if err := s.lockListings(ctx, tx, []string{l.ID}); err != nil {
		return p, err
	}
	k, err := storedVerdict(ctx, tx, &l)
	if err != nil {
		return p, err
	}
	verdict, err := document(v)
	if err != nil {
		return p, err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE listings SET flagged = $2, verdict = $3, violations = $4, knowledge = $5 WHERE id = $1`,
		l.ID, flag(v.Flagged), verdict, violationSet(&v), sqlform.Plain(v.Knowledge)); err != nil {
		return p, err
	}
	if v.Flagged && !k.flagged {
		if _, err := tx.ExecContext(ctx, `UPDATE listing_history SET snapshot = $2 WHERE listing = $1 AND last_seen = 0 AND snapshot = ''`,
			l.ID, sqlform.Plain(l.Snapshot)); err != nil {
			return p, err
		}
	}
	switch {
	case k.lead && v.Flagged:
		p.LeadUpdated = true
		if err := s.reopen(ctx, tx, &l, &v); err != nil {
			return p, err
		}
		_, err = tx.ExecContext(ctx, `UPDATE leads SET score = $2, violations = $3, listing = $4, verdict = $5, snapshot = $6 WHERE id = $1`,
			l.ID, v.Score, violationSet(&v), k.listing, verdict, sqlform.Plain(l.Snapshot))
	case v.Flagged:
		p.LeadNew = true
		err = s.insertLead(ctx, tx, &l, &v, k.listing, verdict, fromMillis(k.lastSeen))
	}
	if err == nil && k.lead && v.Flagged != k.flagged {
		p.LeadUpdated = true
		err = s.putEvent(ctx, tx, l.ID, markwatch.LeadEvent{
			Actor: actorProgram, Action: ActionJudged, From: score(k.score), To: score(v.Score), Note: v.Knowledge,
		})
	}
	if err == nil && (opts.IndexAll || v.Flagged || k.lead) {
		err = enqueue(ctx, tx, s.now(), l.ID)
	}
	return p, err
}

func score(f float64) string { return strconv.FormatFloat(f, 'f', 2, 64) }

// storedVerdict reads what is stored of a listing and its verdict, CodeConflict
// where that is another reading than l.
func storedVerdict(ctx context.Context, tx *sql.Tx, l *markwatch.Listing) (judged, error) {
	var k judged
	var flagged int
	var lead sql.NullString
	var verdict string
	err := tx.QueryRowContext(ctx, `SELECT l.listing, l.verdict, l.flagged, l.last_seen, d.id
		FROM listings l LEFT JOIN leads d ON d.id = l.id WHERE l.id = $1`, l.ID).Scan(&k.listing, &verdict, &flagged, &k.lastSeen, &lead)
	if errors.Is(err, sql.ErrNoRows) {
		return k, markwatch.Errorf(markwatch.CodeNotFound, "listing %s was never seen", l.ID)
	}
	if err != nil {
		return k, err
	}
	k.flagged, k.lead = flagged == 1, lead.Valid
	var stored markwatch.Listing
	var old markwatch.Verdict
	if err := errors.Join(json.Unmarshal([]byte(k.listing), &stored), json.Unmarshal([]byte(verdict), &old)); err != nil {
		return k, err
	}
	k.score = old.Score
	// Text from a page may be written in two ways, so that only what was read
	// from the store can be compared.
	was, err := document(stored)
	if err != nil {
		return k, err
	}
	is, err := document(l)
	if err == nil && was != is {
		err = markwatch.Errorf(markwatch.CodeConflict, "listing %s was read anew meanwhile", l.ID)
	}
	return k, err
}
