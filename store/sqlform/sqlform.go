// Package sqlform is how values lie in the tables of the record and how
// statements name them, the same for SQLite and PostgreSQL. The store and the
// frontier, which share one database, share it too.
package sqlform

import (
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// Millis is how a time is stored, as milliseconds since 1970; the zero time
// is 0.
func Millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// Plain makes text from a page fit for a TEXT column: PostgreSQL takes neither
// NUL nor broken UTF-8.
func Plain(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// Placeholders is "$3, $4, $5" for from 3 and n 3.
func Placeholders(from, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "$%d", from+i)
	}
	return b.String()
}

// Collect reads all rows with scan and closes them. err is that of the query,
// so that the query's two results can be handed on.
func Collect[T any](rows *sql.Rows, err error, scan func(*sql.Rows) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}
