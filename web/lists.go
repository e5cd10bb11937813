package web

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/index"
	"github.com/markwatch/markwatch/listsheet"
)

// ListStore keeps the lists of brands, works and rules as numbered versions.
type ListStore interface {
	Lists(ctx context.Context) (markwatch.Lists, markwatch.Versions, error)
	ListVersions(ctx context.Context) (markwatch.Versions, error)
	// EditLists stores what edit changed as the next versions.
	EditLists(ctx context.Context, actor string, at time.Time, edit func(*markwatch.Lists) error) (markwatch.Versions, error)
}

// listsCache keeps the lists as long as their versions hold.
type listsCache struct {
	mu       sync.Mutex
	versions markwatch.Versions
	lists    markwatch.Lists
}

func (d *desk) lists(ctx context.Context) (markwatch.Lists, markwatch.Versions, error) {
	if d.cfg.Lists == nil {
		return markwatch.Lists{}, nil, markwatch.Errorf(markwatch.CodeNotFound, "there are no lists")
	}
	c := &d.known
	c.mu.Lock()
	defer c.mu.Unlock()
	versions, err := d.cfg.Lists.ListVersions(ctx)
	if err != nil {
		return markwatch.Lists{}, nil, err
	}
	if c.versions == nil || !reflect.DeepEqual(versions, c.versions) {
		if c.lists, c.versions, err = d.cfg.Lists.Lists(ctx); err != nil {
			c.versions = nil
			return markwatch.Lists{}, nil, err
		}
	}
	return c.lists, c.versions, nil
}

// editLists changes the lists as a person and checks them as a configuration
// folder is checked.
func (d *desk) editLists(r *http.Request, object, detail string, edit func(*markwatch.Lists) error) (markwatch.Versions, error) {
	if d.cfg.Lists == nil {
		return nil, markwatch.Errorf(markwatch.CodeNotFound, "there are no lists")
	}
	if err := d.audit(r, actorOf(r), AuditListChange, object, detail); err != nil {
		return nil, err
	}
	ctx := detached(r)
	return d.cfg.Lists.EditLists(ctx, actorOf(r), d.cfg.Now(), func(l *markwatch.Lists) error {
		if err := edit(l); err != nil {
			return err
		}
		if d.cfg.CheckLists != nil {
			return d.cfg.CheckLists(ctx, *l)
		}
		return nil
	})
}

// listPage is the number of entries on a page.
const listPage = 50

// sheet is one list that people edit as a table: brands, or works.
type sheet struct {
	kind    markwatch.ListKind
	path    string // also the template's name in the menu
	columns func() []listsheet.Column
	// products are the columns that repeat for each product; none for works.
	products []string
	rows     func(markwatch.Lists) []listsheet.Row
	// put replaces the entries that rows hold, or all where whole is set.
	put func(l *markwatch.Lists, rows []listsheet.Row, whole bool) []listsheet.Problem
	// drop takes an entry out and says whether it was there.
	drop func(l *markwatch.Lists, id string) bool
}

var productColumns = []string{"product", "product_aliases", "price", "currency", "unit", "product_floor"}

func sheets() []sheet {
	return []sheet{
		{
			kind: markwatch.ListBrands, path: "brands", columns: listsheet.BrandColumns, products: productColumns,
			rows: func(l markwatch.Lists) []listsheet.Row { return listsheet.BrandRows(l.Brands) },
			put: func(l *markwatch.Lists, rows []listsheet.Row, whole bool) []listsheet.Problem {
				read, problems := listsheet.Brands(rows, l.Brands)
				l.Brands = merged(l.Brands, read, whole, func(b markwatch.Brand) string { return b.ID })
				return problems
			},
			drop: func(l *markwatch.Lists, id string) (had bool) {
				l.Brands, had = without(l.Brands, func(b markwatch.Brand) bool { return b.ID == id })
				return had
			},
		},
		{
			kind: markwatch.ListWorks, path: "works", columns: listsheet.WorkColumns,
			rows: func(l markwatch.Lists) []listsheet.Row { return listsheet.WorkRows(l.Works) },
			put: func(l *markwatch.Lists, rows []listsheet.Row, whole bool) []listsheet.Problem {
				read, problems := listsheet.Works(rows, l.Works)
				l.Works = merged(l.Works, read, whole, func(w markwatch.Work) string { return w.ID })
				return problems
			},
			drop: func(l *markwatch.Lists, id string) (had bool) {
				l.Works, had = without(l.Works, func(w markwatch.Work) bool { return w.ID == id })
				return had
			},
		},
	}
}

