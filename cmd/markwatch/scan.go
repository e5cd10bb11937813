package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/scan"
)

// stopGrace is how long pages in flight may take after an interrupt.
const stopGrace = 20 * time.Second

func newScan(c console) *cobra.Command {
	var config string
	var asJSON, askAll bool
	cmd := &cobra.Command{
		Use:   "scan [--config DIR] [SOURCE…]",
		Short: "采集并比对,缺省为全部来源 crawl and judge; every source where none is named",
		Long: `采集来源、读出商品、与名单比对,可疑的成为线索。被中断的扫描再次运行时从原处继续。

Crawls the sources, reads the listings, judges them; what is suspect becomes a
lead. An interrupted scan goes on where it was when the command runs again.`,
		Example: `  markwatch scan --config watch
  markwatch scan --config watch sample-market --json
  markwatch scan --config watch --ask-all sample-market   # 不等到期,逐页再看 look at every page again`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd.Context(), config, "scan", func(ctx context.Context, a *app) error {
				a.askAll = askAll
				return a.scanAndPrint(ctx, args, asJSON)
			})
		},
	}
	configFlag(cmd, &config)
	cmd.Flags().BoolVar(&askAll, "ask-all", false, "未到期的网页也访问 ask for pages that are not due, too")
	cmd.Flags().BoolVar(&asJSON, "json", false, "每个来源一行 JSON a summary a line")
	return cmd
}

// scanAndPrint scans sources and tells what was covered.
func (a *app) scanAndPrint(ctx context.Context, sources []string, asJSON bool) error {
	summaries, err := a.scan(ctx, sources)
	if err != nil {
		return err
	}
	for _, s := range summaries {
		if !asJSON {
			a.printSummary(s)
		} else if err := a.json(s); err != nil {
			return err
		}
	}
	return incomplete(summaries)
}

// scan runs scans over the named sources, or all, and feeds the index while
// they run.
func (a *app) scan(ctx context.Context, sources []string) (_ []markwatch.ScanSummary, err error) {
	if len(sources) == 0 {
		for _, s := range a.cfg.Lists.Sources {
			sources = append(sources, s.ID)
		}
		if len(sources) == 0 {
			return nil, markwatch.Errorf(markwatch.CodeInvalid, "没有来源:在 sources/ 里加一个 no source: add one under sources/")
		}
	}
	if c := a.crawling.Load(); c != nil {
		return a.scanBeside(ctx, c, sources)
	}
	select {
	case a.turn <- struct{}{}:
		defer func() { <-a.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	c, err := a.startCrawl(ctx)
	if err != nil {
		return nil, err
	}
	feeding, endFeeding := context.WithCancel(context.WithoutCancel(ctx))
	fed := make(chan error, 1)
	go func() { fed <- a.feeder.Run(feeding) }()
	defer func() {
		stopErr := c.end(ctx)
		endFeeding()
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopGrace)
		defer cancel()
		err = errors.Join(err, stopErr, <-fed, a.feedNow(grace))
	}()
	if err := a.rejudge(ctx, c.Scanner); err != nil {
		return nil, err
	}
	summaries, err := a.beginAndWait(ctx, c, sources)
	if err == nil {
		err = a.upkeep(ctx, c.Scanner)
	}
	if err == nil {
		err = a.mirror(ctx, sources...)
	}
	if err == nil {
		err = a.settleNotices(ctx, c.jobs)
	}
	return summaries, err
}

// beginAndWait begins scans of sources in a crawl that runs, and waits for
// their end.
func (a *app) beginAndWait(ctx context.Context, c *crawl, sources []string) ([]markwatch.ScanSummary, error) {
	var scans []string
	var failed []markwatch.ScanSummary
	for _, source := range slices.Compact(slices.Clone(sources)) {
		id, err := c.Begin(ctx, source)
		switch markwatch.ErrorCode(err) {
		case "":
			scans = append(scans, id)
		case markwatch.CodeUnavailable:
			// One source that cannot start keeps no other back.
			a.say("%s: %v", source, err)
			failed = append(failed, markwatch.ScanSummary{
				Source: source, StartedAt: time.Now(), Warnings: []string{err.Error()},
				Violations: map[markwatch.Violation]int{}, Fields: map[string]float64{},
			})
		default:
			return nil, err
		}
	}
	bar := newProgress(a.console, "扫描 scanning", time.Now)
	summaries, err := c.Wait(ctx, scans, func(p scan.Progress) {
		bar.set(p.Done, p.Known, fmt.Sprintf("%d 件商品 listings, %d 条新线索 new leads", p.Listings, p.Leads))
	})
	bar.finish()
	return append(summaries, failed...), err
}

func (a *app) printSummary(s markwatch.ScanSummary) {
	took := s.FinishedAt.Sub(s.StartedAt).Round(time.Millisecond)
	a.table([][]string{
		{"来源 source", s.Source, s.Scan},
		{"用时 took", took.String()},
		{"网页 pages", fmt.Sprintf("%d 读取 fetched, %d 未变 unchanged, %d 未到期 not due, %d 拦截 blocked, %d robots, %d 失败 failed, %d 不能解读 undecodable, %d 空 empty, %d 未访问 left",
			s.Pages.Fetched, s.Pages.Unchanged, s.Pages.NotDue, s.Pages.Blocked, s.Pages.Robots, s.Pages.Failed, s.Pages.Undecodable, s.Pages.Empty, s.Pages.Left)},
		{"商品 listings", fmt.Sprintf("%d 见到 seen (%d 沿用上次 carried), %d 新 new, %d 有变 changed, %d 下架 gone",
			s.Listings.Seen, s.Listings.Carried, s.Listings.New, s.Listings.Changed, s.Listings.Gone)},
		{"线索 leads", fmt.Sprintf("%d 新 new, %d 更新 updated %s", s.Leads.New, s.Leads.Updated, violationsText(s.Violations))},
	})
	if n := s.Names; n != nil {
		a.table([][]string{{"名称 names", fmt.Sprintf("%d/%d 已覆盖 covered, 最久 oldest %s", n.Covered, n.Total, a.moment(n.Oldest))}})
	}
	if r := s.Rows; r != nil {
		a.table([][]string{{"行 rows", fmt.Sprintf("%d 读取 read, %d 有误 broken", r.Read, r.Broken)}})
	}
	for _, w := range s.Warnings {
		a.say("⚠ %s: %s", s.Source, w)
	}
}

func violationsText(counts map[markwatch.Violation]int) string {
	var parts []string
	for v, n := range counts {
		parts = append(parts, fmt.Sprintf("%s %d", v, n))
	}
	slices.Sort(parts)
	if len(parts) == 0 {
		return ""
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

// incomplete is the error of scans that did not see what they set out to see.
func incomplete(summaries []markwatch.ScanSummary) error {
	var names []string
	for _, s := range summaries {
		if !s.Complete {
			names = append(names, s.Source)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return markwatch.Errorf(markwatch.CodeUnavailable, "扫描不完整 incomplete: %s", strings.Join(names, ", "))
}
