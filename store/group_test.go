package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/markwatch/markwatch/store"
	"github.com/markwatch/markwatch/store/storetest"
)

// numbers is a store with a table of numbers.
func numbers(tb testing.TB, dsn string) *store.Store {
	tb.Helper()
	// More connections than callers: a caller that waits for one may be handed
	// what a cancelled statement broke.
	s := storetest.Open(tb, dsn, store.Options{Conns: 40})
	if err := s.Tx(tb.Context(), func(tx *sql.Tx) error {
		_, err := tx.Exec(`CREATE TABLE numbers (n BIGINT PRIMARY KEY)`)
		return err
	}); err != nil {
		tb.Fatal(err)
	}
	return s
}

func insert(n int) func(tx *sql.Tx) error {
	return func(tx *sql.Tx) error {
		_, err := tx.Exec(`INSERT INTO numbers (n) VALUES ($1)`, n)
		return err
	}
}

func stored(tb testing.TB, s *store.Store) map[int]bool {
	tb.Helper()
	rows, err := s.Reader().Query(`SELECT n FROM numbers`)
	if err != nil {
		tb.Fatal(err)
	}
	defer rows.Close()
	got := map[int]bool{}
	for rows.Next() {
		var n int
		if err := rows.Scan(&n); err != nil {
			tb.Fatal(err)
		}
		got[n] = true
	}
	if err := rows.Err(); err != nil {
		tb.Fatal(err)
	}
	return got
}

