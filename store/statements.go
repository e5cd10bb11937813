package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strings"
)

// The bounds of what a connection keeps compiled. Longer texts are lists whose
// length changes with each call.
const (
	keptStatements = 200
	keptText       = 4096
)

// compiling is SQLite's driver with connections that keep their statements
// compiled: most of them run again and again, and compiling one takes longer
// than running it.
type compiling struct{ driver.Connector }

// Connect opens a connection.
func (c compiling) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	lite, ok := conn.(liteConn)
	if !ok {
		return nil, fmt.Errorf("%T is no connection to SQLite", conn)
	}
	return &compiledConn{liteConn: lite, kept: map[string]*compiled{}}, nil
}

// liteConn is what a connection of the driver can do.
type liteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// liteStmt is what a statement of the driver can do.
type liteStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// compiledConn keeps statements that nobody runs at the moment. database/sql
// lets one goroutine at a time use it.
type compiledConn struct {
	liteConn
	kept map[string]*compiled
	uses uint64
}

type compiled struct {
	liteStmt
	used uint64
}

// Close closes the kept statements too.
func (c *compiledConn) Close() error {
	for _, s := range c.kept {
		_ = s.Close() // the connection's own error tells what is wrong
	}
	c.kept = nil
	return c.liteConn.Close()
}

// ExecContext runs a statement, compiled before where it was.
func (c *compiledConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.liteConn.ExecContext(ctx, query, args)
	}
	res, err := s.ExecContext(ctx, args)
	c.give(query, s, err)
	return res, err
}

// QueryContext runs a query, compiled before where it was.
func (c *compiledConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.liteConn.QueryContext(ctx, query, args)
	}
	rows, err := s.QueryContext(ctx, args)
	if err != nil {
		c.give(query, s, err)
		return nil, err
	}
	return &compiledRows{Rows: rows, c: c, query: query, stmt: s}, nil
}

// compiledRows gives its statement back when it is closed.
type compiledRows struct {
	driver.Rows
	c     *compiledConn
	query string
	stmt  *compiled
}

// Close ends the query.
func (r *compiledRows) Close() error {
	err := r.Rows.Close()
	if r.stmt != nil {
		r.c.give(r.query, r.stmt, err)
		r.stmt = nil
	}
	return err
}

// take returns a compiled statement that nobody else has, nil for one that is
// not worth keeping.
func (c *compiledConn) take(ctx context.Context, query string) (*compiled, error) {
	if s, ok := c.kept[query]; ok {
		delete(c.kept, query)
		return s, nil
	}
	if len(query) > keptText || !repeats(query) {
		return nil, nil
	}
	s, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	lite, ok := s.(liteStmt)
	if !ok {
		_ = s.Close() // the type is what is wrong
		return nil, fmt.Errorf("%T is no statement of SQLite", s)
	}
	return &compiled{liteStmt: lite}, nil
}

// give keeps a statement for the next time, unless it went wrong. The one that
// has waited longest makes room.
func (c *compiledConn) give(query string, s *compiled, err error) {
	if _, twice := c.kept[query]; twice || err != nil || c.kept == nil {
		_ = s.Close() // its error was told, or nothing was wrong with it
		return
	}
	c.uses++
	s.used = c.uses
	c.kept[query] = s
	if len(c.kept) <= keptStatements {
		return
	}
	oldest := query
	for q, k := range c.kept {
		if k.used < c.kept[oldest].used {
			oldest = q
		}
	}
	_ = c.kept[oldest].Close() // nothing was wrong with it
	delete(c.kept, oldest)
}

// repeats says that a text, after its comments, is a statement on rows or a
// savepoint. A PRAGMA may act while it is compiled.
func repeats(query string) bool {
	for {
		query = strings.TrimLeft(query, " \t\r\n")
		if !strings.HasPrefix(query, "--") {
			break
		}
		_, query, _ = strings.Cut(query, "\n")
	}
	for _, word := range []string{"SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "SAVEPOINT", "RELEASE", "ROLLBACK TO"} {
		if len(query) > len(word) && strings.EqualFold(query[:len(word)], word) {
			return true
		}
	}
	return false
}
