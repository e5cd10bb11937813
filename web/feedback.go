package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/leads"
	"github.com/markwatch/markwatch/leads/intake"
)

// feedbackView is the part of a lead's page about what its unit says.
type feedbackView struct {
	Receipt  markwatch.Receipt
	Batch    string
	BatchURL string
	Outcomes []outcomeRow
	// CanReceive and CanReport are set where this person may write down a
	// receipt or an outcome now, Codes what may follow.
	CanReceive, CanReport bool
	Codes                 []option
}

type outcomeRow struct {
	markwatch.Outcome
	Name, Amounts string
}

func (d *desk) feedback(r *http.Request, lead markwatch.Lead) *feedbackView {
	h, l := lead.Handling, language(r)
	if !d.dispatching() || h.Batch == "" && len(h.Outcomes) == 0 {
		return nil
	}
	v := &feedbackView{Receipt: h.Receipt, Batch: h.Batch}
	if h.Batch != "" {
		v.BatchURL = batchURL(h.Batch)
	}
	for _, o := range h.Outcomes {
		row := outcomeRow{Outcome: o, Name: pick(l, leads.OutcomeName(o.Code))}
		var sums []string
		for key, m := range map[string]*markwatch.Money{"feedback.amount": o.Amount, "feedback.penalty": o.Penalty} {
			if m != nil && sized(m.Amount) {
				sums = append(sums, d.cat.text(l, key)+" "+money(*m))
			}
		}
		slices.Sort(sums)
		row.Amounts = strings.Join(sums, " · ")
		v.Outcomes = append(v.Outcomes, row)
	}
	if !personOf(r).may(accounts.Decide) {
		return v
	}
	for _, s := range leads.Steps() {
		if !slices.Contains(s.From, lead.Status) {
			continue
		}
		v.CanReceive = v.CanReceive || s.Act == leads.ActReceive
		v.CanReport = v.CanReport || s.Act == leads.ActOutcome
	}
	last, said := h.LastOutcome()
	for _, k := range leads.Outcomes() {
		if !said || follows(last.Code, k.Code) {
			v.Codes = append(v.Codes, option{Value: string(k.Code), Name: pick(l, k.Name)})
		}
	}
	v.CanReport = v.CanReport && len(v.Codes) > 0
	return v
}

// follows says whether an outcome may follow another.
func follows(last, next markwatch.OutcomeCode) bool {
	for _, k := range leads.Outcomes() {
		if k.Code == last {
			return slices.Contains(k.Then, next)
		}
	}
	return false
}

// reportLead writes down a receipt or an outcome of one lead.
func (d *desk) reportLead(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	f, err := d.readFeedback(r.PostForm)
	if err == nil {
		_, err = d.report(r, id, f)
	}
	d.afterChange(w, r, id, err)
}

// report takes in what a unit says of one lead.
func (d *desk) report(r *http.Request, id string, f intake.Feedback) (markwatch.Lead, error) {
	err := d.dispatches()
	if err == nil {
		err = d.audit(r, actorOf(r), AuditIntake, id, "one")
	}
	if err != nil {
		return markwatch.Lead{}, err
	}
	f.Lead = id
	taken, err := d.cfg.Dispatch.TakeFeedback(detached(r), []intake.Feedback{f}, actorOf(r), false, d.takes(r))
	if err == nil && taken[0].Err != nil {
		err = taken[0].Err
	}
	if err != nil {
		return markwatch.Lead{}, err
	}
	return d.cfg.Leads.Lead(r.Context(), taken[0].ID)
}

// readFeedback reads a form of a lead's page.
func (d *desk) readFeedback(form url.Values) (intake.Feedback, error) {
	var f intake.Feedback
	text := func(name string) string {
		s, _ := clip(strings.TrimSpace(form.Get(name)), 2000)
		return s
	}
	at, err := d.dayOf(text("at"), 0)
	if err != nil {
		return f, err
	}
	switch form.Get("do") {
	case "receive":
		f.Receipt = &markwatch.Receipt{By: text("by"), At: at.UTC(), Number: text("receipt")}
		if at.IsZero() {
			f.Receipt.At = at
		}
	case "outcome":
		o := markwatch.Outcome{At: at, Unit: text("unit"), Document: text("document"), To: text("to"), Note: text("note")}
		if o.Code, err = leads.OutcomeByName(form.Get("code")); err != nil {
			return f, err
		}
		if o.Amount, err = yuan(text("amount")); err != nil {
			return f, err
		}
		if o.Penalty, err = yuan(text("penalty")); err != nil {
			return f, err
		}
		f.Outcome = &o
	default:
		return f, markwatch.Errorf(markwatch.CodeInvalid, "须为签收或结果 / it is neither a receipt nor an outcome")
	}
	return f, nil
}

// yuan reads an amount that a person typed; nil where there is none. Its
// length is bounded, since arithmetic on 1e999999999 would fill the memory.
func yuan(s string) (*markwatch.Money, error) {
	s = strings.NewReplacer(",", "", "¥", "", "元", "", " ", "").Replace(s)
	if s == "" {
		return nil, nil //nolint:nilnil // no amount is no error
	}
	d, err := decimal.NewFromString(s)
	if len(s) > 20 || strings.ContainsAny(s, "eE") || err != nil || d.IsNegative() {
		return nil, markwatch.Errorf(markwatch.CodeInvalid, "金额 %.30q 不能识别 / %.30q is no amount", s, s)
	}
	return &markwatch.Money{Amount: d, Currency: markwatch.CNY}, nil
}
