package web

import (
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/leads/batch"
	"github.com/markwatch/markwatch/leads/dispatch"
)

// batchLeadsShown is how many leads of a batch its page lists; its files list
// all.
const batchLeadsShown = 200

// batchView is the page of one batch.
type batchView struct {
	Notice *notice
	Self   string
	batch.Batch
	By     string
	Fields string
	Rows   []sentRow
	// More is how many leads are not shown.
	More int64
	// Files are there where the batch's files were made.
	Files []fileRow
	Zip   string
	// CanTake is set where the person may take files away, CanDeliver where
	// they may deliver.
	CanTake, CanDeliver, Busy bool
	Runs                      []runLine
	Ways                      []wayRow
	Log                       []deliveryRow
	// Wayless says why the ways of the unit cannot be had.
	Wayless string
}

type sentRow struct {
	Number, URL, Title, Seller, Shown, Package, Amount string
	Crimes                                             []string
}

type fileRow struct {
	batch.File
	URL, Size string
}

type wayRow struct {
	Name string
	Done bool
}

type deliveryRow struct {
	dispatch.Delivery
	Who string
}

func (d *desk) batch(w http.ResponseWriter, r *http.Request) {
	var n *notice
	if r.URL.Query().Get("started") != "" {
		n = &notice{Text: d.cat.text(language(r), "batches.started")}
	}
	d.renderBatch(w, r, http.StatusOK, n)
}

func (d *desk) renderBatch(w http.ResponseWriter, r *http.Request, code int, n *notice) {
	kept, err := d.batchOf(r, r.PathValue("number"))
	if err == nil {
		err = d.audit(r, actorOf(r), AuditBatchView, kept.Number, "")
	}
	v := batchView{Notice: n}
	if err == nil {
		err = d.showBatch(r, kept, &v)
	}
	if err != nil {
		d.fail(w, r, err)
		return
	}
	d.render(w, r, code, "batch", kept.Number, v)
}

func (d *desk) showBatch(r *http.Request, kept dispatch.Record, v *batchView) (err error) {
	l, p := language(r), personOf(r)
	if v.Batch, err = frozen(kept); err != nil {
		return err
	}
	v.Self, v.By, v.Fields = batchURL(kept.Number), d.nameOf(r, v.Batch.By), strings.Join(v.Batch.Fields, " ")
	v.CanTake, v.CanDeliver = p.may(accounts.Decide), p.may(accounts.Approve)
	for row, err := range d.cfg.Dispatch.BatchLeads(r.Context(), kept.Number) {
		if err != nil {
			return err
		}
		if len(v.Rows) == batchLeadsShown {
			v.More = int64(kept.Leads - batchLeadsShown)
			break
		}
		one := sentRow{Number: row.Number, URL: leadURL(row.ID), Package: row.Handling.Package, Amount: d.amountText(l, row.Amount), Crimes: row.Crimes}
		one.Title, _ = clip(row.Listing.Title, 80)
		if row.Listing.Seller != nil {
			one.Seller, _ = clip(row.Listing.Seller.Name, 40)
		}
		if shown := row.Handling.ShownOnSending; shown != "" {
			one.Shown = d.cat.word(l, "shown", shown)
		}
		v.Rows = append(v.Rows, one)
	}
	manifest, err := d.cfg.Dispatch.Manifest(kept.Number)
	if err != nil && !lacking(err) {
		return err
	}
	if err == nil {
		v.Zip = v.Self + "/zip"
		for _, f := range append(manifest.Files, batch.File{Name: batch.ManifestName}) {
			v.Files = append(v.Files, fileRow{File: f, URL: v.Self + "/files/" + escapePath(f.Name), Size: size(f.Bytes)})
		}
	}
	return d.showDeliveries(r, kept, v)
}

func (d *desk) showDeliveries(r *http.Request, kept dispatch.Record, v *batchView) error {
	l := language(r)
	log, err := d.cfg.Dispatch.Deliveries(r.Context(), kept.Number)
	if err != nil {
		return err
	}
	for _, one := range log {
		v.Log = append(v.Log, deliveryRow{one, d.nameOf(r, one.Actor)})
	}
	ways, err := d.cfg.Dispatch.Ways(kept.Unit)
	if err != nil {
		v.Wayless = sentence(l, err)
	}
	for _, name := range ways {
		done := slices.ContainsFunc(log, func(one dispatch.Delivery) bool { return one.Target == name && one.State == "done" })
		v.Ways = append(v.Ways, wayRow{name, done})
	}
	runs, err := d.runs(r)
	for _, run := range runs {
		if run.Batch == kept.Number && len(v.Runs) < runsShown {
			v.Runs = append(v.Runs, d.runLine(l, run))
		}
		v.Busy = v.Busy || running(run) && run.Unit == kept.Unit
	}
	return err
}