// merged puts entries in the place of those of the same id, and new ones
// behind; whole leaves out those that are not among them.
func merged[T any](old, read []T, whole bool, id func(T) string) []T {
	if whole {
		return read
	}
	out := slices.Clone(old)
	for _, e := range read {
		if i := slices.IndexFunc(out, func(o T) bool { return id(o) == id(e) }); i >= 0 {
			out[i] = e
		} else {
			out = append(out, e)
		}
	}
	return out
}

func without[T any](list []T, is func(T) bool) ([]T, bool) {
	out := slices.DeleteFunc(slices.Clone(list), is)
	return out, len(out) < len(list)
}

func sheetOf(r *http.Request) (sheet, error) {
	for _, s := range sheets() {
		if s.path == r.PathValue("list") {
			return s, nil
		}
	}
	return sheet{}, markwatch.Errorf(markwatch.CodeNotFound, "%s", r.URL.Path)
}

// listView is the page of brands or works.
type listView struct {
	Path, Query string
	Tabs        []option
	Notice      *notice
	Version     int
	Total       int64
	Entries     []entryRow
	Pager       *pager
	CanEdit     bool
	Formats     []string
}

type entryRow struct {
	ID, Name, More, URL, Search string
	Leads                       int64
}

// entries gathers rows by id, in order.
func entries(rows []listsheet.Row) [][]listsheet.Row {
	var out [][]listsheet.Row
	at := map[string]int{}
	for _, row := range rows {
		id := row.Cells["id"]
		i, known := at[id]
		if !known {
			i = len(out)
			at[id] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], row)
	}
	return out
}

func (d *desk) list(w http.ResponseWriter, r *http.Request) {
	l := language(r)
	s, err := sheetOf(r)
	var lists markwatch.Lists
	var versions markwatch.Versions
	if err == nil {
		lists, versions, err = d.lists(r.Context())
	}
	if err == nil {
		err = d.audit(r, actorOf(r), AuditPageView, r.URL.Path, r.URL.Query().Get("q"))
	}
	if err != nil {
		d.fail(w, r, err)
		return
	}
	q, _ := clip(strings.TrimSpace(r.URL.Query().Get("q")), 100)
	page := pageOf(r)
	v := listView{
		Path: "/lists/" + s.path, Query: q, Version: versions[s.kind], CanEdit: personOf(r).may(accounts.Administer), Formats: listsheet.Formats(),
		Notice: listNotice(d, l, r),
	}
	for _, other := range sheets() {
		v.Tabs = append(v.Tabs, option{Value: "/lists/" + other.path, Name: d.cat.text(l, "lists."+other.path), On: other.path == s.path})
	}
	counts := d.leadsBySubject(r)
	all := entries(s.rows(lists))
	all = slices.DeleteFunc(all, func(rows []listsheet.Row) bool { return q != "" && !holds(rows, q) })
	v.Total = int64(len(all))
	v.Pager = newPager(page, len(all), listPage, func(p int) string { return v.Path + "?" + url.Values{"q": {q}, "p": {itoa(p)}}.Encode() })
	for _, rows := range all[min((page-1)*listPage, len(all)):min(page*listPage, len(all))] {
		v.Entries = append(v.Entries, entryOf(rows, v.Path, counts))
	}
	d.render(w, r, http.StatusOK, "list", d.cat.text(l, "lists."+s.path), v)
}

