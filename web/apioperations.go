package web

import (
	"net/http"
	"strings"

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
	register(a, a.operation("try-source", http.MethodPost, "/sources/{id}/trial", accounts.Decide, "operations", "在一个网址上试提取 / Try extraction on an address"), a.trySource)
	register(a, a.operation("list-scans", http.MethodGet, "/scans", accounts.See, "operations", "最近的扫描 / The newest scans"), a.scans)
	register(a, a.operation("get-scan", http.MethodGet, "/scans/{id}", accounts.See, "operations", "一次扫描的覆盖 / A scan's coverage"), a.scan)
	register(a, a.operation("list-progress", http.MethodGet, "/progress", accounts.See, "operations", "进行中的扫描 / Scans that are under way"), a.progress)
}

type trySourceInput struct {
	ID   string `path:"id" maxLength:"200" doc:"来源编号 / id of the source"`
	Body struct {
		Address string `json:"address" maxLength:"2000" doc:"网址,须在来源范围内 / address, within the source's scope"`
	}
}

// extractedShown is what was read of one page.
type extractedShown struct {
	Outcome  markwatch.PageOutcome `json:"outcome"`
	Status   int                   `json:"status" doc:"HTTP 状态 / status of the answer"`
	Final    string                `json:"final,omitempty" doc:"重定向之后的网址 / address after redirects"`
	Found    int                   `json:"found" doc:"读出的商品数 / number of listings on the page"`
	Listings []listingTried        `json:"listings" doc:"前 10 件 / the first ten"`
}

type listingTried struct {
	Listing markwatch.Listing `json:"listing"`
	Verdict markwatch.Verdict `json:"verdict"`
}

func (a *api) trySource(r *http.Request, in *trySourceInput) (*answer[extractedShown], error) {
	r.SetPathValue("id", in.ID)
	v, err := a.d.tryFor(r)
	if err == nil {
		err = a.d.audit(r, actorOf(r), AuditTryExtracted, v.Source, in.Body.Address)
	}
	if err != nil {
		return nil, err
	}
	address := outsideURL(strings.TrimSpace(in.Body.Address))
	if address == "" {
		return nil, markwatch.Errorf(markwatch.CodeInvalid, "请写 http 或 https 网址 / an address begins with http:// or https://")
	}
	tried, err := a.d.extracted(r, v.Source, address)
	if err != nil {
		return nil, err
	}
	out := extractedShown{Outcome: tried.Outcome, Status: tried.Status, Final: tried.Final, Found: len(tried.Listings), Listings: []listingTried{}}
	for i, l := range tried.Listings[:min(len(tried.Listings), maxTried)] {
		t := listingTried{Listing: l}
		if i < len(tried.Verdicts) {
			t.Verdict = tried.Verdicts[i]
		}
		out.Listings = append(out.Listings, t)
	}
	return &answer[extractedShown]{out}, nil
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
