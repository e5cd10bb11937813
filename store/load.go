package store

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/markwatch/markwatch"

	"github.com/markwatch/markwatch/store/sqlform"
)

const (
	// loadParams and loadBytes bound what one statement inserts; SQLite takes
	// the longer to read it the more parameters it has.
	loadParams = 500
	loadBytes  = 4 << 20
)

// Load fills an empty database with what Dump wrote, on the same engine or
// the other, and brings it up to date where the dump is of an older program.
// All rows go in with one transaction, which is committed where the dump's
// counts and checksum are right; otherwise the database stays empty. River's
// jobs are not among them: the frontier must be rescued before work begins.
// Text is kept to what every engine takes (sqlform.Plain) where PostgreSQL
// loads it. Errors have CodeConflict where the database holds anything and
// CodeInvalid where the dump is cut, altered or of a newer program.
func Load(ctx context.Context, dsn string, r io.Reader, opts Options) error {
	in := &dumpReader{in: bufio.NewReaderSize(r, 1<<16), sum: sha256.New()}
	head, err := in.header()
	if err != nil {
		return err
	}
	s, err := connect(dsn, opts)
	if err == nil {
		err = s.load(ctx, in, head)
	}
	return errors.Join(fault(err, "loading the dump"), s.Close())
}

func (s *Store) load(ctx context.Context, in *dumpReader, head dumpHeader) error {
	if err := s.prepare(ctx, head.Schema); err != nil {
		return err
	}
	if err := s.tx(ctx, func(tx *sql.Tx) error {
		l := loader{s: s, tx: tx, in: in}
		err := l.load(ctx)
		return errors.Join(err, l.finish())
	}); err != nil {
		return err
	}
	return s.migrate(ctx)
}

// prepare makes empty tables as they were when the dump was written.
func (s *Store) prepare(ctx context.Context, schema int64) error {
	if !s.embedded {
		unlock, err := s.lockMigration(ctx)
		if err != nil {
			return err
		}
		defer unlock()
	}
	provider, err := s.migrations()
	if err != nil {
		return err
	}
	known := int64(0)
	for _, source := range provider.ListSources() {
		known = max(known, source.Version)
	}
	if schema < 1 || schema > known {
		return markwatch.Errorf(markwatch.CodeInvalid, "the dump has tables of number %d, and this program knows them up to %d; load it with the program that wrote it or a newer one", schema, known)
	}
	tables, err := s.tables(ctx, s.write)
	if err != nil {
		return err
	}
	if err := s.empty(ctx, s.write, tables); err != nil {
		return err
	}
	version, err := provider.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("reading the database's version: %w", err)
	}
	if version > schema {
		if err := s.drop(ctx, tables); err != nil {
			return fmt.Errorf("making room for older tables: %w", err)
		}
		// the provider remembers that its table was there
		if provider, err = s.migrations(); err != nil {
			return err
		}
	}
	if _, err := provider.UpTo(ctx, schema); err != nil {
		return fmt.Errorf("migrating to the dump's tables: %w", err)
	}
	return nil
}

