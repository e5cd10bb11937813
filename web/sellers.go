package web

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/index"
)

// sellersShown is how many sellers the page shows, those with most leads first.
const sellersShown = 100

// sellersView is the page of sellers.
type sellersView struct {
	Query   string
	Sellers []sellerLine
	// Blacklist says that there is one to go on to.
	Blacklist bool
}

type sellerLine struct {
	Name, URL, Confirmed, Dismissed string
	Leads, ConfirmedN, DismissedN   int64
}

// sellers lists those with most leads, or those whose name holds a text.
func (d *desk) sellers(w http.ResponseWriter, r *http.Request) {
	q, _ := clip(strings.TrimSpace(r.URL.Query().Get("q")), 100)
	v := sellersView{Query: q, Blacklist: d.cfg.Blacklist != nil}
	err := d.audit(r, actorOf(r), AuditPageView, "/sellers", q)
	if err == nil {
		err = d.countSellers(r, &v)
	}
	if err != nil {
		d.fail(w, r, err)
		return
	}
	d.render(w, r, http.StatusOK, "sellers", d.cat.text(language(r), "sellers.title"), v)
}

func (d *desk) countSellers(r *http.Request, v *sellersView) error {
	base := index.Query{Limit: -1, Facets: []index.Field{index.FieldSeller}, FacetLimit: sellersShown, Location: d.cfg.Location}
	base.Filters = map[index.Field][]string{index.FieldLead: {"true"}}
	if v.Query != "" {
		base.Terms = []index.Term{{Field: index.FieldSeller, Text: v.Query}}
	}
	res, err := d.ask(r, base)
	if err != nil {
		return err
	}
	at := map[string]int{}
	var names []string
	for _, c := range res.Facets[index.FieldSeller] {
		at[c.Value] = len(v.Sellers)
		names = append(names, c.Value)
		v.Sellers = append(v.Sellers, sellerLine{Name: c.Value, Leads: int64(c.N), URL: address{Page: 1}.with(choice{Field: index.FieldSeller, Value: c.Value}).url()})
	}
	if len(names) == 0 {
		return nil
	}
	// A second look counts, of these sellers, how their leads were decided.
	for _, group := range [...]struct {
		status []string
		set    func(*sellerLine, int64)
	}{
		{confirmedStates(), func(s *sellerLine, n int64) { s.ConfirmedN = n }},
		{[]string{string(markwatch.LeadDismissed)}, func(s *sellerLine, n int64) { s.DismissedN = n }},
	} {
		q := base
		q.Filters = map[index.Field][]string{index.FieldStatus: group.status}
		q.FacetLimit = maxSubjects
		res, err := d.ask(r, q)
		if err != nil {
			return err
		}
		for _, c := range res.Facets[index.FieldSeller] {
			if i, shown := at[c.Value]; shown {
				group.set(&v.Sellers[i], int64(c.N))
			}
		}
	}
	for i := range v.Sellers {
		s := &v.Sellers[i]
		a := address{Page: 1}.with(choice{Field: index.FieldSeller, Value: s.Name})
		confirmed := a
		for _, status := range confirmedStates() {
			confirmed = confirmed.with(choice{Field: index.FieldStatus, Value: status})
		}
		s.Confirmed, s.Dismissed = confirmed.url(), a.with(choice{Field: index.FieldStatus, Value: string(markwatch.LeadDismissed)}).url()
	}
	slices.SortStableFunc(v.Sellers, func(a, b sellerLine) int { return cmp.Or(cmp.Compare(b.Leads, a.Leads), cmp.Compare(a.Name, b.Name)) })
	return nil
}
