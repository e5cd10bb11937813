package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/markwatch/markwatch"

	"github.com/markwatch/markwatch/store/sqlform"
)

// AuditEntry is a line of the audit log.
type AuditEntry = markwatch.AuditEntry

// auditPage is how many lines are read at once where all are.
const auditPage = 2000

// Audit adds an entry behind the newest. A zero At is now; Seq and Hash are
// the store's to set.
func (s *Store) Audit(ctx context.Context, e AuditEntry) error {
	if e.At.IsZero() {
		e.At = s.now()
	}
	return fault(s.Tx(ctx, func(tx *sql.Tx) error { return s.audit(ctx, tx, e) }), "writing the audit log")
}

func (s *Store) audit(ctx context.Context, tx *sql.Tx, e AuditEntry) error {
	if !s.embedded {
		// One writer at a time, or two lines would follow the same one.
		if _, err := tx.ExecContext(ctx, `LOCK TABLE audit_head IN SHARE ROW EXCLUSIVE MODE`); err != nil {
			return err
		}
	}
	head, err := auditHeadOf(ctx, tx)
	if err != nil {
		return err
	}
	e.Actor, e.Remote, e.Action = sqlform.Plain(e.Actor), sqlform.Plain(e.Remote), sqlform.Plain(e.Action)
	e.Object, e.Detail = sqlform.Plain(e.Object), sqlform.Plain(e.Detail)
	e.Seq = head.seq + 1
	e.Hash = chained(head.hash, e)
	if _, err := tx.ExecContext(ctx, `INSERT INTO audit (seq, at, actor, remote, action, object, detail, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		e.Seq, sqlform.Millis(e.At), e.Actor, e.Remote, e.Action, e.Object, e.Detail, e.Hash); err != nil {
		return err
	}
	return setAuditHead(ctx, tx, auditHead{seq: e.Seq, n: head.n + 1, hash: e.Hash})
}

type auditHead struct {
	seq, n int64
	hash   string
}

func auditHeadOf(ctx context.Context, q querier) (auditHead, error) {
	var h auditHead
	err := q.QueryRowContext(ctx, `SELECT seq, n, hash FROM audit_head WHERE one = 1`).Scan(&h.seq, &h.n, &h.hash)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return h, err
}

func setAuditHead(ctx context.Context, tx *sql.Tx, h auditHead) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO audit_head (one, seq, n, hash) VALUES (1, $1, $2, $3)
		ON CONFLICT (one) DO UPDATE SET seq = excluded.seq, n = excluded.n, hash = excluded.hash`, h.seq, h.n, h.hash)
	return err
}

// chained is the hash of a line behind another: SHA-256 over the hash of the
// line before, a line feed, and the line as a JSON array of its key, its time
// in milliseconds, actor, remote, action, object and detail.
func chained(before string, e AuditEntry) string {
	line, err := json.Marshal([]any{e.Seq, sqlform.Millis(e.At), e.Actor, e.Remote, e.Action, e.Object, e.Detail})
	if err != nil {
		panic(err) // numbers and texts always have a form
	}
	sum := sha256.New()
	sum.Write([]byte(before + "\n"))
	sum.Write(line)
	return hex.EncodeToString(sum.Sum(nil))
}

const auditColumns = `seq, at, actor, remote, action, object, detail, hash`

func scanAudit(rows *sql.Rows) (AuditEntry, error) {
	var e AuditEntry
	var at int64
	err := rows.Scan(&e.Seq, &at, &e.Actor, &e.Remote, &e.Action, &e.Object, &e.Detail, &e.Hash)
	e.At = fromMillis(at)
	return e, err
}

// AuditLog returns the entries that a filter selects, newest first. A Limit of
// 0 is 100.
func (s *Store) AuditLog(ctx context.Context, f markwatch.AuditFilter) ([]AuditEntry, error) {
	var w where
	if f.Actor != "" {
		w.add("actor = ?", f.Actor)
	}
	if f.Action != "" {
		w.add("action = ?", f.Action)
	}
	if f.Text != "" {
		w.add(`(object LIKE ? ESCAPE '\' OR detail LIKE ? ESCAPE '\' OR remote LIKE ? ESCAPE '\')`, "%"+likeLiteral(f.Text)+"%")
	}
	if !f.Since.IsZero() {
		w.add("at >= ?", sqlform.Millis(f.Since))
	}
	if !f.Until.IsZero() {
		w.add("at < ?", sqlform.Millis(f.Until))
	}
	if f.Before > 0 {
		w.add("seq < ?", f.Before)
	}
	limit := f.Limit
	if limit <= 0 {
		limit = 100
	}
	w.args = append(w.args, limit)
	rows, err := s.read.QueryContext(ctx, `SELECT `+auditColumns+` FROM audit`+w.String()+
		fmt.Sprintf(` ORDER BY seq DESC LIMIT $%d`, len(w.args)), w.args...)
	entries, err := sqlform.Collect(rows, err, scanAudit)
	return entries, fault(err, "reading the audit log")
}

