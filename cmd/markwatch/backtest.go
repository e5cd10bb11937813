package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/configs"
	"github.com/markwatch/markwatch/leads"
	"github.com/markwatch/markwatch/matchers"
	"github.com/markwatch/markwatch/store"
)

// backtestChange is one listing whose verdict would be another.
type backtestChange struct {
	ID         string                `json:"id"`
	Title      string                `json:"title"`
	Change     string                `json:"change"` // new, vanished, other
	Was        []markwatch.Violation `json:"was"`
	Would      []markwatch.Violation `json:"would"`
	ScoreWas   float64               `json:"score_was"`
	ScoreWould float64               `json:"score_would"`
	Rules      []string              `json:"rules,omitempty"`
	// Status is the state of the lead that it is, empty where it is none.
	Status markwatch.LeadStatus `json:"status,omitempty"`
	Reason string               `json:"reason,omitempty"`
}

// backtestReport sums a trial up.
type backtestReport struct {
	Listings  int    `json:"listings"`
	Flagged   int    `json:"flagged"`
	Would     int    `json:"would_be_flagged"`
	New       int    `json:"new"`
	Vanished  int    `json:"vanished"`
	Other     int    `json:"other"`
	Confirmed int    `json:"confirmed_lost"` // confirmed leads that would vanish
	Dismissed int    `json:"dismissed_lost"` // dismissed leads that would vanish
	Knowledge string `json:"knowledge"`
}

func newBacktest(c console) *cobra.Command {
	var config, rules string
	var since markwatch.Duration
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "backtest --rules DIR [--config DIR] [--since 30d]",
		Short: "在已存的夜晚上试用规则 try rules on stored nights before they hold",
		Long: `用 DIR 里的名单、词库与规则,对最近见到的商品重新判断,列出会新增、会消失和会改变的线索。什么都不改动。
DIR 是一个配置目录,或只含 rules、lexicons 等文件的目录;没有写的部分用现行配置。

Judges the listings that were seen lately by the lists, lexicons and rules of DIR and lists what would be new, what would vanish and what would change. Nothing is stored. DIR is a configuration folder, or one with rules and lexicons alone; the rest is taken from the present one.`,
		Example: "  markwatch backtest --config watch --rules draft --since 30d",
		Args:    argsBetween(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if rules == "" {
				return markwatch.Errorf(markwatch.CodeInvalid, "用 --rules DIR 指明要试的规则 name the rules to try with --rules DIR")
			}
			draft, err := configs.Load(rules)
			if err != nil {
				return err
			}
			return c.withStore(cmd.Context(), config, "backtest", func(ctx context.Context, a *app) error {
				return a.backtest(ctx, draft, rules, time.Now().Add(-time.Duration(since)), asJSON)
			})
		},
	}
	configFlag(cmd, &config)
	since = markwatch.Duration(30 * 24 * time.Hour)
	f := cmd.Flags()
	f.StringVar(&rules, "rules", "", "要试的规则所在目录 folder of the rules to try")
	f.Var(durationFlag{&since}, "since", "只看这段时间内见到的商品 listings that were seen within this time, e.g. 30d")
	f.BoolVar(&asJSON, "json", false, "每行一个变化,最后一行为合计 a change a line, the totals last")
	return cmd
}

// durationFlag reads days too.
type durationFlag struct{ d *markwatch.Duration }

// String implements pflag.Value.
func (f durationFlag) String() string {
	if f.d == nil {
		return ""
	}
	b, _ := f.d.MarshalText()
	return string(b)
}

// Set implements pflag.Value.
func (f durationFlag) Set(s string) error { return f.d.UnmarshalText([]byte(s)) }

// Type implements pflag.Value.
func (f durationFlag) Type() string { return "duration" }

// trial joins the draft's lists with the present ones: a file that the draft
// does not have leaves the present list.
func (a *app) trial(ctx context.Context, draft *configs.Config, dir string) (*matchers.Set, error) {
	has := func(names ...string) bool {
		return slices.ContainsFunc(names, func(name string) bool {
			_, err := os.Stat(filepath.Join(dir, name))
			return err == nil
		})
	}
	present := a.lists()
	joined := *draft
	joined.Dir = dir
	if !has("brands.yaml") {
		joined.Lists.Brands = present.Brands
	}
	if !has("works.yaml") {
		joined.Lists.Works, joined.Dir = present.Works, a.cfg.Dir
	}
	if !has("lexicons", "rules") {
		joined.Lists.Lexicons, joined.Lists.Rules = present.Lexicons, present.Rules
	}
	if !has("rates.yaml") {
		joined.Rates = a.cfg.Rates
	}
	if !has("markwatch.yaml") {
		joined.Deployment = a.cfg.Deployment
	}
	joined.Lists.Sources = present.Sources
	sellers, err := a.knownSellers(ctx)
	if err != nil {
		return nil, err
	}
	return compileWith(&joined, nil, sellers)
}

