package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/markwatch/markwatch"

	"github.com/markwatch/markwatch/store/sqlform"
)

// putLead makes the lead of a listing that is flagged for the first time and
// keeps an old one up to date: flagged again, it takes the new reading and
// verdict; not flagged any more, it only notes that the offer was seen.
func (s *Store) putLead(ctx context.Context, tx *sql.Tx, l *markwatch.Listing, v *markwatch.Verdict, listing, verdict string, k known, at time.Time, p *Put) error {
	switch {
	case k.lead && v.Flagged:
		p.LeadUpdated = p.seen()
		if err := s.reopen(ctx, tx, l, v); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE leads SET last_seen = CASE WHEN last_seen > $2 THEN last_seen ELSE $2 END,
			seen = seen + $3, source = $4, score = $5, violations = $6, listing = $7, verdict = $8, snapshot = $9 WHERE id = $1`,
			l.ID, sqlform.Millis(at), flag(p.seen()), l.Source, v.Score, violationSet(v), listing, verdict, sqlform.Plain(l.Snapshot))
		return err
	case k.lead:
		p.LeadUpdated = p.seen()
		_, err := tx.ExecContext(ctx, `UPDATE leads SET last_seen = CASE WHEN last_seen > $2 THEN last_seen ELSE $2 END,
			seen = seen + $3 WHERE id = $1`, l.ID, sqlform.Millis(at), flag(p.seen()))
		return err
	case !v.Flagged:
		return nil
	}
	p.LeadNew = true
	return s.insertLead(ctx, tx, l, v, listing, verdict, at)
}

// insertLead makes a lead with the next number of the year in which the offer
// was seen.
func (s *Store) insertLead(ctx context.Context, tx *sql.Tx, l *markwatch.Listing, v *markwatch.Verdict, listing, verdict string, at time.Time) error {
	year := at.In(s.zone).Year()
	var n int
	if err := tx.QueryRowContext(ctx, `INSERT INTO lead_numbers (year, last) VALUES ($1, 1)
		ON CONFLICT (year) DO UPDATE SET last = lead_numbers.last + 1 RETURNING last`, year).Scan(&n); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO leads (id, number, status, first_seen, last_seen, seen, source, score, violations, listing, verdict, snapshot)
		VALUES ($1, $2, $3, $4, $4, 1, $5, $6, $7, $8, $9, $10)`,
		l.ID, fmt.Sprintf("%04d-%04d", year, n), string(markwatch.LeadNew), sqlform.Millis(at), l.Source, v.Score, violationSet(v), listing, verdict,
		sqlform.Plain(l.Snapshot))
	return err
}

const leadColumns = `seq, id, number, status, reason, assignee, tags, note, first_seen, last_seen, seen, listing, verdict, handling`

func scanLead(row interface{ Scan(...any) error }) (keyed[markwatch.Lead], error) {
	var k keyed[markwatch.Lead]
	l := &k.value
	var status, tags, listing, verdict, handling string
	var first, last int64
	if err := row.Scan(&k.seq, &l.ID, &l.Number, &status, &l.Reason, &l.Assignee, &tags, &l.Note,
		&first, &last, &l.Seen, &listing, &verdict, &handling); err != nil {
		return k, err
	}
	l.Status, l.FirstSeen, l.LastSeen = markwatch.LeadStatus(status), fromMillis(first), fromMillis(last)
	return k, errors.Join(json.Unmarshal([]byte(tags), &l.Tags),
		json.Unmarshal([]byte(listing), &l.Listing), json.Unmarshal([]byte(verdict), &l.Verdict),
		json.Unmarshal([]byte(handling), &l.Handling))
}

// Lead returns a lead by its listing's id or its number; CodeNotFound where
// there is none.
func (s *Store) Lead(ctx context.Context, idOrNumber string) (markwatch.Lead, error) {
	return lead(ctx, s.read, idOrNumber, "")
}

// lead prefers the number, which people type.
func lead(ctx context.Context, q querier, idOrNumber, lock string) (markwatch.Lead, error) {
	k, err := scanLead(q.QueryRowContext(ctx, `SELECT `+leadColumns+` FROM leads WHERE number = $1 OR id = $1
		ORDER BY CASE WHEN number = $1 THEN 0 ELSE 1 END LIMIT 1`+lock, idOrNumber))
	if errors.Is(err, sql.ErrNoRows) {
		return markwatch.Lead{}, markwatch.Errorf(markwatch.CodeNotFound, "there is no lead %s", idOrNumber)
	}
	return k.value, fault(err, "reading lead "+idOrNumber)
}

