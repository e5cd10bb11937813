package store_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/store"
	"github.com/markwatch/markwatch/store/storetest"
)

// crossings are the ways that a record can take from an engine to an engine.
func crossings(t *testing.T, test func(t *testing.T, from, to func(testing.TB) string)) {
	engines := map[string]func(testing.TB) string{"sqlite": storetest.SQLite, "postgres": storetest.Postgres}
	for from, make := range engines {
		for to, other := range engines {
			t.Run(from+" to "+to, func(t *testing.T) {
				if from+to != "sqlitesqlite" && os.Getenv(storetest.PostgresURL) == "" {
					t.Skip("no PostgreSQL to test on: " + storetest.PostgresURL + " is not set")
				}
				test(t, make, other)
			})
		}
	}
}

const hostileText = "a\x00b\xff耐克\u2028'; DROP TABLE leads; --\\\"\n<script>\U0001F45F"

// lived fills a store with what a few nights and people leave in it.
func lived(t testing.TB, s *store.Store) {
	t.Helper()
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := s.PutLists(ctx, markwatch.Lists{Brands: []markwatch.Brand{{ID: "nike", Names: map[string]string{"zh": "耐克"}}}}, "anna", at)
	must(err)
	for night := range 3 {
		when := at.Add(time.Duration(night) * 24 * time.Hour)
		scan, err := s.StartScan(ctx, "shop", when)
		must(err)
		for n := range 40 {
			l := numbered(n)
			l.Title, l.URL = fmt.Sprint(hostileText, night), fmt.Sprint(l.URL, hostileText)
			l.Attributes = map[string]string{hostileText: hostileText}
			v := markwatch.Verdict{ID: l.ID, Score: 1.0 / 3, Flagged: n%2 == 0, Violations: map[markwatch.Violation]markwatch.ViolationVerdict{markwatch.Piracy: {Score: 0.1 + 0.2, Flagged: n%2 == 0}}}
			must(s.Tx(ctx, func(tx *sql.Tx) error {
				_, err := s.PutListing(ctx, tx, scan, l, v, store.PutOptions{At: when})
				return err
			}))
		}
		must(s.Tx(ctx, func(tx *sql.Tx) error { return s.WarnScan(ctx, tx, scan, hostileText) }))
		if night < 2 {
			must(s.Tx(ctx, func(tx *sql.Tx) error {
				_, err := s.FinishScan(ctx, tx, scan, store.Finish{Complete: true, At: when.Add(time.Hour)})
				return err
			}))
		}
	}
	must(s.Audit(ctx, store.AuditEntry{Actor: "anna", Action: "search", Detail: hostileText}))
	_, err = s.UpdateLead(ctx, "2026-0001", func(l markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error) {
		l.Note = hostileText
		return l, []markwatch.LeadEvent{{Actor: "anna", Action: "note", Note: hostileText}}, nil
	})
	must(err)
	items, err := s.IndexQueue(ctx, 1000)
	must(err)
	must(s.IndexDone(ctx, items)) // the table is empty, and its keys go on
	_, err = s.DB().ExecContext(ctx, `INSERT INTO visits (source, url_key, checked_at, changed_at, due_at, wait, unchanged, always, flagged, url, etag, last_modified, digest, knowledge, snapshot, capture_url, capture_at, capture_digest, found)
		VALUES ('s', 'k', $1, 0, 0, 0, 0, 0, 0, '', '', '', '', '', '', '', 0, '', $2), ('s', 'l', 0, 0, 0, 0, 0, 0, 0, '', '', '', '', '', '', '', 0, '', $3)`,
		int64(1)<<62+1, []byte{0, 0xff, '\n', '"'}, []byte{})
	must(err)
}

