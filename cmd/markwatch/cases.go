package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/leads"
	"github.com/markwatch/markwatch/leads/dispatch"
)

func newLeadsMerge(c console) *cobra.Command {
	var config, reason string
	var by identity
	cmd := &cobra.Command{
		Use:     "merge [--config DIR] WHOLE PART…",
		Short:   "并案:后者并入前者 make one case of several leads",
		Example: "  markwatch leads merge --config watch --token-file zhangmin.token --reason 同一店铺 2026-0001 2026-0002",
		Args:    argsBetween(2, -1, "WHOLE PART…"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.asPerson(cmd.Context(), config, "leads merge", &by, accounts.Decide, func(ctx context.Context, a *app, who acting) error {
				joined, err := a.ownOffice().Merge(ctx, args[0], args[1:], reason, who.name(), who.sees)
				return who.joined(ctx, "lead-merge", args[0], joined, err)
			})
		},
	}
	configFlag(cmd, &config)
	identityFlags(cmd, &by)
	cmd.Flags().StringVar(&reason, "reason", "", "理由 why")
	return cmd
}

func newLeadsSplit(c console) *cobra.Command {
	var config, reason string
	var by identity
	cmd := &cobra.Command{
		Use:     "split [--config DIR] WHOLE PART…",
		Short:   "拆分并案的线索 undo a merge",
		Example: "  markwatch leads split --config watch --token-file zhangmin.token --reason 并非同一店铺 2026-0001 2026-0002",
		Args:    argsBetween(2, -1, "WHOLE PART…"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.asPerson(cmd.Context(), config, "leads split", &by, accounts.Decide, func(ctx context.Context, a *app, who acting) error {
				joined, err := a.ownOffice().Split(ctx, args[0], args[1:], reason, who.name(), who.sees)
				return who.joined(ctx, "lead-split", args[0], joined, err)
			})
		},
	}
	configFlag(cmd, &config)
	identityFlags(cmd, &by)
	cmd.Flags().StringVar(&reason, "reason", "", "理由 why")
	return cmd
}

// joined tells what was merged or split, and keeps a refusal.
func (p acting) joined(ctx context.Context, action, whole string, list []dispatch.Joined, err error) error {
	for _, j := range list {
		p.app.say("%s %s · %s %s", j.Whole.Number, leads.StatusName(j.Whole.Status).ZH, j.Part.Number, leads.StatusName(j.Part.Status).ZH)
	}
	if err != nil {
		return p.refusal(ctx, action, whole, err)
	}
	return nil
}

func newLeadsDue(c console) *cobra.Command {
	var config string
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "due [--config DIR]",
		Short:   "到期与将到期的线索 what is due, or about to be",
		Example: "  markwatch leads due --config watch",
		Args:    argsBetween(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.look(cmd.Context(), config, func(ctx context.Context, a *app) error {
				return a.showDue(ctx, asJSON)
			})
		},
	}
	configFlag(cmd, &config)
	cmd.Flags().BoolVar(&asJSON, "json", false, "每行一条 JSON a lead a line")
	return cmd
}

func (a *app) showDue(ctx context.Context, asJSON bool) error {
	set := a.cfg.Handling
	zone, now := a.cfg.Deployment.Location(), time.Now()
	list, err := a.due(ctx, nil)
	if err != nil {
		return err
	}
	var rows [][]string
	for _, d := range list {
		if asJSON {
			if err := a.json(d); err != nil {
				return err
			}
			continue
		}
		told := fmt.Sprintf("还有 %d 天 days left", d.Days)
		if d.Overdue {
			told = fmt.Sprintf("逾期 %d 天 days overdue", -d.Days)
		}
		rows = append(rows, []string{d.Number, leads.StatusName(markwatch.LeadStatus(d.Status)).ZH, told, d.Who, d.Basis})
	}
	a.table(rows)
	if left := set.Monthly.Unit - now.In(zone).Day(); left >= 0 && left <= 5 {
		a.say("⚠ 本月报表须于 %d 日前上报 the month's figures are due on the %dth (markwatch report --month %s)", set.Monthly.Unit, set.Monthly.Unit, now.In(zone).Format("2006-01"))
	}
	a.say("%d 条线索到期或将到期 leads are due or about to be", len(list))
	return nil
}
