package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"github.com/spf13/cobra"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/leads"
	"github.com/markwatch/markwatch/leads/clusters"
	"github.com/markwatch/markwatch/leads/routing"
	"github.com/markwatch/markwatch/regions"
	"github.com/markwatch/markwatch/store"
)

// asFlag adds --as, the person who acts. Whoever may write to the data folder
// may name anybody; the desk and its API know people by their sign-in.
func asFlag(cmd *cobra.Command, who *string) {
	cmd.Flags().StringVar(who, "as", "", "操作人,缺省为本机用户 who acts; this machine's user where absent")
}

// person is the one who acts.
func person(as string) string {
	if as = strings.TrimSpace(as); as != "" {
		return as
	}
	return actor()
}

// handler knows what is needed to judge whether a lead may go, and where.
type handler struct {
	app    *app
	table  *regions.Table
	router *routing.Router
	gates  leads.Gates
	brands map[string]*markwatch.Brand
	works  map[string]*markwatch.Work
	now    time.Time
	// right counts by seller the leads that units found right; nil where
	// nobody asked for them, see countRight.
	right map[string]int
}

func (a *app) handler() *handler {
	k := a.known.Load()
	return &handler{app: a, table: k.regions, router: k.router, gates: leads.Gates(a.cfg.Gates), now: time.Now(), brands: k.brands, works: k.works}
}

// cny turns money into yuan by the rates of the configuration.
func (h *handler) cny(m markwatch.Money) (decimal.Decimal, bool) {
	if m.Currency == markwatch.CNY {
		return m.Amount, true
	}
	rate, ok := h.app.cfg.Rates.CNY[m.Currency]
	return m.Amount.Mul(rate), ok
}

// parts are the leads that were merged into one.
func (h *handler) parts(ctx context.Context, lead markwatch.Lead) ([]markwatch.Lead, error) {
	var parts []markwatch.Lead
	for _, id := range lead.Handling.Merged {
		part, err := h.app.store.Lead(ctx, id)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	return parts, nil
}

// row is a lead with what is known beside it.
func (h *handler) row(lead markwatch.Lead, parts []markwatch.Lead) *leads.Row {
	r := &leads.Row{Lead: lead, Parts: parts}
	known := h.known(&lead, parts)
	r.Amount, r.PlaceName = known.Amount, h.table.Name(lead.Handling.Addressee.Region)
	if known.Brand != nil {
		r.Holder, r.Registration = known.Brand.Holder, strings.Join(known.Brand.Registrations, "、")
	}
	if known.Work != nil && r.Holder == "" {
		r.Holder = known.Work.Publisher
	}
	if n := h.right[clusters.Key(&lead.Listing)]; n > 0 {
		r.Repeat = fmt.Sprintf("曾查实%d次", n)
	}
	for _, s := range leads.Suspicions(h.app.cfg.Thresholds, leads.Routed(&lead), r.Amount, h.now, nil) {
		degree := "可能"
		if s.Likely {
			degree = "很可能"
		}
		r.Crimes = append(r.Crimes, fmt.Sprintf("%s(%s达到 %s 元,%s)", s.Threshold.Crime, degree, s.Threshold.Amount, s.Threshold.Basis))
	}
	return r
}

func (h *handler) known(lead *markwatch.Lead, parts []markwatch.Lead) leads.Known {
	k := leads.Known{Amount: leads.Estimate(leads.NewCase(*lead, parts).Offers(), h.app.cfg.Handling.Amounts.DisplayedShare, h.cny)}
	for _, f := range lead.Verdict.Findings {
		if b := h.brands[f.Subject]; b != nil && k.Brand == nil {
			k.Brand = b
		}
		if w := h.works[f.Subject]; w != nil && k.Work == nil {
			k.Work = w
		}
	}
	if a := h.route(lead); a.Mapped {
		k.Place = h.table.Name(a.Addressee.Region)
	}
	return k
}

// countRight reads which sellers were found out before.
func (h *handler) countRight(ctx context.Context) error {
	h.right = map[string]int{}
	for lead, err := range h.app.store.Leads(ctx, store.LeadFilter{Status: []markwatch.LeadStatus{markwatch.LeadOutcome}}) {
		if err != nil {
			return err
		}
		if key := clusters.Key(&lead.Listing); key != "" && leads.Says(&lead) > 0 {
			h.right[key]++
		}
	}
	return nil
}

// route is where a lead goes: where a person said or it was let go to, else
// where the routes lead.
func (h *handler) route(lead *markwatch.Lead) routing.Answer {
	approved := lead.Handling.ApprovedBy != "" && lead.Handling.Addressee.Unit != ""
	if approved || lead.Handling.Addressee.DecidedBy != "" {
		return routing.Answer{Addressee: lead.Handling.Addressee, Mapped: true}
	}
	price := 0.0
	if lead.Listing.Price != nil {
		if cny, ok := h.cny(*lead.Listing.Price); ok {
			price, _ = cny.Float64()
		}
	}
	return h.router.Route(routing.Question{Lead: lead, Violation: leads.Routed(lead), Source: h.app.source(lead.Listing.Source), PriceCNY: price, On: h.now})
}

// change takes leads through one step each, all or none of a lead, and goes on
// with the next where one is refused. It returns the first refusal.
func (a *app) change(ctx context.Context, numbers []string, action string, apply func(markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error)) error {
	var first error
	for _, number := range numbers {
		lead, err := a.store.UpdateLead(ctx, number, apply)
		if err == nil {
			err = a.audit(ctx, action, lead.ID, string(lead.Status))
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
	var config, as, reason string
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
		Example: `  markwatch leads act confirm --config watch --as 张敏 2026-0001 2026-0002
  markwatch leads act return --config watch --as 李强 --reason 授权未核实 2026-0001`,
		Args: argsBetween(2, -1, "ACT NUMBER|ID…"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(acts, args[0]) {
				return markwatch.Errorf(markwatch.CodeInvalid, "没有步骤 %q,可用:%s / there is no such step", args[0], strings.Join(acts, ", "))
			}
			return c.with(cmd.Context(), config, "leads act", func(ctx context.Context, a *app) error {
				return a.change(ctx, args[1:], "lead-"+args[0], func(l markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error) {
					return leads.Take(l, leads.Order{Act: leads.Act(args[0]), Reason: reason}, person(as), time.Now())
				})
			})
		},
	}
	configFlag(cmd, &config)
	asFlag(cmd, &as)
	cmd.Flags().StringVar(&reason, "reason", "", "理由 why")
	return cmd
}

func newLeadsCheck(c console) *cobra.Command {
	var config, as string
	var set map[string]string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "check [--config DIR] NUMBER|ID",
		Short: "查看或填写移送所需要素 what a lead needs before it goes",
		Long: `列出移送前须齐备的要素;--set 填写页面上没有的(如 authorisation=权利人函复未授权、place=福建莆田)。

Lists what a lead needs before it may be approved; --set states what no page shows.`,
		Example: "  markwatch leads check --config watch 2026-0001 --as 张敏 --set authorisation=未授权 --set reason=价格异常",
		Args:    argsBetween(1, 1, "NUMBER|ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd.Context(), config, "leads check", func(ctx context.Context, a *app) error {
				h := a.handler()
				lead, err := a.store.UpdateLead(ctx, args[0], func(l markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error) {
					return leads.State(l, set, person(as), h.now)
				})
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
				return a.feeder.Flush(ctx)
			})
		},
	}
	configFlag(cmd, &config)
	asFlag(cmd, &as)
	cmd.Flags().StringToStringVar(&set, "set", nil, "要素=内容 requirement=text")
	cmd.Flags().BoolVar(&asJSON, "json", false, "输出 JSON")
	return cmd
}

