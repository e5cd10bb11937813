package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/index"
)

// SavedSearches keeps searches for their owners. A search that does not exist
// is an error of CodeNotFound.
type SavedSearches interface {
	// SavedSearches returns the searches of an owner by name.
	SavedSearches(ctx context.Context, owner string) ([]markwatch.SavedSearch, error)
	// SavedSearch returns a search by its id, whoever owns it, or an owner's
	// by its name.
	SavedSearch(ctx context.Context, owner, idOrName string) (markwatch.SavedSearch, error)
	// SaveSearch keeps a search under its owner's name for it and notes what
	// it finds now, so that what comes later is new.
	SaveSearch(ctx context.Context, s markwatch.SavedSearch) (markwatch.SavedSearch, error)
	// SavedHitsSince returns the ids of what a search found for the first time
	// after an instant, the latest first.
	SavedHitsSince(ctx context.Context, id string, since time.Time) ([]string, error)
	DropSavedSearch(ctx context.Context, id string) error
}

// How many searches one person may keep, how long a name may be in code points,
// and how many new hits a page shows.
const (
	maxSaved     = 100
	maxSavedName = 60
	savedShown   = 100
)

// savedDays are for how many days new hits are shown; the first where the
// address says nothing.
var savedDays = [...]string{"7", "1", "30"}

// savedView is the page of a person's saved searches.
type savedView struct {
	Notice   *notice
	Searches []savedRow
	// One is the search whose new hits are shown.
	One  *savedRow
	Days []option
	Hits []otherLead
	More bool
}

type savedRow struct {
	markwatch.SavedSearch
	URL, Newest, Self    string
	FreshHits, TotalHits int64
}

func newSavedRow(s markwatch.SavedSearch) savedRow {
	a := address{Text: s.Query, Page: 1}
	return savedRow{SavedSearch: s, FreshHits: int64(s.Fresh), TotalHits: int64(s.Total), URL: a.url(), Newest: a.sorted(index.SortNewest).url(), Self: "/saved/" + url.PathEscape(s.ID)}
}

// BoundQuery keeps a query to what a person may see.
func BoundQuery(q *index.Query, b markwatch.Bounds) { bound(q, b) }

func (d *desk) savedList(w http.ResponseWriter, r *http.Request) {
	var n *notice
	if name := r.URL.Query().Get("done"); name != "" {
		name, _ = clip(name, maxSavedName)
		n = &notice{Text: d.cat.text(language(r), "saved.done", name)}
	}
	d.renderSaved(w, r, http.StatusOK, savedView{Notice: n})
}

func (d *desk) renderSaved(w http.ResponseWriter, r *http.Request, code int, v savedView) {
	err := d.canSave()
	if err == nil {
		err = d.audit(r, actorOf(r), AuditPageView, r.URL.Path, "")
	}
	var list []markwatch.SavedSearch
	if err == nil {
		list, err = d.cfg.Saved.SavedSearches(r.Context(), actorOf(r))
	}
	if err != nil {
		d.fail(w, r, err)
		return
	}
	for _, s := range list {
		v.Searches = append(v.Searches, newSavedRow(s))
	}
	d.render(w, r, code, "saved", d.cat.text(language(r), "saved.title"), v)
}

func (d *desk) canSave() error {
	if d.cfg.Saved == nil {
		return markwatch.Errorf(markwatch.CodeNotFound, "saved searches are not available")
	}
	return nil
}

// saveSearch keeps the search that the search page shows.
func (d *desk) saveSearch(w http.ResponseWriter, r *http.Request) {
	form := r.PostForm
	s, err := d.keepSearch(r, form.Get("name"), SearchParams{Query: form.Get("q"), Filter: form["f"], Exclude: form["x"]}, form.Get("notify") != "")
	if err == nil {
		http.Redirect(w, r, "/saved?"+url.Values{"done": {s.Name}}.Encode(), http.StatusSeeOther)
		return
	}
	if status(err) != http.StatusBadRequest {
		d.fail(w, r, err)
		return
	}
	d.renderSaved(w, r, http.StatusBadRequest, savedView{Notice: &notice{Text: d.problem(language(r), err), Bad: true}})
}

