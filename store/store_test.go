package store_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/store"
	"github.com/markwatch/markwatch/store/storetest"
)

func TestStore(t *testing.T) { storetest.Engines(t, storetest.Run) }

func TestOpenFaults(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("no database, but long enough to be looked at as one: "+strings.Repeat("x", 200)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, dsn := range map[string]string{
		"a directory":                dir,
		"under a file":               filepath.Join(file, "store.db"),
		"a file of another kind":     file,
		"a server that is not there": "postgres://nobody@127.0.0.1:1/none?connect_timeout=2",
	} {
		_, err := store.Open(t.Context(), dsn, store.Options{})
		if got := markwatch.ErrorCode(err); got != markwatch.CodeUnavailable {
			t.Errorf("%s: code %q, %v", name, got, err)
		}
	}
}

// A path may hold what has a meaning in an address.
func TestOpenOddPath(t *testing.T) {
	path := filepath.Join(t.TempDir(), "数据 100%?a#b&c", "store.db")
	storetest.Open(t, path, store.Options{})
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}

func TestLockedByAnotherProcess(t *testing.T) {
	path := storetest.SQLite(t)
	other, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	other.SetMaxOpenConns(1)
	for _, q := range []string{`CREATE TABLE x (y)`, `BEGIN EXCLUSIVE`} {
		if _, err := other.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	_, err = store.Open(t.Context(), path, store.Options{LockWait: 50 * time.Millisecond})
	if got := markwatch.ErrorCode(err); got != markwatch.CodeLocked {
		t.Errorf("code %q, %v", got, err)
	}
}

// A full disk stops the work with a clear code and harms nothing that was
// committed.
func TestFullDisk(t *testing.T) {
	ctx := t.Context()
	s := storetest.Open(t, storetest.SQLite(t), store.Options{})
	scan, err := s.StartScan(ctx, "shop", at)
	if err != nil {
		t.Fatal(err)
	}
	var pages int
	if err := s.DB().QueryRowContext(ctx, `PRAGMA page_count`).Scan(&pages); err != nil {
		t.Fatal(err)
	}
	if err := s.DB().QueryRowContext(ctx, `PRAGMA max_page_count = `+itoa(pages+20)).Scan(&pages); err != nil {
		t.Fatal(err)
	}
	stored := 0
	for n := range 1000 {
		l := numbered(n)
		l.Description = strings.Repeat("x", 4000)
		err = s.Tx(ctx, func(tx *sql.Tx) error {
			_, err := s.PutListing(ctx, tx, scan, l, markwatch.Verdict{ID: l.ID}, store.PutOptions{})
			return err
		})
		if err != nil {
			break
		}
		stored++
	}
	if got := markwatch.ErrorCode(err); got != markwatch.CodeUnavailable {
		t.Fatalf("code %q, %v", got, err)
	}
	n := 0
	for _, err := range s.Listings(ctx, store.ListingFilter{}) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != stored || n == 0 {
		t.Errorf("%d listings are there, %d were committed", n, stored)
	}
}
