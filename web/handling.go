package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/leads"
)

// Handling knows what a lead needs before it may leave, and where it goes.
type Handling interface {
	// Outlook says what stands between a lead and the unit that it goes to.
	Outlook(ctx context.Context, lead markwatch.Lead) (Outlook, error)
	// Approve is leads.Take with ActApprove, to the unit of the outlook and
	// where the gate lets the lead through. waive holds why a requirement may
	// be missing, by its key. The error has markwatch.CodeConflict and says what
	// is missing.
	Approve(ctx context.Context, lead markwatch.Lead, waive map[string]string, who string) (markwatch.Lead, []markwatch.LeadEvent, error)
}

// Outlook is what stands between a lead and its unit.
type Outlook struct {
	// Violation is the one under which the lead goes out.
	Violation markwatch.Violation
	// Checklist is the gate of that violation.
	Checklist []leads.Item
	// Addressee has no Unit where none was found; Missing then says why. Place
	// is the whole name of its region.
	Addressee      markwatch.Addressee
	Place          string
	Missing, Notes []markwatch.Text
	Amount         leads.Amount
	// Suspicions are the thresholds of crimes that the amount reaches.
	Suspicions []leads.Suspicion
}

// handlingView is the part of the lead page about where a lead goes.
type handlingView struct {
	Done, All int
	Lacks     string
	Items     []checkView
	// Open is set where this person may still state and decide.
	Open bool

	Unit, Basis, Place, Decided string
	Copies, Missing, Notes      []string
	Units                       []option
	Amount                      string
	Partly                      bool
	Suspicions                  []suspicionView
	// Documents are those that a transfer to the police needs, There how many
	// of them there are; CanNote is set where the person may say so.
	Documents []documentView
	There     int
	CanNote   bool

	// Approve is set where the lead stands before its approval, Refusal why
	// this person cannot give it, Waivable what may be let go.
	Approve  bool
	Refusal  string
	Waivable []checkView
	Steps    []stepView
	// Others are steps that other hands take.
	Others []string
}

// suspicionView is a threshold of a crime that the amount reaches, with the
// documents that a transfer to the police needs.
type suspicionView struct {
	Text      string
	Threshold string
	Since     time.Time
}

type checkView struct {
	Key, Name, Have, Next string
	OK, Waived            bool
	// Stated is what a person wrote down.
	Stated string
}

type stepView struct {
	Act, Name string
	Why       bool
}

// takenHere says that any investigator may take a step at the desk. A merge and
// a split take two leads.
func takenHere(s leads.Step) bool {
	return s.Hand == leads.HandAnyone && s.Act != leads.ActMerge && s.Act != leads.ActSplit
}

func (d *desk) handling(r *http.Request, lead markwatch.Lead) (*handlingView, error) {
	if d.cfg.Handling == nil {
		return nil, nil
	}
	o, err := d.cfg.Handling.Outlook(r.Context(), lead)
	if err != nil {
		return nil, err
	}
	l, p := language(r), personOf(r)
	v := &handlingView{
		All: len(o.Checklist), Unit: d.unitName(o.Addressee.Unit), Basis: o.Addressee.Basis, Place: o.Place, Partly: o.Amount.Partly,
		Open: p.may(accounts.Decide) && slices.Contains([]markwatch.LeadStatus{markwatch.LeadNew, markwatch.LeadReview, markwatch.LeadConfirmed}, lead.Status),
	}
	var lacks []string
	for _, item := range o.Checklist {
		c := checkView{Key: item.Key, Name: pick(l, item.Name), Next: pick(l, item.Next), OK: item.OK, Waived: item.Waived, Stated: lead.Handling.Checked[item.Key]}
		c.Have, _ = clip(item.Have, quoteText)
		v.Items = append(v.Items, c)
		if item.OK || item.Waived {
			v.Done++
			continue
		}
		lacks = append(lacks, c.Name)
		v.Waivable = append(v.Waivable, c)
	}
	v.Lacks = strings.Join(lacks, d.cat.text(l, "list.comma"))
	if o.Amount.Known {
		v.Amount = d.cat.text(l, "handling.from-to", money(markwatch.Money{Amount: o.Amount.From, Currency: o.Amount.Currency}), money(markwatch.Money{Amount: o.Amount.To, Currency: o.Amount.Currency}))
	}
	for _, s := range o.Suspicions {
		degree := d.cat.text(l, "handling.possible")
		if s.Likely {
			degree = d.cat.text(l, "handling.likely")
		}
		one := suspicionView{Text: strings.TrimSpace(degree + " " + s.Threshold.Crime + " " + s.Threshold.Basis), Since: s.Threshold.Since.Time}
		one.Threshold = money(markwatch.Money{Amount: s.Threshold.Amount, Currency: markwatch.CNY})
		if s.Threshold.Measure != "" {
			one.Threshold = s.Threshold.Measure + " " + one.Threshold
		}
		v.Suspicions = append(v.Suspicions, one)
	}
	v.Documents = d.documentViews(r, lead, o)
	for _, doc := range v.Documents {
		if doc.There {
			v.There++
		}
	}
	v.CanNote = p.may(accounts.Decide) && d.dispatching() && lead.Status != markwatch.LeadDismissed && lead.Status != markwatch.LeadMerged
	d.showAddressee(r, o, v)
	d.showSteps(r, lead, o, v)
	return v, nil
}

