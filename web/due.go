package web

import (
	"net/http"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/leads"
)

// dueShown is how many deadlines the page lists, the most urgent first.
const dueShown = 300

// dueView is the page of what is due.
type dueView struct {
	Rows    []dueRow
	Overdue int64
	More    int64
	Days    *dueMonth
	// Report leads to the figures of this month.
	Report string
}

type dueRow struct {
	Number, URL, Title, Who, Basis, Words string
	Status                                markwatch.LeadStatus
	At                                    time.Time
	Overdue                               bool
}

func (d *desk) due(w http.ResponseWriter, r *http.Request) {
	list, monthly, err := d.dueLeads(r)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	v := dueView{Days: d.monthDue(monthly), Report: "/reports?period=" + d.cfg.Now().In(d.cfg.Location).Format("2006-01")}
	for _, one := range list {
		if one.Overdue {
			v.Overdue++
		}
		if len(v.Rows) < dueShown {
			v.Rows = append(v.Rows, d.dueRow(r, one))
		} else {
			v.More++
		}
	}
	d.render(w, r, http.StatusOK, "due", d.cat.text(language(r), "due.title"), v)
}

// dueLeads is what is due of the leads that a person may see.
func (d *desk) dueLeads(r *http.Request) ([]leads.Due, int, error) {
	err := d.canReport()
	if err == nil {
		err = d.audit(r, actorOf(r), AuditPageView, "/due", "")
	}
	if err != nil {
		return nil, 0, err
	}
	return d.cfg.Reports.Due(r.Context(), d.takes(r))
}

func (d *desk) dueRow(r *http.Request, one leads.Due) dueRow {
	l := language(r)
	row := dueRow{Number: one.Number, URL: leadURL(one.Lead.ID), Who: d.unitName(one.Who), Basis: one.Basis, Status: one.Lead.Status, At: one.At.Add(-time.Second), Overdue: one.Overdue,
		Words: d.cat.text(l, "due.left", one.Days)}
	row.Title, _ = clip(one.Lead.Listing.Title, 80)
	if one.Overdue {
		row.Words = d.cat.text(l, "due.over", -one.Days)
	}
	if row.Who == one.Who {
		row.Who = d.nameOf(r, one.Who)
	}
	return row
}
