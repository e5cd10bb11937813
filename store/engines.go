package store

import (
	"cmp"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // registers "pgx" with database/sql
	"modernc.org/sqlite"
)

// sqliteReaders bounds the connections that read a SQLite file.
const sqliteReaders = 4

// defaultLockWait is SQLite's patience with another process.
const defaultLockWait = 5 * time.Second

// openSQLite opens the file twice: one connection that writes, since SQLite
// has one writer at a time and a queue in this process is kinder than busy
// errors, and a pool that reads beside it.
func (s *Store) openSQLite(path string, wait time.Duration) error {
	abs, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("resolving %s: %w", path, err)
	}
	if err := os.MkdirAll(filepath.Dir(abs), 0o700); err != nil {
		return err
	}
	if s.write, err = openLite(sqliteDSN(abs, wait, false)); err != nil {
		return err
	}
	s.write.SetMaxOpenConns(1)
	if s.read, err = openLite(sqliteDSN(abs, wait, true)); err != nil {
		return err
	}
	s.read.SetMaxOpenConns(sqliteReaders)
	s.read.SetMaxIdleConns(sqliteReaders)
	return nil
}

func openLite(dsn string) (*sql.DB, error) {
	c, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(compiling{c}), nil
}

// sqliteDSN is the driver's address of a file. Writers take their lock when a
// transaction begins, because one that begins reading cannot always become a
// writer. Times that River binds are written in UTC: it compares them as text
// with UTC times, which a local zone would put hours off. A commit survives the
// loss of power (synchronous FULL): concurrent writers share its price, and
// what a person decided must not be gone.
func sqliteDSN(abs string, wait time.Duration, reader bool) string {
	q := url.Values{"_timezone": {"UTC"}}
	q.Add("_pragma", fmt.Sprintf("busy_timeout(%d)", cmp.Or(wait, defaultLockWait).Milliseconds()))
	if reader {
		q.Add("_pragma", "query_only(1)")
	} else {
		q.Set("_txlock", "immediate")
		q.Add("_pragma", "journal_mode(WAL)")
		q.Add("_pragma", "synchronous(FULL)")
		q.Add("_pragma", "cache_size(-32768)")
		q.Add("_pragma", "wal_autocheckpoint(4000)")
		q.Add("_pragma", "journal_size_limit(67108864)")
	}
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(abs), RawQuery: q.Encode()}
	return u.String()
}

func (s *Store) openPostgres(dsn string, conns int) error {
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return err
	}
	conns = cmp.Or(conns, 20)
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	s.write, s.read = db, db
	return nil
}