// keepSearch keeps a search in the query language, facets and all.
func (d *desk) keepSearch(r *http.Request, name string, params SearchParams, notify bool) (markwatch.SavedSearch, error) {
	var none markwatch.SavedSearch
	if err := d.canSave(); err != nil {
		return none, err
	}
	name = strings.TrimSpace(name)
	if _, cut := clip(name, maxSavedName); cut || name == "" {
		return none, markwatch.Errorf(markwatch.CodeInvalid, "名称须为 1 至 %d 字 / a name has 1 to %d characters", maxSavedName, maxSavedName)
	}
	params.Sort = "" // the order is not kept
	_, q, err := params.query(d)
	if err != nil {
		return none, err
	}
	text := q.String()
	switch _, cut := clip(text, maxQuery); {
	case text == "":
		return none, markwatch.Errorf(markwatch.CodeInvalid, "检索是空的,请先写检索式或选筛选项 / the search is empty: write a query or choose a facet first")
	case cut:
		return none, markwatch.Errorf(markwatch.CodeInvalid, "检索式超过 %d 字 / the query is longer than %d characters", maxQuery, maxQuery)
	}
	owner := actorOf(r)
	list, err := d.cfg.Saved.SavedSearches(r.Context(), owner)
	if err == nil && len(list) >= maxSaved && !slices.ContainsFunc(list, func(s markwatch.SavedSearch) bool { return s.Name == name }) {
		err = markwatch.Errorf(markwatch.CodeInvalid, "最多保存 %d 个检索,请先删除 / at most %d searches are kept: delete some first", maxSaved, maxSaved)
	}
	if err == nil {
		err = d.audit(r, owner, AuditSaveSearch, name, text)
	}
	if err != nil {
		return none, err
	}
	return d.cfg.Saved.SaveSearch(detached(r), markwatch.SavedSearch{Owner: owner, Name: name, Query: text, Notify: notify, CreatedAt: d.cfg.Now()})
}

// ownSearch finds a search of the person's own.
func (d *desk) ownSearch(r *http.Request, id string) (markwatch.SavedSearch, error) {
	if err := d.canSave(); err != nil {
		return markwatch.SavedSearch{}, err
	}
	s, err := d.cfg.Saved.SavedSearch(r.Context(), actorOf(r), id)
	if err == nil && s.Owner != actorOf(r) {
		err = markwatch.Errorf(markwatch.CodeNotFound, "没有保存的检索 / there is no saved search %s", id)
	}
	return s, err
}

// savedHits shows what a search found anew.
func (d *desk) savedHits(w http.ResponseWriter, r *http.Request) {
	s, err := d.ownSearch(r, r.PathValue("id"))
	if err != nil {
		d.fail(w, r, err)
		return
	}
	row := newSavedRow(s)
	v := savedView{One: &row}
	days := savedDays[0]
	for _, choice := range savedDays {
		if r.URL.Query().Get("days") == choice {
			days = choice
		}
	}
	for _, choice := range savedDays {
		v.Days = append(v.Days, option{Value: choice, Name: d.cat.text(language(r), "saved.days-"+choice), On: choice == days})
	}
	hits, more, err := d.newHits(r, s.ID, days)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	for _, rec := range hits {
		v.Hits = append(v.Hits, d.otherLead(rec))
	}
	v.More = more
	d.renderSaved(w, r, http.StatusOK, v)
}

