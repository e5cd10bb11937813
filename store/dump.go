package store

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"math"
	"strings"
	"time"

	"github.com/markwatch/markwatch"

	"github.com/markwatch/markwatch/store/sqlform"
)

// A dump is the whole record as lines of JSON, which any engine can load: a
// dumpHeader, then for each table a dumpTable and its rows, each a list of
// values in the order of the columns, and at the end a dumpEnd, without which
// it is not whole. Numbers and texts stand for themselves, bytes are
// {"base64": …}, a number that JSON has no form for is {"float": "+Inf"}.
const (
	dumpFormat  = "markwatch-dump"
	dumpVersion = 1
)

type dumpHeader struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
	// Schema is the number of the newest migration that made the tables.
	Schema int64     `json:"schema"`
	At     time.Time `json:"at"`
	Engine string    `json:"engine"`
}

type dumpTable struct {
	Table   string   `json:"table"`
	Columns []string `json:"columns"`
	// Last is the highest key that the database ever gave, so that none is
	// given twice; 0 for tables whose keys it does not count.
	Last int64 `json:"last,omitempty"`
}

type dumpEnd struct {
	End    bool             `json:"end"`
	Tables map[string]int64 `json:"tables"`
	Rows   int64            `json:"rows"`
	// SHA256 is that of every byte before this line, in hexadecimal digits.
	SHA256 string `json:"sha256"`
}

type dumpSpecial struct {
	Base64 []byte  `json:"base64,omitempty"`
	Float  *string `json:"float,omitempty"`
}

// Dump writes every table of ours as they are at one moment; work goes on
// beside it. The tables of River's jobs are left out: what they did is found
// again from the frontier, which must be rescued after a load.
func (s *Store) Dump(ctx context.Context, w io.Writer) error {
	opts := &sql.TxOptions{ReadOnly: true}
	if !s.embedded {
		opts.Isolation = sql.LevelRepeatableRead
	}
	tx, err := s.read.BeginTx(ctx, opts)
	if err != nil {
		return fault(err, "beginning the dump")
	}
	defer tx.Rollback() // it has written nothing
	d := dumper{s: s, tx: tx, sum: sha256.New(), end: dumpEnd{End: true, Tables: map[string]int64{}}}
	d.out = bufio.NewWriterSize(io.MultiWriter(w, d.sum), 1<<16)
	if err := d.dump(ctx); err != nil {
		return fault(err, "dumping the record")
	}
	d.end.SHA256 = hex.EncodeToString(d.sum.Sum(nil))
	line, err := json.Marshal(d.end)
	if err == nil {
		_, err = w.Write(append(line, '\n'))
	}
	return fault(err, "writing the dump")
}

type dumper struct {
	s   *Store
	tx  *sql.Tx
	out *bufio.Writer
	sum hash.Hash
	end dumpEnd
}

func (d *dumper) dump(ctx context.Context) error {
	schema, err := schemaOf(ctx, d.tx)
	if err != nil {
		return fmt.Errorf("reading the schema's number: %w", err)
	}
	engine := "postgresql"
	if d.s.embedded {
		engine = "sqlite"
	}
	if err := d.line(dumpHeader{dumpFormat, dumpVersion, schema, d.s.now().UTC(), engine}); err != nil {
		return err
	}
	tables, err := d.s.tables(ctx, d.tx)
	if err != nil {
		return err
	}
	for _, t := range tables {
		if err := d.table(ctx, t); err != nil {
			return fmt.Errorf("table %s: %w", t.name, err)
		}
	}
	return d.out.Flush()
}

func (d *dumper) line(v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	_, err := d.out.Write(b.Bytes())
	return err
}

func (d *dumper) table(ctx context.Context, t table) error {
	last, err := d.s.lastKey(ctx, d.tx, t)
	if err != nil {
		return fmt.Errorf("reading the last key: %w", err)
	}
	if err := d.line(dumpTable{t.name, t.columns, last}); err != nil {
		return err
	}
	rows, err := d.tx.QueryContext(ctx, `SELECT `+quoted(t.columns...)+` FROM `+quoted(t.name))
	if err != nil {
		return err
	}
	defer rows.Close()
	values := make([]any, len(t.columns))
	into := make([]any, len(t.columns))
	for i := range values {
		into[i] = &values[i]
	}
	var n int64
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		for i, v := range values {
			if values[i], err = dumpValue(v); err != nil {
				return fmt.Errorf("column %s: %w", t.columns[i], err)
			}
		}
		if err := d.line(values); err != nil {
			return err
		}
		n++
	}
	d.end.Tables[t.name] = n
	d.end.Rows += n
	return rows.Err()
}

