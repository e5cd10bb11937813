package store_test

import (
	"database/sql"
	"fmt"
	"testing"

	"github.com/markwatch/markwatch/store/storetest"
)

// A statement that is kept compiled behaves as if it were compiled anew:
// within itself, after it failed, after the tables changed, and among more
// statements than are kept.
func TestKeptStatements(t *testing.T) {
	s := numbers(t, storetest.SQLite(t))
	err := s.Tx(t.Context(), func(tx *sql.Tx) error {
		for n := range 3 {
			if err := insert(n)(tx); err != nil {
				return err
			}
			if err := insert(n)(tx); err == nil {
				t.Error("a number is stored twice")
			}
		}
		const query = `SELECT n FROM numbers WHERE n >= $1 ORDER BY n`
		outer, err := tx.Query(query, 0)
		if err != nil {
			return err
		}
		defer outer.Close()
		var got []string
		for outer.Next() {
			var from, n int
			if err := outer.Scan(&from); err != nil {
				return err
			}
			if err := tx.QueryRow(query, from+1).Scan(&n); err != nil {
				got = append(got, fmt.Sprint(from, " ", err))
				continue
			}
			got = append(got, fmt.Sprint(from, " ", n))
		}
		if want := "[0 1 1 2 2 sql: no rows in result set]"; fmt.Sprint(got) != want {
			t.Errorf("a query within itself: %v, want %s", got, want)
		}
		return outer.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	for n := range 500 {
		var got int
		if err := s.DB().QueryRow(fmt.Sprintf(`SELECT %d + $1`, n), 1).Scan(&got); err != nil || got != n+1 {
			t.Fatal(got, err)
		}
	}
	for _, change := range []string{`ALTER TABLE numbers ADD COLUMN m BIGINT DEFAULT 7`, `DROP TABLE numbers`, `CREATE TABLE numbers (n BIGINT, m TEXT DEFAULT 'seven')`} {
		if _, err := s.DB().Exec(change); err != nil {
			t.Fatal(err)
		}
		_, err := s.DB().Exec(`INSERT INTO numbers (n) VALUES ($1)`, 9)
		rows := 0
		if scan := s.DB().QueryRow(`SELECT count(*) FROM numbers`).Scan(&rows); (scan == nil) != (err == nil) {
			t.Errorf("after %s: %v and %v", change, err, scan)
		}
	}
}