func entryOf(rows []listsheet.Row, base string, counts map[string]int64) entryRow {
	cells := rows[0].Cells
	id := cells["id"]
	e := entryRow{ID: id, URL: base + "/entry/" + url.PathEscape(id), Leads: counts[id], Search: address{Page: 1}.with(choice{Field: index.FieldSubject, Value: id}).url()}
	var names, more []string
	for _, key := range [...]string{"name_zh", "name_en", "titles"} {
		if cells[key] != "" {
			names = append(names, cells[key])
		}
	}
	for _, key := range [...]string{"holder", "publisher", "creators", "type"} {
		if cells[key] != "" {
			more = append(more, cells[key])
		}
	}
	for _, row := range rows {
		if row.Cells["price"] != "" {
			more = append(more, strings.TrimSpace(row.Cells["product"]+" "+row.Cells["price"]+" "+row.Cells["currency"]))
		}
	}
	e.Name, _ = clip(strings.Join(names, " · "), 80)
	e.More, _ = clip(strings.Join(more, " · "), 160)
	return e
}

func holds(rows []listsheet.Row, text string) bool {
	text = strings.ToLower(text)
	for _, row := range rows {
		for _, cell := range row.Cells {
			if strings.Contains(strings.ToLower(cell), text) {
				return true
			}
		}
	}
	return false
}

// maxSubjects bounds how many subjects' leads are counted.
const maxSubjects = 2000

// leadsBySubject counts leads by brand and work; nothing is counted where the
// index cannot answer.
func (d *desk) leadsBySubject(r *http.Request) map[string]int64 {
	out := map[string]int64{}
	res, err := d.ask(r, index.Query{Limit: -1, Facets: []index.Field{index.FieldSubject}, FacetLimit: maxSubjects, Location: d.cfg.Location})
	if err != nil {
		d.cfg.Logger.WarnContext(r.Context(), "count leads by subject", "error", err)
		return out
	}
	for _, c := range res.Facets[index.FieldSubject] {
		out[c.Value] = int64(c.N)
	}
	return out
}

func listNotice(d *desk, l lang, r *http.Request) *notice {
	q := r.URL.Query()
	if v := q.Get("version"); v != "" && len(v) < 10 && strings.Trim(v, "0123456789") == "" {
		return &notice{Text: d.cat.text(l, "lists.saved", v)}
	}
	return nil
}

// listExport hands out a list as a file.
func (d *desk) listExport(w http.ResponseWriter, r *http.Request) {
	s, err := sheetOf(r)
	var lists markwatch.Lists
	var versions markwatch.Versions
	if err == nil {
		lists, versions, err = d.lists(r.Context())
	}
	format := r.PathValue("format")
	if err == nil && !slices.Contains(listsheet.Formats(), format) {
		err = markwatch.Errorf(markwatch.CodeNotFound, "%s", r.URL.Path)
	}
	if err == nil {
		err = d.audit(r, actorOf(r), AuditExport, s.path, format)
	}
	if err != nil {
		d.fail(w, r, err)
		return
	}
	d.sendTable(w, r, s.path+"-v"+itoa(versions[s.kind]), format, s.columns(), s.rows(lists))
}

// sendTable hands out a table as a file of that name.
func (d *desk) sendTable(w http.ResponseWriter, r *http.Request, name, format string, columns []listsheet.Column, rows []listsheet.Row) {
	h := w.Header()
	h.Set("Content-Type", tableTypes[format])
	h.Set("Content-Disposition", `attachment; filename="`+name+`.`+format+`"`)
	if err := listsheet.Write(w, format, columns, rows); err != nil {
		d.cfg.Logger.ErrorContext(r.Context(), "export a list", "error", err)
		panic(http.ErrAbortHandler)
	}
}

// pager is that of so many entries, nil where they are on one page.
func newPager(page, total, size int, at func(int) string) *pager {
	last := max(1, (total+size-1)/size)
	if last == 1 && page == 1 {
		return nil
	}
	p := &pager{Page: int64(page), Of: int64(last)}
	if page > 1 {
		p.Prev = at(min(page-1, last))
	}
	if page < last {
		p.Next = at(page + 1)
	}
	return p
}

// digestEntries is each entry's rows as one text, to see which ones change.
func digestEntries(rows []listsheet.Row) map[string]string {
	out := map[string]string{}
	for _, group := range entries(rows) {
		var b strings.Builder
		for _, row := range group {
			for _, key := range slices.Sorted(maps.Keys(row.Cells)) {
				b.WriteString(key + "\x00" + row.Cells[key] + "\x00")
			}
		}
		out[group[0].Cells["id"]] = b.String()
	}
	return out
}
