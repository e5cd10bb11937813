package web

import (
	"bytes"
	"cmp"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/leads"
	"github.com/markwatch/markwatch/leads/dispatch"
	"github.com/markwatch/markwatch/leads/intake"
)

// maxCallAnswer bounds the body of a call that hands in files of an answer,
// in bytes; base 64 takes a third more than the files.
const maxCallAnswer = 24 << 20

type fileInput struct {
	DryRun  bool   `query:"dry_run" doc:"只说会怎样,不改动 / only say what would become of it"`
	Name    string `query:"name" maxLength:"200" doc:"文件名,用于提示 / the file's name, for messages"`
	RawBody []byte `contentType:"application/octet-stream"`
}

// feedbackGiven is a row of receipts and outcomes.
type feedbackGiven struct {
	Lead    string        `json:"lead" maxLength:"200" doc:"线索编号 / the lead's number" example:"2026-0412"`
	Receipt *receiptGiven `json:"receipt,omitempty" doc:"签收 / the receipt"`
	Outcome *outcomeGiven `json:"outcome,omitempty" doc:"办理结果 / the outcome"`
}

type receiptGiven struct {
	By     string    `json:"by,omitempty" maxLength:"200"`
	At     time.Time `json:"at,omitzero"`
	Number string    `json:"number,omitempty" maxLength:"200"`
}

type outcomeGiven struct {
	Code     string    `json:"code" maxLength:"40" doc:"结果:代码或名称 / the outcome, by code or name" example:"case-opened"`
	At       time.Time `json:"at,omitzero"`
	Unit     string    `json:"unit,omitempty" maxLength:"200"`
	Document string    `json:"document,omitempty" maxLength:"200"`
	Amount   string    `json:"amount,omitempty" maxLength:"40" doc:"元 / yuan"`
	Penalty  string    `json:"penalty,omitempty" maxLength:"40" doc:"元 / yuan"`
	To       string    `json:"to,omitempty" maxLength:"200"`
	Note     string    `json:"note,omitempty" maxLength:"2000"`
}

type outcomesInput struct {
	DryRun bool `query:"dry_run" doc:"只说会怎样,不改动 / only say what would become of it"`
	Body   struct {
		Rows []feedbackGiven `json:"rows" minItems:"1" maxItems:"2000"`
	}
}

type complaintsInput struct {
	DryRun bool `query:"dry_run" doc:"只说会怎样,不改动 / only say what would become of it"`
	Body   struct {
		Rows []intake.Complaint `json:"rows" minItems:"1" maxItems:"2000"`
	}
}

// intakeAnswer says what became of each row.
type intakeAnswer struct {
	Fits    int64       `json:"fits"`
	Same    int64       `json:"same" doc:"已知、不改变任何内容的 / rows that say what is known"`
	Misfits int64       `json:"misfits"`
	Rows    []rowAnswer `json:"rows" doc:"对不上的在前,至多 500 行 / those that do not fit first, 500 at most"`
}

type rowAnswer struct {
	Row   int    `json:"row"`
	State string `json:"state" enum:"fits,same,misfit"`
	Lead  string `json:"lead,omitempty"`
	Words string `json:"words" doc:"去向或原因 / what became of it, or why nothing did"`
}

type linkInput struct {
	Number string `path:"number" maxLength:"200" doc:"工单编号 / the hotline's number"`
	Body   struct {
		Lead string `json:"lead" maxLength:"200"`
	}
}

type askInput struct {
	LeadParam
	Body struct {
		Platform string `json:"platform,omitempty" maxLength:"200" doc:"平台经营者,缺省取自来源设置 / operator of the platform; that of the source where absent"`
	}
}

// RequestParam names a request to a platform in a path of the API.
type RequestParam struct {
	Number string `path:"number" maxLength:"40" example:"2026-0001"`
}

type requestFileInput struct {
	RequestParam
	N int `path:"n" minimum:"0" maximum:"100000"`
}

type answerInput struct {
	RequestParam
	Body struct {
		Files  []answerFile      `json:"files,omitempty" maxItems:"50"`
		Stated map[string]string `json:"stated,omitempty" doc:"要素 → 内容 / requirement → text"`
	}
}

// answerFile is a file that a platform sent.
type answerFile struct {
	Name    string `json:"name" maxLength:"200"`
	Content []byte `json:"content" doc:"base64"`
}

// requestShown is a request to a platform.
type requestShown struct {
	Number   string                `json:"number"`
	Lead     string                `json:"lead"`
	Platform string                `json:"platform"`
	At       time.Time             `json:"at"`
	By       string                `json:"by"`
	Fields   []string              `json:"fields"`
	Answered time.Time             `json:"answered,omitzero"`
	Files    []dispatch.Attachment `json:"files"`
}

