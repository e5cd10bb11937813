package web

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/index"
	"github.com/markwatch/markwatch/leads"
)

// SearchParams are a search, as the address of the search page says it.
type SearchParams struct {
	Query   string   `query:"q" maxLength:"1000" doc:"检索式,语法见帮助页 / query, in the language of the help page" example:"高仿 耐克 -儿童 price:<300"`
	Filter  []string `query:"f,explode" maxItems:"40" doc:"须有的值 field:value / a value that hits must have" example:"violation:counterfeit"`
	Exclude []string `query:"x,explode" maxItems:"40" doc:"不得有的值 field:value / a value that hits must not have"`
	Sort    string   `query:"sort" enum:"score,relevance,newest,seen,price,-price,sales" default:"score" doc:"顺序 / order"`
}

// values is the same as the search page's query.
func (s SearchParams) values() url.Values {
	q := url.Values{"f": s.Filter, "x": s.Exclude}
	if s.Query != "" {
		q.Set("q", s.Query)
	}
	if s.Sort != "" {
		q.Set("sort", s.Sort)
	}
	return q
}

// query reads the search.
func (s SearchParams) query(d *desk) (address, index.Query, error) {
	a, err := addressOf(s.values())
	if err != nil {
		return a, index.Query{}, err
	}
	q, err := index.ParseQuery(a.Text)
	if err != nil {
		return a, q, invalidQuery(err)
	}
	a.filter(&q)
	if a.Sort != "" {
		q.Sort = a.Sort
	}
	q.Location = d.cfg.Location
	return a, q, nil
}

type listLeadsInput struct {
	SearchParams
	Page   int      `query:"page" minimum:"1" maximum:"1000000" default:"1" doc:"第几页 / page, from 1"`
	Size   int      `query:"size" minimum:"0" maximum:"200" default:"25" doc:"每页条数;0 只要计数 / hits on a page; 0 for counts alone"`
	Facets []string `query:"facet" maxItems:"20" doc:"要计数的字段,逗号隔开 / fields to count, by commas" example:"violation"`
}

// hitShown is one found lead or listing.
type hitShown struct {
	Lead    *markwatch.Lead    `json:"lead,omitempty" doc:"线索 / the lead"`
	Listing *markwatch.Listing `json:"listing,omitempty" doc:"尚未立为线索的商品 / a listing that is no lead"`
	Score   float64            `json:"score" doc:"可疑度 / suspicion, 0 to 1"`
}

type countShown struct {
	Value string `json:"value"`
	N     int    `json:"n"`
}

type foundShown struct {
	Total  int                     `json:"total" doc:"命中总数 / number of all hits"`
	Hits   []hitShown              `json:"hits"`
	Facets map[string][]countShown `json:"facets,omitempty"`
}

// LeadParam names a lead in a path of the API.
type LeadParam struct {
	ID string `path:"id" maxLength:"200" doc:"线索编号或商品 id / a lead's number or its listing's id" example:"2026-0412"`
}

// changeShown is what a call sets on a lead.
type changeShown struct {
	Status   string   `json:"status,omitempty" doc:"新状态 / new state" example:"confirmed"`
	Reason   string   `json:"reason,omitempty" doc:"排除的理由 / why it is dismissed" enum:"genuine,resale,wrong-subject,not-an-offer,misread,insufficient"`
	Assignee *string  `json:"assignee,omitempty" maxLength:"40" doc:"承办人的用户名;空为无人 / login name of who gets it; empty is nobody"`
	Note     string   `json:"note,omitempty" maxLength:"10000" doc:"备注 / note"`
	AddTags  []string `json:"add_tags,omitempty" maxItems:"20" doc:"加上的标签 / tags to put on"`
	DropTags []string `json:"drop_tags,omitempty" maxItems:"20" doc:"去掉的标签 / tags to take off"`
}

type changeLeadInput struct {
	LeadParam
	Body changeShown
}

type pricePoint struct {
	At    string          `json:"at" format:"date-time"`
	Price markwatch.Money `json:"price"`
}

type exportInput struct {
	SearchParams
	Format string `query:"format" default:"ndjson" doc:"文件格式 / form of the file: csv, ndjson"`
}

func (a *api) leads() {
	register(a, a.operation("search-leads", http.MethodGet, "/leads", accounts.See, "leads", "检索线索 / Search leads"), a.searchLeads)
	register(a, a.operation("get-lead", http.MethodGet, "/leads/{id}", accounts.See, "leads", "一条线索 / One lead"), a.getLead)
	register(a, a.operation("change-lead", http.MethodPatch, "/leads/{id}", accounts.Decide, "leads", "处理线索 / Change a lead"), a.patchLead)
	register(a, a.operation("list-lead-events", http.MethodGet, "/leads/{id}/events", accounts.See, "leads", "线索的经过 / A lead's history"), a.leadEvents)
	register(a, a.operation("list-lead-prices", http.MethodGet, "/leads/{id}/prices", accounts.See, "leads", "价格走势 / Price history"), a.leadPrices)
	op := a.operation("export-leads", http.MethodGet, "/export", accounts.Decide, "leads", "导出全部结果 / Export a whole result")
	op.Responses = map[string]*huma.Response{"200": {Description: "the file", Content: map[string]*huma.MediaType{"application/x-ndjson": {}, "text/csv": {}}}}
	register(a, op, a.exportLeads)
}

