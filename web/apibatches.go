package web

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"path"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/leads/batch"
	"github.com/markwatch/markwatch/leads/dispatch"
)

// BatchParam names a batch in a path of the API.
type BatchParam struct {
	Number string `path:"number" maxLength:"100" doc:"批次编号 / the batch's number" example:"标移〔2026〕12号"`
}

type readyShown struct {
	Units []readyUnit `json:"units" doc:"有已批准线索的单位 / units with approved leads"`
	Held  []heldShort `json:"held" doc:"已确认而尚不能移送的线索及原因 / confirmed leads that cannot go yet, and why"`
	More  int64       `json:"more,omitempty" doc:"未列出的 / how many were not looked at"`
}

type readyUnit struct {
	Unit string   `json:"unit"`
	Name string   `json:"name"`
	N    int64    `json:"n"`
	Ways []string `json:"ways,omitempty" doc:"送达方式 / how the unit gets its batches"`
	Busy bool     `json:"busy,omitempty" doc:"正在制作或送达 / a batch is being made or delivered"`
}

type heldShort struct {
	Number string   `json:"number"`
	Why    string   `json:"why" enum:"approval,gate,route" doc:"待批准、缺要素、无单位 / waits for approval, lacks a requirement, has no unit"`
	Lacks  []string `json:"lacks,omitempty"`
}

type batchShort struct {
	Number string    `json:"number"`
	Unit   string    `json:"unit"`
	At     time.Time `json:"at"`
	Leads  int       `json:"leads"`
}

type batchShown struct {
	Batch      batch.Batch         `json:"batch"`
	Files      []batch.File        `json:"files,omitempty" doc:"尚未生成时为空 / empty where they were not made yet"`
	Leads      []sentShown         `json:"leads"`
	Ways       []string            `json:"ways,omitempty"`
	Deliveries []dispatch.Delivery `json:"deliveries"`
}

type sentShown struct {
	Number  string `json:"number"`
	ID      string `json:"id"`
	Title   string `json:"title"`
	Shown   string `json:"shown,omitempty" doc:"移送前复查所见 / what the page showed before sending: on-sale, changed, gone, not-checked"`
	Package string `json:"package,omitempty"`
	SHA256  string `json:"sha256,omitempty"`
}

type sendInput struct {
	Body struct {
		Units    []string `json:"units" minItems:"1" maxItems:"500" doc:"单位编号,每单位一批 / ids of units, a batch each"`
		Recheck  bool     `json:"recheck,omitempty" doc:"移送前重新访问页面 / fetch the pages again first"`
		Packages bool     `json:"packages,omitempty" doc:"制作证据包 / make evidence packages"`
		Pictures bool     `json:"pictures,omitempty" doc:"复查时截图(有浏览器时) / take pictures then, where there is a browser"`
	}
}

type runsShownBody struct {
	Runs    []dispatch.Run `json:"runs" doc:"已开始的;进度见 /batch-runs / what has begun; /batch-runs tells how far it is"`
	Refused string         `json:"refused,omitempty" doc:"未能开始的原因 / why others could not begin"`
}

type deliverInput struct {
	BatchParam
	Body struct {
		Again bool `json:"again,omitempty" doc:"已送达的也再送一次 / deliver also where it was delivered"`
	}
}

type listBatchesInput struct {
	Unit string `query:"unit" maxLength:"100"`
}

type listRunsInput struct {
	Limit int `query:"limit" minimum:"1" maximum:"200" default:"20"`
}

type batchFileInput struct {
	BatchParam
	Name string `query:"name" maxLength:"300" required:"true" doc:"清单中的文件名,或 zip / a file's name in the list, or zip for the whole" example:"list.xlsx"`
}

// acting is an operation that changes something, which may be refused for the
// state that things are in.
func (a *api) acting(id, method, path string, needs accounts.Permission, tag, summary string) huma.Operation {
	op := a.operation(id, method, path, needs, tag, summary)
	op.Errors = append(op.Errors, http.StatusConflict, http.StatusRequestEntityTooLarge)
	return op
}

// begun is an operation whose work goes on behind it.
func begun(op huma.Operation) huma.Operation {
	op.DefaultStatus = http.StatusAccepted
	return op
}

// fileOf is an operation that answers with a file.
func fileOf(op huma.Operation) huma.Operation {
	op.Responses = map[string]*huma.Response{"200": {Description: "the file", Content: map[string]*huma.MediaType{"application/octet-stream": {Schema: &huma.Schema{Type: "string", Format: "binary"}}}}}
	return op
}

func (a *api) batches() {
	register(a, a.operation("list-ready", http.MethodGet, "/ready", accounts.See, "batches", "待移送与尚缺 / What is ready, and what is held back"), a.ready)
	register(a, begun(a.acting("send-batches", http.MethodPost, "/batches", accounts.Approve, "batches", "成批移送,每单位一批 / Make and deliver a batch for each unit")), a.sendBatches)
	register(a, a.operation("list-batch-runs", http.MethodGet, "/batch-runs", accounts.See, "batches", "批次的制作与送达进度 / How far the making of batches is"), a.batchRuns)
	register(a, a.operation("list-batches", http.MethodGet, "/batches", accounts.See, "batches", "批次 / Batches"), a.listBatches)
	register(a, a.operation("get-batch", http.MethodGet, "/batches/{number}", accounts.See, "batches", "一个批次 / One batch"), a.getBatch)
	register(a, fileOf(a.operation("get-batch-file", http.MethodGet, "/batches/{number}/file", accounts.Decide, "batches", "下载批次的文件 / A file of a batch")), a.batchFile)
	register(a, begun(a.acting("deliver-batch", http.MethodPost, "/batches/{number}/deliveries", accounts.Approve, "batches", "生成文件并送达 / Make the files and deliver")), a.deliverBatch)
}