func (a *app) backtest(ctx context.Context, draft *configs.Config, dir string, since time.Time, asJSON bool) error {
	set, err := a.trial(ctx, draft, dir)
	if err != nil {
		return err
	}
	report := backtestReport{Knowledge: set.Knowledge()}
	var rows [][]string
	for j, err := range (past{store: a.store, would: set}).listings(ctx, store.ListingFilter{Since: since}, &report) {
		if err != nil {
			return err
		}
		change := j.change
		if change == nil {
			continue
		}
		if asJSON {
			if err := a.json(change); err != nil {
				return err
			}
			continue
		}
		rows = append(rows, []string{change.Change, change.ID, fmt.Sprintf("%.2f→%.2f", change.ScoreWas, change.ScoreWould),
			fmt.Sprint(change.Was, "→", change.Would), string(change.Status), change.Title})
	}
	if asJSON {
		return a.json(report)
	}
	a.table(rows)
	a.say("%d 件商品 listings: 现有线索 flagged %d, 试用后 would be %d; 新增 new %d, 消失 vanished %d, 改变 other %d; 消失的线索中已确认 confirmed among the vanished %d, 已排除 dismissed %d",
		report.Listings, report.Flagged, report.Would, report.New, report.Vanished, report.Other, report.Confirmed, report.Dismissed)
	return nil
}

func (r *backtestReport) add(c *backtestChange) {
	switch c.Change {
	case "new":
		r.New++
	case "vanished":
		r.Vanished++
		switch c.Status {
		case markwatch.LeadConfirmed:
			r.Confirmed++
		case markwatch.LeadDismissed:
			r.Dismissed++
		}
	default:
		r.Other++
	}
}

// compareVerdicts returns how a listing's flagged violations would change, nil
// where they would not.
func compareVerdicts(l markwatch.Listing, was, would markwatch.Verdict) *backtestChange {
	c := &backtestChange{ID: l.ID, Title: l.Title, Was: flaggedOf(was), Would: flaggedOf(would), ScoreWas: was.Score, ScoreWould: would.Score}
	if slices.Equal(c.Was, c.Would) {
		return nil
	}
	switch {
	case len(c.Was) == 0:
		c.Change = "new"
	case len(c.Would) == 0:
		c.Change = "vanished"
	default:
		c.Change = "other"
	}
	for _, f := range would.Findings {
		if rule := f.Matcher + "/" + f.Rule; slices.Contains(c.Would, f.Violation) && !slices.Contains(c.Rules, rule) {
			c.Rules = append(c.Rules, rule)
		}
	}
	return c
}

func flaggedOf(v markwatch.Verdict) []markwatch.Violation {
	all := []markwatch.Violation{}
	for name, verdict := range v.Violations {
		if verdict.Flagged {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return all
}

func newRules(c console) *cobra.Command {
	return group("rules", "规则的表现 how rules fare", newRulesPrecision(c))
}

func newRulesPrecision(c console) *cobra.Command {
	var config string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "precision [--config DIR]",
		Short: "按核实结果给出每条规则、每个版本的准确率 precision of each rule and version by people's outcomes",
		Long: `按线索的核实结果(已确认、已排除)计算每条规则、每个版本的准确率与95%置信区间(Wilson)。结果少于20条时不显示准确率;以“证据不足”排除的不计。

Precision of each rule and version by people's outcomes, with an interval of 95% (Wilson). Below 20 outcomes none is told; leads dismissed for want of evidence do not count.`,
		Example: "  markwatch rules precision --config watch",
		Args:    argsBetween(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.withStore(cmd.Context(), config, "rules precision", func(ctx context.Context, a *app) error {
				all, err := leads.Precision(a.store.Leads(ctx, store.LeadFilter{Status: leads.JudgedStates()}))
				if err != nil {
					return err
				}
				var rows [][]string
				for _, p := range all {
					if asJSON {
						if err := a.json(p); err != nil {
							return err
						}
						continue
					}
					told := fmt.Sprintf("结果不足%d条 fewer than %d outcomes", leads.LeastOutcomes, leads.LeastOutcomes)
					if p.Precision != nil {
						told = fmt.Sprintf("%.2f (%.2f–%.2f)", *p.Precision, *p.Low, *p.High)
					}
					rows = append(rows, []string{p.Rule, fmt.Sprint("v", p.Version), string(p.Violation), fmt.Sprint("n=", p.N()), told})
				}
				a.table(rows)
				return nil
			})
		},
	}
	configFlag(cmd, &config)
	cmd.Flags().BoolVar(&asJSON, "json", false, "每行一条 JSON a rule a line")
	return cmd
}
