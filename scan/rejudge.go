package scan

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/matchers"
)

// rejudgeBatch is how many listings are judged again in one transaction.
const rejudgeBatch = 200

// Rejudged counts what judging stored listings again changed.
type Rejudged struct {
	Listings int `json:"listings"`
	// LeadsNew are listings that became leads, LeadsUpdated leads whose
	// verdict is another now.
	LeadsNew     int `json:"leads_new"`
	LeadsUpdated int `json:"leads_updated"`
}

// Rejudge holds every stored listing that was judged by other lists, rules or
// rates against the present ones, without fetching anything. It commits as it
// goes, so that an interrupted run goes on where it was. progress, where it is
// not nil, is told how many were judged so far.
func (s *Scanner) Rejudge(ctx context.Context, progress func(done int)) (Rejudged, error) {
	var total Rejudged
	var after int64
	judge := s.known.Load().matchers
	for ctx.Err() == nil {
		batch, err := s.store.Outdated(ctx, judge.Knowledge(), after, rejudgeBatch)
		if err != nil || len(batch) == 0 {
			return total, err
		}
		var part Rejudged
		err = s.store.Tx(ctx, func(tx *sql.Tx) error {
			part = Rejudged{Listings: len(batch)}
			var unseen []string
			for _, old := range batch {
				l := old.Listing
				same, err := SamePictures(ctx, s.store, &l)
				if err != nil {
					return err
				}
				verdict := judge.Check(matchers.Input{Listing: l, At: s.now(), Market: s.market.now(ctx, s), SamePictures: same})
				put, err := s.store.PutVerdict(ctx, tx, l, verdict, s.putOptions())
				if markwatch.ErrorCode(err) == markwatch.CodeConflict {
					continue // a page brought it anew meanwhile, and it was judged then
				}
				if err != nil {
					return err
				}
				if err := s.store.PutPictures(ctx, tx, &l, nil, citedPictures(&verdict), s.now()); err != nil {
					return err
				}
				if put.LeadNew {
					part.LeadsNew++
					unseen = append(unseen, l.Snapshot)
				}
				if put.LeadUpdated {
					part.LeadsUpdated++
				}
			}
			// Captures of pages that were innocent may be gone by now: those
			// that a new lead stands on are made anew by the next scan.
			return s.store.ForgetCaptures(ctx, tx, unseen)
		})
		if err != nil {
			return total, fmt.Errorf("judging stored listings again: %w", err)
		}
		total.Listings += part.Listings
		total.LeadsNew += part.LeadsNew
		total.LeadsUpdated += part.LeadsUpdated
		after = batch[len(batch)-1].Seq
		if part.LeadsNew+part.LeadsUpdated > 0 {
			s.fed()
		}
		if progress != nil {
			progress(total.Listings)
		}
	}
	return total, ctx.Err()
}
