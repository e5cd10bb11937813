package scan

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/markwatch/markwatch"
)

// finish closes a scan: what fell short of the source's expectation, and every
// page that was not seen, becomes a warning, so that "no hits" is never taken
// for "nothing there".
func (s *Scanner) finish(ctx context.Context, scanID string) error {
	sum, err := s.store.Scan(ctx, scanID)
	if err != nil {
		return err
	}
	w, err := s.watch(sum.Source)
	if err != nil {
		return err
	}
	warnings := shortfalls(w.source, sum)
	for _, text := range warnings {
		if err := s.warn(ctx, scanID, text); err != nil {
			return err
		}
	}
	stats, err := s.frontier.Stats(ctx, scanID)
	if err != nil {
		return err
	}
	if stats.Over > 0 {
		text := fmt.Sprintf("页数上限已到,%d 个地址留待下次 the limit of pages was reached, addresses left for another night", stats.Over)
		if err := s.warn(ctx, scanID, text); err != nil {
			return err
		}
	}
	if stats.Dead > 0 {
		if err := s.warn(ctx, scanID, fmt.Sprintf("%d 个网页三次使采集进程崩溃,已搁置 pages crashed the worker three times and were set aside", stats.Dead)); err != nil {
			return err
		}
	}
	return s.store.FinishScan(ctx, scanID, sawAny(sum.Pages) && stats.Over == 0 && stats.Dead == 0, s.now())
}

// sawAny says that at least one page could be read.
func sawAny(p markwatch.PageCounts) bool { return p.Fetched+p.Unchanged+p.Empty > 0 }

// shortfalls says in what a scan is less than a healthy one.
func shortfalls(src *markwatch.Source, sum markwatch.ScanSummary) []string {
	var out []string
	p := sum.Pages
	if !sawAny(p) {
		out = append(out, "没有一个网页被看到 not one page was seen")
	}
	for _, lost := range []struct {
		n    int
		text string
	}{
		{p.Blocked, "%d 个网页被拦截 pages were blocked"},
		{p.Failed, "%d 个网页采集失败 pages failed"},
		{p.Undecodable, "%d 个网页不能解读 pages could not be decoded"},
	} {
		if lost.n > 0 {
			out = append(out, fmt.Sprintf(lost.text, lost.n))
		}
	}
	if sum.Listings.Seen < src.Expect.Listings {
		out = append(out, fmt.Sprintf("只读到 %d 件商品,预期至少 %d 件 fewer listings than expected", sum.Listings.Seen, src.Expect.Listings))
	}
	for _, field := range slices.Sorted(maps.Keys(src.Expect.Coverage)) {
		if want, got := src.Expect.Coverage[field], sum.Fields[field]; sum.Listings.Seen > 0 && got < want {
			out = append(out, fmt.Sprintf("字段 %s 只有 %.0f%% 的商品有,预期 %.0f%% the field is read less often than expected", field, got*100, want*100))
		}
	}
	return out
}
