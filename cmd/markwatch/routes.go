package main

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/leads"
	"github.com/markwatch/markwatch/store"
)

func newLeadsRoute(c console) *cobra.Command {
	var config, unit, reason string
	var by identity
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "route [--config DIR] [NUMBER|ID…]",
		Short: "线索该移送哪里,尚缺什么 where leads go and what is missing",
		Long: `列出已确认线索的接收单位;没有单位的列出尚缺的信息,须由人用 --unit 与 --reason 决定后方可移送。

Lists where confirmed leads go. What has no unit is listed with what is missing; it goes only after
somebody decided with --unit and --reason.`,
		Example: `  markwatch leads route --config watch
  markwatch leads route --config watch --unit samr-guiyang --reason 属地不明,由发现地办理 --token-file zhangmin.token 2026-0003`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if unit != "" {
				return c.asPerson(cmd.Context(), config, "leads route", &by, accounts.Decide, func(ctx context.Context, _ *app, who acting) error {
					return who.decide(ctx, args, unit, reason, time.Now())
				})
			}
			return c.asAnybody(cmd.Context(), config, "leads route", &by, accounts.See, func(ctx context.Context, a *app, who acting) error {
				return a.showRoutes(ctx, a.handler(), who, args, asJSON)
			})
		},
	}
	configFlag(cmd, &config)
	identityFlags(cmd, &by)
	cmd.Flags().StringVar(&unit, "unit", "", "决定移送到此单位 send it to this unit")
	cmd.Flags().StringVar(&reason, "reason", "", "决定的理由 why")
	cmd.Flags().BoolVar(&asJSON, "json", false, "输出 JSON")
	return cmd
}

func (a *app) unit(id string) (markwatch.Unit, error) {
	var ids []string
	for _, u := range a.cfg.Lists.Units.Units {
		if u.ID == id {
			return u, nil
		}
		ids = append(ids, u.ID)
	}
	return markwatch.Unit{}, markwatch.Errorf(markwatch.CodeNotFound, "没有单位 %q,可用:%s / there is no such unit", id, strings.Join(ids, ", "))
}

func (p acting) decide(ctx context.Context, numbers []string, unit, reason string, now time.Time) error {
	if _, err := p.app.unit(unit); err != nil {
		return err
	}
	if len(numbers) == 0 {
		return markwatch.Errorf(markwatch.CodeInvalid, "--unit 须写明线索编号 / name the leads")
	}
	return p.change(ctx, numbers, "lead-route", func(l markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error) {
		return leads.Decide(l, unit, reason, p.name(), now)
	})
}

// routed is what `leads route --json` prints.
type routed struct {
	Number  string              `json:"number"`
	Title   string              `json:"title"`
	Unit    string              `json:"unit,omitempty"`
	Copies  []string            `json:"copies,omitempty"`
	Basis   string              `json:"basis,omitempty"`
	Missing []markwatch.Text    `json:"missing,omitempty"`
	Notes   []markwatch.Text    `json:"notes,omitempty"`
	Amount  string              `json:"amount,omitempty"`
	Crimes  []string            `json:"crimes,omitempty"`
	Place   string              `json:"place,omitempty"`
	Kind    markwatch.Violation `json:"violation"`
}

func (a *app) showRoutes(ctx context.Context, h *handler, who acting, numbers []string, asJSON bool) error {
	list := a.store.Leads(ctx, store.LeadFilter{Status: []markwatch.LeadStatus{markwatch.LeadConfirmed, markwatch.LeadApproved}})
	if len(numbers) > 0 {
		list = func(yield func(markwatch.Lead, error) bool) {
			for _, n := range numbers {
				if l, err := a.store.Lead(ctx, n); !yield(l, err) {
					return
				}
			}
		}
	}
	var rows [][]string
	unmapped := 0
	for lead, err := range list {
		if err != nil {
			return err
		}
		if !who.sees(&lead) {
			continue
		}
		answer := h.route(&lead)
		parts, err := h.parts(ctx, lead)
		if err != nil {
			return err
		}
		r := h.row(lead, parts)
		one := routed{
			Number: lead.Number, Title: lead.Listing.Title, Unit: answer.Addressee.Unit, Copies: answer.Addressee.Copies, Basis: answer.Addressee.Basis,
			Missing: answer.Missing, Notes: answer.Notes, Amount: r.Amount.String(), Crimes: r.Crimes, Place: h.table.Name(answer.Addressee.Region), Kind: leads.Routed(&lead),
		}
		told := one.Basis
		if !answer.Mapped {
			unmapped++
			one.Unit = ""
			told = texts(answer.Missing)
		}
		if asJSON {
			if err := a.json(one); err != nil {
				return err
			}
			continue
		}
		rows = append(rows, []string{one.Number, leads.ViolationName(one.Kind).ZH, orDash(one.Unit), printable(told+" "+texts(one.Notes), 90)})
	}
	a.table(rows)
	if unmapped > 0 {
		a.say("%d 条线索没有接收单位,补充信息或用 --unit 决定 leads have no unit: add what is missing, or decide with --unit", unmapped)
	}
	return nil
}

func texts(list []markwatch.Text) string {
	var zh []string
	for _, t := range list {
		zh = append(zh, t.ZH)
	}
	return strings.Join(zh, ";")
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}