func (a *api) searchLeads(r *http.Request, in *listLeadsInput) (*answer[foundShown], error) {
	d := a.d
	address, q, err := in.query(d)
	if err != nil {
		return nil, err
	}
	q.Offset, q.Limit = (in.Page-1)*in.Size, in.Size
	if in.Size == 0 {
		q.Offset, q.Limit = 0, -1
	}
	for _, name := range in.Facets {
		info, known := index.Field(name).Info()
		if !known || !info.Facet {
			return nil, markwatch.Errorf(markwatch.CodeInvalid, "字段 %q 不能计数 / the field %q cannot be counted", name, name)
		}
		q.Facets = append(q.Facets, info.Field)
	}
	res, err := d.ask(r, q)
	if err == nil {
		err = d.audit(r, actorOf(r), AuditSearch, address.url(), strconv.Itoa(res.Total))
	}
	if err != nil {
		return nil, err
	}
	out := foundShown{Total: res.Total, Hits: []hitShown{}}
	for _, hit := range res.Hits {
		rec, err := d.record(r, hit.ID)
		if markwatch.ErrorCode(err) == markwatch.CodeNotFound {
			continue // the index is behind the store
		}
		if err != nil {
			return nil, err
		}
		out.Hits = append(out.Hits, hitOf(rec))
	}
	for field, counts := range res.Facets {
		if out.Facets == nil {
			out.Facets = map[string][]countShown{}
		}
		for _, c := range counts {
			out.Facets[string(field)] = append(out.Facets[string(field)], countShown{c.Value, c.N})
		}
	}
	return &answer[foundShown]{out}, nil
}

func hitOf(rec record) hitShown {
	h := hitShown{Score: rec.Verdict.Score}
	if rec.lead {
		h.Lead = &rec.Lead
	} else {
		h.Listing = &rec.Listing
	}
	return h
}

// seen reads a lead that the caller may see, for the audit log first.
func (a *api) seen(r *http.Request, id string) (record, error) {
	rec, err := a.d.record(r, id)
	if err == nil && !rec.lead {
		err = markwatch.Errorf(markwatch.CodeNotFound, "没有线索 %s / there is no lead %s", id, id)
	}
	if err == nil {
		err = a.d.audit(r, actorOf(r), AuditLeadView, rec.Listing.ID, rec.Lead.Number)
	}
	return rec, err
}

func (a *api) getLead(r *http.Request, in *LeadParam) (*answer[markwatch.Lead], error) {
	rec, err := a.seen(r, in.ID)
	return &answer[markwatch.Lead]{rec.Lead}, err
}

func (a *api) patchLead(r *http.Request, in *changeLeadInput) (*answer[markwatch.Lead], error) {
	b := in.Body
	c := markwatch.LeadChange{
		Status: markwatch.LeadStatus(b.Status), Reason: b.Reason, Assignee: b.Assignee, Note: b.Note, AddTags: b.AddTags, DropTags: b.DropTags,
	}
	do := "status"
	switch {
	case c.Status != "":
	case c.Assignee != nil:
		do = "assign"
	case len(c.AddTags) > 0:
		do = "tag"
	case len(c.DropTags) > 0:
		do = "untag"
	default:
		do = "note"
	}
	if err := a.d.checkChange(r, c, do); err != nil {
		return nil, err
	}
	lead, err := a.d.change(r, in.ID, c, do)
	return &answer[markwatch.Lead]{lead}, err
}

func (a *api) leadEvents(r *http.Request, in *LeadParam) (*answer[[]markwatch.LeadEvent], error) {
	rec, err := a.seen(r, in.ID)
	if err != nil {
		return nil, err
	}
	events, err := a.d.cfg.Leads.LeadEvents(r.Context(), rec.Lead.ID)
	if events == nil {
		events = []markwatch.LeadEvent{}
	}
	return &answer[[]markwatch.LeadEvent]{events}, err
}

func (a *api) leadPrices(r *http.Request, in *LeadParam) (*answer[[]pricePoint], error) {
	rec, err := a.seen(r, in.ID)
	if err != nil {
		return nil, err
	}
	out := []pricePoint{}
	if a.d.cfg.History == nil {
		return &answer[[]pricePoint]{out}, nil
	}
	history, err := a.d.cfg.History.PriceHistory(r.Context(), rec.Listing.ID)
	for _, p := range history {
		out = append(out, pricePoint{At: p.At.UTC().Format("2006-01-02T15:04:05Z"), Price: p.Price})
	}
	return &answer[[]pricePoint]{out}, err
}

// exportLeads streams a file. An error that comes when it has begun cuts it
// off, so that it never looks whole.
func (a *api) exportLeads(r *http.Request, in *exportInput) (*huma.StreamResponse, error) {
	d := a.d
	format, err := leads.FormatByName(in.Format)
	if err != nil {
		return nil, err
	}
	address, q, err := in.query(d)
	if err == nil && d.cfg.Finder == nil {
		err = markwatch.Errorf(markwatch.CodeUnavailable, "exports are not available")
	}
	if err == nil {
		err = d.audit(r, actorOf(r), AuditExport, address.url(), format.Name)
	}
	if err != nil {
		return nil, err
	}
	bound(&q, personOf(r).Bounds)
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		ctx.SetHeader("Content-Type", format.ContentType)
		if err := d.writeLeads(ctx.BodyWriter(), r, format, q); err != nil {
			d.cfg.Logger.ErrorContext(r.Context(), "export leads", "error", err)
			panic(http.ErrAbortHandler)
		}
	}}, nil
}
