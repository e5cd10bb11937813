package markwatch_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/markwatch/markwatch"
)

// brands makes a list of "id" or "id=holder".
func brands(entries string) markwatch.Lists {
	var l markwatch.Lists
	for _, e := range strings.Fields(entries) {
		id, holder, _ := strings.Cut(e, "=")
		l.Brands = append(l.Brands, markwatch.Brand{ID: id, Holder: holder})
	}
	return l
}

func TestMergeLists(t *testing.T) {
	for _, c := range []struct{ name, base, stored, folder, want, conflicts string }{
		{"nothing changed", "a b", "a b", "a b", "a b", ""},
		{"the folder changes an entry", "a=1 b", "a=1 b", "a=2 b", "a=2 b", ""},
		{"the desk changes an entry", "a=1 b", "a=2 b", "a=1 b", "a=2 b", ""},
		{"both change it alike", "a=1", "a=2", "a=2", "a=2", ""},
		{"both change it: the desk's stays and is told", "a=1 b", "a=2 b", "a=3 b", "a=2 b", "brands/a"},
		{"the folder adds", "a", "a", "a b", "a b", ""},
		{"the desk adds", "a", "a b", "a", "a b", ""},
		{"both add the same differently", "", "a=1", "a=2", "a=1", "brands/a"},
		{"the folder takes away", "a b", "a b", "a", "a", ""},
		{"the desk takes away", "a b", "a", "a b", "a", ""},
		{"both take away", "a b", "a", "a", "a", ""},
		{"the folder takes away what the desk changed", "a b=1", "a b=2", "a", "a b=2", "brands/b"},
		{"the desk takes away what the folder changed", "a b=1", "a", "a b=2", "a", "brands/b"},
		{"the folder's order counts", "a b", "a b", "b a", "b a", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, conflicts, err := markwatch.MergeLists(brands(c.base), brands(c.stored), brands(c.folder))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(brands(c.want).Brands, got.Brands); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
			var told []string
			for _, c := range conflicts {
				told = append(told, c.String())
			}
			if d := cmp.Diff(c.conflicts, strings.Join(told, " ")); d != "" {
				t.Errorf("conflicts -want +got:\n%s", d)
			}
		})
	}
}

func TestMergeListsOfUnitsAndSources(t *testing.T) {
	units := func(name string) markwatch.Lists {
		return markwatch.Lists{
			Units:   markwatch.Units{Units: []markwatch.Unit{{ID: "u", Name: name}}},
			Sources: []markwatch.Source{{ID: name}},
		}
	}
	got, conflicts, err := markwatch.MergeLists(units("1"), units("2"), units("1"))
	if err != nil || len(conflicts) > 0 {
		t.Fatal(conflicts, err)
	}
	if got.Units.Units[0].Name != "2" || got.Sources[0].ID != "1" {
		t.Errorf("units %v, sources %v", got.Units, got.Sources)
	}
}
