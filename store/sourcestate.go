package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/markwatch/markwatch/store/sqlform"
)

// SourceState is what is remembered of a source beside its scans.
type SourceState struct {
	// LastError is why the newest attempt could not begin or broke off, ErrorAt
	// when; both are zero where it did not.
	LastError string
	ErrorAt   time.Time
	// LastTick is the newest time of its schedule that was fired.
	LastTick time.Time
	// BlockedNights counts the scans in a row in which the site turned us away.
	BlockedNights int
}

const stateColumns = `last_error, error_at, last_tick, blocked_nights`

func (st *SourceState) scan(row interface{ Scan(...any) error }, more ...any) error {
	var failed, tick int64
	err := row.Scan(append(more, &st.LastError, &failed, &tick, &st.BlockedNights)...)
	st.ErrorAt, st.LastTick = fromMillis(failed), fromMillis(tick)
	return err
}

// SourceStates returns the state of every source of which there is one, by its
// id.
func (s *Store) SourceStates(ctx context.Context) (map[string]SourceState, error) {
	states := map[string]SourceState{}
	rows, err := s.read.QueryContext(ctx, `SELECT source, `+stateColumns+` FROM source_state`)
	_, err = sqlform.Collect(rows, err, func(rows *sql.Rows) (struct{}, error) {
		var source string
		var st SourceState
		err := st.scan(rows, &source)
		states[source] = st
		return struct{}{}, err
	})
	if err != nil {
		return nil, fault(err, "reading the state of the sources")
	}
	return states, nil
}

// SourceState returns the state of one source, zero where there is none.
func (s *Store) SourceState(ctx context.Context, source string) (SourceState, error) {
	var st SourceState
	err := st.scan(s.read.QueryRowContext(ctx, `SELECT `+stateColumns+` FROM source_state WHERE source = $1`, source))
	if errors.Is(err, sql.ErrNoRows) {
		return SourceState{}, nil
	}
	return st, fault(err, "reading the state of source "+source)
}

// SetSourceError notes why an attempt on a source could not begin or broke
// off; an empty text says that the newest attempt did not.
func (s *Store) SetSourceError(ctx context.Context, tx *sql.Tx, source, text string, at time.Time) error {
	if text == "" {
		at = time.Time{}
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO source_state (source, last_error, error_at) VALUES ($1, $2, $3)
		ON CONFLICT (source) DO UPDATE SET last_error = EXCLUDED.last_error, error_at = EXCLUDED.error_at`,
		source, sqlform.Plain(text), sqlform.Millis(at))
	return fault(err, "noting the state of source "+source)
}

// CountBlocked notes whether the site turned us away in the scan that ends,
// and returns in how many scans in a row it has by now.
func (s *Store) CountBlocked(ctx context.Context, tx *sql.Tx, source string, blocked bool) (nights int, err error) {
	err = tx.QueryRowContext(ctx, `INSERT INTO source_state (source, blocked_nights) VALUES ($1, $2)
		ON CONFLICT (source) DO UPDATE SET blocked_nights = (source_state.blocked_nights + 1) * EXCLUDED.blocked_nights
		RETURNING blocked_nights`, source, flag(blocked)).Scan(&nights)
	return nights, fault(err, "noting the state of source "+source)
}

// Tick notes that a time of the source's schedule is fired. first is false
// where that time, or a later one, was fired already, so that it fires once
// however many processes run.
func (s *Store) Tick(ctx context.Context, tx *sql.Tx, source string, at time.Time) (first bool, err error) {
	res, err := tx.ExecContext(ctx, `INSERT INTO source_state (source, last_tick) VALUES ($1, $2)
		ON CONFLICT (source) DO UPDATE SET last_tick = EXCLUDED.last_tick WHERE source_state.last_tick < EXCLUDED.last_tick`,
		source, sqlform.Millis(at))
	if err != nil {
		return false, fault(err, "noting a tick of source "+source)
	}
	n, err := res.RowsAffected()
	return n == 1, fault(err, "noting a tick of source "+source)
}

// LastTick is the newest time of the source's schedule that was fired; zero
// where none was.
func (s *Store) LastTick(ctx context.Context, source string) (time.Time, error) {
	st, err := s.SourceState(ctx, source)
	return st.LastTick, err
}
