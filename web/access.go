package web

import (
	"context"
	"net/http"
	"slices"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/index"
)

// person is who a request comes from.
type person struct {
	markwatch.User
	// scopes are those of the access token by which the request came; nil is a
	// session, which may do what the role may.
	scopes []string
}

// may says whether the person may, by this way of coming in.
func (p person) may(needs accounts.Permission) bool {
	return p.ID != "" && accounts.May(p.Role, needs) && (p.scopes == nil || accounts.Granted(p.scopes, needs))
}

type personKey struct{}

func personOf(r *http.Request) person {
	p, _ := r.Context().Value(personKey{}).(person)
	return p
}

func actorOf(r *http.Request) string { return personOf(r).ID }

func withPerson(r *http.Request, p person) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), personKey{}, p))
}

// identify finds out whose session a request belongs to; the person is empty
// where it belongs to none. touch counts it as use of the session.
func (d *desk) identify(r *http.Request, touch bool) (person, error) {
	session := sessionOf(r)
	if session == "" {
		return person{}, nil
	}
	u, err := d.cfg.Accounts.Opened(r.Context(), session, touch)
	if markwatch.ErrorCode(err) == markwatch.CodeNotFound {
		return person{}, nil
	}
	return person{User: u}, err
}

// private lets only people through who have a permission. Strangers are shown
// the login page.
func (d *desk) private(needs accounts.Permission, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p, err := d.identify(r, true)
		if err != nil {
			d.fail(w, r, err)
			return
		}
		if p.ID == "" {
			d.renderLogin(w, r, http.StatusUnauthorized, loginView{Next: r.URL.RequestURI(), Over: sessionOf(r) != ""})
			return
		}
		r = withPerson(r, p)
		if !p.may(needs) {
			if err := d.audit(r, p.ID, AuditRefused, r.URL.Path, string(needs)); err != nil {
				d.fail(w, r, err)
				return
			}
			d.failAs(w, r, http.StatusForbidden, "not-allowed", nil)
			return
		}
		next(w, r)
	}
}

// within says whether a listing, or the lead that it became, lies within a
// person's bounds. What has no unit or no region lies in none.
func (d *desk) within(b markwatch.Bounds, rec record) bool {
	return index.Within(b, &rec.Listing, func() []string {
		var lead *markwatch.Lead
		if rec.lead {
			lead = &rec.Lead
		}
		return d.cfg.UnitsOf(rec.Listing, rec.Verdict, lead)
	})
}

// nowhere is a value that no field has, so that a filter by it finds nothing.
const nowhere = "\x00"

// bound keeps a query to what a person may see: filters on a bounded field are
// cut down to the bounds, whatever was asked for.
func bound(q *index.Query, b markwatch.Bounds) {
	for field, allowed := range boundFields(b) {
		if q.Filters == nil {
			q.Filters = map[index.Field][]string{}
		}
		asked, ok := q.Filters[field]
		if !ok {
			q.Filters[field] = allowed
			continue
		}
		kept := slices.DeleteFunc(slices.Clone(asked), func(v string) bool { return !slices.Contains(allowed, v) })
		if len(kept) == 0 {
			kept = []string{nowhere}
		}
		q.Filters[field] = kept
	}
}

// boundFields are the fields of the index that bounds speak of.
func boundFields(b markwatch.Bounds) map[index.Field][]string {
	out := map[index.Field][]string{}
	if len(b.Units) > 0 {
		out[index.FieldUnit] = b.Units
	}
	if len(b.Regions) > 0 {
		out[index.FieldRegion] = b.Regions
	}
	return out
}

// boundFacetLimit is how many values of each facet are asked for on behalf of
// a bounded person: a field's counts leave out its own filter, so that values
// beyond the bounds come too and are dropped here.
const boundFacetLimit = 300

// find asks the index for what a person may see.
func (d *desk) ask(r *http.Request, q index.Query) (index.Result, error) {
	b := personOf(r).Bounds
	fields := boundFields(b)
	limit := q.FacetLimit
	if len(fields) > 0 {
		bound(&q, b)
		q.FacetLimit = max(limit, boundFacetLimit)
	}
	res, err := d.cfg.Searcher.Search(r.Context(), q)
	if err != nil || len(fields) == 0 {
		return res, err
	}
	for field, counts := range res.Facets {
		if allowed, ok := fields[field]; ok {
			counts = slices.DeleteFunc(counts, func(c index.Count) bool { return !slices.Contains(allowed, c.Value) })
		}
		if limit > 0 && len(counts) > limit {
			counts = counts[:limit]
		}
		res.Facets[field] = counts
	}
	return res, nil
}