// LeadFilter selects leads; zero fields select all.
type LeadFilter struct {
	Status    []markwatch.LeadStatus
	Source    string
	Violation markwatch.Violation
	Assignee  string
	// Unit is the addressee's id, Batch a batch's number.
	Unit, Batch string
	// Since leaves out leads whose offer was last seen before.
	Since    time.Time
	MinScore float64
	// Limit bounds the answer, 0 is all.
	Limit int
}

// LeadsOf streams the leads that are in one of some states, the newest number
// first.
func (s *Store) LeadsOf(ctx context.Context, states ...markwatch.LeadStatus) iter.Seq2[markwatch.Lead, error] {
	return s.Leads(ctx, LeadFilter{Status: states})
}

// Leads streams leads, the newest number first.
func (s *Store) Leads(ctx context.Context, f LeadFilter) iter.Seq2[markwatch.Lead, error] {
	var w where
	if len(f.Status) > 0 {
		status := make([]string, len(f.Status))
		for i, st := range f.Status {
			status[i] = string(st)
		}
		in(&w, "status", status)
	}
	if f.Source != "" {
		w.add("source = ?", f.Source)
	}
	if f.Violation != "" {
		w.add(`violations LIKE ? ESCAPE '\'`, "%|"+likeLiteral(string(f.Violation))+"|%")
	}
	if f.Assignee != "" {
		w.add("assignee = ?", f.Assignee)
	}
	if f.Unit != "" {
		w.add("unit = ?", f.Unit)
	}
	if f.Batch != "" {
		w.add("batch = ?", f.Batch)
	}
	if !f.Since.IsZero() {
		w.add("last_seen >= ?", sqlform.Millis(f.Since))
	}
	if f.MinScore > 0 {
		w.add("score >= ?", f.MinScore)
	}
	return stream(f.Limit, func(before int64, limit int) ([]keyed[markwatch.Lead], error) {
		rows, err := s.page(ctx, leadColumns, "leads", w, before, limit)
		return sqlform.Collect(rows, err, func(rows *sql.Rows) (keyed[markwatch.Lead], error) { return scanLead(rows) })
	})
}

// likeLiteral takes the meaning from the wildcards of LIKE.
func likeLiteral(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}

// UpdateLead changes what people set on a lead (status, reason, assignee,
// tags, note, handling) to what apply returns and adds its events to the lead's history;
// the index is told. apply sees the lead as it is now, nobody changes it
// meanwhile, and its error changes nothing. It may be run twice.
func (s *Store) UpdateLead(ctx context.Context, idOrNumber string, apply func(markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error)) (markwatch.Lead, error) {
	var changed markwatch.Lead
	err := s.Tx(ctx, func(tx *sql.Tx) error {
		old, err := lead(ctx, tx, idOrNumber, s.forUpdate("leads"))
		if err != nil {
			return err
		}
		next, events, err := apply(old)
		if err != nil {
			return err
		}
		if changed, err = s.putLeadChange(ctx, tx, old, next, events); err != nil {
			return fault(err, "changing lead "+old.Number)
		}
		return nil
	})
	return changed, err
}

// UpdateLeads is UpdateLead for several leads at once: all of them are changed
// or none. apply gets them in the order asked for and returns them so, with
// the events of each.
func (s *Store) UpdateLeads(ctx context.Context, idsOrNumbers []string, apply func([]markwatch.Lead) ([]markwatch.Lead, [][]markwatch.LeadEvent, error)) ([]markwatch.Lead, error) {
	var changed []markwatch.Lead
	err := s.Tx(ctx, func(tx *sql.Tx) (err error) {
		changed, err = s.UpdateLeadsTx(ctx, tx, idsOrNumbers, apply)
		return err
	})
	return changed, err
}

