package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/markwatch/markwatch"

	"github.com/markwatch/markwatch/store/sqlform"
)

// BatchRun is the making of a batch or its delivery as work that somebody
// started and looks at: it says how far it is, and does nothing by itself.
type BatchRun struct {
	ID int64 `json:"id"`
	// Kind is RunSend or RunDeliver.
	Kind  string `json:"kind"`
	Unit  string `json:"unit"`
	Actor string `json:"actor"`
	State string `json:"state"`
	// Stage is what it is at, in the words of the one who works on it; Done of
	// Total steps of it are done.
	Stage string `json:"stage,omitempty"`
	Done  int    `json:"done"`
	Total int    `json:"total"`
	// Batch is the number, once it is taken.
	Batch     string    `json:"batch,omitempty"`
	Note      string    `json:"note,omitempty"`
	StartedAt time.Time `json:"started_at"`
	EndedAt   time.Time `json:"ended_at,omitzero"`
}

// The kinds of runs, and their states. Broken is never written: it is a run
// that gave no sign of life for BatchRunSilence.
const (
	RunSend    = "send"
	RunDeliver = "deliver"

	RunRunning = "running"
	RunDone    = "done"
	RunFailed  = "failed"
	RunBroken  = "broken"
)

// BatchRunSilence is how long a run may give no sign of life. Whoever works on
// one writes it down more often by far.
const BatchRunSilence = time.Minute

// StartBatchRun keeps a run that begins now. It is a CodeConflict where another
// works for the unit.
func (s *Store) StartBatchRun(ctx context.Context, r BatchRun) (BatchRun, error) {
	now := s.now()
	r.State, r.StartedAt = RunRunning, now.UTC()
	err := s.Tx(ctx, func(tx *sql.Tx) error {
		// The row's lock makes two starts one after the other.
		if _, err := tx.ExecContext(ctx, `INSERT INTO batch_numbers (code, year, last) VALUES ($1, 0, 1)
			ON CONFLICT (code, year) DO UPDATE SET last = batch_numbers.last + 1`, "run:"+r.Unit); err != nil {
			return fault(err, "locking the runs of a unit")
		}
		var others int
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM batch_runs WHERE unit = $1 AND state = $2 AND beat > $3`,
			r.Unit, RunRunning, sqlform.Millis(now.Add(-BatchRunSilence))).Scan(&others); err != nil {
			return fault(err, "looking for other runs")
		}
		if others > 0 {
			return markwatch.Errorf(markwatch.CodeConflict, "此单位的批次正在制作或送达,请等它结束 / a batch of this unit is being made or delivered: wait for its end")
		}
		err := tx.QueryRowContext(ctx, `INSERT INTO batch_runs (kind, unit, actor, state, stage, done, total, batch, note, started_at, beat)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING seq`,
			r.Kind, r.Unit, sqlform.Plain(r.Actor), r.State, r.Stage, r.Done, r.Total, r.Batch, sqlform.Plain(r.Note), sqlform.Millis(now), sqlform.Millis(now)).Scan(&r.ID)
		return fault(err, "keeping a run")
	})
	return r, err
}

// UpdateBatchRun keeps how far a run is, which is a sign of life too. State
// RunDone and RunFailed end it.
func (s *Store) UpdateBatchRun(ctx context.Context, r BatchRun) error {
	now, ended := s.now(), int64(0)
	if r.State != RunRunning {
		ended = sqlform.Millis(now)
	}
	return s.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE batch_runs SET state = $1, stage = $2, done = $3, total = $4, batch = $5, note = $6, beat = $7, ended_at = $8 WHERE seq = $9`,
			r.State, r.Stage, r.Done, r.Total, r.Batch, sqlform.Plain(r.Note), sqlform.Millis(now), ended, r.ID)
		return fault(err, "keeping a run")
	})
}

// BreakBatchRuns ends every run that is under way, for a process that knows
// that no other works on this record.
func (s *Store) BreakBatchRuns(ctx context.Context) error {
	return s.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE batch_runs SET beat = 0 WHERE state = $1`, RunRunning)
		return fault(err, "ending runs")
	})
}

// BatchRuns returns the newest runs, the newest first.
func (s *Store) BatchRuns(ctx context.Context, limit int) ([]BatchRun, error) {
	silent := sqlform.Millis(s.now().Add(-BatchRunSilence))
	rows, err := s.read.QueryContext(ctx, `SELECT seq, kind, unit, actor, state, stage, done, total, batch, note, started_at, beat, ended_at
		FROM batch_runs ORDER BY seq DESC LIMIT $1`, limit)
	list, err := sqlform.Collect(rows, err, func(rows *sql.Rows) (BatchRun, error) {
		var r BatchRun
		var started, beat, ended int64
		err := rows.Scan(&r.ID, &r.Kind, &r.Unit, &r.Actor, &r.State, &r.Stage, &r.Done, &r.Total, &r.Batch, &r.Note, &started, &beat, &ended)
		r.StartedAt, r.EndedAt = fromMillis(started), fromMillis(ended)
		if r.State == RunRunning && beat <= silent {
			r.State = RunBroken
		}
		return r, err
	})
	return list, fault(err, "reading the runs")
}
