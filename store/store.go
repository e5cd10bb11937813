// Package store is the record of truth: lists, scans, listings, verdicts,
// leads and what is still to be told to the search index, in one database that
// the frontier and the background jobs share. SQLite and PostgreSQL run the
// same statements; package storetest says what both must do.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
)

// Options are what a deployment sets.
type Options struct {
	// TimeZone decides the year in a lead's number; UTC where nil.
	TimeZone *time.Location
	// Now is the clock; time.Now where nil.
	Now func() time.Time
	// Logger gets what migrations have to say; nothing is logged where nil.
	Logger *slog.Logger
	// Conns bounds the connections to PostgreSQL; 20 where zero. SQLite has
	// one that writes and a few that read.
	Conns int
	// LockWait is how long SQLite waits for another process that holds the
	// file before the answer is markwatch.CodeLocked; 5 s where zero.
	LockWait time.Duration
}

// Store is an open database. Its methods may be called from any goroutine;
// those that take a transaction belong to that transaction's goroutine.
type Store struct {
	write, read *sql.DB
	embedded    bool
	group       group // of SQLite's transactions
	zone        *time.Location
	now         func() time.Time
	log         *slog.Logger
	pack        *packer
}

// Open opens the database and brings its tables up to date. dsn is the path
// of a SQLite file, which is created where it is missing, or a
// postgres:// address. A file that another process holds is CodeLocked, one
// that cannot be opened or written and a server that does not answer are
// CodeUnavailable.
func Open(ctx context.Context, dsn string, opts Options) (*Store, error) {
	s, err := connect(dsn, opts)
	if err == nil {
		err = s.migrate(ctx)
	}
	if err != nil {
		return nil, errors.Join(fault(err, "opening the store"), s.Close())
	}
	return s, nil
}

// connect opens the database with its tables as they are. The store is there
// to be closed beside an error too.
func connect(dsn string, opts Options) (*Store, error) {
	s, err := newStore(opts)
	if err != nil {
		return s, err
	}
	if isPostgres(dsn) {
		err = s.openPostgres(dsn, opts.Conns)
	} else {
		s.embedded = true
		err = s.openSQLite(dsn, opts.LockWait)
		s.group.db = s.write
	}
	return s, err
}

// isPostgres tells the address of a server from the path of a file.
func isPostgres(dsn string) bool {
	return strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://")
}

// newStore is a store without its database.
func newStore(opts Options) (*Store, error) {
	s := &Store{zone: opts.TimeZone, now: opts.Now, log: opts.Logger}
	if s.zone == nil {
		s.zone = time.UTC
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	var err error
	s.pack, err = newPacker()
	return s, err
}

// Close closes every connection.
func (s *Store) Close() error {
	var err error
	if s.read != nil && s.read != s.write {
		err = s.read.Close()
	}
	if s.write != nil {
		err = errors.Join(err, s.write.Close())
	}
	return err
}

// DB is the handle that writes. With SQLite it has one connection, so that
// nobody may use it while holding one of its transactions.
func (s *Store) DB() *sql.DB { return s.write }

// Reader is the handle for reading what is committed; with SQLite it does not
// wait for writers.
func (s *Store) Reader() *sql.DB { return s.read }

// Embedded says that the database is a file of this process alone (SQLite).
func (s *Store) Embedded() bool { return s.embedded }

// RiverDriver is River's driver over the same database, with *sql.Tx as its
// transaction.
func (s *Store) RiverDriver() riverdriver.Driver[*sql.Tx] {
	if s.embedded {
		return riversqlite.New(s.write)
	}
	return riverdatabasesql.New(s.write)
}

// txTries bounds how often a transaction is run where PostgreSQL broke a
// deadlock by ending it.
const txTries = 10

// Tx runs f in a transaction that is committed where f returns nil; it returns
// after the commit. f may be run again, so that it must have no effect but
// through tx: PostgreSQL may end a transaction to break a deadlock, and SQLite
// one that is shared.
//
// On SQLite concurrent callers share a transaction and its commit, each in a
// savepoint where it is not the first. f must not commit or roll back tx, must
// not call Tx, and must close the rows and statements it opens. Its error or
// panic undoes its own work alone; a failed commit fails all that shared it.
// Where ctx ends before f's turn, f is not run.
func (s *Store) Tx(ctx context.Context, f func(tx *sql.Tx) error) error {
	run := s.tx
	if s.embedded {
		run = s.group.run
	}
	for try := 1; ; try++ {
		err := run(ctx, f)
		for errors.Is(err, errUndone) {
			err = run(ctx, f)
		}
		if err == nil || try == txTries || !retryable(err) {
			if markwatch.ErrorCode(err) == markwatch.CodeInternal && faultCode(err) != markwatch.CodeInternal {
				return fault(err, "writing to the store")
			}
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(time.Duration(rand.IntN(20*try)+1) * time.Millisecond):
		}
	}
}

func (s *Store) tx(ctx context.Context, f func(tx *sql.Tx) error) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return fault(err, "beginning a transaction")
	}
	defer tx.Rollback() // after Commit it has nothing to do, before it the first error is the one to tell
	if err := f(tx); err != nil {
		return err
	}
	return fault(tx.Commit(), "committing")
}

// forUpdate locks the rows of a SELECT until the transaction ends. SQLite has
// one writer at a time and needs no word for it.
func (s *Store) forUpdate(table string) string {
	if s.embedded {
		return ""
	}
	return fmt.Sprintf(" FOR UPDATE OF %s", table)
}
