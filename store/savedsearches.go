package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/store/sqlform"
)

const savedColumns = `id, owner, name, query, notify, created_at, checked_at, total, fresh`

// PutSavedSearch keeps a search under its owner's name for it. Where there is
// one of that name already it gets the query, and where that is another query,
// what was found before is forgotten. The search is returned as it is stored.
func (s *Store) PutSavedSearch(ctx context.Context, search markwatch.SavedSearch) (markwatch.SavedSearch, error) {
	search.Owner, search.Name, search.Query = sqlform.Plain(search.Owner), sqlform.Plain(search.Name), sqlform.Plain(search.Query)
	if strings.TrimSpace(search.Name) == "" || search.Owner == "" {
		return search, markwatch.Errorf(markwatch.CodeInvalid, "保存的检索要有名称 a saved search needs a name")
	}
	err := s.Tx(ctx, func(tx *sql.Tx) error {
		old, err := savedSearches(ctx, tx, `owner = $1 AND name = $2`, search.Owner, search.Name)
		if err != nil {
			return err
		}
		if len(old) == 0 {
			id, err := uuid.NewV7()
			if err != nil {
				return err
			}
			search.ID = id.String()
			if search.CreatedAt.IsZero() {
				search.CreatedAt = s.now()
			}
			search.CheckedAt, search.Total, search.Fresh = time.Time{}, 0, 0
			_, err = tx.ExecContext(ctx, `INSERT INTO saved_searches (id, owner, name, query, notify, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
				search.ID, search.Owner, search.Name, search.Query, flag(search.Notify), sqlform.Millis(search.CreatedAt))
			return err
		}
		same, notify := old[0].Query == search.Query, search.Notify
		query := search.Query
		search = old[0]
		search.Notify, search.Query = notify, query
		if !same {
			search.CheckedAt, search.Total, search.Fresh = time.Time{}, 0, 0
			if _, err := tx.ExecContext(ctx, `DELETE FROM saved_hits WHERE search = $1`, search.ID); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, `UPDATE saved_searches SET query = $1, notify = $2, checked_at = $3, total = $4, fresh = $5 WHERE id = $6`,
			search.Query, flag(search.Notify), sqlform.Millis(search.CheckedAt), search.Total, search.Fresh, search.ID)
		return err
	})
	search.CreatedAt = fromMillis(sqlform.Millis(search.CreatedAt))
	return search, fault(err, "keeping a search")
}

// SavedSearches returns the searches of an owner by name, or everybody's where
// owner is empty.
func (s *Store) SavedSearches(ctx context.Context, owner string) ([]markwatch.SavedSearch, error) {
	list, err := savedSearches(ctx, s.read, `$1 = '' OR owner = $1`, owner)
	return list, fault(err, "reading saved searches")
}

// SavedSearch returns a search by its id, or an owner's by its name. The error
// has markwatch.CodeNotFound where there is none.
func (s *Store) SavedSearch(ctx context.Context, owner, idOrName string) (markwatch.SavedSearch, error) {
	list, err := savedSearches(ctx, s.read, `id = $1 OR owner = $2 AND name = $1`, idOrName, owner)
	if err == nil && len(list) == 0 {
		return markwatch.SavedSearch{}, markwatch.Errorf(markwatch.CodeNotFound, "没有保存的检索 there is no saved search %q", idOrName)
	}
	if err != nil {
		return markwatch.SavedSearch{}, fault(err, "reading a saved search")
	}
	return list[0], nil
}

// DropSavedSearch forgets a search and what it found.
func (s *Store) DropSavedSearch(ctx context.Context, id string) error {
	return fault(s.Tx(ctx, func(tx *sql.Tx) error {
		for _, statement := range []string{`DELETE FROM saved_hits WHERE search = $1`, `DELETE FROM saved_searches WHERE id = $1`} {
			if _, err := tx.ExecContext(ctx, statement, id); err != nil {
				return err
			}
		}
		return nil
	}), "dropping a saved search")
}

// NoteSavedHits says what a search finds now, and returns those hits that were
// none when it was last looked through, in their order; none at the first time,
// when everything is only noted. A hit that was lost and came back is new
// again. then is told the new ones in the transaction that notes them; it may
// be nil.
func (s *Store) NoteSavedHits(ctx context.Context, id string, hits []string, at time.Time, then func(ctx context.Context, tx *sql.Tx, fresh []string) error) (fresh []string, err error) {
	err = s.Tx(ctx, func(tx *sql.Tx) error {
		fresh = nil
		list, err := savedSearches(ctx, tx, `id = $1`, id)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return markwatch.Errorf(markwatch.CodeNotFound, "没有保存的检索 there is no saved search %q", id)
		}
		rows, err := tx.QueryContext(ctx, `SELECT listing FROM saved_hits WHERE search = $1`, id)
		before, err := sqlform.Collect(rows, err, func(rows *sql.Rows) (listing string, err error) {
			err = rows.Scan(&listing)
			return listing, err
		})
		if err != nil {
			return err
		}
		known := map[string]bool{}
		for _, listing := range before {
			known[listing] = true
		}
		now := map[string]bool{}
		for _, listing := range hits {
			if !known[listing] && !now[listing] {
				fresh = append(fresh, listing)
			}
			now[listing] = true
		}
		lost := slices.DeleteFunc(before, func(listing string) bool { return now[listing] })
		found := sqlform.Millis(at)
		added := fresh
		if list[0].CheckedAt.IsZero() {
			found, fresh = 0, nil
		}
		if err := addSavedHits(ctx, tx, id, added, found); err != nil {
			return err
		}
		for chunk := range slices.Chunk(lost, 500) {
			var w where
			w.add("search = ?", id)
			in(&w, "listing", chunk)
			if _, err := tx.ExecContext(ctx, `DELETE FROM saved_hits`+w.String(), w.args...); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, `UPDATE saved_searches SET checked_at = $1, total = $2, fresh = $3 WHERE id = $4`,
			sqlform.Millis(at), len(now), len(fresh), id); err != nil {
			return err
		}
		if then == nil {
			return nil
		}
		return then(ctx, tx, fresh)
	})
	return fresh, fault(err, "noting what a saved search finds")
}

func addSavedHits(ctx context.Context, tx *sql.Tx, id string, listings []string, found int64) error {
	for chunk := range slices.Chunk(listings, 500) {
		args := []any{id, found}
		var values strings.Builder
		for i, listing := range chunk {
			if i > 0 {
				values.WriteString(", ")
			}
			args = append(args, listing)
			fmt.Fprintf(&values, "($1, $%d, $2)", len(args))
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO saved_hits (search, listing, found_at) VALUES `+values.String(), args...); err != nil {
			return err
		}
	}
	return nil
}

// SavedHitsSince returns the ids of the listings that a search found for the
// first time after an instant, the latest first.
func (s *Store) SavedHitsSince(ctx context.Context, id string, since time.Time) ([]string, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT listing FROM saved_hits WHERE search = $1 AND found_at > $2 ORDER BY found_at DESC, listing`, id, sqlform.Millis(since))
	list, err := sqlform.Collect(rows, err, func(rows *sql.Rows) (listing string, err error) {
		err = rows.Scan(&listing)
		return listing, err
	})
	return list, fault(err, "reading what a saved search found")
}

func savedSearches(ctx context.Context, q querier, where string, args ...any) ([]markwatch.SavedSearch, error) {
	rows, err := q.QueryContext(ctx, `SELECT `+savedColumns+` FROM saved_searches WHERE `+where+` ORDER BY owner, name`, args...)
	return sqlform.Collect(rows, err, func(rows *sql.Rows) (markwatch.SavedSearch, error) {
		var f markwatch.SavedSearch
		var notify int
		var created, checked int64
		err := rows.Scan(&f.ID, &f.Owner, &f.Name, &f.Query, &notify, &created, &checked, &f.Total, &f.Fresh)
		f.Notify, f.CreatedAt, f.CheckedAt = notify != 0, fromMillis(created), fromMillis(checked)
		return f, err
	})
}
