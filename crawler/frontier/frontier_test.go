package frontier_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/frontier"
	"github.com/markwatch/markwatch/store"
	"github.com/markwatch/markwatch/store/storetest"
)

// bed is a store with a frontier and one scan.
type bed struct {
	testing.TB
	s     *store.Store
	t     *frontier.Table
	clock *clock
}

// clock stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

const scan = "shop-1"

func table(tb testing.TB, s *store.Store, now func() time.Time) *frontier.Table {
	tb.Helper()
	t, err := frontier.New(s.RiverDriver(), s, frontier.Options{Now: now})
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

func newBed(tb testing.TB, dsn func(testing.TB) string, limit frontier.Budget) *bed {
	tb.Helper()
	s := storetest.Open(tb, dsn(tb), store.Options{})
	c := &clock{now: time.Now()}
	b := &bed{tb, s, table(tb, s, c.Now), c}
	b.tx(func(tx *sql.Tx) error { return b.t.Begin(tb.Context(), tx, scan, "shop", limit) })
	return b
}

func (b *bed) tx(f func(tx *sql.Tx) error) {
	b.Helper()
	if err := b.s.Tx(b.Context(), f); err != nil {
		b.Fatal(err)
	}
}

func (b *bed) add(links ...frontier.Link) int {
	b.Helper()
	var n int
	b.tx(func(tx *sql.Tx) (err error) {
		n, err = b.t.Add(b.Context(), tx, scan, "shop", links)
		return err
	})
	return n
}

func link(host string, n int) frontier.Link {
	u := fmt.Sprintf("https://%s/%d", host, n)
	return frontier.Link{URL: u, Key: u, Host: host, Depth: 1, Name: "耐克"}
}

func links(host string, from, to int) []frontier.Link {
	var all []frontier.Link
	for n := from; n < to; n++ {
		all = append(all, link(host, n))
	}
	return all
}

// fetchJob does what River does when it hands the host's job to a worker.
func (b *bed) fetchJob(host string) frontier.Lease { return b.fetchJobOf(scan, host) }

func (b *bed) fetchJobOf(scan, host string) frontier.Lease {
	b.Helper()
	l := frontier.Lease{Scan: scan, Source: "shop", Host: host}
	query := `UPDATE river_job SET state = 'running', attempt = attempt + 1 WHERE kind = 'crawl_host' AND state IN ('available', 'retryable', 'running')
		AND CAST(args AS TEXT) LIKE $1 AND CAST(args AS TEXT) LIKE $2 RETURNING id, attempt`
	if err := b.s.DB().QueryRowContext(b.Context(), query, `%"`+host+`"%`, `%"`+scan+`"%`).Scan(&l.JobID, &l.Attempt); err != nil {
		b.Fatalf("no job for %s: %v", host, err)
	}
	return l
}

func (b *bed) claim(l frontier.Lease, n int) []frontier.Entry {
	b.Helper()
	got, err := b.t.Claim(b.Context(), l, n)
	if err != nil {
		b.Fatal(err)
	}
	return got
}

func (b *bed) finish(l frontier.Lease, e frontier.Entry) {
	b.Helper()
	b.tx(func(tx *sql.Tx) error {
		return b.t.Finish(b.Context(), tx, l, e, markwatch.PageFetched, "")
	})
}

// stats are the counts that are kept, which must be those of the entries.
func (b *bed) stats() frontier.Stats {
	b.Helper()
	s, err := b.t.Stats(b.Context(), scan)
	if err != nil {
		b.Fatal(err)
	}
	rows, err := b.s.Reader().QueryContext(b.Context(), `SELECT state, CASE WHEN state = 'over' THEN reason ELSE '' END, count(*)
		FROM frontier WHERE scan = $1 GROUP BY 1, 2`, scan)
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	var want frontier.Stats
	to := map[string]*int{"queued": &want.Queued, "claimed": &want.Claimed, "done": &want.Done, "failed": &want.Failed, "dead": &want.Dead}
	for rows.Next() {
		var state, reason string
		var n int
		if err := rows.Scan(&state, &reason, &n); err != nil {
			b.Fatal(err)
		}
		if state == "over" {
			if want.Over == nil {
				want.Over = frontier.Over{}
			}
			want.Over[reason] = n
			continue
		}
		*to[state] = n
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
	equal(b, "kept counts", s, want)
	return s
}

func (b *bed) jobs(state string) int {
	b.Helper()
	var n int
	if err := b.s.DB().QueryRowContext(b.Context(), `SELECT count(*) FROM river_job WHERE CAST(state AS TEXT) = $1`, state).Scan(&n); err != nil {
		b.Fatal(err)
	}
	return n
}

// die restarts: the process is killed and another one finds what it left.
func (b *bed) die() {
	b.Helper()
	b.t = table(b, b.s, b.clock.Now)
	if err := b.t.Rescue(b.Context()); err != nil {
		b.Fatal(err)
	}
}

func equal[T any](tb testing.TB, what string, got, want T) {
	tb.Helper()
	if d := cmp.Diff(want, got); d != "" {
		tb.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func urls(entries []frontier.Entry) []string {
	var all []string
	for _, e := range entries {
		all = append(all, e.URL)
	}
	return all
}

func TestUnique(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, dsn func(testing.TB) string) {
		b := newBed(t, dsn, frontier.Budget{})
		equal(t, "added", b.add(links("a.example", 0, 100)...), 100)
		equal(t, "added again, and one twice", b.add(append(links("a.example", 50, 150), link("a.example", 149))...), 50)
		b.t = table(t, b.s, b.clock.Now) // with an empty filter
		equal(t, "added with an empty filter", b.add(links("a.example", 0, 151)...), 1)
		equal(t, "hostile", b.add(frontier.Link{URL: "http://x\x00\xff", Key: "\x00\xff", Host: "\x00", Name: "\xfe"}), 1)
		equal(t, "jobs", b.jobs("available"), 2)
		n, err := b.t.Remaining(t.Context(), scan)
		if err != nil || n != 152 {
			t.Errorf("%d remain, %v", n, err)
		}
		b.tx(func(tx *sql.Tx) error {
			n, err := b.t.Add(t.Context(), tx, "another scan", "shop", links("a.example", 0, 1))
			equal(t, "the same link in another scan", n, 1)
			return err
		})
	})
}

// A link that was added in a transaction that did not commit is not lost to
// the filter, one that was learned is.
func TestFilterKnowsCommittedLinksOnly(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, dsn func(testing.TB) string) {
		b := newBed(t, dsn, frontier.Budget{})
		crash := errors.New("crash")
		err := b.s.Tx(t.Context(), func(tx *sql.Tx) error {
			for range 2 {
				if _, err := b.t.Add(t.Context(), tx, scan, "shop", links("a.example", 0, 3)); err != nil {
					return err
				}
			}
			return crash
		})
		if !errors.Is(err, crash) {
			t.Fatal(err)
		}
		equal(t, "added after a crash", b.add(links("a.example", 0, 3)...), 3)
		b.t.Learn(scan, links("a.example", 7, 8))
		equal(t, "added after learning", b.add(links("a.example", 6, 9)...), 2)
	})
}

