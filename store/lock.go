package store

import (
	"context"
	"database/sql"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
)

// lockListings keeps every other transaction that reads or stores these
// listings waiting until this one ends, also those that are not stored yet.
// Without it two pages that show one offer would each merge with what was known
// before the other, and FOR UPDATE would show the other's listing beside stale
// rows that are joined to it
// (https://www.postgresql.org/docs/current/transaction-iso.html#XACT-READ-COMMITTED).
// SQLite has one writer at a time.
func (s *Store) lockListings(ctx context.Context, tx *sql.Tx, ids []string) error {
	if s.embedded || len(ids) == 0 {
		return nil
	}
	keys := make([]int64, 0, len(ids))
	for _, id := range ids {
		h := fnv.New64a()
		h.Write([]byte(id))
		keys = append(keys, int64(h.Sum64()))
	}
	// One order for all, so that two pages do not wait for each other.
	slices.Sort(keys)
	keys = slices.Compact(keys)
	for chunk := range slices.Chunk(keys, 500) {
		var b strings.Builder
		args := make([]any, 0, len(chunk))
		for i, k := range chunk {
			if i > 0 {
				b.WriteString(", ")
			}
			fmt.Fprintf(&b, "($%d::bigint)", i+1)
			args = append(args, k)
		}
		if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(k) FROM (VALUES `+b.String()+`) AS keys (k)`, args...); err != nil {
			return err
		}
	}
	return nil
}
