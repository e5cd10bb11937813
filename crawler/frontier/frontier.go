// Package frontier is what a crawl fetches next: a table in the record of
// truth, in which UNIQUE (scan, url_key) is the only truth of what a scan has
// seen, what is done and how often it was tried, and one background job for
// each host of a scan. A job works on its host while it has the host's turn,
// which one job has at a time over all scans and processes, so that exactly
// one worker anywhere works on a host.
//
// An entry is queued, then claimed by the host's worker in a transaction of
// its own, then done or failed in the transaction of its page. A worker that
// dies leaves its entries claimed; whoever works on the host next queues them
// again. An entry that was with a worker twice when it died is claimed alone,
// and the third death makes it a dead letter. Every transaction of a worker
// holds a fence: it commits only while the host's job is still the worker's.
//
// The tables are made by the migrations of package store; the statements run
// on SQLite and on PostgreSQL.
package frontier

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
)

// The bounds on trying.
const (
	// SuspectDeaths is how many workers may die over an entry before it is
	// claimed alone, DeadDeaths before it is a dead letter.
	SuspectDeaths = 2
	DeadDeaths    = 3
	// MaxFaults is how many ordinary faults (a timeout, a 503) an entry may
	// meet before it has failed.
	MaxFaults = 3
)

// ErrLostLease is returned where the host's job is no longer this worker's.
// The transaction must be rolled back and the worker stops; whatever it was
// doing is done by its successor.
var ErrLostLease = errors.New("the host's job is no longer this worker's")

// Link is an address to fetch.
type Link struct {
	URL string
	// Key is the canonical form that is unique in a scan.
	Key string
	// Host is what one job works on; delays and parallelism are per host.
	Host  string
	Depth int
	// Name is the protected name whose search led here, where one did.
	Name string
	// Position orders the entries of a host, lower first; entries of one
	// position come in the order in which they were added. Archives put the
	// place of a record here.
	Position int64
	// NotBefore keeps the entry waiting until then; zero is now.
	NotBefore time.Time
}

// Entry is a link that a worker has claimed.
type Entry struct {
	ID       int64
	Scan     string
	Source   string
	URL      string
	Key      string
	Host     string
	Depth    int
	Name     string
	Position int64
	// Attempts is how often it was handed to a worker, this time included;
	// Faults how often it came back with an ordinary fault.
	Attempts int
	Faults   int
}

// Lease is a worker's right to a host: the job runs, and this is its attempt.
type Lease struct {
	JobID   int64
	Attempt int
	Scan    string
	Source  string
	Host    string
	// FreeAt is when the host may be asked again, as the worker before said,
	// whatever its scan; zero is now.
	FreeAt time.Time
	// Orphaned says that the worker before died without a word of it: the
	// host may have been asked a moment ago.
	Orphaned bool
}

// Options of a table; zero values are the defaults.
type Options struct {
	// Now is the clock.
	Now func() time.Time
	// Recent bounds the filter of keys known to be committed; 200,000 where
	// zero, about 16 MB.
	Recent int
	// Logger gets what River has to say; nothing is logged where nil.
	Logger *slog.Logger
}

// Record is the database that the frontier lies in.
type Record interface {
	// Tx runs f in a transaction and returns after the commit. f may run
	// again.
	Tx(ctx context.Context, f func(tx *sql.Tx) error) error
	// Reader reads what is committed.
	Reader() *sql.DB
}

// Table is the frontier in an open database.
type Table struct {
	record   Record
	embedded bool
	insert   *river.Client[*sql.Tx]
	recent   *recent
	gate     *gate
	now      func() time.Time
}

// New returns the frontier of the record that driver works on.
func New(driver riverdriver.Driver[*sql.Tx], record Record, opts Options) (*Table, error) {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Recent == 0 {
		opts.Recent = 200_000
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	insert, err := river.NewClient(driver, &river.Config{Logger: opts.Logger})
	if err != nil {
		return nil, fmt.Errorf("preparing the host jobs: %w", err)
	}
	return &Table{
		record: record, embedded: driver.DatabaseName() == "sqlite",
		insert: insert, recent: newRecent(opts.Recent), gate: newGate(opts.Now), now: opts.Now,
	}, nil
}

// Seeded notes that all start addresses of the scan are in the frontier, in
// the transaction that put the last of them there. Only then can it finish.
func (t *Table) Seeded(ctx context.Context, tx *sql.Tx, scan string) error {
	_, err := tx.ExecContext(ctx, `UPDATE frontier_scans SET seeded = 1 WHERE scan = $1`, scan)
	return wrap(err, "closing the seeds of "+scan)
}

// wrap says what was being done.
func wrap(err error, doing string) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, context.Canceled) {
		return markwatch.WrapError(markwatch.CodeCanceled, err, "%s", doing)
	}
	return fmt.Errorf("%s: %w", doing, err)
}
