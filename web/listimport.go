package web

import (
	"errors"
	"io"
	"net/http"
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

// importView is the preview of a table.
type importView struct {
	Path, Key string
	Whole     bool
	New       []string
	Changed   []string
	Gone      []string
	Same      int64
	Problems  []string
	// Refused is set where the lists as a whole would not hold.
	Refused bool
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
	v := importView{Path: "/lists/" + s.path, Whole: whole}
	_, err = d.editLists(r, s.path, "preview of an import", func(lists *markwatch.Lists) error {
		v = importView{Path: v.Path, Whole: whole}
		before := digestEntries(s.rows(*lists))
		for _, p := range s.put(lists, rows, whole) {
			if len(v.Problems) < maxProblems {
				v.Problems = append(v.Problems, d.problemText(l, s, p, true))
			}
		}
		v.compare(before, digestEntries(s.rows(*lists)))
		if d.cfg.CheckLists != nil {
			if err := d.cfg.CheckLists(r.Context(), *lists); err != nil {
				v.Refused = true
				v.Problems = append(v.Problems, problemLines(err)...)
			}
		}
		return errPreview
	})
	if !errors.Is(err, errPreview) {
		d.fail(w, r, err)
		return
	}
	if !v.Refused {
		v.Key = newKey()
		d.pending.put(v.Key, pendingFile{by: actorOf(r), path: s.path, rows: rows, whole: whole, at: d.cfg.Now()})
	}
	d.render(w, r, http.StatusOK, "listimport", d.cat.text(l, "lists.preview"), v)
}

// compare says what becomes of each entry. Rows with problems count as they
// were read.
func (v *importView) compare(before, after map[string]string) {
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
	versions, err := d.editLists(r, s.path, "import", func(lists *markwatch.Lists) error {
		s.put(lists, f.rows, f.whole) // the problems were shown, and the rest goes in
		return nil
	})
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