// newHits are the records that a search found within so many days, which the
// person may still see.
func (d *desk) newHits(r *http.Request, id, days string) (hits []record, more bool, err error) {
	length, err := time.ParseDuration(days + "h")
	if err != nil {
		return nil, false, markwatch.WrapError(markwatch.CodeInvalid, err, "days=%q", days)
	}
	ids, err := d.cfg.Saved.SavedHitsSince(r.Context(), id, d.cfg.Now().Add(-24*length))
	if err != nil {
		return nil, false, err
	}
	for _, id := range ids {
		if len(hits) == savedShown {
			return hits, true, nil
		}
		rec, err := d.record(r, id)
		if markwatch.ErrorCode(err) == markwatch.CodeNotFound {
			continue
		}
		if err != nil {
			return nil, false, err
		}
		hits = append(hits, rec)
	}
	return hits, false, nil
}

// dropSearch forgets a search.
func (d *desk) dropSearch(w http.ResponseWriter, r *http.Request) {
	if err := d.forgetSearch(r, r.PathValue("id")); err != nil {
		d.fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/saved", http.StatusSeeOther)
}

func (d *desk) forgetSearch(r *http.Request, id string) error {
	s, err := d.ownSearch(r, id)
	if err == nil {
		err = d.audit(r, actorOf(r), AuditDropSearch, s.Name, s.Query)
	}
	if err != nil {
		return err
	}
	return d.cfg.Saved.DropSavedSearch(detached(r), s.ID)
}

type saveSearchInput struct {
	Body struct {
		Name   string `json:"name" maxLength:"60" doc:"名称;同名即改写 / name; the same name again replaces it"`
		Query  string `json:"query" maxLength:"1000" doc:"检索式 / query"`
		Notify bool   `json:"notify,omitempty" doc:"有新命中时通知 / send a notice of new hits"`
	}
}

type savedHitsInput struct {
	IDParam
	Days string `query:"days" enum:"1,7,30" default:"7" doc:"多少天以来 / for how many days"`
}

func (a *api) saved() {
	register(a, a.operation("list-saved-searches", http.MethodGet, "/saved", accounts.See, "saved", "我保存的检索 / My saved searches"), a.listSaved)
	register(a, a.operation("save-search", http.MethodPost, "/saved", accounts.See, "saved", "保存检索 / Save a search"), a.saveSearch)
	register(a, a.operation("list-new-hits", http.MethodGet, "/saved/{id}/hits", accounts.See, "saved", "新命中 / What a search found anew"), a.newHits)
	register(a, a.operation("drop-saved-search", http.MethodDelete, "/saved/{id}", accounts.See, "saved", "删除保存的检索 / Delete a saved search"), a.dropSearch)
}

func (a *api) listSaved(r *http.Request, _ *nothing) (*answer[[]markwatch.SavedSearch], error) {
	if err := a.d.canSave(); err != nil {
		return nil, err
	}
	list, err := a.d.cfg.Saved.SavedSearches(r.Context(), actorOf(r))
	return &answer[[]markwatch.SavedSearch]{append([]markwatch.SavedSearch{}, list...)}, err
}

func (a *api) saveSearch(r *http.Request, in *saveSearchInput) (*answer[markwatch.SavedSearch], error) {
	s, err := a.d.keepSearch(r, in.Body.Name, SearchParams{Query: in.Body.Query}, in.Body.Notify)
	return &answer[markwatch.SavedSearch]{s}, err
}

func (a *api) newHits(r *http.Request, in *savedHitsInput) (*answer[[]hitShown], error) {
	s, err := a.d.ownSearch(r, in.ID)
	if err == nil {
		err = a.looked(r)
	}
	if err != nil {
		return nil, err
	}
	hits, _, err := a.d.newHits(r, s.ID, in.Days)
	out := []hitShown{}
	for _, rec := range hits {
		out = append(out, hitOf(rec))
	}
	return &answer[[]hitShown]{out}, err
}

func (a *api) dropSearch(r *http.Request, in *IDParam) (*nothing, error) {
	return &nothing{}, a.d.forgetSearch(r, in.ID)
}
