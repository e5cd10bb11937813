package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/store"
)

// Leads are found by the units that the routes lead to now, without being
// judged, changed or indexed anew by hand.
func TestLeadsAreFoundByTheUnitsOfToday(t *testing.T) {
	m := startSample(t, 60)
	dir := m.config(t)
	write(t, filepath.Join(dir, "units.yaml"), handlingUnits)
	must(t, "scan", "--config", dir)
	found := func(unit string) int {
		t.Helper()
		return strings.Count(must(t, "search", "--config", dir, "--json", "unit:"+unit), `"number"`)
	}
	before := found("u-culture")
	if before == 0 {
		t.Fatal("no lead goes to the unit to begin with")
	}
	startServe(t, dir)
	s, err := store.Open(t.Context(), filepath.Join(dir, "data", "markwatch.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.EditLists(t.Context(), "张敏", time.Now(), func(l *markwatch.Lists) error {
		for i := range l.Units.Units {
			if l.Units.Units[i].ID == "u-culture" {
				l.Units.Units[i].ID = "u-arts"
			}
		}
		for i := range l.Units.Routes {
			if l.Units.Routes[i].To.Unit == "u-culture" {
				l.Units.Routes[i].To.Unit = "u-arts"
			}
		}
		return nil
	})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the leads to be found by the unit's new id", func() bool {
		time.Sleep(100 * time.Millisecond)
		return found("u-arts") == before && found("u-culture") == 0
	})
}
