package web

import (
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/leads"
	"github.com/markwatch/markwatch/leads/report"
)

type mergeInput struct {
	LeadParam
	DryRun bool `query:"dry_run" doc:"只看并案后的样子 / only show what the case would be"`
	Body   struct {
		Parts  []string `json:"parts" minItems:"1" maxItems:"20" doc:"并入的线索 / leads that go in"`
		Reason string   `json:"reason,omitempty" maxLength:"2000" doc:"理由;预览时可空 / why; may be empty in a dry run"`
	}
}

type splitInput struct {
	LeadParam
	Body struct {
		Parts  []string `json:"parts" minItems:"1" maxItems:"20"`
		Reason string   `json:"reason" maxLength:"2000"`
	}
}

type reportInput struct {
	Period string `path:"period" maxLength:"10" doc:"2026-11、2026-Q4、2026-H2" example:"2026-11"`
	Unit   string `query:"unit" maxLength:"100" doc:"只统计此单位及其下级 / this unit and those beneath it"`
}

type disclosureInput struct {
	Period string `path:"period" maxLength:"10" example:"2026-11"`
	Format string `query:"format" enum:"csv,xlsx" default:"csv"`
}

type dueShownBody struct {
	Leads   []leads.Due `json:"leads"`
	Monthly int         `json:"monthly" doc:"每月报表须于几日前上报 / the day of the month by which figures are due"`
}

func (a *api) cases() {
	register(a, a.acting("merge-leads", http.MethodPost, "/leads/{id}/merge", accounts.Decide, "leads", "并案:把其他线索并入此条 / Merge others into this lead"), a.mergeLeads)
	register(a, a.acting("split-lead", http.MethodPost, "/leads/{id}/split", accounts.Decide, "leads", "拆分 / Undo a merge"), a.splitLead)
	register(a, a.operation("get-report", http.MethodGet, "/reports/{period}", accounts.See, "reports", "月、季、半年统计 / Figures of a period"), a.getReport)
	register(a, fileOf(a.operation("get-report-xlsx", http.MethodGet, "/reports/{period}/xlsx", accounts.See, "reports", "统计(XLSX) / The same as a workbook")), a.reportXLSX)
	register(a, fileOf(a.operation("get-disclosure", http.MethodGet, "/disclosures/{period}", accounts.Decide, "reports", "案件公示 / Public fields of cases")), a.disclosure)
	register(a, a.operation("list-due", http.MethodGet, "/due", accounts.See, "reports", "到期与将到期 / What is due"), a.due)
}

func (a *api) mergeLeads(r *http.Request, in *mergeInput) (*answer[leads.Case], error) {
	d := a.d
	if !in.DryRun {
		if err := d.merge(r, in.ID, in.Body.Parts, in.Body.Reason); err != nil {
			return nil, err
		}
		return a.caseOf(r, in.ID)
	}
	if err := d.joins(r, in.ID, in.Body.Parts, "preview of a merge"); err != nil {
		return nil, err
	}
	c, err := d.cfg.Dispatch.TryMerge(r.Context(), in.ID, in.Body.Parts, actorOf(r), d.takes(r))
	return &answer[leads.Case]{c}, err
}

// caseOf is a lead with its parts, as far as the caller may see them.
func (a *api) caseOf(r *http.Request, id string) (*answer[leads.Case], error) {
	rec, err := a.d.record(r, id)
	if err != nil {
		return nil, err
	}
	var parts []markwatch.Lead
	for _, part := range rec.Lead.Handling.Merged {
		one, err := a.d.record(r, part)
		switch {
		case err == nil:
			parts = append(parts, one.Lead)
		case !lacking(err):
			return nil, err
		}
	}
	return &answer[leads.Case]{leads.NewCase(rec.Lead, parts)}, nil
}

func (a *api) splitLead(r *http.Request, in *splitInput) (*answer[leads.Case], error) {
	if err := a.d.split(r, in.ID, in.Body.Parts, in.Body.Reason); err != nil {
		return nil, err
	}
	return a.caseOf(r, in.ID)
}

func (a *api) getReport(r *http.Request, in *reportInput) (*answer[report.Report], error) {
	figures, err := a.d.figuresOf(r, in.Period, in.Unit)
	return &answer[report.Report]{figures}, err
}

func (a *api) reportXLSX(r *http.Request, in *reportInput) (*huma.StreamResponse, error) {
	figures, err := a.d.figuresOf(r, in.Period, in.Unit)
	if err != nil {
		return nil, err
	}
	return a.file(r, "统计-"+figures.Period.Name+".xlsx", figures.WriteXLSX), nil
}

func (a *api) disclosure(r *http.Request, in *disclosureInput) (*huma.StreamResponse, error) {
	period, write, err := a.d.disclose(r, in.Period, in.Format)
	if err != nil {
		return nil, err
	}
	return a.file(r, "公示-"+period+"."+in.Format, func(w io.Writer) error { return write(w) }), nil
}

func (a *api) due(r *http.Request, _ *nothing) (*answer[dueShownBody], error) {
	list, monthly, err := a.d.dueLeads(r)
	return &answer[dueShownBody]{dueShownBody{append([]leads.Due{}, list...), monthly}}, err
}