// AuditChecked is what the check of the audit log found.
type AuditChecked struct {
	Entries int64  `json:"entries"`
	Seq     int64  `json:"seq"`  // of the newest line
	Head    string `json:"head"` // its hash
	// Anchored says that the hash which was asked for is in the chain.
	Anchored bool `json:"anchored"`
	// Broken is the first line that is not what was written, 0 where all are;
	// Why says what is wrong.
	Broken int64  `json:"broken,omitempty"`
	Why    string `json:"why,omitempty"`
}

// VerifyAudit computes the chain again from its first line to its head. anchor
// is a head that was noted down earlier, or empty; whoever can rewrite the whole
// log cannot make it hold a hash that is kept elsewhere.
func (s *Store) VerifyAudit(ctx context.Context, anchor string) (AuditChecked, error) {
	// The log is read in pages while it grows: what is read is checked
	// against the head as it was before.
	head, err := auditHeadOf(ctx, s.read)
	if err != nil {
		return AuditChecked{}, fault(err, "reading the head of the audit log")
	}
	c := AuditChecked{Anchored: anchor == ""}
	broken := func(seq int64, why string) (AuditChecked, error) {
		c.Broken, c.Why = max(seq, 1), why
		return c, nil
	}
	for {
		rows, err := s.read.QueryContext(ctx, `SELECT `+auditColumns+` FROM audit WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3`, c.Seq, head.seq, auditPage)
		page, err := sqlform.Collect(rows, err, scanAudit)
		if err != nil {
			return c, fault(err, "reading the audit log")
		}
		for _, e := range page {
			if chained(c.Head, e) != e.Hash {
				return broken(e.Seq, "the line, or one before it, was changed, added or removed")
			}
			c.Entries, c.Seq, c.Head = c.Entries+1, e.Seq, e.Hash
			c.Anchored = c.Anchored || e.Hash == anchor
		}
		if len(page) < auditPage {
			break
		}
	}
	if c.Entries != head.n || c.Head != head.hash {
		return broken(c.Seq+1, fmt.Sprintf("lines at the end are missing: %d of %d are there", c.Entries, head.n))
	}
	var more int64
	if err := s.read.QueryRowContext(ctx, `SELECT count(*) FROM audit WHERE seq > $1 AND hash = ''`, head.seq).Scan(&more); err != nil {
		return c, fault(err, "reading the audit log")
	}
	if more > 0 {
		return broken(c.Seq+1, "lines without a hash stand behind the newest")
	}
	return c, nil
}

// chainAudit chains the lines of an older log and lets the log only grow from
// now on.
func chainAudit(embedded bool) func(context.Context, *sql.Tx) error {
	return func(ctx context.Context, tx *sql.Tx) error {
		var h auditHead
		for {
			rows, err := tx.QueryContext(ctx, `SELECT `+auditColumns+` FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2`, h.seq, auditPage)
			page, err := sqlform.Collect(rows, err, scanAudit)
			if err != nil {
				return err
			}
			for _, e := range page {
				h = auditHead{seq: e.Seq, n: h.n + 1, hash: chained(h.hash, e)}
				if _, err := tx.ExecContext(ctx, `UPDATE audit SET hash = $2 WHERE seq = $1`, e.Seq, h.hash); err != nil {
					return err
				}
			}
			if len(page) < auditPage {
				break
			}
		}
		if h.n > 0 {
			if err := setAuditHead(ctx, tx, h); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, appendOnly(embedded))
		return err
	}
}

// appendOnly makes the database refuse to change or remove lines of the log.
func appendOnly(embedded bool) string {
	if embedded {
		return `CREATE TRIGGER audit_keeps_lines BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;
			CREATE TRIGGER audit_loses_nothing BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END`
	}
	return `CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the audit log is only added to'; END $$;
		CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_only_grows();
		CREATE TRIGGER audit_not_emptied BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()`
}
