package main

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/leads"
)

// change takes leads through one step each, all or none of a lead, and goes on
// with the next where one is refused. It returns the first refusal.
func (p acting) change(ctx context.Context, numbers []string, action string, apply func(markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error)) error {
	a := p.app
	var first error
	for _, number := range numbers {
		lead, err := p.update(ctx, number, apply)
		if err == nil {
			err = a.audit(ctx, action, lead.ID, string(lead.Status))
		} else {
			err = p.refusal(ctx, action, number, err)
		}
		if err != nil {
			a.say("%s: %v", number, err)
			if first == nil {
				first = err
			}
			continue
		}
		a.say("%s %s", lead.Number, leads.StatusName(lead.Status).ZH)
	}
	return errors.Join(first, a.feeder.Flush(ctx))
}

func newLeadsAct(c console) *cobra.Command {
	var config, reason string
	var by identity
	var acts []string
	for _, step := range leads.Steps() {
		if step.Hand == leads.HandAnyone && step.Act != leads.ActMerge && step.Act != leads.ActSplit {
			acts = append(acts, string(step.Act))
		}
	}
	acts = append(acts, string(leads.ActReceive))
	cmd := &cobra.Command{
		Use:   "act [--config DIR] ACT NUMBER|ID…",
		Short: "按办理步骤处理线索 take leads through a step",
		Long: `线索的步骤 steps: ` + strings.Join(acts, " ") + `
批准、移送、并案、反馈另有命令 approval, sending, merging and outcomes have commands of their own.`,
		Example: `  markwatch leads act confirm --config watch --token-file zhangmin.token 2026-0001 2026-0002
  markwatch leads act return --config watch --token-file liqiang.token --reason 授权未核实 2026-0001`,
		Args: argsBetween(2, -1, "ACT NUMBER|ID…"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(acts, args[0]) {
				return markwatch.Errorf(markwatch.CodeInvalid, "没有步骤 %q,可用:%s / there is no such step", args[0], strings.Join(acts, ", "))
			}
			return c.asPerson(cmd.Context(), config, "leads act", &by, accounts.Decide, func(ctx context.Context, _ *app, who acting) error {
				return who.change(ctx, args[1:], "lead-"+args[0], func(l markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error) {
					return leads.Take(l, leads.Order{Act: leads.Act(args[0]), Reason: reason}, who.name(), time.Now())
				})
			})
		},
	}
	configFlag(cmd, &config)
	identityFlags(cmd, &by)
	cmd.Flags().StringVar(&reason, "reason", "", "理由 why")
	return cmd
}

func newLeadsCheck(c console) *cobra.Command {
	var config string
	var by identity
	var set map[string]string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "check [--config DIR] NUMBER|ID",
		Short: "查看或填写移送所需要素 what a lead needs before it goes",
		Long: `列出移送前须齐备的要素;--set 填写页面上没有的(如 authorisation=权利人函复未授权、place=福建莆田)。

Lists what a lead needs before it may be approved; --set states what no page shows.`,
		Example: "  markwatch leads check --config watch 2026-0001 --token-file zhangmin.token --set authorisation=未授权 --set reason=价格异常",
		Args:    argsBetween(1, 1, "NUMBER|ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			show := func(ctx context.Context, a *app, who acting) error {
				h := a.handler()
				if len(set) > 0 {
					if err := who.change(ctx, args, "lead-check", func(l markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error) {
						return leads.State(l, set, who.name(), h.now)
					}); err != nil {
						return err
					}
				}
				lead, err := who.lead(ctx, args[0])
				if err != nil {
					return err
				}
				parts, err := h.parts(ctx, lead)
				if err != nil {
					return err
				}
				items := h.gates.Checklist(&lead, leads.Routed(&lead), h.known(&lead, parts))
				if asJSON {
					return a.json(items)
				}
				var rows [][]string
				for _, item := range items {
					mark, told := "✗", item.Next.ZH+" "+item.Next.EN
					if item.OK {
						mark, told = "✓", item.Have
					}
					rows = append(rows, []string{mark, item.Key, item.Name.ZH + " " + item.Name.EN, printable(told, 60)})
				}
				a.table(rows)
				return nil
			}
			if len(set) == 0 {
				return c.asAnybody(cmd.Context(), config, "leads check", &by, accounts.See, show)
			}
			return c.asPerson(cmd.Context(), config, "leads check", &by, accounts.Decide, show)
		},
	}
	configFlag(cmd, &config)
	identityFlags(cmd, &by)
	cmd.Flags().StringToStringVar(&set, "set", nil, "要素=内容 requirement=text")
	cmd.Flags().BoolVar(&asJSON, "json", false, "输出 JSON")
	return cmd
}

func newLeadsApprove(c console) *cobra.Command {
	var config string
	var by identity
	var waive map[string]string
	cmd := &cobra.Command{
		Use:   "approve [--config DIR] NUMBER|ID…",
		Short: "批准移送(须为确认人以外的人) approve leads, by another person than the one who confirmed",
		Example: `  markwatch leads approve --config watch --token-file liqiang.token 2026-0001 2026-0002
  markwatch leads approve --config watch --token-file liqiang.token --waive registration=权利人材料另附 2026-0003`,
		Args: argsBetween(1, -1, "NUMBER|ID…"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.asPerson(cmd.Context(), config, "leads approve", &by, accounts.Approve, func(ctx context.Context, a *app, who acting) error {
				h := a.handler()
				return who.change(ctx, args, "lead-approve", func(l markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error) {
					if err := who.secondEyes(&l); err != nil {
						return l, nil, err
					}
					return h.approve(ctx, l, waive, who.name())
				})
			})
		},
	}
	configFlag(cmd, &config)
	identityFlags(cmd, &by)
	cmd.Flags().StringToStringVar(&waive, "waive", nil, "要素=理由:缺此要素也放行 requirement=reason: let it go without")
	return cmd
}

// approve checks the gate and the route before it lets a lead go.
func (h *handler) approve(ctx context.Context, l markwatch.Lead, waive map[string]string, who string) (markwatch.Lead, []markwatch.LeadEvent, error) {
	answer := h.route(&l)
	if !answer.Mapped {
		return l, nil, markwatch.Errorf(markwatch.CodeConflict, "线索 %s 没有接收单位:%s;补充后重试,或用 leads route --unit 决定 / lead %s has no unit; add what is missing, or decide with leads route --unit", l.Number, texts(answer.Missing), l.Number)
	}
	order := leads.Order{Act: leads.ActApprove, Addressee: answer.Addressee, Violation: leads.Routed(&l)}
	for _, key := range slices.Sorted(maps.Keys(waive)) {
		order.Waived = append(order.Waived, markwatch.Waiver{Requirement: key, Reason: waive[key], By: who})
	}
	judged := l
	judged.Handling.Waived = order.Waived
	parts, err := h.parts(ctx, l)
	if err != nil {
		return l, nil, err
	}
	if err := leads.Pass(l.Number, h.gates.Checklist(&judged, order.Violation, h.known(&judged, parts))); err != nil {
		return l, nil, err
	}
	return leads.Take(l, order, who, h.now)
}