func dumped(t testing.TB, s *store.Store) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := s.Dump(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// sorted are the lines of a dump but the first and the last, which name the
// time and the checksum, the rows in an order of their own.
func sorted(dump []byte) []string {
	all := strings.Split(strings.TrimSpace(string(dump)), "\n")
	all = all[1 : len(all)-1]
	slices.Sort(all)
	return all
}

func TestARecordMovesBetweenEngines(t *testing.T) {
	crossings(t, func(t *testing.T, from, to func(testing.TB) string) {
		ctx := t.Context()
		a := storetest.Open(t, from(t), store.Options{})
		lived(t, a)
		first := dumped(t, a)
		dsn := to(t)
		if err := store.Load(ctx, dsn, bytes.NewReader(first), store.Options{}); err != nil {
			t.Fatal(err)
		}
		b := storetest.Open(t, dsn, store.Options{})
		if d := cmp.Diff(sorted(first), sorted(dumped(t, b))); d != "" {
			t.Errorf("the record changed on the way (-before +after):\n%s", d)
		}
		// work goes on as it would have in the old place
		for _, s := range []*store.Store{a, b} {
			lead, err := s.Lead(ctx, "2026-0001")
			if err != nil || !strings.Contains(lead.Note, "耐克") {
				t.Errorf("lead %+v, %v", lead, err)
			}
			scan, ok, err := s.OpenScan(ctx, "shop")
			if err != nil || !ok {
				t.Fatal(scan, ok, err)
			}
			l := numbered(100)
			if err := s.Tx(ctx, func(tx *sql.Tx) error {
				_, err := s.PutListing(ctx, tx, scan, l, markwatch.Verdict{ID: l.ID, Flagged: true}, store.PutOptions{At: at})
				return err
			}); err != nil {
				t.Fatal(err)
			}
			if lead, err = s.Lead(ctx, l.ID); err != nil || lead.Number != "2026-0021" {
				t.Errorf("the next lead is %q, %v", lead.Number, err)
			}
		}
		nextKeys := func(s *store.Store) (keys [2]int64) {
			row := s.Reader().QueryRowContext(ctx, `SELECT (SELECT max(seq) FROM index_queue), (SELECT max(seq) FROM listings)`)
			if err := row.Scan(&keys[0], &keys[1]); err != nil {
				t.Fatal(err)
			}
			return keys
		}
		// SQLite gives keys without a gap, PostgreSQL leaves some where an insert met its like
		if was, is := nextKeys(a), nextKeys(b); is[0] < was[0] || is[1] < was[1] {
			t.Errorf("the keys went on at %v, and before the move at %v", is, was)
		}
	})
}

// A NUL that SQLite took by another way does not stop the move.
func TestTextThatPostgreSQLRefuses(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, dsn func(testing.TB) string) {
		a := storetest.Open(t, storetest.SQLite(t), store.Options{})
		if _, err := a.DB().ExecContext(t.Context(), `INSERT INTO audit (at, actor, action, object, detail) VALUES (1, 'a' || char(0) || 'b', CAST(x'ff41' AS TEXT), '', '')`); err != nil {
			t.Fatal(err)
		}
		to := dsn(t)
		if err := store.Load(t.Context(), to, bytes.NewReader(dumped(t, a)), store.Options{}); err != nil {
			t.Fatal(err)
		}
		b := storetest.Open(t, to, store.Options{})
		log, err := b.AuditLog(t.Context(), markwatch.AuditFilter{})
		if err != nil || len(log) != 1 || !strings.HasPrefix(log[0].Actor, "a") || log[0].Action != "\ufffdA" {
			t.Errorf("%+v, %v", log, err)
		}
	})
}

