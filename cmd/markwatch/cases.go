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
	var asJSON, notify bool
	cmd := &cobra.Command{
		Use:   "due [--config DIR]",
		Short: "到期与将到期的线索 what is due, or about to be",
		Long: `列出将到期与逾期的线索及月报上报日。--notify 经 notices 渠道提醒,同一期限的同一阶段只提醒一次;serve 每天早上自动提醒。

Lists leads that are due soon or overdue, and the month's report. --notify tells the notice channels, of each deadline once before
and once after it has passed; serve does so every morning.`,
		Example: "  markwatch leads due --config watch\n  markwatch leads due --config watch --notify",
		Args:    argsBetween(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !notify {
				return c.look(cmd.Context(), config, func(ctx context.Context, a *app) error { return a.showDue(ctx, asJSON) })
			}
			return c.with(cmd.Context(), config, "leads due", func(ctx context.Context, a *app) error {
				told, err := a.remindNow(ctx, time.Now())
				if err != nil {
					return err
				}
				a.say("新提醒 %d 件 reminders sent", told)
				return a.showDue(ctx, asJSON)
			})
		},
	}
	configFlag(cmd, &config)
	cmd.Flags().BoolVar(&asJSON, "json", false, "每行一条 JSON a lead a line")
	cmd.Flags().BoolVar(&notify, "notify", false, "经通知渠道提醒,各一次 tell the notice channels, once each")
	return cmd
}

func (a *app) showDue(ctx context.Context, asJSON bool) error {
	now := time.Now()
	list, err := a.dueLeads(ctx, now, nil)
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
	if _, soon := a.monthlyLeft(now); soon {
		day := a.cfg.Handling.Monthly.Unit
		a.say("⚠ 本月报表须于 %d 日前上报 the month's figures are due on the %dth (markwatch report --month %s)", day, day, now.In(a.cfg.Deployment.Location()).Format("2006-01"))
	}
	a.say("%d 条线索到期或将到期 leads are due or about to be", len(list))
	return nil
}
