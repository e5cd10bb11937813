package web

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/index"
	"github.com/markwatch/markwatch/leads"
)

// pageSize is the number of cards on a page.
const pageSize = 25

// facetSize is the number of values that a facet shows.
const facetSize = 10

// facets are the fields that the search page counts, in its order.
var facets = [...]index.Field{
	index.FieldViolation, index.FieldStatus, index.FieldSubject, index.FieldSource, index.FieldRegion, index.FieldUnit,
	index.FieldAssignee, index.FieldBand, index.FieldRule, index.FieldSeller, index.FieldLead,
}

// searchView is what the search page shows.
type searchView struct {
	Query    string
	Kept     []param
	Syntax   *syntaxView
	Notice   *notice
	Searched bool
	Total    int64
	Sorts    []sortLink
	Scan     *scanLine
	Active   []chip
	Clear    string
	Facets   []facetGroup
	Cards    []card
	First    int
	// Missing counts hits whose record is not in the store: the index is
	// behind or ahead of it.
	Missing int64
	Unseen  int64
	Pager   *pager
	Return  string
	// Exports are the addresses of this search as files.
	Exports []exportLink
	// Colleagues are those to whom leads can be given.
	Colleagues []colleague
	Reasons    []reason
	// CanDecide is set where the person may change leads.
	CanDecide bool
	// CanApprove and CanMerge are set where the person may do so with several.
	CanApprove, CanMerge bool
	// Save are the parameters of a search that can be saved.
	Save []param
}

type param struct{ Name, Value string }

// syntaxView shows a query cut at its mistake. At counts characters from 1.
type syntaxView struct {
	At                   int
	Before, Wrong, After string
	Message              string
}

// notice tells what came of the last act.
type notice struct {
	Text string
	Bad  bool
}

type exportLink struct{ Name, URL string }

type sortLink struct {
	Name, URL string
	On        bool
}

type chip struct {
	Group, Name, URL string
	Not              bool
}

type facetGroup struct {
	Name   string
	Values []facetLink
}

type facetLink struct {
	Name, Short, Class string
	Count              int64
	Add, Not           string
	On                 bool
}

type pager struct {
	Page, Of   int64
	Prev, Next string
}

func (d *desk) search(w http.ResponseWriter, r *http.Request) {
	l := language(r)
	a, err := readAddress(r)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	v := d.searchPage(r.Context(), l, a)
	v.Notice, v.CanDecide = d.triageNotice(l, r), personOf(r).may(accounts.Decide)
	v.CanApprove, v.CanMerge = d.cfg.Handling != nil && personOf(r).may(accounts.Approve), d.dispatching()
	if v.CanDecide {
		if v.Colleagues, err = d.colleagues(r, ""); err != nil {
			d.fail(w, r, err)
			return
		}
		if d.cfg.Finder != nil {
			for _, f := range leads.Formats() {
				v.Exports = append(v.Exports, exportLink{Name: strings.ToUpper(f.Name), URL: a.export(f.Name)})
			}
		}
	}
	scans, err := d.lastScans(r)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	v.Scan, v.Unseen = summarise(scans)

	code := http.StatusOK
	q, err := index.ParseQuery(a.Text)
	if err == nil {
		err = d.find(r, l, a, q, &v)
	}
	var syntax *index.SyntaxError
	switch {
	case errors.As(err, &syntax):
		v.Syntax = pointAt(a.Text, syntax.Pos, pick(l, syntax.Message))
		code = http.StatusBadRequest
		err = d.audit(r, actorOf(r), AuditSearch, a.url(), "syntax error")
	case err == nil:
		err = d.audit(r, actorOf(r), AuditSearch, a.url(), strconv.FormatInt(v.Total, 10))
	}
	if err != nil {
		d.fail(w, r, err)
		return
	}
	if d.cfg.Saved != nil && v.Searched && (a.Text != "" || len(a.Choices) > 0) {
		v.Save = v.Kept
		if a.Text != "" {
			v.Save = append(slices.Clone(v.Kept), param{"q", a.Text})
		}
	}
	title := d.cat.text(l, "nav.search")
	if a.Text != "" {
		title = a.Text
	}
	d.render(w, r, code, "search", title, v)
}

