package web

import (
	"net/http"
	"slices"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/leads"
)

// outlookShown is what stands between a lead and its unit.
type outlookShown struct {
	Violation  markwatch.Violation `json:"violation,omitempty" doc:"按此违法类型移送 / the violation under which it goes out"`
	Checklist  []leads.Item        `json:"checklist" doc:"必备要素 / what the lead needs"`
	Addressee  markwatch.Addressee `json:"addressee" doc:"接收单位与依据;unit 为空即没有 / the unit and the legal reason; no unit where it is empty"`
	Place      string              `json:"place,omitempty" doc:"单位所在地 / the region's whole name"`
	Missing    []markwatch.Text    `json:"missing,omitempty" doc:"为何没有单位 / why there is no unit"`
	Notes      []markwatch.Text    `json:"notes,omitempty"`
	Amount     leads.Amount        `json:"amount" doc:"涉案金额估计 / estimate of the amount involved"`
	Suspicions []leads.Suspicion   `json:"suspicions,omitempty" doc:"达到的追诉标准 / thresholds of crimes that are reached"`
	Acts       []string            `json:"acts" doc:"此人现在可办的步骤 / the acts that the caller may take now"`
	Refusal    string              `json:"refusal,omitempty" doc:"为何不能批准 / why the caller cannot approve"`
}

type actInput struct {
	LeadParam
	Body struct {
		Act    string `json:"act" maxLength:"20" doc:"步骤 / act: review, reset, confirm, dismiss, return, recall" example:"return"`
		Reason string `json:"reason,omitempty" maxLength:"10000" doc:"理由;排除时为其代码 / why; of a dismissal its code"`
	}
}

type statedInput struct {
	LeadParam
	Body map[string]string `doc:"要素 → 内容,空为收回 / requirement → text; empty takes it back"`
}

type addresseeInput struct {
	LeadParam
	Body struct {
		Unit   string `json:"unit" maxLength:"100" doc:"单位编号 / id of the unit"`
		Reason string `json:"reason" maxLength:"10000" doc:"理由 / why"`
	}
}

type approvalInput struct {
	LeadParam
	Body struct {
		Waive map[string]string `json:"waive,omitempty" doc:"缺此要素仍放行的理由 / why it may go without a requirement"`
	}
}

func (a *api) handling() {
	register(a, a.operation("get-lead-handling", http.MethodGet, "/leads/{id}/handling", accounts.See, "leads", "移送条件与去向 / What a lead needs and where it goes"), a.leadHandling)
	register(a, a.operation("act-on-lead", http.MethodPost, "/leads/{id}/acts", accounts.Decide, "leads", "办理一步 / Take a lead through a step"), a.actOnLead)
	register(a, a.operation("state-lead", http.MethodPatch, "/leads/{id}/checks", accounts.Decide, "leads", "填写要素 / State what no page shows"), a.stateLead)
	register(a, a.operation("route-lead", http.MethodPut, "/leads/{id}/addressee", accounts.Decide, "leads", "指定接收单位 / Decide the unit"), a.routeLead)
	register(a, a.operation("approve-lead", http.MethodPost, "/leads/{id}/approval", accounts.Approve, "leads", "批准移送 / Approve a lead that another confirmed"), a.approveLead)
}

func (a *api) leadHandling(r *http.Request, in *LeadParam) (*answer[outlookShown], error) {
	rec, err := a.seen(r, in.ID)
	if err == nil && a.d.cfg.Handling == nil {
		err = markwatch.Errorf(markwatch.CodeUnavailable, "the handling of leads is not available")
	}
	if err != nil {
		return nil, err
	}
	o, err := a.d.cfg.Handling.Outlook(r.Context(), rec.Lead)
	if err != nil {
		return nil, err
	}
	out := outlookShown{
		Violation: o.Violation, Checklist: append([]leads.Item{}, o.Checklist...), Addressee: o.Addressee, Place: o.Place, Missing: o.Missing, Notes: o.Notes,
		Amount: o.Amount, Suspicions: o.Suspicions, Acts: []string{},
	}
	p := personOf(r)
	for _, s := range leads.Steps() {
		switch {
		case !slices.Contains(s.From, rec.Lead.Status):
		case s.Hand == leads.HandSecond:
			if out.Refusal = a.d.refusal(language(r), p, rec.Lead, o); out.Refusal == "" {
				out.Acts = append(out.Acts, string(s.Act))
			}
		case takenHere(s) && p.may(accounts.Decide):
			out.Acts = append(out.Acts, string(s.Act))
		}
	}
	return &answer[outlookShown]{out}, nil
}

func (a *api) actOnLead(r *http.Request, in *actInput) (*answer[markwatch.Lead], error) {
	lead, err := a.d.step(r, in.ID, leads.Act(in.Body.Act), in.Body.Reason)
	return &answer[markwatch.Lead]{lead}, err
}

func (a *api) stateLead(r *http.Request, in *statedInput) (*answer[markwatch.Lead], error) {
	lead, err := a.d.state(r, in.ID, in.Body)
	return &answer[markwatch.Lead]{lead}, err
}

func (a *api) routeLead(r *http.Request, in *addresseeInput) (*answer[markwatch.Lead], error) {
	lead, err := a.d.decideUnit(r, in.ID, in.Body.Unit, in.Body.Reason)
	return &answer[markwatch.Lead]{lead}, err
}

func (a *api) approveLead(r *http.Request, in *approvalInput) (*answer[markwatch.Lead], error) {
	lead, err := a.d.approve(r, in.ID, in.Body.Waive)
	return &answer[markwatch.Lead]{lead}, err
}
