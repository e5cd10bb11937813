package scan

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/crawler/frontier"
	"github.com/markwatch/markwatch/store"
)

// finish closes a scan: what fell short of the source's expectation or of its
// earlier nights, and every page that was not seen, becomes a warning, so that
// "no hits" is never taken for "nothing there". Where several processes find
// the scan at its end, one of them closes it.
func (s *Scanner) finish(ctx context.Context, scanID string) error {
	sum, err := s.store.Scan(ctx, scanID)
	if err != nil || !sum.FinishedAt.IsZero() {
		return err
	}
	w, err := s.watch(sum.Source)
	if err != nil {
		return err
	}
	stats, err := s.frontier.Stats(ctx, scanID)
	if err != nil {
		return err
	}
	usual, err := s.store.Baseline(ctx, sum.Source, baselineNights)
	if err != nil {
		return err
	}
	// Dead letters were taken from the frontier by whoever outlived their
	// worker, and are counted here.
	sum.Pages.Failed += stats.Dead
	sum.Pages.Left = stats.Over.Total()
	end := store.Finish{
		At: s.now(), Failed: stats.Dead, Left: stats.Over.Total(),
		Complete: sawAny(sum.Pages) && stats.Over.Total() == 0 && stats.Dead == 0,
		Warnings: slices.Concat(shortfalls(w.source, sum, usual), remains(stats)),
	}
	faults, err := s.openFaults(ctx, scanID, faultsKept)
	if err != nil {
		return err
	}
	first, closed := false, sum
	err = s.store.Tx(ctx, func(tx *sql.Tx) (err error) {
		if end.Names, err = s.coverNames(ctx, tx, w, scanID, end.At); err != nil {
			return err
		}
		if first, err = s.store.FinishScan(ctx, tx, scanID, end); err != nil || !first {
			return err
		}
		if _, err := s.store.CountBlocked(ctx, tx, sum.Source, Blocked(sum)); err != nil {
			return err
		}
		if err := s.store.SetSourceError(ctx, tx, sum.Source, "", end.At); err != nil {
			return err
		}
		if err := s.store.PutFaults(ctx, tx, scanID, faults); err != nil {
			return err
		}
		closed = sum // as it was, since the transaction may run again
		closed.FinishedAt, closed.Complete, closed.Names = end.At, end.Complete, end.Names
		closed.Warnings = slices.Concat(sum.Warnings, end.Warnings)
		return s.finished(ctx, tx, closed)
	})
	if err != nil || !first {
		return err
	}
	sum = closed
	s.log.InfoContext(ctx, "a scan ended", "scan", scanID, "source", sum.Source, "complete", sum.Complete,
		"took", sum.FinishedAt.Sub(sum.StartedAt), "pages", sum.Pages.Total(), "listings", sum.Listings.Seen, "leads", sum.Leads.New)
	s.ended(sum)
	s.walls.forget(scanID)
	return s.sweep(ctx)
}

// sweep forgets the frontiers of finished scans: that of the present one, and
// those that a process was killed over.
func (s *Scanner) sweep(ctx context.Context) error {
	kept, err := s.frontier.Kept(ctx)
	if err != nil {
		return err
	}
	for _, id := range kept {
		sum, err := s.store.Scan(ctx, id)
		if err != nil {
			return err
		}
		if sum.FinishedAt.IsZero() {
			continue
		}
		if err := s.frontier.Drop(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// remains tells of addresses that were known and not dealt with.
func remains(stats frontier.Stats) []string {
	var out []string
	for _, left := range []struct{ reason, text string }{
		{frontier.OverPages, "页数上限已到,%d 个地址留待下次 the limit of pages was reached, addresses left for another night"},
		{frontier.OverBytes, "流量上限已到,%d 个地址留待下次 the limit of traffic was reached, addresses left for another night"},
		{frontier.OverTime, "时间上限已到,%d 个地址留待下次 the limit of time was reached, addresses left for another night"},
		{frontier.OverHost, "%d 个地址因站点拦截未访问 addresses were not asked for, since their host turned us away"},
	} {
		if n := stats.Over[left.reason]; n > 0 {
			out = append(out, fmt.Sprintf(left.text, n))
		}
	}
	if stats.Dead > 0 {
		out = append(out, fmt.Sprintf("%d 个网页三次使采集进程崩溃,已搁置 pages crashed the worker three times and were set aside", stats.Dead))
	}
	return out
}

// Blocked says that a finished scan was turned away: by a host that was given
// up, or on a fifth of the pages that it asked for.
func Blocked(sum markwatch.ScanSummary) bool {
	asked := sum.Pages.Total() - sum.Pages.NotDue
	if sum.Pages.Blocked > 0 && 5*sum.Pages.Blocked >= asked {
		return true
	}
	return slices.ContainsFunc(sum.Warnings, func(text string) bool { return strings.Contains(text, turnedAway) })
}

// turnedAway is in the warning that names a host which was given up.
const turnedAway = "turns us away, it is left alone for this scan"