// searchPage is the page before anything was found.
func (d *desk) searchPage(ctx context.Context, l lang, a address) searchView {
	v := searchView{Query: a.Text, Clear: a.cleared().url(), Return: a.url(), Reasons: reasons(l), First: (a.Page-1)*pageSize + 1}
	for name, values := range a.values() {
		if name == "q" || name == "p" {
			continue
		}
		for _, value := range values {
			v.Kept = append(v.Kept, param{name, value})
		}
	}
	slices.SortFunc(v.Kept, func(a, b param) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Value, b.Value)) })
	for _, s := range index.Sorts() {
		on := a.Sort == s || (a.Sort == "" && s == index.Sorts()[0])
		if s == index.SortRelevance && a.Text == "" && !on {
			continue
		}
		v.Sorts = append(v.Sorts, sortLink{Name: d.cat.text(l, "sort."+string(s)), URL: a.sorted(s).url(), On: on})
	}
	for _, c := range a.Choices {
		v.Active = append(v.Active, chip{
			Group: d.facetName(l, c.Field), Name: d.facetValue(ctx, l, c.Field, c.Value), URL: a.without(c).url(), Not: c.Not,
		})
	}
	return v
}

// find asks the index and reads the hits from the store.
func (d *desk) find(r *http.Request, l lang, a address, q index.Query, v *searchView) error {
	a.filter(&q)
	if a.Sort != "" {
		q.Sort = a.Sort
	}
	q.Offset, q.Limit = (a.Page-1)*pageSize, pageSize
	q.Facets, q.FacetLimit, q.Location = facets[:], facetSize, d.cfg.Location
	res, err := d.ask(r, q)
	if err != nil {
		return err
	}
	v.Searched, v.Total = true, int64(res.Total)
	for _, hit := range res.Hits {
		rec, err := d.record(r, hit.ID)
		if markwatch.ErrorCode(err) == markwatch.CodeNotFound {
			v.Missing++
			continue
		}
		if err != nil {
			return err
		}
		c := d.card(l, rec, hit)
		c.Assignee = d.nameOf(r, c.Assignee)
		v.Cards = append(v.Cards, c)
	}
	for _, field := range facets {
		if g := d.facetGroup(r.Context(), l, a, field, res.Facets[field]); len(g.Values) > 0 {
			v.Facets = append(v.Facets, g)
		}
	}
	if last := (res.Total + pageSize - 1) / pageSize; last > 1 || a.Page > 1 {
		v.Pager = &pager{Page: int64(a.Page), Of: int64(last)}
		if a.Page > 1 {
			v.Pager.Prev = a.onPage(min(a.Page-1, max(last, 1))).url()
		}
		if a.Page < last {
			v.Pager.Next = a.onPage(a.Page + 1).url()
		}
	}
	return nil
}

func (d *desk) facetName(l lang, field index.Field) string {
	info, _ := field.Info()
	return pick(l, info.Label)
}

// facetGroup shows a field's counts. Whether a hit is a lead is shown only
// where some are not.
func (d *desk) facetGroup(ctx context.Context, l lang, a address, field index.Field, counts []index.Count) facetGroup {
	g := facetGroup{Name: d.facetName(l, field)}
	if field == index.FieldLead && len(counts) < 2 {
		return g
	}
	if field == index.FieldBand {
		counts = slices.Clone(counts)
		slices.SortFunc(counts, func(a, b index.Count) int { return cmp.Compare(b.Value, a.Value) })
	}
	for _, c := range counts {
		yes := choice{Field: field, Value: c.Value}
		no := choice{Field: field, Value: c.Value, Not: true}
		link := facetLink{
			Name: d.facetValue(ctx, l, field, c.Value), Count: int64(c.N),
			Add: a.with(yes).url(), Not: a.with(no).url(), On: a.has(yes),
		}
		if link.On {
			link.Add = a.without(yes).url()
		}
		if field == index.FieldViolation {
			b := d.badge(l, markwatch.Violation(c.Value))
			link.Short, link.Class = b.Short, b.Class
		}
		g.Values = append(g.Values, link)
	}
	return g
}

// pointAt cuts a query around the character where a mistake was found; pos
// counts code points from 0. A mistake at the end is shown as a space.
func pointAt(text string, pos int, message string) *syntaxView {
	before, _ := clip(text, max(pos, 0))
	rest := text[len(before):]
	wrong, _ := clip(rest, 1)
	v := &syntaxView{At: max(pos, 0) + 1, Before: before, Wrong: wrong, After: rest[len(wrong):], Message: message}
	if wrong == "" {
		v.Wrong = " "
	}
	return v
}

func asSyntax(err error) (*index.SyntaxError, bool) {
	var syntax *index.SyntaxError
	ok := errors.As(err, &syntax)
	return syntax, ok
}

// leadURL is the path of a lead's page.
func leadURL(id string) string { return "/leads/" + url.PathEscape(id) }