// empty is a conflict where any of the tables has a row.
func (s *Store) empty(ctx context.Context, q querier, tables []table) error {
	for _, t := range tables {
		var one int
		err := q.QueryRowContext(ctx, `SELECT 1 FROM `+quoted(t.name)+` LIMIT 1`).Scan(&one)
		if err == nil {
			return markwatch.Errorf(markwatch.CodeConflict, "the database is not empty: table %s has rows; load a dump into a new one", t.name)
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
	}
	return nil
}

// drop removes empty tables of a newer form.
func (s *Store) drop(ctx context.Context, tables []table) error {
	cascade := " CASCADE"
	if s.embedded {
		cascade = ""
	}
	return s.tx(ctx, func(tx *sql.Tx) error {
		for _, t := range append(tables, table{name: migrationTable}) {
			if _, err := tx.ExecContext(ctx, `DROP TABLE `+quoted(t.name)+cascade); err != nil {
				return err
			}
		}
		return nil
	})
}

// loader puts the rows of a dump into empty tables.
type loader struct {
	s      *Store
	tx     *sql.Tx
	in     *dumpReader
	tables []table
	at     *dumpTable // whose rows follow
	rows   int        // in args
	args   []any
	bytes  int
	stmt   *sql.Stmt // inserts stmtOf rows into at; nil for none
	stmtOf int
}

func (l *loader) load(ctx context.Context) error {
	var err error
	if l.tables, err = l.s.tables(ctx, l.tx); err != nil {
		return err
	}
	if err := l.s.empty(ctx, l.tx, l.tables); err != nil {
		return err
	}
	counts := map[string]int64{}
	last := map[string]int64{}
	for {
		line, err := l.in.line()
		if err != nil {
			return err
		}
		if line[0] == '[' {
			if l.at == nil {
				return notWhole("a row stands before the first table (line %d)", l.in.number)
			}
			if err := l.row(ctx, line); err != nil {
				return err
			}
			counts[l.at.Table]++
			continue
		}
		if err := l.flush(ctx); err != nil {
			return err
		}
		if err := l.finish(); err != nil {
			return err
		}
		if bytes.HasPrefix(line, []byte(`{"end":`)) {
			if err := l.in.end(line, counts); err != nil {
				return err
			}
			break
		}
		t := &dumpTable{}
		if err := json.Unmarshal(line, t); err != nil {
			return notWhole("line %d is neither a table nor a row: %v", l.in.number, err)
		}
		if _, twice := counts[t.Table]; twice {
			return notWhole("table %s comes twice", t.Table)
		}
		if err := l.known(t); err != nil {
			return err
		}
		l.at, counts[t.Table], last[t.Table] = t, 0, t.Last
	}
	for _, t := range l.tables {
		if _, there := counts[t.name]; !there {
			return notWhole("table %s is missing", t.name)
		}
		if err := l.s.continueKeys(ctx, l.tx, t, last[t.name]); err != nil {
			return fmt.Errorf("table %s: setting the next key: %w", t.name, err)
		}
	}
	return nil
}

// known compares a table of the dump with the database's. The names in a
// statement are thereby the catalogue's, whatever the dump holds.
func (l *loader) known(t *dumpTable) error {
	for _, have := range l.tables {
		if have.name != t.Table {
			continue
		}
		if a, b := slices.Sorted(slices.Values(have.columns)), slices.Sorted(slices.Values(t.Columns)); !slices.Equal(a, b) {
			return markwatch.Errorf(markwatch.CodeInvalid, "table %s has the columns %s, and the dump's are %s", t.Table, strings.Join(a, ", "), strings.Join(b, ", "))
		}
		return nil
	}
	return markwatch.Errorf(markwatch.CodeInvalid, "the dump holds a table %q that its schema does not have", t.Table)
}

// row reads a row and stores it with others in one statement.
func (l *loader) row(ctx context.Context, line []byte) error {
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	var values []any
	if err := d.Decode(&values); err != nil || len(values) != len(l.at.Columns) {
		return notWhole("line %d is no row of table %s", l.in.number, l.at.Table)
	}
	for i, v := range values {
		v, err := l.value(v)
		if err != nil {
			return notWhole("line %d, column %s: %v", l.in.number, l.at.Columns[i], err)
		}
		l.args = append(l.args, v)
	}
	l.rows++
	l.bytes += len(line)
	if len(l.args)+len(values) > loadParams || l.bytes >= loadBytes {
		return l.flush(ctx)
	}
	return nil
}

// value is the other way round of dumpValue.
func (l *loader) value(v any) (any, error) {
	switch v := v.(type) {
	case string:
		if l.s.embedded {
			return v, nil
		}
		return sqlform.Plain(v), nil
	case json.Number:
		if n, err := strconv.ParseInt(v.String(), 10, 64); err == nil {
			return n, nil
		}
		return v.Float64()
	case map[string]any:
		b, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		var special dumpSpecial
		d := json.NewDecoder(bytes.NewReader(b))
		d.DisallowUnknownFields()
		if err := d.Decode(&special); err != nil {
			return nil, err
		}
		if special.Float != nil {
			return strconv.ParseFloat(*special.Float, 64)
		}
		if special.Base64 == nil {
			special.Base64 = []byte{}
		}
		return special.Base64, nil
	case []any:
		return nil, errors.New("a list is no value")
	}
	return v, nil
}

// flush inserts the rows that were read.
func (l *loader) flush(ctx context.Context) error {
	if l.rows == 0 {
		return nil
	}
	err := l.prepare(ctx)
	if err == nil {
		_, err = l.stmt.ExecContext(ctx, l.args...)
	}
	if err != nil && faultCode(err) == markwatch.CodeInternal {
		return markwatch.WrapError(markwatch.CodeInvalid, err, "the rows of table %s before line %d cannot be stored", l.at.Table, l.in.number)
	}
	clear(l.args)
	l.rows, l.args, l.bytes = 0, l.args[:0], 0
	return err
}

// prepare makes the statement for so many rows, where the last was for others.
func (l *loader) prepare(ctx context.Context) (err error) {
	if l.stmt != nil && l.stmtOf == l.rows {
		return nil
	}
	if err := l.finish(); err != nil {
		return err
	}
	n := len(l.at.Columns)
	var b strings.Builder
	b.WriteString(`INSERT INTO ` + quoted(l.at.Table) + ` (` + quoted(l.at.Columns...) + `) VALUES `)
	for i := range l.rows {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("(" + sqlform.Placeholders(1+i*n, n) + ")")
	}
	l.stmtOf = l.rows
	l.stmt, err = l.tx.PrepareContext(ctx, b.String())
	return err
}

// finish lets go of the statement of a table that is done.
func (l *loader) finish() error {
	if l.stmt == nil {
		return nil
	}
	stmt := l.stmt
	l.stmt = nil
	return stmt.Close()
}

// continueKeys lets the database count on behind the last key that was given.
func (s *Store) continueKeys(ctx context.Context, tx *sql.Tx, t table, last int64) error {
	if t.identity == "" {
		return nil
	}
	var highest int64
	if err := tx.QueryRowContext(ctx, `SELECT coalesce(max(`+quoted(t.identity)+`), 0) FROM `+quoted(t.name)).Scan(&highest); err != nil {
		return err
	}
	if last = max(last, highest); last == 0 {
		return nil
	}
	if !s.embedded {
		_, err := tx.ExecContext(ctx, `SELECT setval(pg_get_serial_sequence($1, $2)::regclass, $3)`, quoted(t.name), t.identity, last)
		return err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM sqlite_sequence WHERE name = $1`, t.name); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO sqlite_sequence (name, seq) VALUES ($1, $2)`, t.name, last)
	return err
}
