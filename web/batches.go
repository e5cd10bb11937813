package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/index"
	"github.com/markwatch/markwatch/leads"
	"github.com/markwatch/markwatch/leads/batch"
	"github.com/markwatch/markwatch/leads/dispatch"
)

// How much the page of batches shows.
const (
	batchesShown = 25
	heldShown    = 100
	// heldLooked bounds how many confirmed leads are held against gate and
	// routes for one look at the page.
	heldLooked = 2000
	runsShown  = 6
	runsLooked = 50
)

// batchesView is the page of batches.
type batchesView struct {
	Notice *notice
	// CanMake is set where the person may make batches.
	CanMake bool
	Ready   []readyRow
	// ReadyN is how many leads are ready, Gone names units of approved leads
	// that are not configured any more.
	ReadyN  int64
	Gone    []string
	Groups  []heldGroup
	Unread  int64
	Runs    []runLine
	Live    bool
	Batches []batchRow
	Pager   *pager
}

// readyRow is a unit with approved leads.
type readyRow struct {
	Unit, Name, URL string
	N               int64
	// Ways are how the unit gets its batches.
	Ways []string
	// Busy is set while a batch of the unit is made or delivered.
	Busy bool
}

// heldGroup are confirmed leads that cannot go yet, for one kind of reason.
type heldGroup struct {
	Key   string
	N     int64
	Leads []heldRow
}

type heldRow struct {
	Number, URL, Title, Unit string
	Badges                   []badge
	Lacks                    []string
}

type batchRow struct {
	Number, URL, Unit, By, State, Target string
	At                                   time.Time
	N                                    int64
	Files                                bool
}

// dispatching says whether batches, and what comes back, are available here.
func (d *desk) dispatching() bool { return d.cfg.Dispatch != nil && d.cfg.Runner != nil }

// dispatches is the error where they are not.
func (d *desk) dispatches() error {
	if !d.dispatching() {
		return markwatch.Errorf(markwatch.CodeNotFound, "批次不可用 / batches are not available")
	}
	return nil
}

// takes are the leads that lie within a person's bounds.
func (d *desk) takes(r *http.Request) dispatch.Takes {
	b := personOf(r).Bounds
	if len(b.Units) == 0 && len(b.Regions) == 0 {
		return nil
	}
	return func(l *markwatch.Lead) bool { return d.within(b, recordOf(*l)) }
}

// ofUnit says whether a person may see what concerns a unit as a whole.
func ofUnit(p person, unit string) bool {
	return len(p.Units) == 0 || slices.Contains(p.Units, unit)
}

// sees says whether a batch lies within a person's bounds: its unit, and each
// of its leads.
func (d *desk) sees(r *http.Request, b dispatch.Record) (bool, error) {
	p := personOf(r)
	if !ofUnit(p, b.Unit) {
		return false, nil
	}
	if len(p.Regions) == 0 {
		return true, nil
	}
	regions := markwatch.Bounds{Regions: p.Regions}
	for row, err := range d.cfg.Dispatch.BatchLeads(r.Context(), b.Number) {
		if err != nil {
			return false, err
		}
		if !d.within(regions, recordOf(row.Lead)) {
			return false, nil
		}
	}
	return true, nil
}

// batchOf reads a batch that the person may see.
func (d *desk) batchOf(r *http.Request, number string) (dispatch.Record, error) {
	if err := d.dispatches(); err != nil {
		return dispatch.Record{}, err
	}
	b, err := d.cfg.Dispatch.Batch(r.Context(), number)
	if err != nil {
		return b, err
	}
	ok, err := d.sees(r, b)
	if err == nil && !ok {
		err = markwatch.Errorf(markwatch.CodeNotFound, "没有批次 %s / there is no batch %s", number, number)
	}
	return b, err
}

func (d *desk) batches(w http.ResponseWriter, r *http.Request) {
	v := batchesView{}
	if r.URL.Query().Get("started") != "" {
		v.Notice = &notice{Text: d.cat.text(language(r), "batches.started")}
	}
	d.renderBatches(w, r, http.StatusOK, v)
}

func (d *desk) renderBatches(w http.ResponseWriter, r *http.Request, code int, v batchesView) {
	err := d.dispatches()
	if err == nil {
		err = d.audit(r, actorOf(r), AuditPageView, "/batches", "")
	}
	if err == nil {
		err = d.showBatches(r, &v)
	}
	if err != nil {
		d.fail(w, r, err)
		return
	}
	d.render(w, r, code, "batches", d.cat.text(language(r), "batches.title"), v)
}

