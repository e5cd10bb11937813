package store_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/store"
	"github.com/markwatch/markwatch/store/storetest"
)

// What was stored before there were columns for it counts when it is seen
// again, and its evidence is referred to.
func TestMigrateOldRows(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, dsn func(testing.TB) string) {
		ctx := t.Context()
		where := dsn(t)
		old, err := store.OpenAt(ctx, where, 2)
		if err != nil {
			t.Fatal(err)
		}
		const rows = 250
		for n := range rows {
			l := numbered(n)
			l.Title, l.Snapshot = "耐克\x00", fmt.Sprintf("a.warc.gz#%d", n)
			v := markwatch.Verdict{ID: l.ID, Knowledge: "rules@1"}
			if n%2 == 0 {
				v.Flagged, v.Violations = true, map[markwatch.Violation]markwatch.ViolationVerdict{markwatch.Piracy: {Score: 0.9, Flagged: true}}
			}
			insertOld(t, old.DB(), n, l, v)
		}
		if err := old.Close(); err != nil {
			t.Fatal(err)
		}
		s := storetest.Open(t, where, store.Options{})
		referred, err := s.Referred(ctx, "a.warc.gz")
		if err != nil || len(referred) != rows/2 || !referred["0"] || referred["1"] || !referred["248"] {
			t.Errorf("%d records are referred to, %v", len(referred), err)
		}
		if outdated, err := s.Outdated(ctx, "rules@1", 0, rows); err != nil || len(outdated) != 0 {
			t.Errorf("%d listings are outdated, %v", len(outdated), err)
		}
		err = s.Tx(ctx, func(tx *sql.Tx) error {
			got, err := s.TouchListings(ctx, tx, "scan", "shop", []string{numbered(0).ID, numbered(1).ID}, at, store.PutOptions{})
			if d := cmp.Diff(store.PageDelta{
				Listings: markwatch.ListingCounts{Seen: 2}, Leads: markwatch.LeadCounts{Updated: 1},
				Violations: map[markwatch.Violation]int{markwatch.Piracy: 1}, Fields: map[string]int{"title": 2},
			}, got); d != "" {
				t.Errorf("touched (-want +got):\n%s", d)
			}
			if err != nil {
				return err
			}
			// The offer changes and is innocent now: what the lead showed stays.
			l := numbered(0)
			l.Title, l.Snapshot = "阿迪达斯", "b.warc.gz#0"
			_, err = s.PutListing(ctx, tx, "scan", l, markwatch.Verdict{ID: l.ID}, store.PutOptions{})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if referred, err := s.Referred(ctx, "a.warc.gz"); err != nil || !referred["0"] {
			t.Errorf("referred to %v, %v", referred, err)
		}
	})
}

// insertOld stores a listing as the first tables had it.
func insertOld(t *testing.T, db *sql.DB, n int, l markwatch.Listing, v markwatch.Verdict) {
	t.Helper()
	listing, err := json.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	verdict, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	flagged := 0
	if v.Flagged {
		flagged = 1
	}
	statements := map[string][]any{
		`INSERT INTO listings (id, source, url, flagged, watched, first_seen, last_seen, first_scan, seen, listing, verdict)
			VALUES ($1, 'shop', $2, $3, '{"title":"耐克"}', 1, 1, 'old', 1, $4, $5)`: {l.ID, l.URL, flagged, string(listing), string(verdict)},
		`INSERT INTO listing_history (listing, first_seen, scan, watched) VALUES ($1, 1, 'old', '{"title":"耐克"}')`: {l.ID},
	}
	if v.Flagged {
		statements[`INSERT INTO leads (id, number, status, first_seen, last_seen, seen, source, score, violations, listing, verdict)
			VALUES ($1, $2, 'new', 1, 1, 1, 'shop', 0.9, '|piracy|', $3, $4)`] = []any{l.ID, fmt.Sprint(n), string(listing), string(verdict)}
	}
	for statement, args := range statements {
		if _, err := db.ExecContext(t.Context(), statement, args...); err != nil {
			t.Fatal(err)
		}
	}
}
