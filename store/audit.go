package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/markwatch/markwatch/store/sqlform"
)

// AuditEntry is one line of the audit log: who did what to which object when.
// The log is only ever added to.
type AuditEntry struct {
	At     time.Time `json:"at"`
	Actor  string    `json:"actor"`
	Action string    `json:"action"`
	Object string    `json:"object,omitempty"`
	Detail string    `json:"detail,omitempty"`
}

// Audit adds an entry. A zero At is now.
func (s *Store) Audit(ctx context.Context, e AuditEntry) error {
	if e.At.IsZero() {
		e.At = s.now()
	}
	_, err := s.write.ExecContext(ctx, `INSERT INTO audit (at, actor, action, object, detail) VALUES ($1, $2, $3, $4, $5)`,
		sqlform.Millis(e.At), sqlform.Plain(e.Actor), sqlform.Plain(e.Action), sqlform.Plain(e.Object), sqlform.Plain(e.Detail))
	return fault(err, "writing the audit log")
}

// AuditLog returns the newest entries, newest first, at most limit.
func (s *Store) AuditLog(ctx context.Context, limit int) ([]AuditEntry, error) {
	rows, err := s.read.QueryContext(ctx,
		`SELECT at, actor, action, object, detail FROM audit ORDER BY seq DESC LIMIT $1`, limit)
	entries, err := sqlform.Collect(rows, err, func(rows *sql.Rows) (AuditEntry, error) {
		var e AuditEntry
		var at int64
		err := rows.Scan(&at, &e.Actor, &e.Action, &e.Object, &e.Detail)
		e.At = fromMillis(at)
		return e, err
	})
	return entries, fault(err, "reading the audit log")
}
