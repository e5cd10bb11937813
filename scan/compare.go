package scan

import (
	"fmt"
	"maps"
	"slices"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/store"
)

const (
	// baselineNights is how many earlier scans a night is compared with.
	baselineNights = 7
	// fallen is the part of its usual value below which a figure is told.
	fallen = 0.5
	// coverageFallen is the same for the share of offers that state a field:
	// a selector that broke shows as a drop, seldom as nothing.
	coverageFallen = 0.8
	// tellingListings is how few listings a source usually has for their
	// number to mean nothing.
	tellingListings = 10
	// earlierNights is in every warning that comes from the comparison.
	earlierNights = "than on earlier nights"
)

// sawAny says that at least one page could be read.
func sawAny(p markwatch.PageCounts) bool { return p.Fetched+p.Unchanged+p.Empty > 0 }

// shortfalls says in what a scan is less than a healthy one: pages that were
// not seen, less than the source's expect, less than on earlier nights.
func shortfalls(src *markwatch.Source, sum markwatch.ScanSummary, usual store.Baseline) []string {
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
	return append(out, declines(sum, usual)...)
}

// declines compares a scan with the source's earlier ones.
func declines(sum markwatch.ScanSummary, usual store.Baseline) []string {
	if usual.Scans == 0 {
		return nil
	}
	var out []string
	if usual.Listings >= tellingListings && float64(sum.Listings.Seen) < fallen*float64(usual.Listings) {
		out = append(out, fmt.Sprintf("只读到 %d 件商品,往常约 %d 件,来源可能改版 far fewer listings %s; the source may have changed", sum.Listings.Seen, usual.Listings, earlierNights))
	}
	if sum.Listings.Seen < tellingListings {
		return out
	}
	for _, field := range slices.Sorted(maps.Keys(usual.Fields)) {
		if was, is := usual.Fields[field], sum.Fields[field]; was >= 0.2 && is < coverageFallen*was {
			out = append(out, fmt.Sprintf("字段 %s 从往常的 %.0f%% 降到 %.0f%%,来源可能改版 the field is read less often %s", field, was*100, is*100, earlierNights))
		}
	}
	return out
}
