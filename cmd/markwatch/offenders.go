package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/leads"
	"github.com/markwatch/markwatch/leads/clusters"
	"github.com/markwatch/markwatch/store"
)

// offenders is what is known of sellers by their clusters: who acts through
// several shops is one offender.
type offenders struct {
	// heads names each seller's cluster.
	heads map[string]string
	// right counts by cluster the leads that units found right, listed holds the
	// clusters of which a seller is on the blacklist.
	right  map[string]int
	listed map[string]bool
	// twins are the same goods under other addresses, by a lead's id.
	twins map[string][]markwatch.Twin
}

// mark is what the record of a lead says of its seller's past; "" for nothing,
// else what units found out.
func (o *offenders) mark(lead *markwatch.Lead) string {
	head := o.heads[clusters.Key(&lead.Listing)]
	if head == "" {
		return ""
	}
	var marks []string
	if n := o.right[head]; n > 0 {
		marks = append(marks, fmt.Sprintf("曾查实%d次", n))
	}
	if o.listed[head] {
		marks = append(marks, "黑名单")
	}
	return strings.Join(marks, ";")
}

// countRight reads the sellers' past.
func (h *handler) countRight(ctx context.Context) (err error) {
	h.offenders, err = h.app.offenders(ctx, h.now)
	return err
}

// offenders looks through all leads, since whose hand a shop is may turn on any
// of them, groups their sellers and links the same goods.
func (a *app) offenders(ctx context.Context, now time.Time) (*offenders, error) {
	cuts, err := a.cuts(ctx, store.PaperCut)
	if err != nil {
		return nil, err
	}
	apart, err := a.cuts(ctx, store.PaperGoodsCut)
	if err != nil {
		return nil, err
	}
	listed, err := a.store.Blacklist(ctx)
	if err != nil {
		return nil, err
	}
	var all []markwatch.Lead
	for lead, err := range a.store.Offers(ctx, markwatch.LeadDismissed) {
		if err != nil {
			return nil, err
		}
		all = append(all, lead)
	}
	shops := slices.Clone(all)
	for _, e := range listed {
		if holds(e.Seller, now) {
			shops = append(shops, shopOf(e.Seller))
		}
	}
	list := clusters.Build(shops, cuts)
	o := &offenders{heads: clusters.Heads(list), right: map[string]int{}, listed: map[string]bool{}, twins: clusters.Goods(all, list, apart)}
	for i := range all {
		if head := o.heads[clusters.Key(&all[i].Listing)]; head != "" && all[i].Status == markwatch.LeadOutcome && leads.Says(&all[i]) > 0 {
			o.right[head]++
		}
	}
	for _, e := range listed {
		if shop := shopOf(e.Seller); holds(e.Seller, now) {
			if head := o.heads[clusters.Key(&shop.Listing)]; head != "" {
				o.listed[head] = true
			}
		}
	}
	return o, nil
}

// shopOf is a listed seller as the lead of a shop, for clusters.
func shopOf(s markwatch.KnownSeller) markwatch.Lead {
	return markwatch.Lead{Listing: markwatch.Listing{Platform: s.Platform, Seller: &markwatch.Seller{ID: s.ID, Name: s.Name, License: s.License, Accounts: s.Accounts}}}
}

// holds says whether an entry of the blacklist is in force.
func holds(s markwatch.KnownSeller, at time.Time) bool {
	return !s.Since.After(at) && (s.Until.IsZero() || at.Before(s.Until.AddDate(0, 0, 1)))
}

// knownSellers are the blacklist and the sellers behind leads that were found
// right, as matchers know them: shops of one hand are one seller, whose leads
// count once. Leads whose outcome refuted the suspicion do not count.
func (a *app) knownSellers(ctx context.Context) ([]markwatch.KnownSeller, error) {
	known, err := a.store.KnownSellers(ctx, leads.JudgedStates(), func(l *markwatch.Lead) bool { return leads.Judged(l) > 0 })
	if err != nil || len(known) < 2 {
		return known, err
	}
	cuts, err := a.cuts(ctx, store.PaperCut)
	if err != nil {
		return nil, err
	}
	var shops []markwatch.Lead
	for _, s := range known {
		shops = append(shops, shopOf(s))
	}
	heads := clusters.Heads(clusters.Build(shops, cuts))
	// One entry a cluster for those with leads, and each entry of the list.
	var all []markwatch.KnownSeller
	behind, byHead := map[string]int{}, map[string][]int{}
	for i := range known {
		if head := heads[clusters.Key(&shops[i].Listing)]; head != "" {
			byHead[head] = append(byHead[head], i)
		}
	}
	for i, s := range known {
		head := heads[clusters.Key(&shops[i].Listing)]
		if head == "" || len(byHead[head]) < 2 {
			all = append(all, s)
			continue
		}
		if at, there := behind[head]; there && len(s.Leads) > 0 {
			all[at].Leads = append(all[at].Leads, s.Leads...)
			slices.Sort(all[at].Leads)
			continue
		}
		for _, j := range byHead[head] {
			if o := known[j]; j != i {
				s.Others = append(s.Others, markwatch.KnownSeller{Platform: o.Platform, ID: o.ID, Name: o.Name, License: o.License, Accounts: o.Accounts})
			}
		}
		if len(s.Leads) > 0 {
			s.Leads = slices.Clone(s.Leads)
			behind[head] = len(all)
		}
		all = append(all, s)
	}
	return all, nil
}

// knownSellersMark changes whenever what knownSellers returns may have.
func (a *app) knownSellersMark(ctx context.Context) (string, error) {
	mark, err := a.store.KnownSellersMark(ctx, leads.JudgedStates())
	if err != nil {
		return "", err
	}
	cuts, err := a.cuts(ctx, store.PaperCut)
	return fmt.Sprint(mark, " ", len(cuts)), err
}
