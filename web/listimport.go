package web

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/listsheet"
)

// Bounds of files that people hand in: one file's bytes, and how many wait for
// a yes, and for how long.
const (
	maxUpload  = 8 << 20
	maxPending = 16
	pendingTTL = 15 * time.Minute
)

// errPreview ends a change that was only tried.
var errPreview = errors.New("a preview changes nothing")

// pending are tables that were read and wait for a yes.
type pending struct {
	mu    sync.Mutex
	files map[string]pendingFile
}

type pendingFile struct {
	by, path string
	rows     []listsheet.Row
	whole    bool
	at       time.Time
	// name and data are a file of receipts or complaints.
	name string
	data []byte
}

// put keeps a file; the oldest makes room.
func (p *pending) put(key string, f pendingFile) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.files == nil {
		p.files = map[string]pendingFile{}
	}
	oldest := ""
	for k, other := range p.files {
		if f.at.Sub(other.at) > pendingTTL {
			delete(p.files, k)
		} else if oldest == "" || other.at.Before(p.files[oldest].at) {
			oldest = k
		}
	}
	if len(p.files) >= maxPending {
		delete(p.files, oldest)
	}
	p.files[key] = f
}

// take gives a file to the person who handed it in, once.
func (p *pending) take(key, by, path string, now time.Time) (pendingFile, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f, ok := p.files[key]
	if !ok || f.by != by || f.path != path || now.Sub(f.at) > pendingTTL {
		return pendingFile{}, false
	}
	delete(p.files, key)
	return f, true
}

// listPreview is what a table would make of a list.
type listPreview struct {
	// New, Changed and Gone are ids of entries.
	New, Changed, Gone []string
	Same               int64
	// Rows are what is wrong with single rows, Lists with the lists as a whole.
	Rows  []listsheet.Problem
	Lists []string
	// Refused is set where the lists as a whole would not hold.
	Refused bool
}

// importView is the preview of a table.
type importView struct {
	Path, Key string
	Whole     bool
	listPreview
	Problems []string
}

// preview says what a table would change; nothing is changed.
func (d *desk) preview(r *http.Request, s sheet, rows []listsheet.Row, whole bool) (listPreview, error) {
	var p listPreview
	_, err := d.editLists(r, s.path, "preview of an import", func(lists *markwatch.Lists) error {
		p = listPreview{}
		before := digestEntries(s.rows(*lists))
		p.Rows = s.put(lists, rows, whole)
		p.compare(before, digestEntries(s.rows(*lists)))
		if d.cfg.CheckLists != nil {
			if err := d.cfg.CheckLists(r.Context(), *lists); err != nil {
				p.Refused, p.Lists = true, problemLines(err)
			}
		}
		return errPreview
	})
	if errors.Is(err, errPreview) {
		err = nil
	}
	return p, err
}

// putRows puts a table into a list; rows with problems are left out.
func (d *desk) putRows(r *http.Request, s sheet, rows []listsheet.Row, whole bool) (markwatch.Versions, error) {
	return d.editLists(r, s.path, "import", func(lists *markwatch.Lists) error {
		s.put(lists, rows, whole)
		return nil
	})
}

// importList reads a table and shows what it would change, with every row that
// is wrong; nothing is changed yet.
func (d *desk) importList(w http.ResponseWriter, r *http.Request) {
	s, err := sheetOf(r)
	var data []byte
	if err == nil {
		data, err = uploaded(r)
	}
	var rows []listsheet.Row
	if err == nil {
		rows, err = listsheet.Read(data, s.columns())
	}
	if err != nil {
		d.fail(w, r, err)
		return
	}
	l := language(r)
	whole := r.FormValue("whole") == "1"
	p, err := d.preview(r, s, rows, whole)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	v := importView{Path: "/lists/" + s.path, Whole: whole, listPreview: p}
	for _, p := range p.Rows[:min(len(p.Rows), maxProblems)] {
		v.Problems = append(v.Problems, d.problemText(l, s, p, true))
	}
	v.Problems = append(v.Problems, p.Lists...)
	if !v.Refused {
		v.Key = newKey()
		d.pending.put(v.Key, pendingFile{by: actorOf(r), path: s.path, rows: rows, whole: whole, at: d.cfg.Now()})
	}
	d.render(w, r, http.StatusOK, "listimport", d.cat.text(l, "lists.preview"), v)
}

// compare says what becomes of each entry. Rows with problems count as they
// were read.
func (v *listPreview) compare(before, after map[string]string) {
	for id, now := range after {
		was, known := before[id]
		switch {
		case !known:
			v.New = append(v.New, id)
		case was != now:
			v.Changed = append(v.Changed, id)
		default:
			v.Same++
		}
	}
	for id := range before {
		if _, stays := after[id]; !stays {
			v.Gone = append(v.Gone, id)
		}
	}
	for _, ids := range [][]string{v.New, v.Changed, v.Gone} {
		slices.Sort(ids)
	}
}

// applyImport does what a preview showed.
func (d *desk) applyImport(w http.ResponseWriter, r *http.Request) {
	s, err := sheetOf(r)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	f, ok := d.pending.take(r.PostForm.Get("key"), actorOf(r), s.path, d.cfg.Now())
	if !ok {
		d.fail(w, r, markwatch.Errorf(markwatch.CodeConflict, "%s", d.cat.text(language(r), "lists.preview-over")))
		return
	}
	versions, err := d.putRows(r, s, f.rows, f.whole) // the problems were shown, and the rest goes in
	if err != nil {
		d.fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/lists/"+s.path+"?version="+itoa(versions[s.kind]), http.StatusSeeOther)
}

// uploaded reads the file of a form.
func uploaded(r *http.Request) ([]byte, error) {
	file, _, err := r.FormFile("file")
	if err != nil {
		return nil, markwatch.WrapError(markwatch.CodeInvalid, err, "请选择文件 / choose a file")
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, maxUpload))
}
