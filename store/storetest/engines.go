// Package storetest says what a store must do, whatever the engine.
package storetest

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/markwatch/markwatch/store"
)

// PostgresURL names the environment variable with the address of a PostgreSQL
// server on which tests may make and drop schemas.
const PostgresURL = "MARKWATCH_TEST_POSTGRES_URL"

// Engines runs test once for each engine. dsn makes a fresh, empty database
// and returns what store.Open opens it with. PostgreSQL is skipped where
// MARKWATCH_TEST_POSTGRES_URL is not set.
func Engines(t *testing.T, test func(t *testing.T, dsn func(testing.TB) string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite) })
	t.Run("postgres", func(t *testing.T) {
		if os.Getenv(PostgresURL) == "" {
			t.Skip("no PostgreSQL to test on: " + PostgresURL + " is not set")
		}
		test(t, Postgres)
	})
}

// SQLite is a file of its own for a test.
func SQLite(tb testing.TB) string {
	tb.Helper()
	return filepath.Join(tb.TempDir(), "store.db")
}

// Postgres is a schema of its own for a test, dropped at its end.
func Postgres(tb testing.TB) string {
	tb.Helper()
	base := os.Getenv(PostgresURL)
	db, err := sql.Open("pgx", base)
	if err != nil {
		tb.Fatal(err)
	}
	schema := "mw_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	if _, err := db.ExecContext(tb.Context(), "CREATE SCHEMA "+schema); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if _, err := db.ExecContext(context.Background(), "DROP SCHEMA "+schema+" CASCADE"); err != nil {
			tb.Error(err)
		}
		if err := db.Close(); err != nil {
			tb.Error(err)
		}
	})
	u, err := url.Parse(base)
	if err != nil {
		tb.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String()
}

// Open opens a store for the time of a test.
func Open(tb testing.TB, dsn string, opts store.Options) *store.Store {
	tb.Helper()
	s, err := store.Open(tb.Context(), dsn, opts)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

// day is a time on which the tests agree: 2026-11-20 12:00 UTC and h hours.
func day(h int) time.Time {
	return time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC).Add(time.Duration(h) * time.Hour)
}

func id(n int) string { return fmt.Sprintf("p-%06d", n) }
