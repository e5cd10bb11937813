package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"sync"
	"time"
)

// The bounds of a group: how many callers share a commit, and how long the
// first of them waits for others to run at most. River's own statements and
// the checkpoints of SQLite have their turn between two groups.
const (
	groupSize = 64
	groupTime = 25 * time.Millisecond
)

// group lets concurrent callers share SQLite's transactions, since there is
// one writer at a time and a commit costs more than many a caller's
// statements. Each caller runs its own function in its own goroutine when its
// turn comes. Where others ran before it in the same transaction it runs in a
// savepoint, so that its error undoes its own work alone; one who is alone has
// the transaction to himself and waits for nobody.
type group struct {
	db *sql.DB

	mu      sync.Mutex
	waiting []*member
	serving bool // a goroutine takes members from waiting
}

// member is a caller of Store.Tx on its way through a group.
type member struct {
	turn chan turn  // its turn to run, or the error for which there is none
	ran  chan error // what its function returned
	done chan error // what became of the commit
}

type turn struct {
	tx  *sql.Tx
	err error
}

var (
	// errUnwound is the result of a function that panicked or ended its
	// goroutine.
	errUnwound = errors.New("the transaction's function did not return")
	// errUndone means that SQLite rolled the whole transaction back for
	// another member's sake; the member's function is run again. Whoever was
	// the cause gets his own error, so that each time fewer are left.
	errUndone = errors.New("the shared transaction was rolled back")
)

// run runs f in a transaction that may be shared. It returns after the commit,
// or when f's work was rolled back. Where ctx ends before its turn, f is not
// run.
func (g *group) run(ctx context.Context, f func(tx *sql.Tx) error) error {
	m := &member{turn: make(chan turn, 1), ran: make(chan error, 1), done: make(chan error, 1)}
	g.join(m)
	var t turn
	select {
	case t = <-m.turn:
	case <-ctx.Done():
		if g.leave(m) {
			return fault(ctx.Err(), "waiting for a transaction")
		}
		t = <-m.turn
	}
	if t.err != nil {
		return t.err
	}
	if err := m.do(ctx, t.tx, f); err != nil {
		<-m.done //nolint:errcheck // its own error is the one to tell; its work is rolled back before anybody hears of it
		return err
	}
	return <-m.done
}

// do runs the member's function. Whatever ends it, the group goes on.
func (m *member) do(ctx context.Context, tx *sql.Tx, f func(tx *sql.Tx) error) (err error) {
	err = errUnwound
	defer func() { m.ran <- err }()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return f(tx)
}

// join queues a member and sees to it that somebody serves the queue.
func (g *group) join(m *member) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting = append(g.waiting, m)
	if !g.serving {
		g.serving = true
		go g.serve()
	}
}

// leave takes a member out whose turn has not come.
func (g *group) leave(m *member) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := slices.Index(g.waiting, m)
	if i < 0 {
		return false
	}
	g.waiting = slices.Delete(g.waiting, i, i+1)
	return true
}

// next takes the member that has waited longest.
func (g *group) next() *member {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.waiting) == 0 {
		return nil
	}
	m := g.waiting[0]
	g.waiting[0] = nil
	g.waiting = g.waiting[1:]
	return m
}

// idle ends the service where nobody waits.
func (g *group) idle() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.serving = len(g.waiting) > 0
	return !g.serving
}

// serve runs groups until nobody waits.
func (g *group) serve() {
	for !g.idle() {
		g.once()
	}
}

// once runs one shared transaction.
func (g *group) once() {
	// Every member has a context of its own; none of them ends the others'.
	tx, err := g.db.BeginTx(context.Background(), nil)
	if err != nil {
		for m := g.next(); m != nil; m = g.next() {
			m.turn <- turn{err: fault(err, "beginning a transaction")}
		}
		return
	}
	defer tx.Rollback() // after Commit it has nothing to do, before it the members have their errors
	var in []*member
	for end := time.Now().Add(groupTime); len(in) < groupSize && (len(in) == 0 || time.Now().Before(end)); {
		m := g.next()
		if m == nil {
			break
		}
		kept, lost := pass(tx, m, len(in) > 0)
		if kept {
			in = append(in, m)
		}
		if lost != nil || len(in) == 0 {
			tx.Rollback()
			finish(in, errUndone)
			in = nil
		}
		if !kept {
			m.done <- lost
		}
		if len(in) == 0 {
			return
		}
	}
	if len(in) > 0 {
		finish(in, fault(tx.Commit(), "committing"))
	}
}

func finish(in []*member, err error) {
	for _, m := range in {
		m.done <- err
	}
}

// pass gives the member its turn. Where others have run in the transaction it
// is surrounded by a savepoint. lost means that the whole transaction is gone.
func pass(tx *sql.Tx, m *member, shared bool) (kept bool, lost error) {
	if shared {
		if err := statement(tx, "SAVEPOINT member"); err != nil {
			m.turn <- turn{err: errUndone}
			return false, err
		}
	}
	m.turn <- turn{tx: tx}
	err := <-m.ran
	switch {
	case !shared:
		return err == nil, nil
	case err == nil:
		err := statement(tx, "RELEASE SAVEPOINT member")
		return err == nil, fault(err, "ending a part of a transaction")
	}
	if err := statement(tx, "ROLLBACK TO SAVEPOINT member"); err != nil {
		return false, err
	}
	return false, statement(tx, "RELEASE SAVEPOINT member")
}

func statement(tx *sql.Tx, text string) error {
	_, err := tx.ExecContext(context.Background(), text)
	return err
}
