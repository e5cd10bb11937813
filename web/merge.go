package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/leads"
)

// maxMerged is how many leads one case may be made of at once.
const maxMerged = 20

// mergeView is the preview of a case: each lead that would be in it with every
// field that says something.
type mergeView struct {
	Notice *notice
	Leads  []mergedLead
	Whole  string
	Reason string
	// Refused is set where the leads cannot be one case as they are.
	Refused bool
	Fields  []mergedField
	// Offers, Amount and Complaints are of the whole case.
	Offers     int64
	Amount     string
	Complaints []string
}

type mergedLead struct {
	ID, Number, URL, Title string
	Status                 markwatch.LeadStatus
	Whole                  bool
}

// mergedField is one field with what each lead says, in their order.
type mergedField struct {
	Label  string
	Values []mergedValue
	// Differ is set where not all say the same.
	Differ bool
}

type mergedValue struct{ Number, Text string }

// caseView is the part of a lead's page about the case that it is, or is part
// of.
type caseView struct {
	Parts      []mergedLead
	Into       *mergedLead
	CanMerge   bool
	CanSplit   bool
	Complaints []string
}

func (d *desk) caseOf(r *http.Request, lead markwatch.Lead) (*caseView, error) {
	if !d.dispatching() {
		return nil, nil //nolint:nilnil // a desk without cases
	}
	v := &caseView{Complaints: lead.Handling.Complaints}
	for _, id := range lead.Handling.Merged {
		rec, err := d.record(r, id)
		if lacking(err) {
			continue // beyond the person's bounds
		}
		if err != nil {
			return nil, err
		}
		v.Parts = append(v.Parts, newMergedLead(rec.Lead))
	}
	if id := lead.Handling.MergedInto; id != "" {
		rec, err := d.record(r, id)
		if err == nil {
			one := newMergedLead(rec.Lead)
			v.Into = &one
		} else if !lacking(err) {
			return nil, err
		}
	}
	if personOf(r).may(accounts.Decide) {
		open := lead.Status == markwatch.LeadNew || lead.Status == markwatch.LeadReview || lead.Status == markwatch.LeadConfirmed
		v.CanMerge = open
		v.CanSplit = len(v.Parts) > 0 && (open || lead.Status == markwatch.LeadApproved)
	}
	return v, nil
}

func newMergedLead(l markwatch.Lead) mergedLead {
	one := mergedLead{ID: l.ID, Number: l.Number, URL: leadURL(l.ID), Status: l.Status}
	one.Title, _ = clip(l.Listing.Title, 80)
	return one
}

// mergePage shows what a case of some leads would be.
func (d *desk) mergePage(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	d.renderMerge(w, r, http.StatusOK, mergeView{Whole: q.Get("whole")}, leadNames(q["lead"]))
}