func TestFence(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, dsn func(testing.TB) string) {
		b := newBed(t, dsn, frontier.Budget{})
		b.add(links("a.example", 0, 5)...)
		old := b.fetchJob("a.example")
		e := b.claim(old, 3)
		equal(t, "claimed", len(e), 3)
		b.finish(old, e[0])
		lease := b.fetchJob("a.example") // River rescued the job: another attempt
		for name, f := range map[string]func(tx *sql.Tx) error{
			"finish": func(tx *sql.Tx) error {
				return b.t.Finish(t.Context(), tx, old, e[1], markwatch.PageFetched, "")
			},
			"retry": func(tx *sql.Tx) error {
				_, err := b.t.Retry(t.Context(), tx, old, e[1], time.Time{}, "")
				return err
			},
			"finish twice": func(tx *sql.Tx) error {
				return b.t.Finish(t.Context(), tx, lease, e[0], markwatch.PageFetched, "")
			},
		} {
			if err := b.s.Tx(t.Context(), f); !errors.Is(err, frontier.ErrLostLease) {
				t.Errorf("%s after the lease was lost: %v", name, err)
			}
		}
		if _, err := b.t.Claim(t.Context(), old, 1); !errors.Is(err, frontier.ErrLostLease) {
			t.Errorf("claim after the lease was lost: %v", err)
		}
		equal(t, "stats", b.stats(), frontier.Stats{Queued: 2, Claimed: 2, Done: 1})
	})
}

func TestOrderAndWaiting(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, dsn func(testing.TB) string) {
		b := newBed(t, dsn, frontier.Budget{})
		late := link("a.example", 1)
		late.NotBefore = b.clock.Now().Add(time.Hour)
		third, second := link("a.example", 3), link("a.example", 2)
		third.Position, second.Position = 30, 20
		b.add(late, third, second)
		lease := b.fetchJob("a.example")
		got := b.claim(lease, 10)
		equal(t, "in the order of position", urls(got), []string{second.URL, third.URL})
		want := frontier.Entry{ID: got[0].ID, Scan: scan, Source: "shop", URL: second.URL, Key: second.Key, Host: "a.example", Depth: 1, Name: "耐克", Position: 20, Attempts: 1}
		equal(t, "entry", got[0], want)
		b.clock.move(time.Hour + time.Second)
		equal(t, "an hour later", urls(b.claim(lease, 10)), []string{late.URL})
	})
}

