package markwatch

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// ListConflict is an entry that was changed in two places since they last
// agreed, in a configuration folder and in the store.
type ListConflict struct {
	Kind ListKind
	// ID is the entry's; empty for the units, which are compared as a whole.
	ID string
}

// String is how messages name the entry: "brands/nike".
func (c ListConflict) String() string {
	if c.ID == "" {
		return string(c.Kind)
	}
	return string(c.Kind) + "/" + c.ID
}

// MergeLists brings what changed in a configuration folder into the stored
// lists, entry by entry. base is what was last taken from the folder: an entry
// that is in the folder as it was in base keeps its stored form, one that is
// stored as it was in base takes the folder's. An entry that changed in both
// keeps its stored form and is reported. Sources are always the folder's, since
// their files and paths belong to it.
//
// The order is the folder's; entries that are only stored follow. Pictures and
// texts that entries name are paths and are compared as such.
func MergeLists(base, stored, folder Lists) (Lists, []ListConflict, error) {
	m := merger{}
	merged := Lists{
		Brands:   mergeEntries(&m, ListBrands, base.Brands, stored.Brands, folder.Brands, func(b Brand) string { return b.ID }),
		Works:    mergeEntries(&m, ListWorks, base.Works, stored.Works, folder.Works, func(w Work) string { return w.ID }),
		Lexicons: mergeEntries(&m, ListLexicons, base.Lexicons, stored.Lexicons, folder.Lexicons, func(l Lexicon) string { return l.ID }),
		Rules:    mergeEntries(&m, ListRules, base.Rules, stored.Rules, folder.Rules, func(r Rule) string { return r.ID }),
		Sources:  folder.Sources,
	}
	units := mergeEntries(&m, ListUnits, []Units{base.Units}, []Units{stored.Units}, []Units{folder.Units}, func(Units) string { return "" })
	if len(units) > 0 {
		merged.Units = units[0]
	}
	return merged, m.conflicts, m.err
}

type merger struct {
	conflicts []ListConflict
	err       error
}

// same compares two entries by the documents that the store keeps of them.
func (m *merger) same(a, b any) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	for _, err := range []error{errX, errY} {
		if err != nil && m.err == nil {
			m.err = fmt.Errorf("comparing entries of the lists: %w", err)
		}
	}
	return bytes.Equal(x, y)
}

func mergeEntries[T any](m *merger, kind ListKind, base, stored, folder []T, id func(T) string) []T {
	inBase, inStore, inFolder := byID(base, id), byID(stored, id), byID(folder, id)
	// pick decides between an entry's forms; one that is nil is not there.
	pick := func(was, kept, now *T) *T {
		switch {
		case kept == nil && now == nil:
			return nil
		case kept != nil && now != nil && m.same(*kept, *now):
			return kept
		case unchanged(m, was, now):
			return kept
		case unchanged(m, was, kept):
			return now
		}
		m.conflicts = append(m.conflicts, ListConflict{kind, id(*either(kept, now))})
		return kept
	}
	var merged []T
	for _, e := range folder {
		key := id(e)
		if got := pick(inBase[key], inStore[key], &e); got != nil {
			merged = append(merged, *got)
		}
	}
	for _, e := range stored {
		key := id(e)
		if inFolder[key] != nil {
			continue
		}
		if got := pick(inBase[key], &e, nil); got != nil {
			merged = append(merged, *got)
		}
	}
	return merged
}

// unchanged says that an entry is what it was, or is missing as it was.
func unchanged[T any](m *merger, was, is *T) bool {
	if was == nil || is == nil {
		return was == is
	}
	return m.same(*was, *is)
}

func either[T any](a, b *T) *T {
	if a != nil {
		return a
	}
	return b
}

func byID[T any](entries []T, id func(T) string) map[string]*T {
	m := make(map[string]*T, len(entries))
	for i := range entries {
		m[id(entries[i])] = &entries[i]
	}
	return m
}