// UpdateLeadsTx is UpdateLeads within a transaction. Rows are locked by id, so
// that two callers do not wait for each other.
func (s *Store) UpdateLeadsTx(ctx context.Context, tx *sql.Tx, idsOrNumbers []string, apply func([]markwatch.Lead) ([]markwatch.Lead, [][]markwatch.LeadEvent, error)) ([]markwatch.Lead, error) {
	old, err := s.lockLeads(ctx, tx, idsOrNumbers)
	if err != nil {
		return nil, err
	}
	next, events, err := apply(old)
	if err != nil {
		return nil, err
	}
	changed := make([]markwatch.Lead, len(next))
	for i := range next {
		if changed[i], err = s.putLeadChange(ctx, tx, old[i], next[i], events[i]); err != nil {
			return nil, fault(err, "changing lead "+old[i].Number)
		}
	}
	return changed, nil
}

// lockLeads reads leads in the order asked for and locks them in that of their
// ids. Each may be asked for once.
func (s *Store) lockLeads(ctx context.Context, tx *sql.Tx, idsOrNumbers []string) ([]markwatch.Lead, error) {
	found := make([]markwatch.Lead, len(idsOrNumbers))
	at := map[string]int{}
	for i, name := range idsOrNumbers {
		l, err := lead(ctx, tx, name, "")
		if err != nil {
			return nil, err
		}
		if _, twice := at[l.ID]; twice {
			return nil, markwatch.Errorf(markwatch.CodeInvalid, "线索 %s 写了两次 / lead %s is named twice", l.Number, l.Number)
		}
		at[l.ID], found[i] = i, l
	}
	for _, id := range slices.Sorted(maps.Keys(at)) {
		l, err := lead(ctx, tx, found[at[id]].Number, s.forUpdate("leads"))
		if err != nil {
			return nil, err
		}
		found[at[id]] = l
	}
	return found, nil
}

func (s *Store) putLeadChange(ctx context.Context, tx *sql.Tx, old, next markwatch.Lead, events []markwatch.LeadEvent) (markwatch.Lead, error) {
	l := old
	l.Status, l.Reason, l.Assignee = next.Status, sqlform.Plain(next.Reason), sqlform.Plain(next.Assignee)
	l.Tags, l.Note, l.Handling = next.Tags, sqlform.Plain(next.Note), next.Handling
	tags := "[]"
	if len(l.Tags) > 0 {
		var err error
		if tags, err = document(l.Tags); err != nil {
			return old, err
		}
	}
	handling, err := document(l.Handling)
	if err != nil {
		return old, err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE leads SET status = $2, reason = $3, assignee = $4, tags = $5, note = $6, handling = $7, unit = $8, batch = $9
		WHERE id = $1`, l.ID, string(l.Status), l.Reason, l.Assignee, tags, l.Note, handling,
		sqlform.Plain(l.Handling.Addressee.Unit), sqlform.Plain(l.Handling.Batch)); err != nil {
		return old, err
	}
	if l.Status != old.Status {
		if err := putDismissed(ctx, tx, l); err != nil {
			return old, err
		}
	}
	for _, e := range events {
		if err := s.putEvent(ctx, tx, l.ID, e); err != nil {
			return old, err
		}
	}
	return l, enqueue(ctx, tx, s.now(), l.ID)
}

// putEvent adds to a lead's history; an event without a time is of now.
func (s *Store) putEvent(ctx context.Context, tx *sql.Tx, lead string, e markwatch.LeadEvent) error {
	if e.At.IsZero() {
		e.At = s.now()
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO lead_events (lead, at, actor, action, from_value, to_value, note)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, lead, sqlform.Millis(e.At), sqlform.Plain(e.Actor), sqlform.Plain(e.Action),
		sqlform.Plain(e.From), sqlform.Plain(e.To), sqlform.Plain(e.Note))
	return err
}

// LeadEvents returns a lead's history, oldest first, by the listing's id or
// the lead's number.
func (s *Store) LeadEvents(ctx context.Context, idOrNumber string) ([]markwatch.LeadEvent, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT e.at, e.actor, e.action, e.from_value, e.to_value, e.note
		FROM lead_events e JOIN leads l ON l.id = e.lead WHERE l.id = $1 OR l.number = $1 ORDER BY e.seq`, idOrNumber)
	events, err := sqlform.Collect(rows, err, func(rows *sql.Rows) (markwatch.LeadEvent, error) {
		var e markwatch.LeadEvent
		var at int64
		err := rows.Scan(&at, &e.Actor, &e.Action, &e.From, &e.To, &e.Note)
		e.At = fromMillis(at)
		return e, err
	})
	return events, fault(err, "reading the history of lead "+idOrNumber)
}