// deliverBatch makes a batch's files where they are not there, and delivers it
// where it was not delivered; again, only where the person said so on purpose,
// also where it was.
func (d *desk) deliverBatch(w http.ResponseWriter, r *http.Request) {
	_, err := d.deliver(r, r.PathValue("number"), r.PostForm.Get("again") == "yes")
	if err == nil {
		http.Redirect(w, r, batchURL(r.PathValue("number"))+"?started=1", http.StatusSeeOther)
		return
	}
	if code := status(err); code == http.StatusConflict || code == http.StatusBadRequest {
		d.renderBatch(w, r, code, &notice{Text: d.problem(language(r), err), Bad: true})
		return
	}
	d.fail(w, r, err)
}

func (d *desk) deliver(r *http.Request, number string, again bool) (dispatch.Run, error) {
	kept, err := d.batchOf(r, number)
	if err != nil {
		return dispatch.Run{}, err
	}
	detail := ""
	if again {
		detail = "again"
	}
	if err := d.audit(r, actorOf(r), AuditDeliver, kept.Number, detail); err != nil {
		return dispatch.Run{}, err
	}
	return d.cfg.Runner.Deliver(r.Context(), kept.Number, actorOf(r), again)
}

// batchFile hands out one file of a batch.
func (d *desk) batchFile(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	f, err := d.takeFile(r, r.PathValue("number"), name)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	defer f.Close()
	d.handOut(w, r, path.Base(name), f)
}

// takeFile opens a file of a batch, for the audit log first.
func (d *desk) takeFile(r *http.Request, number, name string) (io.ReadCloser, error) {
	kept, err := d.batchOf(r, number)
	if err == nil {
		err = d.audit(r, actorOf(r), AuditExport, kept.Number, name)
	}
	if err != nil {
		return nil, err
	}
	return d.cfg.Dispatch.Open(kept.Number, name)
}

// batchZip hands out a whole batch.
func (d *desk) batchZip(w http.ResponseWriter, r *http.Request) {
	kept, write, err := d.takeZip(r, r.PathValue("number"))
	if err != nil {
		d.fail(w, r, err)
		return
	}
	d.attachment(w, kept.Number+".zip")
	if err := write(w); err != nil {
		d.cfg.Logger.ErrorContext(r.Context(), "hand out a batch", "error", err)
		panic(http.ErrAbortHandler) // a file that is cut off must not look whole
	}
}

func (d *desk) takeZip(r *http.Request, number string) (dispatch.Record, func(io.Writer) error, error) {
	kept, err := d.batchOf(r, number)
	if err == nil {
		err = d.audit(r, actorOf(r), AuditExport, kept.Number, "zip")
	}
	if err == nil {
		_, err = d.cfg.Dispatch.Manifest(kept.Number)
	}
	return kept, func(w io.Writer) error { return d.cfg.Dispatch.Zip(w, kept) }, err
}

// attachment sets the headers of a file that is taken away.
func (d *desk) attachment(w http.ResponseWriter, name string) {
	h := w.Header()
	h.Set("Content-Type", contentType(name))
	h.Set("Content-Disposition", disposition(name))
	// Where a writer knows no deadlines, none is in the way.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(exportTime))
}

func (d *desk) handOut(w http.ResponseWriter, r *http.Request, name string, from io.Reader) {
	d.attachment(w, name)
	if _, err := io.Copy(w, from); err != nil {
		d.cfg.Logger.WarnContext(r.Context(), "hand out a file", "error", err)
		panic(http.ErrAbortHandler) // a file that is cut off must not look whole
	}
}

// disposition names a file in the two ways of RFC 6266: in plain letters, and
// as it is.
func disposition(name string) string {
	plain := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' {
			return '_'
		}
		return r
	}, name)
	return `attachment; filename="` + plain + `"; filename*=UTF-8''` + strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
}

// contentType is a file's by its name. Whatever it is, a browser keeps it and
// shows nothing of it.
func contentType(name string) string {
	for ext, kind := range map[string]string{
		".zip": "application/zip", ".csv": "text/csv; charset=utf-8", ".ndjson": "application/x-ndjson", ".json": "application/json", ".pdf": "application/pdf",
		".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	} {
		if strings.HasSuffix(strings.ToLower(name), ext) {
			return kind
		}
	}
	return "application/octet-stream"
}

func escapePath(name string) string {
	parts := strings.Split(name, "/")
	for i, p := range parts {
		parts[i] = url.PathEscape(p)
	}
	return strings.Join(parts, "/")
}

// size writes a number of bytes for people.
func size(n int64) string {
	switch {
	case n == 0:
		return ""
	case n < 1<<10:
		return itoa(int(n)) + " B"
	case n < 1<<20:
		return itoa(int((n+1<<9)>>10)) + " KiB"
	}
	return strconv.FormatFloat(float64(n)/(1<<20), 'f', 1, 64) + " MiB"
}
