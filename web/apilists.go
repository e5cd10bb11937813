package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/listsheet"
)

type listInput struct {
	Query string `query:"q" maxLength:"100" doc:"含有文字 / text in an entry"`
	Page  int    `query:"page" minimum:"1" maximum:"1000000" default:"1" doc:"第几页 / page, from 1"`
	Size  int    `query:"size" minimum:"1" maximum:"500" default:"50" doc:"每页条数 / entries on a page"`
}

// listShown is a page of a list.
type listShown[T any] struct {
	Version int `json:"version" doc:"名单版本 / version of the list"`
	Total   int `json:"total" doc:"符合的条数 / number of entries that fit"`
	Entries []T `json:"entries"`
}

type versionShown struct {
	Version int `json:"version" doc:"名单的新版本 / version that the list has now"`
}

// EntryParam names an entry of a list in a path of the API.
type EntryParam struct {
	ID string `path:"id" maxLength:"200" doc:"编号 / id"`
}

type putEntryInput[T any] struct {
	EntryParam
	Body T
}

// entries are the calls on one list.
type entriesOf[T any] struct {
	a     *api
	sheet sheet
	all   func(markwatch.Lists) []T
	set   func(*markwatch.Lists, []T)
	id    func(T) string
	// same says whether two entries name the same files of the configuration
	// folder, which only who writes the folder may say.
	same func(a, b T) bool
}

func (a *api) lists() {
	addEntries(a, "brand", "品牌", entriesOf[markwatch.Brand]{
		all:  func(l markwatch.Lists) []markwatch.Brand { return l.Brands },
		set:  func(l *markwatch.Lists, b []markwatch.Brand) { l.Brands = b },
		id:   func(b markwatch.Brand) string { return b.ID },
		same: func(a, b markwatch.Brand) bool { return slices.Equal(a.Pictures, b.Pictures) },
	})
	addEntries(a, "work", "作品", entriesOf[markwatch.Work]{
		all:  func(l markwatch.Lists) []markwatch.Work { return l.Works },
		set:  func(l *markwatch.Lists, w []markwatch.Work) { l.Works = w },
		id:   func(w markwatch.Work) string { return w.ID },
		same: func(a, b markwatch.Work) bool { return a.Text == b.Text },
	})
}

// addEntries adds the calls on one list.
func addEntries[T any](a *api, one, zh string, e entriesOf[T]) {
	many := one + "s"
	e.a = a
	for _, s := range sheets() {
		if s.path == many {
			e.sheet = s
		}
	}
	register(a, a.operation("list-"+many, http.MethodGet, "/"+many, accounts.See, "lists", zh+"名单 / The list of "+many), e.list)
	register(a, a.operation("get-"+one, http.MethodGet, "/"+many+"/{id}", accounts.See, "lists", "一个"+zh+" / One "+one), e.get)
	register(a, a.operation("put-"+one, http.MethodPut, "/"+many+"/{id}", accounts.Administer, "lists", "写入"+zh+" / Add or change a "+one), e.put)
	register(a, a.operation("drop-"+one, http.MethodDelete, "/"+many+"/{id}", accounts.Administer, "lists", "删除"+zh+" / Take a "+one+" out"), e.drop)
	register(a, a.tableExport("export-"+many, "/tables/"+many, zh+"名单导出为表格 / The list of "+many+" as a table"), e.export)
	register(a, a.tableImport("import-"+many, "/tables/"+many, zh+"名单从表格导入,先预览 / Import "+many+" from a table, with a preview"), e.imported)
}

func (e entriesOf[T]) list(r *http.Request, in *listInput) (*answer[listShown[T]], error) {
	lists, versions, err := e.a.d.lists(r.Context())
	if err == nil {
		err = e.a.looked(r)
	}
	if err != nil {
		return nil, err
	}
	out := listShown[T]{Version: versions[e.sheet.kind], Entries: []T{}}
	fits := map[string]bool{}
	for _, rows := range entries(e.sheet.rows(lists)) {
		fits[rows[0].Cells["id"]] = in.Query == "" || holds(rows, strings.TrimSpace(in.Query))
	}
	all := slices.DeleteFunc(slices.Clone(e.all(lists)), func(t T) bool { return !fits[e.id(t)] })
	out.Total = len(all)
	out.Entries = append(out.Entries, all[min((in.Page-1)*in.Size, len(all)):min(in.Page*in.Size, len(all))]...)
	return &answer[listShown[T]]{out}, nil
}

