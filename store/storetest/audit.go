package storetest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/store"
)

func testAudit(t *testing.T, dsn func(testing.TB) string) {
	s := Open(t, dsn(t), store.Options{Now: func() time.Time { return day(3) }})
	lines := []markwatch.AuditEntry{
		{At: day(1), Actor: "anna", Remote: "10.0.0.7", Action: "search", Detail: "100%_耐克"},
		{Actor: "ben", Action: "export", Object: "2026-0001", Detail: "csv"},
		{At: day(4), Actor: "anna", Remote: "10.0.0.8", Action: "lead-view", Object: "p-000001"},
	}
	for _, e := range lines {
		if err := s.Audit(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	lines[1].At = day(3)
	for i := range lines {
		lines[i].Seq = int64(i + 1)
	}
	for _, c := range []struct {
		name   string
		filter markwatch.AuditFilter
		want   []markwatch.AuditEntry
	}{
		{"all, newest first", markwatch.AuditFilter{}, []markwatch.AuditEntry{lines[2], lines[1], lines[0]}},
		{"who", markwatch.AuditFilter{Actor: "anna"}, []markwatch.AuditEntry{lines[2], lines[0]}},
		{"what", markwatch.AuditFilter{Action: "export"}, []markwatch.AuditEntry{lines[1]}},
		{"wildcards are text", markwatch.AuditFilter{Text: "%_耐"}, []markwatch.AuditEntry{lines[0]}},
		{"from where", markwatch.AuditFilter{Text: "10.0.0.8"}, []markwatch.AuditEntry{lines[2]}},
		{"when", markwatch.AuditFilter{Since: day(3), Until: day(4)}, []markwatch.AuditEntry{lines[1]}},
		{"page", markwatch.AuditFilter{Before: 3, Limit: 1}, []markwatch.AuditEntry{lines[1]}},
	} {
		got, err := s.AuditLog(t.Context(), c.filter)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(c.want, got, cmpopts.IgnoreFields(markwatch.AuditEntry{}, "Hash")); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
}

// Whatever is done to the lines behind the store's back is found, and the
// database itself refuses to do it.
func testAuditChain(t *testing.T, dsn func(testing.TB) string) {
	at := dsn(t)
	s := Open(t, at, store.Options{})
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			if err := s.Audit(t.Context(), markwatch.AuditEntry{Actor: "anna\x00", Action: "search", Object: fmt.Sprint(i), At: day(i)}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	checked := func(anchor string) store.AuditChecked {
		t.Helper()
		c, err := s.VerifyAudit(t.Context(), anchor)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	whole := checked("")
	if whole.Broken != 0 || whole.Entries != 40 || whole.Head == "" {
		t.Fatalf("a log that nobody touched: %+v", whole)
	}
	log, err := s.AuditLog(t.Context(), markwatch.AuditFilter{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	if c := checked(log[20].Hash); !c.Anchored {
		t.Error("an earlier head is not in the chain")
	}
	if c := checked("0123"); c.Anchored {
		t.Error("a hash that was never written is in the chain")
	}
	for _, text := range []string{
		`UPDATE audit SET actor = 'ben' WHERE seq = 7`, `DELETE FROM audit WHERE seq = 7`, `DELETE FROM audit`,
	} {
		if _, err := s.DB().ExecContext(t.Context(), text); err == nil {
			t.Errorf("the database lets one %s", text)
		}
	}
	drop := []string{`DROP TRIGGER audit_keeps_lines`, `DROP TRIGGER audit_loses_nothing`}
	if !s.Embedded() {
		drop = []string{`DROP TRIGGER audit_only_grows ON audit`}
	}
	for _, text := range drop {
		if _, err := s.DB().ExecContext(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name, spoil string
		broken      int64
	}{
		{"a line at the end is removed", `DELETE FROM audit WHERE seq = 40`, 40},
		{"a line is removed", `DELETE FROM audit WHERE seq = 30`, 31},
		{"a line is changed", `UPDATE audit SET object = 'other' WHERE seq = 20`, 20},
		{"a line's time is changed", `UPDATE audit SET at = at + 1 WHERE seq = 10`, 10},
		{"the first line is removed", `DELETE FROM audit WHERE seq = 1`, 2},
	} {
		if _, err := s.DB().ExecContext(t.Context(), c.spoil); err != nil {
			t.Fatal(err)
		}
		if got := checked(""); got.Broken != c.broken {
			t.Errorf("%s: broken at %d (%s), want %d", c.name, got.Broken, got.Why, c.broken)
		}
	}
}
