package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/markwatch/markwatch/store/sqlform"
)

// querier is what *sql.DB and *sql.Tx have in common for reading.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// fromMillis is the time that millis stored, in UTC.
func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// flag is how a truth value is stored.
func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// document is the JSON text of a value. NUL and broken UTF-8 are escaped by
// the encoding.
func document(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("encoding %T: %w", v, err)
	}
	return string(b), nil
}

// where collects the conditions of a query with their arguments.
type where struct {
	conditions []string
	args       []any
}

// add adds a condition in which every ? stands for the argument.
func (w *where) add(condition string, arg any) {
	w.args = append(w.args, arg)
	w.conditions = append(w.conditions, strings.ReplaceAll(condition, "?", fmt.Sprintf("$%d", len(w.args))))
}

// in adds column IN (…).
func in[T any](w *where, column string, values []T) {
	from := len(w.args) + 1
	for _, v := range values {
		w.args = append(w.args, v)
	}
	w.conditions = append(w.conditions, column+" IN ("+sqlform.Placeholders(from, len(values))+")")
}

// String is the WHERE clause, empty where nothing was added.
func (w *where) String() string {
	if len(w.conditions) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.conditions, " AND ")
}
