package frontier_test

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/frontier"
	"github.com/markwatch/markwatch/store/storetest"
)

// A scan that another process resumes waits for no page that is being written:
// the page will want the host's row, which the resuming process holds by then.
func TestWakingHostsWaitsForNoPage(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, dsn func(testing.TB) string) {
		b := newBed(t, dsn, frontier.Budget{})
		if b.s.Embedded() {
			t.Skip("an embedded record has one writer at a time")
		}
		b.add(links("a.example", 0, 2)...)
		b.add(links("b.example", 0, 2)...)
		lease := b.fetchJob("a.example")
		entry := b.claim(lease, 1)[0]
		if _, err := b.s.DB().ExecContext(t.Context(), `UPDATE river_job SET state = 'cancelled', finalized_at = now()
			WHERE args->>'host' = 'b.example'`); err != nil {
			t.Fatal(err)
		}
		runs := 0
		b.tx(func(tx *sql.Tx) error {
			runs++
			if err := b.t.Finish(t.Context(), tx, lease, entry, markwatch.PageFetched, ""); err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			if err := b.t.Wake(ctx, scan); err != nil {
				t.Fatalf("waking the hosts beside a page: %v", err)
			}
			_, err := b.t.Add(t.Context(), tx, scan, "shop", links("a.example", 2, 3))
			return err
		})
		equal(t, "times the page was written", runs, 1)
		equal(t, "running jobs", b.jobs("running"), 1)
		equal(t, "jobs of hosts that had lost theirs", b.jobs("available"), 1)
	})
}
