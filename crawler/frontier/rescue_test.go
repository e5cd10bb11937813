package frontier_test

import (
	"database/sql"
	"testing"

	"github.com/markwatch/markwatch/crawler/frontier"
	"github.com/markwatch/markwatch/store/storetest"
)

// A process that starts again takes up its own jobs at once and leaves those
// of the others alone.
func TestAProcessRescuesItsOwnJobs(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, dsn func(testing.TB) string) {
		b := newBed(t, dsn, frontier.Budget{})
		if b.s.Embedded() {
			t.Skip("an embedded record belongs to one process, which rescues everything")
		}
		b.add(links("a.example", 0, 1)...)
		b.add(links("b.example", 0, 1)...)
		for host, process := range map[string]string{"a.example": "first", "b.example": "second"} {
			lease := b.fetchJob(host)
			b.tx(func(tx *sql.Tx) error {
				_, err := tx.ExecContext(t.Context(), `UPDATE river_job SET attempted_by = ARRAY['earlier', $2] WHERE id = $1`, lease.JobID, process)
				return err
			})
		}
		for _, step := range []struct {
			process            string
			running, available int
		}{{"earlier", 2, 0}, {"first", 1, 1}, {"second", 0, 2}} {
			if err := b.t.RescueProcess(t.Context(), step.process); err != nil {
				t.Fatal(err)
			}
			equal(t, "running after "+step.process, b.jobs("running"), step.running)
			equal(t, "available after "+step.process, b.jobs("available"), step.available)
		}
	})
}
