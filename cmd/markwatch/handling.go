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
}

func (a *app) handler() (*handler, error) {
	table, err := regions.New()
	if err != nil {
		return nil, err
	}
	router, err := routing.New(table, a.cfg.Lists.Units)
	if err != nil {
		return nil, err
	}
	h := &handler{app: a, table: table, router: router, gates: leads.Gates(a.cfg.Gates), now: time.Now(),
		brands: map[string]*markwatch.Brand{}, works: map[string]*markwatch.Work{}}
	for i := range a.cfg.Lists.Brands {
		h.brands[a.cfg.Lists.Brands[i].ID] = &a.cfg.Lists.Brands[i]
	}
	for i := range a.cfg.Lists.Works {
		h.works[a.cfg.Lists.Works[i].ID] = &a.cfg.Lists.Works[i]
	}
	return h, nil
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

// route is where a lead goes: where a person said, else where the routes lead.
func (h *handler) route(lead *markwatch.Lead) routing.Answer {
	if lead.Handling.Addressee.DecidedBy != "" {
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
				h, err := a.handler()
				if err != nil {
					return err
				}
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
				h, err := a.handler()
				if err != nil {
					return err
				}
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
				h, err := a.handler()
				if err != nil {
					return err
				}
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

func newLeadsMerge(c console) *cobra.Command {
	var config, as, reason string
	cmd := &cobra.Command{
		Use:     "merge [--config DIR] WHOLE PART…",
		Short:   "并案:后者并入前者 make one case of several leads",
		Example: "  markwatch leads merge --config watch --as 张敏 --reason 同一店铺 2026-0001 2026-0002",
		Args:    argsBetween(2, -1, "WHOLE PART…"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd.Context(), config, "leads merge", func(ctx context.Context, a *app) error {
				return a.pairs(ctx, args[0], args[1:], "lead-merge", func(whole, part markwatch.Lead) (markwatch.Lead, markwatch.Lead, []markwatch.LeadEvent, []markwatch.LeadEvent, error) {
					return leads.Merge(whole, part, reason, person(as), time.Now())
				})
			})
		},
	}
	configFlag(cmd, &config)
	asFlag(cmd, &as)
	cmd.Flags().StringVar(&reason, "reason", "", "理由 why")
	return cmd
}

func newLeadsSplit(c console) *cobra.Command {
	var config, as, reason string
	cmd := &cobra.Command{
		Use:     "split [--config DIR] WHOLE PART…",
		Short:   "拆分并案的线索 undo a merge",
		Example: "  markwatch leads split --config watch --as 张敏 --reason 并非同一店铺 2026-0001 2026-0002",
		Args:    argsBetween(2, -1, "WHOLE PART…"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd.Context(), config, "leads split", func(ctx context.Context, a *app) error {
				return a.pairs(ctx, args[0], args[1:], "lead-split", func(whole, part markwatch.Lead) (markwatch.Lead, markwatch.Lead, []markwatch.LeadEvent, []markwatch.LeadEvent, error) {
					return leads.Split(whole, part, reason, person(as), time.Now())
				})
			})
		},
	}
	configFlag(cmd, &config)
	asFlag(cmd, &as)
	cmd.Flags().StringVar(&reason, "reason", "", "理由 why")
	return cmd
}

// pairs changes a lead and each of others together.
func (a *app) pairs(ctx context.Context, whole string, parts []string, action string,
	apply func(whole, part markwatch.Lead) (markwatch.Lead, markwatch.Lead, []markwatch.LeadEvent, []markwatch.LeadEvent, error)) error {
	for _, part := range parts {
		changed, err := a.store.UpdateLeads(ctx, []string{whole, part}, func(old []markwatch.Lead) ([]markwatch.Lead, [][]markwatch.LeadEvent, error) {
			w, p, we, pe, err := apply(old[0], old[1])
			return []markwatch.Lead{w, p}, [][]markwatch.LeadEvent{we, pe}, err
		})
		if err != nil {
			return err
		}
		if err := a.audit(ctx, action, changed[1].ID, changed[0].Number); err != nil {
			return err
		}
		a.say("%s %s · %s %s", changed[0].Number, leads.StatusName(changed[0].Status).ZH, changed[1].Number, leads.StatusName(changed[1].Status).ZH)
	}
	return a.feeder.Flush(ctx)
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
	terms := leads.Deadlines{Terms: set.Terms, Calendar: leads.Calendar{Off: set.Calendar.Off, On: set.Calendar.On}, Location: zone}
	var list []leads.Due
	for lead, err := range a.store.Leads(ctx, store.LeadFilter{}) {
		if err != nil {
			return err
		}
		if due, ok := terms.Due(lead, now); ok {
			list = append(list, due)
		}
	}
	slices.SortStableFunc(list, func(x, y leads.Due) int { return x.At.Compare(y.At) })
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
