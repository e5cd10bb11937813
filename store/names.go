package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/markwatch/markwatch/store/sqlform"
)

// CoverNames notes that a source was searched for protected names to the end.
func (s *Store) CoverNames(ctx context.Context, tx *sql.Tx, source string, names []string, at time.Time) error {
	return stampNames(ctx, tx, source, names, at, "covered_at", "asked_at")
}

// AskNames notes that a source was asked for protected names, whatever it
// answered.
func (s *Store) AskNames(ctx context.Context, tx *sql.Tx, source string, names []string, at time.Time) error {
	return stampNames(ctx, tx, source, names, at, "asked_at", "covered_at")
}

// stampNames sets one of the two times of names, and leaves the other.
func stampNames(ctx context.Context, tx *sql.Tx, source string, names []string, at time.Time, column, other string) error {
	// One order for all, so that two callers do not wait for each other, and
	// no name twice, which PostgreSQL refuses.
	plain := make([]string, len(names))
	for i, name := range names {
		plain[i] = sqlform.Plain(name)
	}
	slices.Sort(plain)
	for chunk := range slices.Chunk(slices.Compact(plain), 500) {
		args := []any{source, sqlform.Millis(at)}
		var values strings.Builder
		for i, name := range chunk {
			if i > 0 {
				values.WriteString(", ")
			}
			args = append(args, name)
			fmt.Fprintf(&values, "($1, $%d, $2, 0)", len(args))
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO covered_names (source, name, `+column+`, `+other+`) VALUES `+values.String()+`
			ON CONFLICT (source, name) DO UPDATE SET `+column+` = EXCLUDED.`+column+`
			WHERE covered_names.`+column+` < EXCLUDED.`+column, args...); err != nil {
			return fault(err, "noting which names were searched for")
		}
	}
	return nil
}

// NamesCovered says when each name was last searched for to the end at a
// source; a name that never was is not in it.
func (s *Store) NamesCovered(ctx context.Context, source string) (map[string]time.Time, error) {
	return s.nameTimes(ctx, source, "covered_at")
}

// NamesAsked says when the source was last asked for each name; a name that it
// never was is not in it.
func (s *Store) NamesAsked(ctx context.Context, source string) (map[string]time.Time, error) {
	return s.nameTimes(ctx, source, "asked_at")
}

func (s *Store) nameTimes(ctx context.Context, source, column string) (map[string]time.Time, error) {
	times := map[string]time.Time{}
	rows, err := s.read.QueryContext(ctx, `SELECT name, `+column+` FROM covered_names WHERE source = $1 AND `+column+` > 0`, source)
	_, err = sqlform.Collect(rows, err, func(rows *sql.Rows) (struct{}, error) {
		var name string
		var at int64
		err := rows.Scan(&name, &at)
		times[name] = fromMillis(at)
		return struct{}{}, err
	})
	if err != nil {
		return nil, fault(err, "reading when names were searched for")
	}
	return times, nil
}

// KeepNames forgets the names of a source that are not among these, because
// they left the lists.
func (s *Store) KeepNames(ctx context.Context, tx *sql.Tx, source string, names []string) error {
	keep := make(map[string]bool, len(names))
	for _, name := range names {
		keep[sqlform.Plain(name)] = true
	}
	rows, err := tx.QueryContext(ctx, `SELECT name FROM covered_names WHERE source = $1 ORDER BY name`, source)
	stored, err := sqlform.Collect(rows, err, scanString)
	if err != nil {
		return fault(err, "reading which names were covered")
	}
	for chunk := range slices.Chunk(slices.DeleteFunc(stored, func(name string) bool { return keep[name] }), 500) {
		var w where
		w.add("source = ?", source)
		in(&w, "name", chunk)
		if _, err := tx.ExecContext(ctx, `DELETE FROM covered_names`+w.String(), w.args...); err != nil {
			return fault(err, "forgetting names that left the lists")
		}
	}
	return nil
}
