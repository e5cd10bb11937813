package web

import (
	"bytes"
	"context"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/index"
)

// pages are the parsed templates by language and name.
type pages map[lang]map[string]*template.Template

// frame is what every page has around its body.
type frame struct {
	Lang lang
	// Title is the page's, for the window; Page its template's name.
	Title, Page string
	Actor       string
	Menu        []menuItem
	// Todo is how many undecided leads the person has; TodoURL shows them.
	Todo    int64
	TodoURL string
	// Switch is the address of this page in the other language.
	Switch string
	Body   any
}

// loadPages parses every page with the layout and the parts, once for each
// language, so that a template names a message and nothing else.
func loadPages(cat catalogue, files assets, zone *time.Location) (pages, error) {
	parts, err := fs.Glob(embedded, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("list the templates: %w", err)
	}
	out := pages{}
	for _, l := range languages {
		base, err := template.New("layout.html").Funcs(functions(cat, files, zone, l)).ParseFS(embedded, "templates/layout.html", "templates/parts.html", "templates/parts-dispatch.html")
		if err != nil {
			return nil, fmt.Errorf("parse the templates: %w", err)
		}
		out[l] = map[string]*template.Template{}
		for _, file := range parts {
			name := strings.TrimSuffix(path.Base(file), ".html")
			if name == "layout" || strings.HasPrefix(name, "parts") {
				continue
			}
			t, err := base.Clone()
			if err == nil {
				t, err = t.ParseFS(embedded, file)
			}
			if err != nil {
				return nil, fmt.Errorf("parse the template %s: %w", name, err)
			}
			out[l][name] = t
		}
	}
	return out, nil
}

// functions are what templates may call, bound to one language.
func functions(cat catalogue, files assets, zone *time.Location, l lang) template.FuncMap {
	return template.FuncMap{
		"t":      func(key string, args ...any) string { return cat.text(l, key, args...) },
		"word":   func(prefix string, name any) string { return cat.word(l, prefix, fmt.Sprint(name)) },
		"role":   func(r markwatch.UserRole) string { return cat.word(l, "user-role", string(r)) },
		"join":   func(list []string) string { return strings.Join(list, " ") },
		"status": func(s markwatch.LeadStatus) string { return statusName(l, s) },
		"asset":  files.url,
		"num":    number,
		"int64":  func(n int) int64 { return int64(n) },
		"syntax": func() []syntaxRow { return syntaxHelp(l) },
		"inc":    func(n int) int { return n + 1 },
		"money":  money,
		"short":  func(n int64) string { return short(l, n) },
		"score":  func(f float64) string { return fmt.Sprintf("%.2f", f) },
		"out":    outsideURL,
		"day":    func(t time.Time) string { return when(t, zone, "2006-01-02") },
		"minute": func(t time.Time) string { return when(t, zone, "2006-01-02 15:04") },
		"second": func(t time.Time) string { return when(t, zone, "2006-01-02 15:04:05") },
		"iso":    func(t time.Time) string { return when(t, zone, time.RFC3339) },
	}
}

// syntaxRow is one line of the help on queries.
type syntaxRow struct{ Example, Meaning string }

func syntaxHelp(l lang) []syntaxRow {
	var out []syntaxRow
	for _, row := range index.Help() {
		out = append(out, syntaxRow{row.Example, pick(l, row.Meaning)})
	}
	return out
}

func when(t time.Time, zone *time.Location, layout string) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format(layout)
}

// render answers with a page. It is put together before the first byte goes
// out, so that a fault is an error page and never half a page.
func (d *desk) render(w http.ResponseWriter, r *http.Request, code int, page, title string, body any) {
	l := language(r)
	p := personOf(r)
	if p.ID == "" && page == "error" {
		// An error that comes before the door is shown with the menu all the
		// same, where that can be had.
		p, _ = d.identify(r, false)
	}
	f := frame{Lang: l, Title: title, Page: page, Switch: otherLanguage(r, l), Body: body}
	if p.ID != "" {
		f.Actor, f.Menu = p.Shown(), d.menu(p)
		if p.may(accounts.Decide) {
			f.Todo, f.TodoURL = d.todo(withPerson(r, p))
		}
	}
	var b bytes.Buffer
	if err := d.pages[l][page].ExecuteTemplate(&b, "layout.html", f); err != nil {
		d.cfg.Logger.ErrorContext(r.Context(), "render a page", "page", page, "error", err)
		http.Error(w, d.cat.text(l, "error.internal"), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", map[lang]string{langZH: "zh-CN", langEN: "en"}[l])
	w.WriteHeader(code)
	if r.Method != http.MethodHead {
		w.Write(b.Bytes())
	}
}

// todo counts the leads that a person was given and has not decided, and says
// where they are. It is left out where the index cannot answer.
func (d *desk) todo(r *http.Request) (int64, string) {
	a := address{Page: 1}.with(choice{Field: index.FieldAssignee, Value: actorOf(r)}).
		with(choice{Field: index.FieldStatus, Value: string(markwatch.LeadNew)}).with(choice{Field: index.FieldStatus, Value: string(markwatch.LeadReview)})
	q := index.Query{Limit: -1, Location: d.cfg.Location}
	a.filter(&q)
	res, err := d.ask(r, q)
	if err != nil {
		return 0, ""
	}
	return int64(res.Total), a.url()
}

// otherLanguage is the same page in the other language. A page that answers
// a form is left for the search page, since its address takes no GET.
func otherLanguage(r *http.Request, l lang) string {
	other := langEN
	if l == langEN {
		other = langZH
	}
	u := url.URL{Path: "/"}
	q := url.Values{}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		u.Path, q = r.URL.Path, r.URL.Query()
	}
	q.Set("lang", string(other))
	u.RawQuery = q.Encode()
	return localPath(u.String())
}

// detached returns a context that outlives a client who went away, for what
// must be finished once begun.
func detached(r *http.Request) context.Context { return context.WithoutCancel(r.Context()) }
