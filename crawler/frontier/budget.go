package frontier

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/markwatch/markwatch"

	"github.com/markwatch/markwatch/store/sqlform"
)

// Why entries go to the state over.
const (
	OverPages = "page-limit"
	OverBytes = "byte-limit"
	OverTime  = "time-limit"
	// OverHost is the usual reason for GiveUp.
	OverHost = "host-blocking"
)

// Budget bounds what a scan may spend; zero values are no bound.
type Budget struct {
	// Pages is how many links may be claimed. One that is tried again was
	// paid for, one that ended as not due is paid back.
	Pages int
	// Bytes is how much traffic may be spent; see Spend.
	Bytes int64
	// Deadline is when nothing more is claimed.
	Deadline time.Time
}

// Begin opens a scan's frontier with its budget, or sets the budget anew where
// the scan resumes; what was spent stays spent. When the budget is used up,
// what is queued goes to the state over, is not fetched and is counted by
// Stats with the reason; of the budget of pages, only what was never claimed.
func (t *Table) Begin(ctx context.Context, tx *sql.Tx, scan, source string, b Budget) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO frontier_scans (scan, source, page_limit, byte_limit, deadline) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (scan) DO UPDATE SET page_limit = EXCLUDED.page_limit, byte_limit = EXCLUDED.byte_limit, deadline = EXCLUDED.deadline`,
		scan, source, b.Pages, b.Bytes, sqlform.Millis(b.Deadline))
	return wrap(err, "opening the frontier of "+scan)
}

// Spend adds traffic to what the scan has spent, in the page's transaction.
func (t *Table) Spend(ctx context.Context, tx *sql.Tx, scan string, bytes int64) error {
	return wrap(t.count(ctx, tx, scan, tally{bytes: bytes}), "counting the traffic of "+scan)
}

// unlimited stands for a scan without a limit of pages.
const unlimited = -1

// closing is what a claim found to be over.
type closing struct {
	reason string
	host   string // only of this host, where not empty
	fresh  bool   // only what was never claimed
}

// allowance is how many more pages the scan may claim for the first time, and
// what must be closed because a budget is used up or the host was given up.
// Where pages are limited, the scan's row is locked, so that no two hosts spend
// the same page.
func (t *Table) allowance(ctx context.Context, tx *sql.Tx, lease Lease) (pages int, over closing, err error) {
	var pageLimit int
	var byteLimit, deadline int64
	var givenUp string
	err = tx.QueryRowContext(ctx, `SELECT s.page_limit, s.byte_limit, s.deadline, coalesce(h.given_up, '')
		FROM frontier_scans s LEFT JOIN frontier_hosts h ON h.scan = s.scan AND h.host = $2 WHERE s.scan = $1`,
		lease.Scan, lease.Host).Scan(&pageLimit, &byteLimit, &deadline, &givenUp)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return 0, over, markwatch.Errorf(markwatch.CodeNotFound, "scan %s has no frontier", lease.Scan)
	case err != nil:
		return 0, over, err
	case givenUp != "":
		return 0, closing{reason: givenUp, host: lease.Host}, nil
	case deadline > 0 && t.now().UnixMilli() >= deadline:
		return 0, closing{reason: OverTime}, nil
	case pageLimit == 0 && byteLimit == 0:
		return unlimited, over, nil
	}
	if pageLimit > 0 && !t.embedded {
		if _, err := tx.ExecContext(ctx, `SELECT 1 FROM frontier_scans WHERE scan = $1 FOR UPDATE`, lease.Scan); err != nil {
			return 0, over, err
		}
	}
	var spent int
	var bytes int64
	if err := tx.QueryRowContext(ctx, `SELECT `+sums("pages", "bytes")+` FROM frontier_counts WHERE scan = $1`, lease.Scan).Scan(&spent, &bytes); err != nil {
		return 0, over, err
	}
	switch {
	case byteLimit > 0 && bytes >= byteLimit:
		return 0, closing{reason: OverBytes}, nil
	case pageLimit == 0:
		return unlimited, over, nil
	case spent >= pageLimit:
		return 0, closing{reason: OverPages, fresh: true}, nil
	}
	return pageLimit - spent, over, nil
}

// close takes what is queued out of the scan, so that it can finish, whichever
// host it belongs to: hosts that wait need not come back for it.
func (t *Table) close(ctx context.Context, scan string, over closing) error {
	where, args := `scan = $1 AND state = 'queued'`, []any{scan, sqlform.Plain(over.reason), dropRows}
	if over.host != "" {
		where, args = where+` AND host = $4`, append(args, over.host)
	}
	if over.fresh {
		where += ` AND attempts = 0`
	}
	skip := ""
	if !t.embedded {
		skip = ` FOR UPDATE SKIP LOCKED` // another worker closes it
	}
	for n := dropRows; n == dropRows; {
		err := t.record.Tx(ctx, func(tx *sql.Tx) (err error) {
			n, err = changed(tx.ExecContext(ctx, `UPDATE frontier SET state = 'over', reason = $2
				WHERE id IN (SELECT id FROM frontier WHERE `+where+` LIMIT $3`+skip+`)`, args...))
			if err != nil {
				return err
			}
			return t.countOver(ctx, tx, scan, sqlform.Plain(over.reason), n)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Close ends a scan before its time: what is still queued goes to the state
// over with the reason and is not fetched.
func (t *Table) Close(ctx context.Context, tx *sql.Tx, scan, reason string) error {
	return wrap(t.over(ctx, tx, scan, reason, ``), "closing the frontier of "+scan)
}

// GiveUp is told that the lease's host turned us away: what it has queued goes
// to the state over with the reason, and so does what this scan still adds to
// it, so that the scan can end. What is claimed must be ended as always.
func (t *Table) GiveUp(ctx context.Context, tx *sql.Tx, lease Lease, reason string) error {
	if err := t.fence(ctx, tx, lease); err != nil {
		return wrap(err, "giving up "+lease.Host)
	}
	if _, err := tx.ExecContext(ctx, `UPDATE frontier_hosts SET given_up = $3 WHERE scan = $1 AND host = $2`,
		lease.Scan, lease.Host, sqlform.Plain(reason)); err != nil {
		return wrap(err, "giving up "+lease.Host)
	}
	return wrap(t.over(ctx, tx, lease.Scan, reason, ` AND host = $3`, lease.Host), "giving up "+lease.Host)
}

func (t *Table) over(ctx context.Context, tx *sql.Tx, scan, reason, scope string, args ...any) error {
	reason = sqlform.Plain(reason)
	n, err := changed(tx.ExecContext(ctx, `UPDATE frontier SET state = 'over', reason = $2 WHERE scan = $1 AND state = 'queued'`+scope,
		append([]any{scan, reason}, args...)...))
	if err != nil {
		return err
	}
	return t.countOver(ctx, tx, scan, reason, n)
}