func (d *desk) showBatches(r *http.Request, v *batchesView) error {
	l, p := language(r), personOf(r)
	v.CanMake = p.may(accounts.Approve)
	runs, err := d.runs(r)
	if err != nil {
		return err
	}
	for _, run := range runs[:min(len(runs), runsShown)] {
		v.Runs = append(v.Runs, d.runLine(l, run))
	}
	v.Live = slices.ContainsFunc(runs, running)
	if err := d.showReady(r, runs, v); err != nil {
		return err
	}
	held, unread, err := d.held(r)
	if err != nil {
		return err
	}
	v.Groups, v.Unread = held, unread
	return d.listBatches(r, v)
}

// showReady lists the units that have approved leads.
func (d *desk) showReady(r *http.Request, runs []dispatch.Run, v *batchesView) error {
	byUnit, err := d.cfg.Dispatch.Approved(r.Context(), "", d.takes(r))
	if err != nil {
		return err
	}
	for _, u := range d.cfg.Units() {
		n := len(byUnit[u.ID])
		delete(byUnit, u.ID)
		if n == 0 {
			continue
		}
		row := readyRow{Unit: u.ID, Name: u.Name, N: int64(n), URL: approvedOf(u.ID),
			Busy: slices.ContainsFunc(runs, func(run dispatch.Run) bool { return running(run) && run.Unit == u.ID })}
		// A way whose secret cannot be read is told by the delivery.
		row.Ways, _ = d.cfg.Dispatch.Ways(u.ID)
		v.Ready, v.ReadyN = append(v.Ready, row), v.ReadyN+row.N
	}
	for unit := range byUnit {
		v.Gone = append(v.Gone, unit)
	}
	slices.Sort(v.Gone)
	return nil
}

func approvedOf(unit string) string {
	return address{Page: 1}.with(choice{Field: index.FieldUnit, Value: unit}).with(choice{Field: index.FieldStatus, Value: string(markwatch.LeadApproved)}).url()
}

// The reasons for which confirmed leads wait.
const (
	heldApproval = "approval"
	heldGate     = "gate"
	heldRoute    = "route"
)

// held are the confirmed leads by what keeps them back: nothing but the second
// person, the gate, the routes. unread are those beyond the bound.
func (d *desk) held(r *http.Request) (groups []heldGroup, unread int64, err error) {
	if d.cfg.Handling == nil {
		return nil, 0, nil
	}
	l, looked := language(r), 0
	groups = []heldGroup{{Key: heldApproval}, {Key: heldGate}, {Key: heldRoute}}
	for lead, err := range d.cfg.Dispatch.Leads(r.Context(), d.takes(r), markwatch.LeadConfirmed) {
		if err != nil {
			return nil, 0, err
		}
		if looked++; looked > heldLooked {
			unread++
			continue
		}
		row, key, err := d.heldRow(r, l, lead)
		if err != nil {
			return nil, 0, err
		}
		for i := range groups {
			if groups[i].Key != key {
				continue
			}
			if groups[i].N++; len(groups[i].Leads) < heldShown {
				groups[i].Leads = append(groups[i].Leads, row)
			}
		}
	}
	return slices.DeleteFunc(groups, func(g heldGroup) bool { return g.N == 0 }), unread, nil
}

func (d *desk) heldRow(r *http.Request, l lang, lead markwatch.Lead) (heldRow, string, error) {
	o, err := d.cfg.Handling.Outlook(r.Context(), lead)
	if err != nil {
		return heldRow{}, "", err
	}
	row := heldRow{Number: lead.Number, URL: leadURL(lead.ID) + "#handling", Unit: d.unitName(o.Addressee.Unit), Badges: []badge{d.badge(l, o.Violation)}}
	row.Title, _ = clip(lead.Listing.Title, 80)
	key := heldApproval
	for _, item := range o.Checklist {
		if !item.OK && !item.Waived {
			key = heldGate
			row.Lacks = append(row.Lacks, pick(l, item.Name))
		}
	}
	if o.Addressee.Unit == "" {
		key = heldRoute
		for _, m := range o.Missing {
			row.Lacks = append(row.Lacks, pick(l, m))
		}
		if len(o.Missing) == 0 {
			row.Lacks = append(row.Lacks, d.cat.text(l, "handling.no-unit"))
		}
	}
	return row, key, nil
}