func newLeadsRoute(c console) *cobra.Command {
	var config, as, unit, reason string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "route [--config DIR] [NUMBER|ID…]",
		Short: "线索该移送哪里,尚缺什么 where leads go and what is missing",
		Long: `列出已确认线索的接收单位;没有单位的列出尚缺的信息,须由人用 --unit 与 --reason 决定后方可移送。

Lists where confirmed leads go. What has no unit is listed with what is missing; it goes only after
somebody decided with --unit and --reason.`,
		Example: `  markwatch leads route --config watch
  markwatch leads route --config watch --unit samr-guiyang --reason 属地不明,由发现地办理 --as 李强 2026-0003`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd.Context(), config, "leads route", func(ctx context.Context, a *app) error {
				h := a.handler()
				if unit != "" {
					return a.decide(ctx, args, unit, reason, person(as), h.now)
				}
				return a.showRoutes(ctx, h, args, asJSON)
			})
		},
	}
	configFlag(cmd, &config)
	asFlag(cmd, &as)
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

func (a *app) decide(ctx context.Context, numbers []string, unit, reason, who string, now time.Time) error {
	if _, err := a.unit(unit); err != nil {
		return err
	}
	if len(numbers) == 0 {
		return markwatch.Errorf(markwatch.CodeInvalid, "--unit 须写明线索编号 / name the leads")
	}
	return a.change(ctx, numbers, "lead-route", func(l markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error) {
		return leads.Decide(l, unit, reason, who, now)
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

func (a *app) showRoutes(ctx context.Context, h *handler, numbers []string, asJSON bool) error {
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

func newLeadsApprove(c console) *cobra.Command {
	var config, as string
	var waive map[string]string
	cmd := &cobra.Command{
		Use:   "approve [--config DIR] --as NAME NUMBER|ID…",
		Short: "批准移送(须为确认人以外的人) approve leads, by another person than the one who confirmed",
		Example: `  markwatch leads approve --config watch --as 李强 2026-0001 2026-0002
  markwatch leads approve --config watch --as 李强 --waive registration=权利人材料另附 2026-0003`,
		Args: argsBetween(1, -1, "NUMBER|ID…"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd.Context(), config, "leads approve", func(ctx context.Context, a *app) error {
				h := a.handler()
				return a.change(ctx, args, "lead-approve", func(l markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error) {
					return h.approve(ctx, l, waive, person(as))
				})
			})
		},
	}
	configFlag(cmd, &config)
	asFlag(cmd, &as)
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
