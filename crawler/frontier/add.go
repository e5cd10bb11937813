package frontier

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/riverqueue/river"

	"github.com/markwatch/markwatch/store/sqlform"
)

// addRows is how many links one statement inserts.
const addRows = 64

// Add puts links into the scan's frontier in the caller's transaction and
// returns how many were new; a link whose key the scan has seen is left alone.
// A host that nobody works on gets its job in the same transaction.
//
// A transaction calls it once, after it read and wrote what else it had to:
// on PostgreSQL it may wait for other transactions that add to the same hosts.
func (t *Table) Add(ctx context.Context, tx *sql.Tx, scan, source string, links []Link) (added int, err error) {
	links = t.unseen(scan, links)
	hosts := map[string]bool{}
	insert := insertMany
	if t.embedded {
		insert = insertEach
	}
	for chunk := range slices.Chunk(links, addRows) {
		n, err := insert(ctx, tx, scan, source, chunk, hosts)
		if err != nil {
			return 0, wrap(err, "adding links to the frontier")
		}
		added += n
	}
	if added == 0 {
		return 0, nil
	}
	if err := t.count(ctx, tx, scan, tally{queued: added}); err != nil {
		return 0, wrap(err, "counting new links")
	}
	return added, wrap(t.wake(ctx, tx, scan, source, slices.Sorted(maps.Keys(hosts))), "waking the hosts of new links")
}

// Learn tells the filter of seen links that a transaction that added these to
// the scan was committed, so that they need not go to the database again.
// Claimed entries are learned without it.
func (t *Table) Learn(scan string, links []Link) {
	for i := range links {
		t.recent.add(recentKey(scan, sqlform.Plain(links[i].Key)))
	}
}

// unseen drops links that are known to be in the table and repetitions.
func (t *Table) unseen(scan string, links []Link) []Link {
	fresh := make([]Link, 0, len(links))
	batch := make(map[string]bool, len(links))
	for _, l := range links {
		l.Key = sqlform.Plain(l.Key)
		if !batch[l.Key] && !t.recent.has(recentKey(scan, l.Key)) {
			batch[l.Key] = true
			fresh = append(fresh, l)
		}
	}
	if !t.embedded {
		// Transactions that insert the same keys wait for each other; in one
		// order they never do so in a circle.
		slices.SortStableFunc(fresh, func(a, b Link) int { return cmp.Compare(a.Key, b.Key) })
	}
	return fresh
}

const insertInto = `INSERT INTO frontier (scan, source, url, url_key, host, depth, name, position, not_before) VALUES `

// columns are a link's values in the order of insertInto, after scan and source.
func (l *Link) columns() []any {
	return []any{sqlform.Plain(l.URL), l.Key, sqlform.Plain(l.Host), l.Depth, sqlform.Plain(l.Name), l.Position, sqlform.Millis(l.NotBefore)}
}

// insertMany inserts links with one statement, which spares PostgreSQL's
// round trips. It notes the hosts of new links and counts them.
func insertMany(ctx context.Context, tx *sql.Tx, scan, source string, links []Link, hosts map[string]bool) (int, error) {
	var values strings.Builder
	args := make([]any, 0, 2+7*len(links))
	args = append(args, scan, source)
	for i := range links {
		if i > 0 {
			values.WriteString(", ")
		}
		fmt.Fprintf(&values, "($1, $2, %s)", sqlform.Placeholders(len(args)+1, 7))
		args = append(args, links[i].columns()...)
	}
	rows, err := tx.QueryContext(ctx, insertInto+values.String()+` ON CONFLICT (scan, url_key) DO NOTHING RETURNING host`, args...)
	inserted, err := sqlform.Collect(rows, err, text)
	for _, host := range inserted {
		hosts[host] = true
	}
	return len(inserted), err
}

// insertEach inserts links one by one with a statement that the record keeps
// compiled: in SQLite there is no round trip to spare, and compiling a long
// statement costs more than running a short one often.
func insertEach(ctx context.Context, tx *sql.Tx, scan, source string, links []Link, hosts map[string]bool) (added int, err error) {
	for i := range links {
		n, err := changed(tx.ExecContext(ctx, insertInto+insertOne, append([]any{scan, source}, links[i].columns()...)...))
		if err != nil {
			return 0, err
		}
		if n == 1 {
			hosts[sqlform.Plain(links[i].Host)] = true
			added++
		}
	}
	return added, nil
}

const insertOne = `($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (scan, url_key) DO NOTHING`

// wake sees to it that each host, sorted, has a job that looks at the table
// after this transaction. A worker that is about to complete a host's job
// takes the host's row; whoever comes second sees what the first did.
func (t *Table) wake(ctx context.Context, tx *sql.Tx, scan, source string, hosts []string) error {
	for chunk := range slices.Chunk(hosts, addRows) {
		asleep, err := t.asleep(ctx, tx, scan, source, chunk)
		if err != nil {
			return err
		}
		if err := t.insertJobs(ctx, tx, scan, source, asleep); err != nil {
			return err
		}
	}
	return nil
}

// asleep marks the hosts active and returns those that were not.
func (t *Table) asleep(ctx context.Context, tx *sql.Tx, scan, source string, hosts []string) ([]string, error) {
	args := make([]any, 0, len(hosts)+2)
	args = append(args, scan, source)
	for _, h := range hosts {
		args = append(args, h)
	}
	if !t.embedded {
		active, err := shareActive(ctx, tx, args, len(hosts))
		if err != nil || active {
			return nil, err
		}
	}
	var values strings.Builder
	for i := range hosts {
		if i > 0 {
			values.WriteString(", ")
		}
		fmt.Fprintf(&values, "($1, $2, $%d, 1)", i+3)
	}
	rows, err := tx.QueryContext(ctx, `INSERT INTO frontier_hosts (scan, source, host, active) VALUES `+values.String()+`
		ON CONFLICT (scan, host) DO UPDATE SET active = 1 WHERE frontier_hosts.active = 0 RETURNING host`, args...)
	return sqlform.Collect(rows, err, text)
}

// shareActive is the common case on PostgreSQL: all hosts are active, and a
// shared lock keeps them so until this transaction ends without holding back
// others that add to them. Where one is not, the locks are given back, since
// two transactions that both hold one and want more would wait in a circle.
func shareActive(ctx context.Context, tx *sql.Tx, args []any, hosts int) (bool, error) {
	if _, err := tx.ExecContext(ctx, `SAVEPOINT hosts`); err != nil {
		return false, err
	}
	rows, err := tx.QueryContext(ctx, `SELECT host FROM frontier_hosts WHERE scan = $1 AND source = $2 AND active = 1 AND host IN (`+
		sqlform.Placeholders(3, hosts)+`) ORDER BY host FOR SHARE`, args...)
	active, err := sqlform.Collect(rows, err, text)
	if err != nil {
		return false, err
	}
	if len(active) == hosts {
		_, err = tx.ExecContext(ctx, `RELEASE SAVEPOINT hosts`)
		return true, err
	}
	_, err = tx.ExecContext(ctx, `ROLLBACK TO SAVEPOINT hosts`)
	return false, err
}

func (t *Table) insertJobs(ctx context.Context, tx *sql.Tx, scan, source string, hosts []string) error {
	if len(hosts) == 0 {
		return nil
	}
	jobs := make([]river.InsertManyParams, len(hosts))
	for i, h := range hosts {
		jobs[i].Args = HostArgs{Scan: scan, Source: source, Host: h}
	}
	_, err := t.insert.InsertManyTx(ctx, tx, jobs)
	return err
}