func (a *api) receipts() {
	tag := "receipts"
	register(a, a.acting("take-outcomes", http.MethodPost, "/outcomes", accounts.Decide, tag, "签收与办理结果 / Receipts and outcomes"), a.takeOutcomes)
	register(a, a.acting("take-complaints", http.MethodPost, "/complaints", accounts.Decide, tag, "投诉举报 / Complaints of hotlines"), a.takeComplaints)
	for _, file := range [...]struct{ kind, summary string }{
		{intakeOutcomes, "导入签收与结果的 CSV、XLSX / A file of receipts and outcomes"}, {intakeComplaints, "导入投诉举报的 CSV、XLSX / A file of complaints"},
	} {
		op := a.acting("import-"+file.kind, http.MethodPost, "/"+file.kind+"/file", accounts.Decide, tag, file.summary)
		op.MaxBodyBytes = maxUpload
		register(a, op, a.importFile(file.kind))
	}
	register(a, a.operation("list-open-complaints", http.MethodGet, "/complaints", accounts.Decide, tag, "待人工处理的投诉 / Complaints that fit no lead"), a.openComplaints)
	register(a, a.acting("link-complaint", http.MethodPut, "/complaints/{number}/lead", accounts.Decide, tag, "把投诉与线索相连 / Link a complaint to a lead"), a.linkComplaint)
	register(a, a.operation("list-requests", http.MethodGet, "/requests", accounts.See, tag, "协查函 / Requests to platforms"), a.listRequests)
	register(a, a.operation("list-lead-requests", http.MethodGet, "/leads/{id}/requests", accounts.See, tag, "线索的协查函 / A lead's requests"), a.leadRequests)
	register(a, a.acting("ask-platform", http.MethodPost, "/leads/{id}/requests", accounts.Decide, tag, "生成协查函 / Ask the platform"), a.askPlatform)
	register(a, fileOf(a.operation("get-request-letter", http.MethodGet, "/requests/{number}/letter", accounts.Decide, tag, "协查函(DOCX) / The letter")), a.requestLetter)
	register(a, fileOf(a.operation("get-request-file", http.MethodGet, "/requests/{number}/files/{n}", accounts.Decide, tag, "复函附件 / A file of the answer")), a.requestFile)
	op := a.acting("answer-request", http.MethodPost, "/requests/{number}/answer", accounts.Decide, tag, "录入复函 / Take the answer in")
	op.MaxBodyBytes = maxCallAnswer
	register(a, op, a.answerRequest)
}

func (a *api) takeOutcomes(r *http.Request, in *outcomesInput) (*answer[intakeAnswer], error) {
	var list []intake.Feedback
	for i, given := range in.Body.Rows {
		f, err := given.read(i + 1)
		if err != nil {
			return nil, err
		}
		list = append(list, f)
	}
	if err := a.intake(r, intakeOutcomes, in.DryRun); err != nil {
		return nil, err
	}
	taken, err := a.d.cfg.Dispatch.TakeFeedback(detached(r), list, actorOf(r), in.DryRun, a.d.takes(r))
	var rows []intakeRow
	for _, one := range taken {
		rows = append(rows, a.d.takenRow(language(r), one))
	}
	return answered(rows), err
}

func (g feedbackGiven) read(row int) (intake.Feedback, error) {
	f := intake.Feedback{Row: row, Lead: g.Lead}
	if g.Receipt != nil {
		f.Receipt = &markwatch.Receipt{By: g.Receipt.By, At: g.Receipt.At, Number: g.Receipt.Number}
	}
	if g.Outcome == nil {
		return f, nil
	}
	o := markwatch.Outcome{At: g.Outcome.At, Unit: g.Outcome.Unit, Document: g.Outcome.Document, To: g.Outcome.To, Note: g.Outcome.Note}
	var err error
	if o.Code, err = leads.OutcomeByName(g.Outcome.Code); err == nil {
		o.Amount, err = yuan(g.Outcome.Amount)
	}
	if err == nil {
		o.Penalty, err = yuan(g.Outcome.Penalty)
	}
	f.Outcome = &o
	return f, err
}

func (a *api) intake(r *http.Request, kind string, dry bool) error {
	if err := a.d.dispatches(); err != nil {
		return err
	}
	detail := "api"
	if dry {
		detail = "preview api"
	}
	return a.d.audit(r, actorOf(r), AuditIntake, kind, detail)
}

func answered(rows []intakeRow) *answer[intakeAnswer] {
	var v intakeView
	v.count(rows)
	return v.answer()
}

func (v intakeView) answer() *answer[intakeAnswer] {
	out := intakeAnswer{Fits: v.Fits, Same: v.Same, Misfits: v.Misfits, Rows: []rowAnswer{}}
	for _, row := range v.Rows {
		out.Rows = append(out.Rows, rowAnswer{Row: row.Row, State: row.State, Lead: cmp.Or(row.Lead, row.Number), Words: row.Words})
	}
	return &answer[intakeAnswer]{out}
}

