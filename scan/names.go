package scan

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler"
	"github.com/markwatch/markwatch/store"
)

// seedShare is the part of a night's pages that result pages may take where
// there are more names than the night can ask for: the rest is for the offers
// that they lead to.
const seedShare = 2

// turn chooses the names that a night asks for: all, where their result pages
// fit; else those that have waited longest since they were asked for, whether
// the answers came or not: a name whose pages never come takes no other's turn.
// Seeds without a name are always kept, and the order of seeds
// stays.
func turn(seeds []crawler.Seed, asked map[string]time.Time, pages int) []crawler.Seed {
	most := pages / seedShare
	if pages <= 0 || len(seeds) <= most {
		return seeds
	}
	count := map[string]int{}
	var names []string
	for _, s := range seeds {
		if count[s.Name]++; count[s.Name] == 1 && s.Name != "" {
			names = append(names, s.Name)
		}
	}
	slices.SortStableFunc(names, func(a, b string) int { return asked[a].Compare(asked[b]) })
	chosen := map[string]bool{"": true}
	left := most - count[""]
	for i, name := range names {
		// One name at least has its turn, however many pages it has.
		if i > 0 && count[name] > left {
			break
		}
		chosen[name] = true
		left -= count[name]
	}
	var kept []crawler.Seed
	for _, s := range seeds {
		if chosen[s.Name] {
			kept = append(kept, s)
		}
	}
	return kept
}

// names lists the distinct names that a source asks for, in the order of its
// seeds.
func names(seeds []crawler.Seed) []string {
	var all []string
	seen := map[string]bool{"": true}
	for _, s := range seeds {
		if !seen[s.Name] {
			seen[s.Name] = true
			all = append(all, s.Name)
		}
	}
	return all
}

// coverage says how far the names of a source were covered: in a scan whose
// well covered names are given, and as of now.
func coverage(all []string, covered map[string]time.Time, tonight int) *markwatch.NameCoverage {
	if len(all) == 0 {
		return nil
	}
	c := &markwatch.NameCoverage{Total: len(all), Covered: tonight}
	for i, name := range all {
		at := covered[name]
		if i == 0 || at.Before(c.Oldest) {
			c.Oldest = at
		}
	}
	return c
}

// coverNames records which names a finished scan has covered: all of a name's
// result pages were seen.
func (s *Scanner) coverNames(ctx context.Context, tx *sql.Tx, w *watch, scanID string, at time.Time) (*markwatch.NameCoverage, error) {
	if readsFiles(w.source) {
		return nil, nil
	}
	seeds, err := crawler.Seeds(w.source, s.known.Load().lists)
	if err != nil {
		return nil, err
	}
	all := names(seeds)
	if len(all) == 0 {
		return nil, nil
	}
	states, err := s.frontier.Names(ctx, scanID)
	if err != nil {
		return nil, err
	}
	var done, asked []string
	for _, n := range states {
		asked = append(asked, n.Name)
		if n.Seen == n.Addresses {
			done = append(done, n.Name)
		}
	}
	if err := s.store.CoverNames(ctx, tx, w.source.ID, done, at); err != nil {
		return nil, err
	}
	if err := s.store.AskNames(ctx, tx, w.source.ID, asked, at); err != nil {
		return nil, err
	}
	if err := s.store.KeepNames(ctx, tx, w.source.ID, all); err != nil {
		return nil, err
	}
	covered, err := s.store.NamesCovered(ctx, w.source.ID)
	if err != nil {
		return nil, err
	}
	for _, name := range done {
		covered[name] = at
	}
	return coverage(all, covered, len(done)), nil
}

// NameAge is one protected name of a source with when all of its result pages
// were last seen; zero is never.
type NameAge struct {
	Name    string    `json:"name"`
	Covered time.Time `json:"covered,omitzero"`
}

// Names tells when each name that a source asks for was last covered, those
// that have waited longest first.
func (s *Scanner) Names(ctx context.Context, source string) ([]NameAge, error) {
	w, err := s.watch(source)
	if err != nil || readsFiles(w.source) {
		return nil, err
	}
	seeds, err := crawler.Seeds(w.source, s.known.Load().lists)
	if err != nil {
		return nil, err
	}
	covered, err := s.store.NamesCovered(ctx, source)
	if err != nil {
		return nil, store.Fault(err, "reading when names were covered")
	}
	var ages []NameAge
	for _, name := range names(seeds) {
		ages = append(ages, NameAge{Name: name, Covered: covered[name]})
	}
	slices.SortStableFunc(ages, func(a, b NameAge) int { return a.Covered.Compare(b.Covered) })
	return ages, nil
}