func TestRetry(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, dsn func(testing.TB) string) {
		b := newBed(t, dsn, frontier.Budget{})
		b.add(link("a.example", 1))
		lease := b.fetchJob("a.example")
		for fault := 1; fault <= frontier.MaxFaults; fault++ {
			e := b.claim(lease, 1)
			if len(e) != 1 || e[0].Attempts != fault || e[0].Faults != fault-1 {
				t.Fatalf("claimed %+v before fault %d", e, fault)
			}
			var again bool
			b.tx(func(tx *sql.Tx) (err error) {
				again, err = b.t.Retry(t.Context(), tx, lease, e[0], b.clock.Now().Add(time.Minute), "timeout")
				return err
			})
			equal(t, "again", again, fault < frontier.MaxFaults)
			equal(t, "claimed too early", len(b.claim(lease, 1)), 0)
			b.clock.move(2 * time.Minute)
		}
		equal(t, "stats", b.stats(), frontier.Stats{Failed: 1})
	})
}

// The entry that kills its worker is found among those that only were there.
func TestDeaths(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, dsn func(testing.TB) string) {
		b := newBed(t, dsn, frontier.Budget{})
		b.add(links("a.example", 0, 4)...)
		b.add(links("b.example", 0, 2)...)
		poison := link("a.example", 2).URL
		for deaths := range 2 {
			l := b.fetchJob("a.example")
			equal(t, fmt.Sprintf("claimed after %d deaths", deaths), len(b.claim(l, 10)), 4)
			b.die()
		}
		// They are suspects now and run one at a time, while nothing else does.
		a, other := b.fetchJob("a.example"), b.fetchJob("b.example")
		busy := b.claim(other, 1)
		equal(t, "a suspect beside another page", len(b.claim(a, 10)), 0)
		equal(t, "others while a suspect waits", len(b.claim(other, 1)), 0)
		b.finish(other, busy[0])
		dead := 0
		for range 10 {
			got := b.claim(a, 10)
			if len(got) == 0 {
				break
			}
			equal(t, "suspects at once", len(got), 1)
			equal(t, "others while a suspect runs", len(b.claim(other, 1)), 0)
			if got[0].URL == poison {
				b.die()
				dead++
				a, other = b.fetchJob("a.example"), b.fetchJob("b.example")
				continue
			}
			b.finish(a, got[0])
		}
		equal(t, "deaths alone", dead, 1)
		equal(t, "others afterwards", len(b.claim(other, 1)), 1)
		letters, err := b.t.Dead(t.Context(), scan)
		if err != nil || len(letters) != 1 || letters[0].URL != poison || letters[0].Reason == "" {
			t.Errorf("dead letters %+v, %v", letters, err)
		}
		equal(t, "stats", b.stats(), frontier.Stats{Claimed: 1, Done: 4, Dead: 1})
	})
}

func TestLimit(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, dsn func(testing.TB) string) {
		b := newBed(t, dsn, frontier.Budget{Pages: 5})
		b.add(append(links("a.example", 0, 4), links("b.example", 0, 4)...)...)
		a, other := b.fetchJob("a.example"), b.fetchJob("b.example")
		e := b.claim(a, 10)
		equal(t, "first host", len(e), 4)
		equal(t, "second host", len(b.claim(other, 10)), 1)
		// A page that is tried again was paid for.
		b.tx(func(tx *sql.Tx) error {
			_, err := b.t.Retry(t.Context(), tx, a, e[0], time.Time{}, "timeout")
			return err
		})
		equal(t, "tried again", len(b.claim(a, 10)), 1)
		equal(t, "nothing more", len(b.claim(other, 10)), 0)
		b.add(links("a.example", 10, 12)...)
		equal(t, "found later", len(b.claim(a, 10)), 0)
		equal(t, "stats", b.stats(), frontier.Stats{Claimed: 5, Over: frontier.Over{"page-limit": 5}})
	})
}

func TestFinishedCloseDrop(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, dsn func(testing.TB) string) {
		b := newBed(t, dsn, frontier.Budget{})
		finished := func(want bool) {
			t.Helper()
			got, err := b.t.Finished(t.Context(), scan)
			if err != nil || got != want {
				t.Errorf("finished %v, want %v, %v", got, want, err)
			}
		}
		finished(false) // empty, but not seeded
		b.add(links("a.example", 0, 2)...)
		b.tx(func(tx *sql.Tx) error { return b.t.Seeded(t.Context(), tx, scan) })
		finished(false)
		l := b.fetchJob("a.example")
		e := b.claim(l, 1)
		b.tx(func(tx *sql.Tx) error { return b.t.Close(t.Context(), tx, scan, "out of time") })
		finished(false) // one is being worked on
		b.finish(l, e[0])
		finished(true)
		equal(t, "stats", b.stats(), frontier.Stats{Done: 1, Over: frontier.Over{"out of time": 1}})
		if err := b.t.Drop(t.Context(), scan); err != nil {
			t.Fatal(err)
		}
		equal(t, "stats of a dropped scan", b.stats(), frontier.Stats{})
		if got, err := b.t.Finished(context.Background(), "unknown"); err != nil || got {
			t.Errorf("an unknown scan: %v %v", got, err)
		}
	})
}
