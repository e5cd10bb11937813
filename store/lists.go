package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/markwatch/markwatch"

	"github.com/markwatch/markwatch/store/sqlform"
)

// part is the place in lists that a kind is kept in.
func part(lists *markwatch.Lists, kind markwatch.ListKind) any {
	switch kind {
	case markwatch.ListBrands:
		return &lists.Brands
	case markwatch.ListWorks:
		return &lists.Works
	case markwatch.ListLexicons:
		return &lists.Lexicons
	case markwatch.ListRules:
		return &lists.Rules
	case markwatch.ListSources:
		return &lists.Sources
	case markwatch.ListUnits:
		return &lists.Units
	}
	return nil
}

// PutLists stores each list whose content differs from its newest version as
// the next version, and returns the versions that now hold.
func (s *Store) PutLists(ctx context.Context, lists markwatch.Lists, actor string, at time.Time) (markwatch.Versions, error) {
	return s.EditLists(ctx, actor, at, func(newest *markwatch.Lists) error {
		*newest = lists
		return nil
	})
}

// EditLists lets edit change the newest lists and stores those that it changed
// as their next versions; the versions that now hold are returned. Nobody else
// changes a list meanwhile. edit may run again and touches nothing else; its
// error ends the whole without a change.
func (s *Store) EditLists(ctx context.Context, actor string, at time.Time, edit func(newest *markwatch.Lists) error) (markwatch.Versions, error) {
	var versions markwatch.Versions
	err := s.Tx(ctx, func(tx *sql.Tx) (err error) {
		versions, err = s.editLists(ctx, tx, actor, at, edit)
		return err
	})
	return versions, err
}

func (s *Store) editLists(ctx context.Context, tx *sql.Tx, actor string, at time.Time, edit func(newest *markwatch.Lists) error) (markwatch.Versions, error) {
	if !s.embedded {
		// Processes that start together each read the newest version and
		// write the next; SQLite has one writer at a time anyway.
		if _, err := tx.ExecContext(ctx, `LOCK TABLE lists IN SHARE ROW EXCLUSIVE MODE`); err != nil {
			return nil, fault(err, "locking the lists")
		}
	}
	lists, versions, err := listsAt(ctx, tx, nil)
	if err != nil {
		return nil, err
	}
	if err := edit(&lists); err != nil {
		return nil, err
	}
	for _, kind := range markwatch.ListKinds() {
		content, err := listDocument(&lists, kind)
		if err != nil {
			return nil, err
		}
		before := versions[kind]
		if versions[kind], err = putList(ctx, tx, kind, content, actor, at); err != nil {
			return nil, fault(err, fmt.Sprintf("storing the %s", kind))
		}
		// Where a lead goes is searched and counted by, and follows from the
		// units; so the index is told of every lead anew.
		if kind == markwatch.ListUnits && versions[kind] != before {
			if _, err := tx.ExecContext(ctx, `INSERT INTO index_queue (listing, at) SELECT id, $1 FROM leads ORDER BY seq`, sqlform.Millis(at)); err != nil {
				return nil, fault(err, "telling the index of the units")
			}
		}
	}
	return versions, nil
}

// listDocument is the form in which a list is stored.
func listDocument(lists *markwatch.Lists, kind markwatch.ListKind) (string, error) {
	content, err := document(part(lists, kind))
	if content == "null" {
		content = "[]"
	}
	return content, err
}

func putList(ctx context.Context, tx *sql.Tx, kind markwatch.ListKind, content, actor string, at time.Time) (int, error) {
	sum := sha256.Sum256([]byte(content))
	hash := hex.EncodeToString(sum[:])
	var version int
	var newest string
	err := tx.QueryRowContext(ctx,
		`SELECT version, hash FROM lists WHERE kind = $1 ORDER BY version DESC LIMIT 1`, string(kind)).Scan(&version, &newest)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, err
	}
	if newest == hash || version == 0 && empty(content) {
		return version, nil
	}
	version++
	_, err = tx.ExecContext(ctx, `INSERT INTO lists (kind, version, hash, content, actor, at) VALUES ($1, $2, $3, $4, $5, $6)`,
		string(kind), version, hash, content, sqlform.Plain(actor), sqlform.Millis(at))
	if uniqueViolation(err) {
		return 0, markwatch.WrapError(markwatch.CodeConflict, err, "somebody else has just stored the %s", kind)
	}
	return version, err
}

// empty says that a list has no entry; such a list is not worth a first version.
func empty(content string) bool { return content == "[]" || content == emptyUnits }

// emptyUnits is the document of markwatch.Units{}.
const emptyUnits = `{"units":null,"routes":null}`

// Lists returns the newest version of every list. A list that was never
// stored is empty and has version 0.
func (s *Store) Lists(ctx context.Context) (markwatch.Lists, markwatch.Versions, error) {
	return s.ListsAt(ctx, nil)
}

// ListVersions returns the number of every list's newest version, 0 for a list
// that was never stored.
func (s *Store) ListVersions(ctx context.Context) (markwatch.Versions, error) {
	versions := markwatch.Versions{}
	for _, kind := range markwatch.ListKinds() {
		versions[kind] = 0
	}
	rows, err := s.read.QueryContext(ctx, `SELECT kind, max(version) FROM lists GROUP BY kind`)
	if err != nil {
		return nil, fault(err, "reading the versions of the lists")
	}
	defer rows.Close()
	for rows.Next() {
		var kind string
		var version int
		if err := rows.Scan(&kind, &version); err != nil {
			return nil, fault(err, "reading the versions of the lists")
		}
		versions[markwatch.ListKind(kind)] = version
	}
	return versions, fault(rows.Err(), "reading the versions of the lists")
}

// ListsAt returns the lists in the given versions, so that a verdict can be
// computed again; a kind that at does not name is read in its newest version.
// A version that was never stored is CodeNotFound.
func (s *Store) ListsAt(ctx context.Context, at markwatch.Versions) (markwatch.Lists, markwatch.Versions, error) {
	return listsAt(ctx, s.read, at)
}

// rowQuerier is a database or a transaction.
type rowQuerier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func listsAt(ctx context.Context, from rowQuerier, at markwatch.Versions) (markwatch.Lists, markwatch.Versions, error) {
	var lists markwatch.Lists
	versions := markwatch.Versions{}
	for _, kind := range markwatch.ListKinds() {
		want, fixed := at[kind]
		var content string
		var version int
		var err error
		if fixed {
			version = want
			err = from.QueryRowContext(ctx,
				`SELECT content FROM lists WHERE kind = $1 AND version = $2`, string(kind), want).Scan(&content)
		} else {
			err = from.QueryRowContext(ctx,
				`SELECT version, content FROM lists WHERE kind = $1 ORDER BY version DESC LIMIT 1`, string(kind)).Scan(&version, &content)
		}
		switch {
		case errors.Is(err, sql.ErrNoRows) && fixed && want > 0:
			return lists, nil, markwatch.Errorf(markwatch.CodeNotFound, "version %d of the %s was never stored", want, kind)
		case errors.Is(err, sql.ErrNoRows):
			versions[kind] = 0
			continue
		case err != nil:
			return lists, nil, fault(err, fmt.Sprintf("reading the %s", kind))
		}
		if err := json.Unmarshal([]byte(content), part(&lists, kind)); err != nil {
			return lists, nil, fmt.Errorf("reading version %d of the %s: %w", version, kind, err)
		}
		versions[kind] = version
	}
	return lists, versions, nil
}
