package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/leads"
	"github.com/markwatch/markwatch/store"
)

func newLeads(c console) *cobra.Command {
	return group("leads", "查看与处理线索 look at leads and set their state", newLeadsList(c), newLeadsShow(c), newLeadsSet(c),
		newLeadsAct(c), newLeadsCheck(c), newLeadsRoute(c), newLeadsApprove(c), newLeadsMerge(c), newLeadsSplit(c), newLeadsDue(c),
		newLeadsSend(c), newLeadsBatch(c), newLeadsOutcomes(c), newLeadsComplaints(c), newLeadsRequest(c), newLeadsAnswer(c),
		newLeadsSellers(c), newLeadsCut(c), newLeadsDocument(c))
}

func newLeadsList(c console) *cobra.Command {
	var config, status string
	var filter store.LeadFilter
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "list [--config DIR]",
		Short:   "列出线索 list leads",
		Example: "  markwatch leads list --config watch --status new",
		Args:    argsBetween(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if status != "" {
				filter.Status = []markwatch.LeadStatus{markwatch.LeadStatus(status)}
			}
			return c.with(cmd.Context(), config, "leads list", func(ctx context.Context, a *app) error {
				if err := a.audit(ctx, "lead-list", status, ""); err != nil {
					return err
				}
				n := 0
				var rows [][]string
				for lead, err := range a.store.Leads(ctx, filter) {
					if err != nil {
						return err
					}
					n++
					if asJSON {
						if err := a.json(lead); err != nil {
							return err
						}
						continue
					}
					rows = append(rows, append([]string{lead.Number, string(lead.Status)}, listingCells(lead.Listing, lead.Verdict)...))
				}
				a.table(rows)
				a.say("%d 条线索 leads", n)
				return nil
			})
		},
	}
	configFlag(cmd, &config)
	f := cmd.Flags()
	f.StringVar(&status, "status", "", "状态 state: new, review, confirmed, dismissed")
	f.StringVar(&filter.Source, "source", "", "只看一个来源 one source only")
	f.Float64Var(&filter.MinScore, "score", 0, "可疑度下限 least score")
	f.IntVar(&filter.Limit, "limit", 0, "最多几条,0 为全部 how many at most, 0 for all")
	f.BoolVar(&asJSON, "json", false, "每行一条 JSON a lead a line")
	return cmd
}

func newLeadsShow(c console) *cobra.Command {
	var config string
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "show [--config DIR] NUMBER|ID",
		Short:   "显示一条线索的理由、引文与经过 show a lead: reasons, quotes, history",
		Example: "  markwatch leads show --config watch 2026-0001",
		Args:    argsBetween(1, 1, "NUMBER|ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd.Context(), config, "leads show", func(ctx context.Context, a *app) error {
				lead, err := a.store.Lead(ctx, args[0])
				if err != nil {
					return err
				}
				if err := a.audit(ctx, "lead-view", lead.ID, ""); err != nil {
					return err
				}
				events, err := a.store.LeadEvents(ctx, lead.ID)
				if err != nil {
					return err
				}
				about, err := a.about(ctx, lead)
				if err != nil {
					return err
				}
				if asJSON {
					return a.json(struct {
						markwatch.Lead
						Events []markwatch.LeadEvent `json:"events"`
						aboutLead
					}{lead, events, about})
				}
				a.printLead(lead, events)
				a.printAbout(about)
				return nil
			})
		},
	}
	configFlag(cmd, &config)
	cmd.Flags().BoolVar(&asJSON, "json", false, "输出 JSON")
	return cmd
}

func newLeadsSet(c console) *cobra.Command {
	var by identity
	var config, status, reason, assignee, note string
	cmd := &cobra.Command{
		Use:   "set [--config DIR] NUMBER|ID…",
		Short: "确认、排除、指派或备注 confirm, dismiss, assign or note",
		Long: `改变线索的状态、指派或备注。排除要写明理由 a dismissal needs a reason:
` + dismissReasons(),
		Example: `  markwatch leads set --config watch --token-file zhangmin.token 2026-0001 --status confirmed
  markwatch leads set --config watch --token-file zhangmin.token 2026-0002 --status dismissed --reason second-hand --note 自用闲置`,
		Args: argsBetween(1, -1, "NUMBER|ID…"),
		RunE: func(cmd *cobra.Command, args []string) error {
			change := markwatch.LeadChange{Status: markwatch.LeadStatus(status), Reason: reason, Note: note}
			if cmd.Flags().Changed("assignee") {
				change.Assignee = &assignee
			}
			return c.asPerson(cmd.Context(), config, "leads set", &by, accounts.Decide, func(ctx context.Context, a *app, who acting) error {
				for _, number := range args {
					lead, err := who.update(ctx, number, func(l markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error) {
						return leads.Apply(l, change, who.name(), time.Now())
					})
					if err != nil {
						return who.refusal(ctx, "lead-change", number, err)
					}
					if err := a.audit(ctx, "lead-change", lead.ID, string(lead.Status)); err != nil {
						return err
					}
					a.say("%s %s", lead.Number, lead.Status)
				}
				return a.feedNow(ctx)
			})
		},
	}
	configFlag(cmd, &config)
	identityFlags(cmd, &by)
	f := cmd.Flags()
	f.StringVar(&status, "status", "", "review, confirmed, dismissed, new")
	f.StringVar(&reason, "reason", "", "排除的理由 why it is dismissed")
	f.StringVar(&assignee, "assignee", "", "指派给谁 who looks after it; \"\" for nobody")
	f.StringVar(&note, "note", "", "备注 a note")
	return cmd
}

func dismissReasons() string {
	var text string
	for _, r := range leads.DismissReasons() {
		text += "  " + r.ID + "  " + r.Text.ZH + " " + r.Text.EN + "\n"
	}
	return text
}

// printLead writes a lead for a person at a terminal.
func (a *app) printLead(lead markwatch.Lead, events []markwatch.LeadEvent) {
	l := lead.Listing
	out := func(label, value string) {
		if value != "" {
			fmt.Fprintln(a.out, label, printable(value, 0))
		}
	}
	zone := a.cfg.Deployment.Location()
	out("线索 lead      ", lead.Number+"  "+string(lead.Status)+"  "+lead.Reason)
	out("标题 title     ", l.Title)
	out("地址 address   ", l.URL)
	if l.Price != nil {
		out("价格 price     ", l.Price.String()+"  "+l.PriceText)
	}
	if l.Seller != nil {
		out("卖家 seller    ", l.Seller.Name+"  "+l.Seller.Region)
	}
	out("发货 ships from", l.ShipsFrom)
	out("首见 first seen", lead.FirstSeen.In(zone).Format(time.DateTime))
	out("快照 snapshot  ", l.Snapshot)
	out("依据 knowledge ", lead.Verdict.Knowledge)
	for _, f := range lead.Verdict.Findings {
		out("", string(f.Violation)+"  "+f.Matcher+"/"+f.Rule)
		out("  理由 reason  ", f.Reason.ZH)
		out("               ", f.Reason.EN)
		for _, e := range f.Evidence {
			out("  引文 quote   ", e.Field+":「"+e.Text+"」")
		}
	}
	for _, e := range events {
		out(e.At.In(zone).Format(time.DateTime), e.Actor+" "+e.Action+" "+e.From+" → "+e.To+" "+e.Note)
	}
}