func (d *desk) showAddressee(r *http.Request, o Outlook, v *handlingView) {
	l := language(r)
	for _, id := range o.Addressee.Copies {
		v.Copies = append(v.Copies, d.unitName(id))
	}
	if by := o.Addressee.DecidedBy; by != "" {
		v.Decided = d.cat.text(l, "handling.decided", d.nameOf(r, by), o.Addressee.Reason)
	}
	if v.Unit == "" {
		for _, m := range o.Missing {
			v.Missing = append(v.Missing, pick(l, m))
		}
	}
	for _, n := range o.Notes {
		v.Notes = append(v.Notes, pick(l, n))
	}
	if v.Open {
		for _, u := range d.cfg.Units() {
			v.Units = append(v.Units, option{Value: u.ID, Name: u.Name, On: u.ID == o.Addressee.Unit})
		}
	}
}

// showSteps offers what the table of steps allows for the person, and says
// what keeps from the rest.
func (d *desk) showSteps(r *http.Request, lead markwatch.Lead, o Outlook, v *handlingView) {
	l, p := language(r), personOf(r)
	for _, s := range leads.Steps() {
		if !slices.Contains(s.From, lead.Status) {
			continue
		}
		name := d.cat.text(l, "act."+string(s.Act))
		switch {
		case s.Hand == leads.HandSecond:
			v.Approve, v.Refusal = true, d.refusal(l, p, lead, o)
		case s.Hand != leads.HandAnyone:
			v.Others = append(v.Others, name+d.cat.text(l, "handling.hand-"+string(s.Hand)))
		case takenHere(s) && (!s.Plain || s.Act == leads.ActReset) && p.may(accounts.Decide):
			// The other plain steps have their buttons in the head of the page.
			v.Steps = append(v.Steps, stepView{Act: string(s.Act), Name: name, Why: s.Why})
		}
	}
}

// refusal says why a person cannot approve a lead, "" where they can; what the
// gate lacks they may waive.
func (d *desk) refusal(l lang, p person, lead markwatch.Lead, o Outlook) string {
	if !p.may(accounts.Approve) {
		return d.cat.text(l, "handling.no-approver")
	}
	if leads.SamePerson(lead.Handling.ConfirmedBy, p.ID) || fourEyes(p, lead) != nil {
		return d.cat.text(l, "handling.you-confirmed")
	}
	if o.Addressee.Unit == "" {
		return d.cat.text(l, "handling.no-unit")
	}
	if _, _, err := leads.Take(lead, leads.Order{Act: leads.ActApprove, Addressee: o.Addressee}, p.ID, d.cfg.Now()); err != nil {
		return sentence(l, err)
	}
	return ""
}