// Whatever ends a transaction among many, what is stored afterwards is exactly
// the work of those who were told that it is, and it can be read when they are
// told.
func TestTogetherAllOrNothing(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, dsn func(testing.TB) string) {
		s := numbers(t, dsn(t))
		broken := errors.New("broken")
		const callers, each = 24, 60
		var mu sync.Mutex
		want := map[int]bool{}
		var wg sync.WaitGroup
		for c := range callers {
			wg.Go(func() {
				for i := range each {
					n := 2 * (c*each + i)
					kind := rand.IntN(6)
					if !s.Embedded() && kind == 3 {
						kind = 0
					}
					ok, err := attempt(t.Context(), s, n, kind, broken)
					if ok != (err == nil) {
						t.Errorf("kind %d: %v", kind, err)
					}
					if !ok {
						continue
					}
					var one int
					if err := s.Reader().QueryRow(`SELECT 1 FROM numbers WHERE n = $1`, n).Scan(&one); err != nil {
						t.Errorf("%d was committed and cannot be read: %v", n, err)
					}
					mu.Lock()
					want[n], want[n+1] = true, true
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		got := stored(t, s)
		for n := range 2 * callers * each {
			if got[n] != want[n] {
				t.Fatalf("%d is stored: %v, was committed: %v", n, got[n], want[n])
			}
		}
	})
}

// attempt stores n and n+1 and ends the transaction in a way; ok says that it
// must have been committed.
func attempt(ctx context.Context, s *store.Store, n, kind int, broken error) (ok bool, err error) {
	put := func(tx *sql.Tx) error { return errors.Join(insert(n)(tx), insert(n+1)(tx)) }
	switch kind {
	case 0, 1:
		return true, s.Tx(ctx, put)
	case 2:
		err := s.Tx(ctx, func(tx *sql.Tx) error { return errors.Join(put(tx), broken) })
		if !errors.Is(err, broken) {
			return true, fmt.Errorf("the function's error is lost: %w", err)
		}
		return false, err
	case 3: // a statement fails and the transaction goes on
		return true, s.Tx(ctx, func(tx *sql.Tx) error {
			if insert(n)(tx) != nil || insert(n)(tx) == nil {
				return broken
			}
			return insert(n + 1)(tx)
		})
	case 4:
		defer func() { err, _ = recover().(error) }()
		err = s.Tx(ctx, func(tx *sql.Tx) error {
			if err := put(tx); err != nil {
				return err
			}
			panic(broken)
		})
		return true, errors.New("the panic is lost")
	default: // the context ends while its statement runs: SQLite gives up the whole transaction
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		err := s.Tx(ctx, func(tx *sql.Tx) error {
			if err := put(tx); err != nil {
				return err
			}
			time.AfterFunc(time.Millisecond, cancel)
			_, err := tx.ExecContext(ctx, `INSERT INTO numbers (n) WITH RECURSIVE c (x) AS (SELECT 1000000 UNION ALL SELECT x + 1 FROM c WHERE x < 1200000) SELECT x FROM c`)
			return err
		})
		return err == nil, err // an interrupt that comes too soon or too late is lost
	}
}

// A goroutine that ends within its transaction takes nobody along.
func TestGroupSurvivesGoexit(t *testing.T) {
	s := numbers(t, storetest.SQLite(t))
	var wg sync.WaitGroup
	for n := range 50 {
		wg.Go(func() {
			err := s.Tx(t.Context(), func(tx *sql.Tx) error {
				if err := insert(n)(tx); err != nil {
					return err
				}
				if n%5 == 0 {
					runtime.Goexit()
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := len(stored(t, s)); got != 40 {
		t.Errorf("%d are stored, want 40", got)
	}
}

// Who gives up before his turn is not run, and holds nobody back.
func TestGroupCanceledBeforeItsTurn(t *testing.T) {
	s := numbers(t, storetest.SQLite(t))
	inside, leave := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := s.Tx(t.Context(), func(tx *sql.Tx) error { close(inside); <-leave; return insert(1)(tx) }); err != nil {
			t.Error(err)
		}
	})
	<-inside
	ctx, cancel := context.WithCancel(t.Context())
	var ran atomic.Bool
	gaveUp := make(chan error)
	go func() {
		gaveUp <- s.Tx(ctx, func(*sql.Tx) error { ran.Store(true); return nil })
	}()
	cancel()
	if err := <-gaveUp; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	wg.Go(func() {
		if err := s.Tx(t.Context(), insert(2)); err != nil {
			t.Error(err)
		}
	})
	close(leave)
	wg.Wait()
	if ran.Load() {
		t.Error("the function of a canceled caller was run")
	}
	if got := len(stored(t, s)); got != 2 {
		t.Errorf("%d are stored, want 2", got)
	}
}

// A function that ends the shared transaction by itself is an error of
// everybody whose work is in doubt, not a hang and not a false success.
func TestGroupTransactionEndedByItsFunction(t *testing.T) {
	s := numbers(t, storetest.SQLite(t))
	if err := s.Tx(t.Context(), func(tx *sql.Tx) error { return errors.Join(insert(1)(tx), tx.Rollback()) }); !errors.Is(err, sql.ErrTxDone) {
		t.Errorf("rolled back by its function: %v", err)
	}
	if err := s.Tx(t.Context(), insert(2)); err != nil {
		t.Error(err)
	}
	if got := stored(t, s); got[1] || !got[2] {
		t.Error(got)
	}
}

// BenchmarkGroup commits pages of ten rows, apart and in groups, with what
// SQLite makes sure of before a commit returns: NORMAL survives the death of
// the process, FULL the loss of power too.
func BenchmarkGroup(b *testing.B) {
	for _, synchronous := range []string{"NORMAL", "FULL"} {
		for _, callers := range []int{1, 8, 32} {
			for _, mode := range []string{"apart", "together"} {
				b.Run(fmt.Sprintf("%s/callers=%d/%s", synchronous, callers, mode), func(b *testing.B) {
					s := numbers(b, storetest.SQLite(b))
					if _, err := s.DB().Exec(`PRAGMA synchronous = ` + synchronous); err != nil {
						b.Fatal(err)
					}
					commit := s.Tx
					if mode == "apart" {
						commit = apart(s.DB())
					}
					benchmarkCommits(b, callers, commit)
				})
			}
		}
	}
}

// apart commits every caller's work by itself.
func apart(db *sql.DB) func(context.Context, func(*sql.Tx) error) error {
	return func(ctx context.Context, f func(*sql.Tx) error) error {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer tx.Rollback()
		if err := f(tx); err != nil {
			return err
		}
		return tx.Commit()
	}
}

func benchmarkCommits(b *testing.B, callers int, commit func(context.Context, func(*sql.Tx) error) error) {
	var next atomic.Int64
	waits := make([][]time.Duration, callers)
	var wg sync.WaitGroup
	b.ResetTimer()
	for c := range callers {
		wg.Go(func() {
			for {
				n := int(next.Add(1))
				if n > b.N {
					return
				}
				start := time.Now()
				if err := commit(context.Background(), func(tx *sql.Tx) error {
					for i := range 10 {
						if err := insert(10*n + i)(tx); err != nil {
							return err
						}
					}
					return nil
				}); err != nil {
					b.Error(err)
				}
				waits[c] = append(waits[c], time.Since(start))
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tx/s")
	all := slices.Sorted(slices.Values(slices.Concat(waits...)))
	b.ReportMetric(float64(all[len(all)/2].Microseconds()), "µs-median")
}