func (a *api) ready(r *http.Request, _ *nothing) (*answer[readyShown], error) {
	d := a.d
	if err := d.dispatches(); err != nil {
		return nil, err
	}
	if err := a.looked(r); err != nil {
		return nil, err
	}
	runs, err := d.runs(r)
	if err != nil {
		return nil, err
	}
	var v batchesView
	if err := d.showReady(r, runs, &v); err != nil {
		return nil, err
	}
	out := readyShown{Units: []readyUnit{}, Held: []heldShort{}}
	for _, row := range v.Ready {
		out.Units = append(out.Units, readyUnit{Unit: row.Unit, Name: row.Name, N: row.N, Ways: row.Ways, Busy: row.Busy})
	}
	groups, unread, err := d.held(r)
	out.More = unread
	for _, g := range groups {
		for _, lead := range g.Leads {
			out.Held = append(out.Held, heldShort{Number: lead.Number, Why: g.Key, Lacks: lead.Lacks})
		}
		out.More += g.N - int64(len(g.Leads))
	}
	return &answer[readyShown]{out}, err
}

func (a *api) sendBatches(r *http.Request, in *sendInput) (*answer[runsShownBody], error) {
	runs, err := a.d.send(r, in.Body.Units, dispatch.Order{Recheck: in.Body.Recheck, Packages: in.Body.Packages, Pictures: in.Body.Pictures})
	if len(runs) == 0 {
		return nil, err
	}
	out := runsShownBody{Runs: runs}
	if err != nil {
		out.Refused = err.Error()
	}
	return &answer[runsShownBody]{out}, nil
}

func (a *api) batchRuns(r *http.Request, in *listRunsInput) (*answer[[]dispatch.Run], error) {
	if err := a.d.dispatches(); err != nil {
		return nil, err
	}
	runs, err := a.d.runs(r)
	return &answer[[]dispatch.Run]{append([]dispatch.Run{}, runs[:min(len(runs), in.Limit)]...)}, err
}

func (a *api) listBatches(r *http.Request, in *listBatchesInput) (*answer[[]batchShort], error) {
	if err := a.d.dispatches(); err != nil {
		return nil, err
	}
	if err := a.looked(r); err != nil {
		return nil, err
	}
	list, err := a.d.seenBatches(r, in.Unit)
	out := []batchShort{}
	for _, b := range list {
		out = append(out, batchShort{b.Number, b.Unit, b.At, b.Leads})
	}
	return &answer[[]batchShort]{out}, err
}

func (a *api) getBatch(r *http.Request, in *BatchParam) (*answer[batchShown], error) {
	d := a.d
	kept, err := d.batchOf(r, in.Number)
	if err == nil {
		err = d.audit(r, actorOf(r), AuditBatchView, kept.Number, "")
	}
	if err != nil {
		return nil, err
	}
	out := batchShown{Leads: []sentShown{}, Deliveries: []dispatch.Delivery{}}
	if err := json.Unmarshal(kept.Document, &out.Batch); err != nil {
		return nil, err
	}
	for row, err := range d.cfg.Dispatch.BatchLeads(r.Context(), kept.Number) {
		if err != nil {
			return nil, err
		}
		h := row.Handling
		out.Leads = append(out.Leads, sentShown{Number: row.Number, ID: row.ID, Title: row.Listing.Title, Shown: h.ShownOnSending, Package: h.Package, SHA256: h.PackageHash})
	}
	m, err := d.cfg.Dispatch.Manifest(kept.Number)
	if err != nil && !lacking(err) {
		return nil, err
	}
	out.Files = m.Files
	// A way whose secret cannot be read is told by the delivery.
	out.Ways, _ = d.cfg.Dispatch.Ways(kept.Unit)
	log, err := d.cfg.Dispatch.Deliveries(r.Context(), kept.Number)
	out.Deliveries = append(out.Deliveries, log...)
	return &answer[batchShown]{out}, err
}

func (a *api) batchFile(r *http.Request, in *batchFileInput) (*huma.StreamResponse, error) {
	if in.Name == "zip" {
		kept, write, err := a.d.takeZip(r, in.Number)
		if err != nil {
			return nil, err
		}
		return a.file(r, kept.Number+".zip", write), nil
	}
	f, err := a.d.takeFile(r, in.Number, in.Name)
	if err != nil {
		return nil, err
	}
	return a.file(r, path.Base(in.Name), func(w io.Writer) error {
		_, err := io.Copy(w, f)
		return errors.Join(err, f.Close())
	}), nil
}

// file answers with a file. An error that comes when it has begun cuts it off,
// so that it never looks whole.
func (a *api) file(r *http.Request, name string, write func(io.Writer) error) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		ctx.SetHeader("Content-Type", contentType(name))
		ctx.SetHeader("Content-Disposition", disposition(name))
		if err := write(ctx.BodyWriter()); err != nil {
			a.d.cfg.Logger.ErrorContext(r.Context(), "hand out a file", "error", err)
			panic(http.ErrAbortHandler)
		}
	}}
}

func (a *api) deliverBatch(r *http.Request, in *deliverInput) (*answer[dispatch.Run], error) {
	run, err := a.d.deliver(r, in.Number, in.Body.Again)
	return &answer[dispatch.Run]{run}, err
}