// fourEyes refuses the one who confirmed also under the name that they have
// beside the login, as the command line may have written it down.
func fourEyes(p person, lead markwatch.Lead) error {
	if finder := lead.Handling.ConfirmedBy; finder != "" && p.Name != "" && leads.SamePerson(finder, p.Name) {
		return markwatch.Errorf(markwatch.CodeConflict,
			"批准须由确认人(%s)以外的人进行 / approval takes another person than the one who confirmed (%s)", finder, finder)
	}
	return nil
}

func (d *desk) unitName(id string) string {
	for _, u := range d.cfg.Units() {
		if u.ID == id {
			return u.Name
		}
	}
	return id
}

// stateLead writes down what a person found out.
func (d *desk) stateLead(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	_, err := d.state(r, id, prefixed(r.PostForm, "have."))
	d.afterChange(w, r, id, err)
}

func (d *desk) state(r *http.Request, id string, stated map[string]string) (markwatch.Lead, error) {
	if len(stated) == 0 {
		return markwatch.Lead{}, markwatch.Errorf(markwatch.CodeInvalid, "没有填写任何要素 / no requirement was stated")
	}
	return d.update(r, id, "check", func(l markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error) {
		return leads.State(l, stated, actorOf(r), d.cfg.Now())
	})
}

// routeLead is a person's word where a lead goes.
func (d *desk) routeLead(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	_, err := d.decideUnit(r, id, r.PostForm.Get("unit"), r.PostForm.Get("reason"))
	d.afterChange(w, r, id, err)
}

func (d *desk) decideUnit(r *http.Request, id, unit, reason string) (markwatch.Lead, error) {
	if !slices.ContainsFunc(d.cfg.Units(), func(u markwatch.Unit) bool { return u.ID == unit }) {
		return markwatch.Lead{}, markwatch.Errorf(markwatch.CodeInvalid, "没有单位 %q / there is no unit %q", unit, unit)
	}
	return d.update(r, id, "route "+unit, func(l markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error) {
		return leads.Decide(l, unit, reason, actorOf(r), d.cfg.Now())
	})
}

// stepLead takes a lead through a step that any investigator may take.
func (d *desk) stepLead(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	_, err := d.step(r, id, leads.Act(r.PostForm.Get("act")), r.PostForm.Get("reason"))
	d.afterChange(w, r, id, err)
}

func (d *desk) step(r *http.Request, id string, act leads.Act, reason string) (markwatch.Lead, error) {
	for _, s := range leads.Steps() {
		if s.Act == act && !takenHere(s) {
			return markwatch.Lead{}, markwatch.Errorf(markwatch.CodeInvalid, "%s 不在此办理 / %s is not done here", act, act)
		}
	}
	return d.update(r, id, strings.TrimSpace("act "+string(act)), func(l markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error) {
		return leads.Take(l, leads.Order{Act: act, Reason: reason}, actorOf(r), d.cfg.Now())
	})
}

// approveLead lets a lead go by the word of a second person.
func (d *desk) approveLead(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	_, err := d.approve(r, id, prefixed(r.PostForm, "waive."))
	d.afterChange(w, r, id, err)
}

func (d *desk) approve(r *http.Request, id string, waive map[string]string) (markwatch.Lead, error) {
	if d.cfg.Handling == nil {
		return markwatch.Lead{}, markwatch.Errorf(markwatch.CodeUnavailable, "approvals are not available")
	}
	for key, why := range waive {
		if strings.TrimSpace(why) == "" {
			delete(waive, key)
		}
	}
	return d.update(r, id, "act approve", func(l markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error) {
		p := personOf(r)
		if err := fourEyes(p, l); err != nil {
			return l, nil, err
		}
		return d.cfg.Handling.Approve(detached(r), l, waive, p.ID)
	})
}

// prefixed are the fields of a form whose names begin alike, by the rest.
func prefixed(form url.Values, prefix string) map[string]string {
	out := map[string]string{}
	for name := range form {
		if key, ok := strings.CutPrefix(name, prefix); ok {
			out[key] = strings.TrimSpace(form.Get(name))
		}
	}
	return out
}
