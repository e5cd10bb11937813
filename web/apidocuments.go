package web

import (
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/leads/dispatch"
)

type holdInput struct {
	LeadParam
	Body struct {
		Name    string `json:"name" maxLength:"200" doc:"文书名称,见移送条件 / the document's name, as the lead's handling lists it"`
		Note    string `json:"note,omitempty" maxLength:"10000"`
		File    string `json:"file,omitempty" maxLength:"200" doc:"文件名 / the file's name"`
		Content []byte `json:"content,omitempty" doc:"文件内容,base64 / the file"`
	}
}

type releaseInput struct {
	LeadParam
	Body struct {
		Name   string `json:"name" maxLength:"200"`
		Reason string `json:"reason" maxLength:"10000"`
	}
}

type documentFileInput struct {
	LeadParam
	N int `path:"n" minimum:"0" maximum:"100000"`
}

func (a *api) documents() {
	op := a.acting("hold-document", http.MethodPut, "/leads/{id}/documents", accounts.Decide, "leads", "注明移送所需文书已有 / Note that a document for a transfer is there")
	op.MaxBodyBytes = maxCallAnswer
	register(a, op, a.holdDocument)
	register(a, a.acting("release-document", http.MethodPost, "/leads/{id}/documents/release", accounts.Decide, "leads", "收回对文书的标注 / Take that back"), a.releaseDocument)
	register(a, fileOf(a.operation("get-document-file", http.MethodGet, "/leads/{id}/documents/{n}", accounts.Decide, "leads", "所附文书 / The file of a document")), a.documentFile)
}

func (a *api) holdDocument(r *http.Request, in *holdInput) (*answer[markwatch.Lead], error) {
	lead, err := a.d.holdDocument(r, in.ID, markwatch.HeldDocument{Name: in.Body.Name, Note: in.Body.Note}, upload(in.Body.File, in.Body.Content))
	return &answer[markwatch.Lead]{lead}, err
}

func (a *api) releaseDocument(r *http.Request, in *releaseInput) (*answer[markwatch.Lead], error) {
	lead, err := a.d.releaseDocument(r, in.ID, in.Body.Name, in.Body.Reason)
	return &answer[markwatch.Lead]{lead}, err
}

func (a *api) documentFile(r *http.Request, in *documentFileInput) (*huma.StreamResponse, error) {
	doc, err := a.d.documentOf(r, in.ID, itoa(in.N))
	if err != nil {
		return nil, err
	}
	f, err := a.d.cfg.Dispatch.OpenAttachment(dispatch.Attachment{File: doc.Kept})
	if err != nil {
		return nil, err
	}
	return a.file(r, doc.File, func(w io.Writer) error {
		defer f.Close()
		_, err := io.Copy(w, f)
		return err
	}), nil
}
