package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"github.com/markwatch/markwatch"
)

// OpenReader opens a database for reading alone, beside whatever process
// writes to it: nothing is created and nothing migrated. A database that does
// not exist is CodeNotFound, one whose tables are older than this program, or
// newer, CodeConflict; otherwise its errors are those of Open.
func OpenReader(ctx context.Context, dsn string, opts Options) (*Store, error) {
	s, err := newStore(opts)
	switch {
	case err != nil:
	case isPostgres(dsn):
		err = s.openPostgresReader(dsn)
	default:
		s.embedded = true
		err = s.openSQLiteReader(dsn, opts.LockWait)
	}
	if err == nil {
		err = s.checkSchema(ctx)
	}
	if err != nil {
		return nil, errors.Join(fault(err, "opening the store for reading"), s.Close())
	}
	return s, nil
}

// OpenBeside opens a database for reading and writing beside the process that
// works on it, for changes that concern nobody but people: nothing is created
// and nothing migrated. Its errors are those of OpenReader.
func OpenBeside(ctx context.Context, dsn string, opts Options) (*Store, error) {
	if !isPostgres(dsn) {
		if _, err := os.Stat(dsn); errors.Is(err, os.ErrNotExist) {
			return nil, noData(err)
		}
	}
	s, err := connect(dsn, opts)
	if err == nil {
		err = s.checkSchema(ctx)
	}
	if err != nil {
		return nil, errors.Join(fault(err, "opening the store beside its owner"), s.Close())
	}
	return s, nil
}

func (s *Store) openSQLiteReader(path string, wait time.Duration) error {
	abs, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("resolving %s: %w", path, err)
	}
	if _, err := os.Stat(abs); errors.Is(err, os.ErrNotExist) {
		return noData(err)
	}
	db, err := sql.Open("sqlite", sqliteDSN(abs, wait, true))
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(sqliteReaders)
	s.write, s.read = db, db
	return nil
}

func (s *Store) openPostgresReader(dsn string) error {
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		return err
	}
	cfg.RuntimeParams["default_transaction_read_only"] = "on"
	db := stdlib.OpenDB(*cfg)
	db.SetMaxOpenConns(sqliteReaders)
	s.write, s.read = db, db
	return nil
}

// checkSchema compares the tables' version with the program's.
func (s *Store) checkSchema(ctx context.Context) error {
	migrations, err := migrationList(s.embedded)
	if err != nil {
		return err
	}
	want := migrations[len(migrations)-1].Version
	var have int64
	if err := s.read.QueryRowContext(ctx, fmt.Sprintf(`SELECT max(version_id) FROM %s`, goose.DefaultTablename)).Scan(&have); err != nil {
		var refused *pgconn.PgError
		if errors.As(err, &refused) && refused.Code == undefinedTable || strings.Contains(err.Error(), "no such table") {
			return noData(err)
		}
		return fmt.Errorf("reading the version of the tables: %w", err)
	}
	if have != want {
		return markwatch.Errorf(markwatch.CodeConflict,
			"数据库版本 %d 与程序的 %d 不同:用同一版本的程序,或先运行一次 scan 或 serve 升级 the database has version %d, the program %d: use one version, or run scan or serve once to upgrade", have, want, have, want)
	}
	return nil
}

// undefinedTable is PostgreSQL's code for a table that is not there.
const undefinedTable = "42P01"

// noData is the error of a database that nothing was put into yet.
func noData(err error) error {
	return markwatch.WrapError(markwatch.CodeNotFound, err, "还没有数据,先运行 markwatch scan 或 serve there is no data yet: run markwatch scan or serve first")
}
