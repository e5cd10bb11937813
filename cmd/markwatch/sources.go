package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/scan"
	"github.com/markwatch/markwatch/scan/schedule"
)

func newSources(c console) *cobra.Command {
	var config string
	var asJSON, withNames bool
	cmd := &cobra.Command{
		Use:   "sources [--config DIR] [SOURCE…]",
		Short: "各来源的状态:上次、下次、覆盖、健康 every source: last and next scan, coverage, health",
		Long: `列出各来源的上次与下次扫描、覆盖情况、健康状态与最近的错误;serve 运行时、还没有扫描过时也可用。
--names 另列每个受保护名称最近一次完整检索的时间。

Lists each source with its last and next scan, coverage, health and last error;
works while serve runs, and before the first scan. --names adds when each protected name was last covered.`,
		Example: `  markwatch sources --config watch
  markwatch sources --config watch sample-market --names
  markwatch sources --config watch --json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.lookOrNew(cmd.Context(), config, func(ctx context.Context, a *app) error {
				s, err := a.reader()
				if err != nil {
					return err
				}
				ticks, err := schedule.New(schedule.Options{Location: a.cfg.Deployment.Location(), Sources: scheduled(a.cfg.Lists.Sources), Now: time.Now})
				if err != nil {
					return err
				}
				states, err := s.Status(ctx, ticks.Next)
				if err != nil {
					return err
				}
				return a.printSources(ctx, s, states, args, asJSON, withNames)
			})
		},
	}
	configFlag(cmd, &config)
	cmd.Flags().BoolVar(&asJSON, "json", false, "每个来源一行 JSON a source a line")
	cmd.Flags().BoolVar(&withNames, "names", false, "列出每个名称最近一次覆盖的时间 when each name was last covered")
	return cmd
}

// sourceLine is what --json prints of a source.
type sourceLine struct {
	markwatch.SourceStatus
	NameAges []scan.NameAge `json:"name_ages,omitempty"`
}

func (a *app) printSources(ctx context.Context, s *scan.Scanner, states []markwatch.SourceStatus, only []string, asJSON, withNames bool) error {
	wanted := map[string]bool{}
	for _, id := range only {
		if _, err := s.Names(ctx, id); err != nil {
			return err
		}
		wanted[id] = true
	}
	rows := [][]string{{"来源 source", "种类 kind", "健康 health", "上次 last", "下次 next", "网页 pages", "商品 listings", "名称 names", "问题 trouble"}}
	var ages [][]string
	for _, state := range states {
		if len(wanted) > 0 && !wanted[state.ID] {
			continue
		}
		var names []scan.NameAge
		if withNames {
			var err error
			if names, err = s.Names(ctx, state.ID); err != nil {
				return err
			}
		}
		if asJSON {
			if err := a.json(sourceLine{state, names}); err != nil {
				return err
			}
			continue
		}
		rows = append(rows, a.sourceCells(state))
		for _, n := range names {
			ages = append(ages, []string{state.ID, printable(n.Name, 40), a.moment(n.Covered)})
		}
	}
	if asJSON {
		return nil
	}
	a.table(rows)
	if len(ages) > 0 {
		a.table(append([][]string{{"", "", ""}, {"来源 source", "名称 name", "最近覆盖 last covered"}}, ages...))
	}
	return nil
}

func (a *app) sourceCells(s markwatch.SourceStatus) []string {
	last, pages, listings := "–", "–", "–"
	trouble := s.LastError
	if s.Last != nil {
		last = a.moment(s.Last.FinishedAt)
		pages, listings = seenOf(s.Last.Pages), fmt.Sprint(s.Last.Listings.Seen)
		if trouble == "" && len(s.Last.Warnings) > 0 && s.Health != markwatch.HealthGood {
			trouble = s.Last.Warnings[len(s.Last.Warnings)-1]
		}
	}
	state := healthWord(s.Health)
	if s.Running != nil {
		state += fmt.Sprintf(" · 扫描中 running %d+%d", s.Running.Pages.Total(), s.Running.Queued)
	}
	names := "–"
	if s.Names != nil {
		names = fmt.Sprintf("%d/%d, 最久 oldest %s", s.Names.Covered, s.Names.Total, a.moment(s.Names.Oldest))
	}
	return []string{s.ID, string(s.Kind), state, last, a.moment(s.Next), pages, listings, names, printable(trouble, 60)}
}

// seenOf says how many pages were seen of those that were known.
func seenOf(p markwatch.PageCounts) string {
	seen := p.Fetched + p.Unchanged
	parts := []string{fmt.Sprintf("%d/%d", seen, p.Total()-p.NotDue+p.Left)}
	if p.NotDue > 0 {
		parts = append(parts, fmt.Sprintf("%d 未到期 not due", p.NotDue))
	}
	if p.Robots > 0 {
		parts = append(parts, fmt.Sprintf("%d robots", p.Robots))
	}
	if p.Blocked > 0 {
		parts = append(parts, fmt.Sprintf("%d 拦截 blocked", p.Blocked))
	}
	return strings.Join(parts, ", ")
}

// moment writes a time for people, in the deployment's zone.
func (a *app) moment(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.In(a.cfg.Deployment.Location()).Format("01-02 15:04")
}

func healthWord(h markwatch.SourceHealth) string {
	return map[markwatch.SourceHealth]string{
		markwatch.HealthNew: "未扫描 new", markwatch.HealthGood: "正常 good", markwatch.HealthDegraded: "下降 degraded",
		markwatch.HealthBlocked: "被拦截 blocked", markwatch.HealthBroken: "故障 broken",
	}[h]
}