// dumpValue is the form of a value in a dump.
func dumpValue(v any) (any, error) {
	switch v := v.(type) {
	case nil, int64, bool, string:
		return v, nil
	case float64:
		if math.IsInf(v, 0) || math.IsNaN(v) {
			text := fmt.Sprint(v)
			return dumpSpecial{Float: &text}, nil
		}
		return v, nil
	case []byte:
		return map[string][]byte{"base64": append([]byte{}, v...)}, nil // an empty one is not null
	}
	return nil, fmt.Errorf("there is no form for a value of type %T", v)
}

// table is a table of ours, as the database's catalogue has it.
type table struct {
	name     string
	columns  []string
	identity string // the column that the database counts up; empty for none
}

// tables reads our tables off the catalogue: all but the engine's own, the
// migrations' and River's.
func (s *Store) tables(ctx context.Context, q querier) ([]table, error) {
	list := `SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY table_name`
	columns := `SELECT column_name, is_identity = 'YES' FROM information_schema.columns
		WHERE table_schema = current_schema() AND table_name = $1 AND is_generated = 'NEVER' ORDER BY ordinal_position`
	if s.embedded {
		list = `SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`
		// with AUTOINCREMENT, the one integer key of its table counts up
		columns = `SELECT c.name, c.pk = 1 AND m.sql LIKE '%AUTOINCREMENT%' FROM pragma_table_info($1) c, sqlite_master m
			WHERE m.type = 'table' AND m.name = $1 ORDER BY c.cid`
	}
	rows, err := q.QueryContext(ctx, list)
	names, err := sqlform.Collect(rows, err, func(rows *sql.Rows) (name string, err error) { return name, rows.Scan(&name) })
	if err != nil {
		return nil, fmt.Errorf("listing the tables: %w", err)
	}
	var all []table
	for _, name := range names {
		if name == migrationTable || strings.HasPrefix(name, "river_") || strings.HasPrefix(name, "sqlite_") {
			continue
		}
		t := table{name: name}
		rows, err := q.QueryContext(ctx, columns, name)
		_, err = sqlform.Collect(rows, err, func(rows *sql.Rows) (struct{}, error) {
			var column string
			var identity bool
			err := rows.Scan(&column, &identity)
			t.columns = append(t.columns, column)
			if identity {
				t.identity = column
			}
			return struct{}{}, err
		})
		if err != nil {
			return nil, fmt.Errorf("reading the columns of %s: %w", name, err)
		}
		all = append(all, t)
	}
	return all, nil
}

// migrationTable is goose's.
const migrationTable = "goose_db_version"

func schemaOf(ctx context.Context, q querier) (schema int64, err error) {
	err = q.QueryRowContext(ctx, `SELECT coalesce(max(version_id), 0) FROM `+migrationTable).Scan(&schema)
	return schema, err
}

// lastKey is the highest key that was given in the table, by the database or
// (as in the chained audit log) by the program, 0 where it
// counts none.
func (s *Store) lastKey(ctx context.Context, q querier, t table) (last int64, err error) {
	if t.identity == "" {
		return 0, nil
	}
	if s.embedded {
		err = q.QueryRowContext(ctx, `SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = $1`, t.name).Scan(&last)
		return last, err
	}
	err = q.QueryRowContext(ctx, `SELECT greatest(coalesce(pg_sequence_last_value(pg_get_serial_sequence($1, $2)::regclass), 0),
		(SELECT coalesce(max(`+quoted(t.identity)+`), 0) FROM `+quoted(t.name)+`))`, quoted(t.name), t.identity).Scan(&last)
	return last, err
}

// quoted are names as both engines take them in a statement.
func quoted(names ...string) string {
	var b strings.Builder
	for i, name := range names {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(`"` + strings.ReplaceAll(name, `"`, `""`) + `"`)
	}
	return b.String()
}

// notWhole is what a reader of a dump is told of a broken one.
func notWhole(format string, args ...any) error {
	return markwatch.Errorf(markwatch.CodeInvalid, "the dump is not whole: "+format, args...)
}
