package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/leads"
)

// maxTriage bounds how many leads one form may change.
const maxTriage = 200

// readChange reads what a form asks for. The reason counts for a dismissal
// only, since the form's other buttons send it too.
func readChange(form url.Values) markwatch.LeadChange {
	c := markwatch.LeadChange{
		Status: markwatch.LeadStatus(form.Get("status")),
		Note:   strings.TrimSpace(form.Get("note")),
	}
	if c.Status == markwatch.LeadDismissed {
		c.Reason = form.Get("reason")
	}
	return c
}

// change applies a change to one lead. The audit log has the intent before
// anything is changed, and the refusal where there was one.
func (d *desk) change(r *http.Request, id string, c markwatch.LeadChange) error {
	actor := actorOf(r)
	detail := strings.TrimSpace(string(c.Status) + " " + c.Reason)
	if detail == "" {
		detail = "note"
	}
	if err := d.audit(r, actor, AuditLeadChange, id, detail); err != nil {
		return err
	}
	b := personOf(r).Bounds
	_, err := d.cfg.Leads.UpdateLead(detached(r), id, func(l markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error) {
		if !d.within(b, recordOf(l)) {
			return l, nil, markwatch.Errorf(markwatch.CodeNotFound, "there is no lead %s", id)
		}
		return leads.Apply(l, c, actor, d.cfg.Now())
	})
	if err != nil {
		if auditErr := d.audit(r, actor, AuditLeadRefused, id, string(markwatch.ErrorCode(err))); auditErr != nil {
			return auditErr
		}
	}
	return err
}

// changeLead takes the form of the lead page.
func (d *desk) changeLead(w http.ResponseWriter, r *http.Request) {
	l := language(r)
	id := r.PathValue("id")
	c := readChange(r.PostForm)
	var err error
	switch {
	case c.Status == "" && c.Note == "":
		err = markwatch.Errorf(markwatch.CodeInvalid, "%s", d.cat.text(l, "lead.nothing"))
	case c.Status == markwatch.LeadDismissed && c.Reason == "":
		err = markwatch.Errorf(markwatch.CodeInvalid, "%s", d.cat.text(l, "lead.reason-missing"))
	default:
		err = d.change(r, id, c)
	}
	if err == nil {
		http.Redirect(w, r, leadURL(id)+"?done=1", http.StatusSeeOther)
		return
	}
	// What can be put right is said on the lead's own page.
	code := status(err)
	if code != http.StatusBadRequest && code != http.StatusConflict {
		d.fail(w, r, err)
		return
	}
	rec, readErr := d.record(r, id)
	if readErr == nil {
		readErr = d.audit(r, actorOf(r), AuditLeadView, rec.Listing.ID, rec.Lead.Number)
	}
	if readErr != nil {
		d.fail(w, r, readErr)
		return
	}
	d.renderLead(w, r, code, rec, &notice{Text: d.problem(l, err), Bad: true})
}

// triage takes the form of the search page: one change for several leads.
// A lead that cannot be changed does not keep the others from it.
func (d *desk) triage(w http.ResponseWriter, r *http.Request) {
	back, err := url.Parse(localPath(r.PostForm.Get("return")))
	if err != nil {
		back = &url.URL{Path: "/"}
	}
	ids := slices.Compact(slices.Sorted(slices.Values(r.PostForm["id"])))
	c := readChange(r.PostForm)
	switch {
	case len(ids) > maxTriage:
		err = markwatch.Errorf(markwatch.CodeInvalid, "more than %d leads at once", maxTriage)
	case c.Status == "":
		err = markwatch.Errorf(markwatch.CodeInvalid, "no status")
	}
	if err != nil {
		d.fail(w, r, err)
		return
	}
	q := back.Query()
	for _, key := range [...]string{"done", "failed", "need"} {
		q.Del(key)
	}
	switch {
	case len(ids) == 0:
		q.Set("need", "lead")
	case c.Status == markwatch.LeadDismissed && c.Reason == "":
		q.Set("need", "reason")
	default:
		done, failed := 0, 0
		for _, id := range ids {
			if err := d.change(r, id, c); err != nil {
				if code := status(err); code >= 500 {
					d.fail(w, r, err)
					return
				}
				failed++
				continue
			}
			done++
		}
		q.Set("done", strconv.Itoa(done))
		if failed > 0 {
			q.Set("failed", strconv.Itoa(failed))
		}
	}
	back.RawQuery = q.Encode()
	http.Redirect(w, r, back.String(), http.StatusSeeOther)
}

// problem words an error that a person can put right.
func (d *desk) problem(l lang, err error) string {
	key := "error.invalid"
	if markwatch.ErrorCode(err) == markwatch.CodeConflict {
		key = "error.conflict"
	}
	return d.cat.text(l, key) + " " + err.Error()
}

// triageNotice words what came of the last triage. The counts come from the
// address, so they are read as numbers and nothing else.
func (d *desk) triageNotice(l lang, r *http.Request) *notice {
	q := r.URL.Query()
	switch q.Get("need") {
	case "lead":
		return &notice{Text: d.cat.text(l, "triage.need-lead"), Bad: true}
	case "reason":
		return &notice{Text: d.cat.text(l, "lead.reason-missing"), Bad: true}
	}
	done, err := strconv.Atoi(q.Get("done"))
	if err != nil || done < 0 || done > maxTriage {
		return nil
	}
	n := &notice{Text: d.cat.text(l, "triage.done", done)}
	if failed, err := strconv.Atoi(q.Get("failed")); err == nil && failed > 0 && failed <= maxTriage {
		n.Text += " " + d.cat.text(l, "triage.failed", failed)
		n.Bad = true
	}
	return n
}

func (d *desk) leadNotice(l lang, r *http.Request) *notice {
	if r.URL.Query().Get("done") != "1" {
		return nil
	}
	return &notice{Text: d.cat.text(l, "lead.saved")}
}