func (d *desk) listBatches(r *http.Request, v *batchesView) error {
	all, err := d.seenBatches(r, "")
	if err != nil {
		return err
	}
	page := max(pageOf(r), 1)
	from := min((page-1)*batchesShown, len(all))
	for _, b := range all[from:min(from+batchesShown, len(all))] {
		row := batchRow{Number: b.Number, URL: batchURL(b.Number), Unit: d.unitName(b.Unit), At: b.At, N: int64(b.Leads)}
		var doc batch.Batch
		if json.Unmarshal(b.Document, &doc) == nil {
			row.By = d.nameOf(r, doc.By)
		}
		_, err := d.cfg.Dispatch.Manifest(b.Number)
		row.Files = err == nil
		log, err := d.cfg.Dispatch.Deliveries(r.Context(), b.Number)
		if err != nil {
			return err
		}
		if len(log) > 0 {
			row.State, row.Target = log[len(log)-1].State, log[len(log)-1].Target
		}
		v.Batches = append(v.Batches, row)
	}
	if pages := (len(all) + batchesShown - 1) / batchesShown; pages > 1 {
		v.Pager = &pager{Page: int64(page), Of: int64(pages)}
		if page > 1 {
			v.Pager.Prev = "/batches?p=" + itoa(page-1)
		}
		if page < pages {
			v.Pager.Next = "/batches?p=" + itoa(page+1)
		}
	}
	return nil
}

// seenBatches are the batches of a unit, all where it is empty, that the
// person may see, the newest first.
func (d *desk) seenBatches(r *http.Request, unit string) ([]dispatch.Record, error) {
	all, err := d.cfg.Dispatch.Batches(r.Context(), unit)
	if err != nil {
		return nil, err
	}
	var out []dispatch.Record
	for _, b := range all {
		ok, err := d.sees(r, b)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, b)
		}
	}
	return out, nil
}

func batchURL(number string) string { return "/batches/" + url.PathEscape(number) }

// makeBatches begins a batch for each unit that was ticked.
func (d *desk) makeBatches(w http.ResponseWriter, r *http.Request) {
	f := r.PostForm
	order := dispatch.Order{Recheck: f.Get("recheck") != "", Packages: f.Get("packages") != "", Pictures: f.Get("pictures") != ""}
	runs, err := d.send(r, f["unit"], order)
	if err == nil {
		http.Redirect(w, r, "/batches?started="+itoa(len(runs)), http.StatusSeeOther)
		return
	}
	code := status(err)
	if code >= http.StatusInternalServerError {
		d.fail(w, r, err)
		return
	}
	d.renderBatches(w, r, code, batchesView{Notice: &notice{Text: d.problem(language(r), err), Bad: true}})
}

// send begins a batch for each of some units, with those of the unit's
// approved leads that lie within the person's bounds. A unit that is refused
// keeps none back.
func (d *desk) send(r *http.Request, units []string, order dispatch.Order) ([]dispatch.Run, error) {
	if err := d.dispatches(); err != nil {
		return nil, err
	}
	if len(units) == 0 {
		return nil, markwatch.Errorf(markwatch.CodeInvalid, "%s", d.cat.text(language(r), "batches.need-unit"))
	}
	order.By = actorOf(r)
	var runs []dispatch.Run
	var failed error
	for _, unit := range slices.Compact(slices.Sorted(slices.Values(units))) {
		if err := d.audit(r, order.By, AuditBatch, unit, strings.Join(orderWords(order), " ")); err != nil {
			return runs, err
		}
		byUnit, err := d.cfg.Dispatch.Approved(r.Context(), unit, d.takes(r))
		if err != nil {
			return runs, err
		}
		one := order
		one.Unit, one.Leads = unit, byUnit[unit]
		run, err := d.cfg.Runner.Send(r.Context(), one)
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		runs = append(runs, run)
	}
	return runs, failed
}

func orderWords(o dispatch.Order) (words []string) {
	for _, w := range []struct {
		on   bool
		word string
	}{{o.Recheck, "recheck"}, {o.Packages, "packages"}, {o.Pictures, "screenshots"}} {
		if w.on {
			words = append(words, w.word)
		}
	}
	return words
}

// frozen reads what a batch is made of.
func frozen(b dispatch.Record) (batch.Batch, error) {
	var doc batch.Batch
	err := json.Unmarshal(b.Document, &doc)
	return doc, err
}

// lacking says that an error means that something is not there.
func lacking(err error) bool { return markwatch.ErrorCode(err) == markwatch.CodeNotFound }

// amountText is an amount from–to, "" where there is none.
func (d *desk) amountText(l lang, a leads.Amount) string {
	if !a.Known {
		return ""
	}
	return d.cat.text(l, "handling.from-to", money(markwatch.Money{Amount: a.From, Currency: a.Currency}), money(markwatch.Money{Amount: a.To, Currency: a.Currency}))
}
