package scan

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/evidence"
)

// retainGrace is how long every capture stays, whatever its source says: a
// scan may still be under way, and people look at last night first.
const retainGrace = 24 * time.Hour

// Retained counts what retention did.
type Retained struct {
	Files   int   `json:"files"`
	Dropped int   `json:"dropped"`
	Freed   int64 `json:"freed"` // bytes
}

// Retain drops captures that their source's keep no longer asks for. What a
// lead, a flagged reading or a revisit record refers to stays. Pages whose
// capture went are known to be the same by their digest or validators as
// before, and are captured in full again once they become suspect.
func (s *Scanner) Retain(ctx context.Context, archive *evidence.Archive) (Retained, error) {
	var done Retained
	files, err := archive.Files()
	if err != nil {
		return done, err
	}
	var errs []error
	for _, f := range files {
		if ctx.Err() != nil {
			return done, ctx.Err()
		}
		if f.Open {
			continue
		}
		dropped, freed, err := s.retainFile(ctx, archive, f.Name)
		switch markwatch.ErrorCode(err) {
		case "":
		case markwatch.CodeConflict, markwatch.CodeNotFound:
			continue // another process was there first
		default:
			errs = append(errs, fmt.Errorf("pruning %s: %w", f.Name, err))
			continue
		}
		if dropped > 0 {
			done.Files++
			done.Dropped += dropped
			done.Freed += freed
		}
	}
	return done, errors.Join(errs...)
}

func (s *Scanner) retainFile(ctx context.Context, archive *evidence.Archive, file string) (dropped int, freed int64, err error) {
	referred, err := s.store.Referred(ctx, file)
	if err != nil {
		return 0, 0, err
	}
	now := s.now()
	refused := map[string]bool{}
	freed, err = archive.Prune(ctx, file, func(e evidence.Entry) bool {
		keep := referred[e.ID] || s.keeps(e, now)
		if !keep {
			refused[e.Snapshot()] = true
		}
		return keep
	})
	if err != nil || len(refused) == 0 {
		return 0, freed, err
	}
	// Originals of revisits that stay were refused and stay all the same.
	stay, err := archive.Referenced(ctx, file)
	if err != nil {
		return 0, freed, err
	}
	var gone []string
	for snapshot := range refused {
		if !stay[snapshot] {
			gone = append(gone, snapshot)
		}
	}
	slices.Sort(gone)
	err = s.store.Tx(ctx, func(tx *sql.Tx) error { return s.store.ReleaseCaptures(ctx, tx, gone) })
	return len(gone), freed, err
}

// keeps says whether a capture stays by its source's keep alone. Captures of a
// source that is configured no more stay: nobody has said that they may go.
func (s *Scanner) keeps(e evidence.Entry, now time.Time) bool {
	s.watching.RLock()
	w := s.watches[e.Source]
	s.watching.RUnlock()
	if w == nil || now.Sub(e.At) < retainGrace || e.IsAside() {
		return true
	}
	keep := w.source.Keep
	return keep.Pages != "flagged" && (keep.Days == 0 || now.Sub(e.At) < time.Duration(keep.Days)*24*time.Hour)
}
