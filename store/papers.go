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

// Paper is what belongs to leads beside their record: a complaint, a request to
// a platform, a link of sellers that people cut. Its Document is of its kind's
// own form.
type Paper struct {
	Kind string `json:"kind"`
	// Number is unique within a kind.
	Number   string          `json:"number"`
	Lead     string          `json:"lead,omitempty"`
	At       time.Time       `json:"at"`
	Actor    string          `json:"actor"`
	Document json.RawMessage `json:"document"`
}

// The kinds of papers.
const (
	PaperComplaint = "complaint"
	PaperRequest   = "request"
	PaperCut       = "cut"       // of two sellers
	PaperGoodsCut  = "cut-goods" // of two leads
)

// PutPaper keeps a paper; one of the same kind and number is replaced. A paper
// without a number gets the next of its kind and year: 协查-2026-0001.
func (s *Store) PutPaper(ctx context.Context, p Paper) (Paper, error) {
	if p.At.IsZero() {
		p.At = s.now()
	}
	err := s.Tx(ctx, func(tx *sql.Tx) error {
		number := p.Number
		if number == "" {
			year := p.At.In(s.zone).Year()
			var serial int
			if err := tx.QueryRowContext(ctx, `INSERT INTO batch_numbers (code, year, last) VALUES ($1, $2, 1)
				ON CONFLICT (code, year) DO UPDATE SET last = batch_numbers.last + 1 RETURNING last`, "paper:"+p.Kind, year).Scan(&serial); err != nil {
				return fault(err, "numbering a "+p.Kind)
			}
			number = fmt.Sprintf("%d-%04d", year, serial)
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO lead_papers (kind, number, lead, at, actor, document) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (kind, number) DO UPDATE SET lead = EXCLUDED.lead, at = EXCLUDED.at, actor = EXCLUDED.actor, document = EXCLUDED.document`,
			p.Kind, sqlform.Plain(number), sqlform.Plain(p.Lead), sqlform.Millis(p.At), sqlform.Plain(p.Actor), string(p.Document)); err != nil {
			return fault(err, "keeping a "+p.Kind)
		}
		p.Number = number
		return nil
	})
	return p, err
}

// PaperByNumber returns a paper; CodeNotFound where there is none.
func (s *Store) PaperByNumber(ctx context.Context, kind, number string) (Paper, error) {
	list, err := s.papers(ctx, ` WHERE kind = $1 AND number = $2`, kind, number)
	if err != nil {
		return Paper{}, err
	}
	if len(list) == 0 {
		return Paper{}, markwatch.Errorf(markwatch.CodeNotFound, "没有 %s %s / there is no %s %s", kind, number, kind, number)
	}
	return list[0], nil
}

// Papers returns the papers of a kind, those of one lead where lead is set, in
// their order.
func (s *Store) Papers(ctx context.Context, kind, lead string) ([]Paper, error) {
	if lead != "" {
		return s.papers(ctx, ` WHERE kind = $1 AND lead = $2`, kind, lead)
	}
	return s.papers(ctx, ` WHERE kind = $1`, kind)
}

func (s *Store) papers(ctx context.Context, where string, args ...any) ([]Paper, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT kind, number, lead, at, actor, document FROM lead_papers`+where+` ORDER BY seq`, args...)
	list, err := sqlform.Collect(rows, err, func(rows *sql.Rows) (Paper, error) {
		var p Paper
		var at int64
		var doc string
		err := rows.Scan(&p.Kind, &p.Number, &p.Lead, &at, &p.Actor, &doc)
		p.At, p.Document = fromMillis(at), json.RawMessage(doc)
		return p, err
	})
	return list, fault(err, "reading papers")
}
