package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/store/sqlform"
)

// Take is a configuration folder's lists on their way into the store.
type Take struct {
	// Process names the process whose folder it is, the same whenever it
	// starts again.
	Process string
	Folder  markwatch.Lists
	// Replace lets the folder's lists stand as they are, whatever was changed
	// in the store.
	Replace bool
	Actor   string
	At      time.Time
}

// Taken is what holds after a Take.
type Taken struct {
	Lists    markwatch.Lists
	Versions markwatch.Versions
	// Conflicts are entries that changed in the folder and in the store; they
	// keep their stored form.
	Conflicts []markwatch.ListConflict
}

// TakeLists brings what changed in a configuration folder since it was last
// taken into the stored lists (markwatch.MergeLists), and returns the lists
// that now hold. A folder that is taken for the first time is compared with
// what was last taken from another process's; the very first replaces what was
// stored.
func (s *Store) TakeLists(ctx context.Context, t Take) (Taken, error) {
	var got Taken
	err := s.Tx(ctx, func(tx *sql.Tx) (err error) {
		got = Taken{}
		got.Versions, err = s.editLists(ctx, tx, t.Actor, t.At, func(lists *markwatch.Lists) error {
			base, known, err := takenLists(ctx, tx, t.Process)
			if err != nil {
				return err
			}
			if !known || t.Replace {
				*lists = t.Folder
			} else if *lists, got.Conflicts, err = markwatch.MergeLists(base, *lists, t.Folder); err != nil {
				return err
			}
			got.Lists = *lists
			return nil
		})
		if err != nil {
			return err
		}
		return putTaken(ctx, tx, &t)
	})
	return got, err
}

// takenLists is what was last taken from a process's folder, or from any where
// that is new: processes that share a store are given the same folder.
func takenLists(ctx context.Context, tx *sql.Tx, process string) (lists markwatch.Lists, known bool, err error) {
	for _, kind := range markwatch.ListKinds() {
		var content string
		err := tx.QueryRowContext(ctx, `SELECT content FROM taken_lists WHERE kind = $2
			ORDER BY CASE WHEN process = $1 THEN 0 ELSE 1 END, at DESC LIMIT 1`, process, string(kind)).Scan(&content)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return lists, false, fault(err, "reading what was taken from the configuration folder")
		}
		if err := json.Unmarshal([]byte(content), part(&lists, kind)); err != nil {
			return lists, false, fmt.Errorf("reading the %s that were taken from the configuration folder: %w", kind, err)
		}
		known = true
	}
	return lists, known, nil
}

func putTaken(ctx context.Context, tx *sql.Tx, t *Take) error {
	for _, kind := range markwatch.ListKinds() {
		content, err := listDocument(&t.Folder, kind)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO taken_lists (process, kind, content, at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (process, kind) DO UPDATE SET content = excluded.content, at = excluded.at
			WHERE taken_lists.content <> excluded.content`,
			t.Process, string(kind), content, sqlform.Millis(t.At)); err != nil {
			return fault(err, "noting what was taken from the configuration folder")
		}
	}
	return nil
}
