package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"io/fs"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/markwatch/markwatch"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// fault wraps a database error with what was being done and gives it the code
// that callers tell apart. An error that has a code keeps it.
func fault(err error, doing string) error {
	if err == nil {
		return nil
	}
	code := markwatch.ErrorCode(err)
	if code == markwatch.CodeInternal {
		code = faultCode(err)
	}
	return markwatch.WrapError(code, err, "%s", doing)
}

// Fault gives an error of the database its code, for the packages that work in
// the store's transactions and know nothing of its engines. An error that has
// a code keeps it, nil stays nil.
func Fault(err error, doing string) error { return fault(err, doing) }

func faultCode(err error) markwatch.Code {
	if errors.Is(err, context.Canceled) {
		return markwatch.CodeCanceled
	}
	if lite := (*sqlite.Error)(nil); errors.As(err, &lite) {
		// The low byte is the primary code: https://www.sqlite.org/rescode.html
		switch lite.Code() & 0xff {
		case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
			return markwatch.CodeLocked
		case sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN,
			sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT:
			return markwatch.CodeUnavailable
		}
		return markwatch.CodeInternal
	}
	if pg := (*pgconn.PgError)(nil); errors.As(err, &pg) {
		// Classes of https://www.postgresql.org/docs/current/errcodes-appendix.html:
		// 08 connection, 28 authorization, 3D no such database, 53 resources
		// (a full disk is 53100), 57 the operator stepped in, 58 the system.
		switch pg.Code[:2] {
		case "08", "28", "3D", "53", "57", "58":
			return markwatch.CodeUnavailable
		case "25":
			if pg.Code == "25006" { // read-only server
				return markwatch.CodeUnavailable
			}
		case "55":
			return markwatch.CodeLocked
		}
		return markwatch.CodeInternal
	}
	if errors.Is(err, driver.ErrBadConn) {
		return markwatch.CodeUnavailable
	}
	var connect *pgconn.ConnectError
	var network net.Error
	var path *fs.PathError
	if errors.As(err, &connect) || errors.As(err, &network) || errors.As(err, &path) {
		return markwatch.CodeUnavailable
	}
	return markwatch.CodeInternal
}

// retryable says that PostgreSQL ended the transaction for another's sake
// (serialization failure, deadlock), or that the pool had handed out a connection
// that was broken before anything was done on it.
func retryable(err error) bool {
	if errors.Is(err, driver.ErrBadConn) {
		return true
	}
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}

// uniqueViolation says that a row with that key is already there.
func uniqueViolation(err error) bool {
	if lite := (*sqlite.Error)(nil); errors.As(err, &lite) {
		return lite.Code()&0xff == sqlite3.SQLITE_CONSTRAINT && strings.Contains(lite.Error(), "UNIQUE")
	}
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "23505"
}
