package store

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/markwatch/markwatch"
)

// A dump of an older program is loaded into the tables that it knew, and they
// are brought up to date; also where the empty database is newer already.
func TestAnOldDumpIsMigrated(t *testing.T) {
	ctx := t.Context()
	old, err := connect(filepath.Join(t.TempDir(), "old.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	provider, err := old.migrations()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(ctx, 1); err != nil {
		t.Fatal(err)
	}
	doc, err := json.Marshal(markwatch.Listing{ID: "p-1", Title: "耐克"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := old.write.ExecContext(ctx, `INSERT INTO listings (id, source, url, flagged, watched, first_seen, last_seen, first_scan, seen, listing, verdict)
		VALUES ('p-1', 's', 'u', 0, '{}', 1, 2, 'x', 1, $1, '{}')`, string(doc)); err != nil {
		t.Fatal(err)
	}
	var dump bytes.Buffer
	if err := old.Dump(ctx, &dump); err != nil {
		t.Fatal(err)
	}
	newer := filepath.Join(t.TempDir(), "newer.db")
	s, err := Open(ctx, newer, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{"a new file": filepath.Join(t.TempDir(), "new.db"), "an empty newer one": newer} {
		if err := Load(ctx, path, bytes.NewReader(dump.Bytes()), Options{}); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		s, err := Open(ctx, path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if l, err := s.Listing(ctx, "p-1"); err != nil || l.Listing.Title != "耐克" {
			t.Errorf("%s: %+v, %v", name, l, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}