// leadNames are the leads that a person named, each once.
func leadNames(list []string) []string {
	var out []string
	for _, names := range list {
		for _, name := range strings.FieldsFunc(names, func(r rune) bool { return strings.ContainsRune(" ,,、;;\n\t", r) }) {
			if !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}

func (d *desk) renderMerge(w http.ResponseWriter, r *http.Request, code int, v mergeView, names []string) {
	err := d.dispatches()
	if err == nil {
		err = d.audit(r, actorOf(r), AuditPageView, "/merge", strings.Join(names, " "))
	}
	if err == nil {
		err = d.showMerge(r, &v, names)
	}
	if err != nil {
		d.fail(w, r, err)
		return
	}
	if v.Refused && code == http.StatusOK {
		code = http.StatusConflict
	}
	d.render(w, r, code, "merge", d.cat.text(language(r), "merge.title"), v)
}

func (d *desk) showMerge(r *http.Request, v *mergeView, names []string) error {
	l := language(r)
	list, err := d.leadsOf(r, names)
	if err != nil {
		return err
	}
	if len(list) < 2 {
		return markwatch.Errorf(markwatch.CodeInvalid, "%s", d.cat.text(l, "merge.need"))
	}
	whole := slices.IndexFunc(list, func(lead markwatch.Lead) bool { return v.Whole == lead.ID || v.Whole == lead.Number })
	v.Whole = list[max(whole, 0)].ID
	var parts []string
	for _, lead := range list {
		one := newMergedLead(lead)
		if one.Whole = lead.ID == v.Whole; !one.Whole {
			parts = append(parts, lead.ID)
		}
		v.Leads = append(v.Leads, one)
	}
	c, err := d.cfg.Dispatch.TryMerge(r.Context(), v.Whole, parts, actorOf(r), d.takes(r))
	if err != nil {
		if code := markwatch.ErrorCode(err); code != markwatch.CodeConflict && code != markwatch.CodeInvalid {
			return err
		}
		v.Refused = true
		if v.Notice == nil {
			v.Notice = &notice{Text: d.problem(l, err), Bad: true}
		}
		c = leads.NewCase(list[max(whole, 0)], slices.DeleteFunc(slices.Clone(list), func(lead markwatch.Lead) bool { return lead.ID == v.Whole }))
	}
	return d.showCase(r, c, v)
}

// leadsOf reads leads by number or id, each once, by number.
func (d *desk) leadsOf(r *http.Request, names []string) ([]markwatch.Lead, error) {
	if len(names) > maxMerged {
		return nil, markwatch.Errorf(markwatch.CodeInvalid, "一次最多并 %d 条 / at most %d leads at once", maxMerged, maxMerged)
	}
	var list []markwatch.Lead
	for _, name := range names {
		rec, err := d.record(r, name)
		if err == nil && !rec.lead {
			err = markwatch.Errorf(markwatch.CodeNotFound, "没有线索 %s / there is no lead %s", name, name)
		}
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(list, func(l markwatch.Lead) bool { return l.ID == rec.Lead.ID }) {
			list = append(list, rec.Lead)
		}
	}
	slices.SortFunc(list, func(a, b markwatch.Lead) int { return cmp.Compare(a.Number, b.Number) })
	return list, nil
}

// showCase lays the fields of a case side by side, all that say something.
func (d *desk) showCase(r *http.Request, c leads.Case, v *mergeView) error {
	offers := c.Offers()
	v.Offers = int64(len(offers))
	for _, column := range leads.PlainColumns() {
		f := mergedField{Label: column.Header}
		said := false
		for i, offer := range offers {
			text, _ := clip(strings.TrimSpace(column.Value(&leads.Row{Lead: offer})), 1000)
			f.Values = append(f.Values, mergedValue{offer.Number, text})
			said = said || text != ""
			f.Differ = f.Differ || text != f.Values[0].Text && i > 0
		}
		if said {
			v.Fields = append(v.Fields, f)
		}
	}
	for _, offer := range offers {
		for _, number := range offer.Handling.Complaints {
			if !slices.Contains(v.Complaints, number) {
				v.Complaints = append(v.Complaints, number)
			}
		}
	}
	if d.cfg.Handling == nil {
		return nil
	}
	whole := c.Lead
	whole.Handling.Merged = nil
	for _, part := range c.Parts {
		whole.Handling.Merged = append(whole.Handling.Merged, part.ID)
	}
	o, err := d.cfg.Handling.Outlook(r.Context(), whole)
	v.Amount = d.amountText(language(r), o.Amount)
	return err
}

// mergeLeads makes one case of several leads.
func (d *desk) mergeLeads(w http.ResponseWriter, r *http.Request) {
	f := r.PostForm
	names := leadNames(f["lead"])
	whole, reason := f.Get("whole"), f.Get("reason")
	parts := slices.DeleteFunc(slices.Clone(names), func(id string) bool { return id == whole })
	err := d.merge(r, whole, parts, reason)
	if err == nil {
		http.Redirect(w, r, leadURL(whole)+"?done=1#case", http.StatusSeeOther)
		return
	}
	code := status(err)
	if code != http.StatusBadRequest && code != http.StatusConflict {
		d.fail(w, r, err)
		return
	}
	d.renderMerge(w, r, code, mergeView{Whole: whole, Reason: reason, Notice: &notice{Text: d.problem(language(r), err), Bad: true}}, names)
}

// merge puts parts into the whole, all or none.
func (d *desk) merge(r *http.Request, whole string, parts []string, reason string) error {
	if err := d.joins(r, whole, parts, "merge"); err != nil {
		return err
	}
	if strings.TrimSpace(reason) == "" {
		return markwatch.Errorf(markwatch.CodeInvalid, "并案须写明理由 / a merge needs a reason")
	}
	// What would be refused in the middle is refused before anything is changed.
	if _, err := d.cfg.Dispatch.TryMerge(r.Context(), whole, parts, actorOf(r), d.takes(r)); err != nil {
		return err
	}
	_, err := d.cfg.Dispatch.Merge(detached(r), whole, parts, reason, actorOf(r), d.takes(r))
	return err
}

// joins checks what a merge and a split have in common, and writes the intent
// into the audit log.
func (d *desk) joins(r *http.Request, whole string, parts []string, what string) error {
	if err := d.dispatches(); err != nil {
		return err
	}
	if len(parts) == 0 || len(parts) > maxMerged {
		return markwatch.Errorf(markwatch.CodeInvalid, "%s", d.cat.text(language(r), "merge.need"))
	}
	return d.audit(r, actorOf(r), AuditLeadChange, whole, what+" "+strings.Join(parts, " "))
}

// splitLead takes parts out of a case again.
func (d *desk) splitLead(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	d.afterChange(w, r, id, d.split(r, id, r.PostForm["part"], r.PostForm.Get("reason")))
}

func (d *desk) split(r *http.Request, whole string, parts []string, reason string) error {
	if err := d.joins(r, whole, parts, "split"); err != nil {
		return err
	}
	_, err := d.cfg.Dispatch.Split(detached(r), whole, parts, reason, actorOf(r), d.takes(r))
	return err
}

// mergeURL is the preview of a case of some leads.
func mergeURL(ids []string) string { return "/merge?" + url.Values{"lead": ids}.Encode() }
