package frontier_test

import (
	"database/sql"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/frontier"
	"github.com/markwatch/markwatch/store/storetest"
)

func TestTrafficBudget(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, dsn func(testing.TB) string) {
		b := newBed(t, dsn, frontier.Budget{Bytes: 1000})
		b.add(append(links("a.example", 0, 4), links("b.example", 0, 4)...)...)
		a := b.fetchJob("a.example")
		spend := func(e frontier.Entry, bytes int64) {
			b.tx(func(tx *sql.Tx) error {
				return errors.Join(b.t.Spend(t.Context(), tx, scan, bytes), b.t.Finish(t.Context(), tx, a, e, markwatch.PageFetched, ""))
			})
		}
		e := b.claim(a, 2)
		spend(e[0], 999)
		third := b.claim(a, 1)
		equal(t, "while some is left", len(third), 1)
		spend(e[1], 1)
		equal(t, "when it is used up", len(b.claim(a, 1)), 0)
		equal(t, "stats", b.stats(), frontier.Stats{Claimed: 1, Done: 2, Over: frontier.Over{"byte-limit": 5}})
		// What was spent stays spent where the scan resumes with more.
		b.tx(func(tx *sql.Tx) error { return b.t.Begin(t.Context(), tx, scan, "shop", frontier.Budget{Bytes: 1001}) })
		b.add(links("a.example", 10, 12)...)
		e = b.claim(a, 1)
		equal(t, "with more", len(e), 1)
		spend(e[0], 500)
		equal(t, "used up again", len(b.claim(a, 1)), 0)
		equal(t, "stats", b.stats(), frontier.Stats{Claimed: 1, Done: 3, Over: frontier.Over{"byte-limit": 6}})
	})
}

func TestDeadline(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, dsn func(testing.TB) string) {
		b := newBed(t, dsn, frontier.Budget{})
		b.tx(func(tx *sql.Tx) error {
			return b.t.Begin(t.Context(), tx, scan, "shop", frontier.Budget{Deadline: b.clock.Now().Add(time.Hour)})
		})
		b.add(append(links("a.example", 0, 4), links("b.example", 0, 4)...)...)
		a := b.fetchJob("a.example")
		e := b.claim(a, 1)
		b.clock.move(time.Hour + time.Millisecond)
		equal(t, "after the deadline", len(b.claim(a, 1)), 0)
		equal(t, "stats", b.stats(), frontier.Stats{Claimed: 1, Over: frontier.Over{"time-limit": 7}})
		b.finish(a, e[0])
		equal(t, "what was claimed counts", b.stats().Done, 1)
	})
}

// A host that waits for hours does not keep a scan open beyond its time.
func TestDeadlineEndsPause(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, dsn func(testing.TB) string) {
		b := realBed(t, dsn)
		b.tx(func(tx *sql.Tx) error {
			return b.t.Begin(t.Context(), tx, scan, "shop", frontier.Budget{Deadline: time.Now().Add(1500 * time.Millisecond)})
		})
		b.add(links("a.example", 0, 3)...)
		b.seeded()
		start(t, b.s, b.t, frontier.WorkerOptions{TurnWait: 50 * time.Millisecond}, pausing(time.Hour))
		await(t, b.t)
		equal(t, "stats", b.stats(), frontier.Stats{Over: frontier.Over{"time-limit": 3}})
	})
}

func TestGiveUp(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, dsn func(testing.TB) string) {
		b := newBed(t, dsn, frontier.Budget{})
		b.add(append(links("a.example", 0, 5), links("b.example", 0, 2)...)...)
		a, other := b.fetchJob("a.example"), b.fetchJob("b.example")
		e := b.claim(a, 2)
		b.tx(func(tx *sql.Tx) error {
			return errors.Join(b.t.Finish(t.Context(), tx, a, e[0], markwatch.PageBlocked, "captcha"), b.t.GiveUp(t.Context(), tx, a, frontier.OverHost))
		})
		equal(t, "stats", b.stats(), frontier.Stats{Queued: 2, Claimed: 1, Done: 1, Over: frontier.Over{"host-blocking": 3}})
		b.tx(func(tx *sql.Tx) error {
			_, err := b.t.Retry(t.Context(), tx, a, e[1], time.Time{}, "timeout")
			return err
		})
		b.add(links("a.example", 10, 12)...)
		equal(t, "claimed of a host that was given up", len(b.claim(a, 5)), 0)
		equal(t, "claimed of another", len(b.claim(other, 5)), 2)
		equal(t, "stats", b.stats(), frontier.Stats{Claimed: 2, Done: 1, Over: frontier.Over{"host-blocking": 6}})
		old := a
		b.fetchJob("a.example")
		if err := b.s.Tx(t.Context(), func(tx *sql.Tx) error { return b.t.GiveUp(t.Context(), tx, old, "late") }); !errors.Is(err, frontier.ErrLostLease) {
			t.Errorf("after the lease was lost: %v", err)
		}
	})
}

