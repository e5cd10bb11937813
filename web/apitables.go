package web

import (
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/listsheet"
)

// tablesPath is where tables are handed in and out.
const tablesPath = apiPrefix + "/tables/"

type tableExportInput struct {
	Format string `query:"format" enum:"csv,xlsx" default:"csv" doc:"文件格式 / form of the file"`
}

// TableBody is a table as it is handed in.
type TableBody struct {
	RawBody []byte `contentType:"text/csv" doc:"CSV(UTF-8 或 GB 18030)或 XLSX,最大 8 MiB / CSV or XLSX, at most 8 MiB"`
	Apply   bool   `query:"apply" doc:"写入;否则只预览 / make the change; else it is only told"`
	Partly  bool   `query:"partly" doc:"有错误的行不妨碍其余写入 / rows with problems keep no other from going in"`
}

type tableImportInput struct {
	TableBody
	Whole bool `query:"whole" doc:"表格是整个名单,表里没有的删除 / the table is the whole list: what is not in it goes"`
}

type rowProblem struct {
	Line    int            `json:"line,omitempty" doc:"文件里的行号,自 1 起 / line of the file, from 1"`
	Column  string         `json:"column,omitempty" doc:"列名 / key of the column"`
	Message markwatch.Text `json:"message"`
}

// importShown is what a table changes, or would.
type importShown struct {
	Applied  bool         `json:"applied" doc:"已写入 / the change was made"`
	Version  int          `json:"version,omitempty" doc:"名单的新版本 / version that the list has now"`
	New      []string     `json:"new" doc:"新增的编号 / ids that are new"`
	Changed  []string     `json:"changed" doc:"有变的编号 / ids that change"`
	Gone     []string     `json:"gone" doc:"删除的编号 / ids that go"`
	Same     int64        `json:"same" doc:"不变的条数 / entries that stay as they are"`
	Problems []rowProblem `json:"problems" doc:"有错误的行 / what is wrong"`
	Refused  bool         `json:"refused" doc:"名单整体不成立,不能写入 / the list as a whole would not hold and cannot be applied"`
}

// refuse says why the change cannot be made.
func (s importShown) refuse(partly bool) error {
	if len(s.Problems) == 0 || partly && !s.Refused {
		return nil
	}
	return markwatch.Errorf(markwatch.CodeInvalid, "表格有 %d 处错误,没有写入;先预览,或用 partly / the table has %d problems and nothing was changed: ask for the preview, or use partly",
		len(s.Problems), len(s.Problems))
}

func problemsShown(problems []listsheet.Problem) []rowProblem {
	out := []rowProblem{}
	for _, p := range problems[:min(len(problems), maxProblems)] {
		out = append(out, rowProblem{p.Line, p.Column, p.Message})
	}
	return out
}

func (a *api) tableExport(id, path, summary string) huma.Operation {
	op := a.operation(id, http.MethodGet, path, accounts.See, "tables", summary)
	op.Responses = map[string]*huma.Response{"200": {Description: "the file", Content: map[string]*huma.MediaType{tableTypes["csv"]: {}, tableTypes["xlsx"]: {}}}}
	return op
}

func (a *api) tableImport(id, path, summary string) huma.Operation {
	op := a.operation(id, http.MethodPost, path, accounts.Administer, "tables", summary)
	op.MaxBodyBytes = maxUpload
	return op
}

// tableTypes are the media types of the formats of tables.
var tableTypes = map[string]string{
	"csv":  "text/csv; charset=utf-8",
	"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

// tableFile streams a table; list is what the audit log calls it.
func (a *api) tableFile(r *http.Request, list, name, format string, columns []listsheet.Column, rows func() []listsheet.Row) (*huma.StreamResponse, error) {
	if err := a.d.audit(r, actorOf(r), AuditExport, list, format); err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		ctx.SetHeader("Content-Type", tableTypes[format])
		ctx.SetHeader("Content-Disposition", `attachment; filename="`+name+`.`+format+`"`)
		if err := listsheet.Write(ctx.BodyWriter(), format, columns, rows()); err != nil {
			a.d.cfg.Logger.ErrorContext(r.Context(), "export a list", "error", err)
			panic(http.ErrAbortHandler)
		}
	}}, nil
}

// takesTable says whether a call takes a table.
func takesTable(r *http.Request) bool {
	return r.Method == http.MethodPost && strings.HasPrefix(r.URL.Path, tablesPath)
}
