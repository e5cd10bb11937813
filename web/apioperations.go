package web

import (
	"net/http"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
)

type scansInput struct {
	Limit int `query:"limit" minimum:"1" maximum:"500" default:"50"`
}

type scanInput struct {
	ID string `path:"id" maxLength:"200"`
}

func (a *api) operations() {
	register(a, a.operation("list-sources", http.MethodGet, "/sources", accounts.See, "operations", "来源与状态 / Sources and their state"), a.sources)
	register(a, a.operation("list-scans", http.MethodGet, "/scans", accounts.See, "operations", "最近的扫描 / The newest scans"), a.scans)
	register(a, a.operation("get-scan", http.MethodGet, "/scans/{id}", accounts.See, "operations", "一次扫描的覆盖 / A scan's coverage"), a.scan)
	register(a, a.operation("list-progress", http.MethodGet, "/progress", accounts.See, "operations", "进行中的扫描 / Scans that are under way"), a.progress)
}

func (a *api) sources(r *http.Request, _ *nothing) (*answer[[]markwatch.SourceStatus], error) {
	out := []markwatch.SourceStatus{}
	if a.d.cfg.Sources == nil {
		return &answer[[]markwatch.SourceStatus]{out}, nil
	}
	if err := a.looked(r); err != nil {
		return nil, err
	}
	list, err := a.d.cfg.Sources.Sources(r.Context())
	return &answer[[]markwatch.SourceStatus]{append(out, list...)}, err
}

func (a *api) scans(r *http.Request, in *scansInput) (*answer[[]markwatch.ScanSummary], error) {
	out := []markwatch.ScanSummary{}
	if a.d.cfg.Scans == nil {
		return &answer[[]markwatch.ScanSummary]{out}, nil
	}
	if err := a.looked(r); err != nil {
		return nil, err
	}
	list, err := a.d.cfg.Scans.LastScans(r.Context(), in.Limit)
	return &answer[[]markwatch.ScanSummary]{append(out, list...)}, err
}

func (a *api) scan(r *http.Request, in *scanInput) (*answer[markwatch.ScanSummary], error) {
	if a.d.cfg.ScanDetail == nil {
		return nil, markwatch.Errorf(markwatch.CodeNotFound, "there is no scan %s", in.ID)
	}
	if err := a.looked(r); err != nil {
		return nil, err
	}
	s, err := a.d.cfg.ScanDetail.Scan(r.Context(), in.ID)
	return &answer[markwatch.ScanSummary]{s}, err
}

func (a *api) progress(r *http.Request, _ *nothing) (*answer[[]markwatch.ScanProgress], error) {
	if err := a.looked(r); err != nil {
		return nil, err
	}
	runs, err := a.d.live.runs(r.Context())
	out := []markwatch.ScanProgress{}
	for _, run := range runs {
		out = append(out, run.ScanProgress)
	}
	return &answer[[]markwatch.ScanProgress]{out}, err
}

// looked writes down in the audit log that somebody looked.
func (a *api) looked(r *http.Request) error {
	return a.d.audit(r, actorOf(r), AuditPageView, r.URL.Path, "")
}
