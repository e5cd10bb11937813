package scan

import (
	"context"
	"strings"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler"
	"github.com/markwatch/markwatch/store"
)

// Status tells of every source what an operator looks at in the morning, in
// the order of the configuration. next says when a source's schedule comes
// round again.
func (s *Scanner) Status(ctx context.Context, next func(source string) time.Time) ([]markwatch.SourceStatus, error) {
	running, err := s.Progress(ctx)
	if err != nil {
		return nil, err
	}
	states, err := s.store.SourceStates(ctx)
	if err != nil {
		return nil, err
	}
	var out []markwatch.SourceStatus
	sources := s.known.Load().lists.Sources
	for i := range sources {
		src := &sources[i]
		status := markwatch.SourceStatus{ID: src.ID, Name: src.Name, Kind: src.Kind, Schedule: src.Schedule}
		if next != nil {
			status.Next = next(src.ID)
		}
		last, err := s.store.Scans(ctx, store.ScanFilter{Source: src.ID, Finished: true, Limit: 1})
		if err != nil {
			return nil, err
		}
		if len(last) > 0 {
			status.Last = &last[0]
		}
		for j := range running {
			if running[j].Source == src.ID {
				status.Running = &running[j]
			}
		}
		if state := states[src.ID]; status.Last == nil || state.ErrorAt.After(status.Last.StartedAt) {
			status.LastError = state.LastError
		}
		status.Health = health(src, &status)
		if status.Names, err = s.nameCoverage(ctx, src, status.Last); err != nil {
			return nil, err
		}
		out = append(out, status)
	}
	return out, nil
}

// health sums up the newest scan.
func health(src *markwatch.Source, status *markwatch.SourceStatus) markwatch.SourceHealth {
	last := status.Last
	switch {
	case status.LastError != "":
		return markwatch.HealthBroken
	case last == nil:
		return markwatch.HealthNew
	case Blocked(*last):
		return markwatch.HealthBlocked
	case !sawAny(last.Pages):
		return markwatch.HealthBroken
	case !last.Complete, last.Listings.Seen < src.Expect.Listings, Declined(*last):
		return markwatch.HealthDegraded
	}
	for field, want := range src.Expect.Coverage {
		if last.Listings.Seen > 0 && last.Fields[field] < want {
			return markwatch.HealthDegraded
		}
	}
	return markwatch.HealthGood
}

// Declined says that a finished scan brought less than the source's earlier
// nights.
func Declined(sum markwatch.ScanSummary) bool {
	for _, text := range sum.Warnings {
		if strings.Contains(text, earlierNights) {
			return true
		}
	}
	return false
}

// nameCoverage is how far the source's names are covered as of now.
func (s *Scanner) nameCoverage(ctx context.Context, src *markwatch.Source, last *markwatch.ScanSummary) (*markwatch.NameCoverage, error) {
	if readsFiles(src) {
		return nil, nil
	}
	seeds, err := crawler.Seeds(src, s.known.Load().lists)
	if err != nil {
		return nil, nil //nolint:nilerr // a start that cannot be expanded is told where a scan begins
	}
	covered, err := s.store.NamesCovered(ctx, src.ID)
	if err != nil {
		return nil, err
	}
	tonight := 0
	if last != nil && last.Names != nil {
		tonight = last.Names.Covered
	}
	return coverage(names(seeds), covered, tonight), nil
}