func (a *api) takeComplaints(r *http.Request, in *complaintsInput) (*answer[intakeAnswer], error) {
	if err := a.intake(r, intakeComplaints, in.DryRun); err != nil {
		return nil, err
	}
	for i := range in.Body.Rows {
		in.Body.Rows[i].Row, in.Body.Rows[i].Lead = i+1, "" // leads are found, or linked by a call of its own
		if c := in.Body.Rows[i]; c.Number == "" || c.URL == "" && c.Title == "" && c.Seller == "" && c.Text == "" {
			return nil, markwatch.Errorf(markwatch.CodeInvalid, "第 %d 行须有编号,以及网址、商品、店铺或内容 / row %d needs a number, and an address, goods, a seller or a text", i+1, i+1)
		}
	}
	taken, err := a.d.cfg.Dispatch.TakeComplaints(detached(r), in.Body.Rows, actorOf(r), in.DryRun, a.d.takes(r))
	var rows []intakeRow
	for _, one := range taken {
		rows = append(rows, a.d.complainedRow(language(r), one))
	}
	return answered(rows), err
}

func (a *api) importFile(kind string) func(*http.Request, *fileInput) (*answer[intakeAnswer], error) {
	return func(r *http.Request, in *fileInput) (*answer[intakeAnswer], error) {
		if err := a.intake(r, kind, in.DryRun); err != nil {
			return nil, err
		}
		v, err := a.d.takeIn(r, kind, cmp.Or(in.Name, kind), in.RawBody, in.DryRun)
		if err != nil {
			return nil, err
		}
		return v.answer(), nil
	}
}

func (a *api) openComplaints(r *http.Request, _ *nothing) (*answer[[]intake.Complaint], error) {
	if err := a.d.dispatches(); err != nil {
		return nil, err
	}
	if err := a.looked(r); err != nil {
		return nil, err
	}
	list, err := a.d.openComplaints(r)
	return &answer[[]intake.Complaint]{append([]intake.Complaint{}, list...)}, err
}

func (a *api) linkComplaint(r *http.Request, in *linkInput) (*nothing, error) {
	return nil, a.d.linkTo(r, in.Number, in.Body.Lead)
}

func shownRequest(one dispatch.Request) requestShown {
	return requestShown{Number: one.Number, Lead: one.Lead, Platform: one.Platform, At: one.At, By: one.By, Fields: one.Fields, Answered: one.Answered, Files: append([]dispatch.Attachment{}, one.Files...)}
}

func (a *api) requestsOf(r *http.Request, lead string) (*answer[[]requestShown], error) {
	if err := a.looked(r); err != nil {
		return nil, err
	}
	list, err := a.d.seenRequests(r, lead)
	out := []requestShown{}
	for _, one := range list {
		out = append(out, shownRequest(one))
	}
	return &answer[[]requestShown]{out}, err
}

func (a *api) listRequests(r *http.Request, _ *nothing) (*answer[[]requestShown], error) {
	if err := a.d.dispatches(); err != nil {
		return nil, err
	}
	return a.requestsOf(r, "")
}

func (a *api) leadRequests(r *http.Request, in *LeadParam) (*answer[[]requestShown], error) {
	rec, err := a.seen(r, in.ID)
	if err == nil {
		err = a.d.dispatches()
	}
	if err != nil {
		return nil, err
	}
	return a.requestsOf(r, rec.Lead.ID)
}

func (a *api) askPlatform(r *http.Request, in *askInput) (*answer[requestShown], error) {
	one, err := a.d.askOperator(r, in.ID, in.Body.Platform)
	return &answer[requestShown]{shownRequest(one)}, err
}

func (a *api) requestLetter(r *http.Request, in *RequestParam) (*huma.StreamResponse, error) {
	one, lead, err := a.d.requestOf(r, in.Number, "letter")
	if err != nil {
		return nil, err
	}
	return a.file(r, letterName(one), a.d.cfg.Dispatch.Letter(one, &lead).WriteDOCX), nil
}

func (a *api) requestFile(r *http.Request, in *requestFileInput) (*huma.StreamResponse, error) {
	one, _, err := a.d.requestOf(r, in.Number, "file "+itoa(in.N))
	if err != nil {
		return nil, err
	}
	if in.N >= len(one.Files) {
		return nil, markwatch.Errorf(markwatch.CodeNotFound, "没有附件 %d / there is no file %d", in.N, in.N)
	}
	f, err := a.d.cfg.Dispatch.OpenAttachment(one.Files[in.N])
	if err != nil {
		return nil, err
	}
	return a.file(r, one.Files[in.N].Name, func(w io.Writer) error {
		defer f.Close()
		_, err := io.Copy(w, f)
		return err
	}), nil
}

func (a *api) answerRequest(r *http.Request, in *answerInput) (*answer[requestShown], error) {
	var files []dispatch.Upload
	for _, f := range in.Body.Files {
		files = append(files, dispatch.Upload{Name: f.Name, Data: bytes.NewReader(f.Content)})
	}
	one, err := a.d.answer(r, in.Number, files, in.Body.Stated)
	return &answer[requestShown]{shownRequest(one)}, err
}
