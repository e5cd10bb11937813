package web

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/leads"
	"github.com/markwatch/markwatch/leads/dispatch"
)

// documentView is a document that a transfer to the police needs.
type documentView struct {
	Name  string
	There bool
	// From says what the program saw it in; Note, By, At, File are a person's
	// word, URL where the file is.
	From, Note, By, File, URL string
	At                        time.Time
	Held                      bool
}

// documentViews are the documents of every threshold that is reached, each
// once.
func (d *desk) documentViews(r *http.Request, lead markwatch.Lead, o Outlook) []documentView {
	var out []documentView
	for _, s := range o.Suspicions {
		for _, doc := range s.Documents {
			if slices.ContainsFunc(out, func(v documentView) bool { return v.Name == doc.Name }) {
				continue
			}
			v := documentView{Name: doc.Name, There: doc.There, From: doc.From}
			if h := doc.Held; h != nil {
				v.Held, v.Note, v.By, v.At, v.File = true, h.Note, d.nameOf(r, h.By), h.At, h.File
				if h.Kept != "" {
					i := slices.IndexFunc(lead.Handling.Documents, func(one markwatch.HeldDocument) bool { return one.Name == doc.Name })
					v.URL = leadURL(lead.ID) + "/documents/" + itoa(i)
				}
			}
			out = append(out, v)
		}
	}
	return out
}

// noteDocument notes on the lead's page that a document is there, with its file
// where one was handed in, or takes that back.
func (d *desk) noteDocument(w http.ResponseWriter, r *http.Request) {
	id, f := r.PathValue("id"), r.PostForm
	if drop := f.Get("drop"); drop != "" {
		_, err := d.releaseDocument(r, id, drop, f.Get("reason"))
		d.afterChange(w, r, id, err)
		return
	}
	var file *dispatch.Upload
	if r.MultipartForm != nil && len(r.MultipartForm.File["file"]) > 0 {
		head := r.MultipartForm.File["file"][0]
		opened, err := head.Open()
		if err != nil {
			d.fail(w, r, markwatch.WrapError(markwatch.CodeInvalid, err, "请选择文件 / choose a file"))
			return
		}
		defer opened.Close()
		if head.Size > 0 {
			file = &dispatch.Upload{Name: head.Filename, Data: opened}
		}
	}
	_, err := d.holdDocument(r, id, markwatch.HeldDocument{Name: f.Get("name"), Note: f.Get("note")}, file)
	d.afterChange(w, r, id, err)
}

// documentNames are the documents that transfers of a lead need.
func (d *desk) documentNames(r *http.Request, lead markwatch.Lead) ([]string, error) {
	if d.cfg.Handling == nil {
		return nil, markwatch.Errorf(markwatch.CodeUnavailable, "the handling of leads is not available")
	}
	o, err := d.cfg.Handling.Outlook(detached(r), lead)
	var names []string
	for _, v := range d.documentViews(r, lead, o) {
		names = append(names, v.Name)
	}
	return names, err
}

func (d *desk) holdDocument(r *http.Request, id string, doc markwatch.HeldDocument, file *dispatch.Upload) (markwatch.Lead, error) {
	if err := d.dispatches(); err != nil {
		return markwatch.Lead{}, err
	}
	// Nothing is kept for a lead that the person may not see, or that takes none.
	rec, err := d.record(r, id)
	if err != nil {
		return markwatch.Lead{}, err
	}
	hold := func(l markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error) {
		names, err := d.documentNames(r, l)
		if err != nil {
			return l, nil, err
		}
		return leads.Hold(l, doc, names, actorOf(r), d.cfg.Now())
	}
	if _, _, err := hold(rec.Lead); err != nil {
		return markwatch.Lead{}, err
	}
	if file != nil {
		kept, err := d.cfg.Dispatch.Attach(*file)
		if err != nil {
			return markwatch.Lead{}, err
		}
		doc.File, doc.Kept, doc.SHA256 = kept.Name, kept.File, kept.SHA256
	}
	return d.update(r, id, "document "+doc.Name, hold)
}

func (d *desk) releaseDocument(r *http.Request, id, name, reason string) (markwatch.Lead, error) {
	return d.update(r, id, "document taken back "+name, func(l markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error) {
		names, err := d.documentNames(r, l)
		if err != nil {
			return l, nil, err
		}
		return leads.Release(l, name, reason, names, actorOf(r), d.cfg.Now())
	})
}

// documentFile hands out the file of a document.
func (d *desk) documentFile(w http.ResponseWriter, r *http.Request) {
	doc, err := d.documentOf(r, r.PathValue("id"), r.PathValue("n"))
	if err != nil {
		d.fail(w, r, err)
		return
	}
	f, err := d.cfg.Dispatch.OpenAttachment(dispatch.Attachment{File: doc.Kept})
	if err != nil {
		d.fail(w, r, err)
		return
	}
	defer f.Close()
	d.handOut(w, r, doc.File, f)
}

// documentOf is a lead's document with a file, by its place; for the audit log
// first.
func (d *desk) documentOf(r *http.Request, id, n string) (markwatch.HeldDocument, error) {
	if err := d.dispatches(); err != nil {
		return markwatch.HeldDocument{}, err
	}
	rec, err := d.record(r, id)
	if err == nil {
		err = d.audit(r, actorOf(r), AuditExport, rec.Listing.ID, "document "+n)
	}
	if err != nil {
		return markwatch.HeldDocument{}, err
	}
	for i, doc := range rec.Lead.Handling.Documents {
		if itoa(i) == n && doc.Kept != "" {
			return doc, nil
		}
	}
	return markwatch.HeldDocument{}, markwatch.Errorf(markwatch.CodeNotFound, "没有文件 %s / there is no file %s", n, n)
}

// upload is a file of a call, nil where there is none.
func upload(name string, content []byte) *dispatch.Upload {
	if len(content) == 0 {
		return nil
	}
	if strings.TrimSpace(name) == "" {
		name = "file"
	}
	return &dispatch.Upload{Name: name, Data: bytes.NewReader(content)}
}
