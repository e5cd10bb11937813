package frontier

import (
	"context"
	"database/sql"

	"github.com/markwatch/markwatch"

	"github.com/markwatch/markwatch/store/sqlform"
)

// Missed is an address that a scan knew and did not see.
type Missed struct {
	URL string
	// Outcome is a markwatch.PageOutcome; "dead" for dead letters, "left" for
	// addresses that were not fetched.
	Outcome string
	Reason  string
}

// Missed returns at most limit addresses that the scan did not see: first
// those that workers died over, then walls, failures and the rest. Those that
// robots.txt forbids are not among them.
func (t *Table) Missed(ctx context.Context, scan string, limit int) ([]Missed, error) {
	rows, err := t.record.Reader().QueryContext(ctx, `SELECT url,
			CASE state WHEN 'dead' THEN 'dead' WHEN 'over' THEN 'left' ELSE outcome END, reason
		FROM frontier WHERE scan = $1 AND (state IN ('dead', 'failed', 'over') OR outcome IN ($2, $3, $4))
		ORDER BY CASE WHEN state = 'dead' THEN 0 WHEN outcome = $2 THEN 1 WHEN state = 'failed' THEN 2 WHEN state = 'over' THEN 4 ELSE 3 END, id
		LIMIT $5`, scan, string(markwatch.PageBlocked), string(markwatch.PageUndecodable), string(markwatch.PageEmpty), limit)
	missed, err := sqlform.Collect(rows, err, func(rows *sql.Rows) (m Missed, err error) {
		err = rows.Scan(&m.URL, &m.Outcome, &m.Reason)
		return m, err
	})
	return missed, wrap(err, "reading what was not seen of "+scan)
}
