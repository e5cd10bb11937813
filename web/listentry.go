package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/listsheet"
)

// spareProducts are the empty rows that the form of a brand offers.
const spareProducts = 3

// maxProducts bounds the rows that a form may send.
const maxProducts = 500

// entryView is the page of one brand or work.
type entryView struct {
	Path, ID, Name string
	New            bool
	Notice         *notice
	Problems       []string
	Fields         []entryField
	// Heads and Products are the table of products, where there is one.
	Heads    []string
	Products [][]entryField
	CanEdit  bool
	Search   string
}

type entryField struct {
	Key, Label, Value string
	Wide              bool
}

// newEntry is the id under which the form of a new entry lies.
const newEntry = "+"

func (d *desk) listEntry(w http.ResponseWriter, r *http.Request) {
	s, err := sheetOf(r)
	var lists markwatch.Lists
	if err == nil {
		lists, _, err = d.lists(r.Context())
	}
	id := r.PathValue("id")
	var rows []listsheet.Row
	if err == nil && id != newEntry {
		rows = slices.DeleteFunc(s.rows(lists), func(row listsheet.Row) bool { return row.Cells["id"] != id })
		if len(rows) == 0 {
			err = markwatch.Errorf(markwatch.CodeNotFound, "%s", r.URL.Path)
		}
	}
	if err == nil {
		err = d.audit(r, actorOf(r), AuditPageView, r.URL.Path, "")
	}
	if err != nil {
		d.fail(w, r, err)
		return
	}
	d.renderEntry(w, r, http.StatusOK, s, rows, entryView{New: id == newEntry, Notice: listNotice(d, language(r), r)})
}

func (d *desk) renderEntry(w http.ResponseWriter, r *http.Request, code int, s sheet, rows []listsheet.Row, v entryView) {
	l := language(r)
	if len(rows) == 0 {
		rows = []listsheet.Row{{Cells: map[string]string{}}}
	}
	v.Path, v.ID, v.CanEdit = "/lists/"+s.path, rows[0].Cells["id"], personOf(r).may(accounts.Administer)
	e := entryOf(rows, v.Path, nil)
	v.Name, v.Search = e.Name, e.Search
	for _, c := range s.columns() {
		label := pick(l, c.Label)
		if slices.Contains(s.products, c.Key) {
			v.Heads = append(v.Heads, label)
			continue
		}
		value := rows[0].Cells[c.Key]
		v.Fields = append(v.Fields, entryField{Key: c.Key, Label: label, Value: value, Wide: len(value) > 60})
	}
	if len(s.products) > 0 {
		for i := range len(rows) + spareProducts {
			var line []entryField
			for j, key := range s.products {
				f := entryField{Key: key, Label: v.Heads[j]}
				if i < len(rows) {
					f.Value = rows[i].Cells[key]
				}
				line = append(line, f)
			}
			v.Products = append(v.Products, line)
		}
	}
	title := v.Name
	if title == "" {
		title = d.cat.text(l, "lists.new")
	}
	d.render(w, r, code, "listentry", title, v)
}

// formRows are what the form of an entry says, as rows of the table.
func formRows(s sheet, form url.Values) []listsheet.Row {
	first := listsheet.Row{Line: 1, Cells: map[string]string{}}
	for _, c := range s.columns() {
		if !slices.Contains(s.products, c.Key) {
			if v := strings.TrimSpace(form.Get(c.Key)); v != "" {
				first.Cells[c.Key] = v
			}
		}
	}
	var products []listsheet.Row
	for i := range min(len(form["product"]), maxProducts) {
		row := listsheet.Row{Line: i + 1, Cells: map[string]string{"id": first.Cells["id"]}}
		for _, key := range s.products {
			if values := form[key]; i < len(values) && strings.TrimSpace(values[i]) != "" {
				row.Cells[key] = strings.TrimSpace(values[i])
			}
		}
		if row.Cells["product"] != "" {
			products = append(products, row)
		}
	}
	if len(products) == 0 {
		return []listsheet.Row{first}
	}
	for key, value := range products[0].Cells {
		first.Cells[key] = value
	}
	products[0] = first
	return products
}

func (d *desk) saveEntry(w http.ResponseWriter, r *http.Request) {
	s, err := sheetOf(r)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	l, id := language(r), r.PathValue("id")
	if r.PostForm.Get("do") == "drop" {
		versions, err := d.editLists(r, s.path+"/"+id, "drop", func(lists *markwatch.Lists) error {
			if !s.drop(lists, id) {
				return markwatch.Errorf(markwatch.CodeNotFound, "%s", r.URL.Path)
			}
			return nil
		})
		if err != nil {
			d.fail(w, r, err)
			return
		}
		http.Redirect(w, r, "/lists/"+s.path+"?version="+itoa(versions[s.kind]), http.StatusSeeOther)
		return
	}
	if id != newEntry {
		r.PostForm.Set("id", id)
	}
	rows := formRows(s, r.PostForm)
	var problems []string
	versions, err := d.editLists(r, s.path+"/"+rows[0].Cells["id"], "save", func(lists *markwatch.Lists) error {
		problems = nil
		for _, p := range s.put(lists, rows, false) {
			problems = append(problems, d.problemText(l, s, p, false))
		}
		if len(problems) > 0 {
			return markwatch.Errorf(markwatch.CodeInvalid, "%s", d.cat.text(l, "lists.not-saved"))
		}
		return nil
	})
	if err != nil {
		if status(err) >= 500 {
			d.fail(w, r, err)
			return
		}
		if len(problems) == 0 {
			problems = problemLines(err)
		}
		v := entryView{New: id == newEntry, Problems: problems, Notice: &notice{Text: d.cat.text(l, "lists.not-saved"), Bad: true}}
		d.renderEntry(w, r, status(err), s, rows, v)
		return
	}
	http.Redirect(w, r, "/lists/"+s.path+"/entry/"+url.PathEscape(rows[0].Cells["id"])+"?version="+itoa(versions[s.kind]), http.StatusSeeOther)
}

// problemText words one problem of a table.
func (d *desk) problemText(l lang, s sheet, p listsheet.Problem, line bool) string {
	text := pick(l, p.Message)
	for _, c := range s.columns() {
		if c.Key == p.Column {
			text = pick(l, c.Label) + ": " + text
		}
	}
	if line {
		text = d.cat.text(l, "lists.line", p.Line) + " " + text
	}
	return text
}

// maxProblems bounds how many problems a page shows.
const maxProblems = 100

// problemLines cuts an error of several lines.
func problemLines(err error) []string {
	lines := strings.Split(strings.TrimSpace(err.Error()), "\n")
	return lines[:min(len(lines), maxProblems)]
}
