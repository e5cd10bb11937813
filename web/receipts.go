package web

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/leads/dispatch"
	"github.com/markwatch/markwatch/leads/intake"
)

// intakeShown is how many rows of a file its preview lists, those that do not
// fit first; the counts are of all.
const intakeShown = 500

// The kinds of files that are taken in.
const (
	intakeOutcomes   = "outcomes"
	intakeComplaints = "complaints"
)

// receiptsView is the page of what comes back: receipts and outcomes,
// complaints, requests that wait for an answer.
type receiptsView struct {
	Notice *notice
	// Open are complaints that fit no lead.
	Open     []openComplaint
	MoreOpen int64
	Requests []requestRow
}

type openComplaint struct {
	intake.Complaint
	Shown string
}

// intakeView is the preview of a file, or what became of it.
type intakeView struct {
	Kind, Name, Key string
	// Done is set where the file was taken in.
	Done                bool
	Fits, Same, Misfits int64
	Rows                []intakeRow
	More                int64
}

// intakeRow is one row of a file.
type intakeRow struct {
	Row                      int
	Lead, URL, Title, Number string
	// Words say what becomes of it, or why nothing does.
	Words, State string
}

// The states of a row, in the order in which they are shown.
const (
	rowMisfit = "misfit"
	rowFits   = "fits"
	rowSame   = "same"
)

func (d *desk) receipts(w http.ResponseWriter, r *http.Request) {
	v := receiptsView{}
	if r.URL.Query().Get("done") == "1" {
		v.Notice = &notice{Text: d.cat.text(language(r), "lead.saved")}
	}
	d.renderReceipts(w, r, http.StatusOK, v)
}

func (d *desk) renderReceipts(w http.ResponseWriter, r *http.Request, code int, v receiptsView) {
	err := d.dispatches()
	if err == nil {
		err = d.audit(r, actorOf(r), AuditPageView, "/receipts", "")
	}
	if err == nil {
		err = d.showReceipts(r, &v)
	}
	if err != nil {
		d.fail(w, r, err)
		return
	}
	d.render(w, r, code, "receipts", d.cat.text(language(r), "receipts.title"), v)
}

// openShown is how many complaints and requests the page lists.
const openShown = 100

func (d *desk) showReceipts(r *http.Request, v *receiptsView) error {
	open, err := d.openComplaints(r)
	if err != nil {
		return err
	}
	v.MoreOpen = int64(max(0, len(open)-openShown))
	for _, c := range open[:min(len(open), openShown)] {
		one := openComplaint{Complaint: c}
		one.Shown, _ = clip(cmp.Or(c.Text, c.Title, c.Seller), quoteText)
		v.Open = append(v.Open, one)
	}
	requests, err := d.seenRequests(r, "")
	for _, one := range slices.Backward(requests) {
		if len(v.Requests) < openShown {
			v.Requests = append(v.Requests, d.requestRow(r, one))
		}
	}
	return err
}

// openComplaints are those that fit no lead. They belong to nobody's unit or
// region, and are shown to people without bounds alone.
func (d *desk) openComplaints(r *http.Request) ([]intake.Complaint, error) {
	if d.takes(r) != nil {
		return nil, nil
	}
	return d.cfg.Dispatch.Complaints(r.Context(), "")
}

// previewIntake reads a file and says what would become of each row; nothing
// is changed yet.
func (d *desk) previewIntake(kind string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var data []byte
		err := d.dispatches()
		if err == nil {
			data, err = uploaded(r)
		}
		name := ""
		if err == nil {
			name, _ = clip(r.MultipartForm.File["file"][0].Filename, 100)
			err = d.audit(r, actorOf(r), AuditIntake, kind, "preview "+name)
		}
		var v intakeView
		if err == nil {
			v, err = d.takeIn(r, kind, name, data, true)
		}
		if err != nil {
			d.failReceipts(w, r, err)
			return
		}
		if v.Fits > 0 || kind == intakeComplaints && v.Misfits+v.Same > 0 {
			v.Key = newKey()
			d.pending.put(v.Key, pendingFile{by: actorOf(r), path: "receipts/" + kind, name: name, data: data, at: d.cfg.Now()})
		}
		d.render(w, r, http.StatusOK, "intake", d.cat.text(language(r), "intake."+kind), v)
	}
}

// applyIntake does what a preview showed, as things are now.
func (d *desk) applyIntake(kind string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		f, ok := d.pending.take(r.PostForm.Get("key"), actorOf(r), "receipts/"+kind, d.cfg.Now())
		if !ok {
			d.failReceipts(w, r, markwatch.Errorf(markwatch.CodeConflict, "%s", d.cat.text(language(r), "lists.preview-over")))
			return
		}
		err := d.audit(r, actorOf(r), AuditIntake, kind, f.name)
		var v intakeView
		if err == nil {
			v, err = d.takeIn(r, kind, f.name, f.data, false)
		}
		if err != nil {
			d.failReceipts(w, r, err)
			return
		}
		d.render(w, r, http.StatusOK, "intake", d.cat.text(language(r), "intake."+kind), v)
	}
}

// failReceipts says on the page what a person can put right.
func (d *desk) failReceipts(w http.ResponseWriter, r *http.Request, err error) {
	if code := status(err); code == http.StatusBadRequest || code == http.StatusConflict {
		d.renderReceipts(w, r, code, receiptsView{Notice: &notice{Text: d.problem(language(r), err), Bad: true}})
		return
	}
	d.fail(w, r, err)
}

