package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/leads"
)

// maxTriage bounds how many leads one form may change.
const maxTriage = 200

// readChange reads what a form asks for. Each button says what it does, and only
// the fields that belong to it count, since the form's other fields are sent
// too: a status, with the reason of a dismissal; "assign"; "tag"; "untag".
func readChange(form url.Values) (c markwatch.LeadChange, do string) {
	do = form.Get("do")
	switch do {
	case "assign":
		who := strings.TrimSpace(form.Get("assignee"))
		c.Assignee = &who
	case "tag":
		c.AddTags = tagsOf(form.Get("tags"))
	case "untag":
		c.DropTags = form["tag"]
	case "approve", "merge":
		return c, do
	default:
		c.Status = markwatch.LeadStatus(form.Get("status"))
		if c.Status == markwatch.LeadDismissed {
			c.Reason = form.Get("reason")
		}
		do = "status"
		if c.Status == "" {
			do = "note"
		}
	}
	c.Note = strings.TrimSpace(form.Get("note"))
	return c, do
}

// tagsOf cuts what a person typed into tags.
func tagsOf(s string) []string {
	return slices.DeleteFunc(strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(",,、;;\n", r) }),
		func(t string) bool { return strings.TrimSpace(t) == "" })
}

// checkChange finds what a person must put right before anything is tried.
func (d *desk) checkChange(r *http.Request, c markwatch.LeadChange, do string) error {
	l := language(r)
	switch {
	case do == "note" && c.Note == "", do == "tag" && len(c.AddTags) == 0, do == "untag" && len(c.DropTags) == 0:
		return markwatch.Errorf(markwatch.CodeInvalid, "%s", d.cat.text(l, "lead.nothing"))
	case c.Status == markwatch.LeadDismissed && c.Reason == "":
		return markwatch.Errorf(markwatch.CodeInvalid, "%s", d.cat.text(l, "lead.reason-missing"))
	case c.Assignee != nil && *c.Assignee != "":
		u, err := d.cfg.Accounts.User(r.Context(), *c.Assignee)
		if err != nil {
			return err
		}
		if u.Disabled || !accounts.May(u.Role, accounts.Decide) {
			return markwatch.Errorf(markwatch.CodeInvalid, "%s", d.cat.text(l, "lead.cannot-assign", u.Shown()))
		}
	}
	return nil
}

// describeChange is what the audit log keeps of a change.
func describeChange(c markwatch.LeadChange, do string) string {
	switch do {
	case "assign":
		return "assign " + *c.Assignee
	case "tag":
		return "tag " + strings.Join(c.AddTags, ", ")
	case "untag":
		return "untag " + strings.Join(c.DropTags, ", ")
	case "note":
		return "note"
	}
	return strings.TrimSpace(string(c.Status) + " " + c.Reason)
}

// change applies a change to one lead.
func (d *desk) change(r *http.Request, id string, c markwatch.LeadChange, do string) (markwatch.Lead, error) {
	return d.update(r, id, describeChange(c, do), func(l markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error) {
		return leads.Apply(l, c, actorOf(r), d.cfg.Now())
	})
}

// update changes one lead that the person may see. The audit log has the intent
// before anything is changed, and the refusal where there was one.
func (d *desk) update(r *http.Request, id, detail string, apply func(markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error)) (markwatch.Lead, error) {
	p := personOf(r)
	if err := d.audit(r, p.ID, AuditLeadChange, id, detail); err != nil {
		return markwatch.Lead{}, err
	}
	lead, err := d.cfg.Leads.UpdateLead(detached(r), id, func(l markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error) {
		if !d.within(p.Bounds, recordOf(l)) {
			return l, nil, markwatch.Errorf(markwatch.CodeNotFound, "there is no lead %s", id)
		}
		return apply(l)
	})
	if err != nil {
		if auditErr := d.audit(r, p.ID, AuditLeadRefused, id, string(markwatch.ErrorCode(err))); auditErr != nil {
			return lead, auditErr
		}
	}
	return lead, err
}

// changeLead takes the forms of the lead page.
func (d *desk) changeLead(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	c, do := readChange(r.PostForm)
	err := d.checkChange(r, c, do)
	if err == nil {
		_, err = d.change(r, id, c, do)
	}
	d.afterChange(w, r, id, err)
}

// afterChange leads back to a lead, or says on its page why it was not changed.
func (d *desk) afterChange(w http.ResponseWriter, r *http.Request, id string, err error) {
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
	d.renderLead(w, r, code, rec, &notice{Text: d.problem(language(r), err), Bad: true})
}

// triage takes the form of the search page: one change for several leads.
// A lead that cannot be changed does not keep the others from it.
func (d *desk) triage(w http.ResponseWriter, r *http.Request) {
	back, err := url.Parse(localPath(r.PostForm.Get("return")))
	if err != nil {
		back = &url.URL{Path: "/"}
	}
	ids := slices.Compact(slices.Sorted(slices.Values(r.PostForm["id"])))
	c, do := readChange(r.PostForm)
	if do == "merge" && len(ids) > 0 {
		http.Redirect(w, r, mergeURL(ids), http.StatusSeeOther)
		return
	}
	change := func(id string) error { _, err := d.change(r, id, c, do); return err }
	if do == "approve" {
		if !personOf(r).may(accounts.Approve) {
			d.failAs(w, r, http.StatusForbidden, "not-allowed", nil)
			return
		}
		change = func(id string) error { _, err := d.approve(r, id, nil); return err }
	}
	switch {
	case len(ids) > maxTriage:
		err = markwatch.Errorf(markwatch.CodeInvalid, "more than %d leads at once", maxTriage)
	case do == "note":
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
	case do == "tag" && len(c.AddTags) == 0:
		q.Set("need", "tag")
	default:
		if err := d.checkChange(r, c, do); err != nil {
			d.fail(w, r, err)
			return
		}
		done, failed := 0, 0
		for _, id := range ids {
			if err := change(id); err != nil {
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
	return d.cat.text(l, key) + " " + sentence(l, err)
}

// triageNotice words what came of the last triage. The counts come from the
// address, so they are read as numbers and nothing else.
func (d *desk) triageNotice(l lang, r *http.Request) *notice {
	q := r.URL.Query()
	switch q.Get("need") {
	case "lead":
		return &notice{Text: d.cat.text(l, "triage.need-lead"), Bad: true}
	case "tag":
		return &notice{Text: d.cat.text(l, "triage.need-tag"), Bad: true}
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
