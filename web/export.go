package web

import (
	"io"
	"net/http"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/index"
	"github.com/markwatch/markwatch/leads"
)

// exportTime is how long an export may take to be written to a client.
const exportTime = 10 * time.Minute

// export hands out every lead that a search finds, whatever their number, in
// the search's order. Listings that are no lead are left out.
func (d *desk) export(w http.ResponseWriter, r *http.Request) {
	if d.cfg.Finder == nil {
		d.fail(w, r, markwatch.Errorf(markwatch.CodeNotFound, "%s", r.URL.Path))
		return
	}
	a, err := readAddress(r)
	var q index.Query
	if err == nil {
		q, err = index.ParseQuery(a.Text)
	}
	var format leads.Format
	if err == nil {
		format, err = leads.FormatByName(r.URL.Query().Get("format"))
	}
	if err == nil {
		err = d.audit(r, actorOf(r), AuditExport, a.url(), format.Name)
	}
	if err != nil {
		d.fail(w, r, invalidQuery(err))
		return
	}
	a.filter(&q)
	if a.Sort != "" {
		q.Sort = a.Sort
	}
	q.Location = d.cfg.Location
	bound(&q, personOf(r).Bounds)
	h := w.Header()
	h.Set("Content-Type", format.ContentType)
	h.Set("Content-Disposition", `attachment; filename="markwatch-`+d.cfg.Now().In(d.cfg.Location).Format("20060102-1504")+format.Extension+`"`)
	// Where a writer knows no deadlines, none is in the way.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(exportTime))
	if err := d.writeLeads(w, r, format, q); err != nil {
		d.cfg.Logger.ErrorContext(r.Context(), "export leads", "error", err)
		panic(http.ErrAbortHandler) // a file that is cut off must not look whole
	}
}

func (d *desk) writeLeads(w io.Writer, r *http.Request, format leads.Format, q index.Query) error {
	return format.Write(w, func(yield func(markwatch.Lead, error) bool) {
		for id, err := range d.cfg.Finder.All(r.Context(), q) {
			var rec record
			if err == nil {
				rec, err = d.record(r, id)
			}
			if markwatch.ErrorCode(err) == markwatch.CodeNotFound || err == nil && !rec.lead {
				continue
			}
			if !yield(rec.Lead, err) || err != nil {
				return
			}
		}
	})
}

// invalidQuery gives a mistake in a query the code that it has at the edge.
func invalidQuery(err error) error {
	if syntax, ok := asSyntax(err); ok {
		return markwatch.WrapError(markwatch.CodeInvalid, err, "%s / %s", syntax.Message.ZH, syntax.Message.EN)
	}
	return err
}
