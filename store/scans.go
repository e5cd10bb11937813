package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/markwatch/markwatch"

	"github.com/markwatch/markwatch/store/sqlform"
)

// StartScan opens a scan of a source and returns its id, which is the source
// and the start in the deployment's time zone. A source has one open scan at a
// time; a second is CodeConflict.
func (s *Store) StartScan(ctx context.Context, source string, at time.Time) (string, error) {
	base := source + "-" + at.In(s.zone).Format("20060102-150405")
	var id string
	err := s.Tx(ctx, func(tx *sql.Tx) error {
		for n := 1; ; n++ {
			id = base
			if n > 1 {
				id = fmt.Sprintf("%s-%d", base, n)
			}
			var taken int
			if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM scans WHERE id = $1`, id).Scan(&taken); err != nil {
				return fault(err, "looking for a scan's id")
			}
			if taken == 0 {
				break
			}
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO scans (id, source, started_at) VALUES ($1, $2, $3)`, id, source, sqlform.Millis(at))
		if uniqueViolation(err) {
			return markwatch.WrapError(markwatch.CodeConflict, err, "a scan of %s is already open", source)
		}
		return fault(err, "starting a scan")
	})
	return id, err
}

// OpenScan returns the id of the source's scan that was started and not
// finished; ok is false where there is none.
func (s *Store) OpenScan(ctx context.Context, source string) (id string, ok bool, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT id FROM scans WHERE source = $1 AND finished_at = 0`, source).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	return id, err == nil, fault(err, "looking for an open scan")
}

// OpenScans returns the ids of all scans that were started and not finished,
// the oldest first.
func (s *Store) OpenScans(ctx context.Context) ([]string, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT id FROM scans WHERE finished_at = 0 ORDER BY seq`)
	ids, err := sqlform.Collect(rows, err, scanString)
	return ids, fault(err, "looking for open scans")
}

// scanString reads a row of one text.
func scanString(rows *sql.Rows) (text string, err error) {
	err = rows.Scan(&text)
	return text, err
}

// ResumeScan notes that an open scan goes on after an interruption. A scan
// that does not exist is CodeNotFound, a finished one CodeConflict.
func (s *Store) ResumeScan(ctx context.Context, scan string) error {
	return s.setScan(ctx, scan, `UPDATE scans SET resumed = 1 WHERE id = $1 AND finished_at = 0`, scan)
}

func (s *Store) setScan(ctx context.Context, scan, update string, args ...any) error {
	return s.Tx(ctx, func(tx *sql.Tx) error {
		changed, err := changeScan(ctx, tx, scan, update, args...)
		if err == nil && !changed {
			return markwatch.Errorf(markwatch.CodeConflict, "scan %s is finished", scan)
		}
		return err
	})
}

// changeScan runs an update of an open scan and tells whether it was open. A
// scan that does not exist is CodeNotFound.
func changeScan(ctx context.Context, tx *sql.Tx, scan, update string, args ...any) (changed bool, err error) {
	res, err := tx.ExecContext(ctx, update, args...)
	if err != nil {
		return false, fault(err, "updating scan "+scan)
	}
	n, err := res.RowsAffected()
	if err != nil || n == 1 {
		return n == 1, fault(err, "updating scan "+scan)
	}
	var known int
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM scans WHERE id = $1`, scan).Scan(&known); err != nil {
		return false, fault(err, "updating scan "+scan)
	}
	if known == 0 {
		return false, markwatch.Errorf(markwatch.CodeNotFound, "there is no scan %s", scan)
	}
	return false, nil
}

// ScanFilter selects scans; zero fields select all.
type ScanFilter struct {
	Source string
	// Since leaves out scans that started before.
	Since time.Time
	// Open selects those that are not finished, Finished the others.
	Open, Finished bool
	// Limit bounds the answer, 0 is all.
	Limit int
}

// Scans returns scans with their counts, the newest first.
func (s *Store) Scans(ctx context.Context, f ScanFilter) ([]markwatch.ScanSummary, error) {
	var w where
	if f.Source != "" {
		w.add("source = ?", f.Source)
	}
	if !f.Since.IsZero() {
		w.add("started_at >= ?", sqlform.Millis(f.Since))
	}
	if f.Open {
		w.add("finished_at = ?", 0)
	}
	if f.Finished {
		w.add("finished_at > ?", 0)
	}
	return s.scans(ctx, &w, f.Limit)
}

// Scan returns one scan with its counts as they are committed now; CodeNotFound
// where there is none.
func (s *Store) Scan(ctx context.Context, id string) (markwatch.ScanSummary, error) {
	var w where
	w.add("id = ?", id)
	scans, err := s.scans(ctx, &w, 1)
	if err != nil {
		return markwatch.ScanSummary{}, err
	}
	if len(scans) == 0 {
		return markwatch.ScanSummary{}, markwatch.Errorf(markwatch.CodeNotFound, "there is no scan %s", id)
	}
	return scans[0], nil
}

func (s *Store) scans(ctx context.Context, w *where, limit int) ([]markwatch.ScanSummary, error) {
	query := `SELECT id, source, started_at, finished_at, resumed, complete FROM scans` + w.String() + ` ORDER BY seq DESC`
	if limit > 0 {
		query += fmt.Sprintf(" LIMIT %d", limit)
	}
	rows, err := s.read.QueryContext(ctx, query, w.args...)
	scans, err := sqlform.Collect(rows, err, func(rows *sql.Rows) (markwatch.ScanSummary, error) {
		var sum markwatch.ScanSummary
		var started, finished int64
		var resumed, complete int
		err := rows.Scan(&sum.Scan, &sum.Source, &started, &finished, &resumed, &complete)
		sum.StartedAt, sum.FinishedAt = fromMillis(started), fromMillis(finished)
		sum.Resumed, sum.Complete = resumed == 1, complete == 1
		return sum, err
	})
	if err != nil {
		return nil, fault(err, "reading scans")
	}
	for i := range scans {
		if err := s.fillCounts(ctx, &scans[i]); err != nil {
			return nil, fault(err, "reading the counts of scan "+scans[i].Scan)
		}
	}
	return scans, nil
}