// takeIn takes a file in, or says what would become of it.
func (d *desk) takeIn(r *http.Request, kind, name string, data []byte, dry bool) (intakeView, error) {
	v := intakeView{Kind: kind, Name: name, Done: !dry}
	var rows []intakeRow
	var broken []intake.RowError
	var err error
	ctx := r.Context()
	if !dry {
		ctx = detached(r)
	}
	if kind == intakeOutcomes {
		var list []intake.Feedback
		if list, broken, err = intake.ParseFeedback(name, data, d.cfg.Location); err != nil {
			return v, err
		}
		var taken []dispatch.Taken
		taken, err = d.cfg.Dispatch.TakeFeedback(ctx, list, actorOf(r), dry, d.takes(r))
		for _, one := range taken {
			rows = append(rows, d.takenRow(language(r), one))
		}
	} else {
		var list []intake.Complaint
		if list, broken, err = intake.ParseComplaints(name, data, d.cfg.Location); err != nil {
			return v, err
		}
		var taken []dispatch.Complained
		taken, err = d.cfg.Dispatch.TakeComplaints(ctx, list, actorOf(r), dry, d.takes(r))
		for _, one := range taken {
			rows = append(rows, d.complainedRow(language(r), one))
		}
	}
	if err != nil {
		return v, err
	}
	for _, b := range broken {
		rows = append(rows, intakeRow{Row: b.Row, State: rowMisfit, Words: b.Err.Error()})
	}
	v.count(rows)
	return v, nil
}

// count sorts the rows, those that do not fit first, and bounds them.
func (v *intakeView) count(rows []intakeRow) {
	order := map[string]int{rowMisfit: 0, rowFits: 1, rowSame: 2}
	slices.SortStableFunc(rows, func(a, b intakeRow) int { return cmp.Or(order[a.State]-order[b.State], a.Row-b.Row) })
	for _, row := range rows {
		switch row.State {
		case rowMisfit:
			v.Misfits++
		case rowSame:
			v.Same++
		default:
			v.Fits++
		}
	}
	v.Rows, v.More = rows[:min(len(rows), intakeShown)], int64(max(0, len(rows)-intakeShown))
}

func (d *desk) takenRow(l lang, one dispatch.Taken) intakeRow {
	row := intakeRow{Row: one.Row, Lead: one.Lead, State: rowFits}
	row.Title, _ = clip(one.Title, 60)
	if one.ID != "" {
		row.URL = leadURL(one.ID)
	}
	switch {
	case markwatch.ErrorCode(one.Err) == markwatch.CodeConflict && !answerable(one.From):
		row.State, row.Words = rowMisfit, d.cat.text(l, "intake.not-sent", statusName(l, one.From))
	case one.Err != nil:
		row.State, row.Words = rowMisfit, sentence(l, one.Err)
	case len(one.Acts) == 0:
		row.State, row.Words = rowSame, d.cat.text(l, "intake.known")
	default:
		for i, act := range one.Acts {
			if i > 0 {
				row.Words += d.cat.text(l, "list.comma")
			}
			row.Words += d.cat.word(l, "act", string(act))
		}
		row.Words += d.cat.text(l, "event.from-to", statusName(l, one.From), statusName(l, one.To))
	}
	return row
}

// answerable says whether a unit has a lead in this state.
func answerable(s markwatch.LeadStatus) bool {
	return s == markwatch.LeadSent || s == markwatch.LeadReceived || s == markwatch.LeadOutcome
}

func (d *desk) complainedRow(l lang, one dispatch.Complained) intakeRow {
	row := intakeRow{Row: one.Row, Number: one.Number, Lead: one.LeadNumber, State: rowFits, Words: d.cat.word(l, "fate", string(one.Fate))}
	row.Title, _ = clip(cmp.Or(one.LeadTitle, one.Title, one.Seller, one.Text), 60)
	if one.LeadNumber != "" {
		row.URL = leadURL(one.Lead)
	}
	switch {
	case one.Err != nil:
		row.State, row.Words, row.Title = rowMisfit, sentence(l, one.Err), ""
	case one.By == "number":
		row.State, row.Words = rowSame, d.cat.text(l, "fate.number")
	case one.By != "":
		row.Words = d.cat.word(l, "fate", one.By)
	case one.Fate == dispatch.FateOpen:
		row.State = rowMisfit
	}
	return row
}

// linkComplaint links a complaint that fits no lead to the one that a person
// names.
func (d *desk) linkComplaint(w http.ResponseWriter, r *http.Request) {
	err := d.linkTo(r, r.PostForm.Get("number"), r.PostForm.Get("lead"))
	if lacking(err) {
		err = markwatch.Errorf(markwatch.CodeInvalid, "%s", sentence(language(r), err))
	}
	if err != nil {
		d.failReceipts(w, r, err)
		return
	}
	http.Redirect(w, r, "/receipts?done=1", http.StatusSeeOther)
}

func (d *desk) linkTo(r *http.Request, number, lead string) error {
	if err := d.dispatches(); err != nil {
		return err
	}
	if d.takes(r) != nil {
		return markwatch.Errorf(markwatch.CodeNotFound, "没有投诉 %s / there is no complaint %s", number, number)
	}
	if err := d.audit(r, actorOf(r), AuditIntake, number, "link "+lead); err != nil {
		return err
	}
	return d.cfg.Dispatch.LinkComplaint(detached(r), number, lead, actorOf(r), nil)
}