// Hundreds of pages that are not due cost no budget, and one of them that
// changed after all is fetched in its turn.
func TestNotDueAndReopen(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, dsn func(testing.TB) string) {
		b := newBed(t, dsn, frontier.Budget{Pages: 2500})
		b.add(links("a.example", 0, 2300)...)
		lease := b.fetchJob("a.example")
		e := b.claim(lease, 2300)
		finish := func(lease frontier.Lease) error {
			return b.s.Tx(t.Context(), func(tx *sql.Tx) error {
				return b.t.FinishMany(t.Context(), tx, lease, e, markwatch.PageNotDue, "")
			})
		}
		if err := finish(lease); err != nil {
			t.Fatal(err)
		}
		if err := finish(lease); !errors.Is(err, frontier.ErrLostLease) {
			t.Errorf("finished twice: %v", err)
		}
		equal(t, "stats", b.stats(), frontier.Stats{Done: 2300})
		b.add(links("a.example", 3000, 3001)...)
		fetched := b.claim(lease, 1)
		b.finish(lease, fetched[0])
		keys := []string{link("a.example", 7).Key, link("a.example", 3).Key, link("a.example", 3).Key, fetched[0].Key, "unknown", "\x00\xff"}
		var n int
		b.tx(func(tx *sql.Tx) (err error) {
			n, err = b.t.Reopen(t.Context(), tx, scan, "shop", keys)
			return err
		})
		equal(t, "opened again", n, 2)
		equal(t, "claimed again, in their order", urls(b.claim(lease, 10)), []string{link("a.example", 3).URL, link("a.example", 7).URL})
		equal(t, "stats", b.stats(), frontier.Stats{Claimed: 2, Done: 2299})
		// Three of 2,500 are spent.
		b.add(links("a.example", 4000, 7000)...)
		equal(t, "left of the budget", len(b.claim(lease, 5000)), 2497)
	})
}

// An entry that is opened again wakes a host whose job is done.
func TestReopenWakesHost(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, dsn func(testing.TB) string) {
		b := realBed(t, dsn)
		b.add(link("a.example", 1))
		outcome := markwatch.PageNotDue
		start(t, b.s, b.t, frontier.WorkerOptions{}, ending(b, &outcome))
		awaitJobs(b, 0)
		outcome = markwatch.PageFetched
		b.tx(func(tx *sql.Tx) error {
			n, err := b.t.Reopen(t.Context(), tx, scan, "shop", []string{link("a.example", 1).Key})
			equal(t, "opened again", n, 1)
			return err
		})
		b.seeded()
		await(t, b.t)
		awaitJobs(b, 0)
		var got string
		if err := b.s.Reader().QueryRow(`SELECT outcome FROM frontier`).Scan(&got); err != nil || got != "fetched" {
			t.Error(got, err)
		}
	})
}

func TestNames(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, dsn func(testing.TB) string) {
		b := newBed(t, dsn, frontier.Budget{})
		for i, name := range []string{"耐克", "耐克", "耐克", "LV", "LV", "", "Dior"} {
			l := link("a.example", i)
			l.Depth, l.Name = 0, name
			b.add(l)
		}
		b.add(link("a.example", 100)) // found on a result page
		lease := b.fetchJob("a.example")
		e := b.claim(lease, 6)
		for i, outcome := range []markwatch.PageOutcome{markwatch.PageFetched, markwatch.PageUnchanged, markwatch.PageBlocked, markwatch.PageNotDue, markwatch.PageEmpty} {
			b.tx(func(tx *sql.Tx) error { return b.t.Finish(t.Context(), tx, lease, e[i], outcome, "") })
		}
		got, err := b.t.Names(t.Context(), scan)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "names", got, []frontier.NameState{
			{Name: "Dior", Addresses: 1, Open: 1}, {Name: "LV", Addresses: 2, Seen: 2}, {Name: "耐克", Addresses: 3, Seen: 2},
		})
	})
}

// Dropping a large scan keeps its dead letters and touches no other scan.
func TestDropInParts(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, dsn func(testing.TB) string) {
		b := newBed(t, dsn, frontier.Budget{})
		for h := range 3 {
			b.add(links(fmt.Sprintf("h%d.example", h), 0, 1500)...)
		}
		for range frontier.DeadDeaths {
			b.claim(b.fetchJob("h0.example"), 2000) // the third time a suspect alone
			b.die()
		}
		const other = "shop-2"
		b.tx(func(tx *sql.Tx) error {
			if err := b.t.Begin(t.Context(), tx, other, "shop", frontier.Budget{}); err != nil {
				return err
			}
			_, err := b.t.Add(t.Context(), tx, other, "shop", links("h0.example", 0, 10))
			return err
		})
		kept := func() []string {
			scans, err := b.t.Kept(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return scans
		}
		equal(t, "kept before", kept(), []string{scan, other})
		if err := b.t.Drop(t.Context(), scan); err != nil {
			t.Fatal(err)
		}
		equal(t, "kept", kept(), []string{other})
		equal(t, "stats", b.stats(), frontier.Stats{Dead: 1})
		letters, err := b.t.Dead(t.Context(), scan)
		if err != nil || len(letters) != 1 {
			t.Errorf("dead letters %+v, %v", letters, err)
		}
		if n, err := b.t.Remaining(t.Context(), other); err != nil || n != 10 {
			t.Errorf("%d remain of the other scan, %v", n, err)
		}
		var hosts int
		if err := b.s.Reader().QueryRow(`SELECT count(*) FROM frontier_hosts WHERE scan = $1`, scan).Scan(&hosts); err != nil || hosts != 0 {
			t.Errorf("%d hosts are left, %v", hosts, err)
		}
	})
}