func TestABrokenDumpLeavesTheDatabaseEmpty(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, dsn func(testing.TB) string) {
		a := storetest.Open(t, storetest.SQLite(t), store.Options{})
		lived(t, a)
		good := dumped(t, a)
		last := bytes.LastIndexByte(good[:len(good)-1], '\n') + 1
		replaced := func(old, with string) []byte {
			if !bytes.Contains(good, []byte(old)) {
				t.Fatalf("the dump has no %s", old)
			}
			return bytes.Replace(good, []byte(old), []byte(with), 1)
		}
		broken := map[string][]byte{
			"nothing":             nil,
			"another file":        []byte("PRAGMA user_version;\n"),
			"other JSON":          []byte("{\"a\":1}\n"),
			"half":                good[:len(good)/2],
			"no last line":        good[:last],
			"half a last line":    good[:len(good)-10],
			"a line is gone":      slices.Concat(good[:bytes.IndexByte(good, '\n')+1], good[last:]),
			"something behind it": slices.Concat(good, []byte("[1]\n")),
			"twice":               slices.Concat(good[:last], good[:last], good[last:]),
			"a changed text":      replaced("DROP TABLE leads", "DROP TABLE LEADS"),
			"another table":       replaced(`{"table":"audit"`, `{"table":"audit; DROP TABLE leads"`),
			"another column":      replaced(`"actor"`, `"actor\") VALUES (1); --"`),
			"a text for a number": replaced(`"last":`, `"last":"x`),
			"a newer program":     replaced(`"schema":`, `"schema":9`),
			"another format":      replaced(`"version":1`, `"version":2`),
		}
		to := dsn(t)
		for name, dump := range broken {
			if err := store.Load(t.Context(), to, bytes.NewReader(dump), store.Options{}); markwatch.ErrorCode(err) != markwatch.CodeInvalid {
				t.Errorf("%s: %v", name, err)
			}
		}
		// the same database then takes the whole one, and no second
		if err := store.Load(t.Context(), to, bytes.NewReader(good), store.Options{}); err != nil {
			t.Fatal(err)
		}
		if err := store.Load(t.Context(), to, bytes.NewReader(good), store.Options{}); markwatch.ErrorCode(err) != markwatch.CodeConflict {
			t.Errorf("a second load: %v", err)
		}
	})
}

// during calls f at the first write.
type during struct {
	bytes.Buffer
	f func()
}

func (w *during) Write(b []byte) (int, error) {
	if f := w.f; f != nil {
		w.f = nil
		f()
	}
	return w.Buffer.Write(b)
}

func TestADumpShowsOneMomentWhileWorkGoesOn(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, dsn func(testing.TB) string) {
		ctx := t.Context()
		s := storetest.Open(t, dsn(t), store.Options{})
		if err := s.Audit(ctx, store.AuditEntry{Actor: "a", Action: "x", Detail: strings.Repeat("x", 200<<10)}); err != nil {
			t.Fatal(err)
		}
		w := &during{f: func() {
			if _, err := s.StartScan(ctx, "shop", at); err != nil { // scans come behind audit
				t.Error(err)
			}
		}}
		if err := s.Dump(ctx, w); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(w.String(), "shop-2026") {
			t.Error("the dump holds what was written while it was made")
		}
		if _, ok, err := s.OpenScan(ctx, "shop"); err != nil || !ok {
			t.Error("the work beside the dump is lost", err)
		}
	})
}

func FuzzLoad(f *testing.F) {
	s := storetest.Open(f, storetest.SQLite(f), store.Options{})
	lived(f, s)
	good := dumped(f, s)
	f.Add(good[:2000])
	head := good[:bytes.IndexByte(good, '\n')+1]
	f.Add(slices.Concat(head, []byte("{\"table\":\"audit\",\"columns\":[\"seq\",\"at\",\"actor\",\"action\",\"object\",\"detail\"],\"last\":-5}\n[1,2,null,{\"base64\":\"AA==\"},{\"float\":\"NaN\"},[1]]\n")))
	f.Add(slices.Concat(head, []byte("[1]\n{\"end\":true}\n")))
	f.Fuzz(func(t *testing.T, dump []byte) {
		err := store.Load(t.Context(), storetest.SQLite(t), bytes.NewReader(dump), store.Options{})
		if err == nil || markwatch.ErrorCode(err) != markwatch.CodeInvalid {
			t.Errorf("%v", err)
		}
	})
}

func BenchmarkDumpAndLoad(b *testing.B) {
	s := storetest.Open(b, storetest.SQLite(b), store.Options{})
	scan, err := s.StartScan(b.Context(), "shop", at)
	if err != nil {
		b.Fatal(err)
	}
	const listings = 5_000
	if err := s.Tx(b.Context(), func(tx *sql.Tx) error {
		for n := range listings {
			l := numbered(n)
			l.Description = strings.Repeat("描述", 200)
			if _, err := s.PutListing(b.Context(), tx, scan, l, markwatch.Verdict{ID: l.ID}, store.PutOptions{At: at}); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		b.Fatal(err)
	}
	size := len(dumped(b, s))
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		dump := dumped(b, s)
		if err := store.Load(b.Context(), storetest.SQLite(b), bytes.NewReader(dump), store.Options{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(listings*float64(b.N)/b.Elapsed().Seconds(), "listings/s")
}