// at is where an entry stands, -1 where there is none.
func (e entriesOf[T]) at(lists markwatch.Lists, id string) int {
	return slices.IndexFunc(e.all(lists), func(t T) bool { return e.id(t) == id })
}

func (e entriesOf[T]) find(lists markwatch.Lists, id string) (int, error) {
	i := e.at(lists, id)
	if i < 0 {
		return i, markwatch.Errorf(markwatch.CodeNotFound, "名单里没有 %s / the list has no %s", id, id)
	}
	return i, nil
}

func (e entriesOf[T]) get(r *http.Request, in *EntryParam) (*answer[T], error) {
	lists, _, err := e.a.d.lists(r.Context())
	if err == nil {
		err = e.a.looked(r)
	}
	if err != nil {
		return nil, err
	}
	i, err := e.find(lists, in.ID)
	if err != nil {
		return nil, err
	}
	return &answer[T]{e.all(lists)[i]}, nil
}

func (e entriesOf[T]) put(r *http.Request, in *putEntryInput[T]) (*answer[versionShown], error) {
	if e.id(in.Body) != in.ID {
		return nil, markwatch.Errorf(markwatch.CodeInvalid, "编号与路径不同 / the id is not that of the path")
	}
	return e.edit(r, in.ID, "save", func(lists *markwatch.Lists) error {
		all := slices.Clone(e.all(*lists))
		i := e.at(*lists, in.ID)
		var old T
		if i >= 0 {
			old = all[i]
		}
		if !e.same(old, in.Body) {
			return markwatch.Errorf(markwatch.CodeInvalid, "图片与文本文件只在配置目录里指定 / files of pictures and texts are named in the configuration folder alone")
		}
		if i >= 0 {
			all[i] = in.Body
		} else {
			all = append(all, in.Body)
		}
		e.set(lists, all)
		return nil
	})
}

func (e entriesOf[T]) drop(r *http.Request, in *EntryParam) (*answer[versionShown], error) {
	return e.edit(r, in.ID, "drop", func(lists *markwatch.Lists) error {
		i, err := e.find(*lists, in.ID)
		if err == nil {
			e.set(lists, slices.Delete(slices.Clone(e.all(*lists)), i, i+1))
		}
		return err
	})
}

func (e entriesOf[T]) edit(r *http.Request, id, what string, edit func(*markwatch.Lists) error) (*answer[versionShown], error) {
	versions, err := e.a.d.editLists(r, e.sheet.path+"/"+id, what, edit)
	return &answer[versionShown]{versionShown{versions[e.sheet.kind]}}, err
}

func (e entriesOf[T]) export(r *http.Request, in *tableExportInput) (*huma.StreamResponse, error) {
	lists, versions, err := e.a.d.lists(r.Context())
	if err != nil {
		return nil, err
	}
	name := e.sheet.path + "-v" + itoa(versions[e.sheet.kind])
	return e.a.tableFile(r, e.sheet.path, name, in.Format, e.sheet.columns(), func() []listsheet.Row { return e.sheet.rows(lists) })
}

func (e entriesOf[T]) imported(r *http.Request, in *tableImportInput) (*answer[importShown], error) {
	rows, err := listsheet.Read(in.RawBody, e.sheet.columns())
	if err != nil {
		return nil, err
	}
	p, err := e.a.d.preview(r, e.sheet, rows, in.Whole)
	if err != nil {
		return nil, err
	}
	out := importShown{New: some(p.New), Changed: some(p.Changed), Gone: some(p.Gone), Same: p.Same, Refused: p.Refused, Problems: problemsShown(p.Rows)}
	for _, line := range p.Lists {
		out.Problems = append(out.Problems, rowProblem{Message: markwatch.Text{ZH: line, EN: line}})
	}
	if !in.Apply {
		return &answer[importShown]{out}, nil
	}
	if err := out.refuse(in.Partly); err != nil {
		return nil, err
	}
	versions, err := e.a.d.putRows(r, e.sheet, rows, in.Whole)
	out.Applied, out.Version = err == nil, versions[e.sheet.kind]
	return &answer[importShown]{out}, err
}

// some is a list that is never null in JSON.
func some[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
