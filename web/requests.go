package web

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/leads/dispatch"
)

// maxAnswer bounds the files of one answer of a platform as a browser hands
// them in, in bytes.
const maxAnswer = 64 << 20

// requestsView is the part of a lead's page about requests to its platform.
type requestsView struct {
	Platform string
	Rows     []requestRow
	CanAsk   bool
	// Stated may be filled in from an answer.
	Stated []option
}

type requestRow struct {
	dispatch.Request
	Self, LeadURL string
	Who           string
	Sent          []sentFile
}

type sentFile struct{ Name, URL, SHA256 string }

func (d *desk) requestRow(r *http.Request, one dispatch.Request) requestRow {
	row := requestRow{Request: one, Self: "/requests/" + url.PathEscape(one.Number), LeadURL: leadURL(one.LeadID) + "#requests", Who: d.nameOf(r, one.By)}
	for i, f := range one.Files {
		row.Sent = append(row.Sent, sentFile{Name: f.Name, URL: row.Self + "/files/" + itoa(i), SHA256: f.SHA256})
	}
	return row
}

// seenRequests are the requests about a lead, all where it is empty, whose
// leads lie within the person's bounds.
func (d *desk) seenRequests(r *http.Request, lead string) ([]dispatch.Request, error) {
	all, err := d.cfg.Dispatch.Requests(r.Context(), lead)
	if err != nil || d.takes(r) == nil {
		return all, err
	}
	var out []dispatch.Request
	for _, one := range all {
		_, err := d.record(r, one.LeadID)
		switch {
		case err == nil:
			out = append(out, one)
		case !lacking(err):
			return nil, err
		}
	}
	return out, nil
}

func (d *desk) requests(r *http.Request, lead markwatch.Lead) (*requestsView, error) {
	if !d.dispatching() {
		return nil, nil //nolint:nilnil // a desk without requests
	}
	l := language(r)
	v := &requestsView{Platform: d.cfg.Dispatch.Platform(lead), CanAsk: personOf(r).may(accounts.Decide)}
	list, err := d.cfg.Dispatch.Requests(r.Context(), lead.ID)
	for _, one := range list {
		v.Rows = append(v.Rows, d.requestRow(r, one))
	}
	for _, need := range markwatch.Requirements() {
		if need.Hand.ZH != "" || need.Key == "seller-contact" || need.Key == "licence" || need.Key == "place" {
			v.Stated = append(v.Stated, option{Value: need.Key, Name: pick(l, need.Name), On: lead.Handling.Checked[need.Key] != ""})
		}
	}
	return v, err
}

// askPlatform makes a numbered request about a lead.
func (d *desk) askPlatform(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	_, err := d.askOperator(r, id, r.PostForm.Get("platform"))
	d.afterChange(w, r, id, err)
}

func (d *desk) askOperator(r *http.Request, id, platform string) (dispatch.Request, error) {
	err := d.dispatches()
	if err == nil {
		err = d.audit(r, actorOf(r), AuditLeadChange, id, "platform request")
	}
	if err != nil {
		return dispatch.Request{}, err
	}
	platform, _ = clip(strings.TrimSpace(platform), 200)
	return d.cfg.Dispatch.Ask(detached(r), id, platform, actorOf(r), d.takes(r))
}

// requestLetter hands out a request as a letter.
func (d *desk) requestLetter(w http.ResponseWriter, r *http.Request) {
	one, lead, err := d.requestOf(r, r.PathValue("number"), "letter")
	if err != nil {
		d.fail(w, r, err)
		return
	}
	d.attachment(w, letterName(one))
	if err := d.cfg.Dispatch.Letter(one, &lead).WriteDOCX(w); err != nil {
		d.cfg.Logger.ErrorContext(r.Context(), "write a request", "error", err)
		panic(http.ErrAbortHandler) // a file that is cut off must not look whole
	}
}

func letterName(one dispatch.Request) string { return "协查函-" + one.Number + ".docx" }

// requestOf reads a request that the person may see, for the audit log what is
// taken of it.
func (d *desk) requestOf(r *http.Request, number, what string) (dispatch.Request, markwatch.Lead, error) {
	err := d.dispatches()
	if err == nil {
		err = d.audit(r, actorOf(r), AuditExport, "request "+number, what)
	}
	if err != nil {
		return dispatch.Request{}, markwatch.Lead{}, err
	}
	return d.cfg.Dispatch.Request(r.Context(), number, d.takes(r))
}

// requestFile hands out a file that a platform sent.
func (d *desk) requestFile(w http.ResponseWriter, r *http.Request) {
	one, _, err := d.requestOf(r, r.PathValue("number"), "file "+r.PathValue("n"))
	if err != nil {
		d.fail(w, r, err)
		return
	}
	for i, a := range one.Files {
		if itoa(i) != r.PathValue("n") {
			continue
		}
		f, err := d.cfg.Dispatch.OpenAttachment(a)
		if err != nil {
			d.fail(w, r, err)
			return
		}
		defer f.Close()
		d.handOut(w, r, a.Name, f)
		return
	}
	d.fail(w, r, markwatch.Errorf(markwatch.CodeNotFound, "%s", r.URL.Path))
}

// answerRequest takes in what a platform sent: files, and what they say under
// the lead's requirements.
func (d *desk) answerRequest(w http.ResponseWriter, r *http.Request) {
	number := r.PathValue("number")
	var files []dispatch.Upload
	stated := map[string]string{}
	for key, text := range prefixed(r.PostForm, "have.") {
		if text != "" {
			stated[key] = text
		}
	}
	if r.MultipartForm != nil {
		for _, head := range r.MultipartForm.File["file"] {
			f, err := head.Open()
			if err != nil {
				d.fail(w, r, markwatch.WrapError(markwatch.CodeInvalid, err, "请选择文件 / choose a file"))
				return
			}
			defer f.Close()
			files = append(files, dispatch.Upload{Name: head.Filename, Data: f})
		}
	}
	one, err := d.answer(r, number, files, stated)
	if err != nil && one.LeadID == "" {
		d.fail(w, r, err)
		return
	}
	d.afterChange(w, r, one.LeadID, err)
}

func (d *desk) answer(r *http.Request, number string, files []dispatch.Upload, stated map[string]string) (dispatch.Request, error) {
	err := d.dispatches()
	if err == nil {
		err = d.audit(r, actorOf(r), AuditLeadChange, "request "+number, "answer, "+itoa(len(files))+" files")
	}
	if err != nil {
		return dispatch.Request{}, err
	}
	return d.cfg.Dispatch.Answer(detached(r), number, files, stated, actorOf(r), d.takes(r))
}
